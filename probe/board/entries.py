"""What a run amounts to: a pure function of its logs.

Every value comes with n and a 95 % interval, over all attempts (a failed one takes the metric's
floor, or silence in a set metric) and over the valid ones only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from probe.ask.prices import cost_of
from probe.records import (
    Accepted,
    Completion,
    ModelKind,
    Outcome,
    Record,
    Score,
    Verification,
)
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.records.run_folder import read_accepted
from probe.stats import Interval, interval

DIGITS = 6
"""Decimals that are kept: fewer than the last bits in which machines differ."""

MISSING = "missing"


class Estimate(Record):
    """A value over `n` prompts (clips, for a set metric) with its 95 % interval."""

    value: float = Field(description="the mean, or the set metric's value")
    low: float = Field(description="end of the interval")
    high: float = Field(description="end of the interval")
    n: int = Field(description="prompts, or clips for a set metric")


class Measured(Record):
    """One metric of one run."""

    version: str = Field(description="of metric, embedder and recordings, as in scores.jsonl")
    all_attempts: Estimate = Field(description="a failed attempt takes the floor, or is silence")
    valid_only: Estimate | None = Field(description="None where no attempt is valid")
    reference: str | None = Field(
        default=None, description="digest of the recordings compared with"
    )
    floor: Estimate | None = Field(default=None, description="of recordings to one another")
    ceiling: Estimate | float | None = Field(default=None, description="of noise to recordings")


class Spent(Record):
    """What the answers of a run took."""

    dollars: float | None = Field(description="as if every reply were asked anew; None: unknown")
    unknown: str | None = Field(description="why the dollars are unknown")
    output_tokens: int = Field(description="of every answer that says")
    latency_s: float | None = Field(description="median over the replies")


class Entry(Record):
    """One run as the leaderboard knows it."""

    model: str = Field(description="name on the board, with how it was asked")
    model_version: str | None = Field(
        description="what the service says answered, or the engine's version; None: nobody says"
    )
    kind: ModelKind = Field(description="what was probed")
    tier: str = Field(description="its name")
    tier_digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    primary_metric: str = Field(description="models are ranked by")
    prompts: int = Field(description="that were asked")
    samples: int = Field(description="attempts a prompt")
    missing: int = Field(description="attempts still to be made or scored; 0 in a complete run")
    accepted: Accepted | None = Field(
        default=None, description="that it was closed with so many missing; None: it was not"
    )
    rendered: float = Field(description="share of the attempts that gave valid audio")
    repeatable: float | None = Field(
        description="share of the clips rendered twice that came out the same; None if none was"
    )
    verification: Verification | None = Field(
        description="whether it came out again; None: nobody looked"
    )
    outcomes: dict[str, int] = Field(description="attempts by how they ended")
    scores: dict[str, Measured] = Field(description="by metric")
    groups: dict[str, Estimate] = Field(description="primary metric over all attempts, by group")
    levels: dict[str, Estimate] = Field(description="primary metric over all attempts, by level")
    by_prompt: dict[str, float] = Field(description="primary metric over all attempts, by prompt")
    spent: Spent | None = Field(description="None for what nobody is asked for")
    image: str | None = Field(description="content id of the sandbox image; None: no programs")
    date: str = Field(description="when it began, UTC")

    @property
    def complete(self) -> bool:
        """Whether the run has an outcome of the model's own, and its scores, for every attempt."""
        return self.missing == 0

    @property
    def closed(self) -> bool:
        """Whether nothing more is waited for: it is complete, or what is missing is accepted."""
        return self.complete or self.accepted is not None


def summarize(run: RunIndex) -> Entry:
    """Work out the entry of one run."""
    spec = run.run.spec
    outcomes = Counter(sorted(outcome_of(run, number) for number in range(run.attempts)))
    valid = np.array([outcome == Outcome.OK for outcome in run.outcomes])
    measured = spec.primary_metric in run.values
    by_prompt = run.by_prompt(spec.primary_metric) if measured else {}
    scored = np.isfinite(run.values[spec.primary_metric]).sum() if measured else 0
    return Entry(
        model=spec.row,
        model_version=_model_version(run),
        kind=spec.kind,
        tier=spec.tier,
        tier_digest=spec.tier_digest,
        primary_metric=spec.primary_metric,
        prompts=len(spec.prompts),
        samples=spec.samples,
        missing=int(run.attempts - scored),
        accepted=_accepted(run, int(scored)),
        rendered=round(float(valid.mean()), DIGITS),
        repeatable=_repeatable(run),
        verification=run.verification,
        outcomes=dict(outcomes),
        scores=_measured(run, valid),
        groups=_along({p: place.group for p, place in spec.prompts.items()}, by_prompt),
        levels=_along({p: str(place.level) for p, place in spec.prompts.items()}, by_prompt),
        by_prompt={prompt: round(value, DIGITS) for prompt, value in by_prompt.items()},
        spent=_spent(run),
        image=spec.image,
        date=run.run.started[:10],
    )


