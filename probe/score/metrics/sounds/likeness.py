"""How far a stretch of sound has the traits of a class: no recognition by ear, and no network.

Each trait of the class, a range of one descriptor, is met or missed by some distance; the likeness
is the squared geometric mean over the traits, so that one gross miss counts and no trait alone
decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

import numpy as np

from probe.records.truths.sound_classes import SoundClass, sound_class
from probe.score.metrics.sounds.descriptors import Spectrogram, describe

OCTAVES = frozenset(
    ("low_hz", "median_hz", "high_hz", "pitch_hz", "length_s", "decay_ms", "rate_hz", "pulse_hz")
)
"""Descriptors whose misses are measured as ratios; the softness is in octaves."""

SOFTNESS: Mapping[str, float] = {
    **dict.fromkeys(OCTAVES, 0.5),
    **{"slope_db": 1.5, "peak_db": 1.5, "crest_db": 2.0, "sway_db": 1.5, "grain_db": 1.5},
    **{"tonality": 0.1, "fill": 0.1, "pulse": 0.12, "glide_st": 4.0},
}
"""Miss at which a trait counts exp(-1/2): about half of the spread within a class of recordings."""

SHARPNESS = 2
"""Power of the mean: recordings of other classes stay well below a half, their own near 1."""

LEAST = 0.01
"""What a trait counts at least, and where it cannot be measured at all."""

OF_THE_CLIP = frozenset(("fill", "crest_db", "length_s", "rate_hz", "sway_db", "pulse", "pulse_hz"))
"""Descriptors of how a sound is spread over its clip, which a window of it does not show."""


def likeness(part: Spectrogram, label: str) -> float:
    """How far a clip has the traits of a class.

    Parameters
    ----------
    part : Spectrogram
        A clip of this sound alone.
    label : str
        The class.

    Returns
    -------
    float
        In [0, 1]; 0 for silence.

    Raises
    ------
    UsageError
        There is no such class.
    """
    return traits_met(describe(part), sound_class(label))


def traits_met(
    found: Mapping[str, float],
    described: SoundClass,
    *,
    window: bool = False,
    without: Set[str] = frozenset(),
) -> float:
    """Likeness from descriptors that have been measured.

    Parameters
    ----------
    found : mapping of str to float
        From `describe`.
    described : SoundClass
        The class.
    window : bool
        Whether a window around a sound was described: traits of a whole clip are then left out,
        and of a texture, which a window shows as well as a clip, only its length.
    without : set of str
        Traits that are left out whatever the class.

    Returns
    -------
    float
        Square of the geometric mean of `membership`, in [0, 1]; 0 for silence.
    """
    if not found:
        return 0.0
    hidden: Set[str] = without
    if window:
        hidden = hidden | (OF_THE_CLIP if described.kind != "texture" else {"length_s"})
    met = membership(found, described, [name for name in described.like if name not in hidden])
    return float(np.exp(SHARPNESS * np.mean(np.log(list(met.values())))))


def membership(
    found: Mapping[str, float], described: SoundClass, names: Iterable[str]
) -> dict[str, float]:
    """How far each trait of `names` is met: 1 within its range, falling with the miss."""
    return {name: _met(name, found.get(name), *described.like[name]) for name in names}


def _met(name: str, value: float | None, least: float, most: float) -> float:
    if value is None:
        return LEAST
    if name in OCTAVES:
        value, least, most = (np.log2(max(v, 1e-3)) for v in (value, least, most))
    miss = max(least - value, value - most, 0.0) / SOFTNESS[name]
    return max(LEAST, float(np.exp(-(miss**2) / 2)))
