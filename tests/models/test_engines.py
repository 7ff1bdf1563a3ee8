"""The engines run for real where Debian's packages are installed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mido
import numpy as np
import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models import engines, open_door
from probe.models.base import AudioSource, DoorOptions, NoAudioError
from probe.models.engines import SOUNDFONTS, open_engine
from probe.models.midi import DRUMS, PROGRAMS, write_midi
from probe.records import NotesTruth, Outcome, Prompt, SpeechTruth
from probe.records.metrics import Clip
from probe.records.truths.notes import HIT_RANGES
from probe.score.metrics import score_clip
from tests.fakes.tiers import loaded_tier, prompt

RATE = 44100


def engine(name: str, *settings: str) -> AudioSource:
    """The engine, or a skipped test."""
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed (Debian: apt-get install {name})")
    if name == "fluidsynth" and not any(path.is_file() for path in SOUNDFONTS):
        pytest.skip("no soundfont is installed (Debian: apt-get install timgm6mb-soundfont)")
    door = open_engine(name, DoorOptions(settings))
    assert isinstance(door, AudioSource)
    return door


def spoken(text: str | None, duration_s: float = 2.0) -> Prompt:
    truth = SpeechTruth.model_validate(
        {"text": text, "said": [{"text": "hello", "vocabulary": ["hello", "water"]}]}
    )
    return prompt("hello", truth=truth, duration_s=duration_s)


def note(midi: float, onset_s: float, offset_s: float, **more: Any) -> dict[str, Any]:
    return {"midi": midi, "onset_s": onset_s, "offset_s": offset_s, **more}


# --- speech --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "rate"), [("espeak-ng", 22050), ("flite", 16000)])
def test_a_speech_engine_says_the_words_of_the_truth(name: str, rate: int) -> None:
    door = engine(name)
    assert (door.name, door.kind) == (f"engine/{name}", "engine")
    assert door.covers(spoken("hello"))
    assert not door.covers(spoken(None))
    assert not door.covers(prompt())
    settings = door.settings()
    assert settings["native_sample_rate"] == rate
    assert settings["version"][0].isdigit()
    clip = door.audio(spoken("hello"), 0, RATE)
    again = door.audio(spoken("hello"), 3, RATE)
    assert (clip.samples == again.samples).all(), "every sample is the same"
    assert 0.2 < len(clip.samples) / RATE < 1.5
    assert clip.notes == (f"resampled from {rate} Hz",)
    longer = door.audio(spoken("hello hello hello water"), 0, RATE)
    assert len(longer.samples) > 1.5 * len(clip.samples)


def test_words_are_never_options() -> None:
    for name in ("espeak-ng", "flite"):
        clip = engine(name).audio(spoken("--version"), 0, 16000)
        assert np.abs(clip.samples).max() > 0.05


def test_a_voice_is_chosen_and_recorded() -> None:
    door = engine("espeak-ng", "voice=de", "speed=300")
    assert door.settings()["voice"] == "de"
    fast, slow = (
        len(engine("espeak-ng", f"speed={speed}").audio(spoken("water"), 0, 16000).samples)
        for speed in (300, 120)
    )
    assert fast < 0.7 * slow


@pytest.mark.parametrize(
    ("name", "setting", "complaint"),
    [
        ("espeak-ng", "voice=nobody", "cannot speak"),
        ("espeak-ng", "voice=-w", "not beginning with a dash"),
        ("espeak-ng", "speed=fast", "whole number"),
        ("espeak-ng", "pitch=3", "unknown option of engine/espeak-ng"),
        ("flite", "voice=http://127.0.0.1/v", "unknown voice of flite"),
        ("fluidsynth", "soundfont=nowhere.sf2", "no such file"),
        ("fluidsynth", "program=128", "from 0 to 127"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(name: str, setting: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        engine(name, setting)


# --- notes ---------------------------------------------------------------------------------------


def test_notes_are_heard_where_the_truth_has_them() -> None:
    door = engine("fluidsynth")
    asked = prompt("p", note(60, 0.25, 0.75), note(67, 1.0, 1.5), duration_s=2.0)
    samples = door.audio(asked, 0, RATE).samples
    assert samples.shape == (2 * RATE,), "the score ends with the clip"
    assert np.abs(samples).max() < 1
    found = score_clip(["note_f1"], Clip(asked, samples, RATE))
    assert found["note_f1"].value == 1


def test_a_pitch_between_the_keys_is_bent_to_the_cent() -> None:
    door = engine("fluidsynth")
    asked = prompt("p", note(62.5, 0.0, 1.8), duration_s=2.0)
    samples = door.audio(asked, 0, RATE).samples
    assert score_clip(["pitch_cents"], Clip(asked, samples, RATE))["pitch_cents"].value < 10


def test_only_what_general_midi_can_play_is_covered() -> None:
    door = engine("fluidsynth")
    assert door.kind == "engine"
    assert door.covers(prompt("p", instrument="Alto sax"))
    assert not door.covers(prompt("p", instrument="hurdy-gurdy"))
    bend = {"start_s": 0, "end_s": 1, "start_midi": 60, "end_midi": 72}
    assert not door.covers(prompt("p", truth=NotesTruth.model_validate({"bends": [bend]})))
    assert not door.covers(spoken("hello"))
    hits = NotesTruth.model_validate({"hits": [{"sound": "bass drum", "onset_s": 0.5}]})
    stroke = prompt("p", truth=hits)
    assert door.covers(stroke)
    loud = np.abs(door.audio(stroke, 0, RATE).samples) > 0.01
    assert np.argmax(loud) / RATE == pytest.approx(0.5, abs=0.05)
    settings = door.settings()
    assert settings["soundfont"].endswith(".sf2")
    assert len(settings["soundfont_sha256"]) == 64


def test_a_midi_file_says_what_the_truth_says(tmp_path: Path) -> None:
    truth = NotesTruth.model_validate(
        {
            "notes": [note(69, 0.5, 1.5, velocity=33), note(60.25, 1.5, 2.0)],
            "hits": [{"sound": "claves", "onset_s": 0.25}],
            "instrument": "french-horn",
        }
    )
    write_midi(truth, tmp_path / "a.mid", default=5, duration_s=3.0)
    file = mido.MidiFile(tmp_path / "a.mid")
    assert file.length == pytest.approx(3.0, abs=1e-3)
    now, seen = 0.0, []
    for message in file:
        now += message.time
        if message.type == "program_change":
            assert message.program == 60
        elif message.type == "pitchwheel":
            seen.append((round(now, 3), "bend", message.pitch))
        elif message.type in ("note_on", "note_off"):
            seen.append((round(now, 3), message.type, message.note))
    assert seen == [
        (0.25, "note_on", 75),
        (0.35, "note_off", 75),
        (0.5, "bend", 0),
        (0.5, "note_on", 69),
        (1.5, "note_off", 69),
        (1.5, "bend", 1024),
        (1.5, "note_on", 60),
        (2.0, "note_off", 60),
    ]


def test_every_sound_and_instrument_has_its_place_in_general_midi() -> None:
    assert set(DRUMS) == set(HIT_RANGES)
    assert all(35 <= key <= 81 for key in DRUMS.values())
    assert all(0 <= program <= 127 for program in PROGRAMS.values())


def test_an_unknown_instrument_cannot_be_written(tmp_path: Path) -> None:
    truth = prompt("p", instrument="hurdy-gurdy").truth
    assert isinstance(truth, NotesTruth)
    with pytest.raises(ValueError, match="hurdy-gurdy"):
        write_midi(truth, tmp_path / "a.mid", default=0, duration_s=1.0)


# --- what can be missing -------------------------------------------------------------------------


def test_there_are_only_these_engines() -> None:
    with pytest.raises(UsageError, match="did you mean 'engine/fluidsynth'"):
        open_door("engine/fluidsnth", loaded_tier())


@pytest.mark.parametrize("name", engines.ENGINES)
def test_a_missing_engine_names_its_package(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(PrerequisiteError, match=f"apt-get install {name}"):
        open_engine(name)


def test_a_missing_soundfont_names_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    engine("fluidsynth")
    monkeypatch.setattr(engines, "SOUNDFONTS", (Path("/nowhere.sf2"),))
    with pytest.raises(PrerequisiteError, match="timgm6mb-soundfont"):
        open_engine("fluidsynth")


@pytest.mark.parametrize(
    ("script", "outcome", "detail"),
    [
        ("echo no voice >&2; exit 3", Outcome.RUNTIME_ERROR, "exit code 3: no voice"),
        ("kill -SEGV $$", Outcome.CRASHED, "exit code -11"),
        ("exit 0", Outcome.NO_OUTPUT, "no file clip.wav"),
        ("head -c 400 /dev/zero > $7", Outcome.INVALID_AUDIO, "cannot be read as audio"),
    ],
)
def test_an_engine_that_fails_on_one_clip_says_how(
    script: str, outcome: Outcome, detail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    door = engine("espeak-ng")
    fake = tmp_path / "espeak-ng"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(NoAudioError, match=detail) as caught:
        door.audio(spoken("hello"), 0, RATE)
    assert caught.value.outcome is outcome
