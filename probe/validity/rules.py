"""The rules in words, with the figures that the code goes by."""

from __future__ import annotations

from probe.validity.expectations import LEAST_FALL, SATURATED, SLACK, expectation
from probe.validity.judging import FEWEST, Findings
from probe.validity.measuring import FINALISTS, FIRST_PROMPTS, LAST_PROMPTS, RECORDED, SOUNDS
from probe.validity.sets import RECORDINGS


def rules(findings: Findings) -> str:
    """The last part of the report: when a claim holds."""
    slack = f"{SLACK:.0%}"
    loose = [
        f"`{found.metric.name}` {expectation(found.metric.name).tolerance:.0%}"
        for found in findings.metrics
    ]
    lines = [
        "## The rules",
        "",
        f"- A claim rests on at least {FEWEST} prompts. Intervals are at 95 %, prompts resampled,"
        " differences paired. A metric's *range* is from a failed clip to a perfect one.",
        "- *Real recordings* are those of the references that fit a prompt, placed as it asks. *The"
        " exact truth* plays the notes of truths that state nothing else, as plain tones. *Programs"
        " of another prompt* are the next of the same group.",
        "- *Order*: recordings, or the exact truth where players may be off, must not lose to the"
        " programs, nor another prompt's program to noise or silence (interval not wholly below"
        f" zero by more than {slack} of the range); the programs must win against all three"
        " (interval wholly above zero). A dash stands where a metric hears one side of a sound"
        " alone and need not prefer the first, or where the other of the two tops counts.",
        f"- *Damage*: on {len(findings.sample)} prompts spread over the tier. Metrics that need"
        f" references are tried on up to {RECORDED} recordings instead, placed as a prompt asks. A"
        " mean falls when no"
        f" grade raises it by more than {slack} of the range and the gravest costs at least"
        f" {LEAST_FALL:.0%} of it. A dash stands where a metric need not mind.",
        "- *Same audio*: written and read again as a run reads it, on the same prompts; a truth"
        f" that states an absolute level is not turned down. Tolerances as shares of the range:"
        f" {', '.join(loose)}.",
        "- *Sets*: the recordings must be clearly nearer than the programs, and these than noise"
        " and silence (intervals do not meet). A distance must grow under low-pass and noise, by"
        " the rules of damage; its range is from one half of the recordings (up to"
        f" {RECORDINGS}) to noise or silence, whichever is further.",
        f"- *One sound*: up to {SOUNDS} programs' sounds, each tried on"
        f" {FIRST_PROMPTS} prompts; the best {FINALISTS} are tried on up to"
        f" {LAST_PROMPTS} others, which alone count, never on their own prompt.",
        f"- A level is *saturated* where the lower end of the interval reaches {SATURATED:g} of the"
        " range.",
        "",
    ]
    return "\n".join(lines)
