"""Both services asked alike: what their tests share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from probe.models.anthropic import AnthropicModel
from probe.models.base import Reply, Request
from probe.models.openai import OpenAIModel
from probe.models.retry import RetryPolicy
from probe.models.service import Service
from tests.fakes.providers import ProviderServer, anthropic_environment, openai_environment
from tests.fakes.tiers import prompt

KEY = "sk-a-secret-key"
FAST = RetryPolicy(tries=5, base_s=0.002, ceiling_s=0.4, timeout_s=5.0)


@dataclass(frozen=True)
class Provider:
    """How a test gets at one of the services."""

    name: str
    key_variable: str
    environment: Callable[[ProviderServer, str], dict[str, str]]
    door: Callable[[str, RetryPolicy], Service]

    def open(
        self,
        server: ProviderServer,
        monkeypatch: pytest.MonkeyPatch,
        *,
        key: str = KEY,
        policy: RetryPolicy = FAST,
    ) -> Service:
        for name, value in self.environment(server, key).items():
            monkeypatch.setenv(name, value)
        return self.door("small", policy)


OPENAI = Provider("openai", "OPENAI_API_KEY", openai_environment, OpenAIModel)
ANTHROPIC = Provider("anthropic", "ANTHROPIC_API_KEY", anthropic_environment, AnthropicModel)


def request(number: int = 0) -> Request:
    """One question."""
    return Request(prompt=prompt(), sample=number, text=f"Question {number}?", max_tokens=1000)


def ask(model: Service, times: int = 1) -> list[Reply]:
    """Ask as many questions at the same time and let go of the connections."""

    async def asking() -> list[Reply]:
        try:
            return await asyncio.gather(*(model.complete(request(n)) for n in range(times)))
        finally:
            await model.aclose()

    return asyncio.run(asking())
