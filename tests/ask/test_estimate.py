"""What a talk is told to take before it is held bounds what it takes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from probe.ask.estimate import Size, outline
from probe.ask.strategies import open_strategy
from probe.ask.strategies.base import Heard
from probe.ask.strategies.loops import LONGEST_FAILURE, failure
from probe.models.base import Reply, Request
from probe.records import Limits, Outcome
from probe.sandbox import Execution
from tests.ask.strategies.bench import Bench
from tests.fakes.talkers import Says, fenced, play, tone
from tests.fakes.tiers import loaded_tier, prompt

LIMITS = Limits(reply_tokens=4000)
LOADED = loaded_tier(prompt("a", duration_s=2.0), limits=LIMITS)
NOISY = "\U0001d54f~" * 50_000


def long(reply: str) -> Says:
    """A reply as long as it may be, at a token a byte."""
    return Reply(text=reply.rjust(LIMITS.reply_tokens), finish_reason="stop", latency_s=0)


def wordy(request: Request) -> Says:
    """The longest talk there is: every plan is bad at first, and every edit changes everything."""
    text = request.text
    if "Candidate" in text or "list of" in text:
        return long("no idea")
    if "JSON" not in text:
        return long(fenced(tone(300, 0.1) if "Event" in text else tone(300)))
    if "not a plan" not in text:
        return long("no plan")
    edit = len(request.history)
    events = [
        {"description": f"Event {edit}.{n} {'é' * 200}", "start": n / 10, "end": n / 10 + 0.1}
        for n in range(16)
    ]
    return Reply(text=json.dumps(events, ensure_ascii=False), finish_reason="stop", latency_s=0)


def crash(program: str, limits: Limits) -> Execution:
    return Execution(outcome=Outcome.RUNTIME_ERROR, detail=NOISY, stderr_tail=NOISY)


@pytest.mark.parametrize(
    ("strategy", "execute"),
    [
        ("direct", play),
        ("reason", play),
        ("repair:3", crash),
        ("refine:3", crash),
        ("refine:3", play),
        ("plan:2", play),
        ("best-of:3", play),
    ],
)
def test_no_talk_takes_more_than_the_most_or_less_than_the_least(
    tmp_path: Path, strategy: str, execute: Callable[[str, Limits], Execution]
) -> None:
    bench = Bench(tmp_path, strategy, wordy, loaded=LOADED, execute=execute)
    first = Request(prompt=LOADED.prompts[0], sample=0, text="The tone a.", max_tokens=4000)
    told = outline(open_strategy(strategy), LOADED, first)
    bench.ask()
    took = [Size.of(request) for request in bench.model.requests]
    assert len(told.fewest) <= len(took) <= len(told.most)
    assert len(told.fewest) <= len(told.expected) <= len(told.most)
    assert sum(s.sent for s in took) <= sum(s.sent for s in told.most)
    assert sum(s.messages for s in took) <= sum(s.messages for s in told.most)
    assert sum(s.sent for s in told.fewest) <= sum(s.sent for s in took)
    assert told.most[0].sent == told.fewest[0].sent == took[0].sent
    assert told.opening is not None
    assert told.opening.text == bench.model.requests[0].text
    for kept in range(1, len(took) + 1):
        left = outline(open_strategy(strategy), LOADED, first, kept)
        assert left.opening is None
        assert len(left.most) == len(told.most) - kept
        assert sum(s.sent for s in took[kept:]) <= sum(s.sent for s in left.most)
        assert sum(s.sent for s in left.fewest) <= sum(s.sent for s in took[kept:])


@pytest.mark.parametrize("outcome", [o for o in Outcome if not o.ours and o is not Outcome.OK])
def test_every_failure_can_be_told_and_is_bounded(outcome: Outcome) -> None:
    said = failure(Heard(outcome, NOISY, NOISY))
    assert len(said.encode()) <= LONGEST_FAILURE
    assert said == failure(Heard(outcome, NOISY, NOISY))
