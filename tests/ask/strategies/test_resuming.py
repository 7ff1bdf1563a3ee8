"""A talk that is interrupted anywhere goes on from there: nothing is asked or run twice."""

from __future__ import annotations

import io
import itertools
import json
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from probe.ask.budget import OverBudgetError
from probe.ask.stage import CompleteStage
from probe.display import Display
from probe.errors import UsageError
from probe.models.base import ProviderError, Request, StoppedError
from probe.records import Limits, Outcome, Record
from probe.records.store import Log, Store
from probe.sandbox import Execution
from tests.ask.strategies.bench import Bench
from tests.fakes.talkers import CRASH, Says, fenced, in_turn, play, tone
from tests.fakes.tiers import loaded_tier, prompt

Answers = Callable[[Request], Says]

LENGTH_S = 0.5
LOADED = loaded_tier(
    prompt("a", text="Two tones.", duration_s=LENGTH_S),
    prompt("b", text="More.", duration_s=LENGTH_S),
    template="tone $text $duration 0",
)


def short(hertz: float) -> str:
    return fenced(tone(hertz, LENGTH_S))


def plans(request: Request) -> Says:
    if "JSON" not in request.text:
        return fenced(request.text)
    asked = sum("JSON" in turn.text for turn in request.history if turn.role == "user")
    events = [
        {"description": "300", "start": 0.0, "end": 0.2},
        {"description": "400", "start": 0.2 + asked / 20, "end": LENGTH_S},
    ]
    return fenced(json.dumps(events), "json") if asked else "no plan"


def judges(request: Request) -> Says:
    if "Candidate" in request.text:
        return "[1, 2, 3]"
    return short(300 + 100 * request.draw)


TALKS: dict[str, Answers] = {
    "direct": in_turn(short(440)),
    "repair:3": in_turn(fenced(CRASH), "nothing", short(440)),
    "refine:2": in_turn(short(300), short(400), short(500)),
    "plan:1": plans,
    "best-of:3": judges,
}
TURNS = {"direct": 1, "repair:3": 3, "refine:2": 3, "plan:1": 6, "best-of:3": 4}


class KilledError(Exception):
    """The moment at which a process is killed."""


class Restless:
    """Programs whose tone is another each time, as that of a program without a seed."""

    def __init__(self) -> None:
        self._tones = itertools.count(200, 37)

    def __call__(self, program: str, limits: Limits) -> Execution:
        word, *numbers = program.split()
        if word != "tone":
            return play(program, limits)
        return play(" ".join([word, str(next(self._tones)), *numbers[1:]]), limits)


