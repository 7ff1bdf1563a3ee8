"""What doors to services on a network share: credentials, patience, and errors in plain words.

No message made here holds a credential, nor one that a service sends back.
"""

from __future__ import annotations

import asyncio
import math
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Mapping
from contextlib import nullcontext
from dataclasses import replace
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx2

from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.models.base import (
    DoorOptions,
    FilteredError,
    ProviderError,
    Reply,
    Request,
    StoppedError,
    Waiting,
)
from probe.models.filtered import is_filtered, words_of
from probe.models.options import EXTRA, Reader, json_value, number, read_options, text, whole
from probe.models.reach import is_local, page_title, proxy_before, why_lost
from probe.models.retry import (
    BusyError,
    GaveUpError,
    RetryPolicy,
    TransientError,
    UnreachedError,
    persist,
    retry_after,
)
from probe.records import ModelKind, Prompt

_MESSAGE_LENGTH = 300
"""Characters of a service's own words that are worth showing; some answer with whole pages."""

_SECRET_LENGTH = 8
"""Shorter "keys" are placeholders for local servers, and blanking every 'x' helps nobody."""

_BODY_BYTES = 32 << 20
"""The longest answer that is read: 128,000 tokens, each an event of a stream, take 20 MB."""

_REFUSALS = 3
"""This many requests refused (400, 422) with none answered in between are no accident."""

_KNOCK_S = 10.0
"""The longest that an address may take to say whether somebody is there."""

_FIRST_TRIES = 3
"""Tries of a request that reaches nobody while none was answered: ten seconds are enough."""

_FIRST_REQUESTS = 2
"""This many requests given up with none ever answered are not the requests' fault."""

COMMON: dict[str, Reader] = {
    EXTRA: json_value,
    "max_tokens": whole(1),
    "system": text,
    "timeout": number(0.01, 86_400),
}
"""Options that every service takes: `extra.…` fields of the request that probe has no name for,
`max_tokens` of a reply, `system` prompt (or ``@file``), and `timeout` of one try in seconds."""


class NotFoundError(PrerequisiteError):
    """Nothing is there: no such model, or nobody who serves any at this path."""


