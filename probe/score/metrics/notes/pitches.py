"""Which notes a set of spectral peaks is made of.

Peaks are explained by harmonic series, one at a time, best first: iterative estimation and
cancellation in the manner of Klapuri [1]_, on peaks instead of bins. A series may be stretched
(stiff strings), lack its even members (square waves, clarinets) or have a weak fundamental; it may
not lack its fundamental unless the harmonics that follow are all there, which is what tells one low
note from a chord whose notes happen to be its multiples.

.. [1] A. Klapuri, "Multiple fundamental frequency estimation by summing harmonic amplitudes",
   ISMIR 2006.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

LOWEST_HZ = 26.7
"""Half a semitone under A0."""
HIGHEST_HZ = 4310.0
"""Half a semitone over C8."""

_MOST_HARMONICS = 40
_MOST_NOTES = 6
_POWER = 0.5
_REACH = 20
_WIDE_GAP = 2
_REACH_SHARE = 0.05


@dataclass(frozen=True)
class Peaks:
    """Maxima of a magnitude spectrum."""

    hertz: Array
    """Ascending, shape (n,)."""
    amplitude: Array
    """Amplitude of the sinusoids, shape (n,)."""
    prominence: Array
    """Amplitude over the median of the spectrum around, shape (n,)."""
    resolution_hz: float
    """One over the length of the window."""

    def only(self, chosen: NDArray[np.bool_]) -> Peaks:
        """The peaks that are `chosen`, shape (n,)."""
        return Peaks(
            self.hertz[chosen], self.amplitude[chosen], self.prominence[chosen], self.resolution_hz
        )


@dataclass(frozen=True)
class Pitch:
    """One harmonic series found among peaks."""

    hertz: float
    """The fundamental."""
    orders: tuple[int, ...]
    """Harmonic numbers that are present, ascending."""
    partials: Array
    """Frequencies of those harmonics, in Hz, shape (len(orders),)."""
    amplitudes: Array
    """What the note contributes to each, shape (len(orders),)."""

    @property
    def level(self) -> float:
        """Root of the summed squares of its amplitudes."""
        return float(np.sqrt(np.sum(self.amplitudes**2)))

    def moved(self, factor: float) -> Pitch:
        """The same note with every frequency multiplied by `factor`."""
        return replace(self, hertz=self.hertz * factor, partials=self.partials * factor)


def spectral_peaks(segment: Array, rate: int, *, floor: float = 1e-4, most: int = 80) -> Peaks:
    """Find the sinusoids in `segment`, shape (n,), at `rate` Hz.

    Parameters
    ----------
    segment : ndarray of float64, shape (n,)
        A stretch of audio; a Hann window is laid over it.
    rate : int
        In Hz.
    floor : float
        Smallest amplitude of a peak; also no less than -55 dB of the strongest.
    most : int
        How many peaks to keep, strongest first.

    Returns
    -------
    Peaks
        Frequencies interpolated on a parabola through the log magnitudes.
    """
    size = 1 << max(12, (2 * len(segment) - 1).bit_length())
    magnitude = magnitudes(segment, size)
    inner = magnitude[1:-1]
    strongest = float(magnitude.max())
    top = (inner > magnitude[:-2]) & (inner >= magnitude[2:])
    top &= inner > max(floor, 1.8e-3 * strongest)
    at = np.flatnonzero(top) + 1
    at = at[np.argsort(magnitude[at])[::-1][:most]]
    at.sort()
    left, mid, right = (np.log(np.maximum(magnitude[at + d], 1e-12)) for d in (-1, 0, 1))
    shift = 0.5 * (left - right) / np.minimum(left - 2 * mid + right, -1e-12)
    hertz = (at + shift) * rate / size
    amplitude = np.exp(mid - 0.25 * (left - right) * shift)
    real = amplitude > _side_lobes(hertz * len(segment) / rate, amplitude)
    prominence = amplitude / _surroundings(magnitude, at, size / len(segment))
    return Peaks(hertz[real], amplitude[real], prominence[real], rate / len(segment))


def _surroundings(magnitude: Array, at: NDArray[np.intp], resolution: float) -> Array:
    """Median magnitude around each of the bins `at`, shape (n,); `resolution` is in bins."""
    reach = np.maximum(_REACH * resolution, _REACH_SHARE * at)
    steps = np.linspace(-1, 1, 2 * _REACH + 1)
    around = np.abs(at[:, None] + np.round(reach[:, None] * steps).astype(int))
    return np.asarray(
        np.maximum(np.median(magnitude[np.minimum(around, len(magnitude) - 1)], axis=1), 1e-12)
    )


def _side_lobes(bins: Array, amplitude: Array) -> Array:
    """Level at each peak, shape (n,), that side lobes of the others' Hann windows may reach."""
    if not len(bins):
        return amplitude
    distance = np.abs(bins[:, None] - bins)
    lobes = 0.045 * (2.4 / np.maximum(distance, 2.4)) ** 3 * (distance > 1)
    return np.asarray((lobes * amplitude).max(axis=1))


