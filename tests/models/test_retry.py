from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.models.base import ProviderError, Reply
from probe.models.retry import RetryPolicy, TransientError, persist, retry_after


def tried(policy: RetryPolicy, *errors: Exception | None) -> list[float]:
    """Fail as told, then answer; returns the waits between tries in s."""
    moments: list[float] = []
    left = list(errors)

    async def attempt() -> Reply:
        moments.append(time.monotonic())
        error = left.pop(0) if left else None
        if error:
            raise error
        return Reply(text="", finish_reason="stop", latency_s=0)

    asyncio.run(persist(attempt, policy))
    return [later - sooner for sooner, later in pairwise(moments)]


def test_waits_grow_and_stay_below_the_ceiling() -> None:
    policy = RetryPolicy(base_s=0.04, ceiling_s=0.1)
    waits = tried(policy, *[TransientError("no")] * 4)
    assert pytest.approx([max(w - 0.04, 0.0) for w in waits], abs=0.07) == [0.04, 0.08, 0.1, 0.1]
    assert waits[0] >= 0.04
    assert waits[1] >= 0.08
    assert max(waits) < 0.2


def test_what_is_asked_for_is_waited_for() -> None:
    waits = tried(RetryPolicy(base_s=0.001, ceiling_s=0.3), TransientError("no", 0.2))
    assert 0.2 <= waits[0] < 0.4


def test_other_errors_pass_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        tried(RetryPolicy(), ZeroDivisionError())


def test_the_last_failure_is_told() -> None:
    policy = RetryPolicy(tries=3, base_s=0.001)
    errors = [TransientError(f"reason {n}") for n in range(3)]
    with pytest.raises(ProviderError, match="gave up after 3 tries: reason 2"):
        tried(policy, *errors)


def test_waiting_can_be_cancelled() -> None:
    async def attempt() -> Reply:
        raise TransientError("no", 30)

    async def impatient() -> None:
        async with asyncio.timeout(0.05):
            await persist(attempt, RetryPolicy())

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0),
        ({"retry-after": "Wed, 99 Oct 2015 07:28:00 GMT"}, None),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after-ms": "?", "retry-after": "9"}, 9),
    ],
)
def test_how_long_a_service_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_counted_from_now() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after({"retry-after": date}) == pytest.approx(90, abs=3)


@given(st.text(), st.text())
def test_whatever_a_header_says_is_a_time_or_nothing(plain: str, milliseconds: str) -> None:
    asked = retry_after({"retry-after": plain, "retry-after-ms": milliseconds})
    assert asked is None or 0 <= asked < float("inf")
