"""What a clip *is*, in words and numbers, for a model that cannot hear it.

Nothing here knows what was asked: neither the truth nor a score can leak through it.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from probe.audio import resample
from probe.score.metrics.notes.onsets import fundamental_track

Array = NDArray[np.float64]

LONGEST = 2000
"""No description has more characters, nor bytes."""
BANDS_HZ = (0, 63, 125, 250, 500, 1000, 2000, 4000, 8000, 16000)
"""Edges of the bands, an octave each but for the lowest."""
MOST_ONSETS = 40

_SLICES = 16
_SHORTEST_SLICE_S = 0.1
_SILENT_DB = -70.0

_RATE = 22050
_CLEAR = 0.15
_STEADY_SEMITONES = 0.5
_REACH_S = 0.045
"""Half the window of `fundamental_track`: so far beyond a slice its frames look."""

_HOP_S = 0.01
_WINDOW_S = 0.04
_SPLITS_HZ = (300, 1200, 4800)
_RISE_DB = 9.0
_RISE_FRAMES = 2
_APART_FRAMES = 6
_FAINT_DB = 20.0


def describe(samples: Array, sample_rate: int) -> str:
    """Describe a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio in [-1, 1], n > 0.
    sample_rate : int
        In Hz.

    Returns
    -------
    str
        Lines of text, at most `LONGEST` characters: length, levels in dBFS, level and pitch over
        time, onsets, spectral centroid in Hz and energy by band in dB relative to the whole.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    lines = [f"- length: {len(samples) / sample_rate:.3f} s"]
    if peak == 0.0:
        return "\n".join([*lines, "- it is digital silence throughout"])
    hertz, power = _spectrum(samples, sample_rate)
    centroid = float(np.sum(hertz * power)) / max(float(np.sum(power)), 1e-30)
    lines += [
        f"- level: peak {_db(peak):.1f} dBFS, RMS {_db(_rms(samples)):.1f} dBFS",
        f"- level over time, RMS in dBFS: {_levels(samples, sample_rate)}",
        f"- onsets, where the level jumps up: {_onsets(samples, sample_rate)}",
        f"- pitch over time, where there is a steady one: {_pitches(samples, sample_rate)}",
        f"- spectral centroid: {centroid:.0f} Hz",
        f"- energy by band, relative to the whole: {_bands(hertz, power)}",
    ]
    return "\n".join(lines)


def _rms(samples: Array) -> float:
    return float(np.sqrt(np.mean(np.square(samples)))) if samples.size else 0.0


def _db(amplitude: float) -> float:
    return 20 * float(np.log10(max(amplitude, 1e-6)))


def _slices(samples: Array, sample_rate: int) -> list[tuple[int, int, str]]:
    """First and last sample of each slice, and its times in words."""
    seconds = len(samples) / sample_rate
    count = int(np.clip(seconds / _SHORTEST_SLICE_S, 1, _SLICES))
    edges = np.linspace(0, len(samples), count + 1).round().astype(int)
    return [(a, b, f"{a / sample_rate:.2f}-{b / sample_rate:.2f} s") for a, b in pairwise(edges)]


def _levels(samples: Array, sample_rate: int) -> str:
    words = []
    for begin, end, when in _slices(samples, sample_rate):
        level = _db(_rms(samples[begin:end]))
        words.append(f"{when} {'silent' if level < _SILENT_DB else round(level)}")
    return ", ".join(words)


# --- onsets --------------------------------------------------------------------------------------


def _onsets(samples: Array, sample_rate: int) -> str:
    found = onsets(samples, sample_rate)
    if not len(found):
        return "none"
    more = f" and {len(found) - MOST_ONSETS} more" if len(found) > MOST_ONSETS else ""
    times = ", ".join(f"{time:.2f}" for time in found[:MOST_ONSETS])
    return f"{len(found)} at {times}{more} s"


