from __future__ import annotations

import itertools

import numpy as np
import pytest

from probe.stats import (
    LEVEL,
    Ranks,
    holm,
    interval,
    intervals,
    paired_difference,
    rank,
    resampled_means,
    smallest_difference,
    smallest_p,
)


def test_interval_of_a_constant_has_no_width() -> None:
    found = interval(np.full(12, 0.25))
    assert (found.value, found.low, found.high, found.n) == (0.25, 0.25, 0.25, 12)


def test_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(7)
    hits = 0
    for _ in range(200):
        found = interval(rng.normal(3.0, 1.0, size=48))
        hits += found.low <= 3.0 <= found.high
    assert 0.89 <= hits / 200 <= 0.99


def test_standard_error_is_that_of_the_mean() -> None:
    values = np.random.default_rng(1).normal(size=100)
    spread = resampled_means(values[:, None]).std()
    assert spread == pytest.approx(values.std() / 10, rel=0.03)


def test_columns_are_resampled_together() -> None:
    values = np.random.default_rng(3).normal(size=40)
    better, worse, difference = intervals(
        np.stack([values + 0.1, values, np.full(40, 0.1)], axis=1)
    )
    assert difference.low == pytest.approx(0.1)
    assert better.low - worse.low == pytest.approx(0.1)


def test_calls_with_the_same_n_use_the_same_draws() -> None:
    values = np.random.default_rng(5).normal(size=(30, 2))
    together = resampled_means(values)
    apart = resampled_means(values[:, 1:])
    np.testing.assert_allclose(together[:, 1], apart[:, 0], rtol=1e-12)


@pytest.mark.parametrize("bad", [np.zeros((0, 1)), np.zeros(3), np.array([[np.nan]])])
def test_values_that_make_no_sense_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="values must"):
        resampled_means(bad)


def test_p_of_few_prompts_counts_every_pattern_of_signs() -> None:
    a, b = np.array([3.0, 1, 4, 1, 5, 9]), np.array([2.0, 7, 1, 8, 2, 8])
    found = paired_difference(a, b)
    sums = [abs(np.dot(signs, a - b)) for signs in itertools.product((-1, 1), repeat=6)]
    assert found.p == np.mean([total >= abs(np.sum(a - b)) for total in sums])
    assert (found.value, found.n) == (pytest.approx(np.mean(a - b)), 6)
    assert found.low < found.value < found.high
    assert paired_difference(a, a).p == 1
    assert paired_difference(np.arange(8.0), np.arange(8.0) - 0.1).p == 2 / 256


@pytest.mark.parametrize("n", [1, 2, 5, 13, 14, 40])
def test_the_smallest_p_is_that_of_prompts_that_all_changed_alike(n: int) -> None:
    found = paired_difference(np.ones(n), np.zeros(n)).p
    assert found == pytest.approx(smallest_p(n), abs=2e-4)


def test_no_prompt_that_changed_is_no_evidence() -> None:
    assert smallest_p(0) == 1


def test_chance_is_called_a_difference_as_often_as_the_level_says() -> None:
    rng = np.random.default_rng(11)
    p = [paired_difference(*rng.normal(size=(2, 20))).p for _ in range(200)]
    assert 0.01 <= np.mean(np.array(p) < LEVEL) <= 0.1
    assert paired_difference(rng.normal(size=30) + 2, rng.normal(size=30)).p < 0.001


def test_p_does_not_depend_on_which_is_first_nor_on_the_run() -> None:
    a, b = np.random.default_rng(12).normal(size=(2, 40))
    assert paired_difference(a, b).p == paired_difference(b, a).p == paired_difference(a, b).p


def test_holm_of_a_known_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.5, 0.9]) == [1, 1]
    assert holm([]) == []
    with pytest.raises(ValueError, match="between 0 and 1"):
        holm([1.5])


def test_ranks_are_groups() -> None:
    rng = np.random.default_rng(13)
    prompts = rng.normal(size=(60, 1))
    noise = 0.1 * rng.normal(size=(60, 4))
    scores = prompts + noise + [0, 0, 1, 2]
    found = rank(scores)
    assert found.ranks == (Ranks(3, 4), Ranks(3, 4), Ranks(2, 2), Ranks(1, 1))
    assert [str(ranks) for ranks in found.ranks] == ["3–4", "3–4", "2", "1"]
    assert rank(scores, higher_is_better=False).ranks[3] == Ranks(4, 4)
    assert found.smallest_difference is not None
    assert 0 < found.smallest_difference < 0.1


def test_a_model_between_two_that_differ_shares_places_with_both() -> None:
    sway = np.tile([1.0, -1.0], 25)
    scores = np.stack([0 * sway, 0.2 + sway, np.full(50, 0.4)], axis=1)
    assert rank(scores).ranks == (Ranks(2, 3), Ranks(1, 3), Ranks(1, 2))


def test_many_models_can_still_be_told_apart() -> None:
    rng = np.random.default_rng(15)
    scores = 0.01 * rng.normal(size=(30, 25)) + np.arange(25)
    assert [ranks.best for ranks in rank(scores).ranks] == list(range(25, 0, -1))


def test_equal_models_share_every_place() -> None:
    found = rank(np.full((8, 3), 0.5))
    assert found.ranks == (Ranks(1, 3),) * 3
    assert found.smallest_difference == 0
    assert rank(np.zeros((8, 1))).ranks == (Ranks(1, 1),)
    assert rank(np.zeros((8, 1))).smallest_difference is None
    assert rank(np.zeros((1, 2))).smallest_difference is None


def test_smallest_difference_is_found_four_times_of_five() -> None:
    rng = np.random.default_rng(16)
    spread = rng.normal(size=(5000, 1))
    size = smallest_difference(spread)
    assert size is not None
    size *= np.sqrt(5000 / 40)
    nothing = np.zeros(40)
    found = [paired_difference(rng.normal(size, size=40), nothing).p < LEVEL for _ in range(150)]
    assert 0.68 <= np.mean(found) <= 0.9


@pytest.mark.parametrize("bad", [np.zeros(3), np.zeros((0, 2)), np.array([[np.inf, 0]])])
def test_scores_that_make_no_sense_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="scores must be finite"):
        rank(bad)
    with pytest.raises(ValueError, match="paired"):
        paired_difference(np.zeros(3), np.zeros(4))