def rows(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row without its times, in an order of its own."""
    found = {}
    for path in sorted(folder.glob("*.jsonl")):
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        timeless = [{k: v for k, v in row.items() if k != "latency_s"} for row in lines]
        found[path.name] = sorted(timeless, key=lambda row: json.dumps(row, sort_keys=True))
    return found


@pytest.mark.parametrize("strategy", TALKS)
def test_killed_before_any_row_and_resumed(
    tmp_path: Path, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = Bench(tmp_path / "whole", strategy, TALKS[strategy], loaded=LOADED, prompts="ab")
    whole.ask()
    expected = rows(whole.folder)
    asked = len(whole.model.requests)
    assert asked == 2 * TURNS[strategy]
    append = Log.append
    for moment in range(sum(map(len, expected.values()))):
        left = moment

        def short_of_breath(log: Log[Any, Any], row: Record) -> None:
            nonlocal left
            if left == 0:
                raise KilledError
            left -= 1
            append(log, row)

        bench = Bench(
            tmp_path / str(moment), strategy, TALKS[strategy], loaded=LOADED, prompts="ab"
        )
        with monkeypatch.context() as patch:
            patch.setattr(Log, "append", short_of_breath)
            with pytest.raises(KilledError):
                bench.ask()
        bench.ask()
        assert rows(bench.folder) == expected
        # What was under way in each of two talks may have been answered and not kept.
        assert asked <= len(bench.model.requests) <= asked + 2
        bench.ask()
        assert rows(bench.folder) == expected


@pytest.mark.parametrize("strategy", TALKS)
def test_a_services_failure_at_any_turn_is_refilled_by_the_next_run(
    tmp_path: Path, strategy: str
) -> None:
    for failing in range(TURNS[strategy]):
        count = itertools.count()

        def answer(request: Request, count: Any = count, failing: int = failing) -> Says:
            fails = next(count) == failing
            return ProviderError("HTTP 503") if fails else TALKS[strategy](request)

        folder = tmp_path / str(failing)
        bench = Bench(folder, strategy, answer, loaded=LOADED, execute=Restless())
        run = bench.ask()
        assert run.latest_completions["a", 0].outcome is Outcome.PROVIDER_ERROR
        assert bench.missing(run) == [("a", 0)]
        assert sum(not turn.outcome.ours for turn in run.turns(("a", 0))) == failing
        run = bench.all()
        assert bench.missing(run) == []
        assert run.latest_completions["a", 0].outcome is Outcome.OK
        assert run.renderings.latest["a", 0].outcome is Outcome.OK
        assert len(bench.model.requests) == TURNS[strategy] + 1
        log = (folder / "completions.jsonl").read_text().splitlines()
        assert len(log) == TURNS[strategy] + 1, "the failure stays in the log"
        ran = len(bench.sandbox.programs)
        bench.all()
        assert len(bench.sandbox.programs) == ran


@pytest.mark.parametrize("reason", [StoppedError("stopped"), OverBudgetError("spent")])
@pytest.mark.parametrize("strategy", ["repair:3", "plan:1", "best-of:3"])
def test_an_end_in_the_middle_of_a_talk_leaves_it_to_the_next_run(
    tmp_path: Path, strategy: str, reason: StoppedError
) -> None:
    def answer(request: Request) -> Says:
        return reason if len(bench.model.requests) == 2 else TALKS[strategy](request)

    bench = Bench(tmp_path, strategy, answer, loaded=LOADED)
    if isinstance(reason, OverBudgetError):
        bench.ask()
    else:
        with pytest.raises(StoppedError):
            bench.ask()
    run = bench.ask()
    assert bench.missing(run) == []
    assert len(bench.model.requests) == TURNS[strategy] + 1


@pytest.mark.parametrize("strategy", ["repair:3", "refine:2", "plan:1", "best-of:3"])
def test_a_failure_of_the_sandbox_breaks_the_talk_off_and_asks_nothing_twice(
    tmp_path: Path, strategy: str
) -> None:
    broken = [True]

    def execute(program: str, limits: Limits) -> Execution:
        if broken:
            broken.clear()
            return Execution(outcome=Outcome.SANDBOX_ERROR, detail="engine gone")
        return play(program, limits)

    bench = Bench(tmp_path, strategy, TALKS[strategy], loaded=LOADED, execute=execute)
    run = bench.ask()
    assert bench.missing(run) == [("a", 0)]
    assert ("a", 0) not in run.latest_completions
    assert ("a", 0) not in bench.render().renderings.latest
    assert bench.missing(bench.all()) == []
    assert len(bench.model.requests) == TURNS[strategy]


def test_every_sample_is_a_talk_of_its_own(tmp_path: Path) -> None:
    def answer(request: Request) -> Says:
        crashes = request.sample == 1 and not request.history
        return fenced(CRASH if crashes else tone(300 + request.sample))

    bench = Bench(tmp_path, "repair:1", answer, samples=3)
    run = bench.all()
    assert [len(run.turns(("a", n))) for n in range(3)] == [1, 2, 1]
    assert {r.outcome for r in run.renderings.latest.values()} == {Outcome.OK}
    assert len({r.audio_sha256 for r in run.renderings.latest.values()}) == 3


def test_a_talk_in_other_words_is_not_taken_up(tmp_path: Path) -> None:
    def answer(request: Request) -> Says:
        return ProviderError("HTTP 503") if len(request.history) > 2 else fenced(CRASH)

    bench = Bench(tmp_path, "repair:3", answer)
    bench.ask()
    log = tmp_path / "completions.jsonl"
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    lines[1]["sent"] = "0" * 64
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    with pytest.raises(UsageError, match=r"turn 1 of a\.0 answers other words.*--fresh"):
        bench.ask()
    assert len(bench.model.requests) == 3


def test_ctrl_c_twice_does_not_wait_for_a_program(tmp_path: Path) -> None:
    said, over, finished = io.StringIO(), threading.Event(), list[bool]()

    def execute(program: str, limits: Limits) -> Execution:
        os.kill(os.getpid(), signal.SIGINT)
        while "Ctrl-C again" not in said.getvalue() and not over.wait(0.01):
            pass
        os.kill(os.getpid(), signal.SIGINT)
        over.wait(60)
        finished.append(True)
        return play(program, limits)

    bench = Bench(tmp_path, "repair:3", TALKS["repair:3"], loaded=LOADED, execute=execute)
    display = Display(Console(file=said, width=400))
    try:
        with Store.open(tmp_path, bench.spec) as store, pytest.raises(KeyboardInterrupt):
            CompleteStage(bench.model, LOADED, bench.sandbox).fill(store, display)
        assert not finished
    finally:
        over.set()
    again = Bench(tmp_path, "repair:3", TALKS["repair:3"], loaded=LOADED)
    assert again.missing(again.ask()) == []
    assert len(again.model.requests) == TURNS["repair:3"] - 1, "the first reply was kept"
