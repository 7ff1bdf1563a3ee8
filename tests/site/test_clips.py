from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.audio import to_pcm16
from probe.render import pictures
from probe.site import clips
from tests.fakes.boards import tone


def loudness_of(path: Path) -> float:
    samples, rate = soundfile.read(path)
    found = clips.loudness(samples, rate)
    assert found is not None
    return found


@pytest.mark.parametrize("level", [0.01, 0.1, 0.9])
@pytest.mark.parametrize("rate", [16000, 44100, 96000])
def test_what_is_heard_is_equally_loud(tmp_path: Path, level: float, rate: int) -> None:
    about = clips.make(tmp_path, "a", tone(1000, level, 2.0, rate), rate, same=True)
    assert loudness_of(tmp_path / "a.mp3") == pytest.approx(clips.TARGET_LUFS, abs=0.8)
    assert about.lufs + about.gain_db == pytest.approx(clips.TARGET_LUFS, abs=0.11)
    assert about.seconds == 2.0


def test_peaks_stay_below_the_ceiling(tmp_path: Path) -> None:
    samples = np.zeros(44100)
    samples[::22050] = 0.5  # two clicks: a peak far above the loudness
    about = clips.make(tmp_path, "a", to_pcm16(samples), 44100, same=True)
    assert 0 < about.gain_db <= 5.1
    assert about.lufs + about.gain_db < clips.TARGET_LUFS


@pytest.mark.parametrize("length", [1, 100, 5000])
def test_silence_and_very_short_clips_are_clips(tmp_path: Path, length: int) -> None:
    for name, pcm in (("a", np.zeros(length, np.int16)), ("b", np.full(length, 9000, np.int16))):
        about = clips.make(tmp_path, name, pcm, 44100, same=True)
        assert clips.kept(tmp_path, name) == about
        assert len(about.outline) == 2 * pictures.COLUMNS


def test_a_clip_of_another_format_or_torn_is_made_anew(tmp_path: Path) -> None:
    clips.make(tmp_path, "a", tone(440, 0.5), 44100, same=True)
    assert clips.kept(tmp_path, "a")
    (tmp_path / "a.png").unlink()
    assert clips.kept(tmp_path, "a") is None
    clips.make(tmp_path, "a", tone(440, 0.5), 44100, same=True)
    (tmp_path / "a.json").write_text('{"format": 0}')
    assert clips.kept(tmp_path, "a") is None
    (tmp_path / "a.json").write_text('{"for')
    assert clips.kept(tmp_path, "a") is None
    assert clips.kept(tmp_path, "b") is None


def test_sweeping_leaves_what_is_used_and_what_is_not_ours(tmp_path: Path) -> None:
    for name in ("a", "b"):
        clips.make(tmp_path, name, tone(440, 0.5), 44100, same=True)
    (tmp_path / "README.txt").write_text("mine")
    clips.sweep(tmp_path, {"a"})
    found = sorted(path.name for path in tmp_path.iterdir())
    assert found == ["README.txt", "a.json", "a.mp3", "a.png"]


def pixels(data: bytes) -> np.ndarray:
    """Palette indices of a PNG of ours, shape (height, width)."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        (size,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + size]
        (check,) = struct.unpack(">I", data[at + 8 + size : at + 12 + size])
        assert check == zlib.crc32(kind + body)
        chunks[kind] = body
        at += 12 + size
    width, height, depth, colour = struct.unpack(">IIBB", chunks[b"IHDR"][:10])
    assert (depth, colour, len(chunks[b"PLTE"])) == (8, 3, 768)
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any()
    return rows[:, 1:]


def test_the_picture_has_high_notes_above_low_ones_and_time_to_the_right() -> None:
    rate = 44100
    low, high = tone(200, 0.5, 1.0, rate), tone(4000, 0.5, 1.0, rate)
    found = pixels(pictures.log_mel_png(np.concatenate([low, high]) / 32768, rate))
    assert found.shape[0] == pictures.BANDS
    assert found.shape[1] <= pictures.FRAMES + 1
    quarter = found.shape[1] // 4
    first, second = found[:, quarter].argmax(), found[:, 3 * quarter].argmax()
    assert first > second  # rows run from the top
    assert found.max() == 255
    assert not pixels(pictures.log_mel_png(np.zeros(rate), rate)).any()


def test_figures_say_what_the_pictures_show() -> None:
    rate = 44100
    samples = np.zeros(2 * rate)
    samples[rate // 2 : rate] = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(rate // 2) / rate)
    about = pictures.figures(samples, rate)
    assert about["peak_db"] == pytest.approx(-6.0, abs=0.1)
    assert (about["from_s"], about["to_s"]) == (0.5, 1.0)
    assert about["centre_hz"] == pytest.approx(1000, abs=30)
    assert set(pictures.figures(np.zeros(9), rate).values()) == {None}
    outline = np.array(pictures.outline(samples)).reshape(-1, 2)
    assert outline[:50].max() == 0
    assert outline[80].tolist() == pytest.approx([-100, 100], abs=2)
