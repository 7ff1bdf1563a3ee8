from __future__ import annotations

import asyncio
import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.audio import pcm_sha256, to_pcm16
from probe.models.base import AudioSource, LanguageModel, Request
from probe.models.controls import Noise, Programs, Silence
from probe.models.reference import Reference, from_onset
from probe.records import Prompt
from probe.records.references import References
from probe.records.replies import extract
from probe.tier.folder import load
from tests.fakes.tiers import loaded_tier, prompt

RATE = 44100
NOISE = "e8157754f5ccc2202976b94d145b4ee1372cb2b6a16ee1e8c345bd11a62d688d"
SHARED = Path(__file__).parents[3] / "shared" / "references" / "notes"


# --- programs ------------------------------------------------------------------------------------


def programs(folder: Path, **texts: str) -> Programs:
    (folder / "programs").mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (folder / "programs" / f"{name}.py").write_text(text)
    return Programs(loaded_tier(prompt("a4"), prompt("c5"), folder=folder))


@pytest.mark.parametrize(
    "program",
    ["print(1)\n", "no newline at the end", '"""\n```\n````\n~~~\n"""\n', "\n\tx = 'é'\n"],
)
def test_a_program_comes_back_as_it_was_written(program: str, tmp_path: Path) -> None:
    door = programs(tmp_path, a4=program)
    assert isinstance(door, LanguageModel)
    assert door.kind == "programs"
    request = Request(prompt=prompt("a4"), sample=0, text="", max_tokens=1)
    reply = asyncio.run(door.complete(request))
    returned = extract(reply.text, truncated=False)
    assert returned
    assert returned.program == program + "\n" * (not program.endswith("\n"))


def test_only_prompts_with_a_program_are_covered(tmp_path: Path) -> None:
    door = programs(tmp_path, a4="x")
    assert [door.covers(prompt(p)) for p in ("a4", "c5")] == [True, False]


def test_the_digest_follows_the_programs(tmp_path: Path) -> None:
    one = programs(tmp_path / "1", a4="x", c5="y").settings()
    assert one == programs(tmp_path / "2", c5="y", a4="x", other="z").settings()
    assert one != programs(tmp_path / "3", a4="xy", c5="").settings()
    assert one != programs(tmp_path / "4", a4="x").settings()


# --- silence and noise ---------------------------------------------------------------------------


@pytest.mark.parametrize("door", [Silence(), Noise()])
def test_any_prompt_is_met_at_its_length(door: AudioSource) -> None:
    assert isinstance(door, AudioSource)
    assert door.kind == "control"
    asked = prompt(duration_s=1.25)
    assert door.covers(asked)
    clip = door.audio(asked, 0, 16000)
    assert clip.shape == (20000,)
    assert clip.dtype == np.float64
    assert (clip == door.audio(asked, 0, 16000)).all()


def test_silence_is_digital() -> None:
    assert not Silence().audio(prompt(), 0, RATE).any()


def test_noise_is_white_and_as_loud_as_it_says() -> None:
    noise = Noise().audio(prompt(duration_s=10.0), 0, RATE)
    assert 20 * np.log10(np.sqrt(np.mean(noise**2))) == pytest.approx(-20, abs=0.05)
    bands = np.abs(np.fft.rfft(noise))[1:220481].reshape(10, -1)
    level_db = 10 * np.log10(np.mean(bands**2, axis=1))
    assert np.ptp(level_db) < 0.5
    assert abs(np.mean(noise[1:] * noise[:-1])) < 0.01 * np.mean(noise**2)
    assert np.abs(noise).max() < 1


def test_noise_is_the_same_on_every_machine_and_another_each_time() -> None:
    digests = {
        (name, sample): pcm_sha256(to_pcm16(Noise().audio(prompt(name), sample, RATE)))
        for name in ("a4", "c5")
        for sample in (0, 1)
    }
    assert len(set(digests.values())) == 4
    assert digests["a4", 0] == NOISE


# --- recordings ----------------------------------------------------------------------------------


def burst(lead_s: float, length_s: float, level: float = 0.5, rate: int = RATE) -> np.ndarray:
    """Faint breath, then a tone."""
    breath = 1e-4 * np.ones(round(lead_s * rate))
    tone = level * np.sin(2 * np.pi * 440 * np.arange(round(length_s * rate)) / rate)
    return np.concatenate([breath, tone])


def folder_of(path: Path, *rows: tuple[str, str, str], rate: int = RATE) -> References:
    """References of tones at a level of 0.1, 0.2, ... in the order given: file, label, midi."""
    path.mkdir()
    with (path / "clips.csv").open("w", newline="") as table:
        writer = csv.writer(table)
        writer.writerow(["file", "label", "text", "midi", "sha256"])
        for number, (name, label, midi) in enumerate(rows, start=1):
            tone = burst(0.3, 3.0, 0.1 * number, rate)
            soundfile.write(path / name, tone, rate, subtype="PCM_24")
            digest = hashlib.sha256((path / name).read_bytes()).hexdigest()
            writer.writerow([name, label, "", midi, digest])
    return References.open(path)


