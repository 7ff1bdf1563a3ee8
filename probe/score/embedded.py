"""Scores that need an embedder: which there are, which a run lacks, and how each is measured.

They are measured in this process and in batches, since the embedder is large, and only once no
attempt is missing any more. What an embedder heard before comes from its cache.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probe.display import Progress
from probe.errors import UsageError
from probe.records import Outcome, Prompt, Score, SoundsTruth
from probe.records.metrics import Metric, about
from probe.records.references import References
from probe.records.run_folder import Attempt, RunFolder
from probe.records.stage import Stage
from probe.records.store import Store
from probe.records.truths.sound_classes import sound_class
from probe.score.embedders import open_embedder
from probe.score.embedders.base import Embedder, Tagger, TextEmbedder
from probe.score.embedders.batches import Embedded, What, collect, embed_clips, embed_files
from probe.score.embedders.cache import Cache
from probe.score.metrics.sets import clap_windows
from probe.score.metrics.sets.clap import clap_scores, label_prompts, recognise, retrieval
from probe.score.metrics.sets.distance import (
    FEWEST,
    Distance,
    SetValue,
    framewise,
    metric_name,
    noise_ceiling,
    noise_clips,
    set_value,
)
from probe.score.metrics.sets.divergence import inception_score, softmax_of
from probe.tier.folder import LoadedTier

Array = NDArray[np.float64]

CLAP = "clap-"
"""Embedders that know text are called ``clap-<checkpoint>``; the metric ``clap/<checkpoint>``."""

OF_TEXT = ("clap", "order", "presence", "recognition", "retrieval")
"""Families that compare sound with words."""

SPLITS = 10
"""Parts of the inception score; so many clips are the fewest."""
TOP = 5
"""Recognition is kept among so many classes too."""

_ALONE: dict[str, object] = {"valid_only": None, "reference": None}
"""Of a set metric that compares with no recordings."""

Found = dict[Attempt, tuple[float, dict[str, object]]]
"""Value and extras of each clip."""


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
        return [a for a in folder.attempts if metric.applies_to(self.prompts[a[0]])]

    @cached_property
    def prompts(self) -> dict[str, Prompt]:
        """By id."""
        return {prompt.id: prompt for prompt in self.loaded.prompts}

    def ready(self, folder: RunFolder, missing: list[Measure]) -> list[Measure]:
        """All of them, once no attempt is missing any more."""
        rows = map(folder.latest_renderings.get, folder.attempts)
        return missing if all(row and not row.outcome.ours for row in rows) else []

    def work(self, store: Store, waiting: Sequence[Measure], progress: Progress) -> None:
        """Measure the run by each."""
        say = progress.display.say
        if gone := next((a for a in store.attempts if _is_gone(store, a)), None):
            say(f"{gone[0]}: its audio is gone; run again to make it anew")
            return
        for measure in waiting:
            if said := _Measurement(self, store, measure).do():
                say(said)
            progress.advance("compared")


@dataclass(frozen=True)
class _Measurement:
    """One metric, measured on those attempts of one run that it applies to."""

    comparison: CompareStage
    store: Store
    measure: Measure

    def do(self) -> str | None:
        """Measure and keep it; why it cannot be measured, where it cannot."""
        if self.measure.metric.scope == "set":
            return self._set()
        floor = self.measure.metric.floor
        assert floor is not None, (
            f"{self.measure.metric.name} is measured per clip and has no floor"
        )
        clips = {"clap": self._clap, "recognition": self._recognition}
        valid = [a for a in self._attempts if a in self._valid]
        found = clips.get(self.measure.family, self._windowed)(valid) if valid else {}
        for attempt in self._attempts:
            value, extras = found.get(attempt, (floor, {}))
            self._keep(value, extras, attempt)
        return None

    # --- clip by clip ----------------------------------------------------------------------------

    def _clap(self, valid: Sequence[Attempt]) -> Found:
        texts = self._text([self.comparison.prompts[prompt].text for prompt, _ in valid])
        values = clap_scores(self._embed(valid, "clip").rows, texts)
        return {a: (float(value), {}) for a, value in zip(valid, values, strict=True)}

    def _recognition(self, valid: Sequence[Attempt]) -> Found:
        labels = self._labels
        right = [labels.index(self._sounds(attempt).labels[0]) for attempt in valid]
        audio = self._embed(valid, "clip").rows
        found = recognise(audio, self._captions(labels), right, ks=(1, min(TOP, len(labels))))
        top, more = found.hits.values() if len(found.hits) > 1 else (*found.hits.values(),) * 2
        return {
            attempt: (
                float(top[place]),
                {f"top{TOP}": float(more[place]), "heard": labels[found.nearest[place]]},
            )
            for place, attempt in enumerate(valid)
        }

    def _windowed(self, valid: Sequence[Attempt]) -> Found:
        """Order and presence, from windows of each clip."""
        heard = self._collect(self._windows(valid), "clip")
        of_attempt = [valid.index(_attempt_of(name)) for name in heard.names]
        found: Found = {}
        for place, attempt in enumerate(valid):
            rows = heard.rows[[i for i, other in enumerate(of_attempt) if other == place]]
            truth = self._sounds(attempt)
            if self.measure.family == "order":
                similar = clap_windows.similarities(rows, self._captions(truth.runs))
                value = clap_windows.order_accuracy(similar)
            else:
                labels = self._labels
                similar = clap_windows.similarities(rows, self._captions(labels))
                value = clap_windows.presence(similar, [labels.index(x) for x in truth.labels])
            found[attempt] = (value, {"windows": len(rows)})
        return found

    def _windows(self, valid: Sequence[Attempt]) -> Iterator[tuple[str, Array, int]]:
        for name, samples, rate in self._audio(valid):
            for number, window in enumerate(clap_windows.windows(samples, rate)):
                yield f"{name}-{number}", window, rate

    def _sounds(self, attempt: Attempt) -> SoundsTruth:
        truth = self.comparison.prompts[attempt[0]].truth
        assert isinstance(truth, SoundsTruth), "only sounds have classes"
        return truth

    @cached_property
    def _labels(self) -> list[str]:
        """Every class of the tier, once."""
        truths = (p.truth for p in self.comparison.loaded.prompts)
        return sorted({x for t in truths if isinstance(t, SoundsTruth) for x in t.labels})

    def _captions(self, labels: Sequence[str]) -> Array:
        return self._text(label_prompts([sound_class(label).caption for label in labels]))

    def _text(self, texts: Sequence[str]) -> Array:
        assert isinstance(self.measure.embedder, TextEmbedder)
        return self.measure.embedder.embed_text(texts)

    # --- the set as a whole ----------------------------------------------------------------------

    def _set(self) -> str | None:
        what: What = "clip"
        if self.measure.family == "is":
            what = "probabilities"
        elif self.measure.family in ("fad", "kad") and framewise(self.measure.embedder.name):
            what = "frames"
        fewest = SPLITS if self.measure.family == "is" else FEWEST
        sizes = [len(self._attempts)]
        if self.measure.metric.needs == "references" and self.comparison.references is not None:
            sizes.append(len(self.comparison.references.clips))
        if min(sizes) < fewest:
            of_each = " of each" if len(sizes) > 1 else ""
            return f"too few clips for {self.measure.metric.name}: {fewest}{of_each} are needed"
        every = self._embed(self._attempts, what)
        if self.measure.family == "is":
            found = asdict(inception_score(softmax_of(every.rows), splits=SPLITS))
            self._keep(found.pop("value"), {"n": len(every.rows), **found, **_ALONE})
        elif self.measure.family == "retrieval":
            self._retrieval(every)
        else:
            self._distance(every, what)
        return None

    def _retrieval(self, every: Embedded) -> None:
        texts = self._text([self.comparison.prompts[prompt].text for prompt, _ in self._attempts])
        most = min(10, len(texts))
        found = retrieval(every.rows, texts, ks=tuple(k for k in (1, 5, 10) if k <= most))
        value, back = found.recall(1)
        extras: dict[str, object] = {"n": len(texts), "low": value, "high": value, **_ALONE}
        extras["recall"] = {str(k): found.recall(k) for k in found.text_to_audio}
        extras["chance"] = found.chance[1][0]
        extras["audio_to_text"] = back
        self._keep(value, extras)

    def _distance(self, every: Embedded, what: What) -> None:
        assert self.comparison.references is not None
        files = ((clip.path.name, clip.path) for clip in self.comparison.references.clips)
        heard = collect(
            embed_files(files, self.measure.embedder, what=what, cache=self._cache(what))
        )
        whole = self._against(heard, every, np.ones(len(every.rows), bool), what)
        valid = [place for place, a in enumerate(self._attempts) if a in self._valid]
        only: SetValue | None = whole
        if len(valid) < len(self._attempts):
            kept = np.isin(every.clips, valid)
            only = self._against(heard, every, kept, what) if len(valid) >= FEWEST else None
        extras = {name: value for name, value in asdict(whole).items() if name != "value"}
        extras["valid_only"] = None if only is None else _interval(only)
        extras["reference"] = self.comparison.references.digest
        self._keep(whole.value, extras)

    def _against(self, y: Embedded, x: Embedded, kept: NDArray[np.bool_], what: What) -> SetValue:
        family: Distance = "kad" if self.measure.family == "kad" else "fad"
        seconds = float(np.median([p.duration_s for p in self.comparison.loaded.prompts]))
        clips = noise_clips(len(y.names), seconds, self.measure.embedder.sample_rate)
        noise = self._collect(clips, what)
        return set_value(
            family,
            x.rows[kept],
            y.rows,
            fingerprint=self.measure.embedder.fingerprint,
            clips_x=x.clips[kept],
            clips_y=y.clips,
            ceiling=noise_ceiling(family, noise.rows, y.rows, clips_x=noise.clips, clips_y=y.clips),
        )

    # --- audio and vectors -----------------------------------------------------------------------

    @cached_property
    def _attempts(self) -> list[Attempt]:
        return self.comparison.attempts(self.store, self.measure.metric)

    @cached_property
    def _valid(self) -> set[Attempt]:
        there = self.store.latest_renderings
        return {a for a in self._attempts if there[a].outcome is Outcome.OK}

    def _embed(self, attempts: Sequence[Attempt], what: What) -> Embedded:
        return self._collect(self._audio(attempts), what)

    def _audio(self, attempts: Sequence[Attempt]) -> Iterator[tuple[str, Array, int]]:
        """Clips as (name, samples, rate); silence stands in for what failed."""
        rate = self.comparison.loaded.tier.sample_rate
        for prompt, sample in attempts:
            rendering = self.store.latest_renderings[prompt, sample]
            if rendering.outcome is Outcome.OK:
                pcm = self.store.audio(rendering)
                assert pcm is not None, "checked before"
                samples = pcm / np.float64(1 << 15)
            else:
                samples = np.zeros(round(self.comparison.prompts[prompt].duration_s * rate))
            yield f"{prompt}-{sample}", samples, rate

    def _collect(self, sounds: Iterator[tuple[str, Array, int]], what: What) -> Embedded:
        return collect(
            embed_clips(sounds, self.measure.embedder, what=what, cache=self._cache(what))
        )

    def _cache(self, what: What) -> Cache | None:
        """None for statistics, which are sooner computed than found."""
        return (
            None if self.measure.embedder.name == "logmel" else Cache(self.measure.embedder, what)
        )

    def _keep(
        self, value: float, extras: dict[str, object], attempt: Attempt | None = None
    ) -> None:
        prompt, sample = attempt or (None, 0)
        self.store.add_score(
            Score(
                prompt=prompt,
                sample=sample,
                metric=self.measure.metric.name,
                version=self.comparison.version(self.measure),
                value=value,
                extras=extras,
            )
        )


def _is_gone(store: Store, attempt: Attempt) -> bool:
    rendering = store.latest_renderings[attempt]
    return rendering.outcome is Outcome.OK and store.audio(rendering) is None


def _attempt_of(window: str) -> Attempt:
    prompt, sample, _ = window.rsplit("-", 2)
    return prompt, int(sample)


def _interval(found: SetValue) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