def magnitudes(segment: Array, size: int) -> Array:
    """Spectrum of `size` points, scaled so that a sinusoid's peak is its amplitude."""
    window = np.hanning(len(segment) + 2)[1:-1]
    spectrum: Array = np.abs(np.fft.rfft(segment * window, size)) * (2 / window.sum())
    return spectrum


def find_pitches(peaks: Peaks, hints: tuple[float, ...] = ()) -> list[Pitch]:
    """Explain `peaks` by harmonic series.

    Parameters
    ----------
    peaks : Peaks
        At least what one note leaves; none gives no pitches.
    hints : tuple of float
        Fundamentals in Hz to try besides those that the peaks suggest.

    Returns
    -------
    list of Pitch
        Best explanation first.
    """
    if not len(peaks.hertz):
        return []
    left = peaks.amplitude.copy()
    loudest = float(left.max())
    found: list[Pitch] = []
    first = 0.0
    places = peaks.hertz.tolist()
    while len(found) < _MOST_NOTES:
        best, gain = None, 0.0
        available = left.tolist()
        for hertz in _candidates(peaks, left, hints, loudest):
            if any(
                _is_multiple(hertz, other.hertz)
                or abs(hertz - other.hertz) < max(1.7 * peaks.resolution_hz, 0.04 * other.hertz)
                for other in found
            ):
                continue
            series = _Series.match(hertz, places, available, peaks.resolution_hz)
            for part in series.parts() if series is not None else ():
                if (explained := part.gain(left, loudest)) > gain:
                    best, gain = part, explained
        if best is None or not best.stands(left, loudest, gain, first):
            break
        first = first or gain
        found.append(best.claim(peaks, left))
    return found


def _candidates(peaks: Peaks, left: Array, hints: tuple[float, ...], loudest: float) -> list[float]:
    strong = np.argsort(left)[::-1][:12]
    strong = strong[left[strong] > 0.02 * loudest]
    tried = [peaks.hertz[i] / n for i in strong for n in (1, 2, 3, 4, 5)]
    return [hertz for hertz in (*hints, *tried) if LOWEST_HZ <= hertz <= HIGHEST_HZ]


def _is_multiple(hertz: float, base: float) -> bool:
    """Whether `hertz` is a harmonic of `base`, or the same."""
    ratio = hertz / base
    order = round(ratio)
    return order >= 1 and abs(ratio / order - 1) < 0.022


