from __future__ import annotations

import contextlib
import io
import struct

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.audio import (
    InvalidAudio,
    describe_wav,
    fit,
    parse_wav,
    pcm16_wav_bytes,
    pcm_sha256,
    to_pcm16,
)

RATE = 44100
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE)


def parse(data: bytes, **changes: float):
    wanted = {"sample_rate": RATE, "duration_s": 1.0, "tolerance_s": 0.25} | changes
    return parse_wav(data, **wanted)


def written(samples: np.ndarray, subtype: str, form: str = "WAV", rate: int = RATE) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, subtype=subtype, format=form)
    return out.getvalue()


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def fmt(tag: int = 1, channels: int = 1, rate: int = RATE, bits: int = 16, **lies: int) -> bytes:
    align = lies.get("align", channels * bits // 8)
    speed = lies.get("speed", rate * align)
    return struct.pack("<HHIIHH", tag, channels, rate, speed & 0xFFFFFFFF, align & 0xFFFF, bits)


def riff(*chunks: bytes) -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


PCM = to_pcm16(TONE).tobytes()
GOOD = riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM))


@pytest.mark.parametrize("form", ["WAV", "WAVEX", "RF64"])
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize(
    ("subtype", "error"),
    [
        *(("PCM_U8", 2**-7), ("PCM_16", 2**-15), ("PCM_24", 2**-23)),
        *(("PCM_32", 2**-30), ("FLOAT", 2**-24), ("DOUBLE", 1e-15)),
    ],
)
def test_what_libsndfile_writes_comes_back(
    form: str, channels: int, subtype: str, error: float
) -> None:
    clip = parse(written(np.repeat(TONE[:, None], channels, axis=1), subtype, form))
    np.testing.assert_allclose(clip.samples, TONE, atol=error)


def test_sixteen_bit_comes_back_unchanged() -> None:
    clip = parse(GOOD)
    assert clip.notes == ()
    assert to_pcm16(clip.samples).tobytes() == PCM
    assert pcm16_wav_bytes(to_pcm16(clip.samples), RATE) == GOOD
    assert pcm_sha256(to_pcm16(clip.samples)) == pcm_sha256(to_pcm16(TONE))


def test_an_odd_length_needs_no_pad_byte() -> None:
    odd = (128 + 100 * TONE[:-1]).astype(np.uint8).tobytes()
    data = riff(chunk(b"fmt ", fmt(bits=8)), chunk(b"data", odd))
    assert len(odd) % 2 == 1
    assert len(parse(data[:-1]).samples) == len(parse(data).samples) == RATE


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"OggS" + bytes(60), "does not begin with RIFF"),
        (GOOD[:30], "the RIFF header says"),
        (GOOD[:-1000], "the RIFF header says"),
        (GOOD[:4] + struct.pack("<I", 0xFFFFFFFF) + GOOD[8:], "never finished"),
        (GOOD[:40] + struct.pack("<I", 0) + GOOD[44:], "never finished"),
        (GOOD[:40] + struct.pack("<I", len(PCM) + 9) + GOOD[44:], "truncated"),
        (riff(chunk(b"fmt ", fmt())), "no data chunk"),
        (riff(chunk(b"data", PCM)), "before the fmt chunk"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", b"")), "no samples"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"data", PCM[:-1])), "inside a frame"),
        (riff(chunk(b"fmt ", fmt()), chunk(b"fmt ", fmt()), chunk(b"data", PCM)), "two fmt"),
        (riff(chunk(b"fmt ", fmt()), *[chunk(b"data", PCM)] * 2), "two data"),
        (riff(chunk(b"fmt ", fmt(channels=0)), chunk(b"data", PCM)), "0 channels"),
        (riff(chunk(b"fmt ", fmt(channels=1000)), chunk(b"data", PCM)), "1000 channels"),
        (riff(chunk(b"fmt ", fmt(rate=10**9)), chunk(b"data", PCM)), "sample rate"),
        (riff(chunk(b"fmt ", fmt(align=4)), chunk(b"data", PCM)), "4 bytes per frame"),
        (riff(chunk(b"fmt ", fmt(speed=7)), chunk(b"data", PCM)), "7 bytes/s"),
        (riff(chunk(b"fmt ", fmt(tag=0x55)), chunk(b"data", PCM)), "MP3"),
        (riff(chunk(b"fmt ", fmt(bits=12)), chunk(b"data", PCM)), "12-bit"),
        (riff(*[chunk(b"junk", b"")] * 1001), "more than 1000 chunks"),
        (written(np.where(np.arange(RATE) == 5, np.nan, TONE), "FLOAT"), "NaN"),
        (written(TONE * 32767, "FLOAT"), "full scale is 1"),
        (written(np.zeros(RATE), "PCM_16"), "silent"),
        (written(np.full(RATE, 0.3), "PCM_16"), "constant level"),
        (written(np.stack([TONE, -TONE], axis=1), "PCM_16"), "2 channels are averaged"),
        (written(np.tile(TONE, 2), "PCM_16"), "2.000 s long"),
    ],
)
def test_what_is_wrong_is_said(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidAudio, match=reason) as caught:
        parse(data)
    assert "\n" not in str(caught.value)


def test_what_is_only_unusual_is_converted_and_noted() -> None:
    stereo = np.stack([TONE, TONE], axis=1)[: round(0.9 * RATE)]
    clip = parse(written(stereo, "FLOAT") + b"trailing")
    assert len(clip.samples) == RATE
    assert clip.notes == (
        "8 bytes after the end of the WAV ignored",
        "float 32-bit converted",
        "2 channels averaged",
        "0.1000 s of silence added at the end",
    )
    loud = parse(written(3 * TONE, "FLOAT"))
    assert np.abs(loud.samples).max() == 1
    assert any(note.startswith("clipped: ") for note in loud.notes)


def test_another_rate_is_resampled() -> None:
    other = 0.5 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
    clip = parse(written(other, "PCM_24", rate=48000))
    np.testing.assert_allclose(clip.samples[2000:-2000], TONE[2000:-2000], atol=1e-3)


def test_fit_cuts_and_pads() -> None:
    assert fit(np.ones(10), 10, 0.5).tolist() == [1] * 5
    assert fit(np.ones(2), 10, 0.5).tolist() == [1, 1, 0, 0, 0]


def test_describe() -> None:
    said = describe_wav(GOOD)
    assert said == "44100 Hz, 1 channel, PCM 16-bit, 1.000 s, peak -6.0 dBFS, rms -9.0 dBFS"
    with pytest.raises(InvalidAudio, match="not a WAV file: it does not begin with RIFF"):
        describe_wav(b"no")


@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_do_more_than_be_refused(data: bytes, headed: bool) -> None:
    with contextlib.suppress(InvalidAudio):
        parse((GOOD[:20] if headed else b"") + data)


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 80), st.integers(0, 255)), min_size=1, max_size=8))
def test_no_mutation_does_more_than_be_refused(changes: list[tuple[int, int]]) -> None:
    data = bytearray(written(TONE[:4000], "FLOAT", "WAVEX"))
    for at, value in changes:
        data[at] = value
    try:
        clip = parse(bytes(data), duration_s=0.1, tolerance_s=60)
    except InvalidAudio:
        return
    assert len(clip.samples) == 4410
    assert np.abs(clip.samples).max() <= 1
