"""The doors ``builtin/...``: what every model is compared with.

Hand-written programs are the ceiling of code, recordings the ceiling of sound, noise and silence
the floor. When a measurement puts them out of order, the measurement is broken.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.models.base import Reply, Request
from probe.records import ModelKind, NoteEvent, Prompt

if TYPE_CHECKING:
    from probe.references import Recording, References
    from probe.tiers import LoadedTier

NOISE_DBFS = -20.0
"""RMS level of the noise, relative to full scale 1.0: well audible, and it never clips."""

ONSET_DB = -40.0
"""A recording's note begins where its magnitude first comes this close to its peak.

40 dB below the peak lies above the room and the breath before a note and below its attack.
"""

FADE_S = 0.02
"""Length of the fade that ends a recording, long enough not to click."""

VELOCITIES = {"pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112}
"""MIDI velocity of each dynamic mark, as notation programs play them."""


class Programs:
    """The programs that were written by hand for a tier, answered as a model would.

    Parameters
    ----------
    loaded : LoadedTier
        The tier; a prompt's program is ``programs/<prompt id>.py`` in its folder.
    """

    name: str = "builtin/programs"
    kind: ModelKind = "programs"
    concurrency: int = 8

    def __init__(self, loaded: LoadedTier) -> None:
        self._folder = loaded.folder / "programs"
        self._prompts = loaded.prompts

    def settings(self) -> dict[str, Any]:
        """One digest over all programs."""
        digest = hashlib.sha256()
        for prompt in filter(self.covers, self._prompts):
            program = self._path(prompt).read_bytes()
            digest.update(f"{prompt.id} {len(program)}\n".encode())
            digest.update(program)
        return {"sha256": digest.hexdigest()}

    def covers(self, prompt: Prompt) -> bool:
        """Whether there is a program for the prompt."""
        return self._path(prompt).is_file()

    async def complete(self, request: Request) -> Reply:
        """Answer with the prompt's program in a fenced block."""
        program = self._path(request.prompt).read_text(encoding="utf-8")
        longest = max((len(run) for run in re.findall("`+", program)), default=0)
        fence = "`" * max(3, longest + 1)
        end = "" if program.endswith("\n") else "\n"
        text = f"{fence}python\n{program}{end}{fence}\n"
        return Reply(text=text, finish_reason="stop", latency_s=0.0)

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _path(self, prompt: Prompt) -> Path:
        return self._folder / f"{prompt.id}.py"


class Silence:
    """Digital silence."""

    name: str = "builtin/silence"
    kind: ModelKind = "control"

    def settings(self) -> dict[str, Any]:
        """Nothing to set."""
        return {}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be met with silence."""
        return True

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Zeros, shape (n,)."""
        return np.zeros(round(prompt.duration_s * sample_rate))


class Noise:
    """White Gaussian noise, another for each prompt and sample, and the same on every machine."""

    name: str = "builtin/noise"
    kind: ModelKind = "control"

    def settings(self) -> dict[str, Any]:
        """The level."""
        return {"rms_dbfs": NOISE_DBFS}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be met with noise."""
        return True

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:
        """Noise from PCG64, seeded by the SHA-256 of prompt id and sample; shape (n,)."""
        seed = hashlib.sha256(f"{prompt.id}/{sample}".encode()).digest()
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(seed)))
        noise = generator.standard_normal(round(prompt.duration_s * sample_rate))
        return noise * 10 ** (NOISE_DBFS / 20)


class Reference:
    """Recordings of single notes, where a prompt asks for one of an instrument that was recorded.

    Parameters
    ----------
    references : References
        The recordings; a label is an instrument, written as the tier writes it.
    """

    name: str = "builtin/reference"
    kind: ModelKind = "control"

    def __init__(self, references: References) -> None:
        self._references = references

    def settings(self) -> dict[str, Any]:
        """The digest of what was recorded."""
        return {"references": self._references.digest}

    def covers(self, prompt: Prompt) -> bool:
        """Whether the prompt is one note, of a pitch and an instrument that was recorded."""
        return self._choose(prompt) is not None

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Place the recording's note at the truth's onset and end it at the truth's offset.

        Returns
        -------
        NDArray of float64, shape (n,)
            The recording at its own level, silent before and after the note.
        """
        recording = self._choose(prompt)
        if recording is None:
            raise ValueError(f"no recording fits {prompt.id}")
        note = prompt.truth.notes[0]
        sound = from_onset(read_recording(recording.path, sample_rate))
        clip = np.zeros(round(prompt.duration_s * sample_rate))
        begin = round(note.onset_s * sample_rate)
        end = min(round(note.offset_s * sample_rate), clip.size, begin + sound.size)
        clip[begin:end] = sound[: end - begin]
        fade = min(round(FADE_S * sample_rate), end - begin)
        clip[end - fade : end] *= np.linspace(1.0, 0.0, fade)
        return clip

    def _choose(self, prompt: Prompt) -> Recording | None:
        """Pick the recording whose dynamic is closest, then the first by file name."""
        truth = prompt.truth
        if len(truth.notes) != 1 or truth.instrument is None:
            return None
        label = truth.instrument.lower().replace(" ", "-")
        note = truth.notes[0]
        fitting = (
            clip
            for clip in self._references.clips
            if clip.label == label and clip.midi == note.midi
        )
        return min(fitting, key=lambda clip: _distance(clip, note), default=None)


def _distance(clip: Recording, note: NoteEvent) -> tuple[float, str]:
    """How far a recording's dynamic is from a note's velocity; far, when its name tells none."""
    mark = re.split(r"[_\-. ]", clip.path.stem)[-1].lower()
    velocity = VELOCITIES.get(mark)
    return 127.0 if velocity is None else abs(velocity - note.velocity), str(clip.path)


def from_onset(samples: NDArray[np.float64]) -> NDArray[np.float64]:
    """Leave out what comes before the first note.

    Parameters
    ----------
    samples : NDArray of float64, shape (n,)
        A recording.

    Returns
    -------
    NDArray of float64, shape (m,)
        From the first sample within `ONSET_DB` of the peak on; empty for digital silence.
    """
    magnitude = np.abs(samples)
    peak = magnitude.max(initial=0.0)
    if peak == 0.0:
        return samples[:0]
    return samples[int(np.argmax(magnitude >= peak * 10 ** (ONSET_DB / 20))) :]
