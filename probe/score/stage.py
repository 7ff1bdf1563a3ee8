"""Score what was rendered: clip by clip, then what needs an embedder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.display import Display, Progress
from probe.parallel import in_processes
from probe.records import Outcome, Rendering, Score
from probe.records.metrics import Clip, Metric, Value, about
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder
from probe.records.stage import Stage
from probe.records.store import Store
from probe.score.embedded import CompareStage
from probe.score.metrics import score_clip
from probe.tier.folder import LoadedTier

WORTH_PROCESSES = 8
"""From so many clips on, scoring gains more from a process per core than their start costs."""


class Lacking(NamedTuple):
    """An attempt and the per-clip metrics it was not measured by."""

    attempt: Attempt
    metrics: list[str]


@dataclass(frozen=True)
class ScoreStage(Stage[Lacking]):
    """The values of every clip in the version of today's metrics; a failed one takes the floor."""

    loaded: LoadedTier
    references: References | None
    name = "score"

    def missing(self, folder: RunFolder) -> list[Lacking]:
        """Attempts that lack values, and which."""
        prompts = {prompt.id: prompt for prompt in self.loaded.prompts}
        there = folder.latest_scores
        measured = measurable(folder.run.spec.metrics, self.references)
        metrics = [(metric, version_of(metric, self.references)) for metric in measured]

        def lacks(attempt: Attempt, metric: Metric, version: str) -> bool:
            row = there.get((*attempt, metric.name))
            return row is None or row.version != version

        every = (
            Lacking(
                attempt,
                [
                    metric.name
                    for metric, version in metrics
                    if lacks(attempt, metric, version)
                    and metric.applies_to(prompts[attempt[0]], self.references)
                ],
            )
            for attempt in folder.attempts
        )
        return [each for each in every if each.metrics]

    def ready(self, folder: RunFolder, missing: list[Lacking]) -> list[Lacking]:
        """Those with a rendering that counts."""
        there = folder.latest_renderings
        return [one for one in missing if (row := there.get(one.attempt)) and not row.outcome.ours]

    def work(self, store: Store, waiting: Sequence[Lacking], progress: Progress) -> None:
        """Measure; a fault of ours in a clip is said, and tried again by the next run."""
        there = store.latest_renderings
        heard = []
        for each in waiting:
            rendering = there[each.attempt]
            if rendering.outcome is Outcome.OK:
                heard.append(each)
            else:
                floors = {name: floor_of(name, rendering) for name in each.metrics}
                self._keep(store, each.attempt, floors)
                progress.advance(Outcome.OK)
        jobs = self._jobs(store, heard)
        many = len(heard) >= WORTH_PROCESSES
        for attempt, found in in_processes(_measure, jobs) if many else map(_measure, jobs):
            if isinstance(found, Exception):
                progress.advance(Outcome.SCORER_ERROR)
                progress.display.say(f"{attempt[0]}: {type(found).__name__}: {found}")
            else:
                self._keep(store, attempt, found)
                progress.advance(Outcome.OK)

    def _jobs(self, store: Store, lacking: Sequence[Lacking]) -> Iterator[_Job]:
        prompts = {prompt.id: prompt for prompt in self.loaded.prompts}
        for attempt, names in lacking:
            samples = _samples(store, store.latest_renderings[attempt])
            clip = None
            if samples is not None:
                rate = self.loaded.tier.sample_rate
                clip = Clip(prompts[attempt[0]], samples, rate, self.references)
            yield _Job(attempt, names, clip)

    def _keep(self, store: Store, attempt: Attempt, values: dict[str, Value]) -> None:
        for name, found in values.items():
            store.add_score(score_of(attempt, name, found, self.references))


@dataclass(frozen=True)
class Scorer:
    """All that scoring the runs of one tier needs: clips first, then what needs an embedder."""

    clips: ScoreStage
    sets: CompareStage

    @classmethod
    def of(
        cls,
        loaded: LoadedTier,
        references: References | None = None,
        measures: tuple[str, ...] = (),
    ) -> Scorer:
        """The tier's metrics, as far as they can be measured, and `measures` beside them."""
        sets = CompareStage.of(loaded, references, measures)
        return cls(ScoreStage(loaded, references), sets)

    def wanted(self, folder: RunFolder) -> set[Attempt]:
        """Attempts whose audio is still to be heard."""
        if self.sets.missing(folder):
            return set(folder.attempts)
        return {each.attempt for each in self.clips.missing(folder)}

    def fill(self, store: Store, display: Display) -> None:
        """Measure every rendering that lacks it, then the set as a whole."""
        self.clips.fill(store, display)
        self.sets.fill(store, display)


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


# --- one value -----------------------------------------------------------------------------------


def measurable(names: Sequence[str], references: References | None) -> list[Metric]:
    """The per-clip metrics among `names` that can be measured with what is given."""
    given = {None} | ({"references"} if references else set())
    every = (about(name) for name in names)
    return [metric for metric in every if metric.scope == "clip" and metric.needs in given]


def version_of(metric: Metric, references: References | None) -> str:
    """What a value depends on: the metric, and the recordings it is compared with."""
    if metric.needs != "references":
        return metric.version
    assert references is not None, f"{metric.name} was to be measured without references"
    return f"{metric.version}/{references.digest[:12]}"


def floor_of(metric: str, rendering: Rendering) -> Value:
    """What a failed attempt scores."""
    floor = about(metric).floor
    assert floor is not None, f"{metric} is measured per clip and has no floor"
    return Value(floor, {"outcome": rendering.outcome})


def score_of(attempt: Attempt, name: str, found: Value, references: References | None) -> Score:
    """A value as it is kept."""
    prompt_id, sample = attempt
    return Score(
        prompt=prompt_id,
        sample=sample,
        metric=name,
        version=version_of(about(name), references),
        value=found.value,
        extras=dict(found.extras),
    )


def _samples(store: Store, rendering: Rendering) -> NDArray[np.float64] | None:
    pcm = store.audio(rendering)
    return None if pcm is None else pcm / np.float64(1 << 15)
