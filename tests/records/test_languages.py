"""Programs in every language, through the real sandbox."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from probe.audio import parse_wav
from probe.errors import UsageError
from probe.records import Limits, Outcome
from probe.records.languages import LANGUAGES, language
from probe.records.replies import extract
from probe.sandbox import Execution, Sandbox
from probe.sandbox.choose import open_sandbox

RATE = 44100
SINE = """
import wave
import numpy as np
t = np.arange(44100) / 44100
pcm = (0.3 * np.sin(2 * np.pi * 440 * t) * 32767).astype("<i2")
with wave.open("/out/output.wav", "wb") as file:
    file.setnchannels(1)
    file.setsampwidth(2)
    file.setframerate(44100)
    file.writeframes(pcm.tobytes())
"""
PYO = """
from pyo import *
s = Server(sr=44100, nchnls=1, buffersize=256, audio="offline").boot()
s.recordOptions(dur=1, filename="/out/output.wav", fileformat=0, sampletype=0)
tone = Sine(440, mul=0.3).out()
s.start()
"""
CSOUND = """
<CsoundSynthesizer>
<CsInstruments>
sr = 44100
ksmps = 10
nchnls = 1
0dbfs = 1
instr 1
  out oscili(0.3, 440)
endin
</CsInstruments>
<CsScore>
i 1 0 1
</CsScore>
</CsoundSynthesizer>
"""
TONES = {"python": SINE, "python-numpy": SINE, "python-pyo": PYO, "csound": CSOUND}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox("docker") as opened:
        yield opened


def run(sandbox: Sandbox, name: str, program: str) -> Execution:
    return sandbox.execute(language(name).carry(program), Limits())


@pytest.mark.docker
@pytest.mark.parametrize("name", LANGUAGES)
def test_a_tone_in_every_language(sandbox: Sandbox, name: str) -> None:
    done = run(sandbox, name, TONES[name])
    assert done.outcome is Outcome.OK, done.stderr_tail
    clip = parse_wav(done.audio or b"", sample_rate=RATE, duration_s=1.0, tolerance_s=0.02)
    spectrum = np.abs(np.fft.rfft(clip.samples[:RATE]))
    assert np.argmax(spectrum) == pytest.approx(440, abs=1)


@pytest.mark.docker
@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("python-numpy", "scipy.signal"),
        ("python-numpy", "pyo"),
        ("python-pyo", "numpy"),
        ("python-pyo", "soundfile"),
    ],
)
def test_what_a_language_leaves_out_is_not_there(sandbox: Sandbox, name: str, module: str) -> None:
    done = run(sandbox, name, f"import {module}")
    assert done.outcome is Outcome.RUNTIME_ERROR
    assert "ModuleNotFoundError" in done.stderr_tail
    assert f'File "/tmp/program.py", line 1, in <module>\n    import {module}' in done.stderr_tail


@pytest.mark.docker
def test_csound_fails_as_a_program_does(sandbox: Sandbox) -> None:
    done = run(sandbox, "csound", CSOUND.replace("oscili(0.3, 440)", "no such opcode"))
    assert done.outcome is Outcome.RUNTIME_ERROR
    assert "error" in done.stderr_tail
    endless = CSOUND.replace("i 1 0 1", "i 1 0 100000000")
    done = sandbox.execute(language("csound").carry(endless), Limits(cpu_s=1, wall_s=5))
    assert done.outcome in (Outcome.TIMEOUT, Outcome.OUTPUT_LIMIT)


@pytest.mark.docker
def test_csound_leaves_one_file_of_the_length_its_score_has(sandbox: Sandbox) -> None:
    options = "<CsOptions>\n-odac -f -3 --sample-rate=8000\n</CsOptions>\n<CsInstruments>"
    silent_end = CSOUND.replace("i 1 0 1", "f 0 2.5\ni 1 0.5 1")
    done = run(sandbox, "csound", silent_end.replace("<CsInstruments>", options))
    assert done.outcome is Outcome.OK, done.stderr_tail
    clip = parse_wav(done.audio or b"", sample_rate=RATE, duration_s=2.5, tolerance_s=0.01)
    assert not [note for note in clip.notes if "bit" in note], "16-bit whatever the options say"
    loud = np.flatnonzero(np.abs(clip.samples) > 0.01) / RATE
    assert (loud[0], loud[-1]) == pytest.approx((0.5, 1.5), abs=0.01)


@pytest.mark.docker
@pytest.mark.parametrize("program", ["", "\ud800", "<CsoundSynthesizer>", "print('hello')"])
@pytest.mark.parametrize("name", LANGUAGES)
def test_what_is_no_program_is_the_models_failure(
    sandbox: Sandbox, name: str, program: str
) -> None:
    assert run(sandbox, name, program).outcome in (Outcome.RUNTIME_ERROR, Outcome.NO_OUTPUT)


@pytest.mark.docker
def test_nothing_in_the_image_is_a_recording(sandbox: Sandbox) -> None:
    search = (
        "import pathlib\n"
        "kinds = {'.sf2', '.sf3', '.wav', '.aiff', '.aif', '.flac', '.ogg', '.mp3', '.au'}\n"
        "print([str(p) for p in pathlib.Path('/usr').rglob('*') if p.suffix.lower() in kinds])\n"
    )
    assert run(sandbox, "python", search).stdout_tail.strip() == "[]"


@pytest.mark.parametrize(
    ("label", "found"), [("csound", True), ("CSD", True), ("python", False), ("", True)]
)
def test_a_csound_program_is_taken_from_its_own_blocks(label: str, found: bool) -> None:
    reply = f"Here:\n```{label}\n{CSOUND.strip()}\n```\n"
    program = extract(reply, truncated=False, spoken=LANGUAGES["csound"])
    assert (program is not None) is found


def test_an_unknown_language_is_named() -> None:
    with pytest.raises(UsageError, match="did you mean 'csound'"):
        language("csounds")
