"""The door ``builtin/reference``: real recordings where they fit a prompt, the ceiling of sound."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.models import recorded_sounds, recorded_speech
from probe.records import ModelKind, NoteEvent, NotesTruth, Prompt, SoundsTruth, SpeechTruth
from probe.records.references import Recording, References

ONSET_DB = -40.0
"""A recording's note begins where its magnitude first comes this close to its peak.

40 dB below the peak lies above the room and the breath before a note and below its attack.
"""

FADE_S = 0.02
"""Length of the fade that ends a recording, long enough not to click."""

VELOCITIES = {"pp": 33, "p": 49, "mp": 64, "mf": 80, "f": 96, "ff": 112}
"""MIDI velocity of each dynamic mark, as notation programs play them."""


class Reference:
    """Recordings where they fit a prompt: single notes, and sounds whose classes were recorded.

    Parameters
    ----------
    references : References
        The recordings; a label is an instrument or a class of sounds, as the tier writes it.
    """

    name: str = "builtin/reference"
    kind: ModelKind = "control"

    def __init__(self, references: References) -> None:
        self._references = references

    def settings(self) -> dict[str, Any]:
        """The digest of what was recorded."""
        return {"references": self._references.digest}

    def covers(self, prompt: Prompt) -> bool:
        """Whether all that the prompt asks for was recorded."""
        if isinstance(prompt.truth, SoundsTruth):
            return recorded_sounds.covers(self._references, prompt.truth)
        if isinstance(prompt.truth, SpeechTruth):
            return recorded_speech.covers(self._references, prompt.truth)
        return self._choose(prompt) is not None

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:
        """Place what was recorded at the times of the truth.

        Returns
        -------
        NDArray of float64, shape (n,)
            A note at its own level, silent before and after it; sounds as
            `probe.models.recorded_sounds` puts them together.
        """
        if isinstance(prompt.truth, SoundsTruth):
            return recorded_sounds.audio(self._references, prompt, sample, sample_rate)
        if isinstance(prompt.truth, SpeechTruth):
            return recorded_speech.audio(self._references, prompt, sample_rate)
        recording = self._choose(prompt)
        if recording is None:
            raise ValueError(f"no recording fits {prompt.id}")
        assert isinstance(prompt.truth, NotesTruth)
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
        if not isinstance(prompt.truth, NotesTruth):
            return None
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
