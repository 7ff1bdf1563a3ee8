"""Whether a sound is made of the sinusoids it was asked to be made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.records.truths.notes import Spectrum
from probe.score.metrics import credit

Array = NDArray[np.float64]

CAP_DB = 12.0
"""Most that one partial may count."""
FLOOR_DB = -50.0
"""Below the strongest: what is softer is as good as absent."""

_NEAR_CENTS = 35.0
_IN_TUNE = (5.0, 30.0)
_PRESENT_DB = -40.0
_LOWEST_HZ = 25.0
_BINS = 3.0


def spectrum_match(asked: Spectrum, samples: Array, rate: int) -> tuple[float, float]:
    """Compare the spectrum of a stretch of sound with what was asked for.

    Parameters
    ----------
    asked : Spectrum
        Partials with levels (None: any level above -40 dB of the strongest).
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.

    Returns
    -------
    match : float
        In [0, 1]: share of power that lies in the partials asked for, times the mean credit of the
        partials. One with a level has all at 1 dB off or less and none at 12; one without has all
        at 5 cents off or less and none at 30.
    error_db : float
        Mean distance of the levels, at most 12 each; 12 for silence. 0 where none is stated.
    """
    first, last = round(asked.start_s * rate), round(asked.end_s * rate)
    piece = samples[first:last]
    size = 1 << max(15, (4 * len(piece) - 1).bit_length())
    window = np.blackman(len(piece) + 2)[1:-1]
    power = np.abs(np.fft.rfft(piece * window, size)) ** 2
    hertz: Array = np.fft.rfftfreq(size, 1 / rate).astype(np.float64)
    total = float(power[hertz > _LOWEST_HZ].sum())
    if total <= 1e-9 * len(piece):
        return 0.0, CAP_DB
    width = _BINS * rate / max(len(piece), 1)
    found = [_peak(power, hertz, partial.hertz, width) for partial in asked.partials]
    inside = np.zeros(len(power), bool)
    for partial in asked.partials:
        if partial.db is None or partial.db > FLOOR_DB:
            inside |= np.abs(hertz - partial.hertz) < width + _near(partial.hertz)
    purity = float(power[inside & (hertz > _LOWEST_HZ)].sum()) / total
    levels = np.array([level for level, _ in found])
    strongest = float(levels.max())
    credits, errors = [], []
    stated = [i for i, partial in enumerate(asked.partials) if partial.db is not None]
    shift = _shift(asked, levels, stated)
    for i, partial in enumerate(asked.partials):
        level, cents = found[i]
        if partial.db is None:
            present = level > strongest + _PRESENT_DB
            credits.append(credit(cents, *_IN_TUNE) if present else 0.0)
            continue
        error = min(CAP_DB, abs(max(level - shift, FLOOR_DB) - max(partial.db, FLOOR_DB)))
        errors.append(error)
        credits.append(credit(error, 1.0, CAP_DB))
    return purity * float(np.mean(credits)), float(np.mean(errors)) if errors else 0.0


def _near(hertz: float) -> float:
    return hertz * (2 ** (_NEAR_CENTS / 1200) - 1)


def _peak(power: Array, hertz: Array, wanted: float, width: float) -> tuple[float, float]:
    """Level in dB and distance in cents of the strongest bin around `wanted` Hz."""
    reach = max(_near(wanted), 0.3 * width)
    low, high = np.searchsorted(hertz, [wanted - reach, wanted + reach])
    if low >= len(power):
        return -200.0, 1200.0
    best = low + int(np.argmax(power[low : high + 1]))
    cents = abs(1200 * np.log2(max(float(hertz[best]), 1e-3) / wanted))
    return float(10 * np.log10(max(float(power[best]), 1e-20))), float(cents)


def _shift(asked: Spectrum, levels: Array, stated: list[int]) -> float:
    """What to take from the levels heard so that the power of the partials is as asked for."""
    if not stated:
        return 0.0
    wanted = [10 ** (asked.partials[i].db / 10) for i in stated]  # type: ignore[operator]
    there = [10 ** (levels[i] / 10) for i in stated]
    return float(10 * np.log10(sum(there) / sum(wanted)))
