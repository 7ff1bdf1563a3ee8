"""Every strategy from prompt to score: the real SDK, the real sandbox, real metrics."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from probe.ask.prices import cost_of
from probe.ask.strategies.single import FewShot
from probe.cli.run import ahead_json, ahead_text
from probe.models.base import DoorOptions
from probe.models.usage import Tokens
from probe.records import Outcome, Part
from probe.records.languages import LANGUAGES
from probe.records.run_folder import RunFolder
from probe.run import Options, Plan, execute, look_ahead, prepare
from probe.sandbox import Sandbox
from probe.sandbox.choose import open_sandbox
from probe.tier.folder import load
from probe.tier.template import message
from tests.fakes import beeps
from tests.fakes.beeps import A4, A5, RATE, csound, program, write_tier
from tests.fakes.providers import Answer, ProviderServer, Step, openai_environment
from tests.fakes.talkers import fenced

pytestmark = pytest.mark.docker

Talking = Callable[[list[dict[str, str]]], str]
"""A reply to the messages of a conversation."""

BAD = (220.0, 0.1, 0.3)
CRASH = "import numpy\nnumpy.nosuchthing()\n"


class Studio:
    """A provider that answers by content, a tier of beeps, and everything else real."""

    def __init__(self, folder: Path, sandbox: Sandbox, talking: Talking, *prompts: str) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.tier = write_tier(folder / "beeps", *prompts)

        def reply(body: dict[str, Any]) -> Step:
            return Answer(talking(body["messages"]))

        self.server = ProviderServer(reply=reply, meter=_meter)

    def plan(self, strategy: str, language: str = "python", model: str = "openai/small") -> Plan:
        """What is to be run, on the sandbox that all tests share."""
        address = f"{self.server.url}/v1" if model.startswith("openai") else None
        options = Options(
            tier=str(self.tier),
            model=model,
            results=self.folder / model.partition("/")[0],
            strategy=strategy,
            language=language,
            how=DoorOptions(base_url=address),
            cache=False,
        )
        shared: Any = contextlib.nullcontext(self.sandbox)
        return replace(prepare(options), sandbox=shared, venue=None)

    def run(self, strategy: str, language: str = "python") -> RunFolder:
        """Run; what it took must be what was told before, and what is told after."""
        plan = self.plan(strategy, language)
        before, received, billed = outlook(plan), self.server.received, self.server.billed
        entry = execute(plan)
        assert entry.complete
        run = RunFolder(plan.folder)
        assert entry.model == run.run.spec.row
        cost = cost_of(plan.folder)
        assert cost.replies == self.server.received - received
        assert cost.tokens + billed == self.server.billed, "every turn is counted"
        took = {
            "replies": cost.replies,
            "input_tokens": cost.tokens.input,
            "output_tokens": cost.tokens.output,
            "dollars": float(cost.dollars or 0),
        }
        for name, value in took.items():
            told = before[name]
            assert told["low"] <= value <= told["high"], name
            assert told["low"] <= told["expected"] <= told["high"], name
        assert outlook(plan)["replies"] == {"low": 0, "expected": 0, "high": 0}
        return run

    def sent(self) -> list[str]:
        """What was said last in each request."""
        return [str(r.body["messages"][-1]["content"]) for r in self.server.requests]


def _meter(body: Mapping[str, Any]) -> Tokens:
    """Tokens of four bytes each, as real ones, and replies of a short program's length."""
    sent = sum(len(message["content"].encode()) for message in body["messages"])
    return Tokens(input=sent // 4 + 4, output=150)


def outlook(plan: Plan) -> dict[str, Any]:
    """What `--dry-run --json` says it will take."""
    found = json.loads(ahead_json(plan, look_ahead(plan)))["estimate"]
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with open_sandbox("docker") as opened:
        yield opened


@pytest.fixture
def studio(
    tmp_path: Path, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Studio]:
    for name in ("OPENAI_ORG_ID", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    def make(talking: Talking, *prompts: str) -> Studio:
        made = Studio(tmp_path, sandbox, talking, *prompts)
        for name, value in openai_environment(made.server).items():
            monkeypatch.setenv(name, value)
        host = made.server.url.removeprefix("http://")
        (tmp_path / "prices.toml").write_text(
            f'[[price]]\nmodels = ["openai/small"]\nhost = "{host}"\ninput = 1.0\n'
            'output = 4.0\ndate = 2026-01-01\nsource = "a test"\n'
        )
        monkeypatch.setenv("PROBE_PRICES", str(tmp_path / "prices.toml"))
        return made

    return make


def score(run: RunFolder, prompt: str) -> float:
    return run.latest_scores[prompt, 0, "note_f1"].value


def last(messages: list[dict[str, str]]) -> str:
    return messages[-1]["content"]


def rises(run: RunFolder, prompt: str) -> list[float]:
    """Moments at which the mixed clip becomes loud, measured on its samples and nothing else."""
    pcm = run.audio(run.renderings.latest[prompt, 0])
    assert pcm is not None
    assert len(pcm) == 2 * RATE
    hop = RATE // 200
    loud = np.abs(pcm[: len(pcm) // hop * hop]).reshape(-1, hop).max(axis=1) > 0.02 * 32768
    return [
        float(place) / 200
        for place in np.flatnonzero(np.diff(np.pad(loud, (1, 0)).astype(int)) == 1)
    ]


def test_repair_turns_a_crash_into_ok(studio: Callable[..., Studio]) -> None:
    def talking(messages: list[dict[str, str]]) -> str:
        mended = "ended with an error" in last(messages)
        return fenced(program(A4) if mended else CRASH)

    with (bench := studio(talking, "one")).server:
        run = bench.run("repair")
        plan = bench.plan("repair:3")
        text = ahead_text(plan, look_ahead(plan))
    assert re.search(r"\n  replies +1 +2 +4\n", text)
    assert run.run.spec.row == "openai/small+repair:2"
    assert [h.outcome for h in run.hearings.latest.values()] == [
        Outcome.RUNTIME_ERROR,
        Outcome.OK,
    ]
    assert run.renderings.latest["one", 0].outcome is Outcome.OK
    assert score(run, "one") == 1.0
    first, second = bench.sent()
    assert "AttributeError: module 'numpy' has no attribute 'nosuchthing'" in second
    assert 'File "/job/program.py", line 2' in second
    assert [m["role"] for m in bench.server.requests[1].body["messages"]] == [
        *("user", "assistant", "user"),
    ]
    assert first == message(load(str(bench.tier)), load(str(bench.tier)).prompts[0])


def planner(messages: list[dict[str, str]]) -> str:
    """First a plan with an event beyond the clip's end, then a good one; beeps as described."""
    asked = last(messages)
    if "Make the plan" in asked or "not a plan" in asked:
        late = 0.0 if "not a plan" in asked else 1.0
        events = [
            {"description": f"a beep of {hz:g} Hz", "start": a, "end": b + late}
            for hz, a, b in (A4, A5)
        ]
        return fenced(json.dumps(events), "json")
    found = re.search(r"leaves a beep of (\S+) Hz as /out/output.wav, (\S+) s", asked)
    assert found, asked
    hertz, length_s = map(float, found.groups())
    return fenced(program((hertz, 0, length_s), length_s=length_s))


def test_plan_puts_both_events_at_their_times(studio: Callable[..., Studio]) -> None:
    with (bench := studio(planner, "two")).server:
        run = bench.run("plan")
        asked = bench.server.received
        replay = bench.plan("plan", model=f"replay/{run.folder / 'completions.jsonl'}")
        assert execute(replay).complete
        assert bench.server.received == asked, "a replay asks nobody"
    assert [c.outcome for c in run.turns(("two", 0))] == [Outcome.NO_CODE, *[Outcome.OK] * 3]
    assert "ends at 2.8 s, after the file's 2 s" in bench.sent()[1]
    assert run.answers.latest["two", 0].parts == (
        Part(turn=2, onset_s=0.4, duration_s=0.5),
        Part(turn=3, onset_s=1.3, duration_s=0.5),
    )
    assert rises(run, "two") == pytest.approx([0.4, 1.3], abs=0.05)
    assert score(run, "two") == 1.0
    again = RunFolder(replay.folder).renderings.latest["two", 0]
    assert again.audio_sha256 == run.renderings.latest["two", 0].audio_sha256


def test_best_of_takes_what_the_judge_says_and_keeps_both_scores(
    studio: Callable[..., Studio],
) -> None:
    programs = iter([fenced(program(BAD)), fenced(CRASH), fenced(program(A4))])

    def talking(messages: list[dict[str, str]]) -> str:
        return "[15, 85]" if "Candidate 1" in last(messages) else next(programs)

    with (bench := studio(talking, "one")).server:
        run = bench.run("best-of:3")
    kept = run.answers.latest["one", 0]
    assert (kept.parts, kept.judge, kept.judged) == ((Part(turn=2),), "self", (15.0, 0.0, 85.0))
    assert score(run, "one") == 1.0


def test_direct_takes_the_one_reply(studio: Callable[..., Studio]) -> None:
    with (bench := studio(lambda _: fenced(program(A4)), "one")).server:
        run = bench.run("direct")
    assert score(run, "one") == 1.0
    assert not run.answers.latest


def test_refine_hears_through_numbers_and_stops_when_content(
    studio: Callable[..., Studio],
) -> None:
    def talking(messages: list[dict[str, str]]) -> str:
        if "onsets, where the level jumps up: 1 at 0.4" in last(messages):
            return "DONE"
        return fenced(program(A4 if "onsets" in last(messages) else BAD))

    with (bench := studio(talking, "one")).server:
        run = bench.run("refine:4")
    assert len(run.turns(("one", 0))) == 3
    assert run.answers.latest["one", 0].parts == (Part(turn=1),)
    assert score(run, "one") == 1.0


def test_few_shot_and_reason_take_one_reply(studio: Callable[..., Studio]) -> None:
    def talking(messages: list[dict[str, str]]) -> str:
        task = last(messages).partition("# Your task")[2] or last(messages)
        found = re.findall(r"a beep of (\S+) Hz from (\S+) to (\S+) s", task)
        return fenced(program(*(tuple(map(float, beep)) for beep in found)))  # type: ignore[arg-type]

    with (bench := studio(talking)).server:
        run = bench.run("few-shot:2")
        assert {p: score(run, p) for p in beeps.BEEPS} == dict.fromkeys(beeps.BEEPS, 1.0)
        for asked, own in zip(bench.sent(), _own(bench.sent()), strict=True):
            examples, _, task = asked.partition("# Your task")
            assert examples.count("```python") == 2
            assert program(*beeps.BEEPS[own]) not in asked
            assert f"leaves {beeps.text(*beeps.BEEPS[own])} as" not in examples
            assert f"leaves {beeps.text(*beeps.BEEPS[own])} as" in task
        run = bench.run("reason")
    assert {p: score(run, p) for p in beeps.BEEPS} == dict.fromkeys(beeps.BEEPS, 1.0)
    assert all("think the sound through" in asked for asked in bench.sent()[3:])


def _own(sent: list[str]) -> list[str]:
    tasks = [asked.partition("# Your task")[2] for asked in sent]
    by_text = {f"leaves {beeps.text(*found)} as": name for name, found in beeps.BEEPS.items()}
    return [next(name for said, name in by_text.items() if said in task) for task in tasks]


def test_csound_is_a_row_of_its_own(studio: Callable[..., Studio]) -> None:
    with (bench := studio(lambda _: fenced(csound(A4, A5), "csound"), "two")).server:
        run = bench.run("repair:1", "csound")
    assert run.run.spec.row == "openai/small+repair:1+csound"
    assert "Csound" in bench.sent()[0]
    row = run.renderings.latest["two", 0]
    assert row.outcome is Outcome.OK, row.stderr_tail
    assert rises(run, "two") == pytest.approx([0.4, 1.3], abs=0.05)
    assert run.program_path(("two", 0)).suffix == ".csd"
    assert score(run, "two") == 1.0


# --- what few-shot shows of a real tier ----------------------------------------------------------


@pytest.mark.parametrize("count", [3, 8])
def test_few_shot_shows_nothing_of_the_prompts_own_group(count: int) -> None:
    loaded = load("notes")
    strategy = FewShot(count)
    strategy.check(loaded, LANGUAGES["python"])
    programs = {
        p.id: (loaded.folder / "programs" / f"{p.id}.py").read_text() for p in loaded.prompts
    }
    for prompt in loaded.prompts[::4]:
        opening = strategy.opening(loaded, prompt, message(loaded, prompt))
        examples = opening.partition("# Your task")[0]
        shown = strategy.examples(loaded, prompt)
        assert len({p.id for p in shown}) == count
        assert len({p.group for p in shown}) == min(count, len(loaded.tier.groups) - 1)
        assert prompt.group not in {p.group for p in shown}
        assert opening.count(prompt.text) == 1
        for other in loaded.prompts:
            if other.group == prompt.group:
                assert programs[other.id].strip() not in opening
                assert f"\n{other.text}\n" not in examples
            elif other in shown:
                assert programs[other.id].strip() in examples
        assert opening == strategy.opening(loaded, prompt, message(loaded, prompt))
