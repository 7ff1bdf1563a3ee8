"""Score what was rendered: clip by clip, then the set as a whole against references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.display import Display
from probe.metrics import Clip, Metric, Value, about, score_clip
from probe.metrics.sets import FEWEST, SetValue, fd_logmel
from probe.parallel import in_processes
from probe.records import Outcome, Rendering, Score
from probe.references import References
from probe.store import Attempt, RunFolder, Store
from probe.tiers import LoadedTier

SET_METRICS = {"fd/logmel": fd_logmel}

WORTH_PROCESSES = 8
"""From so many clips on, scoring gains more from a process per core than their start costs."""


def unscored(
    folder: RunFolder, loaded: LoadedTier, references: References | None
) -> dict[Attempt, list[str]]:
    """Attempts that lack per-clip scores in the version of today's metrics, and which they lack."""
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    metrics = _metrics(folder, "clip", references)
    there = folder.latest_scores

    def has(attempt: Attempt, metric: Metric) -> bool:
        row = there.get((*attempt, metric.name))
        return row is not None and row.version == _version(metric, references)

    lacking = {
        attempt: [
            metric.name
            for metric in metrics
            if metric.applies_to(prompts[attempt[0]]) and not has(attempt, metric)
        ]
        for attempt in folder.attempts
    }
    return {attempt: names for attempt, names in lacking.items() if names}


def score(
    store: Store, loaded: LoadedTier, references: References | None, display: Display
) -> None:
    """Score every rendering that lacks it, then the set as a whole.

    A clip that a metric fails on is said and left without a score: our fault, not the model's, so
    it is tried again when the same command runs again.
    """
    _score_clips(store, loaded, references, display)
    if references is not None:
        _score_sets(store, loaded, references, display)


def _metrics(folder: RunFolder, scope: str, references: References | None) -> list[Metric]:
    """The run's metrics of a scope that can be measured with what is given."""
    every = (about(name) for name in folder.run.spec.metrics)
    given = {None} | ({"references"} if references else set())
    return [metric for metric in every if metric.scope == scope and metric.needs in given]


def _version(metric: Metric, references: References | None) -> str:
    """What a value depends on: the metric, and the recordings it is compared with."""
    if metric.needs != "references":
        return metric.version
    assert references is not None, f"{metric.name} was to be measured without references"
    return f"{metric.version}/{references.digest[:12]}"


def _score_clips(
    store: Store, loaded: LoadedTier, references: References | None, display: Display
) -> None:
    there = store.latest_renderings
    lacking = {
        attempt: names
        for attempt, names in unscored(store, loaded, references).items()
        if attempt in there and not there[attempt].outcome.ours
    }
    if not lacking:
        return
    with display.stage("score", len(lacking)) as stage:
        for attempt, names in lacking.items():
            if there[attempt].outcome is not Outcome.OK:
                floors = {name: _floor(name, there[attempt]) for name in names}
                _keep_scores(store, attempt, floors, references)
                stage.advance(Outcome.OK)
        jobs = _jobs(store, loaded, references, lacking)
        many = len(lacking) >= WORTH_PROCESSES
        for attempt, found in in_processes(_measure, jobs) if many else map(_measure, jobs):
            if isinstance(found, Exception):
                stage.advance(Outcome.SCORER_ERROR)
                display.say(f"{attempt[0]}: {type(found).__name__}: {found}")
            else:
                _keep_scores(store, attempt, found, references)
                stage.advance(Outcome.OK)


class _Job(NamedTuple):
    """All that scoring a clip needs; it may be scored in another process."""

    attempt: Attempt
    metrics: list[str]
    clip: Clip | None
    """None when its audio is gone."""


def _jobs(
    store: Store,
    loaded: LoadedTier,
    references: References | None,
    lacking: dict[Attempt, list[str]],
) -> Iterator[_Job]:
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    for attempt, names in lacking.items():
        rendering = store.latest_renderings[attempt]
        if rendering.outcome is not Outcome.OK:
            continue
        samples = _samples(store, rendering)
        clip = None
        if samples is not None:
            clip = Clip(prompts[attempt[0]], samples, loaded.tier.sample_rate, references)
        yield _Job(attempt, names, clip)


def _measure(job: _Job) -> tuple[Attempt, dict[str, Value] | Exception]:
    """Score one clip; a fault of ours in it must not cost the others."""
    try:
        if job.clip is None:
            raise FileNotFoundError("its audio is gone")
        return job.attempt, score_clip(job.metrics, job.clip)
    except Exception as error:
        return job.attempt, error


def _keep_scores(
    store: Store, attempt: Attempt, values: dict[str, Value], references: References | None
) -> None:
    prompt_id, sample = attempt
    for metric, found in values.items():
        store.add_score(
            Score(
                prompt=prompt_id,
                sample=sample,
                metric=metric,
                version=_version(about(metric), references),
                value=found.value,
                extras=dict(found.extras),
            )
        )


def _floor(metric: str, rendering: Rendering) -> Value:
    """What a failed attempt scores."""
    floor = about(metric).floor
    assert floor is not None, f"{metric} is measured per clip and has no floor"
    return Value(floor, {"outcome": rendering.outcome})


def _samples(store: Store, rendering: Rendering) -> NDArray[np.float64] | None:
    pcm = store.audio(rendering)
    return None if pcm is None else pcm / np.float64(1 << 15)


def unscored_sets(folder: RunFolder, references: References) -> list[str]:
    """Set metrics without a value against these references."""
    there = folder.latest_scores

    def has(metric: Metric) -> bool:
        row = there.get((None, 0, metric.name))
        return row is not None and row.version == _version(metric, references)

    return [m.name for m in _metrics(folder, "set", references) if not has(m)]


def _score_sets(store: Store, loaded: LoadedTier, references: References, display: Display) -> None:
    """Compare the set with the references, once no attempt is missing any more."""
    metrics = unscored_sets(store, references)
    there = store.latest_renderings
    if not metrics or any(a not in there or there[a].outcome.ours for a in store.attempts):
        return
    rate = loaded.tier.sample_rate
    length = {prompt.id: round(prompt.duration_s * rate) for prompt in loaded.prompts}
    recordings = [read_recording(clip.path, rate) for clip in references.clips]
    valid, every = [], []
    for attempt in store.attempts:
        samples = None
        if there[attempt].outcome is Outcome.OK:
            samples = _samples(store, there[attempt])
            if samples is None:
                display.say(f"{attempt[0]}: its audio is gone; run again to make it anew")
                return
            valid.append(samples)
        every.append(np.zeros(length[attempt[0]]) if samples is None else samples)
    if min(len(every), len(recordings)) < FEWEST:
        display.say(f"too few clips for {' and '.join(metrics)}: {FEWEST} of each are needed")
        return
    with display.stage("compare", len(metrics)) as stage:
        for metric in metrics:
            found = SET_METRICS[metric](every, recordings, rate)
            only = None
            if len(valid) >= FEWEST:
                only = SET_METRICS[metric](valid, recordings, rate)
            store.add_score(_set_score(metric, references, found, only))
            stage.advance("compared")


def _set_score(
    metric: str, references: References, found: SetValue, only: SetValue | None
) -> Score:
    """A row for the set; it brings its own interval, and the value without what failed."""
    return Score(
        prompt=None,
        metric=metric,
        version=_version(about(metric), references),
        value=found.value,
        extras={
            **_without_value(found),
            "valid_only": None if only is None else _interval(only),
            "reference": references.digest,
        },
    )


def _without_value(found: SetValue) -> dict[str, object]:
    return {name: value for name, value in asdict(found).items() if name != "value"}


def _interval(found: SetValue) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
