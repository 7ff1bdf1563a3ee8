"""``--set extra.…``: fields of a request that probe has no name for."""

from __future__ import annotations

from typing import Any

import pytest

from probe.errors import UsageError
from probe.models import open_door
from probe.models.base import DoorOptions
from probe.render import commands
from probe.tier.folder import load
from tests.fakes.providers import ProviderServer
from tests.fakes.runs import run
from tests.models.asking import ANTHROPIC, FAST, OPENAI, Provider, ask

GIVEN = (
    "extra.top_k=40",
    "extra.chat_template_kwargs.enable_thinking=false",
    "extra.chat_template_kwargs.budget=1e3",
    'extra.stop_words=["a", null]',
    "extra.priority=fast",
    "extra.odd=NaN",
)

BODY = {
    "top_k": 40,
    "chat_template_kwargs": {"enable_thinking": False, "budget": 1000.0},
    "stop_words": ["a", None],
    "priority": "fast",
    "odd": "NaN",
}

both = pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC], ids=lambda p: p.name)


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "a-key")
    monkeypatch.setenv("ANTHROPIC_API_KEY", "a-key")


@both
def test_they_are_sent_and_recorded(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    with ProviderServer() as server:
        model = provider.open(server, monkeypatch, how=DoorOptions(settings=GIVEN))
        ask(model)
    (sent,) = server.requests
    assert {name: sent.body.get(name) for name in BODY} == BODY
    settings = model.settings()
    assert settings["extra.top_k"] == 40
    assert settings["extra.chat_template_kwargs.enable_thinking"] is False
    assert model.identity()["options"]["extra.top_k"] == 40


def test_the_responses_interface_has_them_too(monkeypatch: pytest.MonkeyPatch) -> None:
    how = DoorOptions(settings=("api=responses", "extra.top_k=40"))
    with ProviderServer() as server:
        ask(OPENAI.open(server, monkeypatch, how=how))
    assert server.requests[0].body["top_k"] == 40


@both
@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("extra.model=other",), "model is set by probe"),
        (("extra.messages=[]",), "messages is set by probe"),
        (("extra.stream.x=1",), "stream is set by probe"),
        (("extra.max_tokens=5",), "or by an option of that name"),
        (("extra.=1",), "a field has a name"),
        (("extra.a..b=1",), "a field has a name"),
        (("extra.a=1", "extra.a.b=2"), "as a value and as a table"),
        (("extra.a=1", "extra.a=2"), "given twice"),
        (("extra=1",), "did you mean 'extra.FIELD'?"),
        (("top_k=40",), "unknown option"),
    ],
)
def test_what_makes_no_sense_is_refused(
    provider: Provider, given: tuple[str, ...], said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        provider.door("small", FAST, DoorOptions(settings=given))
    assert said in str(caught.value)


@pytest.mark.parametrize("door", ["builtin/noise", "engine/flite"])
def test_other_doors_refuse_them(door: str) -> None:
    with pytest.raises(UsageError):
        open_door(door, load("notes"), how=DoorOptions(settings=("extra.top_k=40",)))


def test_the_command_that_asks_again_gives_them_again() -> None:
    settings: dict[str, Any] = {"extra.top_k": 40, "extra.a": ["b", {"c": "40"}], "extra.d": "40"}
    said = commands.of_run(run(model="openai/small", settings=settings))
    assert "--set extra.top_k=40" in said
    assert """--set 'extra.a=["b", {"c": "40"}]'""" in said
    assert """--set 'extra.d="40"'""" in said
