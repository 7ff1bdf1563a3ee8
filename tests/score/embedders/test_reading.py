from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.errors import UsageError
from probe.parallel import CORES
from probe.score.embedders.reading import AHEAD, audio_files, read_clips, read_files, samples_digest
from tests.fakes.embedders import tone


def write(path: Path, samples: np.ndarray, rate: int = 8000, subtype: str = "PCM_16") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate, subtype)
    return path


def test_files_become_mono_at_one_rate_in_order(tmp_path: Path) -> None:
    left = tone(440, 16000)
    write(tmp_path / "a.wav", np.stack([left, 0 * left], axis=1), 16000)
    write(tmp_path / "b.flac", tone(880, 8000))
    one, other = read_files([(n, tmp_path / n) for n in ("a.wav", "b.flac")], 8000)
    assert (one.name, other.name) == ("a.wav", "b.flac")
    assert one.samples is not None
    assert other.samples is not None
    assert len(one.samples) == len(other.samples) == 4000
    np.testing.assert_allclose(one.samples[500:-500], tone(440, 8000)[500:-500] / 2, atol=1e-3)
    np.testing.assert_allclose(other.samples, tone(880, 8000), atol=1e-4)


def test_a_bad_file_is_named_and_costs_the_others_nothing(tmp_path: Path) -> None:
    write(tmp_path / "good.wav", tone(440, 8000))
    write(tmp_path / "nan.wav", np.array([0.0, np.nan]), subtype="FLOAT")
    write(tmp_path / "huge.wav", np.full((9, 2), 1.7e308), subtype="DOUBLE")
    write(tmp_path / "empty.wav", np.zeros(0))
    (tmp_path / "text.wav").write_text("no sound at all")
    names = ["text.wav", "nan.wav", "gone.wav", "empty.wav", "huge.wav", "good.wav"]
    sounds = list(read_files([(name, tmp_path / name) for name in names], 8000))
    assert [sound.name for sound in sounds] == names
    for sound in sounds[:-1]:
        assert sound.samples is None
        assert sound.problem is not None
        assert sound.problem.startswith(sound.name)
        assert "\n" not in sound.problem
        assert "0x" not in sound.problem
    assert sounds[-1].problem is None
    assert sounds[-1].samples is not None


def test_the_digest_is_of_what_is_heard_and_not_of_the_name(tmp_path: Path) -> None:
    write(tmp_path / "a.wav", tone(440, 8000))
    (tmp_path / "b.wav").write_bytes((tmp_path / "a.wav").read_bytes())
    write(tmp_path / "c.wav", tone(441, 8000))
    a, b, c = read_files([(n, tmp_path / n) for n in ("a.wav", "b.wav", "c.wav")], 8000)
    assert a.digest == b.digest != c.digest


def test_what_is_known_is_not_decoded(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound at all")
    vector = np.ones(3)
    (sound,) = read_files([("x", tmp_path / "text.wav")], 8000, lookup=lambda _: vector)
    assert sound.known is vector
    assert sound.problem is None


def test_clips_in_memory_are_told_apart_by_samples_and_rate() -> None:
    clip = tone(440, 16000)
    (sound,) = read_clips([("x", clip, 16000)], 8000)
    assert sound.samples is not None
    assert len(sound.samples) == 4000
    assert sound.digest == samples_digest(clip, 16000)
    assert len({samples_digest(clip, 16000), samples_digest(clip, 8000), sound.digest}) == 2
    (known,) = read_clips([("x", clip, 16000)], 8000, lookup={sound.digest: np.ones(2)}.get)
    assert known.samples is None


def test_no_more_is_read_than_needed() -> None:
    taken = []

    def endless() -> Iterator[tuple[str, np.ndarray, int]]:
        while True:
            taken.append(len(taken))
            yield str(len(taken)), np.zeros(10), 8000

    sounds = read_clips(endless(), 8000)
    for _ in range(5):
        next(sounds)
    sounds.close()
    assert len(taken) <= 5 + AHEAD * CORES + 1


def test_audio_files_are_found_below_and_sorted(tmp_path: Path) -> None:
    for name in ("b/c.WAV", "a.flac", ".hidden.wav", ".cache/x.wav", "notes.txt"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.touch()
    assert audio_files(tmp_path) == [tmp_path / "a.flac", tmp_path / "b" / "c.WAV"]


def test_a_folder_without_audio_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no audio file"):
        audio_files(tmp_path)
    with pytest.raises(UsageError, match="is not a folder"):
        audio_files(tmp_path / "nowhere")


def test_any_number_of_channels_is_averaged(tmp_path: Path) -> None:
    frames = np.random.default_rng(2).uniform(-1, 1, (40_000, 5))
    write(tmp_path / "a.wav", frames, subtype="DOUBLE")
    (sound,) = read_files([("a.wav", tmp_path / "a.wav")], 8000)
    assert sound.samples is not None
    np.testing.assert_allclose(sound.samples, frames.mean(axis=1), atol=1e-15)
