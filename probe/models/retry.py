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
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type, stop_after_attempt
from tenacity.wait import wait_exponential, wait_random

from probe.errors import ProbeError
from probe.models.base import ProviderError, Reply, StoppedError


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


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often and how patiently one request is tried.

    Parameters
    ----------
    tries : int
        Tries in all.
    base_s : float
        The first wait, before jitter of as much again; it doubles with each further try.
    ceiling_s : float
        The longest wait, whatever the service asks for.
    timeout_s : float
        The longest one try may take, from the first byte sent to the last received.
    """

    tries: int = 5
    base_s: float = 2.0
    ceiling_s: float = 60.0
    timeout_s: float = 600.0


DEFAULT_POLICY = RetryPolicy()
"""Half a minute of waiting in all when the service names none: as long as most overloads last."""


async def persist(
    attempt: Callable[[], Awaitable[Reply]],
    policy: RetryPolicy,
    halted: asyncio.Event | None = None,
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

    Returns
    -------
    Reply
        The first reply, with the number of tries and what the others were billed.

    Raises
    ------
    ProviderError
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

    retrying = AsyncRetrying(
        retry=retry_if_exception_type(TransientError),
        stop=stop_after_attempt(policy.tries),
        wait=_Wait(policy),
        sleep=lambda seconds: _sleep(seconds, halted),
        reraise=True,
    )
    try:
        reply: Reply = await retrying(one)
    except TransientError as error:
        raise ProviderError(
            f"gave up after {policy.tries} tries: {error}",
            tries=tries,
            discarded=tuple(discarded),
        ) from None
    return reply.model_copy(update={"tries": tries, "discarded": tuple(discarded)})


async def _bounded(attempt: Callable[[], Awaitable[Reply]], timeout_s: float) -> Reply:
    # A timeout of the whole try: the SDKs' own starts again with every byte that trickles in.
    try:
        async with asyncio.timeout(timeout_s):
            return await attempt()
    except TimeoutError:
        raise TransientError(f"no complete answer within {timeout_s:g} s") from None


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
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_s if isinstance(error, TransientError) else None
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
