from __future__ import annotations

import time

import numpy as np
import pytest
from scipy import signal

from probe.audio import resample
from probe.errors import UsageError
from probe.records import NotesTruth, Prompt
from probe.records.metrics import METRICS, Clip
from probe.score.metrics import score_clip
from probe.score.metrics.notes.notes import compare_notes
from probe.score.metrics.notes.transcription import transcribe
from tests.fakes.more_sounds import HELD_OUT
from tests.fakes.sounds import TIMBRES, chord, line, render

RATE = 44100
MAJOR = [0, 2, 4, 5, 7, 9, 11, 12]
TUNE = line([60, 64, 67, 72, 67, 64, 60, 62], step_s=0.3, sounding=0.8)
SOUND = render(TUNE, TIMBRES["piano"], duration_s=3.0)
NAMES = ["note_f1", "note_f1/10c", "pitch_cents", "onset_ms", "duration_error"]


def scores(samples: np.ndarray, rate: int = RATE) -> dict[str, float]:
    heard = compare_notes(TUNE, transcribe(samples, rate))
    return {name: value.value for name, value in heard.items()}


def f1(truth: list, samples: np.ndarray) -> float:
    return compare_notes(truth, transcribe(samples, RATE))["note_f1"].value


def test_one_voice_over_timbres_and_registers() -> None:
    found = []
    for timbre in TIMBRES.values():
        for lowest in (45, 60, 76):
            notes = line([lowest + step for step in MAJOR], step_s=0.25, sounding=0.8)
            found.append(f1(notes, render(notes, timbre, duration_s=2.5)))
    assert np.mean(found) >= 0.97


def test_chords_in_the_middle_register() -> None:
    found = []
    for steps in ([0, 7], [0, 4], [0, 3], [0, 4, 7], [0, 3, 7], [0, 4, 7, 10]):
        for name in ("sine", "saw", "organ", "piano", "pluck"):
            notes = chord([60 + step for step in steps])
            found.append(f1(notes, render(notes, TIMBRES[name], duration_s=2.0)))
    assert np.mean(found) >= 0.95


def test_short_silences_do_not_move_onsets() -> None:
    """A quick release is no onset, and what begins 50 ms after it begins there."""
    for step in (0.15, 0.25):
        for name in ("sine", "square", "organ"):
            notes = line([57 + 0.632 * i for i in range(8)], step_s=step, sounding=1 - 0.05 / step)
            sound = render(notes, TIMBRES[name], duration_s=2.6, release_s=0.008)
            found = compare_notes(notes, transcribe(sound, RATE))
            assert found["note_f1"].value >= 0.93
            assert found["onset_ms"].value < 15


def test_a_note_gives_way_to_its_octave() -> None:
    notes = line([48, 60, 72, 60, 48], step_s=0.4, sounding=0.95)
    assert f1(notes, render(notes, TIMBRES["saw"], duration_s=2.5)) == 1


def test_four_voices_in_close_position() -> None:
    chords = ([60, 62, 65, 69], [62, 64, 67, 71], [59, 62, 65, 69], [60, 64, 67, 71])
    notes = [
        note
        for i, pitches in enumerate(chords)
        for note in chord(pitches, 0.2 + 0.6 * i, 0.2 + 0.6 * i + 0.54)
    ]
    found = [
        f1(notes, render(notes, TIMBRES[name], duration_s=3.0))
        for name in ("saw", "organ", "piano", "triangle")
    ]
    assert np.mean(found) >= 0.9


@pytest.mark.parametrize("cents", [-35, 0, 20, 50])
def test_pitch_is_heard_to_the_cent(cents: int) -> None:
    (note,) = line([64 + cents / 100], step_s=1.0)
    (heard,) = transcribe(render([note], TIMBRES["piano"], duration_s=1.5), RATE)
    assert heard.midi == pytest.approx(note.midi, abs=0.02)


def test_silence_and_noise_have_no_notes() -> None:
    noise = 0.2 * np.random.default_rng(0).standard_normal(3 * RATE)
    assert transcribe(np.zeros(RATE), RATE) == ()
    assert scores(noise)["note_f1"] < 0.1
    silent = scores(np.zeros(3 * RATE))
    assert silent == {name: METRICS[name].floor for name in NAMES}


def _coloured(power: float) -> np.ndarray:
    draw, size = np.random.default_rng(3), 4 * RATE
    hertz = np.maximum(np.fft.rfftfreq(size, 1 / RATE), 20.0)
    return np.fft.irfft(np.fft.rfft(draw.standard_normal(size)) * hertz**-power, size)


def _band(low: float, high: float) -> np.ndarray:
    sections = signal.butter(4, (low, high), "band", fs=RATE, output="sos")
    return np.asarray(signal.sosfilt(sections, _coloured(0)))


