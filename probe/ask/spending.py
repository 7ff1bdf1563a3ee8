"""What a run will cost, and how it is kept within a limit: prices brought together with a door."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

from probe.ask.budget import Budgeted
from probe.ask.prices import (
    Cost,
    Estimate,
    Price,
    Range,
    Size,
    cost_of,
    estimate,
    find_price,
    spread,
)
from probe.errors import UsageError
from probe.models.base import AudioSource, LanguageModel, Request
from probe.models.cache import Cached


class Outline(NamedTuple):
    """What is still to be asked in one talk; the opening comes first where it is among it."""

    opening: Request | None
    """The first request; None where its reply is there."""
    fewest: Sequence[Size]
    expected: Sequence[Size]
    most: Sequence[Size]

    @classmethod
    def single(cls, request: Request) -> Outline:
        """A talk of one request."""
        size = (Size.of(request),)
        return cls(request, size, size, size)


class Outlook(NamedTuple):
    """What is still to be asked, and at what price."""

    estimate: Estimate
    price: Price | None
    kept: int
    """Replies that are there already."""


def price_now(door: LanguageModel | AudioSource) -> Price | None:
    """What the door's tokens cost today, or None where that is unknown."""
    return find_price(door.name, door.settings(), datetime.now(UTC).date())


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
        raise UsageError(f"--max-cost cannot be kept: {so_far.unknown}; --fresh starts over")
    if isinstance(door, Cached):
        return door.before(Budgeted(door.inner, price, limit, so_far.paid))
    return Budgeted(door, price, limit, so_far.paid)


def outlook(door: LanguageModel, talks: Iterable[Request | Outline], folder: Path) -> Outlook:
    """What these talks will take, at what price, and how many of their replies are kept already.

    A talk is one request, or an outline of several. Openings that are kept are not part of the
    estimate: they cost nothing. What follows on them may be kept too, or not.
    """
    fewest, expected, most = list[Size](), list[Size](), list[Size]()
    kept = 0
    for talk in talks:
        about = Outline.single(talk) if isinstance(talk, Request) else talk
        known = bool(isinstance(door, Cached) and about.opening and door.lookup(about.opening))
        kept += known
        fewest += () if known else about.fewest
        expected += about.expected[known:]
        most += about.most[known:]
    price = price_now(door)
    so_far = cost_of(folder) if (folder / "run.json").exists() else None
    system = str(door.settings().get("system", ""))
    three = (estimate(s, price, system=system, so_far=so_far) for s in (fewest, expected, most))
    return Outlook(spread(*three), price, kept)


def outlook_json(found: Estimate, price: Price | None, kept: int) -> dict[str, Any]:
    """An outlook as JSON."""
    return {
        "kept_replies": kept,
        "replies": {"low": found.fewest, "expected": found.replies, "high": found.most},
        "input_tokens": _numbers(found.input_tokens),
        "output_tokens": _numbers(found.output_tokens),
        "dollars": found.dollars and _numbers(found.dollars),
        "price": price and price.model_dump(mode="json"),
    }


def outlook_lines(found: Estimate, price: Price | None, kept: int) -> list[str]:
    """An outlook as text."""
    lines = [f"  {kept:>6} of the replies are kept already, and cost nothing"] if kept else []
    if not found.most:
        return lines
    lines.append(f"  {'':<14}{'low':>12}{'expected':>12}{'high':>12}")
    if found.fewest < found.most:
        replies = found.fewest, found.replies, found.most
        lines.append(f"  {'replies':<14}" + "".join(f"{n:>12,}" for n in replies))
    for name, numbers in (
        ("tokens sent", found.input_tokens),
        ("tokens back", found.output_tokens),
    ):
        lines.append(f"  {name:<14}" + "".join(f"{n:>12,}" for n in _three(numbers)))
    if found.dollars is None or price is None:
        lines.append(f"  {'cost':<14}{'unknown':>12}  no price is listed for this model")
    else:
        lines.append(
            f"  {'cost':<14}" + "".join(f"{f'${n:.4f}':>12}" for n in _three(found.dollars))
        )
        lines.append(f"  prices of {price.date}, {price.source}")
    basis = (
        f"the {found.typical_of} replies so far"
        if found.typical_of
        else "plain programs; reasoning takes several times as much"
    )
    return [*lines, f"  expected: as {basis}"]


def cost_line(found: Cost) -> str:
    """What a run has cost, in a line of text."""
    took = found.tokens
    dollars = f"${found.dollars:.4f}" if found.dollars is not None else f"unknown ({found.unknown})"
    saved = f", {found.from_cache} of them kept from before" if found.from_cache else ""
    return (
        f"cost {dollars}; {found.replies} replies{saved},"
        f" {took.input:,} tokens sent, {took.output:,} back"
    )


def _three(numbers: Range) -> tuple[Decimal, Decimal, Decimal]:
    return numbers.low, numbers.expected, numbers.high


def _numbers(numbers: Range) -> dict[str, float]:
    names = ("low", "expected", "high")
    return {n: float(v) for n, v in zip(names, _three(numbers), strict=True)}
