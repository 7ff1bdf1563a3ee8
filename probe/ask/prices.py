"""What replies cost: a list of prices, and pure functions of tokens.

A run records tokens; dollars are worked out when they are read, from ``prices.toml`` beside this
file and from a list of the same form that the environment variable PROBE_PRICES names. A price that
is not listed is unknown, which is never zero.
"""

from __future__ import annotations

import os
import statistics
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field, ValidationError

from probe.errors import UsageError
from probe.models.base import Door
from probe.models.cache import Kept
from probe.models.usage import Tokens, tokens
from probe.records import Completion, Outcome, Run, Spec
from probe.records.record import Record
from probe.records.run_folder import read_completions, read_run

if TYPE_CHECKING:
    pass

PRICES = Path(__file__).with_name("prices.toml")
_MILLION = 1_000_000


# --- prices --------------------------------------------------------------------------------------


class Price(Record):
    """What a model's tokens cost, in dollars per million."""

    models: tuple[str, ...] = Field(min_length=1, description="doors, as in openai/gpt-4o")
    host: str | None = Field(default=None, description="None: the provider's own")
    input: Decimal = Field(ge=0)
    cached_input: Decimal | None = Field(
        default=None, ge=0, description="read from a prompt cache; None: as any input"
    )
    cache_write: Decimal | None = Field(
        default=None, ge=0, description="written to a prompt cache; None: as any input"
    )
    output: Decimal = Field(ge=0)
    longest_input: int | None = Field(
        default=None, ge=1, description="tokens beyond which another price holds, unknown here"
    )
    date: date
    source: str = Field(min_length=1)

    def dollars(self, took: Tokens) -> Decimal:
        """What these tokens cost, exactly."""
        fresh = took.input - took.cached - took.written
        cached = self.input if self.cached_input is None else self.cached_input
        written = self.input if self.cache_write is None else self.cache_write
        total = fresh * self.input + took.cached * cached + took.written * written
        return (total + took.output * self.output) / _MILLION


def read_prices(path: Path) -> tuple[Price, ...]:
    """Read a list of prices.

    Raises
    ------
    UsageError
        The file cannot be read, or holds something else.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except OSError as error:
        raise UsageError(f"prices: {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"prices: {path}: {error}") from None
    rows = data.pop("price", [])
    if data or not isinstance(rows, list):
        raise UsageError(f"prices: {path} holds more than [[price]] tables")
    prices = []
    for number, row in enumerate(rows, start=1):
        try:
            prices.append(Price.model_validate(row))
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            field = ".".join(map(str, fault["loc"]))
            raise UsageError(f"prices: {path}, price {number}: {field}: {fault['msg']}") from None
    return tuple(prices)


def known_prices() -> tuple[Price, ...]:
    """Every price there is, those of PROBE_PRICES first."""
    own = os.environ.get("PROBE_PRICES")
    return (*(read_prices(Path(own)) if own else ()), *_packaged())


@cache
def _packaged() -> tuple[Price, ...]:
    return read_prices(PRICES)


def find_price(
    model: str, settings: Mapping[str, Any], day: date, prices: Sequence[Price] | None = None
) -> Price | None:
    """The price of a model on a day, or None where it is unknown.

    Parameters
    ----------
    model : str
        What the run calls the model.
    settings : mapping
        The run's settings: they name the door behind another name, and a host of one's own.
    day : date
        Of several prices of a model the last that was listed by this day holds, or else the first.
    prices : sequence of Price, optional
        Instead of `known_prices`.
    """
    door, host = settings.get("door", model), settings.get("host")
    listed = known_prices() if prices is None else prices
    found = sorted((p for p in listed if door in p.models and p.host == host), key=lambda p: p.date)
    return next((p for p in reversed(found) if p.date <= day), found[0] if found else None)


def price_now(door: Door) -> Price | None:
    """What the door's tokens cost today, or None where that is unknown."""
    return find_price(door.name, door.settings(), datetime.now(UTC).date())


# --- what a run cost -----------------------------------------------------------------------------


class Cost(Record):
    """What the replies of a run took."""

    replies: int
    from_cache: int = Field(description="replies given again without asking")
    tokens: Tokens = Field(description="of every answer that says, kept or not")
    unmetered: int = Field(description="answers that do not say")
    dollars: Decimal | None = Field(description="as if every reply were asked; None: unknown")
    paid: Decimal | None = Field(description="for what was really asked; None: unknown")
    unknown: str | None = Field(description="why the dollars are unknown")
    latency_s: float | None = Field(description="median over the replies; None without any")
    price: Price | None