def changed_lengths(notes: Iterable[Iterable[str]]) -> dict[str, int]:
    """How many clips were ``cropped`` and how many ``padded``, by their conversions."""
    every = [note.partition(" by ")[0] for each in notes for note in each]
    return {how: every.count(how) for how in ("cropped", "padded") if how in every}


def extractions(completions: Iterable[Completion]) -> dict[str, int]:
    """How often each way to find a program in a reply was used, the most frequent first."""
    ways = Counter(row.extraction.how for row in completions if row.extraction)
    return dict(ways.most_common())


def failures(completions: Iterable[Completion]) -> dict[str, int]:
    """Why replies are missing, by kind, the most frequent first; only the last try of each counts.

    Every row of a log is given, also one that a later row has replaced.
    """
    last: dict[tuple[str, int, int], str | None] = {}
    for row in completions:
        last[row.prompt, row.sample, row.turn] = row.failure if row.outcome.ours else None
    return dict(Counter(why for why in last.values() if why).most_common())


def outcome_of(run: RunIndex, number: int) -> str:
    """How an attempt stands: its rendering's outcome, a service's failure, or `MISSING`."""
    rendered = run.outcomes[number]
    if rendered is not None:
        return rendered
    reply = run.reply(number)
    return reply if reply is not None and reply.ours else MISSING


def _accepted(run: RunIndex, scored: int) -> Accepted | None:
    """That the run was closed as it is; more that is missing since makes it void."""
    found = read_accepted(run.folder)
    holds = found is not None and scored and 0 < run.attempts - scored <= found.missing
    return found if holds else None


def accepted_said(missing: int, found: Accepted, quoted: Callable[[str], str] = str) -> str:
    """What is missing in a closed run, and why, in a few words."""
    whys = ", ".join(f"{count} × {quoted(why)}" for why, count in found.reasons.items())
    return f"lacks {missing} attempts, accepted as missing" + (f" ({whys})" if whys else "")


def _model_version(run: RunIndex) -> str | None:
    """Every version that answered, the most frequent first; an engine's own."""
    found = [name for name, _ in run.models.most_common() if name]
    engine = run.run.spec.settings.get("version")
    return " and ".join(found) or (str(engine) if engine else None)


def _spent(run: RunIndex) -> Spent | None:
    if run.run.spec.kind != "language model":
        return None
    found = cost_of(run.folder)
    return Spent(
        dollars=None if found.dollars is None else round(float(found.dollars), DIGITS),
        unknown=found.unknown,
        output_tokens=found.tokens.output,
        latency_s=None if found.latency_s is None else round(found.latency_s, DIGITS),
    )


def _repeatable(run: RunIndex) -> float | None:
    tried = run.repeatable.values()
    return round(sum(tried) / len(tried), DIGITS) if tried else None


def _measured(run: RunIndex, valid: NDArray[np.bool_]) -> dict[str, Measured]:
    """Metrics of the run, then those that were asked for beside."""
    found: dict[str, Measured] = {}
    for metric in dict.fromkeys([*run.run.spec.metrics, *sorted({*run.values, *run.sets})]):
        scope = about(metric).scope
        if scope == "clip" and metric in run.values:
            every = _estimate(run.by_prompt(metric).values())
            if every is not None:
                found[metric] = Measured(
                    version=" and ".join(sorted(run.versions(metric))),
                    all_attempts=every,
                    valid_only=_estimate(run.by_prompt(metric, valid).values()),
                )
        elif scope == "set" and metric in run.sets:
            found[metric] = _measured_set(run.sets[metric])
    return found


def _measured_set(row: Score) -> Measured:
    """A set metric carries its own interval: it is no mean over prompts."""
    said = row.extras
    ceiling = said.get("ceiling")
    return Measured(
        version=row.version,
        all_attempts=_kept(said | {"value": row.value}),
        valid_only=_kept(said["valid_only"]) if said["valid_only"] else None,
        reference=said["reference"],
        floor=_kept(said["floor"]) if said.get("floor") else None,
        ceiling=_kept(ceiling) if isinstance(ceiling, dict) else _round(ceiling),
    )


def _kept(said: dict[str, Any]) -> Estimate:
    """An estimate as a row of the log has it, among other things."""
    return _rounded(Interval(*(said[name] for name in ("value", "low", "high", "n"))))


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)


def _along(place_of: dict[str, str], by_prompt: dict[str, float]) -> dict[str, Estimate]:
    """The mean over the prompts of each place, in the tier's order of places."""
    values: dict[str, list[float]] = {place: [] for place in place_of.values()}
    for prompt, value in by_prompt.items():
        values[place_of[prompt]].append(value)
    return {place: _rounded(interval(np.array(found))) for place, found in values.items() if found}


def _estimate(values: Iterable[float]) -> Estimate | None:
    array = np.array(list(values))
    return _rounded(interval(array)) if array.size else None


def _rounded(found: Interval) -> Estimate:
    return Estimate(
        value=round(found.value, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        n=found.n,
    )
