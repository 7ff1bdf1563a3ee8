"""A model that answers by what it is asked, and a sandbox that plays tones: no Docker needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from probe.audio import to_pcm16
from probe.models.base import Reply, Request
from probe.records import Limits, ModelKind, Outcome, Prompt
from probe.sandbox import Execution
from probe.wav import pcm16_wav_bytes

Says = str | Reply | Exception
RATE = 44100


class Talker:
    """A language model that answers each request by a function of it."""

    kind: ModelKind = "language model"
    concurrency = 2

    def __init__(self, answer: Callable[[Request], Says], name: str = "scripted/talker") -> None:
        self.name = name
        self.requests: list[Request] = []
        self._answer = answer

    def settings(self) -> dict[str, Any]:
        return {}

    def covers(self, prompt: Prompt) -> bool:
        return True

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        said = self._answer(request)
        if isinstance(said, Exception):
            raise said
        return (
            Reply(text=said, finish_reason="stop", latency_s=0) if isinstance(said, str) else said
        )

    def halt(self) -> None:
        pass

    async def aclose(self) -> None:
        pass


def in_turn(*replies: Says) -> Callable[[Request], Says]:
    """Answer each attempt's requests with these, one after the other; by its turn, not by time."""
    return lambda request: replies[len(request.history) // 2]


def fenced(program: str, label: str = "python") -> str:
    """A reply that holds a program."""
    return f"Here:\n\n```{label}\n{program}\n```\n"


def tone(hertz: float = 440.0, length_s: float = 2.0, begin_s: float = 0.0) -> str:
    """A program that `play` plays."""
    return f"tone {hertz} {length_s} {begin_s}"


CRASH = "crash"


def play(program: str, limits: Limits) -> Execution:
    """What comes of a program of `tone`, and of `CRASH`; anything else is no Python."""
    word, *numbers = program.split()
    if word == "tone" and CRASH not in numbers:
        hertz, length_s, begin_s = map(float, numbers)
        time_s = np.arange(round(length_s * RATE)) / RATE
        samples = np.where(time_s >= begin_s, 0.5 * np.sin(2 * np.pi * hertz * time_s), 0.0)
        audio = pcm16_wav_bytes(to_pcm16(samples), RATE)
        return Execution(outcome=Outcome.OK, audio=audio, cpu_s=0.1)
    stderr = f"Traceback (most recent call last):\nNameError: name {word!r} is not defined"
    return Execution(
        outcome=Outcome.RUNTIME_ERROR,
        detail=stderr.splitlines()[-1],
        stderr_tail=stderr,
        exit_code=1,
    )


def texts(requests: Sequence[Request]) -> list[str]:
    """What was said last in each."""
    return [request.text for request in requests]
