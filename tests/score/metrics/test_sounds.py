"""The metrics of environmental sounds, on sounds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from probe.audio import resample, to_pcm16
from probe.records import Prompt, SoundsTruth
from probe.records.metrics import METRICS, Clip
from probe.records.truths.sound_classes import class_named, sound_classes
from probe.records.truths.sounds import Passing
from probe.score.metrics import score_clip
from probe.score.metrics.sounds.attacks import attacks
from probe.score.metrics.sounds.descriptors import NAMES, describe, spectrogram
from probe.score.metrics.sounds.measure import score_sounds
from probe.score.metrics.sounds.motion import heard, passing_errors
from probe.score.metrics.sounds.reverberation import reverberation_time

RATE = 32_000
Samples = NDArray[np.float64]


def noise(seconds: float, seed: int = 0) -> Samples:
    return np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def times(seconds: float) -> Samples:
    return np.arange(round(seconds * RATE)) / RATE


def knock(seed: int = 0) -> Samples:
    t = times(0.2)
    modes = ((125, 0.03, 0.8), (235, 0.025, 1.0), (420, 0.016, 0.6), (760, 0.01, 0.3))
    wood = sum((g * np.exp(-t / d) * np.sin(2 * np.pi * f * t) for f, d, g in modes), np.zeros(1))
    return wood / np.abs(wood).max() + 0.02 * noise(0.2, seed) * np.exp(-t / 0.003)


def bell(seconds: float = 1.5, prime: float = 262.0) -> Samples:
    t = times(seconds)
    table = ((0.5, 3.0), (1.0, 2.2), (1.2, 1.9), (1.5, 1.4), (2.0, 1.5), (3.0, 0.7), (4.0, 0.5))
    return sum((np.exp(-t / d) * np.sin(2 * np.pi * prime * r * t) for r, d in table), 0 * t) / 4


def place(seconds: float, *placed: tuple[float, Samples]) -> Samples:
    clip = np.zeros(round(seconds * RATE))
    for at, sound in placed:
        start = round(at * RATE)
        part = sound[: len(clip) - start]
        clip[start : start + len(part)] += part
    return 0.5 * clip


def truth(*events: tuple[str, float] | str, **more: object) -> SoundsTruth:
    rows = [
        {"label": event} if isinstance(event, str) else {"label": event[0], "onset_s": event[1]}
        for event in events
    ]
    return SoundsTruth.model_validate({"events": rows, **more})


def values(asked: SoundsTruth, clip: Samples, rate: int = RATE) -> dict[str, float]:
    return {name: found.value for name, found in score_sounds(asked, clip, rate).items()}


KNOCKS = truth(*(("door_wood_knock", at) for at in (1.0, 1.5, 2.0)))
THREE = place(4, *((at, knock(i)) for i, at in enumerate((1.0, 1.5, 2.0))))


# --- attacks, count, times -----------------------------------------------------------------------


def test_attacks_are_found_and_dated() -> None:
    found = attacks(spectrogram(THREE, RATE).power.sum(axis=1).astype(float))
    assert [attack.time_s for attack in found] == pytest.approx([1.0, 1.5, 2.0], abs=0.015)


def test_silence_and_steady_sound_have_no_attacks_within() -> None:
    assert attacks(np.zeros(500)) == []
    steady = spectrogram(noise(3), RATE).power.sum(axis=1).astype(float)
    assert all(attack.time_s < 0.05 for attack in attacks(steady))


def test_knocks_where_they_belong_are_right() -> None:
    found = values(KNOCKS, THREE)
    assert found["event_f1_50ms"] == found["event_ap_50ms"] == found["activity"] == 1
    assert found["event_ms"] < 15
    assert found["count_error"] == 0
    assert found["event_score"] > 0.9


@pytest.mark.parametrize(
    ("late_s", "within_50", "within_300"), [(0.02, 1, 1), (0.1, 0, 1), (0.2, 0, 1)]
)
def test_the_windows_are_what_their_names_say(
    late_s: float, within_50: float, within_300: float
) -> None:
    late = place(4, *((at + late_s, knock(i)) for i, at in enumerate((1.0, 1.5, 2.0))))
    found = values(KNOCKS, late)
    assert found["event_f1_50ms"] == found["event_ap_50ms"] == within_50
    assert found["event_f1_300ms"] == found["event_ap_300ms"] == within_300
    assert found["event_ms"] == pytest.approx(1000 * late_s, abs=15)


def test_dropped_and_extra_events_cost() -> None:
    kept = [
        values(KNOCKS, place(4, *((at, knock()) for at in (1.0, 1.5, 2.0)[:n]))) for n in (3, 2, 1)
    ]
    scores = [found["event_score"] for found in kept]
    assert scores == sorted(scores, reverse=True)
    assert kept[2]["count_error"] == pytest.approx(2 / 3)
    more = values(KNOCKS, THREE + place(4, (3.0, knock()), (3.5, knock())))
    assert more["event_f1_50ms"] == pytest.approx(6 / 8)
    assert more["count_error"] == pytest.approx(2 / 3)


def test_an_event_over_a_texture_is_heard() -> None:
    asked = SoundsTruth.model_validate(
        {
            "events": [
                {"label": "rain", "onset_s": 0.0, "offset_s": 5.0},
                {"label": "door_wood_knock", "onset_s": 2.0},
                {"label": "door_wood_knock", "onset_s": 3.5},
            ]
        }
    )
    clip = place(5, (2.0, knock()), (3.5, knock())) + 0.01 * noise(5)
    assert values(asked, clip)["event_f1_50ms"] == 1
    assert values(asked, 0.01 * noise(5))["event_f1_300ms"] == 0


@pytest.mark.parametrize("number", [1, 3, 7])
def test_events_are_counted(number: int) -> None:
    asked = truth(*["door_wood_knock"] * number, counted=True)
    clip = place(6, *((0.5 + 0.7 * i, knock(i)) for i in range(number)))
    assert values(asked, clip)["count_error"] == 0
    assert values(truth(*["door_wood_knock"] * (number + 2), counted=True), clip)["count_error"] > 0


# --- order and mixtures --------------------------------------------------------------------------


def test_order_is_told_from_its_reverse() -> None:
    asked = truth("door_wood_knock", "church_bells", ordered=True)
    right = place(6, (0.5, knock()), (0.9, knock()), (2.5, bell(3.4)))
    wrong = place(6, (0.3, bell(3.4)), (4.5, knock()), (4.9, knock()))
    assert values(asked, right)["order_accuracy"] > 0.95
    assert values(asked, wrong)["order_accuracy"] < 0.05
    assert values(asked, right)["event_presence"] == values(asked, wrong)["event_presence"] == 1
    assert values(asked, right)["event_score"] > 2 * values(asked, wrong)["event_score"]


def test_what_is_missing_is_in_no_order() -> None:
    asked = truth("crickets", "church_bells", ordered=True)
    found = values(asked, place(6, (0.5, bell(3.0))))
    assert found["order_accuracy"] < 0.5
    assert found["event_presence"] <= 0.5


def test_both_of_two_sounds_at_once_are_found() -> None:
    t = times(5)
    chirp = np.sin(2 * np.pi * 4400 * t) * (np.sin(2 * np.pi * 30 * t) > 0) * (t * 2.2 % 1 < 0.2)
    both = bell(5) + 0.5 * chirp
    asked = truth("church_bells", "crickets")
    assert values(asked, both)["likeness"] > values(asked, bell(5))["likeness"] + 0.2


# --- motion and rooms ----------------------------------------------------------------------------


def passing_tone(passing: Passing, seconds: float) -> Samples:
    """Synthesized from the definition: emitted at u, heard at u + r(u)/c."""
    u = np.arange(-2 * seconds * RATE, 3 * seconds * RATE) / RATE
    far = np.hypot(passing.distance_m, passing.speed_m_s * u)
    arrives = u + (far - passing.distance_m) / 343 + passing.closest_s
    tone = np.sin(2 * np.pi * passing.source_hz * u) / far
    return 0.5 * passing.distance_m * np.interp(times(seconds), arrives, tone)


FLYBY = Passing(speed_m_s=30, distance_m=10, closest_s=3.0, source_hz=500)


def test_what_is_heard_of_a_passing_source() -> None:
    pitch, level = heard(FLYBY, np.array([-1000.0, 3.0, 1000.0]))
    assert pitch[0] == pytest.approx(500 / (1 - 30 / 343), rel=1e-3)
    assert pitch[1] == pytest.approx(500, rel=1e-9)
    assert pitch[2] == pytest.approx(500 / (1 + 30 / 343), rel=1e-3)
    assert level[1] == pytest.approx(0, abs=1e-9)
    assert level[0] < -60


def test_a_passing_source_is_measured_against_physics() -> None:
    right = passing_errors(FLYBY, passing_tone(FLYBY, 6), RATE)
    assert right[0] < 5
    assert right[1] < 0.5
    steady = passing_errors(FLYBY, 0.3 * np.sin(2 * np.pi * 500 * times(6)), RATE)
    assert steady[0] > 100
    assert steady[1] > 4
    slower = passing_errors(
        FLYBY, passing_tone(FLYBY.model_copy(update={"speed_m_s": 15.0}), 6), RATE
    )
    assert right[0] < slower[0] < steady[0]
    assert passing_errors(FLYBY, noise(6), RATE)[0] > 100
    assert passing_errors(FLYBY, np.zeros(6 * RATE), RATE) == (200, 12)


@pytest.mark.parametrize("rt60", [0.3, 0.8, 2.0, 5.0])
def test_reverberation_time_of_decaying_noise(rt60: float) -> None:
    seconds = max(1.5, 0.8 * rt60)
    tail = noise(seconds) * 10 ** (-3 * times(seconds) / rt60)
    assert reverberation_time(0.3 * tail, RATE) == pytest.approx(rt60, rel=0.08)
    assert reverberation_time(0.3 * tail + 1e-4 * noise(seconds, 1), RATE) == pytest.approx(
        rt60, rel=0.12
    )


def test_what_does_not_decay_has_no_reverberation_time() -> None:
    assert reverberation_time(np.zeros(RATE), RATE) is None
    assert reverberation_time(np.zeros(0), RATE) is None
    assert reverberation_time(noise(2), RATE) is None


# --- likeness ------------------------------------------------------------------------------------


def test_every_trait_of_every_class_is_a_descriptor() -> None:
    assert {name for known in sound_classes().values() for name in known.like} <= set(NAMES)
    assert len(sound_classes()) >= 50
    assert class_named("dog_bark") == "dog"
    assert class_named("flugelhorn") is None


def test_descriptors_of_plain_sounds() -> None:
    tone = describe(spectrogram(np.sin(2 * np.pi * 440 * times(2)), RATE))
    assert tone["median_hz"] == pytest.approx(440, abs=20)
    assert tone["pitch_hz"] == pytest.approx(440, rel=0.03)
    assert tone["tonality"] > 0.95
    hiss = describe(spectrogram(noise(2), RATE))
    assert hiss["tonality"] < 0.3
    assert "pitch_hz" not in hiss
    assert hiss["fill"] == 1
    ticks = describe(spectrogram(place(5, *((i / 2, knock(i)) for i in range(10))), RATE))
    assert ticks["pulse_hz"] == pytest.approx(2, rel=0.03)
    assert ticks["rate_hz"] == pytest.approx(2, rel=0.1)
    assert describe(spectrogram(np.zeros(RATE), RATE)) == {}


def test_low_pass_and_noise_cost_monotonically() -> None:
    asked = truth("church_bells")
    clip = bell(5)
    hiss = noise(5)
    buried = [values(asked, clip + level * hiss)["likeness"] for level in (0.0, 0.1, 1.0)]
    assert buried == sorted(buried, reverse=True)
    assert buried[0] > 0.8
    assert buried[-1] < 0.2


@pytest.mark.parametrize("change", ["level", "rate", "pcm", "offset"])
def test_neither_level_nor_rate_nor_format_matters(change: str) -> None:
    rate, clip = RATE, THREE
    if change == "level":
        clip = 0.05 * clip
    elif change == "rate":
        rate, clip = 48_000, resample(clip, RATE, 48_000)
    elif change == "pcm":
        clip = to_pcm16(clip) / 32768
    else:
        clip = clip + 0.1
    plain, changed = values(KNOCKS, THREE), values(KNOCKS, clip, rate)
    assert changed["event_score"] == pytest.approx(plain["event_score"], abs=0.05)
    assert changed["event_f1_50ms"] == plain["event_f1_50ms"]


# --- any clip ------------------------------------------------------------------------------------

TRUTHS = (
    truth("dog"),
    KNOCKS,
    truth("dog", "rain", ordered=True),
    truth("wind", "siren"),
    truth("dog", "dog", counted=True),
    SoundsTruth.model_validate(
        {
            "events": [{"label": "whistle", "onset_s": 0.0, "offset_s": 3.0}],
            "passing": FLYBY.model_dump() | {"closest_s": 1.0},
        }
    ),
    SoundsTruth.model_validate(
        {"events": [{"label": "balloon_pop", "onset_s": 0.5, "decay_s": 1.0}]}
    ),
)


@pytest.mark.parametrize("asked", TRUTHS, ids=lambda asked: "-".join(asked.labels))
def test_silence_gets_the_floors(asked: SoundsTruth) -> None:
    for name, found in score_sounds(asked, np.zeros(3 * RATE), RATE).items():
        assert found.value == METRICS[name].floor, name


@given(
    seed=st.integers(0, 1000),
    seconds=st.sampled_from([0.1, 0.35, 3.0]),
    kind=st.sampled_from(["noise", "click", "constant", "tone", "gaps", "square"]),
    asked=st.sampled_from(TRUTHS),
)
@settings(max_examples=25)
def test_any_clip_gets_finite_values(
    seed: int, seconds: float, kind: str, asked: SoundsTruth
) -> None:
    clip = noise(seconds, seed) * 0.1
    if kind == "click":
        clip[:] = 0
        clip[seed % len(clip)] = 1
    elif kind == "constant":
        clip[:] = 0.7
    elif kind == "tone":
        clip = np.sin(2 * np.pi * (50 + 7 * seed) * times(seconds))
    elif kind == "gaps":
        clip[: len(clip) // 2] = 0
    elif kind == "square":
        clip = np.sign(clip)
    for name, value in values(asked, clip).items():
        metric = METRICS[name]
        assert np.isfinite(value)
        assert 0 <= value <= max(1.0, metric.floor or 0.0), name


def test_score_clip_gives_what_applies() -> None:
    prompt = Prompt(id="p", group="g", level=1, text="three", duration_s=4.0, truth=KNOCKS)
    found = score_clip(["event_score", "event_f1_50ms"], Clip(prompt, THREE, RATE))
    assert found["event_f1_50ms"].extras["heard_s"] == pytest.approx([1, 1.5, 2], abs=0.015)
    assert not METRICS["order_accuracy"].applies_to(prompt)
    assert METRICS["event_f1_50ms"].applies_to(prompt)


def test_truths_that_cannot_be_are_refused() -> None:
    for events, more, why in (
        ([{"label": "dgo"}], {}, "did you mean 'dog'"),
        ([{"label": "dog", "offset_s": 1.0}], {}, "never begins"),
        ([{"label": "dog", "onset_s": 2.0, "offset_s": 1.0}], {}, "before it begins"),
        ([{"label": "rain", "onset_s": 1.0}], {}, "needs an end"),
        ([{"label": "dog", "decay_s": 1.0}], {}, "needs a beginning"),
        ([{"label": "dog", "onset_s": 1.0}, {"label": "cat"}], {}, "all events have times or none"),
        ([{"label": "dog"}, {"label": "dog"}], {"ordered": True}, "two classes"),
        ([{"label": "dog"}, {"label": "cat"}], {"counted": True}, "one class"),
    ):
        with pytest.raises(ValueError, match=why):
            SoundsTruth.model_validate({"events": events, **more})
    assert KNOCKS.misfit(1.9) == "a sound lasts until 2 s"
    assert KNOCKS.misfit(4) is None
