"""Generators that run in an environment of their own."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models import open_door
from probe.models.base import BatchSource, DoorOptions, NoAudioError, Taken
from probe.models.render import RenderCommand
from probe.records import Prompt
from tests.fakes.tiers import loaded_tier, prompt

HEAD = """
import json, math, struct, sys, os, time, wave
rows = [json.loads(line) for line in open(sys.argv[1])]
out = sys.argv[2]
with open("runs.txt", "a") as log:
    log.write(f"{len(rows)}\\n")
def play(name, seconds=1.0, rate=22050, level=8000):
    with wave.open(os.path.join(out, name), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        tone = (level * math.sin(k / 9) for k in range(round(seconds * rate)))
        file.writeframes(b"".join(struct.pack("<h", round(x)) for x in tone))
"""
PLAY = HEAD + "for row in rows:\n    play(row['file']); print(row['file'], flush=True)\n"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def door(text: str, **how: object) -> RenderCommand:
    """A door to a program with this text."""
    Path("program.py").write_text(text)
    options = DoorOptions(**how)  # type: ignore[arg-type]
    return RenderCommand(f"{sys.executable} program.py {{prompts}} {{out}}", options)


def attempts(*names: str) -> list[tuple[Prompt, int]]:
    return [(prompt(name), 0) for name in names]


def outcomes(source: RenderCommand, *names: str) -> dict[str, str]:
    """What came of each prompt."""
    found: dict[str, str] = {}
    for prompt_, _, left in source.audios(attempts(*names), 44100):
        failed = isinstance(left, NoAudioError)
        found[prompt_.id] = f"{left.outcome}: {left}" if failed else "ok"
    return found


def test_one_run_of_the_command_a_batch() -> None:
    source = door(PLAY, concurrency=2)
    assert isinstance(source, BatchSource)
    assert source.kind == "generator"
    assert outcomes(source, "a", "b", "c", "d", "e") == dict.fromkeys("abcde", "ok")
    assert Path("runs.txt").read_text().split() == ["2", "2", "1"]


def test_the_command_is_told_all_it_needs() -> None:
    source = door(HEAD + "open('told.jsonl', 'w').write(open(sys.argv[1]).read())\n" + PLAY)
    asked = prompt("a", text="Ein Hund – zwei")
    (taken,) = source.audios([(asked, 2)], 16000)
    assert isinstance(taken, Taken)
    assert json.loads(Path("told.jsonl").read_text()) == {
        "id": "a",
        "sample": 2,
        "text": "Ein Hund – zwei",
        "say": None,
        "duration_s": 2.0,
        "sample_rate": 16000,
        "file": "a-2.wav",
    }
    assert taken.audio.notes == ("resampled from 22050 Hz",)
    assert len(taken.audio.samples) == pytest.approx(16000, abs=2)


def test_what_is_said_to_be_whole_is_taken_while_the_command_goes_on() -> None:
    wait = "\n    while not os.path.exists('go'): time.sleep(0.01)\n"
    source = door(
        HEAD + f"for row in rows:\n    play(row['file']); print(row['file'], flush=True){wait}"
    )
    running = source.audios(attempts("a", "b"), 44100)
    assert next(running).prompt.id == "a"
    assert not Path("go").exists(), "it was taken before the command was let go on"
    Path("go").touch()
    assert [taken.prompt.id for taken in running] == ["b"]


def test_files_that_nobody_speaks_of_are_found_at_the_end() -> None:
    assert outcomes(door(HEAD + "for row in rows: play(row['file'])"), "a", "b") == {
        "a": "ok",
        "b": "ok",
    }


def test_each_prompt_has_its_own_failure() -> None:
    text = HEAD + (
        "play('a-0.wav'); play('c-0.wav', level=0); open(out + '/d-0.wav', 'w').write('x')\n"
        "print('loading…'); print('{'); print('[]'); print('a-0.wav'); print('nobody-0.wav')\n"
        "print(json.dumps({'id': 'b', 'sample': 0, 'error': 'out of memory\\x1b[31m'}))\n"
    )
    assert outcomes(door(text), "a", "b", "c", "d", "e") == {
        "a": "ok",
        "b": "provider_error: out of memory\\x1b[31m",
        "c": "invalid_audio: silent",
        "d": "invalid_audio: d-0.wav cannot be read as audio: Format not recognised.",
        "e": "no_output: the command left no e-0.wav",
    }


def test_a_command_that_fails_half_way_keeps_what_it_made() -> None:
    text = PLAY.replace("print(", "sys.exit('no more memory') if row['id'] == 'b' else print(")
    found = outcomes(door(text), "a", "b", "c")
    assert found["a"] == "ok"
    assert found["b"] == "ok", "it ended by itself: its files are whole"
    assert found["c"] == ("provider_error: the command ended with exit code 1: no more memory")


def test_a_file_that_may_be_torn_is_made_again() -> None:
    text = HEAD + "play('a-0.wav'); time.sleep(0.05); play('b-0.wav'); os.kill(os.getpid(), 9)"
    found = outcomes(door(text), "a", "b")
    assert found["a"] == "ok"
    assert found["b"] == "provider_error: the command ended with exit code -9"


def test_a_command_that_never_works_ends_the_run() -> None:
    with pytest.raises(PrerequisiteError, match="exit code 1: no such model; no clip yet"):
        outcomes(door("import sys; sys.exit('no such model')"), "a", "b")


def test_a_silent_command_is_killed() -> None:
    source = door("import time\ntime.sleep(600)", settings=("timeout=0.5",))
    with pytest.raises(PrerequisiteError, match=r"said nothing for 0\.5 s"):
        outcomes(source, "a")


def test_leaving_early_ends_the_command() -> None:
    text = PLAY + "open('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    running = door(text).audios(attempts("a", "b"), 44100)
    next(running)
    running.close()
    if Path("pid").exists():
        assert not Path(f"/proc/{Path('pid').read_text()}").exists()


def test_one_attempt_is_a_batch_of_its_own() -> None:
    assert len(door(PLAY).audio(prompt("a"), 0, 22050).samples) == 22050
    with pytest.raises(NoAudioError, match=r"left no a-0\.wav"):
        door(HEAD).audio(prompt("a"), 0, 22050)


def test_settings_follow_the_program() -> None:
    one, two = door(PLAY).settings(), door(PLAY + "#").settings()
    assert one["command"].endswith("program.py {prompts} {out}")
    assert one != two


@pytest.mark.parametrize(
    ("template", "error", "complaint"),
    [
        ("no-such-program x.py {out}", UsageError, "needs {prompts}"),
        ("python 'x.py {prompts} {out}", UsageError, "No closing quotation"),
        ("no-such-program {prompts} {out}", PrerequisiteError, "no program 'no-such-program'"),
        (f"true {'x' * 90} {{prompts}} {{out}}", UsageError, "--name"),
    ],
)
def test_a_command_line_that_makes_no_sense(
    template: str, error: type[Exception], complaint: str
) -> None:
    with pytest.raises(error, match=complaint):
        open_door(f"command/{template}", loaded_tier())
