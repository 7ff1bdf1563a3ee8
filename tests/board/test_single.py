"""`probe score`: one program or sound of one's own, measured as an attempt of a run would be."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.board.attempt import facts
from probe.board.single import look_at
from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.tier.folder import load
from tests.fakes.command import Said, probe
from tests.fakes.sandbox import FakeSandbox

RATE = 44100
PROMPT = "101-a4-sine"
TONE = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2 * RATE) / RATE)


def written(path: Path, samples: np.ndarray = TONE, rate: int = RATE) -> Path:
    soundfile.write(path, samples, rate)
    return path


def wav() -> bytes:
    data = io.BytesIO()
    soundfile.write(data, TONE, RATE, format="WAV")
    return data.getvalue()


def score(file: Path, *more: object) -> Said:
    return probe("score", file, "--tier", "notes", "--prompt", PROMPT, *more)


def execution(outcome: Outcome = Outcome.OK, **changes: object) -> Execution:
    fields = {"outcome": outcome, "wall_s": 0.1, "cpu_s": 0.1, "peak_memory_bytes": 1 << 20}
    return Execution.model_validate(fields | changes)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg"])
def test_a_sound_is_measured_and_what_is_heard_is_said(tmp_path: Path, suffix: str) -> None:
    picture = tmp_path / "a.png"
    done = score(written(tmp_path / f"a{suffix}"), "--image", picture)
    assert done.code == 0, done.err
    assert "outcome  ok" in done.out
    assert "note_score" in done.out
    assert "A4" in done.out.partition("heard\n")[2]
    assert "Hz |" in done.out
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert {path.name for path in tmp_path.iterdir()} == {"a.png", f"a{suffix}"}


def test_the_metrics_are_those_of_the_prompt(tmp_path: Path) -> None:
    ran = probe("tiers", "show", "notes", PROMPT, "--json")
    metrics = json.loads(ran.out)["metrics"]
    found = json.loads(score(written(tmp_path / "a.wav"), "--json").out)
    given = {name for name in metrics if name not in ("timbre_distance", "fd/logmel")}
    assert set(found["scores"]) == given
    assert found["scores"]["note_score"]["value"] == pytest.approx(1.0)
    assert found["rendering"]["outcome"] == "ok"
    assert (found["prompt"], found["sample"]) == (PROMPT, 0)


def test_audio_that_a_run_would_refuse_is_invalid(tmp_path: Path) -> None:
    for name, samples in (("short.wav", TONE[:RATE]), ("still.flac", 0 * TONE)):
        done = score(written(tmp_path / name, samples), "--image", tmp_path / "no.png")
        assert done.code == 1
        assert "outcome  invalid_audio" in done.out
        assert "note_score      0.000" in done.out
        assert "no spectrogram" in done.out
    (tmp_path / "text.mp3").write_text("no audio")
    assert "invalid_audio (it cannot be read" in score(tmp_path / "text.mp3").out
    assert not (tmp_path / "no.png").exists()


def test_a_program_runs_in_the_sandbox_as_a_model_s_would(tmp_path: Path) -> None:
    file = tmp_path / "mine.py"
    file.write_text("print('hum')")
    box = FakeSandbox({"print('hum')": execution(audio=wav(), stderr_tail="a warning")})
    found = look_at(file, load("notes"), PROMPT, sandbox=lambda: box)
    assert box.programs == ["print('hum')"]
    assert {row.metric: row.value for row in found.scores}["note_score"] == pytest.approx(1.0)
    assert facts(found)["rendering"]["stderr_tail"] == "a warning"

    def fails(program: str, limits: Limits) -> Execution:
        return execution(Outcome.RUNTIME_ERROR, exit_code=1, stderr_tail="ZeroDivisionError")

    found = look_at(file, load("notes"), PROMPT, sandbox=lambda: FakeSandbox(fails))
    assert found.rendering is not None
    assert found.rendering.outcome is Outcome.RUNTIME_ERROR
    assert {row.metric: row.value for row in found.scores}["note_score"] == 0
    assert found.sound is None


def test_wrong_use_is_one_line(tmp_path: Path) -> None:
    there = written(tmp_path / "a.wav")
    for arguments, code, said in (
        ((tmp_path / "none.wav", "--prompt", PROMPT), 2, "none.wav cannot be read"),
        ((tmp_path / "none.py", "--prompt", PROMPT), 2, "none.py cannot be read"),
        ((tmp_path / "a.txt", "--prompt", PROMPT), 2, "by its ending one of .py, .wav"),
        ((there, "--prompt", "101-a4-sin"), 2, f"did you mean {PROMPT!r}?"),
        ((there, "--prompt", PROMPT, "--image", tmp_path / "no" / "a.png"), 3, "cannot be written"),
    ):
        done = probe("score", *arguments, "--tier", "notes")
        assert done.code == code, done.err
        assert said in done.err
        assert done.err.count("\n") == 1
