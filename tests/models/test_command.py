from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

import pytest

from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.models import open_door
from probe.models.base import (
    DoorOptions,
    LanguageModel,
    ProviderError,
    Reply,
    Request,
    StoppedError,
    Turn,
)
from probe.models.command import Command
from tests.fakes.tiers import loaded_tier, prompt
from tests.models.asking import ask, attempt, request

ECHO = """
import json, sys
print("loading the model", file=sys.stderr)
with open("runs.txt", "a") as log:
    rows = [json.loads(line) for line in sys.stdin]
    log.write(f"{len(rows)}\\n")
for row in reversed(rows):
    print(json.dumps({**row, "reply": row["text"].upper()}), flush=True)
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def program(text: str, words: str = "", **how: object) -> Command:
    """A door to a program with this text."""
    Path("program.py").write_text(text)
    options = DoorOptions(**how)  # type: ignore[arg-type]
    return Command(f"{sys.executable} program.py {words}".strip(), options)


def one_by_one(text: str, **how: object) -> Command:
    """A door to a program that says `text` for each prompt, a format of the row."""
    return program(f"import json, sys, time, os\nfor line in sys.stdin:\n{text}", **how)


def failure(model: LanguageModel, times: int = 1) -> list[ProbeError]:
    """What asking ends with."""
    found = attempt(model, times)
    assert all(isinstance(error, ProbeError) for error in found), found
    return found  # type: ignore[return-value]


def test_a_batch_is_answered_by_one_process_in_any_order() -> None:
    model = program(ECHO)
    assert isinstance(model, LanguageModel)
    replies = ask(model, 30)
    assert [reply.text for reply in replies] == [f"QUESTION {n}?" for n in range(30)]
    assert Path("runs.txt").read_text() == "30\n"
    assert all(reply.latency_s > 0 for reply in replies)


def test_a_batch_is_as_large_as_the_concurrency() -> None:
    assert len(ask(program(ECHO, concurrency=8), 20)) == 20
    assert Path("runs.txt").read_text().split() == ["8", "8", "4"]


def test_everything_that_is_known_is_told_and_taken() -> None:
    turns = (Turn(role="user", text="ä\n"), Turn(role="assistant", text="…"))
    asked = request(2).model_copy(update={"history": turns})
    model = one_by_one(
        '    row = json.loads(line); open("told.json", "w").write(line)\n'
        '    print(json.dumps({"id": row["id"], "sample": 2, "turn": 1, "reply": "r",'
        ' "finish_reason": "length", "usage": {"input_tokens": 3, "output_tokens": 4},'
        ' "model": "mine", "mood": "good"}))'
    )
    (reply,) = ask(model, requests=[asked])
    assert reply == Reply(
        text="r",
        finish_reason="length",
        model_returned="mine",
        usage={"input_tokens": 3, "output_tokens": 4},
        latency_s=reply.latency_s,
    )
    assert reply.tokens
    assert json.loads(Path("told.json").read_text()) == {
        "id": "a4",
        "sample": 2,
        "turn": 1,
        "text": "Question 2?",
        "history": [{"role": "user", "text": "ä\n"}, {"role": "assistant", "text": "…"}],
        "max_tokens": 1000,
    }


def test_files_stand_in_for_the_pipes() -> None:
    text = """
import json, sys
print("chatter" * 100_000)
with open(sys.argv[1]) as asked, open(sys.argv[2], "w") as answers:
    for line in asked:
        row = json.loads(line)
        answers.write(json.dumps({"id": row["id"], "sample": row["sample"], "text": "yes"}) + "\\n")
"""
    assert [r.text for r in ask(program(text, "{input} {output}"), 5)] == ["yes"] * 5


def test_a_last_line_without_its_end_counts() -> None:
    text = """
import sys
open(sys.argv[1], "w").write('{"id": "a4", "reply": "yes"}')
"""
    assert ask(program(text, "{output}"))[0].text == "yes"


def test_a_failure_is_one_prompts_own() -> None:
    model = one_by_one(
        "    row = json.loads(line); n = row['sample']\n"
        "    key = {'id': row['id'], 'sample': n}\n"
        "    if n == 1: print(json.dumps({**key, 'error': 'no \\x1b[1mmemory'}))\n"
        "    elif n != 2: print(json.dumps({**key, 'reply': str(n)}))\n"
    )
    zero, one, two, three = attempt(model, 4)
    assert isinstance(zero, Reply)
    assert isinstance(one, ProviderError)
    assert str(one) == "no \\x1b[1mmemory"
    assert isinstance(two, ProviderError)
    assert "exit code 0 and without a reply" in str(two)
    assert isinstance(three, Reply)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("hello", "wrote hello"),
        ("[1]", "wrote [1]"),
        ('{"id": 7}', 'wrote {"id": 7}'),
        ('{"id": "a4"}', "neither reply nor error for 'a4'"),
        ('{"id": "b4", "reply": "x"}', "answered 'b4', sample 0, unasked"),
        ('{"id": "a4", "reply": "x", "finish_reason": "tired"}', "finish_reason"),
        ("[" * 50_000, "wrote [[["),
    ],
)
def test_a_line_that_is_no_reply_is_told(line: str, said: str) -> None:
    (error,) = failure(one_by_one(f"    print({line!r})"))
    assert said in str(error)


def test_a_program_that_never_answers_ends_the_run_at_once() -> None:
    text = "import sys\nsys.stdin.read()\nsys.exit('no such \\x1b[31mcheckpoint')"
    errors = failure(program(text, concurrency=2), 2)
    assert {type(error) for error in errors} == {PrerequisiteError}
    assert "exit code 1" in str(errors[0])
    assert "no such \\x1b[31mcheckpoint" in str(errors[0])


def test_a_program_that_falls_silent_is_killed_with_its_children() -> None:
    text = """
