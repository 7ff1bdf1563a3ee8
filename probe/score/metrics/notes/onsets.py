"""Where something may begin: liberal guesses, each to be confirmed by a pitch that rises there.

Two detectors complement each other. Spectral flux with a maximum filter over frequency [1]_ hears
whatever grows in level anywhere in the spectrum and is deaf to vibrato. A fundamental-frequency
track (YIN's normalized difference [2]_) hears a legato change of pitch, where no level grows, down
to the lowest octave, where one spectrum window cannot tell neighbours apart.

.. [1] S. Böck, G. Widmer, "Maximum filter vibrato suppression for onset detection", DAFx 2013.
.. [2] A. de Cheveigné, H. Kawahara, "YIN, a fundamental frequency estimator for speech and music",
   JASA 111(4), 2002.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]
Floats = NDArray[np.floating[Any]]

HOP_S = 0.005
"""Distance of analysis frames, in s."""

_FLUX_WINDOW_S = 0.046
_FLUX_REACH = 3
_COMPRESSION = 300.0
_FLUX_FLOOR = 1.2
_FLUX_SHARE = 0.04
_YIN_WINDOW_S = 0.09
_YIN_CLEAR = 0.15
_LOWEST_HZ = 26.0
_APART_S = 0.03


def boundaries(samples: Array, rate: int) -> Array:
    """Times at which a note may begin.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio with a peak of 1.
    rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (m,)
        Ascending times in s, at least 30 ms apart.
    """
    strength = spectral_flux(samples, rate)
    found = flux_peaks(strength)
    times = [(strength[i], i * HOP_S) for i in found]
    times += [(0.5, t) for t in pitch_changes(samples, rate)]
    kept: list[float] = []
    for _, time in sorted(times, reverse=True):
        if all(abs(time - other) >= _APART_S for other in kept):
            kept.append(time)
    return np.array(sorted(kept))


def frames_of(samples: Array, rate: int, window_s: float, hop_s: float = HOP_S) -> Floats:
    """Overlapping frames centred on multiples of `hop_s`, shape (frames, window), as float32."""
    size = round(window_s * rate)
    padded = np.pad(samples.astype(np.float32), (size // 2, size))
    starts = np.round(np.arange(0, len(samples) / rate, hop_s) * rate).astype(int)
    return np.asarray(sliding_window_view(padded, size)[starts])


def spectral_flux(samples: Array, rate: int) -> Array:
    """Growth of the compressed spectrum around each frame, shape (frames,)."""
    frames = frames_of(samples, rate, _FLUX_WINDOW_S)
    window = np.hanning(frames.shape[1]).astype(np.float32)
    window *= 2 / window.sum()
    size = 1024
    spectrum = np.abs(np.fft.rfft(frames * window, size))
    bands = spectrum @ _filterbank(size, rate)
    level = np.log10(1 + _COMPRESSION * bands)
    widest = level.copy()
    widest[:, 1:] = np.maximum(widest[:, 1:], level[:, :-1])
    widest[:, :-1] = np.maximum(widest[:, :-1], level[:, 1:])
    before = np.pad(widest, ((_FLUX_REACH, 0), (0, 0)))[: len(level)]
    after = np.pad(level, ((0, _FLUX_REACH), (0, 0)), mode="edge")[_FLUX_REACH:]
    return np.asarray(np.maximum(after - before, 0).sum(axis=1))


def _filterbank(size: int, rate: int) -> NDArray[np.float32]:
    """Single bins below 600 Hz, quarter-tone triangles above, shape (bins, bands)."""
    hertz = np.fft.rfftfreq(size, 1 / rate)
    low = np.flatnonzero((hertz > 0) & (hertz < 600))
    centres = 600 * 2 ** (np.arange(0, 100) / 24)
    centres = centres[centres < 0.45 * rate]
    width = np.maximum(centres * 0.03, hertz[1])
    high = np.clip(1 - np.abs(hertz[:, None] - centres) / width, 0, None)
    single = np.zeros((len(hertz), len(low)))
    single[low, np.arange(len(low))] = 1
    return np.hstack([single, high]).astype(np.float32)


def flux_peaks(strength: Array) -> NDArray[np.intp]:
    """Frames where the flux is the largest around and stands out from its surroundings."""
    near = sliding_window_view(np.pad(strength, 5), 11).max(axis=1)
    wide = sliding_window_view(np.pad(strength, 20, mode="edge"), 41)
    ambient = np.median(wide, axis=1)
    recent = sliding_window_view(np.pad(strength, (60, 0)), 61).max(axis=1)
    stands = strength > np.maximum(_FLUX_FLOOR + 1.2 * ambient, _FLUX_SHARE * recent)
    return np.flatnonzero((strength == near) & stands)


def fundamental_track(samples: Array, rate: int, hop_s: float = 2 * HOP_S) -> tuple[Array, Array]:
    """Fundamental in Hz and aperiodicity (0 is periodic) of each frame, both shape (frames,)."""
    frames = frames_of(samples, rate, _YIN_WINDOW_S, hop_s)
    half = frames.shape[1] // 2
    return yin(frames, rate, half)


def yin(frames: Floats, rate: int, longest: int) -> tuple[Array, Array]:
    """Fundamental in Hz and aperiodicity of each row, for lags up to `longest` samples."""
    total = frames.shape[1]
    width = total - longest
    size = 1 << (total - 1).bit_length()
    head = np.fft.rfft(frames[:, :width], size)
    cross = np.fft.irfft(np.fft.rfft(frames, size) * head.conj(), size)[:, : longest + 1]
    power = np.cumsum(np.pad(frames**2, ((0, 0), (1, 0))), axis=1)
    energy = power[:, width : width + longest + 1] - power[:, : longest + 1]
    difference = np.maximum(energy[:, :1] + energy - 2 * cross, 0)
    lags = np.arange(1, longest + 1)
    mean = np.cumsum(difference[:, 1:], axis=1) / lags
    normal = np.ones_like(difference)
    normal[:, 1:] = difference[:, 1:] / np.maximum(mean, 1e-9 * energy.max())
    shortest = int(rate / 4600)
    inner = normal[:, shortest + 1 : -1]
    dip = (inner <= normal[:, shortest:-2]) & (inner < normal[:, shortest + 2 :])
    best = np.where(dip, inner, np.inf).min(axis=1)
    good = dip & (inner <= np.maximum(best + 0.03, 1.3 * best)[:, None])
    lag = good.argmax(axis=1) + shortest + 1
    rows = np.arange(len(frames))
    left, mid, right = (normal[rows, lag + d] for d in (-1, 0, 1))
    bend = left - 2 * mid + right
    shift = np.where(bend > 1e-12, 0.5 * (left - right) / np.maximum(bend, 1e-12), 0)
    found = good.any(axis=1)
    fundamental = np.where(found, rate / (lag + np.clip(shift, -0.5, 0.5)), 0)
    return fundamental, np.where(found, mid, 1.0)


def pitch_changes(samples: Array, rate: int) -> list[float]:
    """Times in s at which one steady fundamental gives way to another, a third of a tone off."""
    hop = 2 * HOP_S
    fundamental, aperiodicity = fundamental_track(samples, rate, hop)
    midi = 69 + 12 * np.log2(np.maximum(fundamental, 1) / 440)
    steady = (aperiodicity < _YIN_CLEAR) & (np.abs(np.gradient(midi)) < 0.2)
    reach = round(0.03 / hop)
    padded = np.pad(midi, reach, mode="edge")
    firm = np.pad(steady, reach)
    change = np.abs(padded[2 * reach :] - padded[: -2 * reach])
    inside = (change > 0.6) & firm[2 * reach :] & firm[: -2 * reach]
    edges = np.flatnonzero(np.diff(np.pad(inside.astype(int), 1)))
    return [(a + b - 1) / 2 * hop for a, b in zip(edges[::2], edges[1::2], strict=True)]
