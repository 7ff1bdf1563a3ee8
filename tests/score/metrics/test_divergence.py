from __future__ import annotations

import numpy as np
import pytest

from probe.score.metrics.sets.divergence import (
    SMOOTHING,
    inception_score,
    kl_divergence,
    softmax_of,
)


def softmax(n: int, classes: int, seed: int = 0, sharp: float = 2) -> np.ndarray:
    logits = sharp * np.random.default_rng(seed).standard_normal((n, classes))
    weights = np.exp(logits)
    return weights / weights.sum(axis=1, keepdims=True)


def test_divergence_of_known_distributions() -> None:
    reference = np.array([[0.5, 0.5], [0.9, 0.1]])
    generated = np.array([[0.25, 0.75], [0.9, 0.1]])
    forward = kl_divergence(reference, generated)
    back = kl_divergence(reference, generated, direction="generated‖reference")
    here = 0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75)
    there = 0.25 * np.log(0.25 / 0.5) + 0.75 * np.log(0.75 / 0.5)
    np.testing.assert_allclose(forward.per_clip, [here, 0], atol=3 * SMOOTHING)
    np.testing.assert_allclose(back.per_clip, [there, 0], atol=3 * SMOOTHING)
    assert forward.value == pytest.approx(here / 2, abs=1e-5)
    assert (forward.n, forward.direction) == (2, "reference‖generated")
    assert back.direction == "generated‖reference"
    assert kl_divergence(generated, reference).value == back.value


def test_clips_are_paired_and_the_interval_is_theirs() -> None:
    p = softmax(60, 20)
    same, shuffled = kl_divergence(p, p), kl_divergence(p, np.roll(p, 1, axis=0))
    assert 0 <= same.value < 1e-4
    assert shuffled.low < shuffled.value < shuffled.high
    assert shuffled.low > 1
    assert shuffled.value == pytest.approx(shuffled.per_clip.mean())


def test_a_class_that_is_ruled_out_is_not_infinitely_far() -> None:
    found = kl_divergence([[1.0, 0.0]], [[0.0, 1.0]])
    assert found.value == pytest.approx(-np.log(SMOOTHING / (1 + 2 * SMOOTHING)))


def test_inception_score_of_extremes() -> None:
    sure = np.tile(np.eye(5), (400, 1))
    assert inception_score(np.full((50, 5), 0.2)).value == pytest.approx(1)
    assert inception_score(sure, splits=2).value == pytest.approx(5, rel=0.01)
    assert inception_score(sure[::5]).value == pytest.approx(1), "sharp, but always the same"


def test_inception_score_is_the_mean_over_splits() -> None:
    p = softmax(30, 7)
    found = inception_score(p, splits=30)
    assert (found.value, found.n, found.splits) == (1, 30, 30), "a clip is its own mean"
    p[15:] = p[:15]
    halves = inception_score(np.repeat(p, 400, axis=0), splits=2)
    marginal = p.mean(axis=0)
    whole = np.exp(np.mean(np.sum(p * np.log(p / marginal), axis=1)))
    assert halves.value == pytest.approx(whole, rel=0.02)
    assert inception_score(p).low < inception_score(p).value < inception_score(p).high
    assert inception_score(p) == inception_score(p)


def test_interval_of_the_inception_score_is_that_of_its_splits() -> None:
    rng = np.random.default_rng(9)
    truth = np.mean([inception_score(softmax(40, 6, seed)).value for seed in range(400)])
    hits = 0
    for seed in rng.integers(1000, 10**6, 100):
        found = inception_score(softmax(40, 6, int(seed)))
        hits += found.low <= truth <= found.high
    assert hits >= 85


def test_sets_sorted_by_class_are_split_fairly() -> None:
    p = np.repeat(np.eye(10), 100, axis=0)
    assert inception_score(p).value > 9


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (np.zeros(4), r"has shape \(4,\)"),
        (np.full((2, 4), 0.9), "row 0 of .* sums to 3.6, not to 1"),
        (np.array([[1.5, -0.5]]), "negative probabilities"),
        (np.array([[np.nan, 1]]), "NaN"),
        (np.zeros((0, 4)), "0 rows, at least 1"),
    ],
)
def test_what_is_no_distribution_is_refused(bad: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        kl_divergence(bad, bad)
    with pytest.raises(ValueError, match=message):
        kl_divergence(softmax(2, 4), bad)
    with pytest.raises(ValueError, match=message):
        inception_score(bad)


def test_what_does_not_fit_is_refused() -> None:
    p = softmax(5, 3)
    with pytest.raises(ValueError, match=r"reference has shape \(5, 3\), generated has \(4, 3\)"):
        kl_divergence(p, p[:4])
    with pytest.raises(ValueError, match="no direction 'backwards'"):
        kl_divergence(p, p, direction="backwards")  # type: ignore[arg-type]
    for splits in (1, 6):
        with pytest.raises(ValueError, match="5 clips cannot be dealt"):
            inception_score(p, splits=splits)


def test_taggers_probabilities_become_the_softmax_of_their_logits() -> None:
    logits = np.random.default_rng(3).normal(size=(5, 7))
    sigmoids = 1 / (1 + np.exp(-logits))
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert softmax_of(sigmoids) == pytest.approx(expected, rel=1e-9)
    certain = softmax_of([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    assert certain.sum(axis=1) == pytest.approx([1, 1])
    assert certain[0, 0] > 0.999
    assert inception_score(softmax_of(np.tile(sigmoids, (4, 1)))).value >= 1
    with pytest.raises(ValueError, match="outside"):
        softmax_of([[1.5, 0.0]])
