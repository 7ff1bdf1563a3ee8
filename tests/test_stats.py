from __future__ import annotations

import numpy as np
import pytest

from probe.stats import interval, intervals, resampled_means


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
