from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.score.metrics.sets.frechet import Stats, frechet_bias, frechet_distance


def embeddings(n: int, d: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)) * np.linspace(0.1, 3, d) + 100


def same(one: Stats, other: Stats) -> bool:
    close = np.allclose(one.covariance, other.covariance, rtol=1e-10, atol=1e-11)
    return one.n == other.n and np.allclose(one.mean, other.mean, rtol=1e-13) and close


@pytest.mark.parametrize(("n", "d"), [(2, 1), (2, 5), (50, 5), (5, 50)])
def test_mean_and_covariance(n: int, d: int) -> None:
    x = embeddings(n, d)
    found = Stats.from_embeddings(x)
    assert (found.n, found.d) == (n, d)
    assert len(found.factor) <= d
    np.testing.assert_allclose(found.mean, x.mean(axis=0))
    np.testing.assert_allclose(found.covariance, np.atleast_2d(np.cov(x, rowvar=False)), atol=1e-12)


@settings(max_examples=30)
@given(
    sizes=st.lists(st.integers(1, 12), min_size=1, max_size=6),
    d=st.integers(1, 9),
    first=st.integers(2, 15),
)
def test_rows_may_come_in_any_portions(sizes: list[int], d: int, first: int) -> None:
    x = embeddings(first + sum(sizes), d)
    parts = np.split(x, np.cumsum([first, *sizes]))[:-1]
    grown = Stats.from_embeddings(parts[0])
    merged = grown
    for part in parts[1:]:
        grown = grown.update(part)
        merged = merged.merge(Stats.from_embeddings(part)) if len(part) > 1 else merged.update(part)
    assert same(grown, Stats.from_embeddings(x))
    assert same(merged, Stats.from_embeddings(x))


def test_merging_is_as_good_as_the_whole_for_a_distance() -> None:
    x, y = embeddings(400, 32), embeddings(300, 32, 1)
    halves = Stats.from_embeddings(x[:150]).merge(Stats.from_embeddings(x[150:]))
    whole = frechet_distance(x, y, exact=True)
    assert frechet_distance(halves, Stats.from_embeddings(y)) == pytest.approx(whole, rel=1e-11)
    assert frechet_bias(halves, y) == pytest.approx(frechet_bias(x, y), rel=1e-11)


def test_clips_and_provenance_are_kept() -> None:
    x = embeddings(6, 3)
    one = Stats.from_embeddings(x, clips=["a", "a", "b"], provenance={"embedder": "e", "set": "1"})
    two = Stats.from_embeddings(x, clips=["c"], provenance={"embedder": "e", "set": "2"})
    assert one.clips == ("a", "b")
    assert one.merge(two).clips == ("a", "b", "c")
    assert one.merge(two).provenance == {"embedder": "e"}
    assert one.update(x, clips=["d"]).clips == ("a", "b", "d")
    with pytest.raises(ValueError, match="'b' would be counted twice"):
        one.merge(Stats.from_embeddings(x, clips=["b"]))


def test_saved_and_loaded_are_the_same(tmp_path: Path) -> None:
    path = tmp_path / "reference"
    stats = Stats.from_embeddings(
        embeddings(40, 7), clips=["ä", "b"], provenance={"embedder": "logmel-1"}
    )
    stats.save(path)
    first = path.read_bytes()
    stats.save(path)
    assert path.read_bytes() == first
    found = Stats.load(path)
    np.testing.assert_array_equal(found.factor, stats.factor)
    np.testing.assert_array_equal(found.mean, stats.mean)
    assert (found.n, found.clips, found.provenance) == (40, ("ä", "b"), {"embedder": "logmel-1"})


