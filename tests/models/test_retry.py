from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.models import retry
from probe.models.base import ProviderError, Reply, StoppedError
from probe.models.retry import RetryPolicy, TransientError, persist, retry_after


@pytest.fixture(autouse=True)
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """What would be waited for, in seconds, with nobody waiting."""
    asked: list[float] = []

    async def sleep(seconds: float, halted: asyncio.Event) -> None:
        asked.append(seconds)

    monkeypatch.setattr(retry, "_sleep", sleep)
    return asked


def tried(policy: RetryPolicy, *errors: Exception | None) -> Reply:
    """Fail as told, then answer."""
    left = list(errors)

    async def attempt() -> Reply:
        error = left.pop(0) if left else None
        if error:
            raise error
        return Reply(text="", finish_reason="stop", latency_s=0)

    return asyncio.run(persist(attempt, policy))


def test_waits_grow_and_stay_below_the_ceiling(waits: list[float]) -> None:
    reply = tried(RetryPolicy(base_s=4, ceiling_s=10), *[TransientError("no")] * 4)
    assert reply.tries == 5
    assert 4 <= waits[0] <= 8
    assert 8 <= waits[1] <= 10
    assert waits[2:] == [10, 10]


@pytest.mark.parametrize(
    ("asked", "least", "most"), [(3.0, 3, 4), (0.0, 0, 1), (86_400.0, 30, 30), (29.5, 29.5, 30)]
)
def test_what_is_asked_for_is_waited_for_up_to_the_ceiling(
    asked: float, least: float, most: float, waits: list[float]
) -> None:
    tried(RetryPolicy(base_s=1, ceiling_s=30), TransientError("no", asked))
    (waited,) = waits
    assert least <= waited <= most


def test_what_was_billed_on_the_way_is_added_up() -> None:
    errors = [TransientError("no", usage={"n": 1}), TransientError("no"), TransientError("no")]
    reply = tried(RetryPolicy(), *errors)
    assert (reply.tries, reply.discarded) == (4, ({"n": 1},))


def test_other_errors_pass_at_once() -> None:
    with pytest.raises(ZeroDivisionError):
        tried(RetryPolicy(), ZeroDivisionError())


def test_the_last_failure_is_told() -> None:
    policy = RetryPolicy(tries=3, base_s=0.001)
    errors = [TransientError(f"reason {n}") for n in range(3)]
    with pytest.raises(ProviderError, match="gave up after 3 tries: reason 2"):
        tried(policy, *errors)


def test_waiting_can_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    async def attempt() -> Reply:
        raise TransientError("no", 600)

    async def impatient() -> None:
        async with asyncio.timeout(0.05):
            await persist(attempt, RetryPolicy(ceiling_s=600))

    with pytest.raises(TimeoutError):
        asyncio.run(impatient())


def test_waiting_ends_when_all_is_to_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    tries = []

    async def stopping() -> None:
        halted = asyncio.Event()

        async def attempt() -> Reply:
            tries.append(1)
            asyncio.get_running_loop().call_soon(halted.set)
            raise TransientError("no", 600)

        await persist(attempt, RetryPolicy(ceiling_s=600), halted)

    with pytest.raises(StoppedError):
        asyncio.run(stopping())
    assert len(tries) == 1


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
