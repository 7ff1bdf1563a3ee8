"""Score what was rendered: clip by clip, then the set as a whole against references."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.display import Display
from probe.metrics import METRICS, Value, score_clip
from probe.metrics.sets import FEWEST, SetValue, fd_logmel
from probe.parallel import in_processes
from probe.records import Outcome, Prompt, Rendering, Score
from probe.references import References
from probe.store import Attempt, RunFolder, Store
from probe.tiers import LoadedTier

SET_METRICS = {"fd/logmel": fd_logmel}

WORTH_PROCESSES = 8
"""From so many clips on, scoring gains more from a process per core than their start costs."""


def unscored(folder: RunFolder) -> list[Attempt]:
    """Attempts that lack a per-clip score in the version of today's metrics."""
    metrics = _clip_metrics(folder)
    there = folder.latest_scores

    def has(attempt: Attempt, metric: str) -> bool:
        row = there.get((*attempt, metric))
        return row is not None and row.version == METRICS[metric].version

    return [a for a in folder.attempts if not all(has(a, metric) for metric in metrics)]


def score(
    store: Store, loaded: LoadedTier, references: References | None, display: Display
) -> None:
    """Score every rendering that lacks it, then the set as a whole.

    A clip that a metric fails on is said and left without a score: our fault, not the model's, so
    it is tried again when the same command runs again.
    """
    _score_clips(store, loaded, display)
    if references is not None:
        _score_sets(store, loaded, references, display)


def _clip_metrics(folder: RunFolder) -> list[str]:
    return [name for name in folder.run.spec.metrics if METRICS[name].scope == "clip"]


def _score_clips(store: Store, loaded: LoadedTier, display: Display) -> None:
    there = store.latest_renderings
    attempts = [a for a in unscored(store) if a in there and not there[a].outcome.ours]
    if not attempts:
        return
    with display.stage("score", len(attempts)) as stage:
        for attempt in attempts:
            if there[attempt].outcome is not Outcome.OK:
                floors = {m: _floor(m, there[attempt]) for m in _clip_metrics(store)}
                _keep_scores(store, attempt, floors)
                stage.advance(Outcome.OK)
        clips = _clips(store, loaded, [a for a in attempts if there[a].outcome is Outcome.OK])
        many = len(attempts) >= WORTH_PROCESSES
        for attempt, found in in_processes(_measure, clips) if many else map(_measure, clips):
            if isinstance(found, Exception):
                stage.advance(Outcome.SCORER_ERROR)
                display.say(f"{attempt[0]}: {type(found).__name__}: {found}")
            else:
                _keep_scores(store, attempt, found)
                stage.advance(Outcome.OK)


class _Clip(NamedTuple):
    """All that scoring a clip needs; it may be scored in another process."""

    attempt: Attempt
    metrics: list[str]
    prompt: Prompt
    samples: NDArray[np.float64] | None
    sample_rate: int


def _clips(store: Store, loaded: LoadedTier, attempts: list[Attempt]) -> Iterator[_Clip]:
    prompts = {prompt.id: prompt for prompt in loaded.prompts}
    for attempt in attempts:
        yield _Clip(
            attempt,
            _clip_metrics(store),
            prompts[attempt[0]],
            _samples(store, store.latest_renderings[attempt]),
            loaded.tier.sample_rate,
        )


def _measure(clip: _Clip) -> tuple[Attempt, dict[str, Value] | Exception]:
    """Score one clip; a fault of ours in it must not cost the others."""
    try:
        if clip.samples is None:
            raise FileNotFoundError("its audio is gone")
        return clip.attempt, score_clip(clip.metrics, clip.prompt, clip.samples, clip.sample_rate)
    except Exception as error:
        return clip.attempt, error


def _keep_scores(store: Store, attempt: Attempt, values: dict[str, Value]) -> None:
    prompt_id, sample = attempt
    for metric, found in values.items():
        store.add_score(
            Score(
                prompt=prompt_id,
                sample=sample,
                metric=metric,
                version=METRICS[metric].version,
                value=found.value,
                extras=dict(found.extras),
            )
        )


def _floor(metric: str, rendering: Rendering) -> Value:
    """What a failed attempt scores."""
    floor = METRICS[metric].floor
    assert floor is not None, f"{metric} is measured per clip and has no floor"
    return Value(floor, {"outcome": rendering.outcome})


def _samples(store: Store, rendering: Rendering) -> NDArray[np.float64] | None:
    pcm = store.audio(rendering)
    return None if pcm is None else pcm / np.float64(1 << 15)


def _set_version(metric: str, references: References) -> str:
    """A set metric's value depends on what it is compared with."""
    return f"{METRICS[metric].version}/{references.digest[:12]}"


def unscored_sets(folder: RunFolder, references: References) -> list[str]:
    """Set metrics without a value against these references."""
    there = folder.latest_scores

    def has(metric: str) -> bool:
        row = there.get((None, 0, metric))
        return row is not None and row.version == _set_version(metric, references)

    metrics = (name for name in folder.run.spec.metrics if METRICS[name].scope == "set")
    return [metric for metric in metrics if not has(metric)]


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
        version=_set_version(metric, references),
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
