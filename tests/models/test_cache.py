from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from probe.cli.app import app
from probe.errors import PrerequisiteError, UsageError
from probe.models.base import DoorOptions, LanguageModel, ProviderError, Reply, Turn
from probe.models.cache import Cached, ReplyCache, cached
from tests.fakes.doors import ScriptedModel
from tests.fakes.providers import Answer, ProviderServer, Status
from tests.models.asking import ANTHROPIC, OPENAI, Provider, ask, attempt, request

IDENTITY = {"door": "scripted/model"}
ANSWER = Reply(text="x", finish_reason="stop", latency_s=1.5, usage={"n": 1}, request_id="r")


def door(folder: Path, inner: LanguageModel | None = None, **identity: Any) -> Cached:
    model = inner or ScriptedModel({"a4": ANSWER})
    return Cached(model, IDENTITY | identity, ReplyCache(folder))


def asked_of(model: Cached) -> int:
    inner = model.inner
    assert isinstance(inner, ScriptedModel)
    return len(inner.requests)


def test_the_same_question_is_asked_once_for_all_runs(tmp_path: Path) -> None:
    first, second = door(tmp_path), door(tmp_path)
    assert ask(first) == [ANSWER]
    assert ask(second) == [ANSWER.model_copy(update={"from_cache": True})]
    assert (asked_of(first), asked_of(second)) == (1, 0)
    assert first.lookup(request(1)) is None


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Another?"},
        {"sample": 1},
        {"max_tokens": 999},
        {"history": (Turn(role="user", text="Hm."), Turn(role="assistant", text="So."))},
    ],
    ids=lambda change: next(iter(change)),
)
def test_another_question_is_another(tmp_path: Path, change: dict[str, Any]) -> None:
    ask(door(tmp_path))
    model = door(tmp_path)
    assert model.lookup(request().model_copy(update=change)) is None


def test_another_model_is_another(tmp_path: Path) -> None:
    ask(door(tmp_path))
    assert door(tmp_path, options={"temperature": 1}).lookup(request()) is None


def test_where_a_prompt_begins_like_others_is_no_part_of_the_question(tmp_path: Path) -> None:
    ask(door(tmp_path))
    assert door(tmp_path).lookup(request().model_copy(update={"shared": 3})) is not None


def test_a_failure_is_never_kept(tmp_path: Path) -> None:
    model = door(tmp_path, ScriptedModel({"a4": [ProviderError("HTTP 500"), ANSWER]}))
    (failed,) = attempt(model)
    assert isinstance(failed, ProviderError)
    assert ReplyCache(tmp_path).size()[0] == 0
    assert ask(model) == [ANSWER]


def test_what_was_paid_for_no_reply_is_not_paid_again(tmp_path: Path) -> None:
    tried = ANSWER.model_copy(update={"tries": 3, "discarded": ({"n": 1},)})
    assert ask(door(tmp_path, ScriptedModel({"a4": tried}))) == [tried]
    assert ask(door(tmp_path)) == [ANSWER.model_copy(update={"from_cache": True})]


@pytest.mark.parametrize(
    "damage", [b"", b"{", b"[]", b"null", b'{"asked": {}}', b"\xff", b"[" * 50_000]
)
def test_a_damaged_file_counts_as_missing_and_is_mended(tmp_path: Path, damage: bytes) -> None:
    ask(door(tmp_path))
    (path,) = tmp_path.rglob("*.json")
    path.write_bytes(damage)
    assert ask(door(tmp_path)) == [ANSWER]
    assert door(tmp_path).lookup(request()) is not None


def test_an_answer_to_something_else_is_not_taken(tmp_path: Path) -> None:
    ask(door(tmp_path))
    (path,) = tmp_path.rglob("*.json")
    kept = json.loads(path.read_text())
    kept["asked"]["text"] = "Something else?"
    path.write_text(json.dumps(kept))
    assert door(tmp_path).lookup(request()) is None


def test_a_folder_that_cannot_be_written_to_is_said_and_loses_no_reply(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    model = door(tmp_path / "file")
    assert ask(model) == [ANSWER]
    with pytest.raises(PrerequisiteError, match=r"PROBE_CACHE.*--no-cache"):
        ask(model)
    assert asked_of(model) == 1


@pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC], ids=lambda p: p.name)
def test_services_are_kept_by_door_address_and_options(
    provider: Provider, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with ProviderServer(Answer(), Status(500), Answer()) as server:

        def opened(*settings: str, name: str | None = None) -> LanguageModel:
            how = DoorOptions(settings=settings, name=name)
            found = cached(provider.open(server, monkeypatch, how=how), ReplyCache(tmp_path))
            assert isinstance(found, LanguageModel)
            return found

        def requests_for(model: LanguageModel) -> int:
            before = server.received
            ask(model)
            return server.received - before

        assert requests_for(opened()) == 1
        assert requests_for(opened()) == 0
        assert requests_for(opened("timeout=7", name="another/name")) == 0, "no answer changes"
        assert requests_for(opened("system=Be brief.")) == 2, "another question, and one retry"
    assert "a-secret-key" not in "".join(path.read_text() for path in tmp_path.rglob("*.json"))


def test_doors_that_cost_nothing_are_not_kept(tmp_path: Path) -> None:
    model = ScriptedModel({"a4": "x"})
    assert cached(model, ReplyCache(tmp_path)) is model


def test_the_cache_is_shown_and_cleared_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path))
    ask(Cached(ScriptedModel({"a4": ANSWER}), IDENTITY, ReplyCache()), 3)
    (tmp_path / "replies" / "mine.txt").write_text("mine")
    shown = json.loads(CliRunner().invoke(app, ["cache", "show", "--json"]).stdout)
    assert shown["replies"]["files"] == 3
    assert shown["replies"]["bytes"] > 300
    assert shown["replies"]["folder"].startswith(str(tmp_path))
    assert "3 replies in" in CliRunner().invoke(app, ["cache", "show"]).stdout
    done = CliRunner().invoke(app, ["cache", "clear", "replies"])
    assert done.stdout == "3 replies thrown away\n"
    assert ReplyCache().size() == (0, 0)
    assert (tmp_path / "replies" / "mine.txt").exists()
    wrong = CliRunner().invoke(app, ["cache", "clear", "reply"])
    assert isinstance(wrong.exception, UsageError)


def test_a_reply_is_read_by_its_owner_alone(tmp_path: Path) -> None:
    ask(door(tmp_path))
    (path,) = tmp_path.rglob("*.json")
    assert path.stat().st_mode & 0o077 == 0
