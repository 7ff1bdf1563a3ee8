"""One retry policy for every service, in place of each SDK's own.

The SDKs retry twice and one of them sleeps as long as any Retry-After says; here the number of
tries, the waiting and the time for one try are bounded and the same for all.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential, wait_random

from probe.errors import ProbeError
from probe.models.base import ProviderError, Reply, StoppedError, Waiting


class TransientError(ProbeError):
    """One try failed in a way that the next one may not.

    Parameters
    ----------
    message : str
        What happened, in one line and without secrets.
    retry_after_s : float or None
        How long the service asks to be left alone.
    usage : dict or None
        What the service billed for an answer that is no reply.
    """

    def __init__(
        self,
        message: str,
        retry_after_s: float | None = None,
        *,
        usage: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
        self.usage = usage


class UnreachedError(TransientError):
    """One try did not even come to a service: nobody listens, or a proxy lets nothing through."""


class BusyError(TransientError):
    """One try came too soon: the service is there, and asks for patience."""


class GaveUpError(ProviderError):
    """Every try that a request was worth failed; `last` says how the last one did."""

    def __init__(
        self, last: TransientError, tries: int, discarded: tuple[dict[str, Any], ...]
    ) -> None:
        times = f"{tries} tries" if tries > 1 else "1 try"
        super().__init__(f"gave up after {times}: {last}", tries=tries, discarded=discarded)
        self.last = last


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently one request is tried.

    Parameters
    ----------
    tries : int or None
        Tries in all; None for as many as it takes.
    base_s : float
        The first wait, before jitter of as much again; it doubles with each further try.
    ceiling_s : float
        The longest wait, whatever the service asks for.
    timeout_s : float
        The longest one try may take, from the first byte sent to the last received.
    """

    tries: int | None = 5
    base_s: float = 2.0
    ceiling_s: float = 60.0
    timeout_s: float = 600.0


DEFAULT_POLICY = RetryPolicy()
"""Half a minute of waiting in all when the service names none: as long as most overloads last."""


async def persist(
    attempt: Callable[[], Awaitable[Reply]],
    policy: RetryPolicy,
    halted: asyncio.Event | None = None,
    *,
    waiting: Waiting = lambda why, seconds: nullcontext(),  # noqa: ARG005
    most: Callable[[TransientError], int | None] | None = None,
) -> Reply:
    """Try until there is a reply, or until `policy` says that it is enough.

    Parameters
    ----------
    attempt : callable
        Makes one try; raises `TransientError` when another is worth it.
    policy : RetryPolicy
        How often and how patiently.
    halted : asyncio.Event, optional
        Once it is set there is no further try, and no waiting for one.
    waiting : Waiting, optional
        Entered while the next try is waited for.
    most : callable, optional
        How many tries a failure is worth, where that is not what `policy` says.

    Returns
    -------
    Reply
        The first reply, with the number of tries and what the others were billed.

    Raises
    ------
    GaveUpError
        Every try failed.
    StoppedError
        A try failed and `halted` is set.
    """
    halted = halted or asyncio.Event()
    discarded: list[dict[str, Any]] = []
    tries = 0

    async def one() -> Reply:
        nonlocal tries
        if tries and halted.is_set():
            raise StoppedError("stopped before another try")
        tries += 1
        try:
            return await _bounded(attempt, policy.timeout_s)
        except TransientError as error:
            if error.usage is not None:
                discarded.append(error.usage)
            raise

    def enough(state: RetryCallState) -> bool:
        error = _failure(state)
        limit = most(error) if most and error else policy.tries
        return limit is not None and tries >= limit

    async def pause(state: RetryCallState) -> None:
        with waiting(str(_failure(state)), state.upcoming_sleep):
            await _sleep(state.upcoming_sleep, halted)

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        stop=enough,
        wait=_Wait(policy),
        before_sleep=pause,
        sleep=_no_sleep,
        reraise=True,
    )
    try:
        reply: Reply = await retrying(one)
    except TransientError as error:
        raise GaveUpError(error, tries, tuple(discarded)) from None
    return reply.model_copy(update={"tries": tries, "discarded": tuple(discarded)})


async def _bounded(attempt: Callable[[], Awaitable[Reply]], timeout_s: float) -> Reply:
    # A timeout of the whole try: the SDKs' own starts again with every byte that trickles in.
    try:
        async with asyncio.timeout(timeout_s):
            return await attempt()
    except TimeoutError:
        raise TransientError(f"no complete answer within {timeout_s:g} s") from None


def _failure(state: RetryCallState) -> TransientError | None:
    error = state.outcome.exception() if state.outcome else None
    return error if isinstance(error, TransientError) else None


async def _no_sleep(seconds: float) -> None:
    """Nothing is left to wait for: the pause before it knows the reason, and is the wait."""


async def _sleep(seconds: float, halted: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(halted.wait(), seconds)


class _Wait:
    """What the service asks for, or else exponential; jittered either way, up to the ceiling.

    Retry-After is jittered too, so that requests refused together do not return together.
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._ceiling_s = policy.ceiling_s
        self._backoff = wait_exponential(multiplier=policy.base_s, max=policy.ceiling_s)
        self._jitter = wait_random(0, policy.base_s)

    def __call__(self, state: RetryCallState) -> float:
        error = _failure(state)
        asked = error.retry_after_s if error else None
        wait_s = self._backoff(state) if asked is None else asked
        return min(wait_s + self._jitter(state), self._ceiling_s)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Read how long a service asks to be left alone.

    ``retry-after-ms`` comes first, then ``Retry-After`` in seconds or as a date (RFC 9110, section
    10.2.3).

    Parameters
    ----------
    headers : mapping of str to str
        Response headers, with names that are found in lower case.

    Returns
    -------
    float or None
        Seconds, not negative; None when nothing that can be understood is asked for.
    """
    milliseconds = _number(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    seconds = _number(value)
    if seconds is not None or value is None:
        return seconds
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _number(value: str | None) -> float | None:
    try:
        number = float(value or "")
    except ValueError:
        return None
    return max(0.0, number) if math.isfinite(number) else None
