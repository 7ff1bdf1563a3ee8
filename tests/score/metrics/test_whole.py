"""What a prompt of the notes tier asks for besides plain notes, and the one score of it all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.signal import butter, sosfilt

from probe.audio import resample
from probe.records import NoteEvent, NotesTruth
from probe.score.metrics.notes.measure import score_all
from tests.fakes.players import play

RATE = 44100
SECONDS = 3.0
NOTE = NoteEvent(midi=60, onset_s=0.25, offset_s=2.25)
SCALE = tuple(NoteEvent(midi=60 + k, onset_s=0.3 * i, offset_s=0.3 * i + 0.25)
              for i, k in enumerate((0, 2, 4, 5, 7, 9, 11, 12)))  # fmt: skip


def truth(**fields: Any) -> NotesTruth:
    return NotesTruth.model_validate(fields)


def span(start: float, end: float, **fields: Any) -> dict[str, Any]:
    return {"start_s": start, "end_s": end, **fields}


VIBRATO = truth(
    bends=[span(0.25, 2.75, start_midi=69, end_midi=69)],
    vibrato=[span(0.25, 2.75, rate_hz=5.5, depth=40)],
)
GLISSANDO = truth(bends=[span(0.25, 2.25, start_midi=57, end_midi=69)])
TREMOLO = truth(
    bends=[span(0.25, 2.75, start_midi=64, end_midi=64)],
    tremolo=[span(0.25, 2.75, rate_hz=6, depth=0.5)],
)
CRESCENDO = truth(
    notes=[NOTE],
    loudness={"absolute": False, "lines": [span(0.25, 2.25, start_db=-24, end_db=0)]},
)
LUFS = truth(
    notes=[NOTE],
    loudness={"absolute": True, "lines": [span(0.25, 2.25, start_db=-23, end_db=-23)]},
)
BEAT = truth(
    hits=[
        {"sound": sound, "onset_s": onset}
        for sound, onsets in {
            "bass drum": (0.0, 1.0, 2.0),
            "snare drum": (0.5, 1.5, 2.5),
            "hi-hat": (0.0, 0.25, 0.75, 1.0, 1.25, 1.75, 2.0, 2.25),
        }.items()
        for onset in onsets
    ]
)
SQUARE = truth(
    notes=[NOTE],
    spectra=[
        span(
            *(0.35, 2.15),
            partials=[
                {"hertz": 261.6256 * k, "db": -20 * np.log10(k) if k % 2 else -60}
                for k in range(1, 10)
            ],
        )
    ],
)
BELL = truth(spectra=[span(0.1, 1.5, partials=[{"hertz": 440 * k} for k in (0.5, 1, 1.2, 1.5, 2)])])
EVERY = {
    "scale": truth(notes=SCALE, exact=["pitch", "timing", "length"]),
    "vibrato": VIBRATO,
    "glissando": GLISSANDO,
    "tremolo": TREMOLO,
    "crescendo": CRESCENDO,
    "lufs": LUFS,
    "beat": BEAT,
    "square": SQUARE,
    "bell": BELL,
}
each = pytest.mark.parametrize("name", EVERY)


def score(asked: NotesTruth, samples: np.ndarray, rate: int = RATE) -> float:
    return score_all(asked, samples, rate)["note_score"].value


def values(asked: NotesTruth, samples: np.ndarray) -> dict[str, float]:
    return {name: found.value for name, found in score_all(asked, samples, RATE).items()}


def changed(
    asked: NotesTruth, field: str, change: dict[str, Any] | Callable[[Any], dict[str, Any]]
) -> NotesTruth:
    """`asked` with every item of a field changed."""
    items = [
        item.model_copy(update=change(item) if callable(change) else change)
        for item in getattr(asked, field)
    ]
    return asked.model_copy(update={field: tuple(items)})


# --- exact truth, and what is nothing of it ------------------------------------------------------


@each
def test_what_is_played_exactly_scores_nearly_all(name: str) -> None:
    assert score(EVERY[name], play(EVERY[name], SECONDS)) > 0.95


@each
def test_silence_and_noise_score_nothing(name: str) -> None:
    noise = 0.2 * np.random.default_rng(0).standard_normal(round(SECONDS * RATE))
    assert score(EVERY[name], np.zeros(round(SECONDS * RATE))) == 0
    assert score(EVERY[name], noise) < 0.2


@each
def test_what_another_prompt_asks_for_scores_little(name: str) -> None:
    alike = {"crescendo": {"lufs", "square"}, "lufs": {"crescendo", "square"}}
    alike |= {"square": {"crescendo", "lufs"}}
    others = [other for other in EVERY if other != name and other not in alike.get(name, ())][::2]
    found = [score(EVERY[name], play(EVERY[other], SECONDS)) for other in others]
    assert np.mean(found) < 0.15
    assert max(found) < 0.5


@pytest.mark.parametrize("name", [name for name in EVERY if name != "lufs"])
def test_neither_level_nor_rate_matters(name: str) -> None:
    samples = play(EVERY[name], SECONDS)
    plain = score(EVERY[name], samples)
    assert score(EVERY[name], 0.1 * samples) == pytest.approx(plain, abs=0.01)
    assert score(EVERY[name], resample(samples, RATE, 48000), 48000) == pytest.approx(
        plain, abs=0.03
    )


# --- each thing that is measured -----------------------------------------------------------------


def test_a_moving_pitch_is_followed_and_octaves_are_told() -> None:
    up = changed(GLISSANDO, "bends", {"start_midi": 69.0, "end_midi": 81.0})
    found = values(GLISSANDO, play(GLISSANDO, SECONDS))
    octave = values(GLISSANDO, play(up, SECONDS))
    flat = changed(GLISSANDO, "bends", lambda b: {"end_midi": b.start_midi})
    assert found["contour_rpa"] > 0.97
    assert (octave["contour_rpa"] < 0.05) & (octave["contour_rca"] > 0.95)
    assert values(GLISSANDO, play(flat, SECONDS))["contour_rpa"] < 0.1


@pytest.mark.parametrize("midi", [45, 57, 69, 84])
@pytest.mark.parametrize(("rate", "depth"), [(4.0, 25.0), (6.5, 60.0)])
def test_vibrato_is_heard_to_a_few_percent(midi: int, rate: float, depth: float) -> None:
    asked = changed(VIBRATO, "bends", {"start_midi": midi, "end_midi": midi})
    asked = changed(asked, "vibrato", {"rate_hz": rate, "depth": depth})
    found = values(asked, play(asked, SECONDS))
    assert found["vibrato_rate"] < 0.02
    assert found["vibrato_depth"] < 0.1


def test_a_wrong_or_missing_vibrato_costs_up_to_half() -> None:
    played = [
        play(changed(VIBRATO, "vibrato", {"rate_hz": 5.5 * d}), SECONDS) for d in (1.0, 1.1, 1.5)
    ]
    found = [score(VIBRATO, samples) for samples in played]
    assert found == sorted(found, reverse=True)
    straight = score(VIBRATO, play(VIBRATO, SECONDS, vibrato=()))
    assert found[-1] == pytest.approx(straight, abs=0.02)
    assert straight == pytest.approx(0.5, abs=0.02)


def test_tremolo_needs_its_rate_and_its_depth() -> None:
    for wrong in ({"rate_hz": 9.0}, {"depth": 0.15}):
        played = play(changed(TREMOLO, "tremolo", wrong), SECONDS)
        assert score(TREMOLO, played) < 0.62


def test_a_crescendo_is_measured_in_db_and_needs_its_note() -> None:
    assert values(CRESCENDO, play(CRESCENDO, SECONDS))["loudness_db"] < 0.5
    even = play(CRESCENDO, SECONDS, loudness=None)
    assert values(CRESCENDO, even)["loudness_db"] == pytest.approx(6, abs=1.5)
    assert score(CRESCENDO, even) == pytest.approx(0.5, abs=0.1)
    elsewhere = changed(CRESCENDO, "notes", {"midi": 66.0})
    assert score(CRESCENDO, play(elsewhere, SECONDS)) == 0


@pytest.mark.parametrize("hertz", [100.0, 997.0])
def test_lufs_are_those_of_bs_1770(hertz: float) -> None:
    """A sine of 997 Hz at full scale reads -3.01 LUFS in one channel."""
    t = np.arange(round(SECONDS * RATE)) / RATE
    tone = np.sin(2 * np.pi * hertz * t) * ((t >= 0.25) & (t < 2.25)) * 10 ** (-20 / 20)
    found = values(LUFS, tone)["loudness_db"]
    if hertz == 997.0:
        assert found == pytest.approx(0.0, abs=0.1)
    else:
        assert found > 0.8, "the K-weighting takes more than that from 100 Hz"


def test_absolute_loudness_is_absolute() -> None:
    samples = play(LUFS, SECONDS)
    assert values(LUFS, 0.5 * samples)["loudness_db"] == pytest.approx(6.0, abs=0.3)


def test_drums_are_told_by_their_range_and_time() -> None:
    samples = play(BEAT, SECONDS)
    found = score_all(BEAT, samples, RATE)["hits_f1"]
    late = values(BEAT, np.pad(samples, (RATE // 8, 0)))["hits_f1"]
    only = [hit for hit in BEAT.hits if hit.sound == "hi-hat"]
    fewer = values(BEAT, play(BEAT, SECONDS, hits=tuple(only)))["hits_f1"]
    dull = sosfilt(butter(8, 1500, fs=RATE, output="sos"), samples)
    assert (found.value > 0.95) & (found.extras["onset_f1"] > 0.95)
    assert late < 0.3
    assert 0.4 < fewer < 0.8
    assert values(BEAT, dull)["hits_f1"] < 0.85


def test_waveforms_are_told_apart() -> None:
    saw = changed(
        SQUARE,
        "spectra",
        lambda s: {
            "partials": tuple(
                p.model_copy(update={"db": float(-20 * np.log10(i))})
                for i, p in enumerate(s.partials, 1)
            )
        },
    )
    found = values(SQUARE, play(saw, SECONDS))
    assert values(SQUARE, play(SQUARE, SECONDS))["partials_db"] < 0.5
    assert found["partials_db"] > 4
    assert found["note_score"] < 0.8


def test_partials_in_the_wrong_place_earn_nothing() -> None:
    def moved(factor: float) -> float:
        played = changed(
            BELL,
            "spectra",
            lambda s: {
                "partials": tuple(
                    p.model_copy(update={"hertz": p.hertz * factor}) for p in s.partials
                )
            },
        )
        return score(BELL, play(played, SECONDS))

    assert moved(1.0) > 0.95
    assert 0.3 < moved(2 ** (15 / 1200)) < 0.9
    assert moved(2 ** (80 / 1200)) < 0.05


def test_cents_count_where_they_are_asked_for() -> None:
    just = tuple(
        n.model_copy(update={"midi": n.midi + 0.14 * (i % 2)}) for i, n in enumerate(SCALE)
    )
    asked = truth(notes=just, exact=["pitch"])
    right, tempered = play(asked, SECONDS), play(truth(notes=SCALE), SECONDS)
    assert values(asked, right)["note_f1/10c"] == 1
    assert values(asked, tempered)["note_f1"] == 1
    assert values(asked, tempered)["note_f1/10c"] == pytest.approx(0.5, abs=0.01)
    assert score(asked, right) - score(asked, tempered) > 0.2


def test_timing_counts_where_it_is_asked_for() -> None:
    asked = truth(notes=SCALE, exact=["timing"])
    swung = changed(asked, "notes", lambda n: {"onset_s": n.onset_s + 0.03})
    assert values(asked, play(swung, SECONDS))["note_f1"] == 1
    assert score(asked, play(asked, SECONDS)) - score(asked, play(swung, SECONDS)) > 0.25


@pytest.mark.parametrize("seconds", [0.1, 0.5])
@pytest.mark.parametrize("kind", ["tone", "offset", "click"])
def test_any_clip_is_measured(seconds: float, kind: str) -> None:
    t = np.arange(round(seconds * RATE)) / RATE
    samples = {
        "tone": 0.5 * np.sin(880 * np.pi * t),
        "offset": np.full(t.size, 0.3),
        "click": np.eye(1, t.size)[0],
    }[kind]
    for asked in EVERY.values():
        found = values(asked, samples)
        assert all(np.isfinite(value) for value in found.values())
        assert 0 <= found["note_score"] <= 1


def test_a_long_clip_is_measured() -> None:
    t = np.arange(20 * RATE) / RATE
    found = values(VIBRATO, 0.5 * np.sin(880 * np.pi * t))
    assert found["contour_rpa"] > 0.9
    assert found["note_score"] < 0.2, "it should have ended after 2.75 s"