@dataclass(frozen=True)
class _Series:
    """Harmonics of one candidate among the peaks."""

    hertz: float
    orders: tuple[int, ...]
    index: NDArray[np.intp]

    @classmethod
    def match(
        cls, hertz: float, places: list[float], left: list[float], resolution_hz: float
    ) -> _Series | None:
        """Follow a series upwards, letting it stretch slowly; None when it has no foundation.

        Plain lists and bisection: a few dozen numbers are too few for arrays to be quick.
        """
        orders: list[int] = []
        index: list[int] = []
        stretch = 1.0
        highest = min(_MOST_HARMONICS, int(places[-1] * 1.03 / hertz))
        for order in range(1, highest + 1):
            expected = order * hertz * stretch
            near = max(0.012 * expected if order > 1 else 0.02 * expected, 0.35 * resolution_hz)
            near = min(near, 0.3 * hertz)
            low = bisect_left(places, expected - near)
            high = bisect_left(places, expected + near, low)
            if low == high:
                if not _may_have_foundation(orders, order):
                    return None
                continue
            choice = max(range(low, high), key=left.__getitem__)
            orders.append(order)
            index.append(choice)
            if left[choice] > 0:
                ratio = places[choice] / (order * hertz)
                stretch += 0.5 * (min(max(ratio, 0.99), 1.1) - stretch)
        if not orders or not _has_foundation(orders, highest):
            return None
        return cls(hertz, tuple(orders), np.array(index))

    def parts(self) -> Iterator[_Series]:
        """The series, and what comes before its first wide gap: the rest may be by chance."""
        yield self
        gaps = np.flatnonzero(np.diff(self.orders) > _WIDE_GAP)
        if len(gaps) and self.orders[0] == 1:
            end = int(gaps[0]) + 1
            yield replace(self, orders=self.orders[:end], index=self.index[:end])

    def gain(self, left: Array, loudest: float) -> float:
        """How much it explains, less what it promises in vain."""
        weight = (left[self.index] / loudest) ** _POWER
        orders = np.array(self.orders)
        explained = float(np.sum(weight * orders**-0.5))
        if len(orders) == 1:
            return explained
        each = np.arange(1, orders[-1] + 1)
        absent = each >= min(orders[0], 2)
        absent[orders - 1] = False
        promised = np.interp(each[absent], orders, weight)
        return explained - 0.35 * float(np.sum(promised * each[absent] ** -0.5))

    def stands(self, left: Array, loudest: float, gain: float, first: float) -> bool:
        """Whether it is a note rather than what better notes left over."""
        if not first:
            return True
        strong = left[self.index].max() / loudest
        own = left[self.index[0]] / loudest if self.orders[0] == 1 else 0.0
        return gain > 0.3 * first and strong > 0.2 and own > 0.08

    def claim(self, peaks: Peaks, left: Array) -> Pitch:
        """Take from `left` what a smooth series has at its harmonics."""
        amplitude = left[self.index]
        padded = np.pad(amplitude, 1, mode="edge")
        smooth = np.maximum(np.minimum(padded[:-2], padded[2:]), 0.5 * (padded[:-2] + padded[2:]))
        taken = np.minimum(amplitude, 1.2 * smooth) if len(amplitude) > 2 else amplitude
        left[self.index] -= taken
        partials = peaks.hertz[self.index]
        hertz = fundamental(self.orders, partials, amplitude)
        return Pitch(hertz, self.orders, partials, amplitude)


def _may_have_foundation(orders: list[int], missing: int) -> bool:
    """Whether a series with `orders` so far may have a foundation although `missing` is absent."""
    return missing == 1 or missing > 8 or bool(orders and orders[0] == 1)


def _has_foundation(orders: list[int], highest: int) -> bool:
    """Whether the fundamental is there, or all of what should follow it."""
    return orders[0] == 1 or (
        highest >= 6 and orders[: min(highest, 8) - 1] == [*range(2, min(highest, 8) + 1)]
    )


def fundamental(orders: tuple[int, ...], partials: Array, amplitudes: Array) -> float:
    """Fundamental in Hz of a stretched series: a weighted fit of ``f_k / k = f (1 + b k²)``."""
    order = np.array(orders, np.float64)
    low = order <= max(8, order[0])
    order, hertz, weight = (
        order[low],
        partials[low] / order[low],
        (amplitudes[low] * order[low]) ** 2,
    )
    mean = float(np.sum(weight * hertz) / weight.sum())
    if len(order) < 3:
        return mean
    square = order**2
    centre = float(np.sum(weight * square) / weight.sum())
    spread = float(np.sum(weight * (square - centre) ** 2))
    slope = float(np.sum(weight * (square - centre) * (hertz - mean))) / max(spread, 1e-30)
    slope = min(max(slope, 0.0), 2e-3 * mean)
    return mean + slope * (1 - centre)
