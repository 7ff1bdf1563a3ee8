"""How asking many questions goes on, and how it ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from probe.ask.budget import OverBudgetError
from probe.ask.questions import Questions, ask_all
from probe.errors import PrerequisiteError
from probe.models.base import Reply, Request, StoppedError
from probe.records.languages import LANGUAGES
from probe.records.run_folder import Attempt
from tests.fakes.doors import ScriptedModel
from tests.fakes.providers import Hang, ProviderServer, openai_environment
from tests.fakes.tiers import loaded_tier, prompt

ATTEMPTS = [("a", n) for n in range(20)]


class Bench:
    """Asks a model whose every answer is a step that a test takes."""

    def __init__(self, concurrency: int = 3) -> None:
        self.model = ScriptedModel({"a": "x"}, concurrency=concurrency)
        self.begun: list[Attempt] = []
        self.kept: list[Attempt] = []
        self.said: list[str] = []

    def run(self, step: Callable[[Attempt], None], pauses: int = 3) -> OverBudgetError | None:
        async def answer(attempt: Attempt) -> None:
            self.begun.append(attempt)
            for _ in range(pauses):
                await asyncio.sleep(0)
            step(attempt)
            self.kept.append(attempt)

        return asyncio.run(ask_all(self.model, ATTEMPTS, answer, self.said.append))


def test_everything_is_answered_once() -> None:
    bench = Bench()
    assert bench.run(lambda _: None) is None
    assert sorted(bench.kept) == ATTEMPTS
    assert (bench.model.closed, bench.model.halted) == (1, 0)


def test_what_nothing_can_get_past_lets_the_others_end() -> None:
    def step(attempt: Attempt) -> None:
        if attempt == ("a", 4):
            raise PrerequisiteError("bad key")

    bench = Bench()
    with pytest.raises(PrerequisiteError, match="bad key"):
        bench.run(step)
    assert set(bench.begun) - set(bench.kept) == {("a", 4)}
    assert len(bench.begun) < 9
    assert (bench.model.closed, bench.model.halted) == (1, 1)


def test_the_reason_is_told_whichever_comes_first() -> None:
    def step(attempt: Attempt) -> None:
        raise PrerequisiteError("bad key") if attempt == ("a", 1) else StoppedError("held up")

    with pytest.raises(PrerequisiteError, match="bad key"):
        Bench(concurrency=2).run(step)


def test_an_end_of_the_money_is_no_error() -> None:
    def step(attempt: Attempt) -> None:
        if attempt[1] >= 5:
            raise OverBudgetError("spent")

    bench = Bench()
    over = bench.run(step)
    assert str(over) == "spent"
    assert bench.kept == ATTEMPTS[:5]


def test_a_mistake_of_ours_is_not_hidden() -> None:
    def step(_: Attempt) -> None:
        raise ZeroDivisionError

    bench = Bench()
    with pytest.raises(ZeroDivisionError):
        bench.run(step)
    assert bench.model.closed == 1


def test_ctrl_c_keeps_what_is_under_way() -> None:
    def step(attempt: Attempt) -> None:
        if attempt == ("a", 4):
            os.kill(os.getpid(), signal.SIGINT)

    bench = Bench()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        bench.run(step, pauses=20)
    assert bench.begun == bench.kept
    assert 5 <= len(bench.kept) < 12
    assert "Ctrl-C again" in bench.said[0]
    assert signal.getsignal(signal.SIGINT) is before


def test_ctrl_c_twice_waits_for_nothing() -> None:
    said: list[str] = []

    async def answer(attempt: Attempt) -> None:
        if attempt == ATTEMPTS[0]:
            os.kill(os.getpid(), signal.SIGINT)
            while not said:  # two signals that are both pending are one
                await asyncio.sleep(0.01)
            os.kill(os.getpid(), signal.SIGINT)
        await asyncio.sleep(600)

    model = ScriptedModel({"a": "x"}, concurrency=2)
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(ask_all(model, ATTEMPTS, answer, said.append))
    assert model.closed == 1


@pytest.mark.parametrize(
    ("texts", "shared"),
    [
        (("one", "two"), 0),
        (("tone", "two"), 1),
        (("same", "same"), 4),
        (("long", "longer"), 4),
        (("only",), 4),
    ],
)
def test_what_all_messages_begin_with_is_known(texts: tuple[str, ...], shared: int) -> None:
    prompts = [prompt(f"p{n}", text=text) for n, text in enumerate(texts)]
    ids = [p.id for p in prompts]
    questions = Questions(loaded_tier(*prompts), ids, {}, LANGUAGES["python"])
    asked = questions.request(("p0", 3))
    assert (asked.text, asked.shared, asked.sample) == (texts[0], shared, 3)


def test_a_limit_that_was_set_goes_before_the_tiers() -> None:
    def most(settings: dict[str, object]) -> int:
        questions = Questions(loaded_tier(), ["a4"], settings, LANGUAGES["python"])
        return questions.request(("a4", 0)).max_tokens

    assert most({"max_tokens": 7}) == 7
    assert most({}) == loaded_tier().tier.limits.reply_tokens


# --- the whole way, in a process of its own ------------------------------------------------------

ASK = """
import sys
from pathlib import Path
from probe.ask.stage import CompleteStage
from probe.display import Display
from probe.models import open_door
from probe.records import Place
from probe.records.store import Store
from tests.fakes.runs import run
from tests.fakes.tiers import loaded_tier, prompt

ids = [f"p{n}" for n in range(40)]
tier = loaded_tier(*map(prompt, ids))
places = {p: Place(group="single", level=1) for p in ids}
with Store.open(Path(sys.argv[1]), run(prompts=places)) as store:
    CompleteStage(open_door("openai/small", tier), tier).fill(store, Display())
"""


def test_ctrl_c_in_the_middle_of_requests(tmp_path: Path) -> None:
    """Four answers, then silence: the first Ctrl-C waits for it to end, the second does not."""
    from tests.fakes.providers import Answer

    with ProviderServer(*[Answer()] * 4, then=Hang()) as server:
        environment = {k: v for k, v in os.environ.items() if not k.lower().endswith("_proxy")}
        with subprocess.Popen(
            [sys.executable, "-c", ASK, str(tmp_path)],
            env=environment | openai_environment(server),
            stderr=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        ) as process:
            assert process.stderr is not None
            deadline = time.monotonic() + 60
            while server.received < 12 and time.monotonic() < deadline:
                time.sleep(0.01)
            process.send_signal(signal.SIGINT)
            while "interrupted: 8 under way" not in process.stderr.readline():
                assert process.poll() is None
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        assert server.received == 12, "after the first Ctrl-C nothing is asked"
    assert process.returncode in (1, 130, -signal.SIGINT)
    assert len((tmp_path / "completions.jsonl").read_text().splitlines()) == 4


def test_requests_hold_their_turns() -> None:
    asked = Request(prompt=prompt(), sample=0, text="?", max_tokens=1)
    assert [turn.text for turn in asked.turns] == ["?"]
    assert Reply(text="", finish_reason="stop", latency_s=0).tokens is None
