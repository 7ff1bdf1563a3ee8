"""Ways of asking, by their names on the command line: ``<strategy>`` or ``<strategy>:<n>``."""

from __future__ import annotations

from collections.abc import Callable

from probe.ask.strategies.base import Strategy
from probe.ask.strategies.best_of import BestOf
from probe.ask.strategies.loops import Refine, Repair
from probe.ask.strategies.plan import Plan
from probe.ask.strategies.single import Direct, FewShot, Reason
from probe.errors import UsageError, unknown

COUNTED: dict[str, tuple[Callable[[int], Strategy], int, int]] = {
    "few-shot": (FewShot, 3, 1),
    "repair": (Repair, 2, 1),
    "refine": (Refine, 2, 1),
    "plan": (Plan, 0, 0),
    "best-of": (BestOf, 4, 2),
}
"""Those that take a number: how to make one, the usual number, the least."""

MOST = 32
"""The largest number any strategy takes; beyond it lies a typing error."""

STRATEGIES = ("direct", "reason", *COUNTED)


def open_strategy(text: str) -> Strategy:
    """Make a strategy from its name.

    Raises
    ------
    UsageError
        There is none of this name, or its number makes no sense.
    """
    name, _, number = text.partition(":")
    if name not in STRATEGIES:
        raise UsageError(unknown("strategy", name, STRATEGIES))
    if name in COUNTED:
        make, usual, least = COUNTED[name]
        count = (
            int(number) if number.isascii() and number.isdecimal() else None if number else usual
        )
        if count is None or not least <= count <= MOST:
            raise UsageError(f"{name} takes a number from {least} to {MOST}, not {number!r}")
        return make(count)
    if number:
        raise UsageError(f"{name} takes no number")
    return Direct() if name == "direct" else Reason()
