"""What every door looks like from the pipeline's side.

A door is a `LanguageModel`, which writes text, or an `AudioSource`, which leaves audio. Everything
right of the audio is the same for both.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from probe.errors import ProbeError
from probe.records import ModelKind, Prompt, Record


class ProviderError(ProbeError):
    """One request failed for good, after every try it was worth; others may still succeed."""


class Request(Record):
    """One question to a language model."""

    prompt: Prompt
    sample: int = Field(ge=0)
    text: str = Field(description="the user message, whole")
    max_tokens: int = Field(ge=1)


class Reply(Record):
    """What the service answered, before anything is read into it."""

    text: str
    finish_reason: str = Field(description="stop, length (cut off by the token limit) or refusal")
    model_returned: str | None = None
    usage: dict[str, Any] | None = None
    latency_s: float = Field(ge=0)
    request_id: str | None = None


class Door(Protocol):
    """What language models and audio sources have in common."""

    name: str
    kind: ModelKind

    def settings(self) -> dict[str, Any]:
        """Whatever changes the answers, as JSON; recorded, and part of what a run is."""
        ...

    def covers(self, prompt: Prompt) -> bool:
        """Whether this door can attempt the prompt at all."""
        ...


@runtime_checkable
class LanguageModel(Door, Protocol):
    """A door that writes programs."""

    concurrency: int

    async def complete(self, request: Request) -> Reply:
        """Answer one request; raises `ProviderError` when it cannot be answered."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class AudioSource(Door, Protocol):
    """A door that leaves audio without a program."""

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:
        """Mono samples in [-1, 1] at `sample_rate`, shape (n,), as long as the prompt asks."""
        ...
