"""Asking within a limit of money: nothing is begun that could pass it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from probe.ask.estimate import most_dollars, most_tokens
from probe.ask.prices import Price, cost_of, price_now
from probe.errors import UsageError
from probe.models.base import (
    AudioSource,
    LanguageModel,
    Layer,
    ProviderError,
    Reply,
    Request,
    StoppedError,
)
from probe.models.cache import Cached
from probe.models.usage import tokens


class OverBudgetError(StoppedError):
    """The next request could cost more than is left."""


class Budgeted(Layer):
    """A language model that is asked only while the limit cannot be passed.

    Each request under way holds back the most it can cost (every byte of what is sent a token, the
    reply as long as it may be), and one for which that is not left waits until others have ended
    for less. When none is under way and it still does not fit, asking is over.

    A try that breaks off without a word of its usage is not counted, since nobody knows what it was
    billed.

    Parameters
    ----------
    inner : LanguageModel
        The model.
    price : Price
        What its tokens cost.
    limit : Decimal
        Dollars.
    spent : Decimal
        Dollars of it that are gone already.
    """

    def __init__(
        self, inner: LanguageModel, price: Price, limit: Decimal, spent: Decimal = Decimal(0)
    ) -> None:
        super().__init__(inner)
        self._price = price
        self._limit = limit
        self._held = Decimal(0)
        self._system = str(inner.settings().get("system", ""))
        self._room = asyncio.Condition()
        self._over = False
        self.spent = spent

    async def complete(self, request: Request) -> Reply:
        """Ask, if there is money for it.

        Raises
        ------
        OverBudgetError
            There is not.
        """
        most = most_dollars(self._price, most_tokens(request, self._system))
        async with self._room:
            await self._room.wait_for(lambda: self._over or self._fits(most) or not self._held)
            if self._over or not self._fits(most):
                self._over = True
                self._room.notify_all()
                raise OverBudgetError(
                    f"${self.spent:.4f} of ${self._limit} are spent,"
                    f" and the next reply may cost ${most:.4f}"
                )
            self._held += most
        bill = Decimal(0)
        try:
            reply = await self.inner.complete(request)
            bill = self._bill([reply.usage, *reply.discarded], most)
            return reply
        except ProviderError as error:
            bill = self._bill(error.discarded, most)
            raise
        finally:
            async with self._room:
                self._held -= most
                self.spent += bill
                self._room.notify_all()

    def _fits(self, most: Decimal) -> bool:
        return self.spent + self._held + most <= self._limit

    def _bill(self, usages: Iterable[Mapping[str, Any] | None], most: Decimal) -> Decimal:
        """What answers cost; one that does not say counts as the most it can have cost."""
        found = map(tokens, usages)
        return sum((most if t is None else self._price.dollars(t) for t in found), Decimal(0))


def check_limit(door: LanguageModel | AudioSource, limit: Decimal | None) -> None:
    """Check that a limit can be kept.

    Raises
    ------
    UsageError
        There is a limit and no known price.
    """
    if limit is not None and price_now(door) is None:
        raise UsageError(
            f"--max-cost cannot be kept: no price is listed for {door.name};"
            " leave it out, or list one in a file that PROBE_PRICES names"
        )


def limited(door: LanguageModel, limit: Decimal | None, folder: Path) -> LanguageModel:
    """The door, asked only while the run in `folder` stays within `limit` dollars in all.

    Replies that are kept already cost nothing and pass.

    Raises
    ------
    UsageError
        What the run has cost so far is unknown.
    """
    price = price_now(door)
    if limit is None or price is None:
        return door
    so_far = cost_of(folder)
    if so_far.paid is None:
        raise UsageError(f"--max-cost cannot be kept: {so_far.unknown}; --fresh begins anew")
    if isinstance(door, Cached):
        return door.before(Budgeted(door.inner, price, limit, so_far.paid))
    return Budgeted(door, price, limit, so_far.paid)
