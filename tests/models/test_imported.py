"""Prompts out, audio that was rendered elsewhere back in."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from probe.board.order import read
from probe.cli.app import app
from probe.errors import UsageError
from probe.models.imported import Imported
from probe.records import Outcome
from probe.records.run_folder import RunFolder
from probe.tier.folder import load
from tests.fakes.tiers import loaded_tier, prompt

TIER = Path(__file__).parents[2] / "tiers" / "notes"
RATE = 22050


@pytest.fixture
def tier(tmp_path: Path) -> Path:
    """The first four prompts of the notes tier, without programs."""
    folder = tmp_path / "few"
    folder.mkdir()
    for name in ("tier.toml", "prompt.md", "prompt.csound.md"):
        (folder / name).write_bytes((TIER / name).read_bytes())
    lines = (TIER / "prompts.jsonl").read_text().splitlines(keepends=True)[:4]
    (folder / "prompts.jsonl").write_text("".join(lines))
    return folder


def invoke(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def tone(path: Path, hertz: float = 440.0, seconds: float = 2.0, rate: int = RATE) -> None:
    path.parent.mkdir(exist_ok=True)
    samples = 0.3 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    soundfile.write(path, samples, rate)


def imported(folder: Path, tier: Path, *more: object) -> Result:
    results = folder.parent / "results"
    words = ("import", folder, "--tier", tier, "--name", "lab/diffusion", "--results", results)
    return invoke(*words, *more)


# --- out -----------------------------------------------------------------------------------------


def test_prompts_go_out_in_three_formats(tier: Path, tmp_path: Path) -> None:
    asked = load(str(tier)).prompts
    rows = [
        json.loads(line) for line in invoke("prompts", "export", "--tier", tier).stdout.splitlines()
    ]
    assert [row["text"] for row in rows] == [p.text for p in asked]
    assert rows[0] == {
        "id": "101-a4-sine",
        "sample": 0,
        "text": asked[0].text,
        "say": None,
        "duration_s": 2.0,
        "sample_rate": 44100,
        "file": "101-a4-sine-0.wav",
    }
    out = tmp_path / "p.csv"
    done = invoke(
        "prompts", "export", "--tier", tier, "--format", "csv", "--samples", 2, "--out", out
    )
    assert done.stdout.strip() == str(out)
    with out.open(newline="") as table:
        files = [row["file"] for row in csv.DictReader(table)]
    assert files[:3] == ["101-a4-sine-0.wav", "101-a4-sine-1.wav", "102-g5-triangle-0.wav"]
    texts = invoke("prompts", "export", "--tier", tier, "--format", "txt").stdout
    assert texts.splitlines() == [p.text for p in asked]


def test_what_is_to_be_said_goes_out_beside_the_prompt() -> None:
    done = invoke("prompts", "export", "--tier", "speech")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    said = {row["id"]: row["say"] for row in rows}
    assert said["503-hello"] == "hello"
    assert None in said.values()


def test_nothing_of_the_measurement_goes_out(tier: Path) -> None:
    done = invoke("prompts", "export", "--tier", tier).stdout
    assert "truth" not in done
    assert "midi" not in done


def test_a_file_that_cannot_be_written_is_said(tier: Path, tmp_path: Path) -> None:
    out = tmp_path / "no" / "p.csv"
    done = invoke("prompts", "export", "--tier", tier, "--out", out)
    assert isinstance(done.exception, OSError)
    assert done.exception.filename == str(out)


# --- in ------------------------------------------------------------------------------------------


def test_a_folder_becomes_a_run_on_the_board(tier: Path, tmp_path: Path) -> None:
    audio = tmp_path / "audio"
    tone(audio / "101-a4-sine-0.wav")
    tone(audio / "102-g5-triangle.flac", seconds=5.0, rate=44100)
    soundfile.write(audio / "103-a1-square.wav", np.zeros(RATE), RATE)
    (audio / "104-a0-sawtooth.wav").touch()
    about = {"name": "diffusion", "version": "2", "settings": {"steps": 200}, "licence": "MIT"}
    (audio / "generator.json").write_text(json.dumps(about))
    (audio / "prompts.jsonl").write_text("")
    done = imported(audio, tier, "--json")
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert summary["outcomes"] == {"invalid_audio": 2, "ok": 2}

    folder = RunFolder(Path(summary["run_dir"]))
    spec = folder.run.spec
    assert (spec.model, spec.kind, spec.samples) == ("lab/diffusion", "generator", 1)
    assert about.items() <= spec.settings.items()
    assert spec.settings["native_sample_rate"] == RATE
    rows = {prompt_: row for (prompt_, _), row in folder.latest_renderings.items()}
    assert rows["101-a4-sine"].notes == (f"resampled from {RATE} Hz",)
    assert rows["102-g5-triangle"].notes == ("cropped by 2.00 s",)
    assert rows["103-a1-square"].detail == "silent"
    assert rows["104-a0-sawtooth"].outcome is Outcome.INVALID_AUDIO
    scores = {p: s.value for (p, _, m), s in folder.latest_scores.items() if m == "note_f1"}
    assert scores["101-a4-sine"] == 1
    assert scores["104-a0-sawtooth"] == 0, "what could not be made counts"
    (board,) = read(tmp_path / "results")
    assert [(entry.model, entry.kind) for entry in board.models] == [("lab/diffusion", "generator")]


def test_importing_again_does_nothing_and_other_audio_is_another_run(
    tier: Path, tmp_path: Path
) -> None:
    audio = tmp_path / "audio"
    tone(audio / "101-a4-sine.wav", seconds=1.5)
    assert imported(audio, tier, "--partial").exit_code == 0
    log = tmp_path / "results" / "notes" / "lab--diffusion" / "renderings.jsonl"
    once = log.read_bytes()
    assert b"padded by 0.50 s" in once
    assert imported(audio, tier, "--partial").exit_code == 0
    assert log.read_bytes() == once
    tone(audio / "101-a4-sine.wav", seconds=1.0)
    assert "the same command with --fresh" in str(imported(audio, tier, "--partial").exception)
    assert imported(audio, tier, "--partial", "--fresh").exit_code == 0
    assert b"padded by 1.00 s" in log.read_bytes()


def test_a_part_says_what_is_missing_and_is_taken_when_asked_for(
    tier: Path, tmp_path: Path
) -> None:
    audio = tmp_path / "audio"
    for name in ("101-a4-sine-0", "101-a4-sine-1", "102-g5-triangle-0", "102-g5-triangle-1"):
        tone(audio / f"{name}.wav")
    tone(audio / "103-a1-square-0.wav")
    done = imported(audio, tier)
    assert not (tmp_path / "results").exists()
    said = str(done.exception)
    assert "lacks 3 of 8 clips: 103-a1-square-1, 104-a0-sawtooth-0, 104-a0-sawtooth-1" in said
    assert "--partial" in said
    done = imported(audio, tier, "--partial", "--json")
    summary = json.loads(done.stdout)
    assert (summary["prompts"], summary["samples"]) == (2, 2)
    assert summary["outcomes"] == {"ok": 4}, "what is not there is not the generator's failure"
    assert summary["left_out"] == ["103-a1-square-0.wav"]


def test_stray_files_are_named_and_left_out(tier: Path, tmp_path: Path) -> None:
    audio = tmp_path / "audio"
    for name in ("101-a4-sine", "102-g5-triangle", "103-a1-square", "104-a0-sawtooth"):
        tone(audio / f"{name}.wav")
    tone(audio / "102-g5-triangle-2.wav")
    (audio / "notes.txt").write_text("mine")
    done = imported(audio, tier)
    assert done.exit_code == 0, done.output
    assert "left out, of no attempt in the run: 102-g5-triangle-2.wav, notes.txt" in done.stdout
    spec = RunFolder(tmp_path / "results" / "notes" / "lab--diffusion").run.spec
    assert (spec.samples, spec.settings["files"]) == (1, 4)


@pytest.mark.parametrize("suffix", [".mp3", ".ogg", ".flac", ".WAV"])
def test_every_format_is_read(suffix: str, tmp_path: Path) -> None:
    tone(tmp_path / f"a4{suffix}", rate=44100)
    clip = Imported.open(tmp_path, loaded_tier(), "x").audio(prompt(), 0, 44100)
    assert len(clip.samples) == pytest.approx(88200, abs=3000)
    assert np.abs(clip.samples).max() > 0.2


def test_a_prompt_whose_name_ends_in_a_number(tmp_path: Path) -> None:
    two = loaded_tier(prompt("a4"), prompt("a4-1"))
    for name in ("a4", "a4-1", "a4-1-1"):
        tone(tmp_path / f"{name}.wav")
    found = Imported.open(tmp_path, two, "x", partial=True)
    assert sorted(found.files) == [("a4-1", 0), ("a4-1", 1)]
    assert (found.samples, found.left_out) == (2, ("a4.wav",))


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        ((), "holds no audio"),
        (("a5.wav",), "holds 1 name of no attempt: a5.wav; did you mean 'a4'"),
        (("x.wav", "y.m4a"), "2 names of no attempt: x.wav, y.m4a"),
        (("a4-x.wav",), "a4-x.wav"),
        (("a4.wav", "a4-0.wav"), "a4-0.wav and a4.wav are the same attempt"),
        (("a4.wav", "a4.flac"), "are the same attempt"),
        (("a4-1.wav", "a4-2.wav"), "number samples from 0"),
    ],
)
def test_names_that_make_no_sense(names: tuple[str, ...], complaint: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_bytes(b"")
    with pytest.raises(UsageError, match=complaint):
        Imported.open(tmp_path, loaded_tier(), "x")


def test_a_long_list_of_strange_names_is_cut(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / f"clip{number:02}.wav").touch()
    with pytest.raises(UsageError, match=r"30 names .* clip09\.wav and 20 more"):
        Imported.open(tmp_path, loaded_tier(), "x")


@pytest.mark.parametrize(
    ("about", "complaint"),
    [
        ('{"nme": "x"}', "unknown field 'nme'; did you mean 'name'"),
        ('{"version": 2}', "version: Input should be a valid string"),
        ("{", "Invalid JSON"),
        ("[]", "generator.json"),
    ],
)
def test_a_description_that_makes_no_sense(about: str, complaint: str, tmp_path: Path) -> None:
    tone(tmp_path / "a4.wav")
    (tmp_path / "generator.json").write_text(about)
    with pytest.raises(UsageError, match=complaint):
        Imported.open(tmp_path, loaded_tier(), "x")


def test_a_name_of_the_controls_is_refused(tier: Path, tmp_path: Path) -> None:
    done = invoke("import", tmp_path, "--tier", tier, "--name", "builtin/x")
    assert "must not begin with builtin/" in str(done.exception)
    done = invoke("import", tmp_path / "nowhere", "--tier", tier, "--name", "x")
    assert "there is no folder" in str(done.exception)


def test_a_command_renders_a_run_from_end_to_end(
    tier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "play.py").write_text(
        "import json, sys, wave\n"
        "for row in map(json.loads, open(sys.argv[1])):\n"
        "    if row['id'].startswith('103'): continue\n"
        "    with wave.open(sys.argv[2] + '/' + row['file'], 'wb') as file:\n"
        "        file.setparams((1, 2, 8000, 0, 'NONE', ''))\n"
        "        file.writeframes(b'\\0\\x20\\0\\xe0' * 16000)\n"
        "    print(row['file'], flush=True)\n"
    )
    model = f"command/{sys.executable} play.py {{prompts}} {{out}}"
    words = ("run", "--tier", tier, "--model", model, "--name", "lab/play", "--json")
    done = invoke(*words, "--results", tmp_path / "results", "--limit", 3)
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert summary["outcomes"] == {"no_output": 1, "ok": 2}
    rows = RunFolder(Path(summary["run_dir"])).latest_renderings
    assert rows["101-a4-sine", 0].notes == ("resampled from 8000 Hz", "cropped by 2.00 s")
    assert rows["102-g5-triangle", 0].notes == ("resampled from 8000 Hz", "cropped by 1.00 s")


def test_what_is_beyond_full_scale_is_brought_down_as_a_whole(tier: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rendered"
    folder.mkdir()
    seconds = np.arange(2 * 44100) / 44100
    loud = 4 * np.sin(2 * np.pi * 440 * seconds)
    soundfile.write(folder / "101-a4-sine.wav", loud, 44100, subtype="FLOAT")
    assert imported(folder, tier, "--partial").exit_code == 0
    run = RunFolder(tmp_path / "results" / "notes" / "lab--diffusion")
    row = run.latest_renderings["101-a4-sine", 0]
    assert "brought down by 12.0 dB" in row.notes
    pcm = run.audio(row)
    assert pcm is not None
    assert np.abs(pcm - loud / 4 * 32767).max() < 3
