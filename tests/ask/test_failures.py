"""What a person is told of replies that do not come, and what is kept of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from rich.console import Console

from probe.ask.stage import CompleteStage
from probe.board.attempt import look, show_on
from probe.board.entries import failures
from probe.display import Display
from probe.models.base import DoorOptions
from probe.models.openai import OpenAIModel
from probe.records import Place
from probe.records.run_folder import RunFolder, read_completions
from probe.records.store import Store
from tests.fakes.providers import Answer, ProviderServer, Status, Step
from tests.fakes.runs import completion, run
from tests.fakes.tiers import loaded_tier, prompt
from tests.models.asking import FAST, KEY

IDS = tuple("abcdef")
TIER = loaded_tier(*(prompt(p, text=f"The sound {p}.") for p in IDS), template="Please.\n$text")
PLACES = {p: Place(group="single", level=1) for p in IDS}


def ask_all(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *script: Step, then: Step | None = None
) -> str:
    """Fill a run from a server that follows a script, one request after the other; what is said."""
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    said = io.StringIO()
    with ProviderServer(*script, then=then) as server:
        how = DoorOptions(base_url=f"{server.url}/v1", concurrency=1)
        model = OpenAIModel("small", FAST, how)
        with Store.open(folder, run(prompts=PLACES)) as store:
            CompleteStage(model, TIER).fill(store, Display(Console(file=said, width=200)))
    return said.getvalue()


def test_each_reason_is_said_once_while_it_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = Status(429, {"retry-after": "0.2"}, message="slow down")
    broken = Status(500, message="sorry")
    said = ask_all(tmp_path, monkeypatch, Answer(), busy, busy, broken, broken)
    assert said.count("HTTP 429: slow down; trying again in 0 s") == 1
    assert said.count("HTTP 500: sorry; trying again in 0 s") == 1
    assert failures(read_completions(tmp_path)) == {}


def test_waiting_shows_as_waiting() -> None:
    display = Display(Console(file=io.StringIO()))
    with display.stage("complete", 2) as progress:
        progress.advance("ok")
        with progress.waiting("HTTP 429: slow down", 30), progress.waiting("HTTP 429: wait", 30):
            assert progress.counts == "1 ok, 2 waiting (HTTP 429)"
        assert progress.counts == "1 ok"


def test_what_failed_for_good_is_counted_by_kind_and_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = ask_all(
        tmp_path,
        monkeypatch,
        Answer(),
        Status(413, message="too large, request 17"),
        Status(413, message="too large, request 18"),
        then=Status(500, message="sorry"),
    )
    assert "b: HTTP 413: too large, request 17" in said
    assert "request 18" not in said, "once for its kind"
    assert failures(read_completions(tmp_path)) == {"HTTP 500": 3, "HTTP 413": 2}
    shown = io.StringIO()
    show_on(Console(file=shown, width=100), look(RunFolder(tmp_path), ("f", 0)))
    assert "no reply  gave up after 5 tries: HTTP 500: sorry" in shown.getvalue()


def test_only_the_last_try_of_an_attempt_is_counted() -> None:
    failed = completion("a", outcome="provider_error", error="HTTP 500: sorry")
    assert failures([failed, completion("b"), failed, completion("a")]) == {}
