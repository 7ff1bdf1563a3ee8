"""How far a clip's loudness is from the curve it was asked for.

Loudness is that of ITU-R BS.1770-4: mean square after K-weighting, in windows of 400 ms
("momentary"), without gating. A line shorter than that is measured in one window of its own length.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.records.truths.notes import LevelLine, Loudness

Array = NDArray[np.float64]

WINDOW_S = 0.4
"""The momentary window of BS.1770."""
OFFSET_DB = -0.691
"""BS.1770: so that a sine of 997 Hz at full scale reads -3.01 LUFS."""
SILENCE_DB = -120.0

_STEPS = 32


def k_weighted(samples: Array, rate: int) -> Array:
    """`samples`, shape (n,), after the two filters of BS.1770."""
    from pyloudnorm.iirfilter import IIRfilter

    shelf = IIRfilter(4.0, 1 / np.sqrt(2), 1500.0, rate, "high_shelf")
    high_pass = IIRfilter(0.0, 0.5, 38.0, rate, "high_pass")
    weighted: Array = high_pass.apply_filter(shelf.apply_filter(samples))
    return weighted


def loudness_error(asked: Loudness, samples: Array, rate: int, cap_db: float) -> float:
    """Mean distance in dB of the loudness heard from the loudness asked for.

    Parameters
    ----------
    asked : Loudness
        Lines of dB. Unless `absolute`, the median difference is taken away first.
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.
    cap_db : float
        Most that one window may count.

    Returns
    -------
    float
        Mean over windows, each weighted by its length; `cap_db` for silence.
    """
    energy = np.cumsum(np.pad(k_weighted(samples - samples.mean(), rate) ** 2, (1, 0)))
    lengths, differences = [], []
    for line in asked.lines:
        window = min(WINDOW_S, line.end_s - line.start_s)
        for start in _starts(line, window):
            first, last = round(start * rate), round((start + window) * rate)
            last = min(last, len(samples))
            power = (energy[last] - energy[first]) / max(last - first, 1) if last > first else 0.0
            level = OFFSET_DB + 10 * np.log10(power) if power > 1e-12 else SILENCE_DB
            lengths.append(window)
            differences.append(level - _asked_level(line, start, window))
    off = np.array(differences)
    if np.all(off < SILENCE_DB + 71):
        return cap_db
    if not asked.absolute:
        off = off - np.median(off)
    return float(np.average(np.minimum(np.abs(off), cap_db), weights=lengths))


def _starts(line: LevelLine, window: float) -> Array:
    room = line.end_s - line.start_s - window
    return np.asarray(line.start_s + np.arange(int(room / (window / 4) + 1e-6) + 1) * window / 4)


def _asked_level(line: LevelLine, start: float, window: float) -> float:
    """Level in dB of the mean power that `line` has in a window."""
    at = start + (np.arange(_STEPS) + 0.5) / _STEPS * window - line.start_s
    db = line.start_db + at / (line.end_s - line.start_s) * (line.end_db - line.start_db)
    return float(10 * np.log10(np.mean(10 ** (db / 10))))
