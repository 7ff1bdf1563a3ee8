"""Which of a tier's prompts are asked: by name, group or level, or the first of one fixed order."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from probe.errors import UsageError, unknown
from probe.records import Prompt, Tier


@dataclass(frozen=True)
class Choice:
    """What a person said of the prompts; what is left empty chooses nothing out."""

    prompts: tuple[str, ...] = ()
    """Ids."""
    groups: tuple[str, ...] = ()
    levels: tuple[int, ...] = ()
    limit: int | None = None
    """Only the first so many of `spread`."""

    def of(self, tier: Tier, prompts: Sequence[Prompt]) -> list[Prompt]:
        """The chosen ones, in the tier's order.

        Parameters
        ----------
        tier : Tier
            The tier.
        prompts : sequence of Prompt
            All of it.

        Raises
        ------
        UsageError
            An id, a group or a level is none of the tier's, or no prompt has all that is asked for.
        """
        for what, asked, known in (
            ("prompt", self.prompts, [prompt.id for prompt in prompts]),
            ("group", self.groups, tier.groups),
            ("level", map(str, self.levels), {str(prompt.level) for prompt in prompts}),
        ):
            for name in asked:
                if name not in known:
                    raise UsageError(unknown(f"{what} of {tier.name}", name, known))
        found = [
            prompt
            for prompt in prompts
            if (not self.prompts or prompt.id in self.prompts)
            and (not self.groups or prompt.group in self.groups)
            and (not self.levels or prompt.level in self.levels)
        ]
        if not found:
            raise UsageError(f"no prompt of {tier.name} has such an id, group and level at once")
        return found


def first(prompts: Sequence[Prompt], limit: int | None) -> list[Prompt]:
    """The first `limit` of `spread`, in the order of `prompts`; all of them without a limit."""
    kept = {prompt.id for prompt in spread(prompts)[:limit]}
    return [prompt for prompt in prompts if prompt.id in kept]


def spread(prompts: Iterable[Prompt]) -> list[Prompt]:
    """Prompts in the one order that a limit cuts: the first N are spread over groups and levels.

    Groups take turns. Within a group levels take turns, and each group begins a level further on
    than the one before, so that a few prompts have easy and hard ones among them too.
    """
    groups: dict[str, list[Prompt]] = {}
    for prompt in prompts:
        groups.setdefault(prompt.group, []).append(prompt)
    by_turns = [_turns(_by_level(group), begin) for begin, group in enumerate(groups.values())]
    return _turns(by_turns)


def _by_level(group: Sequence[Prompt]) -> list[list[Prompt]]:
    levels = sorted({prompt.level for prompt in group})
    return [[prompt for prompt in group if prompt.level == level] for level in levels]


def _turns(rows: Sequence[Sequence[Prompt]], begin: int = 0) -> list[Prompt]:
    """One of each row after another, from row `begin` on, until all are empty."""
    begin %= max(len(rows), 1)
    waiting = deque(deque(row) for row in (*rows[begin:], *rows[:begin]))
    found = []
    while waiting:
        row = waiting.popleft()
        found.append(row.popleft())
        if row:
            waiting.append(row)
    return found


def described(asked: Collection[str], possible: Sequence[Prompt]) -> dict[str, Any]:
    """The flags that choose just these of the prompts that are possible, by their names.

    Parameters
    ----------
    asked : collection of str
        Ids.
    possible : sequence of Prompt
        All that could have been asked, in the tier's order.
    """
    if len(asked) == len(possible):
        return {}
    if {prompt.id for prompt in spread(possible)[: len(asked)]} == set(asked):
        return {"limit": len(asked)}
    for flag in ("group", "level"):
        values = dict.fromkeys(getattr(p, flag) for p in possible if p.id in asked)
        if all(prompt.id in asked for prompt in possible if getattr(prompt, flag) in values):
            return {flag: list(values)}
    return {"prompt": [prompt.id for prompt in possible if prompt.id in asked]}
