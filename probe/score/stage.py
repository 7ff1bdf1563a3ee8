"""Score what was rendered: clip by clip, then what needs an embedder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.display import Display
from probe.parallel import in_processes
from probe.records import Outcome, Rendering, Score
from probe.records.metrics import Clip, Metric, Value, about
from probe.records.references import References
from probe.records.store import Attempt, RunFolder, Store
from probe.score.embedded import Comparison
from probe.score.metrics import score_clip
from probe.tier.folder import LoadedTier

WORTH_PROCESSES = 8
"""From so many clips on, scoring gains more from a process per core than their start costs."""


@dataclass(frozen=True)
class Scorer:
    """All that scoring the runs of one tier needs."""

    loaded: LoadedTier
    references: References | None
    comparison: Comparison

    @classmethod
    def of(
        cls,
        loaded: LoadedTier,
        references: References | None = None,
        measures: tuple[str, ...] = (),
    ) -> Scorer:
        """The tier's metrics, as far as they can be measured, and `measures` beside them."""
        return cls(loaded, references, Comparison.of(loaded, references, measures))

    def unscored(self, folder: RunFolder) -> dict[Attempt, list[str]]:
        """Attempts that lack per-clip scores in the version of today's metrics, and which."""
        prompts = {prompt.id: prompt for prompt in self.loaded.prompts}
        there = folder.latest_scores

        def has(attempt: Attempt, metric: Metric) -> bool:
            row = there.get((*attempt, metric.name))
            return row is not None and row.version == self._version(metric)

        lacking = {
            attempt: [
                metric.name
                for metric in self._metrics(folder)
                if metric.applies_to(prompts[attempt[0]], self.references)
                and not has(attempt, metric)
            ]
            for attempt in folder.attempts
        }
        return {attempt: names for attempt, names in lacking.items() if names}

    def wanted(self, folder: RunFolder) -> set[Attempt]:
        """Attempts whose audio is still to be scored."""
        if self.comparison.missing(folder):
            return set(folder.attempts)
        return set(self.unscored(folder))

    def score(self, store: Store, display: Display) -> None:
        """Score every rendering that lacks it, then the set as a whole.

        A clip that a metric fails on is said and left without a score: our fault, not the
        model's, so it is tried again when the same command runs again.
        """
        self._score_clips(store, display)
        self.comparison.score(store, display)

    def _metrics(self, folder: RunFolder) -> list[Metric]:
        """The run's per-clip metrics that can be measured with what is given."""
        every = (about(name) for name in folder.run.spec.metrics)
        given = {None} | ({"references"} if self.references else set())
        return [metric for metric in every if metric.scope == "clip" and metric.needs in given]

    def _version(self, metric: Metric) -> str:
        """What a value depends on: the metric, and the recordings it is compared with."""
        if metric.needs != "references":
            return metric.version
        assert self.references is not None, f"{metric.name} was to be measured without references"
        return f"{metric.version}/{self.references.digest[:12]}"

    def _score_clips(self, store: Store, display: Display) -> None:
        there = store.latest_renderings
        lacking = {
            attempt: names
            for attempt, names in self.unscored(store).items()
            if attempt in there and not there[attempt].outcome.ours
        }
        if not lacking:
            return
        with display.stage("score", len(lacking)) as stage:
            for attempt, names in lacking.items():
                if there[attempt].outcome is not Outcome.OK:
                    floors = {name: _floor(name, there[attempt]) for name in names}
                    self._keep(store, attempt, floors)
                    stage.advance(Outcome.OK)
            jobs = self._jobs(store, lacking)
            many = len(lacking) >= WORTH_PROCESSES
            for attempt, found in in_processes(_measure, jobs) if many else map(_measure, jobs):
                if isinstance(found, Exception):
                    stage.advance(Outcome.SCORER_ERROR)
                    display.say(f"{attempt[0]}: {type(found).__name__}: {found}")
                else:
                    self._keep(store, attempt, found)
                    stage.advance(Outcome.OK)

    def _jobs(self, store: Store, lacking: dict[Attempt, list[str]]) -> Iterator[_Job]:
        prompts = {prompt.id: prompt for prompt in self.loaded.prompts}
        for attempt, names in lacking.items():
            rendering = store.latest_renderings[attempt]
            if rendering.outcome is not Outcome.OK:
                continue
            samples = _samples(store, rendering)
            clip = None
            if samples is not None:
                rate = self.loaded.tier.sample_rate
                clip = Clip(prompts[attempt[0]], samples, rate, self.references)
            yield _Job(attempt, names, clip)

    def _keep(self, store: Store, attempt: Attempt, values: dict[str, Value]) -> None:
        prompt_id, sample = attempt
        for metric, found in values.items():
            store.add_score(
                Score(
                    prompt=prompt_id,
                    sample=sample,
                    metric=metric,
                    version=self._version(about(metric)),
                    value=found.value,
                    extras=dict(found.extras),
                )
            )


class _Job(NamedTuple):
    """All that scoring a clip needs; it may be scored in another process."""

    attempt: Attempt
    metrics: list[str]
    clip: Clip | None
    """None when its audio is gone."""


def _measure(job: _Job) -> tuple[Attempt, dict[str, Value] | Exception]:
    """Score one clip; a fault of ours in it must not cost the others."""
    try:
        if job.clip is None:
            raise FileNotFoundError("its audio is gone")
        return job.attempt, score_clip(job.metrics, job.clip)
    except Exception as error:
        return job.attempt, error


def _floor(metric: str, rendering: Rendering) -> Value:
    """What a failed attempt scores."""
    floor = about(metric).floor
    assert floor is not None, f"{metric} is measured per clip and has no floor"
    return Value(floor, {"outcome": rendering.outcome})


def _samples(store: Store, rendering: Rendering) -> NDArray[np.float64] | None:
    pcm = store.audio(rendering)
    return None if pcm is None else pcm / np.float64(1 << 15)