def _bursts(starts: np.ndarray, decay: float) -> np.ndarray:
    draw, out = np.random.default_rng(4), np.zeros(4 * RATE)
    for start in starts:
        tail = out[start : start + 8000]
        tail += draw.standard_normal(len(tail)) * np.exp(-np.arange(len(tail)) / decay)
    return out


NOISES = {
    "white": _coloured(0),
    "pink": _coloured(0.5),
    "brown": _coloured(1),
    "speech band": _band(300, 3000),
    "octave band": _band(1000, 2000),
    "applause": _bursts(np.random.default_rng(5).integers(0, 4 * RATE, 120), 300),
    "snare": _bursts(np.arange(0, 4 * RATE, RATE // 2), 3000),
    "clicks": np.random.default_rng(6).standard_normal(4 * RATE)
    * (np.random.default_rng(7).random(4 * RATE) < 0.02),
}


@pytest.mark.parametrize("name", NOISES)
def test_noise_is_not_tonal_and_is_dismissed_quickly(name: str) -> None:
    start = time.process_time()
    assert len(transcribe(NOISES[name], RATE)) <= 6
    assert time.process_time() - start < 1.0, "0.1 s on an idle core"


@pytest.mark.parametrize("name", ["breathy_flute", "karplus_strong", "brass", "kalimba"])
def test_noisy_notes_are_notes(name: str) -> None:
    notes = line([57, 60, 64, 69, 72], step_s=0.4, sounding=0.8)
    assert f1(notes, render(notes, HELD_OUT[name], duration_s=2.5)) >= 0.8


def test_bowed_notes_in_noise_are_notes() -> None:
    notes = line([55, 57, 59, 60], step_s=0.6, sounding=0.9)
    clean = render(notes, TIMBRES["saw"], duration_s=3.0)
    hiss = np.random.default_rng(8).standard_normal(len(clean))
    assert f1(notes, clean + 0.1 * clean.std() * hiss) == 1


def test_dense_audio_is_bounded() -> None:
    draw, mix, t = np.random.default_rng(9), np.zeros(4 * RATE), np.arange(8000) / RATE
    for start in range(0, len(mix) - len(t), 2646):
        for hertz in draw.uniform(80, 3000, 6):
            mix[start : start + len(t)] += (2 * (hertz * t % 1) - 1) * np.exp(-17 * t)
    assert len(transcribe(mix, RATE)) <= 25 * 4.4 + 14


def test_damage_costs_what_it_damages() -> None:
    clean = scores(SOUND)
    detuned = [note.model_copy(update={"midi": note.midi + 1}) for note in TUNE]
    sharp = scores(render(detuned, TIMBRES["piano"], duration_s=3.0))
    late = scores(np.pad(SOUND, (RATE // 5, 0)))
    tardy = scores(np.pad(SOUND, (RATE // 10, 0)))
    assert clean["note_f1"] == 1
    assert sharp["note_f1"] == 0
    assert sharp["pitch_cents"] > 95
    assert late["note_f1"] < 0.2
    assert late["onset_ms"] > 150
    assert tardy["note_f1"] < 0.2
    assert tardy["onset_ms"] == pytest.approx(100, abs=15)
    assert tardy["pitch_cents"] < 2, "late, but in tune"


def test_dropped_notes_and_noise_cost_monotonically() -> None:
    kept = [
        scores(render(TUNE[:n], TIMBRES["piano"], duration_s=3.0))["note_f1"] for n in (8, 6, 4, 2)
    ]
    assert kept == sorted(kept, reverse=True)
    assert kept[-1] < 0.5 < kept[0]
    hiss = np.random.default_rng(1).standard_normal(len(SOUND))
    buried = [scores(SOUND + level * hiss)["note_f1"] for level in (0.0, 0.3, 3.0)]
    assert buried == sorted(buried, reverse=True)
    assert buried[-1] < 0.3


@pytest.mark.parametrize("rate", [22050, 48000])
def test_neither_rate_nor_level_matters(rate: int) -> None:
    plain, changed = scores(SOUND), scores(0.1 * resample(SOUND, RATE, rate), rate)
    assert changed["note_f1"] == plain["note_f1"]
    assert changed["pitch_cents"] == pytest.approx(plain["pitch_cents"], abs=0.5)
    assert changed["onset_ms"] == pytest.approx(plain["onset_ms"], abs=3)


def test_score_clip_gives_what_was_asked() -> None:
    prompt = Prompt(
        id="tune",
        group="melodies",
        level=1,
        text="a tune",
        duration_s=3.0,
        truth=NotesTruth(notes=TUNE),
    )
    found = score_clip(["onset_ms", "note_f1"], Clip(prompt, SOUND, RATE))
    assert list(found) == ["onset_ms", "note_f1"]
    assert found["note_f1"].extras["n_estimated"] == len(TUNE)
    with pytest.raises(UsageError, match="did you mean 'note_f1'"):
        score_clip(["note_f2"], Clip(prompt, SOUND, RATE))