def level(door: Reference, asked: Prompt) -> float:
    return round(float(np.abs(door.audio(asked, 0, RATE)).max()), 2)


def note(midi: float = 69, velocity: int = 80) -> dict[str, float]:
    return {"midi": midi, "onset_s": 0.5, "offset_s": 1.5, "velocity": velocity}


def test_only_a_note_that_was_recorded_is_covered(tmp_path: Path) -> None:
    door = Reference(folder_of(tmp_path / "r", ("a.flac", "alto-sax", "69")))
    assert isinstance(door, AudioSource)
    assert door.covers(prompt("p", note(), instrument="alto-sax"))
    assert door.covers(prompt("p", note(), instrument="Alto sax"))
    assert not door.covers(prompt("p", note(), instrument="violin"))
    assert not door.covers(prompt("p", note()))
    assert not door.covers(prompt("p", note(70), instrument="alto-sax"))
    assert not door.covers(prompt("p", note(69.25), instrument="alto-sax"))
    assert not door.covers(prompt("p", note(), note(), instrument="alto-sax"))


def test_the_note_stands_where_it_was_asked_for(tmp_path: Path) -> None:
    door = Reference(folder_of(tmp_path / "r", ("a.flac", "piano", "69"), rate=48000))
    clip = door.audio(prompt("p", note(), instrument="piano"), 0, RATE)
    assert clip.shape == (2 * RATE,)
    sounding = np.flatnonzero(clip)
    assert sounding[0] / RATE == pytest.approx(0.5, abs=0.001)
    assert sounding[-1] / RATE == pytest.approx(1.5, abs=0.001)
    middle = clip[round(0.6 * RATE) : round(1.4 * RATE)]
    assert np.abs(middle).max() == pytest.approx(0.1, rel=0.01), "its own level"
    end = clip[round(1.48 * RATE) : round(1.5 * RATE)]
    assert np.abs(end[-40:]).max() < 0.1 * np.abs(end[:100]).max(), "it fades, without a click"


def test_a_recording_shorter_than_the_note_ends_where_it_ends(tmp_path: Path) -> None:
    door = Reference(folder_of(tmp_path / "r", ("a.flac", "piano", "69")))
    long = {"midi": 69, "onset_s": 0.0, "offset_s": 5.0}
    clip = door.audio(prompt("p", long, instrument="piano", duration_s=5.0), 0, RATE)
    assert clip.shape == (5 * RATE,)
    assert np.flatnonzero(clip)[-1] / RATE == pytest.approx(3.0, abs=0.01)


def test_the_dynamic_that_is_closest_is_chosen(tmp_path: Path) -> None:
    rows = [(f"piano_A4_{mark}.flac", "piano", "69") for mark in ("ff", "mf", "pp", "na")]
    door = Reference(folder_of(tmp_path / "r", *rows))
    chosen = [level(door, prompt("p", note(69, v), instrument="piano")) for v in (20, 80, 127)]
    assert chosen == [0.3, 0.2, 0.1]


def test_without_dynamics_the_first_file_name_is_chosen(tmp_path: Path) -> None:
    rows = [("b_na.flac", "piano", "69"), ("a_na.flac", "piano", "69")]
    door = Reference(folder_of(tmp_path / "r", *rows))
    assert level(door, prompt("p", note(), instrument="piano")) == 0.2


def test_settings_follow_the_table(tmp_path: Path) -> None:
    references = folder_of(tmp_path / "r", ("a.flac", "piano", "69"))
    assert Reference(references).settings() == {"references": references.digest}


def test_what_comes_before_the_note_is_left_out() -> None:
    assert from_onset(np.array([0.0, 0.004, -0.011, 1.0, 0.0])).tolist() == [-0.011, 1.0, 0.0]
    assert from_onset(np.zeros(5)).shape == (0,)
    assert from_onset(np.zeros(0)).shape == (0,)


def test_real_recordings_fit_prompts_of_the_notes_tier() -> None:
    if not SHARED.is_dir():
        pytest.skip("the real recordings are not beside the checkout")
    door = Reference(References.open(SHARED))
    prompts = load("notes").prompts
    covered = [p for p in prompts if door.covers(p)]
    assert len(covered) >= 5
    for asked in covered:
        clip = door.audio(asked, 0, RATE)
        assert clip.shape == (round(asked.duration_s * RATE),)
        assert 0.01 < np.abs(clip).max() <= 1
