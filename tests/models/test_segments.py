"""Where sounds lie in a recording, by its level: what is found, what is kept."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probe.models.segments import levels, segment, segments_of, sounds, steady
from probe.records.references import Recording, References
from probe.tier.folder import load
from tests.fakes.recordings import write_sounds

RATE = 44_100
REFERENCES = Path(__file__).parents[3] / "shared" / "references"

Samples = NDArray[np.float64]


def hiss(seconds: float, db: float = -20.0, seed: int = 0) -> Samples:
    noise = np.random.default_rng(seed).standard_normal(round(seconds * RATE))
    return noise * 10 ** (db / 20)


def bursts(*spans: tuple[float, float], seconds: float = 3.0, bed_db: float = -70.0) -> Samples:
    """Noise in the spans over a fainter bed."""
    samples = hiss(seconds, bed_db, seed=1)
    for start, end in spans:
        at = round(start * RATE)
        sound = hiss(end - start)
        samples[at : at + len(sound)] += sound
    return samples


def found(samples: Samples) -> list[tuple[float, float]]:
    return [(start / 100, end / 100) for start, end in sounds(levels(samples, RATE))]


@settings(max_examples=30)
@given(
    starts=st.lists(st.floats(0.05, 0.3), min_size=1, max_size=4),
    lasts=st.floats(0.03, 0.4),
    bed_db=st.sampled_from([-300.0, -80.0, -50.0]),
)
def test_sounds_are_found_where_they_lie(starts: list[float], lasts: float, bed_db: float) -> None:
    spans = [(i + start, i + start + lasts) for i, start in enumerate(starts)]
    told = found(bursts(*spans, seconds=len(spans) + 1.0, bed_db=bed_db))
    assert np.array(told) == pytest.approx(np.array(spans), abs=0.03)


def test_a_decay_belongs_to_its_sound() -> None:
    samples = hiss(3.0, -90)
    ring = hiss(2.0) * 10 ** (-30 * np.arange(2 * RATE) / RATE / 20)
    samples[RATE : 3 * RATE] += ring
    assert found(samples) == [(1.0, pytest.approx(2.3, abs=0.15))]


def test_syllables_are_one_sound_and_knocks_are_not() -> None:
    assert found(bursts((1.0, 1.2), (1.3, 1.5))) == [pytest.approx((1.0, 1.5), abs=0.011)]
    assert len(found(bursts((1.0, 1.2), (1.4, 1.6)))) == 2


def test_what_the_recording_cuts_off_is_no_whole_sound() -> None:
    assert found(bursts((0.0, 0.3), (1.0, 1.2), (2.8, 3.0))) == [
        pytest.approx((1.0, 1.2), abs=0.011)
    ]


def test_rumble_is_neither_a_sound_nor_hides_one() -> None:
    time_s = np.arange(3 * RATE) / RATE
    rumble = 0.5 * np.sin(2 * np.pi * 20 * time_s) * np.clip(time_s - 0.5, 0, 1)
    assert found(bursts((1.0, 1.2)) + rumble) == [pytest.approx((1.0, 1.2), abs=0.011)]


def test_silence_and_what_never_pauses_hold_no_separate_sound() -> None:
    assert found(np.zeros(2 * RATE)) == []
    assert found(hiss(2.0)) == []
    assert found(np.zeros(5)) == []


def test_what_goes_on_is_the_longest_even_stretch() -> None:
    padded = np.concatenate([hiss(2.0), np.zeros(RATE)])
    assert steady(levels(padded, RATE)) == (0, pytest.approx(200, abs=3))
    swell = np.concatenate([hiss(1.0, -45), hiss(2.0, -20), hiss(1.5, -28)])
    start, end = steady(levels(swell, RATE)) or (0, 0)
    assert start == pytest.approx(100, abs=20)
    assert end == 450
    assert steady(levels(np.zeros(2 * RATE), RATE)) is None
    assert steady(levels(np.zeros(9), RATE)) is None


def test_a_recording_that_is_not_kept_is_segmented_when_it_is_asked_for(tmp_path: Path) -> None:
    (clip,) = write_sounds(tmp_path / "r", {"a.wav": ("dog_bark", bursts((1.0, 1.2)))}).clips
    told = segments_of(clip)
    assert told == segment(clip)
    assert (told.sha256, told.label) == (clip.sha256, "dog_bark")
    assert told.sounds == (pytest.approx((1.0, 1.2), abs=0.011),)


def test_what_is_kept_is_not_looked_for_again() -> None:
    known = "18f6ac127d6f26983520a339c0b3a7eda700834e5b13c4ed7a8c87a893c82eac"
    kept = segments_of(Recording(Path("nowhere.ogg"), "baby_cry", "", None, known))
    assert kept.label == "baby_cry"
    assert kept.sounds


def test_what_is_kept_is_no_part_of_what_is_asked(tmp_path: Path) -> None:
    there = load("sounds")
    without = shutil.ignore_patterns("programs", "segments.jsonl")
    shutil.copytree(there.folder, tmp_path / "sounds", ignore=without)
    assert load(str(tmp_path / "sounds")).tier.digest == there.tier.digest


@pytest.mark.parametrize("folder", ["sounds", "sounds50"])
def test_the_kept_times_are_those_of_the_recordings(folder: str) -> None:
    if not (REFERENCES / folder).is_dir():
        pytest.skip("the real recordings are not beside the checkout")
    for clip in References.open(REFERENCES / folder).clips[::10]:
        kept, now = segments_of(clip), segment(clip)
        assert (kept.sha256, kept.label) == (now.sha256, now.label)
        assert np.array(kept.sounds) == pytest.approx(np.array(now.sounds), abs=0.011)
        assert kept.steady == pytest.approx(now.steady, abs=0.011)
