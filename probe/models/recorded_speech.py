"""Real recordings of speech, where what is said in them is what a prompt asks for.

Only a prompt that asks for words and for nothing about how they are said can be met by a recording:
no stated times, pitch, contour, rate or whisper.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.audio import fit, read_recording
from probe.records import Prompt
from probe.records.references import Recording, References
from probe.records.truths import SpeechTruth

LEAD_S = 0.1
"""Silence before a recording, where there is room for it."""


def covers(references: References, truth: SpeechTruth) -> bool:
    """Whether the words of a truth were recorded, and only words are asked for."""
    return _choose(references, truth) is not None


def audio(references: References, prompt: Prompt, sample_rate: int) -> NDArray[np.float64]:
    """Play the recording that says a prompt's text.

    Parameters
    ----------
    references : References
        The recordings.
    prompt : Prompt
        One whose truth is covered.
    sample_rate : int
        In Hz.

    Returns
    -------
    NDArray of float64, shape (n,)
        Within [-1, 1]; a recording that is longer than the clip loses its end.
    """
    assert isinstance(prompt.truth, SpeechTruth)
    recording = _choose(references, prompt.truth)
    if recording is None:
        raise ValueError(f"no recording fits {prompt.id}")
    samples = read_recording(recording.path, sample_rate)
    room = prompt.duration_s - len(samples) / sample_rate
    lead = round(min(LEAD_S, max(0.0, room)) * sample_rate)
    return fit(np.pad(samples, (lead, 0)), sample_rate, prompt.duration_s)


def _choose(references: References, truth: SpeechTruth) -> Recording | None:
    """The first recording by file name whose text is the truth's, apart from case and marks."""
    how = (truth.contour, truth.span, truth.syllables_per_s, truth.whispered, truth.vowels)
    if truth.text is None or any(how) or any(said.span or said.f0_hz for said in truth.said):
        return None
    wanted = words_of(truth.text)
    fitting = (clip for clip in references.clips if words_of(clip.text) == wanted)
    return min(fitting, key=lambda clip: str(clip.path), default=None)


def words_of(text: str) -> list[str]:
    """Words in lower case, without punctuation."""
    kept = (c if c.isalnum() or c == "'" else " " for c in text.lower())
    return "".join(kept).split()