def test_statistics_of_fadtk_are_read(tmp_path: Path) -> None:
    x, y = embeddings(200, 5), embeddings(100, 5, 1)
    path = tmp_path / "fma.npz"
    arrays = {"vggish.mu": x.mean(axis=0), "vggish.cov": np.cov(x, rowvar=False)}
    np.savez(path, **arrays)
    found = Stats.load(path)
    assert (found.n, found.provenance["model"]) == (None, "vggish")
    assert frechet_distance(y, found) == pytest.approx(frechet_distance(y, x), rel=1e-10)
    with pytest.raises(ValueError, match="x does not say how many rows"):
        frechet_bias(found, y)
    for grow in (lambda: found.update(y), lambda: Stats.from_embeddings(y).merge(found)):
        with pytest.raises(ValueError, match="do not say how many rows"):
            grow()
    np.savez(path, **arrays, **{"clap.mu": y.mean(axis=0), "clap.cov": np.cov(y, rowvar=False)})
    with pytest.raises(ValueError, match="several models, name one of clap, vggish"):
        Stats.load(path)
    with pytest.raises(ValueError, match="it has no panns, only clap, vggish"):
        Stats.load(path, model="panns")
    assert frechet_distance(Stats.load(path, model="clap"), found) == pytest.approx(
        frechet_distance(x, y), rel=1e-10
    )


def test_a_singular_covariance_is_read_too() -> None:
    x = embeddings(4, 6)
    found = Stats.from_covariance(x.mean(axis=0), np.cov(x, rowvar=False))
    np.testing.assert_allclose(found.covariance, np.cov(x, rowvar=False), atol=1e-9)


@pytest.mark.parametrize(
    ("covariance", "message"),
    [
        (np.eye(3)[:2], r"shape \(2, 3\)"),
        (np.full((3, 3), np.nan), "NaN or infinity"),
        (np.triu(np.ones((3, 3))), "not symmetric"),
        (-np.eye(3), "eigenvalue below zero"),
        (np.eye(4), "do not match"),
    ],
)
def test_covariances_that_make_no_sense_are_refused(covariance: np.ndarray, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Stats.from_covariance(np.zeros(3), covariance)


def test_statistics_that_make_no_sense_are_refused() -> None:
    good = Stats.from_embeddings(embeddings(5, 3))
    with pytest.raises(ValueError, match="no covariance of 1 rows"):
        Stats(1, good.mean, good.factor)
    with pytest.raises(ValueError, match=r"a mean \(d,\) and a factor"):
        Stats(5, good.factor, good.factor)
    with pytest.raises(ValueError, match="factor has NaN"):
        Stats(5, good.mean, good.factor * np.nan)
    with pytest.raises(ValueError, match="rows of 2 columns do not go with rows of 3"):
        good.update(embeddings(4, 2))
    with pytest.raises(ValueError, match="x has 1 row, at least 2"):
        Stats.from_embeddings(embeddings(1, 3))
    with pytest.raises(ValueError, match="x has 0 rows, at least 1"):
        good.update(np.zeros((0, 3)))


def test_files_that_are_no_statistics_are_refused_and_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(b"PK\x03\x04 broken")
    with pytest.raises(ValueError, match=r"x\.npz"):
        Stats.load(path)
    path.write_bytes(pickle.dumps({"mean": 1}))
    with pytest.raises(ValueError, match=r"x\.npz"):
        Stats.load(path)
    np.savez(path, a=np.zeros(3))
    with pytest.raises(ValueError, match="neither statistics of probe nor of fadtk"):
        Stats.load(path)
    np.save(tmp_path / "plain.npy", np.zeros(3))
    with pytest.raises(ValueError, match="not an"):
        Stats.load(tmp_path / "plain.npy")
    np.savez(path, **{"m.mu": np.array([{}]), "m.cov": np.eye(1)})
    with pytest.raises(ValueError, match="allow_pickle"):
        Stats.load(path)
    Stats.from_embeddings(embeddings(5, 3)).save(path)
    with np.load(path) as data:
        arrays = dict(data)
    np.savez(path, **(arrays | {"format": np.int64(9)}))
    with pytest.raises(ValueError, match="newer probe"):
        Stats.load(path)
    np.savez(path, **{name: a for name, a in arrays.items() if name != "mean"})
    with pytest.raises(ValueError, match="mean"):
        Stats.load(path)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match=r"x\.npz"):
        Stats.load(path)
