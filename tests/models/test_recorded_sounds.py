"""Recordings of sounds, put where a prompt asks for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from probe.models.reference import Reference
from probe.records import Prompt, SoundsTruth
from probe.records.references import References
from tests.fakes.recordings import write_sounds

RATE = 44_100

Samples = NDArray[np.float64]


def tone(seed: int, seconds: float = 4.0) -> Samples:
    """A siren that goes on; each of its own pitch."""
    time_s = np.arange(round(seconds * RATE)) / RATE
    return 0.5 * np.sin(2 * np.pi * (800 + 40 * seed) * time_s)


def hiss(seed: int, seconds: float = 2.5) -> Samples:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def barks(seed: int, *starts: float, seconds: float = 2.0, lasts: float = 0.3) -> Samples:
    samples = 1e-4 * hiss(seed, seconds)
    for start in starts:
        at = round(start * RATE)
        sound = hiss(seed + 1, lasts)
        samples[at : at + len(sound)] += sound
    return samples


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> References:
    """Three classes of four recordings each, under names folders use."""
    sounds = {}
    for take in range(4):
        sounds[f"siren{take}.wav"] = ("siren", tone(take))
        sounds[f"rain{take}.wav"] = ("rain", hiss(take))
        sounds[f"dog{take}.wav"] = ("dog_bark", barks(take, 0.3, 1.2))
    return write_sounds(tmp_path_factory.mktemp("references"), sounds)


def asked(*events: str | dict[str, object], seconds: float = 3.0, **more: object) -> Prompt:
    rows = [{"label": event} if isinstance(event, str) else event for event in events]
    truth = SoundsTruth.model_validate({"events": rows, **more})
    return Prompt(id="p", group="g", level=1, text="p", duration_s=seconds, truth=truth)


def heard(clip: Samples) -> list[tuple[float, float]]:
    """Beginning and end in s of what is louder than a tenth, over pauses of 0.1 s and more."""
    loud = np.flatnonzero(np.abs(clip) > 0.1) / RATE
    breaks = np.flatnonzero(np.diff(loud) > 0.1)
    return list(zip(loud[[0, *(breaks + 1)]], loud[[*breaks, -1]], strict=True))


# --- which recordings ----------------------------------------------------------------------------


def test_what_was_recorded_is_covered(references: References) -> None:
    door = Reference(references)
    assert door.covers(asked("dog"))
    assert door.covers(asked("dog", "rain", ordered=True))
    assert not door.covers(asked("dog", "cow", ordered=True))
    assert not door.covers(asked({"label": "dog", "onset_s": 1.0, "decay_s": 2.0}))
    passing = {"speed_m_s": 20, "distance_m": 5, "closest_s": 1.0, "source_hz": 800}
    whole = {"label": "siren", "onset_s": 0.0, "offset_s": 3.0}
    assert not door.covers(asked(whole, passing=passing))


def test_a_class_without_a_fitting_recording_is_not_covered(tmp_path: Path) -> None:
    sounds = {
        "one-long-howl.wav": ("dog", barks(0, 0.3, lasts=1.5)),
        "cut-off.wav": ("dog", barks(0, 0.0, 1.7)),
        "a-click.wav": ("dog", barks(0, 0.5, lasts=0.03)),
        "a-shower-of-a-second.wav": ("rain", np.append(hiss(0, 1.0), np.zeros(RATE))),
        "silence.wav": ("rain", np.zeros(3 * RATE)),
    }
    door = Reference(write_sounds(tmp_path / "r", sounds))
    assert not door.covers(asked("dog"))
    assert not door.covers(asked("rain"))


def test_samples_take_the_fitting_recordings_in_turn(references: References) -> None:
    door = Reference(references)
    for label in ("rain", "dog"):
        clips = [door.audio(asked(label), sample, RATE).tobytes() for sample in range(5)]
        assert len(set(clips)) == 4
        assert clips[4] == clips[0]


def test_the_order_of_the_rows_has_no_part_in_the_choice(tmp_path: Path) -> None:
    sounds = {f"{take}.wav": ("rain", hiss(take)) for take in range(4)}
    there = write_sounds(tmp_path / "1", sounds)
    back = write_sounds(tmp_path / "2", {f"x{k}": v for k, v in reversed(sounds.items())})
    clips = [Reference(each).audio(asked("rain"), 0, RATE) for each in (there, back)]
    assert (clips[0] == clips[1]).all()


# --- where they stand ----------------------------------------------------------------------------


def test_recordings_stand_where_they_were_asked_for(references: References) -> None:
    prompt = asked({"label": "dog", "onset_s": 0.5}, {"label": "dog", "onset_s": 2.0})
    clip = Reference(references).audio(prompt, 0, RATE)
    assert clip.shape == (3 * RATE,)
    first, second = heard(clip)
    assert first == pytest.approx((0.5, 0.8), abs=0.03)
    assert second == pytest.approx((2.0, 2.3), abs=0.03)
    assert np.abs(clip).max() <= 1
    assert not clip[: round(0.45 * RATE)].any()


def test_counted_sounds_are_as_many(references: References) -> None:
    clip = Reference(references).audio(asked("dog", "dog", "dog", counted=True), 0, RATE)
    assert [start for start, _ in heard(clip)] == pytest.approx([0.5, 1.5, 2.5], abs=0.03)


def test_the_loudest_sound_stands_for_the_class(tmp_path: Path) -> None:
    samples = barks(0, 0.3, seconds=3.0) / 3 + barks(5, 1.5, seconds=3.0, lasts=0.45)
    door = Reference(write_sounds(tmp_path / "r", {"a.wav": ("dog", samples)}))
    ((start, end),) = heard(door.audio(asked({"label": "dog", "onset_s": 1.0}), 0, RATE))
    assert end - start == pytest.approx(0.45, abs=0.03)


def test_a_sound_late_in_its_recording_is_not_cut_off(tmp_path: Path) -> None:
    door = Reference(write_sounds(tmp_path / "r", {"a.wav": ("dog", barks(0, 4.0, seconds=5.0))}))
    ((start, end),) = heard(door.audio(asked("dog", seconds=2.0), 0, RATE))
    assert end - start == pytest.approx(0.3, abs=0.03)


def test_what_goes_on_is_repeated_without_a_seam(tmp_path: Path) -> None:
    padded = np.concatenate([np.zeros(RATE), hiss(3), np.zeros(RATE)])
    door = Reference(write_sounds(tmp_path / "r", {"a.wav": ("rain", padded)}))
    clip = door.audio(asked("rain", seconds=7.0), 0, RATE)
    blocks = clip[RATE // 10 : -RATE // 10].reshape(-1, RATE // 5)
    level = 10 * np.log10(np.mean(blocks**2, axis=1))
    assert np.ptp(level) < 3


@pytest.mark.parametrize("labels", [("dog", "rain"), ("dog", "siren", "rain"), ("rain", "siren")])
def test_order_and_mixture_fill_the_clip(references: References, labels: tuple[str, ...]) -> None:
    for more in ({"ordered": True}, {}):
        clip = Reference(references).audio(asked(*labels, seconds=5.0, **more), 0, RATE)
        assert clip.shape == (5 * RATE,)
        assert 0.1 < np.abs(clip).max() <= 1


def test_another_rate_hears_the_same_sounds(references: References) -> None:
    clip = Reference(references).audio(asked({"label": "dog", "onset_s": 1.0}), 0, 22_050)
    loud = np.flatnonzero(np.abs(clip) > 0.1) / 22_050
    assert (loud[0], loud[-1]) == pytest.approx((1.0, 1.3), abs=0.03)
