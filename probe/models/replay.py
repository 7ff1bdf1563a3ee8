"""The door ``replay/<file>``: replies that were recorded earlier, given again without a service.

Two forms are read, one JSON object a line: the ``completions.jsonl`` of a run, and rows of a
prompt's ``id`` (or ``prompt``) and its ``reply`` (or ``text``), with ``sample`` and
``finish_reason`` where they matter.

A run's log holds every turn of every talk, and by a digest what each of them answers. So a run made
with a strategy is replayed turn by turn with the same strategy: what is said again in the same
words gets the same reply, and other words, as of a program that sounds different each time, get
none.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from probe.errors import UsageError, unknown
from probe.models.base import ProviderError, Reply, Request
from probe.models.service import storable
from probe.records import Completion, ModelKind, Outcome, Prompt
from probe.records.languages import language
from probe.tier.template import message

if TYPE_CHECKING:
    from probe.tier.folder import LoadedTier

RUN_LOG = "completions.jsonl"
"""What a run's own log is called; it says nothing, so such a replay goes by its folder's name."""


class _Row(BaseModel):
    """The plain form; columns that say more about a reply are let pass."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    id: str
    reply: str
    sample: int = Field(default=0, ge=0)
    finish_reason: Literal["stop", "length", "refusal"] = "stop"


class Replay:
    """A language model that says again what was recorded.

    Parameters
    ----------
    path : str or Path
        A file of recorded replies. Of several rows for the same prompt, sample and turn the last
        one counts; rows of a run that hold a failure of the service are passed over.
    loaded : LoadedTier
        The tier whose prompts are to be answered.
    name : str, optional
        What it is called in the results.

    Raises
    ------
    UsageError
        The file is missing, a line of it has neither form, or no row answers a prompt of the tier.
    """

    kind: ModelKind = "language model"
    concurrency: int = 8

    def __init__(self, path: str | Path, loaded: LoadedTier, *, name: str | None = None) -> None:
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"replay: {path} cannot be read: {error.strerror}") from None
        called = path.resolve().parent.name if path.name == RUN_LOG else path.stem
        self.name = name or f"replay/{called}"
        self._digest = hashlib.sha256(data).hexdigest()
        self._talks = _read(data, path)
        self._prompts = frozenset(prompt for prompt, _ in self._talks)
        self._loaded = loaded
        known = {prompt.id for prompt in loaded.prompts}
        if not self._prompts:
            raise UsageError(f"replay: {path} holds no reply")
        if not self._prompts & known:
            raise UsageError(
                f"replay: {path} answers no prompt of the tier {loaded.tier.name};"
                f" {unknown('prompt', min(self._prompts), known)}"
            )

    def settings(self) -> dict[str, Any]:
        """The file's digest."""
        return {"sha256": self._digest}

    def covers(self, prompt: Prompt) -> bool:
        """Whether the file holds a reply to the prompt."""
        return prompt.id in self._prompts

    async def complete(self, request: Request) -> Reply:
        """Answer one request.

        Raises
        ------
        ProviderError
            The file has no such sample, or none that answers these words.
        """
        talk = self._talks.get((request.prompt.id, request.sample))
        if talk is None:
            raise ProviderError(f"no reply is recorded for sample {request.sample}")
        digest = hashlib.sha256(request.text.encode()).hexdigest()
        turns = [talk[turn] for turn in sorted(talk)]
        found = [reply for sent, reply in turns if sent == digest]
        if not found and not request.history and self._opens(request, turns):
            found = [reply for sent, reply in turns if sent is None]
        # The same words said again: as another draw, or later in the same talk.
        place = request.draw + sum(turn.text == request.text for turn in request.history)
        if place >= len(found):
            raise ProviderError(
                f"no reply is recorded to what is said in sample {request.sample}; a run is"
                " replayed with the strategy and the language that it was made with"
            )
        return found[place]

    def _opens(self, request: Request, turns: Sequence[_Turn]) -> bool:
        """Whether a request is what rows without a digest answer: the tier's own words.

        Rows of the plain form, and logs of single replies, answer whatever is said first.
        """
        if all(sent is None for sent, _ in turns):
            return True
        return any(
            request.text == message(self._loaded, request.prompt, language(name))
            for name in self._loaded.tier.languages
        )

    def halt(self) -> None:
        """Nothing is ever under way."""

    async def aclose(self) -> None:
        """Nothing is held open."""


_Turn = tuple[str | None, Reply]
"""Digest of what was said, None for the tier's own words, and the reply to it."""


def _read(data: bytes, path: Path) -> dict[tuple[str, int], dict[int, _Turn]]:
    """Read every line; the latest row of a prompt, sample and turn counts."""
    talks: dict[tuple[str, int], dict[int, _Turn]] = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            where = f"replay: {path} line {number}"
            row = _parse(line, where)
            if isinstance(row, Completion):
                if row.outcome is not Outcome.PROVIDER_ERROR:
                    talk = talks.setdefault((row.prompt, row.sample), {})
                    talk[row.turn] = row.sent, _reply(row)
            else:
                reply = Reply(text=row.reply, finish_reason=row.finish_reason, latency_s=0.0)
                talks[row.id, row.sample] = {0: (None, reply)}
    return talks


def _reply(row: Completion) -> Reply:
    return Reply(
        text=row.text,
        finish_reason=row.finish_reason or "stop",
        model_returned=row.model_returned,
        usage=row.usage,
        latency_s=row.latency_s,
        request_id=row.request_id,
    )


def _parse(line: bytes, where: str) -> Completion | _Row:
    try:
        data = storable(json.loads(line))
    except (ValueError, RecursionError):
        raise UsageError(f"{where}: not JSON (was the file cut off?)") from None
    if not isinstance(data, dict):
        raise UsageError(f"{where}: not a JSON object")
    try:
        if "outcome" in data:
            return Completion.model_validate(data)
        prompt, reply = data.get("id", data.get("prompt")), data.get("reply", data.get("text"))
        return _Row.model_validate(data | {"id": prompt, "reply": reply})
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        field = ".".join(map(str, fault["loc"]))
        raise UsageError(
            f"{where}: neither a run's row nor one with id and reply ({field}: {fault['msg']})"
        ) from None
