from __future__ import annotations

import itertools

import numpy as np
import pytest

from probe.score.metrics.sets import kernel
from probe.score.metrics.sets.kernel import kernel_distance, kernel_jackknife, median_distance


def by_the_book(x: np.ndarray, y: np.ndarray, h: float) -> float:
    """The U-statistic written out pair by pair."""

    def k(a: np.ndarray, b: np.ndarray) -> float:
        return float(np.exp(-np.sum((a - b) ** 2) / (2 * h * h)))

    within = sum(np.mean([k(a, b) for a, b in itertools.permutations(rows, 2)]) for rows in (x, y))
    return float(within - 2 * np.mean([k(a, b) for a in x for b in y]))


def distances(y: np.ndarray) -> list[float]:
    return sorted(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(y, 2))


def test_it_is_the_u_statistic() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.standard_normal((9, 3)) + 50, rng.standard_normal((12, 3)) + 50.5
    assert kernel_distance(x, y, bandwidth=1.3) == pytest.approx(by_the_book(x, y, 1.3), rel=1e-10)
    pairs = distances(y)
    middle = pairs[(len(pairs) - 1) // 2]
    assert median_distance(y) == pytest.approx(middle, rel=1e-12)
    assert kernel_distance(x, y) == pytest.approx(by_the_book(x, y, middle), rel=1e-10)


@pytest.mark.parametrize("at_once", [1, 10, 10_000])
@pytest.mark.parametrize("block", [7, 1024])
def test_median_and_distance_do_not_depend_on_the_blocks(
    monkeypatch: pytest.MonkeyPatch, at_once: int, block: int
) -> None:
    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((40, 4)), rng.standard_normal((53, 4))
    x[::3] = x[0]
    y[1::5] = y[1]
    whole, median = kernel_distance(x, y), median_distance(y)
    pairs = distances(y)
    assert median == pytest.approx(pairs[(len(pairs) - 1) // 2], rel=1e-12)
    monkeypatch.setattr(kernel, "_AT_ONCE", at_once)
    monkeypatch.setattr(kernel, "_BLOCK", block)
    assert median_distance(y) == pytest.approx(median, rel=1e-9)
    assert kernel_distance(x, y) == pytest.approx(whole, rel=1e-9)


def test_a_median_that_very_many_pairs_share_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_AT_ONCE", 10)
    corners = np.repeat(np.eye(3), 5, axis=0)
    assert median_distance(corners) == pytest.approx(np.sqrt(2), rel=1e-9)
    assert median_distance(np.ones((9, 2))) == 0


def test_it_is_unbiased_where_sets_are_of_one_kind() -> None:
    rng = np.random.default_rng(2)
    found = [kernel_distance(*rng.standard_normal((2, 20, 8))) for _ in range(400)]
    assert abs(np.mean(found)) < 4 * np.std(found) / 20
    assert min(found) < 0


def test_further_sets_are_further() -> None:
    rng = np.random.default_rng(3)
    y = rng.standard_normal((200, 8))
    x = rng.standard_normal((100, 8))
    found = [kernel_distance(x + step, y) for step in (0, 0.5, 1, 2, 4)]
    assert found == sorted(found)
    assert kernel_distance(10 * x, 10 * y) == pytest.approx(found[0], rel=1e-9)
    assert found[-1] < 2


def test_jackknife_leaves_out_a_group_at_a_time() -> None:
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((31, 3)), rng.standard_normal((27, 3)) + 0.4
    found = kernel_jackknife(x, y, groups=5)
    h = median_distance(y)
    group_x, group_y = np.arange(31) % 5, np.arange(27) % 5
    parts = [kernel_distance(x[group_x != g], y[group_y != g], bandwidth=h) for g in range(5)]
    assert (found.bandwidth, found.n_x, found.n_y, found.d) == (h, 31, 27, 3)
    assert found.plain == pytest.approx(kernel_distance(x, y), rel=1e-12)
    assert found.value == pytest.approx(5 * found.plain - 4 * np.mean(parts), rel=1e-9)
    assert found.se == pytest.approx(2 * np.std(parts), rel=1e-9)
    assert found.low < found.value < found.high


def test_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(5)
    # Of N(0, 1) and N(m, 1) with h = 1: 2 / √3 (1 - exp(-m² / 6)).
    truth = 2 / np.sqrt(3) * (1 - np.exp(-1 / 6))
    hits = 0
    for _ in range(100):
        x, y = rng.standard_normal((2, 150, 1))
        found = kernel_jackknife(x + 1, y, bandwidth=1)
        hits += found.low <= truth <= found.high
    assert hits >= 88


def test_frames_of_a_clip_lift_the_plain_distance_and_not_the_jackknife() -> None:
    rng = np.random.default_rng(6)
    clips = np.repeat(np.arange(40), 6)
    plain, value = [], []
    for _ in range(30):
        x, y = (np.repeat(rng.standard_normal((40, 4)), 6, axis=0) for _ in range(2))
        found = kernel_jackknife(x, y, clips_x=clips, clips_y=clips)
        plain.append(found.plain)
        value.append(found.value)
    assert np.mean(plain) > 0.01
    assert abs(np.mean(value)) < 0.3 * np.mean(plain)


@pytest.mark.parametrize(
    ("x", "y", "bandwidth", "message"),
    [
        (np.zeros(3), np.eye(3), None, r"x has shape \(3,\)"),
        (np.eye(3), np.eye(3)[:1], None, "y has 1 row, at least 2"),
        (np.eye(3), np.full((3, 3), np.inf), None, "y contains NaN or infinity"),
        (np.eye(3), np.eye(4), None, "x has 3 columns, y has 4"),
        (np.eye(3), np.ones((3, 3)), None, "y has too many equal rows"),
        (np.eye(3), np.vstack([np.full((9, 3), 0.1), [[9, 9, 9]]]), None, "too many equal rows"),
        (np.eye(3), np.eye(3), 0.0, r"bandwidth is 0\.0"),
        (np.eye(3), np.eye(3), float("nan"), "bandwidth is nan"),
    ],
)
def test_what_makes_no_sense_is_refused(
    x: np.ndarray, y: np.ndarray, bandwidth: float | None, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        kernel_distance(x, y, bandwidth=bandwidth)
    with pytest.raises(ValueError, match=message):
        kernel_jackknife(x, y, bandwidth=bandwidth)