class Service(ABC):
    """A language model behind an address, asked through its provider's SDK.

    The first request goes alone: whatever every request would be refused for (a bad key, no such
    model, an option that the model does not take) is met once, not as often as there are prompts.
    A service that never answers ends the run after a few tries.

    Parameters
    ----------
    provider, model : str
        The door's name is ``provider/model``; the provider is asked for ``model``.
    how : DoorOptions
        What the person wants of this door.
    known : mapping of str to Reader
        The options it takes.
    base_url : str
        Where requests go.
    own_domain : str
        The provider's own domain; any other host is recorded in the settings.
    key_variable : str
        Environment variable that holds the key, for messages.
    secrets : tuple of str
        What must never be shown.
    vendors : re.Pattern
        How the provider's own models are called.
    policy : RetryPolicy
        How often and how patiently one request is tried.

    Raises
    ------
    UsageError
        An option does not make sense.
    PrerequisiteError
        The address or a credential cannot be used.
    """

    kind: ModelKind = "language model"

    def __init__(
        self,
        provider: str,
        model: str,
        *,
        how: DoorOptions,
        known: Mapping[str, Reader],
        base_url: str,
        own_domain: str,
        key_variable: str,
        secrets: tuple[str, ...],
        vendors: re.Pattern[str],
        policy: RetryPolicy,
    ) -> None:
        self._door = f"{provider}/{model}"
        self.name = how.name or self._door
        self.concurrency = how.concurrency or 8
        self.options = read_options(how.settings, known, self._door)
        self._model = model
        self._key_variable = key_variable
        self._policy = replace(policy, timeout_s=self.options.get("timeout", policy.timeout_s))
        self._insists = how.retries is not None
        if how.retries is not None:
            tries = None if math.isinf(how.retries) else int(how.retries) + 1
            self._policy = replace(self._policy, tries=tries)
        if any(not (s.isascii() and s.isprintable()) or " " in s for s in secrets):
            raise PrerequisiteError(f"{key_variable} holds a character that no key has: a newline?")
        url = urlsplit(base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise PrerequisiteError(
                f"the address of {provider} ({provider.upper()}_BASE_URL)"
                " must be a whole one, such as http://localhost:8000"
            )
        secrets += tuple(filter(None, (url.password, unquote(url.password or ""))))
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _SECRET_LENGTH)
        self._host = url.netloc.rpartition("@")[2]
        self._path = url.path
        self._base_url = base_url
        self.is_own_host = f".{url.hostname}".endswith(f".{own_domain}")
        if how.name is None and is_local(url.hostname) and vendors.match(model):
            raise UsageError(
                f"{self._host} is a server of your own, and {model!r} the name of a model of"
                f" {provider}'s: say with --name what it is called in the results"
                f" (--name {self._door} if it is that one)"
            )
        self._proxy = proxy_before(url)
        self._first = asyncio.Lock()
        self._first_done = False
        self._answered = False
        self._given_up = 0
        self._waiting: Waiting = lambda why, seconds: nullcontext()  # noqa: ARG005
        self._refused = 0
        self._end: ProbeError | None = None
        self._halted = asyncio.Event()

    def settings(self) -> dict[str, Any]:
        """The options, the host where it is not the provider's own, and the door of a namesake."""
        found = dict(self.options)
        if not self.is_own_host:
            found["host"] = self._host
        if self.name != self._door:
            found["door"] = self._door
        return found

    def identity(self) -> dict[str, Any]:
        """Everything besides the request that an answer depends on, as JSON."""
        return {
            "door": self._door,
            "address": self._host + self._path,
            "options": {k: v for k, v in self.options.items() if k not in self.irrelevant},
        }

    irrelevant: frozenset[str] = frozenset({"timeout"})
    """Options that change no answer."""

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be asked."""
        return True

    async def complete(self, request: Request) -> Reply:
        """Answer one request.

        Raises
        ------
        ProviderError
            This request failed for good.
        UsageError, PrerequisiteError
            Every request would fail: an option the model does not take, a bad key, no money.
        StoppedError
            `halt` came first.
        """
        if not self._first_done:
            async with self._first:
                if not self._first_done:
                    return await self._ask(request)
        return await self._ask(request)

    async def _ask(self, request: Request) -> Reply:
        if self._end is not None:
            raise StoppedError(str(self._end))
        if self._halted.is_set():
            raise StoppedError("stopped before it was asked")
        most = self.options.get("max_tokens", request.max_tokens)
        request = request.model_copy(update={"max_tokens": most})
        try:
            reply = await persist(
                lambda: self._try(request),
                self._policy,
                self._halted,
                waiting=self._waiting,
                most=self._most_tries,
            )
        except (UsageError, PrerequisiteError) as error:
            self._end, self._first_done = error, True
            if isinstance(error, NotFoundError):
                self._end = await self._elsewhere(error)
            raise self._end from None
        except GaveUpError as error:
            self._end = self._never_answered(error)
            if self._end:
                raise self._end from None
            raise
        except ProviderError:
            self._first_done = True
            raise
        self._first_done, self._answered, self._refused = True, True, 0
        return reply

    async def _elsewhere(self, error: NotFoundError) -> PrerequisiteError:
        """Whether the model is not there or the path is none, and which path answers."""
        if await self._knock(self._base_url):
            return PrerequisiteError(str(error))
        bare = self._base_url.rstrip("/")
        other = bare.removesuffix("/v1") if bare.endswith("/v1") else f"{bare}/v1"
        spoken = self._door.partition("/")[0]
        where = self._host + self._path.rstrip("/")
        said = f"nothing at {where} speaks the interface of {spoken}"
        if not await self._knock(other):
            return PrerequisiteError(f"{said}, neither with /v1 at its end nor without")
        scheme, _, rest = other.partition("://")
        return PrerequisiteError(f"{said}; use --base-url {scheme}://{rest.rpartition('@')[2]}")

    async def _knock(self, base_url: str) -> bool:
        """Whether an empty request finds somebody there, who will call it wrong."""
        try:
            async with asyncio.timeout(_KNOCK_S):
                status = await self._status_of_nothing(base_url)
        except (TimeoutError, httpx2.RequestError):
            return False
        return status not in (404, 405)

    def _most_tries(self, error: TransientError) -> int | None:
        """Fewer tries while nothing was ever answered; one who asks for more gets them."""
        most = self._policy.tries
        if self._answered or self._insists or most is None or isinstance(error, BusyError):
            return most
        if isinstance(error, UnreachedError):
            return min(most, _FIRST_TRIES)
        return 1 if self._given_up else most

    def _never_answered(self, error: GaveUpError) -> PrerequisiteError | None:
        """Why no other request would fare better, if nothing was answered until now."""
        self._given_up += 1
        reached = not isinstance(error.last, UnreachedError)
        if self._answered or (reached and self._given_up < _FIRST_REQUESTS):
            return None
        said = str(error.last)
        if reached:
            said = f"{self._host} gave no reply to {self._given_up} prompts, the last time: {said}"
        return PrerequisiteError(
            f"{said}; is the address right, and the server running?"
            f" --retries N tries more than {error.tries} times, --retries inf until it answers"
        )

    def listen(self, waiting: Waiting) -> None:
        """Enter `waiting` whenever a request waits for its next try."""
        self._waiting = waiting

    def halt(self) -> None:
        """Ask nothing more, and do not try again what fails now."""
        self._halted.set()

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of connections."""

    @abstractmethod
    async def _status_of_nothing(self, base_url: str) -> int:
        """The HTTP status with which an address meets an empty request."""

    @abstractmethod
    async def _try(self, request: Request) -> Reply:
        """Make one try; raises what `_failure`, `_lost` and `_malformed` return."""

    def _failure(
        self, status: int, body: object, headers: Mapping[str, str], *, code: str | None = None
    ) -> ProbeError:
        """Decide what an HTTP status of an error means: try again, give this one up, or stop."""
        title = page_title(body)
        detail = self._shown(words_of(body) if title is None else f"a web page, {title!r}")
        said = f"HTTP {status}: {detail}" if detail else f"HTTP {status}"
        if status == 401:
            # A service may quote the key it refuses, so its words are left out.
            return PrerequisiteError(
                f"{self._host} refuses the key for {self.name} (HTTP 401);"
                f" check {self._key_variable}"
            )
        if is_filtered(status, body):
            return FilteredError(said)
        if status == 403:
            return PrerequisiteError(f"{self._host} does not let this key use {self.name} ({said})")
        if status in (404, 405):
            return NotFoundError(
                f"{self._host} has no model {self._model!r} at this address ({said})"
            )
        if status == 402 or code == "insufficient_quota":
            return PrerequisiteError(f"the account at {self._host} cannot pay ({said})")
        if status in (408, 409, 429) or status >= 500:
            kind = BusyError if status == 429 else TransientError
            return kind(said, retry_after(headers))
        if status in (400, 422):
            return self._refusal(said)
        return ProviderError(said)

    def _refusal(self, said: str) -> ProbeError:
        """A request that is called wrong: one prompt's fault only where others are answered."""
        self._refused += 1
        if self._answered and self._refused < _REFUSALS:
            return ProviderError(said)
        return UsageError(f"{self._host} refuses what it is asked for {self.name} ({said})")

    def _lost(self, error: BaseException) -> TransientError:
        """Say that the connection failed or broke off."""
        reached, why = why_lost(error)
        by = f"{self._host} by the proxy {self._proxy}" if self._proxy else self._host
        kind = TransientError if reached else UnreachedError
        return kind(f"no answer from {by} ({self._shown(why)})")

    def _malformed(self, why: str, usage: object = None) -> TransientError:
        """Say that an answer came and is none; its usage, where it has one, is still billed."""
        return TransientError(
            f"{self._host} sent a malformed answer: {self._shown(why)}",
            usage=usage if isinstance(usage, dict) else None,
        )

    def _shown(self, text: str) -> str:
        """Put a stranger's words on one line of reasonable length, without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= _MESSAGE_LENGTH else f"{text[:_MESSAGE_LENGTH]}…"


async def bounded(response: httpx2.Response) -> None:
    """Hook of an HTTP client: let no answer fill the memory."""
    response.stream = _Bounded(response.stream)


HEADERS = {"accept-encoding": "identity"}
"""Sent with every request: the bound is on what is received, so nothing may unfold afterwards."""


class _Bounded(httpx2.AsyncByteStream):
    """A body that breaks off where it is longer than `_BODY_BYTES`."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for chunk in self._stream:
            length += len(chunk)
            if length > _BODY_BYTES:
                raise httpx2.ReadError(f"an answer of more than {_BODY_BYTES >> 20} MiB")
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


def storable(value: Any) -> Any:
    r"""Replace lone surrogates, which JSON can spell (``"\ud83d"``) and UTF-8 cannot.

    Parameters
    ----------
    value : Any
        Decoded JSON.

    Returns
    -------
    Any
        The same, with U+FFFD in place of every lone surrogate.
    """
    if isinstance(value, str):
        # By way of UTF-16, where two halves that came in separate chunks make one character again.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
