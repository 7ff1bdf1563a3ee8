"""Ways to spoil a sound by degrees, and ways to change a file that must not matter.

All are deterministic. The grades of a damage go from slight to grave, and a graver one spoils what
a slighter one has spoilt already and more: the same pieces are dropped first, the same exchanged.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.audio import decode_recording, parse_wav, resample, to_pcm16

Samples = NDArray[np.float64]

PIECES = 8
"""Parts of the sounding stretch that are dropped or exchanged: short enough to matter in a word."""
FADE_S = 0.005
"""Ramp at a cut, so that the damage is the cut and not a click."""
VOCODER_FRAME = 2048
"""Samples of a frame of the phase vocoder, librosa's default."""
SOUNDING_DB = -50.0
"""Relative to the peak; what lies between the first and the last sample above it is the sound."""


@dataclass(frozen=True)
class Damage:
    """One way to spoil a sound."""

    name: str
    unit: str
    grades: tuple[float, ...]
    """At least four, from slight to grave."""
    apply: Callable[[Samples, int, float, int], Samples]
    """Samples of shape (n,), rate in Hz, grade and seed to as many samples within [-1, 1]."""


def pitch_shift(samples: Samples, rate: int, cents: float, seed: int) -> Samples:  # noqa: ARG001
    """Raise everything, at the same speed, by librosa's phase vocoder."""
    import librosa

    whole = np.pad(samples, (0, max(0, VOCODER_FRAME - len(samples))))
    shifted = librosa.effects.pitch_shift(
        whole, sr=rate, n_steps=cents / 100, n_fft=VOCODER_FRAME, res_type="soxr_hq"
    )
    return np.clip(np.asarray(shifted, np.float64)[: len(samples)], -1, 1)


def time_shift(samples: Samples, rate: int, ms: float, seed: int) -> Samples:  # noqa: ARG001
    """Begin later; what no longer fits is cut off."""
    late = min(len(samples), round(ms / 1000 * rate))
    return np.concatenate([np.zeros(late), samples[: len(samples) - late]])


def drop(samples: Samples, rate: int, share: float, seed: int) -> Samples:
    """Silence some of the pieces of what sounds."""
    out = samples.copy()
    pieces = _pieces(samples)
    order = np.random.default_rng(seed).permutation(len(pieces))
    for index in order[: round(share / 100 * len(pieces))]:
        begin, end = pieces[index]
        out[begin:end] *= 1 - _plateau(end - begin, rate)
    return out


def shuffle(samples: Samples, rate: int, share: float, seed: int) -> Samples:
    """Exchange some of the pieces of what sounds, two and two."""
    out = samples.copy()
    pieces = _pieces(samples)
    order = np.random.default_rng(seed).permutation(len(pieces)).tolist()
    size = min((end - begin for begin, end in pieces), default=0)
    ramps = _plateau(size, rate)
    exchanged = order[: 2 * int(share / 100 * len(pieces) / 2)]
    for first, second in zip(exchanged[::2], exchanged[1::2], strict=True):
        a, b = pieces[first][0], pieces[second][0]
        out[a : a + size] = samples[b : b + size] * ramps
        out[b : b + size] = samples[a : a + size] * ramps
    return out


def low_pass(samples: Samples, rate: int, hertz: float, seed: int) -> Samples:  # noqa: ARG001
    """Take away what lies above a frequency (Butterworth, 8th order, both ways)."""
    from scipy.signal import butter, sosfiltfilt

    if hertz >= rate / 2:
        return samples
    spoilt = sosfiltfilt(butter(4, hertz, fs=rate, output="sos"), samples, padtype=None)
    return np.clip(np.asarray(spoilt, np.float64), -1, 1)


