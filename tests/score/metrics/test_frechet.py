from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from probe.score.metrics.sets.frechet import (
    Stats,
    frechet_bias,
    frechet_distance,
    frechet_jackknife,
    frechet_per_clip,
)


def exact_family(n: int, d: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, float]:
    """Sets X and Y = XT + b with T symmetric positive definite, and their exact distance.

    The optimal map between the two Gaussians is then T itself, so the distance is
    |A(T - I)|_F² + |shift of the mean|², A the centred factor; for n < d too.
    """
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, d)) @ rng.standard_normal((d, d)) / np.sqrt(d)
    root = rng.standard_normal((d, d)) / np.sqrt(d)
    t = root @ root.T + 0.1 * np.eye(d)
    y = x @ t + rng.standard_normal(d)
    factor = (x - x.mean(axis=0)) / np.sqrt(n - 1)
    shift = x.mean(axis=0) - y.mean(axis=0)
    return x, y, float(np.sum((factor @ (t - np.eye(d))) ** 2) + shift @ shift)


@pytest.mark.parametrize("d", [1, 2, 16, 128])
@pytest.mark.parametrize("n", [2, 20, 100, 1000])
def test_exact_family(n: int, d: int) -> None:
    x, y, truth = exact_family(n, d)
    assert frechet_distance(x, y, exact=True) == pytest.approx(truth, rel=1e-11)
    assert frechet_distance(x, y) == pytest.approx(truth, rel=1e-9)
    stats = Stats.from_embeddings(x), Stats.from_embeddings(y)
    assert frechet_distance(*stats) == pytest.approx(truth, rel=1e-11)
    assert frechet_distance(x, stats[1]) == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize(("n", "d"), [(1000, 512), (100, 2048)])
def test_exact_family_at_the_size_of_real_embeddings(n: int, d: int) -> None:
    x, y, truth = exact_family(n, d)
    assert frechet_distance(x, y, exact=True) == pytest.approx(truth, rel=1e-11)
    assert frechet_distance(x, y) == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("smallest", [1e-3, 1e-5, 1e-7, 1e-9])
@pytest.mark.parametrize("nearly", ["doubled", "graded"])
def test_covariances_on_the_brink_of_singular(nearly: str, smallest: float) -> None:
    rng = np.random.default_rng(7)
    x = rng.standard_normal((300, 64))
    if nearly == "doubled":
        x[:, 32:] = x[:, :32] + smallest * x[:, 32:]
    else:
        x *= np.geomspace(1, smallest, 64)
        x = x @ np.linalg.qr(rng.standard_normal((64, 64)))[0]
    root = rng.standard_normal((64, 64)) / 8
    t = root @ root.T + 0.1 * np.eye(64)
    factor = (x - x.mean(axis=0)) / np.sqrt(299)
    shift = x.mean(axis=0) @ (t - np.eye(64))
    truth = float(np.sum((factor @ (t - np.eye(64))) ** 2) + shift @ shift)
    assert frechet_distance(x, x @ t) == pytest.approx(truth, rel=1e-9)
    assert frechet_distance(x, x @ t, exact=True) == pytest.approx(truth, rel=1e-11)


@pytest.mark.parametrize("n", [2, 20, 300])
@pytest.mark.parametrize("d", [1, 64, 128])
@pytest.mark.parametrize("exact", [True, False])
def test_distance_of_a_set_to_itself_is_nothing(n: int, d: int, exact: bool) -> None:
    x = np.random.default_rng(0).standard_normal((n, d)) @ np.diag(np.arange(1, d + 1)) + 5
    assert frechet_distance(x, x, exact=exact) <= 1e-12 * 2 * x.var(axis=0, ddof=1).sum()


def test_distance_of_known_gaussians() -> None:
    rng = np.random.default_rng(1)
    x = rng.standard_normal((200_000, 2))
    y = 3 * rng.standard_normal((200_000, 2)) + [4, 0]
    assert frechet_distance(x, y) == pytest.approx(16 + 2 * (3 - 1) ** 2, rel=0.01)


def test_it_is_symmetric_and_moves_with_the_mean() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.standard_normal((50, 8)), rng.standard_normal((70, 8))
    assert frechet_distance(x, y) == pytest.approx(frechet_distance(y, x), rel=1e-12)
    further = [frechet_distance(x, y + step) for step in (0, 1, 2, 3)]
    assert further == sorted(further)


def test_constant_and_doubled_columns_do_no_harm() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.standard_normal((60, 4)), rng.standard_normal((60, 4)) + 1
    plain = frechet_distance(x, y)
    constant = [np.hstack([s, np.full((60, 2), 7.0)]) for s in (x, y)]
    assert frechet_distance(*constant) == pytest.approx(plain, rel=1e-9)
    doubled = [np.hstack([s, s]) for s in (x, y)]
    assert frechet_distance(*doubled) == pytest.approx(2 * plain, rel=1e-11)
    point = np.full((60, 4), 2.0)
    spread = x.var(axis=0, ddof=1).sum() + np.sum((x.mean(axis=0) - 2) ** 2)
    assert frechet_distance(x, point) == pytest.approx(spread, rel=1e-12)
    assert frechet_distance(point, x) == pytest.approx(spread, rel=1e-12)


