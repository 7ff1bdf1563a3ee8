from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from probe.audio import pcm16_wav_bytes
from probe.cli.sandbox import app
from probe.errors import UsageError
from probe.records import Outcome
from probe.sandbox import Execution
from tests.fakes.sandbox import FakeSandbox

TONE = """
import numpy as np, soundfile as sf
sf.write("output.wav", 0.5 * np.sin(np.arange(44100) / 10), 44100)
print("made \\x1b[31m it")
"""


def test_help_is_light() -> None:
    code = (
        "import sys, probe.cli.sandbox\n"
        "heavy = {'numpy', 'docker', 'scipy', 'requests'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.docker
def test_exec_says_what_came_of_a_program(tmp_path: Path) -> None:
    (tmp_path / "tone.py").write_text(TONE)
    wav = tmp_path / "tone.wav"
    done = CliRunner().invoke(app, ["exec", str(tmp_path / "tone.py"), "--save", str(wav)])
    assert done.exit_code == 0, done.output
    lines = dict(line.split(maxsplit=1) for line in done.output.splitlines()[:5])
    assert lines["outcome"] == "ok"
    assert lines["ended"] == "exit code 0"
    assert "44100" in lines["audio"]
    assert "made \\x1b[31m it" in done.output
    assert wav.read_bytes()[:4] == b"RIFF"


@pytest.mark.docker
def test_exec_as_json_from_stdin_within_limits() -> None:
    arguments = ["exec", "-", "--json", "--wall", "0.5", "--cpu", "0.3"]
    done = CliRunner().invoke(app, arguments, input="while True: pass")
    assert done.exit_code == 1
    found = json.loads(done.output)
    assert found["outcome"] == "timeout"
    assert found["detail"] in {"not done after 0.3 s of CPU time", "not done after 0.5 s"}
    assert (found["signal"], found["exit_code"], found["audio"]) == (9, None, None)


@pytest.mark.docker
def test_sweep_counts() -> None:
    done = CliRunner().invoke(app, ["sweep"])
    assert done.exit_code == 0
    assert done.output.split()[1] == "removed"


@pytest.mark.parametrize("limit", ["--wall", "--cpu"])
@pytest.mark.parametrize("value", ["0", "-1", "601", "soon"])
def test_limits_that_make_no_sense_are_wrong_use(limit: str, value: str) -> None:
    assert CliRunner().invoke(app, ["exec", "x.py", limit, value]).exit_code == 2


def test_a_file_that_cannot_be_read_is_wrong_use(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes(b"# caf\xe9")
    for name, why in (("missing.py", "No such file"), ("latin.py", "not UTF-8"), ("", "directory")):
        done = CliRunner().invoke(app, ["exec", os.fspath(tmp_path / name)])
        assert isinstance(done.exception, UsageError)
        assert why in str(done.exception)


def test_exec_says_what_a_run_would_once_the_file_is_saved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    silence = pcm16_wav_bytes(np.zeros(44100, np.int16), 44100)
    left = Execution(outcome=Outcome.OK, exit_code=0, audio=silence)
    fake = FakeSandbox(lambda *_: left)
    monkeypatch.setattr("probe.sandbox.choose.open_sandbox", lambda *_, **__: fake)
    (tmp_path / "p.py").write_text("")
    run = ["exec", str(tmp_path / "p.py"), "--save"]
    done = CliRunner().invoke(app, [*run, str(tmp_path / "out.wav")])
    assert done.exit_code == 1
    assert done.output.startswith("outcome  invalid_audio (silent)\n")
    assert (tmp_path / "out.wav").read_bytes() == silence
    done = CliRunner().invoke(app, [*run, str(tmp_path / "no" / "out.wav")])
    assert isinstance(done.exception, FileNotFoundError)
    assert done.output == "", "no verdict before the file is safe"
