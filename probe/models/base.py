"""What every door looks like from the pipeline's side.

A door is a `LanguageModel`, which writes text, or an `AudioSource`, which leaves audio. Everything
right of the audio is the same for both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from probe.audio import Clip
from probe.errors import ProbeError
from probe.models.usage import Tokens, tokens
from probe.records import ModelKind, Outcome, Prompt, Record


class ProviderError(ProbeError):
    """One request failed for good, after every try it was worth; others may still succeed.

    Parameters
    ----------
    message : str
        What happened, in one line and without secrets.
    tries : int
        How often it was tried.
    discarded : tuple of dict
        Usage of tries that were answered, and billed, with something that is no reply.
    """

    def __init__(
        self, message: str, *, tries: int = 1, discarded: tuple[dict[str, Any], ...] = ()
    ) -> None:
        super().__init__(message)
        self.tries = tries
        self.discarded = discarded


class FilteredError(ProviderError):
    """The service's content filter refused this request, in the service's own words.

    That is the prompt's fault only where the same settings had another prompt answered.
    """


class StoppedError(ProbeError):
    """Asking was brought to an end before this request was answered; nothing is wrong with it."""


class NoAudioError(ProbeError):
    """An audio source left nothing that can be measured for one attempt; others may be well.

    Parameters
    ----------
    outcome : Outcome
        How the attempt ended. One of ours (`Outcome.ours`) is tried again by the next run.
    detail : str
        What happened, in one line.
    """

    def __init__(self, outcome: Outcome, detail: str) -> None:
        super().__init__(detail)
        self.outcome = outcome


class Turn(Record):
    """Something that was said earlier."""

    role: Literal["user", "assistant"]
    text: str


class Request(Record):
    """One question to a language model."""

    prompt: Prompt
    sample: int = Field(ge=0)
    text: str = Field(description="the user message, whole")
    history: tuple[Turn, ...] = Field(default=(), description="what was said before it, in order")
    shared: int = Field(
        default=0,
        ge=0,
        description="characters at the very beginning that every request of the run begins with",
    )
    draw: int = Field(default=0, ge=0, description="tells the same words asked again apart")
    max_tokens: int = Field(ge=1)

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The whole conversation, this request's message last."""
        return (*self.history, Turn(role="user", text=self.text))


class Reply(Record):
    """What the service answered, before anything is read into it."""

    text: str
    finish_reason: str = Field(description="stop, length (cut off by the token limit) or refusal")
    model_returned: str | None = None
    usage: dict[str, Any] | None = None
    latency_s: float = Field(ge=0, description="of the try that answered")
    request_id: str | None = None
    tries: int = Field(default=1, ge=1)
    discarded: tuple[dict[str, Any], ...] = Field(
        default=(), description="usage of earlier tries, answered with something that is no reply"
    )
    from_cache: bool = Field(default=False, description="given again without asking the service")

    @property
    def tokens(self) -> Tokens | None:
        """The usage in one shape for every service; None where it is not known."""
        return tokens(self.usage)


@dataclass(frozen=True)
class DoorOptions:
    """What a person may say about how a door is asked."""

    settings: tuple[str, ...] = ()
    """Options of the door's own, each ``key=value``."""
    base_url: str | None = None
    name: str | None = None
    """What the model is called in the results."""
    concurrency: int | None = None
    """The most requests under way at once."""
    asks: bool = True
    """Whether anybody is going to be asked: else no key is needed."""
    retries: int | float | None = None
    """How often a request that failed is tried again; infinity for as often as it takes."""


Waiting = Callable[[str, float], AbstractContextManager[None]]
"""Entered while a request is held up: why its last try failed, and the seconds to the next."""


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
        """Answer one request; raises `ProviderError` when it cannot be answered.

        Any other `ProbeError` means that no request can be, and ends the run.
        """
        ...

    def halt(self) -> None:
        """Begin nothing more: what is under way may end, the rest is met with `StoppedError`."""
        ...

    async def aclose(self) -> None:
        """Let go of connections."""
        ...


@runtime_checkable
class Patient(Protocol):
    """A language model that tries again what fails, and tells why it waits."""

    def listen(self, waiting: Waiting) -> None:
        """Enter `waiting` during every wait from now on."""
        ...


class Layer:
    """A language model that stands before another and passes on what it does not change.

    Parameters
    ----------
    inner : LanguageModel
        The model behind it.
    """

    def __init__(self, inner: LanguageModel) -> None:
        self.inner = inner
        self.name = inner.name
        self.kind: ModelKind = inner.kind
        self.concurrency = inner.concurrency

    def settings(self) -> dict[str, Any]:
        """The inner model's."""
        return self.inner.settings()

    def covers(self, prompt: Prompt) -> bool:
        """Whether the inner model does."""
        return self.inner.covers(prompt)

    async def complete(self, request: Request) -> Reply:
        """Ask the inner model."""
        return await self.inner.complete(request)

    def listen(self, waiting: Waiting) -> None:
        """Let the inner model tell why it waits, if it can."""
        if isinstance(self.inner, Patient):
            self.inner.listen(waiting)

    def halt(self) -> None:
        """Stop the inner model."""
        self.inner.halt()

    async def aclose(self) -> None:
        """Close the inner model."""
        await self.inner.aclose()


@runtime_checkable
class AudioSource(Door, Protocol):
    """A door that leaves audio without a program."""

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64] | Clip:
        """Mono samples in [-1, 1] at `sample_rate`, shape (n,), or a clip that says how it came.

        What is longer than the prompt asks is cropped, what is shorter padded with silence.

        Raises
        ------
        NoAudioError
            There is none for this attempt. Any other `ProbeError` ends the run.
        """
        ...


class Taken(NamedTuple):
    """What a batch left for one attempt."""

    prompt: Prompt
    sample: int
    audio: NDArray[np.float64] | Clip | NoAudioError


@runtime_checkable
class BatchSource(AudioSource, Protocol):
    """An audio source that serves many attempts at once."""

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64] | Clip:
        """One attempt as a batch of its own."""
        (taken,) = self.audios([(prompt, sample)], sample_rate)
        if isinstance(taken.audio, NoAudioError):
            raise taken.audio
        return taken.audio

    def audios(self, attempts: Sequence[tuple[Prompt, int]], sample_rate: int) -> Iterator[Taken]:
        """As `AudioSource.audio`, for each of the attempts once, in any order, as they are ready.

        It is closed early when the run is brought to an end.
        """
        ...