@settings(max_examples=50)
@given(arrays(np.float64, (7, 3), elements=st.floats(-1e3, 1e3)))
def test_any_finite_set_has_a_finite_distance(x: np.ndarray) -> None:
    y = np.random.default_rng(0).standard_normal((9, 3))
    assert 0 <= frechet_distance(x, y) < np.inf


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (np.zeros(4), r"x has shape \(4,\)"),
        (np.zeros((1, 4)), "x has 1 row, at least 2 are needed"),
        (np.full((3, 4), np.nan), "x contains NaN or infinity"),
        (np.full((3, 4), 1e101), "x has values beyond 1e"),
        (np.zeros((3, 5)), "x has 5 columns, y has 4"),
    ],
)
def test_sets_that_make_no_sense_are_refused(x: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frechet_distance(x, np.zeros((3, 4)))


def test_jackknife_removes_most_of_the_bias() -> None:
    rng = np.random.default_rng(4)
    plain, corrected = [], []
    for _ in range(20):
        found = frechet_jackknife(*rng.standard_normal((2, 200, 16)))
        plain.append(found.plain)
        corrected.append(found.value)
    assert np.mean(plain) > 0.1
    assert abs(np.mean(corrected)) < 0.1 * np.mean(plain)


def test_jackknife_interval_covers_the_truth() -> None:
    rng = np.random.default_rng(5)
    hits = 0
    for _ in range(100):
        x, y = rng.standard_normal((2, 300, 4))
        found = frechet_jackknife(x, y + 0.5)
        hits += found.low <= 1.0 <= found.high
    assert hits >= 88


def test_rows_of_a_clip_stay_together() -> None:
    rng = np.random.default_rng(6)
    centres = rng.standard_normal((30, 3))
    x = np.repeat(centres, 5, axis=0) + 0.01 * rng.standard_normal((150, 3))
    y = rng.standard_normal((150, 3))
    clips = [f"clip {i // 5}" for i in range(150)]
    together = frechet_jackknife(x, y, clips_x=clips)
    apart = frechet_jackknife(x, y)
    assert together.plain == apart.plain
    assert together.se > 1.3 * apart.se, "rows of a clip say little more than one of them"


def test_jackknife_needs_clips_to_leave_out() -> None:
    x = np.random.default_rng(7).standard_normal((10, 2))
    with pytest.raises(ValueError, match="clips_x has 1 clips"):
        frechet_jackknife(x, x, clips_x=["one"] * 10)
    with pytest.raises(ValueError, match="clips_y has 3 entries for 10 rows"):
        frechet_jackknife(x, x, clips_y=["a", "b", "c"])
    with pytest.raises(ValueError, match="groups is 1"):
        frechet_jackknife(x, x, groups=1)


def test_too_few_clips_for_the_groups_are_refused() -> None:
    x, y = np.random.default_rng(9).standard_normal((2, 3, 2))
    with pytest.raises(
        ValueError, match="clips_x has 3 clips, too few to leave out one of 2 groups"
    ):
        frechet_jackknife(x, y, groups=2)


@pytest.mark.parametrize(("n", "d"), [(40, 3), (40, 30), (40, 60)])
def test_jackknife_leaves_out_a_group_at_a_time(n: int, d: int) -> None:
    rng = np.random.default_rng(8)
    x, y = rng.standard_normal((2, n, d)) + rng.standard_normal(d)
    found = frechet_jackknife(x, y, groups=5)
    group = np.arange(n) % 5
    parts = [frechet_distance(x[group != g], y[group != g], exact=True) for g in range(5)]
    assert found.plain == pytest.approx(frechet_distance(x, y, exact=True), rel=1e-9)
    assert found.value == pytest.approx(5 * found.plain - 4 * np.mean(parts), rel=1e-8)
    assert found.se == pytest.approx(2 * np.std(parts), rel=1e-7)


def test_bias_in_closed_form_is_that_of_gaussians() -> None:
    rng = np.random.default_rng(10)
    scale = np.linspace(0.5, 2, 8)
    truth = float(np.sum((scale - 1) ** 2)) + 8 * 0.25
    plain, said = [], []
    for _ in range(300):
        x, y = rng.standard_normal((60, 8)), rng.standard_normal((90, 8)) * scale + 0.5
        plain.append(frechet_distance(x, y))
        said.append(frechet_bias(x, y))
    assert np.mean(said) == pytest.approx(np.mean(plain) - truth, rel=0.15)


def test_bias_of_one_dimension_is_known() -> None:
    x = np.array([[-1.0], [1.0], [-1.0], [1.0]])
    variance = 4 / 3
    assert frechet_bias(x, x) == pytest.approx(2 * variance / 4 + variance / 3)
    assert frechet_bias(np.zeros((4, 2)), np.zeros((5, 2))) == 0


def test_distance_per_clip_finds_the_odd_one() -> None:
    rng = np.random.default_rng(11)
    reference = rng.standard_normal((500, 6))
    clips = [rng.standard_normal((20, 6)) for _ in range(4)]
    clips[2] += 3
    found = frechet_per_clip(clips, reference)
    assert found.shape == (4,)
    assert found.argmax() == 2
    np.testing.assert_allclose(found[0], frechet_distance(clips[0], reference), rtol=1e-9)
    np.testing.assert_allclose(found, frechet_per_clip(clips, Stats.from_embeddings(reference)))
    assert frechet_per_clip([], reference).shape == (0,)
    with pytest.raises(ValueError, match="clip 1 has 1 row"):
        frechet_per_clip([clips[0], clips[1][:1]], reference)
    with pytest.raises(ValueError, match="clip 0 has 5 columns, the reference has 6"):
        frechet_per_clip([clips[0][:, :5]], reference)
    with pytest.raises(ValueError, match="the reference contains NaN"):
        frechet_per_clip(clips, reference * np.nan)
