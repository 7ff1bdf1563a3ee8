"""A small tier of tones, and metrics of known virtue and vice to try the report on."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from probe.audio import to_pcm16
from probe.records import NotesTruth
from probe.records.metrics import METRICS, Clip, Metric, Value
from probe.tier.folder import LoadedTier
from probe.validity import expectations
from probe.validity.damage import DAMAGES
from probe.validity.expectations import Expectation
from probe.validity.material import Material
from tests.fakes.tiers import loaded_tier, prompt

RATE = 16_000
DURATION_S = 1.0


def tier(metrics: Sequence[str], folder: Path = Path("tones")) -> LoadedTier:
    """Ten prompts in two groups, levels 1 to 5, each one note of its own pitch and time."""
    prompts = [
        prompt(
            f"p{i}",
            {"midi": 60 + 7 * (i % 5) + i, "onset_s": 0.05 * i, "offset_s": 0.05 * i + 0.5},
            group="single" if i < 5 else "double",
            level=1 + i % 5,
            duration_s=DURATION_S,
        )
        for i in range(10)
    ]
    loaded = loaded_tier(*prompts, folder=folder)
    changes = {
        "metrics": tuple(metrics),
        "primary_metric": metrics[0],
        "sample_rate": RATE,
        "groups": {"single": "One note", "double": "Another"},
    }
    return LoadedTier(
        tier=loaded.tier.model_copy(update=changes),
        prompts=loaded.prompts,
        templates=loaded.templates,
        folder=folder,
    )


def tone(hertz: float, begin_s: float, end_s: float) -> NDArray[np.float64]:
    time_s = np.arange(round(DURATION_S * RATE)) / RATE
    ramp = np.clip(np.minimum(time_s - begin_s, end_s - time_s) / 0.01, 0, 1)
    return 0.5 * ramp * np.sin(2 * np.pi * hertz * time_s)


def material(metrics: Sequence[str]) -> Material:
    """What programs would have left that play each prompt."""
    loaded = tier(metrics)
    programs = {}
    for p in loaded.prompts:
        assert isinstance(p.truth, NotesTruth)
        (note,) = p.truth.notes
        hertz = 440 * 2 ** ((note.midi - 69) / 12)
        programs[p.id] = to_pcm16(tone(hertz, note.onset_s, note.offset_s))
    return Material(loaded=loaded, programs=programs)


def good(clip: Clip) -> float:
    """Share of the energy, and of the time asked for, at the pitch and time asked for."""
    (note,) = clip.prompt.truth.notes
    total = float(np.sum(clip.samples**2))
    if total == 0:
        return 0.0
    hertz = 440 * 2 ** ((note.midi - 69) / 12)
    begin, end = (round(t * clip.sample_rate) for t in (note.onset_s, note.offset_s))
    size = round(0.02 * clip.sample_rate)
    time_s = np.arange(size) / clip.sample_rate
    wave = np.exp(-2j * np.pi * hertz * time_s) * np.sqrt(2 / size)
    frames = [clip.samples[i : i + size] for i in range(begin, end - size + 1, size)]
    there = np.array([abs(np.dot(frame, wave)) ** 2 for frame in frames])
    covered = float(np.mean(there > 0.02 * there.max()))
    phases = -2j * np.pi * hertz * np.arange(begin, end) / clip.sample_rate
    whole = sum(
        abs(np.dot(clip.samples[begin:end], np.exp(k * phases))) ** 2 * 2 / (end - begin)
        for k in range(1, 6)
    )
    return min(1.0, whole / total) * covered


def _failing(clip: Clip) -> float:
    if abs(np.mean(clip.samples**2) - 0.01) < 0.002:  # the noise
        raise ValueError("too noisy")
    return good(clip)


MEASURES: dict[str, tuple[Metric, Callable[[Clip], float]]] = {
    name: (
        Metric(
            name=name,
            description=about,
            version="3",
            higher_is_better=up,
            floor=floor,
            module="trial",
        ),
        function,
    )
    for name, up, floor, about, function in (
        ("good", True, 0.0, "does what it should", good),
        ("lower", False, 100.0, "the same upside down", lambda clip: 100 * (1 - good(clip))),
        ("deaf", True, 0.0, "hears nothing", lambda _clip: 0.5),
        ("backwards", True, 0.0, "likes what is wrong", lambda clip: 1 - good(clip)),
        (
            *("touchy", True, 0.0, "minds the level"),
            lambda clip: good(clip) * min(1.0, float(np.abs(clip.samples).max()) / 0.5),
        ),
        ("failing", True, 0.0, "fails on noise", _failing),
    )
}
MEASURES["compared"] = (replace(MEASURES["good"][0], name="compared", needs="references"), good)

HARMED = tuple(name for name in DAMAGES if name != "low-pass")


@contextmanager
def metrics() -> Iterator[None]:
    """While the block runs there are the metrics of `MEASURES`."""
    module = ModuleType("probe.score.metrics.trial")

    def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
        return {name: Value(MEASURES[name][1](clip)) for name in names}

    module.measure = measure  # type: ignore[attr-defined]
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "probe.score.metrics.trial", module)
        for name, (metric, _) in MEASURES.items():
            patch.setitem(METRICS, name, metric)
            patch.setitem(expectations.EXPECTATIONS, name, Expectation(HARMED, top="exact"))
        yield
