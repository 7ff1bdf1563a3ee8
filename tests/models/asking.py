"""Both services asked alike: what their tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from probe.models.anthropic import AnthropicModel
from probe.models.base import DoorOptions, LanguageModel, Reply, Request, StoppedError
from probe.models.openai import OpenAIModel
from probe.models.retry import RetryPolicy
from probe.models.service import Service
from tests.fakes.providers import ProviderServer, anthropic_environment, openai_environment
from tests.fakes.tiers import prompt

KEY = "sk-a-secret-key"
FAST = RetryPolicy(tries=5, base_s=0.002, ceiling_s=0.4, timeout_s=5.0)


@dataclass(frozen=True, repr=False)
class Provider:
    """How a test gets at one of the services."""

    name: str
    key_variable: str
    environment: Callable[[ProviderServer, str], dict[str, str]]
    door: Callable[..., Service]

    def __repr__(self) -> str:
        return self.name

    def open(
        self,
        server: ProviderServer,
        monkeypatch: pytest.MonkeyPatch,
        *,
        key: str = KEY,
        policy: RetryPolicy = FAST,
        how: DoorOptions = DoorOptions(),  # noqa: B008
    ) -> Service:
        for name, value in self.environment(server, key).items():
            monkeypatch.setenv(name, value)
        return self.door("small", policy, how)


OPENAI = Provider("openai", "OPENAI_API_KEY", openai_environment, OpenAIModel)
ANTHROPIC = Provider("anthropic", "ANTHROPIC_API_KEY", anthropic_environment, AnthropicModel)


def request(number: int = 0) -> Request:
    """One question."""
    return Request(prompt=prompt(), sample=number, text=f"Question {number}?", max_tokens=1000)


def ask(
    model: LanguageModel, times: int = 1, requests: Sequence[Request] | None = None
) -> list[Reply]:
    """Ask as many questions at the same time and let go of the connections."""
    found = attempt(model, times, requests)
    for outcome in found:
        if isinstance(outcome, BaseException) and not isinstance(outcome, StoppedError):
            raise outcome
    return [outcome for outcome in found if isinstance(outcome, Reply)]


def attempt(
    model: LanguageModel, times: int = 1, requests: Sequence[Request] | None = None
) -> list[Reply | BaseException]:
    """As `ask`, with what was raised in place of a reply."""

    async def asking() -> list[Reply | BaseException]:
        questions = requests or [request(n) for n in range(times)]
        try:
            return await asyncio.gather(
                *(model.complete(question) for question in questions), return_exceptions=True
            )
        finally:
            await model.aclose()

    return asyncio.run(asking())
