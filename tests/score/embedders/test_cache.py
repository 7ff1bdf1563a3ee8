from __future__ import annotations

import multiprocessing
from pathlib import Path

import numpy as np
import pytest

from probe.errors import PrerequisiteError
from probe.score.embedders.cache import Cache, clear, embeddings_folder, report
from tests.fakes.embedders import Ears

DIGEST = "ab" * 32


def test_what_is_kept_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    cache, vector = Cache(Ears(), "clip", tmp_path), np.random.default_rng(0).standard_normal(16)
    assert cache.get(DIGEST) is None
    cache.put(DIGEST, vector)
    found = Cache(Ears(), "clip", tmp_path).get(DIGEST)
    assert found is not None
    assert found.tobytes() == vector.tobytes()


def test_another_fingerprint_name_or_kind_finds_nothing(tmp_path: Path) -> None:
    Cache(Ears(), "clip", tmp_path).put(DIGEST, np.ones(16))
    renamed = Ears()
    renamed.name = "clap-other"
    for cache in (
        Cache(Ears("ears-2"), "clip", tmp_path),
        Cache(Ears(), "frames", tmp_path),
        Cache(renamed, "clip", tmp_path),
    ):
        assert cache.get(DIGEST) is None


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_file_counts_as_missing_and_is_written_again(tmp_path: Path, damage: str) -> None:
    cache = Cache(Ears(), "clip", tmp_path)
    cache.put(DIGEST, np.ones(16))
    (path,) = (path for path in tmp_path.rglob("*") if path.is_file())
    data = bytearray(path.read_bytes())
    if damage == "flipped":
        data[-20] ^= 1
    path.write_bytes({"cut": data[:-9], "flipped": data, "empty": b""}[damage])
    assert cache.get(DIGEST) is None
    cache.put(DIGEST, np.ones(16))
    assert cache.get(DIGEST) is not None


def _write(folder: Path, number: int) -> None:
    cache = Cache(Ears(), "clip", folder)
    for _ in range(100):
        cache.put(DIGEST, np.full(4096, float(number)))
        found = cache.get(DIGEST)
        assert found is not None, "somebody's whole array is there at every moment"
        assert len(set(found)) == 1


def test_processes_may_write_the_same_vector_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(tmp_path, number)) for number in range(3)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0, 0]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_folder_that_cannot_be_written_is_said_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(PrerequisiteError, match="set PROBE_CACHE"):
        Cache(Ears(), "clip", tmp_path / "file").put(DIGEST, np.ones(16))


def test_report_and_clear_touch_only_what_is_ours(tmp_path: Path) -> None:
    assert report(tmp_path) == []
    (tmp_path / "mine.txt").write_text("kept")
    Cache(Ears(), "clip", tmp_path).put(DIGEST, np.ones(16))
    Cache(Ears("ears-2"), "clip", tmp_path).put(DIGEST, np.ones(1600))
    large, small = report(tmp_path)
    assert large.size > small.size > 16 * 8
    assert large.embedder.startswith("clap-ears-")
    assert large.files == small.files == 1
    clear(tmp_path)
    assert report(tmp_path) == []
    assert (tmp_path / "mine.txt").read_text() == "kept"


def test_the_folder_is_the_environments_or_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path))
    assert embeddings_folder() == tmp_path / "embeddings"
    monkeypatch.delenv("PROBE_CACHE")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert embeddings_folder() == tmp_path / "home" / ".cache" / "probe" / "embeddings"
