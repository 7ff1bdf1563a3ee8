"""A run's log is replayed with the strategy that it was made with, turn by turn."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from probe.models.base import ProviderError, Reply, Request, Turn
from probe.models.replay import Replay
from probe.records import Outcome
from tests.ask.strategies.bench import Bench
from tests.ask.strategies.test_resuming import LOADED, TALKS, rows
from tests.fakes.runs import completion
from tests.fakes.talkers import CRASH, fenced, tone


@pytest.mark.parametrize("strategy", TALKS)
def test_the_same_strategy_says_and_gets_the_same(tmp_path: Path, strategy: str) -> None:
    first = Bench(tmp_path / "first", strategy, TALKS[strategy], loaded=LOADED, prompts="ab")
    first.all()
    again = Bench(tmp_path / "again", strategy, TALKS[strategy], loaded=LOADED, prompts="ab")
    again.model = Replay(tmp_path / "first" / "completions.jsonl", LOADED)  # type: ignore[assignment]
    run = again.all()
    assert {r.outcome for r in run.renderings.latest.values()} == {Outcome.OK}
    told, found = rows(first.folder), rows(again.folder)
    for name in ("completions.jsonl", "messages.jsonl", "hearings.jsonl", "answers.jsonl"):
        assert found.get(name) == told.get(name)


def test_the_same_words_later_in_a_talk_get_the_later_reply(tmp_path: Path) -> None:
    def answer(request: Request) -> str:
        return fenced(tone(440, 0.5) if len(request.history) > 4 else CRASH)

    first = Bench(tmp_path / "first", "repair:3", answer, loaded=LOADED)
    assert len(first.all().turns(("a", 0))) == 4
    again = Bench(tmp_path / "again", "repair:3", answer, loaded=LOADED)
    again.model = Replay(tmp_path / "first" / "completions.jsonl", LOADED)  # type: ignore[assignment]
    run = again.all()
    assert [c.text for c in run.turns(("a", 0))] == [*[fenced(CRASH)] * 3, fenced(tone(440, 0.5))]


@pytest.mark.parametrize("strategy", ["reason", "repair:3", "plan:1"])
def test_another_strategy_gets_no_reply_to_words_that_were_not_said(
    tmp_path: Path, strategy: str
) -> None:
    first = Bench(tmp_path / "first", "best-of:3", TALKS["best-of:3"], loaded=LOADED)
    first.ask()
    log = tmp_path / "first" / "completions.jsonl"
    assert Replay(log, LOADED).covers(LOADED.prompts[0])
    other = Bench(tmp_path / "other", strategy, TALKS["direct"], loaded=LOADED)
    other.model = Replay(log, LOADED)  # type: ignore[assignment]
    run = other.ask()
    (row,) = run.latest_completions.values()
    if strategy == "repair:3":
        assert row.outcome is Outcome.OK, "the opening is the same, and nothing needs repair"
    else:
        assert row.outcome is Outcome.PROVIDER_ERROR
        assert "replayed with the strategy" in (row.error or "")


def say(model: Replay, text: str, *history: Turn, draw: int = 0) -> Reply:
    request = Request(
        prompt=LOADED.prompts[0], sample=0, text=text, history=history, draw=draw, max_tokens=1
    )
    return asyncio.run(model.complete(request))


def test_a_log_of_single_replies_answers_whatever_is_said_first(tmp_path: Path) -> None:
    (tmp_path / "old.jsonl").write_text(completion("a", text="x").model_dump_json() + "\n")
    (tmp_path / "plain.jsonl").write_text(json.dumps({"id": "a", "reply": "x"}) + "\n")
    for name in ("old.jsonl", "plain.jsonl"):
        model = Replay(tmp_path / name, LOADED)
        assert say(model, "in any words").text == "x"
        with pytest.raises(ProviderError, match="no reply is recorded"):
            say(model, "in any words", draw=1)
        with pytest.raises(ProviderError, match="no reply is recorded"):
            say(model, "and then?", Turn(role="user", text="?"), Turn(role="assistant", text="x"))
