from __future__ import annotations

import asyncio
import random
from datetime import date
from decimal import Decimal

import pytest

from probe.ask.budget import Budgeted, OverBudgetError
from probe.ask.estimate import most_dollars, most_tokens
from probe.ask.prices import Price
from probe.models.base import ProviderError, Reply, Request, StoppedError
from tests.fakes.doors import ScriptedModel
from tests.models.asking import ask, attempt, request

PRICE = Price(
    models=("scripted/model",),
    input=Decimal(2),
    cached_input=Decimal("0.5"),
    output=Decimal(10),
    date=date(2026, 1, 1),
    source="a test",
)
MOST = most_dollars(PRICE, most_tokens(request()))


def reply(output: int = 100, **fields: object) -> Reply:
    usage = {"prompt_tokens": 10, "completion_tokens": output}
    return Reply.model_validate(
        {"text": "x", "finish_reason": "stop", "latency_s": 0, "usage": usage} | fields
    )


def dollars(output: int) -> Decimal:
    return (10 * PRICE.input + output * PRICE.output) / 1_000_000


def test_every_byte_may_be_a_token_and_every_reply_as_long_as_allowed() -> None:
    asked = request().model_copy(update={"text": "ä" * 100, "max_tokens": 77})
    assert most_tokens(asked, "sys").output == 77
    assert 203 <= most_tokens(asked, "sys").input <= 300


def test_a_run_stops_before_it_passes_its_limit() -> None:
    model = ScriptedModel({"a4": reply()})
    limited = Budgeted(model, PRICE, limit=MOST + dollars(100) * 5)
    found = attempt(limited, 50)
    assert sum(isinstance(one, Reply) for one in found) == 6
    over = [one for one in found if isinstance(one, OverBudgetError)]
    assert len(over) == 44
    assert limited.spent == dollars(100) * 6
    assert len(model.requests) == 6


def test_a_limit_below_one_reply_asks_nothing() -> None:
    model = ScriptedModel({"a4": reply()})
    (over,) = attempt(Budgeted(model, PRICE, limit=MOST - Decimal("0.000001")))
    assert isinstance(over, OverBudgetError)
    assert isinstance(over, StoppedError), "nothing is recorded of it"
    assert not model.requests


def test_what_is_gone_already_counts() -> None:
    model = ScriptedModel({"a4": reply()})
    (over,) = attempt(Budgeted(model, PRICE, limit=MOST, spent=Decimal("0.000001")))
    assert isinstance(over, OverBudgetError)


def test_what_was_billed_in_vain_counts() -> None:
    vain = {"prompt_tokens": 10, "completion_tokens": 100}
    failed = ProviderError("gave up", tries=5, discarded=(vain,) * 5)
    limited = Budgeted(ScriptedModel({"a4": failed}), PRICE, limit=Decimal(1))
    attempt(limited)
    assert limited.spent == 5 * dollars(100)
    limited = Budgeted(
        ScriptedModel({"a4": reply(discarded=(vain, vain))}), PRICE, limit=Decimal(1)
    )
    ask(limited)
    assert limited.spent == 3 * dollars(100)


def test_an_answer_that_does_not_say_counts_as_the_most_it_can_be() -> None:
    limited = Budgeted(ScriptedModel({"a4": reply(usage=None)}), PRICE, limit=Decimal(1))
    ask(limited)
    assert limited.spent == MOST


class Spender(ScriptedModel):
    """Answers after a while, in any order, for anything up to what is allowed."""

    def __init__(self, seed: int) -> None:
        super().__init__({"a4": "x"})
        self.random = random.Random(seed)
        self.under_way = self.most = 0

    async def complete(self, request: Request) -> Reply:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        for _ in range(self.random.randrange(5)):
            await asyncio.sleep(0)
        self.under_way -= 1
        return reply(self.random.choice([1, 10, request.max_tokens]))


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_answers_passes_the_limit(seed: int) -> None:
    limit = MOST * random.Random(seed).choice([1, 2, 3, 10])
    model = Spender(seed)
    limited = Budgeted(model, PRICE, limit=limit)
    found = attempt(limited, 60)
    assert limited.spent <= limit
    assert limited.spent > limit - MOST, "it stops only when the next reply might not fit"
    assert any(isinstance(one, OverBudgetError) for one in found)
    assert model.most <= limit / MOST