def add_noise(samples: Samples, rate: int, snr_db: float, seed: int) -> Samples:  # noqa: ARG001
    """Add white noise, and turn both down together where the sum would clip."""
    begin, end = _sounding(samples)
    rms = float(np.sqrt(np.mean(samples[begin:end] ** 2))) if end > begin else 0.0
    noise = np.random.default_rng(seed).standard_normal(len(samples))
    noisy = samples + noise * rms * 10 ** (-snr_db / 20)
    return noisy / max(1.0, float(np.abs(noisy).max(initial=0.0)))


def _sounding(samples: Samples) -> tuple[int, int]:
    """First and last sample of what sounds; equal for silence."""
    magnitude = np.abs(samples)
    loud = np.flatnonzero(magnitude > magnitude.max(initial=0.0) * 10 ** (SOUNDING_DB / 20))
    return (int(loud[0]), int(loud[-1]) + 1) if len(loud) else (0, 0)


def _pieces(samples: Samples) -> list[tuple[int, int]]:
    begin, end = _sounding(samples)
    edges = np.linspace(begin, end, PIECES + 1).astype(int)
    return [(int(a), int(b)) for a, b in itertools.pairwise(edges) if b > a]


def _plateau(size: int, rate: int) -> Samples:
    """Ones with a ramp at either end."""
    ramp = min(size // 2, round(FADE_S * rate))
    out = np.ones(size)
    out[:ramp] = np.linspace(0, 1, ramp, endpoint=False)
    out[size - ramp :] = out[:ramp][::-1]
    return out


DAMAGES: dict[str, Damage] = {
    damage.name: damage
    for damage in (
        # Less than two semitones and a fifth of a second: music moved by an interval or a beat of
        # its own meets notes that it should not.
        Damage("pitch shift", "cents", (20, 40, 70, 150), pitch_shift),
        Damage("time shift", "ms", (30, 60, 110, 180), time_shift),
        Damage("dropped events", "% of the sound", (12.5, 25, 50, 87.5), drop),
        Damage("low-pass", "Hz", (8000, 4000, 1500, 500), low_pass),
        Damage("added noise", "dB signal to noise", (20, 10, 0, -10), add_noise),
        Damage("shuffled order", "% of the sound", (25, 50, 75, 100), shuffle),
    )
}
"""By name, as the report shows them."""


# --- the same audio, another file ----------------------------------------------------------------


def _gain(db: float) -> Callable[[Samples, int], Samples]:
    return lambda samples, rate: _through(samples * 10 ** (db / 20), rate, rate, "PCM_16")


def _rate(to_rate: int) -> Callable[[Samples, int], Samples]:
    return lambda samples, rate: _through(
        np.clip(resample(samples, rate, to_rate), -1, 1), to_rate, rate, "PCM_16"
    )


def _format(subtype: str, container: str = "WAV") -> Callable[[Samples, int], Samples]:
    return lambda samples, rate: _through(samples, rate, rate, subtype, container)


def _through(
    samples: Samples, file_rate: int, rate: int, subtype: str, container: str = "WAV"
) -> Samples:
    """Write a file and read it as a run reads it: a WAV as a program's, others as a recording."""
    import soundfile

    file = io.BytesIO()
    soundfile.write(file, samples, file_rate, subtype=subtype, format=container)
    if container != "WAV":
        read = decode_recording(file.getvalue(), rate, name=container)
    else:
        duration_s = len(samples) / file_rate
        read = parse_wav(
            file.getvalue(), sample_rate=rate, duration_s=duration_s, tolerance_s=0.25
        ).samples
    return to_pcm16(read) / np.float64(1 << 15)


LEVELS = ("-6 dB", "-20 dB")
"""The variants that a truth with a stated level may not be given."""

VARIANTS: dict[str, Callable[[Samples, int], Samples]] = {
    LEVELS[0]: _gain(-6),
    LEVELS[1]: _gain(-20),
    "22.05 kHz": _rate(22_050),
    "48 kHz": _rate(48_000),
    "24-bit WAV": _format("PCM_24"),
    "float WAV": _format("FLOAT"),
    "FLAC": _format("PCM_16", "FLAC"),
}
"""By name; samples and rate to the samples that are read back."""