import json, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open("child.txt", "w").write(str(child.pid))
row = json.loads(sys.stdin.readline())
print(json.dumps({"id": row["id"], "sample": row["sample"], "reply": "one"}), flush=True)
time.sleep(600)
"""
    one, two = attempt(program(text, settings=("timeout=3",)), 2)
    assert isinstance(one, Reply)
    assert isinstance(two, ProviderError)
    assert "said nothing for 3 s" in str(two)
    child = int(Path("child.txt").read_text())
    deadline = time.monotonic() + 30
    while _runs(child) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(child)


def _runs(pid: int) -> bool:
    """Whether a process is there and no zombie, which only its new parent can clear away."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_cancelling_kills_the_program() -> None:
    text = "import os, time\nopen('pid.txt', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    model = program(text)

    async def cancelled() -> None:
        asking = asyncio.create_task(model.complete(request()))
        while not (Path("pid.txt").exists() and Path("pid.txt").read_text()):
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await model.aclose()

    asyncio.run(cancelled())
    assert not _runs(int(Path("pid.txt").read_text()))


def test_halting_ends_after_the_batch() -> None:
    model = program(ECHO, concurrency=2)

    async def halted() -> list[Reply | BaseException]:
        asking = [asyncio.create_task(model.complete(request(n))) for n in range(5)]
        await asking[0]
        model.halt()
        found = await asyncio.gather(*asking, model.complete(request(9)), return_exceptions=True)
        await model.aclose()
        return found

    found = asyncio.run(halted())
    assert [type(one) for one in found] == [Reply, Reply, *[StoppedError] * 4]


def test_the_same_key_twice_waits_for_the_next_batch() -> None:
    twice = [request(), request().model_copy(update={"text": "Again?"})]
    assert [r.text for r in ask(program(ECHO), requests=twice)] == ["QUESTION 0?", "AGAIN?"]
    assert Path("runs.txt").read_text().split() == ["1", "1"]


def test_a_program_that_reads_nothing_is_no_trouble() -> None:
    text = 'print(\'{"id": "a4", "reply": "x"}\')'
    big = Request(prompt=prompt(), sample=0, text="x" * 1_000_000, max_tokens=1)
    assert ask(program(text), requests=[big])[0].text == "x"


def test_a_line_without_end_is_given_up() -> None:
    text = "import sys\nwhile True: sys.stdout.write('x' * 1_000_000)"
    (error,) = failure(program(text))
    assert "wrote what cannot be read" in str(error)


def test_settings_name_the_program_as_it_is() -> None:
    model = program("pass", settings=("timeout=3", "max_tokens=9"))
    settings = model.settings()
    assert settings["command"].endswith("program.py")
    assert (settings["timeout"], settings["max_tokens"]) == (3.0, 9)
    Path("program.py").write_text("pass  # changed")
    assert model.settings()["files"]["program.py"] != settings["files"]["program.py"]


@pytest.mark.parametrize(
    ("template", "how", "kind", "complaint"),
    [
        ("no-such-program-anywhere", DoorOptions(), PrerequisiteError, "no program"),
        ("'unclosed", DoorOptions(), UsageError, "quotation"),
        ("  ", DoorOptions(), UsageError, "needs a command line"),
        (f"cat {'x' * 100}", DoorOptions(), UsageError, "--name"),
        ("cat", DoorOptions(settings=("temperature=1",)), UsageError, "unknown option of command"),
        ("cat", DoorOptions(base_url="http://x"), UsageError, "--base-url"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(
    template: str, how: DoorOptions, kind: type[ProbeError], complaint: str
) -> None:
    with pytest.raises(kind, match=complaint):
        open_door(f"command/{template}", loaded_tier(), how=how)


def test_a_command_goes_by_its_line_or_by_a_name() -> None:
    assert open_door("command/cat  -u", loaded_tier()).name == "command/cat -u"
    how = DoorOptions(name="lab/cat")
    assert open_door("command/cat", loaded_tier(), how=how).name == "lab/cat"
