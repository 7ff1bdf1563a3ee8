"""Recordings of speech for prompts that ask for just what was said in them."""

from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.models.recorded_speech import audio, covers
from probe.models.reference import Reference
from probe.records import Prompt, SpeechTruth
from probe.records.references import References

RATE = 16000
SAID = {"text": "hello there", "vocabulary": ("hello", "there", "who")}


def recordings(folder: Path, text: str = "Hello, there!", seconds: float = 1.0) -> References:
    tone = 0.5 * np.sin(np.arange(round(seconds * RATE)) / 5)
    soundfile.write(folder / "a.flac", tone, RATE)
    digest = hashlib.sha256((folder / "a.flac").read_bytes()).hexdigest()
    with (folder / "clips.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "label", "text", "midi", "sha256"])
        writer.writerow(["a.flac", "someone", text, "", digest])
    return References.open(folder)


def prompt(**truth: object) -> Prompt:
    asked = {"text": "hello there", "said": [SAID]} | truth
    return Prompt(
        id="x",
        group="words",
        level=1,
        text="x",
        duration_s=2.0,
        truth=SpeechTruth.model_validate(asked),
    )


def test_the_same_words_are_played(tmp_path: Path) -> None:
    given = recordings(tmp_path)
    assert Reference(given).covers(prompt())
    clip = Reference(given).audio(prompt(), 0, RATE)
    assert clip.shape == (2 * RATE,)
    assert np.abs(clip[: RATE // 20]).max() == 0
    assert np.abs(clip[RATE // 2 : RATE]).max() > 0.4


def test_a_long_recording_loses_its_end(tmp_path: Path) -> None:
    clip = audio(recordings(tmp_path, seconds=3.0), prompt(), RATE)
    assert clip.shape == (2 * RATE,)
    assert np.abs(clip[:100]).max() > 0


@pytest.mark.parametrize(
    "how",
    [
        {"span": {"start_s": 0.1, "end_s": 1.0}},
        {"whispered": True},
        {"syllables": 3, "syllables_per_s": 3},
        {"contour": [{"time_s": 0, "hertz": 100}, {"time_s": 1, "hertz": 200}]},
        {"said": [SAID | {"f0_hz": 120}]},
        {"said": [SAID | {"span": {"start_s": 0.1, "end_s": 1.0}}]},
    ],
)
def test_what_states_how_it_is_said_was_not_recorded(tmp_path: Path, how: dict) -> None:
    given = recordings(tmp_path)
    assert not covers(
        given, SpeechTruth.model_validate({"text": "hello there", "said": [SAID]} | how)
    )
    with pytest.raises(ValueError, match="no recording fits"):
        audio(given, prompt(**how), RATE)


def test_other_words_were_not_recorded(tmp_path: Path) -> None:
    assert not Reference(recordings(tmp_path, "Hello, you there!")).covers(prompt())
