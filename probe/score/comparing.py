"""Scores that need an embedder: which there are, and which of them a run still lacks.

They are measured in this process and in batches, since the embedder is large, and only once no
attempt is missing any more. How they are measured is `probe.score.heard`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from probe.display import Progress
from probe.errors import UsageError
from probe.records import Outcome, Prompt
from probe.records.metrics import Metric, about
from probe.records.references import References
from probe.records.stage import Stage
from probe.records.store import Attempt, RunFolder, Store
from probe.score.embedders import open_embedder
from probe.score.embedders.base import Embedder, Tagger, TextEmbedder
from probe.score.heard import Job
from probe.score.metrics.sets.embedded import metric_name
from probe.tier.folder import LoadedTier

CLAP = "clap-"
"""Embedders that know text are called ``clap-<checkpoint>``; the metric ``clap/<checkpoint>``."""

OF_TEXT = ("clap", "order", "presence", "recognition", "retrieval")
"""Families that compare sound with words."""


@dataclass(frozen=True)
class Measure:
    """One metric of an embedder, ready to be measured."""

    metric: Metric
    family: str
    embedder: Embedder


def open_measures(names: Sequence[str]) -> tuple[Measure, ...]:
    """Find the embedder of each metric: ``fad/vggish``, ``clap/<checkpoint or clap:path>``.

    Raises
    ------
    UsageError
        No metric has that name, or the embedder cannot give it.
    PrerequisiteError
        Its weights are not there.
    """
    embedders: dict[str, Embedder] = {}
    return tuple(_open_measure(name, embedders) for name in dict.fromkeys(names))


def _open_measure(name: str, embedders: dict[str, Embedder]) -> Measure:
    family, _, wanted = name.partition("/")
    if family == "fd":
        family = "fad"
    about(f"{family}/{wanted}")
    if family in OF_TEXT and ":" not in wanted:
        wanted = CLAP + wanted
    if wanted not in embedders:
        embedders[wanted] = open_embedder(wanted)
    embedder = embedders[wanted]
    if family in OF_TEXT and not isinstance(embedder, TextEmbedder):
        raise UsageError(f"{name}: {embedder.name} knows no text")
    if family == "is" and not isinstance(embedder, Tagger):
        raise UsageError(f"{name}: {embedder.name} knows no classes")
    return Measure(about(_name(family, embedder)), family, embedder)


def _name(family: str, embedder: Embedder) -> str:
    if family == "fad":
        return metric_name("fad", embedder.name)
    text = family in OF_TEXT
    return f"{family}/{embedder.name.removeprefix(CLAP) if text else embedder.name}"


@dataclass(frozen=True)
class CompareStage(Stage[Measure]):
    """What a run is compared with and how; without references, by what needs none."""

    loaded: LoadedTier
    references: References | None
    measures: tuple[Measure, ...]
    name = "compare"

    @classmethod
    def of(
        cls, loaded: LoadedTier, references: References | None, extra: Sequence[str] = ()
    ) -> CompareStage:
        """The tier's own set metrics, as far as they can be measured, and those asked for.

        Raises
        ------
        UsageError, PrerequisiteError
            As `open_measures`; or a metric asked for needs references and there are none.
        """
        own = [name for name in loaded.tier.metrics if about(name).scope == "set"]
        for measure in (asked := open_measures(extra)):
            if measure.metric.needs == "references" and references is None:
                raise UsageError(f"{measure.metric.name} needs recordings; give --references")
            if not any(measure.metric.applies_to(prompt) for prompt in loaded.prompts):
                raise UsageError(f"{measure.metric.name} fits no prompt of {loaded.tier.name!r}")
        found = {m.metric.name: m for m in (*(open_measures(own) if references else ()), *asked)}
        return cls(loaded, references, tuple(found.values()))

    def version(self, measure: Measure) -> str:
        """What a value depends on: the metric, the embedder, and the recordings."""
        parts = [measure.metric.version, measure.embedder.fingerprint]
        if measure.metric.needs == "references" and self.references is not None:
            parts.append(self.references.digest[:12])
        return "/".join(parts)

    def missing(self, folder: RunFolder) -> list[Measure]:
        """Measures of which the folder lacks a value."""
        there = folder.latest_scores

        def has(measure: Measure) -> bool:
            keys: list[tuple[str | None, int]] = [(None, 0)]
            if measure.metric.scope == "clip":
                keys = list(self.attempts(folder, measure.metric))
            rows = [there.get((*key, measure.metric.name)) for key in keys]
            return all(row is not None and row.version == self.version(measure) for row in rows)

        return [measure for measure in self.measures if not has(measure)]

    def attempts(self, folder: RunFolder, metric: Metric) -> list[Attempt]:
        """Attempts that a metric applies to."""
        return [a for a in folder.attempts if metric.applies_to(self._prompts[a[0]])]

    @cached_property
    def _prompts(self) -> dict[str, Prompt]:
        return {prompt.id: prompt for prompt in self.loaded.prompts}

    def ready(self, folder: RunFolder, missing: list[Measure]) -> list[Measure]:
        """All of them, once no attempt is missing any more."""
        rows = map(folder.latest_renderings.get, folder.attempts)
        return missing if all(row and not row.outcome.ours for row in rows) else []

    def work(self, store: Store, waiting: Sequence[Measure], progress: Progress) -> None:
        """Measure the run by each."""
        say = progress.display.say
        gone = next((a for a in store.attempts if _is_gone(store, a)), None)
        if gone:
            say(f"{gone[0]}: its audio is gone; run again to make it anew")
            return
        for measure in waiting:
            job = Job(
                *(self.loaded, self.references, store),
                metric=measure.metric,
                family=measure.family,
                embedder=measure.embedder,
                attempts=tuple(self.attempts(store, measure.metric)),
                version=self.version(measure),
            )
            if said := job.do():
                say(said)
            progress.advance("compared")


def _is_gone(store: Store, attempt: Attempt) -> bool:
    rendering = store.latest_renderings[attempt]
    return rendering.outcome is Outcome.OK and store.audio(rendering) is None