def onsets(samples: Array, sample_rate: int) -> Array:
    """Moments at which the level of a band of frequencies jumps up.

    Onset detectors for music adapt to a clip and find onsets in a steady tone; what is told here
    shall be plain: a rise of 9 dB within 40 ms, below 300, 1,200 or 4,800 Hz or above.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    sample_rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (m,)
        Ascending times in s, at least 60 ms apart.
    """
    power = _band_power(samples, sample_rate)
    wide = np.pad(power, ((0, 0), (1, 1)))
    rise = _rise(power)
    # What only moves from one band into the next has not begun.
    rise[_rise(wide[:, :-2] + wide[:, 1:-1] + wide[:, 2:]) < _RISE_DB / 3] = 0.0
    whole = power.sum(axis=1, keepdims=True)
    rise[(power < whole * 10 ** (-_FAINT_DB / 10)) | (whole < whole.max() * 10**-4)] = 0.0
    strength = rise.max(axis=1)
    kept: list[int] = []
    for frame in np.argsort(-strength, kind="stable"):
        if strength[frame] < _RISE_DB:
            break
        if all(abs(frame - other) >= _APART_FRAMES for other in kept):
            kept.append(int(frame))
    return np.array(sorted(kept)) * _HOP_S


def _rise(power: Array) -> Array:
    """By how many dB the level grows around each frame, no deeper than 60 dB, shape as `power`."""
    level = 10 * np.log10(np.maximum(power, max(float(power.max()) * 1e-6, 1e-30)))
    # What a clip begins with begins at 0, after a silence that is not part of it.
    padded = np.pad(level, ((_RISE_FRAMES, 0), (0, 0)), constant_values=level.min())
    padded = np.pad(padded, ((0, _RISE_FRAMES), (0, 0)), mode="edge")
    return np.asarray(padded[2 * _RISE_FRAMES :] - padded[: -2 * _RISE_FRAMES])


def _band_power(samples: Array, sample_rate: int) -> Array:
    """Power of each band in frames centred on multiples of `_HOP_S`, shape (frames, bands)."""
    size = round(_WINDOW_S * sample_rate)
    padded = np.pad(samples.astype(np.float32), (size // 2, size))
    starts = np.round(np.arange(0, len(samples) / sample_rate, _HOP_S) * sample_rate).astype(int)
    frames = sliding_window_view(padded, size)
    window = np.hanning(size).astype(np.float32)
    edges = np.searchsorted(np.fft.rfftfreq(size, 1 / sample_rate), _SPLITS_HZ)
    found = []
    for block in np.array_split(starts, max(1, len(starts) // 256)):
        spectrum = np.abs(np.fft.rfft(frames[block] * window)) ** 2
        parts = np.split(spectrum, edges, axis=1)
        found.append(np.stack([part.sum(axis=1) for part in parts], axis=1))
    return np.concatenate(found).astype(np.float64)


# --- pitch and spectrum --------------------------------------------------------------------------


def _pitches(samples: Array, sample_rate: int) -> str:
    slow = resample(samples, sample_rate, _RATE)
    reach = round(_REACH_S * _RATE)
    words = []
    for begin, end, when in _slices(slow, _RATE):
        hertz = None
        if _db(_rms(slow[begin:end])) >= _SILENT_DB:
            hertz = _steady_pitch(slow[max(0, begin - reach) : end + reach])
        words.append(f"{when} {'none' if hertz is None else f'{hertz:.1f} Hz'}")
    return ", ".join(words)


def _steady_pitch(part: Array) -> float | None:
    """Median fundamental where most frames have a clear one and they agree; None for the rest."""
    hertz, aperiodicity = fundamental_track(part, _RATE)
    clear = hertz[(aperiodicity < _CLEAR) & (hertz > 0)]
    if 2 * len(clear) <= len(hertz):
        return None
    middle = float(np.median(clear))
    spread = float(np.median(np.abs(12 * np.log2(clear / middle))))
    return middle if spread < _STEADY_SEMITONES else None


def _spectrum(samples: Array, sample_rate: int) -> tuple[Array, Array]:
    power: Array = np.abs(np.fft.rfft(samples)) ** 2
    return np.asarray(np.fft.rfftfreq(len(samples), 1 / sample_rate), np.float64), power


def _bands(hertz: Array, power: Array) -> str:
    total = max(float(power.sum()), 1e-30)
    words = []
    for low, high in pairwise(BANDS_HZ):
        if low < hertz[-1]:
            share = float(power[(hertz >= low) & (hertz < high)].sum()) / total
            words.append(f"{low}-{high} Hz {round(10 * np.log10(max(share, 1e-9)))} dB")
    return ", ".join(words)
