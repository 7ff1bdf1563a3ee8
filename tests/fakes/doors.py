"""A language model that says what it is told, and an audio source that plays what is asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.models.base import Reply, Request
from probe.records import ModelKind, Prompt

Said = str | Reply | Exception


class ScriptedModel:
    """A language model whose replies are given per prompt.

    Parameters
    ----------
    replies : mapping of prompt id to what is said
        Text, a whole `Reply`, an exception to raise, or a sequence of these for one request after
        the other, the last of which is repeated. Prompts that are not in it are not covered.
    """

    kind: ModelKind = "language model"

    def __init__(
        self,
        replies: Mapping[str, Said | Sequence[Said]],
        *,
        name: str = "scripted/model",
        concurrency: int = 4,
    ) -> None:
        self.name = name
        self.concurrency = concurrency
        self.requests: list[Request] = []
        self.closed = 0
        self.halted = 0
        self._replies = {
            prompt: [said] if isinstance(said, str | Reply | Exception) else list(said)
            for prompt, said in replies.items()
        }

    def settings(self) -> dict[str, Any]:
        return {}

    def covers(self, prompt: Prompt) -> bool:
        return prompt.id in self._replies

    async def complete(self, request: Request) -> Reply:
        self.requests.append(request)
        left = self._replies[request.prompt.id]
        said = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(said, Exception):
            raise said
        if isinstance(said, str):
            return Reply(text=said, finish_reason="stop", latency_s=0.0)
        return said

    def halt(self) -> None:
        self.halted += 1

    async def aclose(self) -> None:
        self.closed += 1


class ToneSource:
    """Plays every note of a prompt's truth as a sine tone that begins and ends when it should."""

    name: str = "scripted/tones"
    kind: ModelKind = "control"

    def settings(self) -> dict[str, Any]:
        return {}

    def covers(self, prompt: Prompt) -> bool:
        return True

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:
        clip = np.zeros(round(prompt.duration_s * sample_rate))
        time_s = np.arange(clip.size) / sample_rate
        for note in prompt.truth.notes:
            sounding = (time_s >= note.onset_s) & (time_s < note.offset_s)
            frequency = 440 * 2 ** ((note.midi - 69) / 12)
            clip += np.where(sounding, np.sin(2 * np.pi * frequency * (time_s - note.onset_s)), 0.0)
        return 0.5 * clip / len(prompt.truth.notes)