def cost_of(folder: Path) -> Cost:
    """What the run in a folder cost: a pure function of its run.json and completions.jsonl.

    Every row counts, also one that a later row has replaced.

    Raises
    ------
    UsageError
        There is no run there.
    """
    return cost(read_run(folder), read_completions(folder))


def cost(
    run: Run, completions: Iterable[Completion], prices: Sequence[Price] | None = None
) -> Cost:
    """What completions cost.

    Parameters
    ----------
    run : Run
        What was asked for.
    completions : iterable of Completion
        Every row of its log.
    prices : sequence of Price, optional
        Instead of `known_prices`.
    """
    day = date.fromisoformat(run.started[:10])
    price = find_price(run.spec.model, run.spec.settings, day, prices)
    bill = _Bill(price)
    for row in completions:
        bill.add(row)
    unknown = _why_unknown(run.spec, price, bill)
    return Cost(
        replies=bill.replies,
        from_cache=bill.from_cache,
        tokens=bill.total,
        unmetered=bill.unmetered,
        dollars=None if unknown else bill.dollars,
        paid=None if unknown else bill.paid,
        unknown=unknown,
        latency_s=statistics.median(bill.latencies) if bill.latencies else None,
        price=price,
    )


class _Bill:
    """Sums over rows."""

    def __init__(self, price: Price | None) -> None:
        self.price = price
        self.replies = self.from_cache = self.unmetered = self.beyond = 0
        self.total = Tokens()
        self.dollars = self.paid = Decimal(0)
        self.latencies: list[float] = []

    def add(self, row: Completion) -> None:
        for usage in row.discarded:
            self._charge(usage, paid=True)
        if row.outcome is not Outcome.PROVIDER_ERROR and row.error is None:
            self.replies += 1
            self.from_cache += row.from_cache
            self.latencies.append(row.latency_s)
            self._charge(row.usage, paid=not row.from_cache)

    def _charge(self, usage: Mapping[str, Any] | None, *, paid: bool) -> None:
        took = tokens(usage)
        if took is None:
            self.unmetered += 1
            return
        self.total += took
        if self.price is not None:
            dollars = self.price.dollars(took)
            self.dollars += dollars
            self.paid += dollars if paid else 0
            self.beyond += took.input > (self.price.longest_input or took.input)


def _why_unknown(spec: Spec, price: Price | None, bill: _Bill) -> str | None:
    if spec.kind != "language model":
        return "nothing is asked that costs money"
    if price is None:
        return f"no price is listed for {spec.settings.get('door', spec.model)}"
    if bill.unmetered:
        return f"{bill.unmetered} of the answers do not say what they took"
    if bill.beyond:
        return f"{bill.beyond} prompts are longer than the listed price is for"
    return None


# --- what kept replies cost ----------------------------------------------------------------------


class Paid(Record):
    """What was paid for replies that are kept between runs."""

    replies: int
    dollars: Decimal = Field(description="for those whose price is known")
    unpriced: int = Field(description="replies whose price is not known, or that do not say")
    tokens: Tokens = Field(description="of these")

    @property
    def words(self) -> str:
        """It in a line, for people."""
        said = f"{self.replies} {'reply' if self.replies == 1 else 'replies'}"
        if self.unpriced < self.replies:
            said += f", paid ${self.dollars:.4f}"
        if self.unpriced:
            took = f"{self.tokens.input:,} tokens sent, {self.tokens.output:,} back"
            said += f", {self.unpriced} of no known price ({took})"
        return said


def paid_for(kept: Iterable[Kept], prices: Sequence[Price] | None = None) -> Paid:
    """What was paid for kept replies, at the prices of the days they were asked for.

    Parameters
    ----------
    kept : iterable of Kept
        The replies.
    prices : sequence of Price, optional
        Instead of `known_prices`.
    """
    listed = known_prices() if prices is None else prices
    replies = unpriced = 0
    dollars, unknown = Decimal(0), Tokens()
    for reply, identity, day in kept:
        replies += 1
        price, took = _price_of(identity, day, listed), reply.tokens
        if price is None or took is None or took.input > (price.longest_input or took.input):
            unpriced += 1
            unknown += took or Tokens()
        else:
            dollars += price.dollars(took)
    return Paid(replies=replies, dollars=dollars, unpriced=unpriced, tokens=unknown)


def _price_of(identity: Mapping[str, Any], day: date, prices: Sequence[Price]) -> Price | None:
    """The price of a model by its identity, which has its whole address."""
    door, host = str(identity.get("door")), str(identity.get("address")).partition("/")[0]
    own = f".{host.partition(':')[0]}".endswith(f".{door.partition('/')[0]}.com")
    return find_price(door, {} if own else {"host": host}, day, prices)
