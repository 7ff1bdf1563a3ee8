"""What a model is told of a clip: true, bounded, and made of nothing but the clip."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from probe.ask.strategies.hearing import LONGEST, describe, onsets

RATE = 44100
Array = NDArray[np.float64]


def seconds(length_s: float) -> Array:
    return np.arange(round(length_s * RATE)) / RATE


def tone(hertz: float, begin_s: float, end_s: float, length_s: float = 2.0) -> Array:
    time_s = seconds(length_s)
    fade = np.clip(np.minimum(time_s - begin_s, end_s - time_s) / 0.01, 0, 1)
    return 0.3 * fade * np.sin(2 * np.pi * hertz * time_s)


def noise(length_s: float = 2.0) -> Array:
    return 0.1 * np.random.default_rng(2506).standard_normal(round(length_s * RATE))


def line(text: str, name: str) -> str:
    return next(row for row in text.splitlines() if row.startswith(f"- {name}"))


def test_a_tone_is_described_as_it_is() -> None:
    text = describe(tone(523.25, 0.5, 1.5), RATE)
    assert line(text, "length") == "- length: 2.000 s"
    assert line(text, "onsets").endswith(": 1 at 0.50 s")
    assert line(text, "spectral centroid") == "- spectral centroid: 523 Hz"
    pitch = line(text, "pitch")
    assert "0.75-0.88 s 523." in pitch
    assert "0.00-0.12 s none" in pitch
    level = line(text, "level over time")
    assert "0.00-0.12 s silent" in level
    assert "0.75-0.88 s -13" in level
    assert "500-1000 Hz 0 dB" in line(text, "energy by band")


@pytest.mark.parametrize(
    ("clip", "expected"),
    [
        (tone(440, 0, 2), [0]),
        (noise(), [0]),
        (tone(440, 0.3, 0.8) + tone(700, 1.1, 1.6), [0.3, 1.1]),
        (tone(440, 0, 2) + np.where(seconds(2) >= 1, 0.05, 0) * noise() / 0.1, [0, 1.0]),
        (0.3 * np.sin(2 * np.pi * (200 * seconds(2) + 400 * seconds(2) ** 2)), [0]),
        (0.3 * np.sin(2 * np.pi * 300 * seconds(2)) * (1 + 0.4 * np.sin(18 * seconds(2))), [0]),
    ],
    ids=["tone", "noise", "two tones", "noise over a tone", "glissando", "tremolo"],
)
def test_onsets_are_where_something_begins(clip: Array, expected: list[float]) -> None:
    found = onsets(clip, RATE)
    assert found == pytest.approx(expected, abs=0.03)


def test_what_has_no_steady_pitch_is_told_none() -> None:
    pitch = line(describe(noise(), RATE), "pitch")
    assert " Hz" not in pitch


def test_digital_silence_is_called_so() -> None:
    assert "digital silence" in describe(np.zeros(RATE), RATE)


@given(
    arrays(np.float64, st.integers(1, 3000), elements=st.floats(-1, 1)),
    st.sampled_from([8000, 44100, 192_000]),
)
@settings(max_examples=60)
def test_any_clip_is_described_within_bounds(samples: Array, rate: int) -> None:
    text = describe(samples, rate)
    assert len(text.encode()) <= LONGEST
    assert "nan" not in text
    assert "inf" not in text


def test_the_longest_clip_of_clicks_is_described_within_bounds() -> None:
    clip = np.zeros(60 * 22050)
    clip[:: 22050 // 10] = 0.9
    text = describe(clip, 22050)
    assert "more" in line(text, "onsets")
    assert len(text.encode()) <= LONGEST


def test_level_and_rate_change_only_what_they_should() -> None:
    clip = tone(440, 0.5, 1.5) + tone(1300, 1.0, 1.5)
    for part in ("onsets", "pitch", "spectral centroid", "energy by band"):
        assert line(describe(clip, RATE), part) == line(describe(clip / 4, RATE), part)


def test_nothing_but_the_clip_goes_in() -> None:
    assert list(inspect.signature(describe).parameters) == ["samples", "sample_rate"]
