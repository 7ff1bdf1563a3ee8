"""The door ``replay/<file>``: replies that were recorded earlier, given again without a service.

Two forms are read, one JSON object a line: the ``completions.jsonl`` of a run, and rows of a
prompt's ``id`` (or ``prompt``) and its ``reply`` (or ``text``), with ``sample`` and
``finish_reason`` where they matter.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from probe.errors import UsageError, unknown
from probe.models.base import ProviderError, Reply, Request
from probe.models.service import storable
from probe.records import Completion, ModelKind, Outcome, Prompt

if TYPE_CHECKING:
    from probe.tiers import LoadedTier

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
        A file of recorded replies. Of several rows for the same prompt and sample the last one
        counts; rows of a run that hold a failure of the service are passed over.
    loaded : LoadedTier
        The tier whose prompts are to be answered.

    Raises
    ------
    UsageError
        The file is missing, a line of it has neither form, or no row answers a prompt of the tier.
    """

    kind: ModelKind = "language model"
    concurrency: int = 8

    def __init__(self, path: str | Path, loaded: LoadedTier) -> None:
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as error:
            raise UsageError(f"replay: {path} cannot be read: {error.strerror}") from None
        self.name = f"replay/{path.resolve().parent.name if path.name == RUN_LOG else path.stem}"
        self._digest = hashlib.sha256(data).hexdigest()
        self._replies = _read(data, path)
        self._prompts = frozenset(prompt for prompt, _ in self._replies)
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
            The file has no such sample.
        """
        reply = self._replies.get((request.prompt.id, request.sample))
        if reply is None:
            raise ProviderError(f"no reply is recorded for sample {request.sample}")
        return reply

    async def aclose(self) -> None:
        """Nothing is held open."""


def _read(data: bytes, path: Path) -> dict[tuple[str, int], Reply]:
    """Read every line; the latest row of a prompt and sample counts."""
    replies = {}
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            where = f"replay: {path} line {number}"
            row = _parse(line, where)
            if isinstance(row, Completion):
                if row.outcome is not Outcome.PROVIDER_ERROR:
                    replies[row.prompt, row.sample] = _reply(row)
            else:
                replies[row.id, row.sample] = Reply(
                    text=row.reply, finish_reason=row.finish_reason, latency_s=0.0
                )
    return replies


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
