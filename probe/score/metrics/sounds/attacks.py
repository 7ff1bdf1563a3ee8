"""When something begins: attacks, heard as rises of the level in some part of the spectrum.

An attack is a rise of at least 9 dB out of the dip before it [1]_, in the whole or in one of four
bands, so that a click over a rumble and a bell over the tail of the last bell are both heard. It
is dated by its steepest moment, a slow one by its beginning.

.. [1] J. P. Bello et al., "A tutorial on onset detection in music signals", IEEE TSAP 13(5), 2005:
   energy-based detection functions, relative difference in dB.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

HOP_S = 0.005
"""Distance of frames, in s."""
RISE_DB = 9.0
"""Least rise."""
APART_S = 0.08
"""Attacks closer than this are one: two knocks at twelve a second are heard as a rattle."""
DEPTH_DB = 35.0
"""An attack's peak lies no further than this below the loudest moment."""

_SLOW = 12


@dataclass(frozen=True)
class Attack:
    """One attack."""

    frame: int
    """Where it is steepest."""
    rise_db: float
    """How far it rises: the detector's confidence."""

    @property
    def time_s(self) -> float:
        """Its time."""
        return self.frame * HOP_S


def level_db(level: Array, floor_db: float = 60.0) -> Array:
    """Power over time as dB under its largest, no lower than `-floor_db`."""
    top = level.max(initial=0.0)
    if not top > 0:
        return np.full(len(level), -floor_db)
    return np.asarray(10 * np.log10(np.maximum(level / top, 10 ** (-floor_db / 10))))


def attacks(level: Array, *, rise_db: float = RISE_DB) -> list[Attack]:
    """Attacks in a level.

    Parameters
    ----------
    level : ndarray of float64, shape (frames,)
        Power every 5 ms; silence is taken to come before it.
    rise_db : float
        Least rise in dB.

    Returns
    -------
    list of Attack
        By time, at least 80 ms apart.
    """
    decibels = np.concatenate([[-60.0], level_db(level)])
    rises: list[Attack] = []
    lowest, top, start = decibels[0], -np.inf, 0
    rising = False
    for i, now in enumerate(decibels):
        if not rising:
            lowest = min(lowest, now)
            if now >= lowest + rise_db and now > -DEPTH_DB:
                rising, top, start = True, now, i
        elif now > top:
            top = now
        elif now < top - 3 or i - start > 20:
            rises.append(_dated(decibels, start, top - lowest))
            rising, lowest = False, now
    if rising:
        rises.append(_dated(decibels, start, top - lowest))
    return thinned(rises)


def _dated(decibels: Array, crossed: int, rise: float) -> Attack:
    """Date a rise that crossed its threshold at `crossed`.

    A quick one by its steepest frame; one that takes longer than 60 ms by the moment at which it
    leaves the dip, since that is when it begins.
    """
    first = max(1, crossed - 6)
    steepest = first + int(np.diff(decibels[first - 1 : crossed + 7]).argmax())
    dip = crossed
    while dip > max(0, crossed - 60) and decibels[dip - 1] < decibels[dip]:
        dip -= 1
    left = dip + int(np.argmax(decibels[dip : crossed + 1] >= decibels[dip] + 6))
    begun = left if steepest - left > _SLOW else steepest
    return Attack(max(0, begun - 1), float(rise))


def thinned(found: list[Attack]) -> list[Attack]:
    """Keep the highest of attacks that are closer than 80 ms; by time."""
    kept: list[Attack] = []
    for one in sorted(found, key=lambda attack: (-attack.rise_db, attack.frame)):
        if all(abs(one.frame - other.frame) * HOP_S >= APART_S for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda attack: attack.frame)
