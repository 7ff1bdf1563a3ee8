from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.errors import ProbeError, UsageError
from probe.parallel import CORES
from probe.score.embedders.batches import BATCH_S, HELD_BATCHES, collect, embed_clips, embed_files
from probe.score.embedders.cache import Cache
from probe.score.embedders.logmel import LogMel
from probe.score.embedders.reading import AHEAD
from tests.fakes.embedders import Ears, tone

RATE = Ears.sample_rate


def clips(lengths: list[float]) -> list[tuple[str, np.ndarray, int]]:
    rng = np.random.default_rng(1)
    return [
        (str(number), 0.1 * rng.standard_normal(round(seconds * RATE)), RATE)
        for number, seconds in enumerate(lengths)
    ]


def test_vectors_are_those_of_one_clip_at_a_time_in_order() -> None:
    given = clips([0.5, 3.2, 0.7, 1.0, 3.1, 0.5])
    found = collect(embed_clips(given, Ears()))
    assert found.names == tuple(name for name, _, _ in given)
    assert found.rows.tolist() == [Ears().embed([samples])[0].tolist() for _, samples, _ in given]
    assert found.clips.tolist() == list(range(6))


def test_like_lengths_go_together() -> None:
    ears = Ears()
    collect(embed_clips(clips([0.5, 3.2, 0.7, 3.1]), ears))
    assert sorted(len(batch) for batch in ears.batches) == [2, 2]
    assert all(max(batch) - min(batch) < RATE for batch in ears.batches)


def test_what_is_held_is_bounded_however_many_clips_there_are() -> None:
    drawn: list[int] = []

    def many() -> Iterator[tuple[str, np.ndarray, int]]:
        for number in range(400):
            drawn.append(number)
            # Lengths of every kind, so that no bucket fills quickly.
            yield str(number), np.ones(RATE * (1 + number % 40)), RATE

    ears, done, most = Ears(), 0.0, 0.0
    for row in embed_clips(many(), ears):
        done += 1 + row.index % 40
        most = max(most, sum(1 + number % 40 for number in drawn) - done)
    assert len(drawn) == 400
    read_ahead = 40 * (AHEAD * CORES + 1)
    assert most <= HELD_BATCHES * BATCH_S + 40 + read_ahead
    assert sum(map(len, ears.batches)) == 400


def test_frames_stay_with_their_clip() -> None:
    found = collect(embed_clips(clips([0.3, 0.5]), Ears(), what="frames"))
    assert found.rows.shape == (8, Ears.dimension)
    assert found.clips.tolist() == [0] * 3 + [1] * 5


def test_probabilities_are_one_row_a_clip() -> None:
    found = collect(embed_clips(clips([0.3, 0.5]), Ears(), what="probabilities"))
    np.testing.assert_allclose(found.rows.sum(axis=1), 1)


def test_what_an_embedder_has_not_is_refused() -> None:
    for what in ("frames", "probabilities"):
        with pytest.raises(UsageError, match=f"logmel has no {what}"):
            collect(embed_clips(clips([0.3]), LogMel(), what=what))  # type: ignore[arg-type]


def test_the_second_time_nothing_is_embedded(tmp_path: Path) -> None:
    given, cache = clips([0.5, 0.6, 2.0]), Cache(Ears(), "clip", tmp_path)
    first = collect(embed_clips(given, Ears(), cache=cache))
    ears, said = Ears(), []
    second = collect(embed_clips(given, ears, cache=cache), done=said.append)
    assert ears.batches == []
    assert (first.cached, second.cached) == (0, 3)
    assert said == ["cached"] * 3
    np.testing.assert_array_equal(second.rows, first.rows)


def test_files_are_found_by_content_wherever_they_lie(tmp_path: Path) -> None:
    cache = Cache(Ears(), "clip", tmp_path / "cache")
    soundfile.write(tmp_path / "a.wav", tone(440, RATE), RATE)
    collect(embed_files([("a", tmp_path / "a.wav")], Ears(), cache=cache))
    (tmp_path / "a.wav").rename(tmp_path / "moved.wav")
    soundfile.write(tmp_path / "a.wav", tone(880, RATE), RATE)
    ears = Ears()
    files = [("moved", tmp_path / "moved.wav"), ("a", tmp_path / "a.wav")]
    found = collect(embed_files(files, ears, cache=cache))
    assert found.cached == 1
    assert sum(map(len, ears.batches)) == 1
    assert found.rows[0].argmax() < found.rows[1].argmax()


def test_a_file_that_cannot_be_read_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.wav").write_text("no sound")
    soundfile.write(tmp_path / "good.wav", tone(440, RATE), RATE)
    said: list[str] = []
    files = [("bad.wav", tmp_path / "bad.wav"), ("good.wav", tmp_path / "good.wav")]
    found = collect(embed_files(files, Ears()), done=said.append)
    assert found.names == ("good.wav",)
    assert found.clips.tolist() == [0]
    assert len(found.problems) == 1
    assert found.problems[0].startswith("bad.wav cannot be read")
    assert sorted(said) == ["ok", "unreadable"]


def test_nothing_at_all_is_no_rows() -> None:
    found = collect(embed_clips([], Ears()))
    assert found.rows.shape == (0, 0)
    assert found.names == found.problems == ()


class Broken(Ears):
    def __init__(self, answer: np.ndarray) -> None:
        super().__init__()
        self.answer = answer

    def embed(self, clips: object) -> np.ndarray:
        return self.answer


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.full((1, 16), np.nan), "gave NaN or infinity for 0"),
        (np.ones((2, 16)), "gave 2 vectors for 1 clips"),
    ],
)
def test_what_a_broken_embedder_gives_is_neither_taken_nor_kept(
    tmp_path: Path, answer: np.ndarray, message: str
) -> None:
    broken = Broken(answer)
    with pytest.raises(ProbeError, match=message):
        collect(embed_clips(clips([0.5]), broken, cache=Cache(broken, "clip", tmp_path)))
    assert not list(tmp_path.rglob("*.npy"))
