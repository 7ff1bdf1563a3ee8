"""What a run amounts to: a pure function of its logs.

Every value comes with n and a 95 % interval, over all attempts (a failed one takes the metric's
floor, or silence in a set metric) and over the valid ones only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np
from pydantic import Field

from probe.ask.prices import cost_of
from probe.records import ModelKind, Outcome, Record, Score, Verification
from probe.records.metrics import about
from probe.records.store import Attempt, RunFolder
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


def summarize(folder: RunFolder) -> Entry:
    """Work out the entry of one run."""
    spec = folder.run.spec
    outcomes = {attempt: _outcome(folder, attempt) for attempt in folder.attempts}
    valid = {attempt for attempt, outcome in outcomes.items() if outcome == Outcome.OK}
    clip_scores = _clip_scores(folder)
    by_prompt = _by_prompt(clip_scores[spec.primary_metric], folder.attempts)
    return Entry(
        model=spec.row,
        model_version=_model_version(folder),
        kind=spec.kind,
        tier=spec.tier,
        tier_digest=spec.tier_digest,
        primary_metric=spec.primary_metric,
        prompts=len(spec.prompts),
        samples=spec.samples,
        missing=sum(a not in clip_scores[spec.primary_metric] for a in folder.attempts),
        rendered=round(len(valid) / len(outcomes), DIGITS),
        repeatable=_repeatable(folder),
        verification=folder.verification,
        outcomes=dict(Counter(sorted(outcomes.values()))),
        scores=_measured(folder, clip_scores, valid),
        groups=_along({p: place.group for p, place in spec.prompts.items()}, by_prompt),
        levels=_along({p: str(place.level) for p, place in spec.prompts.items()}, by_prompt),
        by_prompt={prompt: round(value, DIGITS) for prompt, value in by_prompt.items()},
        spent=_spent(folder),
        image=spec.image,
        date=folder.run.started[:10],
    )


def _outcome(folder: RunFolder, attempt: Attempt) -> str:
    """How an attempt stands: its rendering's outcome, a service's failure, or `MISSING`."""
    rendering = folder.latest_renderings.get(attempt)
    if rendering is not None:
        return rendering.outcome
    completion = folder.latest_completions.get(attempt)
    if completion is not None and completion.outcome.ours:
        return completion.outcome
    return MISSING


def _model_version(folder: RunFolder) -> str | None:
    """Every version that answered, the most frequent first; an engine's own."""
    said = Counter(row.model_returned for row in folder.completions.latest.values())
    found = [name for name, _ in said.most_common() if name]
    engine = folder.run.spec.settings.get("version")
    return " and ".join(found) or (str(engine) if engine else None)


def _spent(folder: RunFolder) -> Spent | None:
    if folder.run.spec.kind != "language model":
        return None
    found = cost_of(folder.folder)
    return Spent(
        dollars=None if found.dollars is None else round(float(found.dollars), DIGITS),
        unknown=found.unknown,
        output_tokens=found.tokens.output,
        latency_s=None if found.latency_s is None else round(found.latency_s, DIGITS),
    )


def _repeatable(folder: RunFolder) -> float | None:
    tried = [r.repeatable for r in folder.latest_renderings.values() if r.repeatable is not None]
    return round(sum(tried) / len(tried), DIGITS) if tried else None


def _metrics(folder: RunFolder) -> list[str]:
    """Metrics of the run, then those that were asked for beside."""
    beside = sorted({metric for _, _, metric in folder.latest_scores})
    return list(dict.fromkeys([*folder.run.spec.metrics, *beside]))


def _clip_scores(folder: RunFolder) -> dict[str, dict[Attempt, float]]:
    """Values of every per-clip metric of the run, by attempt."""
    scores: dict[str, dict[Attempt, float]] = {
        metric: {} for metric in _metrics(folder) if about(metric).scope == "clip"
    }
    attempts = set(folder.attempts)
    for row in folder.latest_scores.values():
        if row.prompt is not None and row.metric in scores:
            attempt = (row.prompt, row.sample)
            if attempt in attempts:
                scores[row.metric][attempt] = row.value
    return scores


def _by_prompt(scores: dict[Attempt, float], attempts: Iterable[Attempt]) -> dict[str, float]:
    """Mean over the samples of each prompt that has a score: prompts are what is resampled."""
    values: defaultdict[str, list[float]] = defaultdict(list)
    for attempt in attempts:
        if attempt in scores:
            values[attempt[0]].append(scores[attempt])
    return {prompt: float(np.mean(found)) for prompt, found in values.items()}


def _measured(
    folder: RunFolder, clip_scores: dict[str, dict[Attempt, float]], valid: set[Attempt]
) -> dict[str, Measured]:
    found: dict[str, Measured] = {}
    for metric in _metrics(folder):
        if metric in clip_scores:
            scores = clip_scores[metric]
            every = _estimate(_by_prompt(scores, folder.attempts).values())
            only = _estimate(
                _by_prompt(scores, (a for a in folder.attempts if a in valid)).values()
            )
            if every is not None:
                version = _version(folder, metric)
                found[metric] = Measured(version=version, all_attempts=every, valid_only=only)
        elif (row := folder.latest_scores.get((None, 0, metric))) is not None:
            found[metric] = _measured_set(row)
    return found


def _version(folder: RunFolder, metric: str) -> str:
    """The version in which a per-clip metric was measured; all of them where there are several."""
    rows = folder.latest_scores
    found = {rows[*a, metric].version for a in folder.attempts if (*a, metric) in rows}
    return " and ".join(sorted(found))


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
