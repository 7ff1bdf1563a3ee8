"""One metric of an embedder over one run; what the embedder heard before comes from its cache."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from probe.records import Outcome, Prompt, Score, SoundsTruth
from probe.records.metrics import Metric
from probe.records.references import References
from probe.records.store import Attempt, Store
from probe.records.truths.sound_classes import sound_class
from probe.score.embedders.base import Embedder, TextEmbedder
from probe.score.embedders.batches import Embedded, What, collect, embed_clips, embed_files
from probe.score.embedders.cache import Cache
from probe.score.metrics.sets import clap_windows
from probe.score.metrics.sets.clap import clap_scores, label_prompts, recognise, retrieval
from probe.score.metrics.sets.divergence import inception_score, softmax_of
from probe.score.metrics.sets.embedded import (
    FEWEST,
    Distance,
    SetValue,
    framewise,
    noise_ceiling,
    noise_clips,
    set_value,
)
from probe.tier.folder import LoadedTier

Array = NDArray[np.float64]

SPLITS = 10
"""Parts of the inception score; so many clips are the fewest."""
TOP = 5
"""Recognition is kept among so many classes too."""

Found = dict[Attempt, tuple[float, dict[str, object]]]
"""Value and extras of each clip."""


@dataclass(frozen=True)
class Job:
    """One metric, to be measured on the attempts it applies to."""

    loaded: LoadedTier
    references: References | None
    store: Store
    metric: Metric
    family: str
    embedder: Embedder
    attempts: tuple[Attempt, ...]
    version: str

    def do(self) -> str | None:
        """Measure and keep it; why it cannot be measured, where it cannot."""
        if self.metric.scope == "set":
            return self._set()
        floor = self.metric.floor
        assert floor is not None, f"{self.metric.name} is measured per clip and has no floor"
        clips = {"clap": self._clap, "recognition": self._recognition}
        valid = [a for a in self.attempts if a in self._valid]
        found = clips.get(self.family, self._windowed)(valid) if valid else {}
        for attempt in self.attempts:
            value, extras = found.get(attempt, (floor, {}))
            self._keep(value, extras, attempt)
        return None

    # --- clip by clip ----------------------------------------------------------------------------

    def _clap(self, valid: Sequence[Attempt]) -> Found:
        texts = self._text([self._prompts[prompt].text for prompt, _ in valid])
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
            if self.family == "order":
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
        truth = self._prompts[attempt[0]].truth
        assert isinstance(truth, SoundsTruth), "only sounds have classes"
        return truth

    @cached_property
    def _labels(self) -> list[str]:
        """Every class of the tier, once."""
        truths = (p.truth for p in self.loaded.prompts)
        return sorted({x for t in truths if isinstance(t, SoundsTruth) for x in t.labels})

    def _captions(self, labels: Sequence[str]) -> Array:
        return self._text(label_prompts([sound_class(label).caption for label in labels]))

    def _text(self, texts: Sequence[str]) -> Array:
        assert isinstance(self.embedder, TextEmbedder)
        return self.embedder.embed_text(texts)

    # --- the set as a whole ----------------------------------------------------------------------

    def _set(self) -> str | None:
        what: What = "clip"
        if self.family == "is":
            what = "probabilities"
        elif self.family in ("fad", "kad") and framewise(self.embedder.name):
            what = "frames"
        fewest = SPLITS if self.family == "is" else FEWEST
        sizes = [len(self.attempts)]
        if self.metric.needs == "references" and self.references is not None:
            sizes.append(len(self.references.clips))
        if min(sizes) < fewest:
            of_each = " of each" if len(sizes) > 1 else ""
            return f"too few clips for {self.metric.name}: {fewest}{of_each} are needed"
        every = self._embed(self.attempts, what)
        if self.family == "is":
            found = asdict(inception_score(softmax_of(every.rows), splits=SPLITS))
            self._keep(found.pop("value"), {"n": len(every.rows), **found, **_ALONE})
        elif self.family == "retrieval":
            self._retrieval(every)
        else:
            self._distance(every, what)
        return None

    def _retrieval(self, every: Embedded) -> None:
        texts = self._text([self._prompts[prompt].text for prompt, _ in self.attempts])
        most = min(10, len(texts))
        found = retrieval(every.rows, texts, ks=tuple(k for k in (1, 5, 10) if k <= most))
        value, back = found.recall(1)
        extras: dict[str, object] = {"n": len(texts), "low": value, "high": value, **_ALONE}
        extras["recall"] = {str(k): found.recall(k) for k in found.text_to_audio}
        extras["chance"] = found.chance[1][0]
        extras["audio_to_text"] = back
        self._keep(value, extras)

    def _distance(self, every: Embedded, what: What) -> None:
        assert self.references is not None
        files = ((clip.path.name, clip.path) for clip in self.references.clips)
        heard = collect(embed_files(files, self.embedder, what=what, cache=self._cache(what)))
        whole = self._against(heard, every, np.ones(len(every.rows), bool), what)
        valid = [place for place, a in enumerate(self.attempts) if a in self._valid]
        only: SetValue | None = whole
        if len(valid) < len(self.attempts):
            kept = np.isin(every.clips, valid)
            only = self._against(heard, every, kept, what) if len(valid) >= FEWEST else None
        extras = {name: value for name, value in asdict(whole).items() if name != "value"}
        extras["valid_only"] = None if only is None else _interval(only)
        extras["reference"] = self.references.digest
        self._keep(whole.value, extras)

    def _against(self, y: Embedded, x: Embedded, kept: NDArray[np.bool_], what: What) -> SetValue:
        family: Distance = "kad" if self.family == "kad" else "fad"
        seconds = float(np.median([p.duration_s for p in self.loaded.prompts]))
        clips = noise_clips(len(y.names), seconds, self.embedder.sample_rate)
        noise = self._collect(clips, what)
        return set_value(
            family,
            x.rows[kept],
            y.rows,
            fingerprint=self.embedder.fingerprint,
            clips_x=x.clips[kept],
            clips_y=y.clips,
            ceiling=noise_ceiling(family, noise.rows, y.rows, clips_x=noise.clips, clips_y=y.clips),
        )

    # --- audio and vectors -----------------------------------------------------------------------

    @cached_property
    def _prompts(self) -> dict[str, Prompt]:
        return {prompt.id: prompt for prompt in self.loaded.prompts}

    @cached_property
    def _valid(self) -> set[Attempt]:
        there = self.store.latest_renderings
        return {a for a in self.attempts if there[a].outcome is Outcome.OK}

    def _embed(self, attempts: Sequence[Attempt], what: What) -> Embedded:
        return self._collect(self._audio(attempts), what)

    def _audio(self, attempts: Sequence[Attempt]) -> Iterator[tuple[str, Array, int]]:
        """Clips as (name, samples, rate); silence stands in for what failed."""
        rate = self.loaded.tier.sample_rate
        for prompt, sample in attempts:
            rendering = self.store.latest_renderings[prompt, sample]
            if rendering.outcome is Outcome.OK:
                pcm = self.store.audio(rendering)
                assert pcm is not None, "checked before"
                samples = pcm / np.float64(1 << 15)
            else:
                samples = np.zeros(round(self._prompts[prompt].duration_s * rate))
            yield f"{prompt}-{sample}", samples, rate

    def _collect(self, sounds: Iterator[tuple[str, Array, int]], what: What) -> Embedded:
        return collect(embed_clips(sounds, self.embedder, what=what, cache=self._cache(what)))

    def _cache(self, what: What) -> Cache | None:
        """None for statistics, which are sooner computed than found."""
        return None if self.embedder.name == "logmel" else Cache(self.embedder, what)

    def _keep(
        self, value: float, extras: dict[str, object], attempt: Attempt | None = None
    ) -> None:
        prompt, sample = attempt or (None, 0)
        self.store.add_score(
            Score(
                prompt=prompt,
                sample=sample,
                metric=self.metric.name,
                version=self.version,
                value=value,
                extras=extras,
            )
        )


_ALONE: dict[str, object] = {"valid_only": None, "reference": None}
"""Of a set metric that compares with no recordings."""


def _attempt_of(window: str) -> Attempt:
    prompt, sample, _ = window.rsplit("-", 2)
    return prompt, int(sample)


def _interval(found: SetValue) -> dict[str, float]:
    return {"value": found.value, "low": found.low, "high": found.high, "n": found.n}
