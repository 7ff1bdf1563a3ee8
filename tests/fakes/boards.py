"""A results folder as large as one likes, made of nothing but numbers drawn with a seed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import pcm_sha256, to_pcm16
from probe.records import Outcome
from probe.records.folder_names import slug
from probe.records.store import Store
from probe.tier.folder import LoadedTier
from tests.fakes.runs import completion, rendering, run, score

_FAILURES = (
    Outcome.NO_CODE,
    Outcome.RUNTIME_ERROR,
    Outcome.RUNTIME_ERROR,
    Outcome.TIMEOUT,
    Outcome.NO_OUTPUT,
    Outcome.INVALID_AUDIO,
)
_KINDS = ("language model", "language model", "language model", "generator", "engine")

PROGRAM = '''\
"""A tone: number {number}."""
import numpy as np
import soundfile

RATE = 44100
t = np.arange(2 * RATE) / RATE  # two seconds
wave = 0.4 * np.sin(2 * np.pi * {number} * t) * np.exp(-1.5 * t)
for harmonic in range(2, 9):
    wave += 0.4 / harmonic**2 * np.sin(2 * np.pi * harmonic * {number} * t)
soundfile.write("/out/output.wav", wave / np.abs(wave).max(), RATE)
'''


def fill(
    results: Path, loaded: LoadedTier, models: int, prompts: int, *, sounding: int = 0
) -> None:
    """Write runs of `models` models on the first `prompts` prompts of a tier, and two controls.

    The first `sounding` prompts of each run have audio.
    """
    rng = np.random.default_rng(models * 1000 + prompts)
    for number in range(models):
        skill = 0.15 + 0.7 * (models - number) / models
        kind = _KINDS[number % len(_KINDS)]
        name = f"lab/model-{number:02}"
        add(results, loaded, name, kind, skill, prompts, rng, sounding=sounding)
    add(results, loaded, "builtin/programs", "programs", 1.0, prompts, rng, sounding=sounding)
    add(results, loaded, "builtin/noise", "control", 0.0, prompts, rng, sounding=sounding)


def tone(hertz: float, level: float, seconds: float = 1.0, rate: int = 44100) -> NDArray[np.int16]:
    """A sine of this amplitude, shape (n,)."""
    time = np.arange(round(seconds * rate)) / rate
    return to_pcm16(level * np.sin(2 * np.pi * hertz * time))


def add(
    results: Path,
    loaded: LoadedTier,
    model: str,
    kind: str,
    skill: float,
    prompts: int,
    rng: np.random.Generator,
    *,
    sounding: int = 0,
    texts: Mapping[str, str] | None = None,
    **changes: Any,
) -> Path:
    """Write one run, whose scores and failures depend on its skill and the prompts' levels.

    `texts` are replies by prompt, in the place of one that holds a program.
    """
    asked = loaded.prompts[:prompts]
    writes = kind in ("language model", "programs")
    metrics = tuple(m for m in loaded.tier.metrics if "/" not in m)[:5]
    fields: dict[str, Any] = {
        "tier": loaded.tier.name,
        "tier_digest": loaded.tier.digest,
        "model": model,
        "kind": kind,
        "metrics": metrics,
        "primary_metric": loaded.tier.primary_metric,
        "prompts": {p.id: {"group": p.group, "level": p.level} for p in asked},
        "image": "sha256:" + "2" * 64 if writes else None,
    }
    folder = results / loaded.tier.name / slug(model)
    with Store.open(folder, run(**(fields | changes))) as store:
        for number, prompt in enumerate(asked):
            chance = skill if skill in (0.0, 1.0) else skill - 0.09 * (prompt.level - 3)
            fails = rng.random() > 0.4 + 0.6 * chance and skill > 0
            outcome = _FAILURES[rng.integers(len(_FAILURES))] if fails else Outcome.OK
            program = PROGRAM.format(number=200 + number)
            if writes:
                usage = {"input_tokens": 400, "output_tokens": int(rng.integers(300, 3000))}
                text = (texts or {}).get(prompt.id, f"A tone.\n\n```python\n{program}```\n")
                store.add_completion(completion(prompt.id, text=text, usage=usage))
            pcm, digest = None, f"{rng.integers(1 << 62):064x}"
            if number < sounding and not fails:
                pcm = tone(200 + 10 * number, float(rng.uniform(0.02, 0.9)))
                digest = pcm_sha256(pcm)
            store.add_rendering(
                rendering(
                    prompt.id,
                    outcome=outcome,
                    audio_sha256=None if fails else digest,
                    stderr_tail="Traceback (most recent call last):\n  …" if fails else "",
                    cpu_s=0.2,
                    wall_s=0.3,
                    peak_memory_bytes=40 << 20,
                ),
                programs=(program,) if writes else (),
                pcm=pcm,
                sample_rate=loaded.tier.sample_rate,
            )
            for metric in metrics:
                value = 0.0 if fails else float(np.clip(rng.normal(chance, 0.15), 0, 1))
                store.add_score(score(prompt.id, round(value, 6), metric=metric))
    return folder
