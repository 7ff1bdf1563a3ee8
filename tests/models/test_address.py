"""A wrong path in the address, and a server of one's own under a vendor's model name."""

from __future__ import annotations

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.models.base import DoorOptions
from tests.fakes.providers import PROGRAM, ProviderServer, Status
from tests.models.asking import ANTHROPIC, FAST, KEY, OPENAI, Provider, ask

both = pytest.mark.parametrize("provider", [OPENAI, ANTHROPIC], ids=lambda p: p.name)


def said(provider: Provider, address: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv(provider.key_variable, KEY)
    with pytest.raises(PrerequisiteError) as caught:
        ask(provider.door("small", FAST, DoorOptions(base_url=address)), 5)
    return str(caught.value)


@pytest.mark.parametrize(
    ("provider", "given", "right"),
    [(OPENAI, "", "/v1"), (OPENAI, "/", "/v1"), (ANTHROPIC, "/v1", ""), (ANTHROPIC, "/v1/", "")],
    ids=repr,
)
def test_a_path_that_is_none_names_the_one_that_answers(
    provider: Provider, given: str, right: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer() as server:
        words = said(provider, server.url + given, monkeypatch)
        assert words.endswith(f"use --base-url {server.url}{right}")
        assert "no model" not in words
        (reply,) = ask(provider.door("small", FAST, DoorOptions(base_url=f"{server.url}{right}")))
    assert reply.text == PROGRAM


@both
def test_a_path_below_which_nobody_answers_is_said(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer() as server:
        words = said(provider, f"{server.url}/api/x", monkeypatch)
    assert "/api/x speaks the interface of" in words
    assert words.endswith("neither with /v1 at its end nor without")


@both
def test_a_model_that_is_not_there_is_no_fault_of_the_path(
    provider: Provider, monkeypatch: pytest.MonkeyPatch
) -> None:
    with ProviderServer(then=Status(404, message="no such model")) as server:
        address = server.url + ("/v1" if provider is OPENAI else "")
        assert "has no model 'small'" in said(provider, address, monkeypatch)


@pytest.mark.parametrize(
    ("provider", "model"),
    [(OPENAI, "gpt-4o"), (OPENAI, "o3"), (OPENAI, "o4-mini"), (ANTHROPIC, "claude-sonnet-4-5")],
    ids=repr,
)
def test_a_local_server_under_a_vendors_name_asks_for_a_name(
    provider: Provider, model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(provider.key_variable, KEY)
    address = "http://localhost:8000/v1"
    with pytest.raises(UsageError, match=f"--name {provider.name}/{model}"):
        provider.door(model, FAST, DoorOptions(base_url=address))
    provider.door(model, FAST, DoorOptions(base_url=address, name="lab/llama"))
    provider.door("llama3.3", FAST, DoorOptions(base_url=address))
    provider.door(model, FAST, DoorOptions(base_url="https://gateway.example.com/v1"))
