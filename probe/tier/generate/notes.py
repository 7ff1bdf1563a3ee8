"""The grammar of the notes tier: prompts that did not exist before, with exact truth.

Group and level go round: six prompts, one of each group, at level 1, then six at level 2, and so
on. The same seed gives the same prompts on every machine and in every version of Python 3.
"""

from __future__ import annotations

from collections.abc import Callable

from probe.errors import UsageError
from probe.records import Prompt
from probe.records.truths import NotesTruth
from probe.tier.generate.drafts import TAIL_S, Draft, Draw
from probe.tier.generate.notes_line import melodies, scales_ornaments, timbre
from probe.tier.generate.notes_pitch import durations_dynamics, intervals_chords, single_pitch

GROUPS: dict[str, Callable[[Draw, int], Draft]] = {
    "single-pitch": single_pitch,
    "durations-dynamics": durations_dynamics,
    "intervals-chords": intervals_chords,
    "scales-ornaments": scales_ornaments,
    "melodies": melodies,
    "timbre": timbre,
}
"""The groups of tiers/notes, and what drafts a prompt of each."""

LEVELS = 5
ATTEMPTS = 200
"""How often a prompt is drawn again when its text is there already."""


def generate(seed: int, n: int) -> list[Prompt]:
    """The first `n` of the prompts that follow from a seed.

    Parameters
    ----------
    seed : int
        From 0 up; every seed has prompts of its own.
    n : int
        How many, from 1 up; a multiple of 30 has as many of each group at each level.

    Returns
    -------
    list of Prompt
        Shorter sets are beginnings of longer ones.

    Raises
    ------
    UsageError
        `seed` or `n` is out of range, or there is nothing new to say after so many prompts.
    """
    if seed < 0 or n < 1:
        raise UsageError("prompts are generated from a seed of 0 or more, one or more at a time")
    texts: set[str] = set()
    return [_new_prompt(seed, number, texts) for number in range(n)]


def _new_prompt(seed: int, number: int, texts: set[str]) -> Prompt:
    """Draw until the text is none of `texts`, and add it to them."""
    for attempt in range(ATTEMPTS):
        prompt = _prompt(seed, number, attempt)
        if prompt.text not in texts:
            texts.add(prompt.text)
            return prompt
    raise UsageError(f"the grammar has no more than {number} prompts; ask for fewer")


def _prompt(seed: int, number: int, attempt: int) -> Prompt:
    group = [*GROUPS][number % len(GROUPS)]
    level = number // len(GROUPS) % LEVELS + 1
    draft = GROUPS[group](Draw(seed, number, attempt), level)
    return Prompt(
        id=f"{number:04d}-{group}-{level}",
        group=group,
        level=level,
        text=f"{draft.text} Nothing else sounds, and silence follows until the end of the file.",
        duration_s=round(draft.end_s + TAIL_S, 6),
        truth=NotesTruth(**draft.truth),
    )
