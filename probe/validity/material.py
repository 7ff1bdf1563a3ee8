"""The sounds that metrics are tried on: programs from the sandbox, recordings, the exact truth."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.audio import InvalidAudio, fit, parse_wav, to_pcm16
from probe.display import Display
from probe.models.controls import Noise, Silence
from probe.models.reference import Reference
from probe.parallel import in_threads
from probe.records import NotesTruth, Outcome, Prompt
from probe.records.metrics import Metric, about
from probe.records.references import References
from probe.sandbox import Sandbox
from probe.tier.folder import LoadedTier, programs_of, programs_sha256

Pcm = NDArray[np.int16]

RUNGS = ("real", "exact", "program", "other", "noise", "silence")
"""What a metric must put in order, best first; `real` and `exact` where they are to be had."""

PARTIALS = 5
ATTACK_S, RELEASE_S = 0.004, 0.01
PEAK = 0.5


@dataclass(frozen=True)
class Material:
    """Everything a validity report is made from."""

    loaded: LoadedTier
    programs: dict[str, Pcm]
    """Audio of the hand-written programs by prompt, in the tier's order, at the tier's rate."""
    references: References | None = None
    faults: tuple[str, ...] = ()
    """Programs that gave no audio, and why."""
    programs_sha256: str = field(default="0" * 64)
    """Over all programs."""

    @cached_property
    def by_id(self) -> dict[str, Prompt]:
        """Prompts of the tier, those without a program too."""
        return {prompt.id: prompt for prompt in self.loaded.prompts}

    @cached_property
    def metrics(self) -> list[Metric]:
        """Per-clip metrics that can be measured with what is given."""
        given = {None} | ({"references"} if self.references else set())
        every = map(about, self.loaded.tier.metrics)
        return [m for m in every if m.scope == "clip" and m.module and m.needs in given]

    @cached_property
    def _reference(self) -> Reference | None:
        return None if self.references is None else Reference(self.references)

    @cached_property
    def _other(self) -> dict[str, str]:
        """For each program the next one of its group, or of the tier where it has none beside it.

        The next is the most alike: prompts of a group stand together, from easy to hard.
        """
        found = {}
        ids = list(self.programs)
        for index, prompt in enumerate(ids):
            rest = ids[index + 1 :] + ids[:index]
            group = self.by_id[prompt].group
            near = [other for other in rest if self.by_id[other].group == group]
            if rest:
                found[prompt] = (near or rest)[0]
        return found

    def covers(self, rung: str, prompt: Prompt) -> bool:
        """Whether a rung of the ladder has a sound for a prompt."""
        if rung == "program":
            return prompt.id in self.programs
        if rung == "other":
            return prompt.id in self._other
        if rung == "exact":
            return _is_plain(prompt)
        if rung == "real":
            return self._reference is not None and self._reference.covers(prompt)
        return True

    def audio(self, rung: str, prompt: Prompt) -> Pcm:
        """What a rung of the ladder that covers a prompt sounds like for it."""
        rate = self.loaded.tier.sample_rate
        if rung == "program":
            return self.programs[prompt.id]
        if rung == "other":
            return self.played_for(self._other[prompt.id], prompt)
        if rung == "exact":
            return to_pcm16(_exact_audio(prompt, rate))
        if rung == "real":
            assert self._reference is not None
            return to_pcm16(self._reference.audio(prompt, 0, rate))
        control = Noise() if rung == "noise" else Silence()
        return to_pcm16(control.audio(prompt, 0, rate))

    def played_for(self, program: str, prompt: Prompt) -> Pcm:
        """The audio of one prompt's program, cut or padded to the length of another."""
        samples = self.programs[program] / np.float64(1 << 15)
        return to_pcm16(fit(samples, self.loaded.tier.sample_rate, prompt.duration_s))


def render(
    loaded: LoadedTier, references: References | None, sandbox: Sandbox, display: Display
) -> Material:
    """Run every hand-written program of a tier in the sandbox and read its audio as a run does."""
    paths, digest = programs_of(loaded), programs_sha256(loaded)
    prompts = {prompt.id: prompt for prompt in loaded.prompts}

    def one(item: tuple[str, Path]) -> tuple[str, Pcm | str]:
        prompt_id, path = item
        return prompt_id, _render(path, prompts[prompt_id], loaded, sandbox)

    made: dict[str, Pcm | str] = {}
    with display.stage("render", len(paths)) as stage, sandbox:
        for prompt_id, found in in_threads(one, paths.items()):
            made[prompt_id] = found
            stage.advance("failed" if isinstance(found, str) else Outcome.OK)
    audio = {p: made[p] for p in paths}
    return Material(
        loaded=loaded,
        programs={p: pcm for p, pcm in audio.items() if not isinstance(pcm, str)},
        references=references,
        faults=tuple(f"program of {p}: {why}" for p, why in audio.items() if isinstance(why, str)),
        programs_sha256=digest,
    )


def _render(path: Path, prompt: Prompt, loaded: LoadedTier, sandbox: Sandbox) -> Pcm | str:
    """The audio of a program, or why there is none."""
    limits = loaded.tier.limits
    done = sandbox.execute(path.read_text(encoding="utf-8"), limits)
    if done.outcome is not Outcome.OK or done.audio is None:
        return f"{done.outcome}{f' ({done.detail})' if done.detail else ''}"
    try:
        clip = parse_wav(
            done.audio,
            sample_rate=loaded.tier.sample_rate,
            duration_s=prompt.duration_s,
            tolerance_s=limits.length_tolerance_s,
        )
    except InvalidAudio as error:
        return f"invalid audio ({error})"
    return to_pcm16(clip.samples)


# --- the exact truth, where it is notes and nothing more ------------------------------------------


def _is_plain(prompt: Prompt) -> bool:
    """Whether the truth is notes and nothing more: no contour, loudness, spectrum or the like."""
    truth = prompt.truth
    plain = {"kind", "notes", "instrument", "exact"}
    return (
        isinstance(truth, NotesTruth)
        and bool(truth.notes)
        and not set(truth.model_dump(exclude_defaults=True)) - plain
    )


def _exact_audio(prompt: Prompt, rate: int) -> NDArray[np.float64]:
    """Every note as a plain tone of five harmonics, at its pitch, time, length and velocity.

    Parameters
    ----------
    prompt : Prompt
        What is asked; its truth `_is_plain`.
    rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    truth = prompt.truth
    assert isinstance(truth, NotesTruth)
    clip = np.zeros(round(prompt.duration_s * rate))
    for note in truth.notes:
        begin, end = (round(t * rate) for t in (note.onset_s, note.offset_s))
        time_s = np.arange(min(end, len(clip)) - begin) / rate
        hertz = 440 * 2 ** ((note.midi - 69) / 12)
        orders = [k for k in range(1, PARTIALS + 1) if k * hertz < 0.45 * rate]
        tone = sum(
            (np.sin(2 * np.pi * k * hertz * time_s) / k for k in orders), np.zeros(len(time_s))
        )
        left = len(time_s) / rate - time_s
        tone *= np.minimum(1, np.minimum(time_s / ATTACK_S, left / RELEASE_S))
        clip[begin : begin + len(tone)] += tone * note.velocity / 127
    peak = np.abs(clip).max()
    return clip * (PEAK / peak) if peak else clip
