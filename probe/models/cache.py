"""Replies kept between runs, found again by what was asked and never by which run asked it.

::

    ~/.cache/probe/replies/v1/               or $PROBE_CACHE/replies/v1/
        <2 digits>/<digest>.json             SHA-256 over door, address, options, request and sample

A file holds what was asked beside the reply. One that is damaged, or was asked something else,
counts as missing and is written again. Only replies are kept: a failure is asked anew.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from pydantic import ValidationError

from probe.cache import LAYOUT, KeptFiles, cache_folder, sizes
from probe.errors import PrerequisiteError
from probe.models.base import AudioSource, LanguageModel, Layer, Reply, Request


@runtime_checkable
class Identified(Protocol):
    """A language model whose answers are worth keeping: asking it costs something."""

    def identity(self) -> dict[str, Any]:
        """Everything besides the request that an answer depends on, as JSON."""
        ...


class ReplyCache:
    """Replies on disk.

    Parameters
    ----------
    folder : Path, optional
        Instead of ``replies`` below `probe.cache.cache_folder`.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = (folder or cache_folder("replies")) / LAYOUT
        self._kept = KeptFiles(self.folder, "replies", ".json", otherwise=", or use --no-cache")

    def get(self, asked: dict[str, Any]) -> Reply | None:
        """The reply to what was asked, or None."""
        data = self._kept.read(_digest(asked))
        if data is None:
            return None
        try:
            kept = json.loads(data)
            if kept["asked"] != asked:
                return None
            return Reply.model_validate(kept["reply"])
        except (ValueError, KeyError, TypeError, RecursionError, ValidationError):
            return None

    def put(self, asked: dict[str, Any], reply: Reply) -> None:
        """Keep a reply.

        Raises
        ------
        PrerequisiteError
            The folder cannot be written to.
        """
        # What other tries were billed was paid once and is no part of the answer.
        answer = reply.model_copy(update={"tries": 1, "discarded": ()})
        kept = {"asked": asked, "reply": answer.model_dump(mode="json")}
        self._kept.write(_digest(asked), json.dumps(kept, ensure_ascii=False).encode())

    def size(self) -> tuple[int, int]:
        """Number of replies, and their bytes on disk."""
        return sizes(self._files())

    def clear(self) -> int:
        """Remove every reply, and nothing else that may lie in the folder; returns how many."""
        count = sum(1 for _ in self._files())
        shutil.rmtree(self.folder, ignore_errors=True)
        return count

    def _files(self) -> Iterator[Path]:
        return self.folder.glob("[0-9a-f][0-9a-f]/*.json")


def _digest(asked: dict[str, Any]) -> str:
    canonical = json.dumps(asked, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


class Cached(Layer):
    """A language model whose replies are kept, and given again where they are there.

    Parameters
    ----------
    inner : LanguageModel
        The model, which must be `Identified`, or a layer before one.
    identity : dict
        What that model's answers depend on besides the request.
    cache : ReplyCache
        Where replies are kept.
    """

    def __init__(self, inner: LanguageModel, identity: dict[str, Any], cache: ReplyCache) -> None:
        super().__init__(inner)
        self._identity = identity
        self._cache = cache
        self._broken: PrerequisiteError | None = None

    def lookup(self, request: Request) -> Reply | None:
        """The reply that is there already, or None."""
        kept = self._cache.get(self._asked(request))
        return None if kept is None else kept.model_copy(update={"from_cache": True})

    def before(self, inner: LanguageModel) -> Cached:
        """The same replies, kept before another layer."""
        return Cached(inner, self._identity, self._cache)

    async def complete(self, request: Request) -> Reply:
        """Give the kept reply, or ask and keep what is answered.

        Raises
        ------
        PrerequisiteError
            An earlier reply could not be kept.
        """
        kept = self.lookup(request)
        if kept is not None:
            return kept
        if self._broken:
            raise self._broken
        reply = await self.inner.complete(request)
        try:
            self._cache.put(self._asked(request), reply)
        except PrerequisiteError as error:
            # This reply is paid for and goes into the run; no other is asked for.
            self._broken = error
        return reply

    def _asked(self, request: Request) -> dict[str, Any]:
        return {
            "model": self._identity,
            "text": request.text,
            "history": [turn.model_dump() for turn in request.history],
            "max_tokens": request.max_tokens,
            "sample": request.sample,
            "draw": request.draw,
        }


def cached(door: LanguageModel | AudioSource, cache: ReplyCache) -> LanguageModel | AudioSource:
    """Keep the replies of a door that has a price; the others are cheap to ask again."""
    if isinstance(door, Identified) and isinstance(door, LanguageModel):
        return Cached(door, door.identity(), cache)
    return door
