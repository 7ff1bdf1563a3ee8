"""How near a vowel is to the one asked for.

The means are of 45 men, 48 women and 46 children who said words of the form h-vowel-d [1]_. The
spread of a formant within a vowel and a group of speakers is some 8 to 10 % there, which sets what
counts as right here.

.. [1] J. Hillenbrand, L. A. Getty, M. J. Clark and K. Wheeler, "Acoustic characteristics of
   American English vowels", JASA 97, 1995, table V.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log2

import numpy as np
from numpy.typing import NDArray

from probe.records.truths.speech import Vowel
from probe.score.metrics import credit
from probe.score.metrics.speech.voice import Formants, Voice

Array = NDArray[np.float64]

MEANS: dict[str, dict[str, tuple[int, int, int]]] = {
    "man": {
        "IY": (342, 2322, 3000),
        "IH": (427, 2034, 2684),
        "EY": (476, 2089, 2691),
        "EH": (580, 1799, 2605),
        "AE": (588, 1952, 2601),
        "AA": (768, 1333, 2522),
        "AO": (652, 997, 2538),
        "OW": (497, 910, 2459),
        "UH": (469, 1122, 2434),
        "UW": (378, 997, 2343),
        "AH": (623, 1200, 2550),
        "ER": (474, 1379, 1710),
    },
    "woman": {
        "IY": (437, 2761, 3372),
        "IH": (483, 2365, 3053),
        "EY": (536, 2530, 3047),
        "EH": (731, 2058, 2979),
        "AE": (669, 2349, 2972),
        "AA": (936, 1551, 2815),
        "AO": (781, 1136, 2824),
        "OW": (555, 1035, 2828),
        "UH": (519, 1225, 2827),
        "UW": (459, 1105, 2735),
        "AH": (753, 1426, 2933),
        "ER": (523, 1588, 1929),
    },
    "child": {
        "IY": (452, 3081, 3702),
        "IH": (511, 2552, 3403),
        "EY": (564, 2656, 3323),
        "EH": (749, 2267, 3310),
        "AE": (717, 2501, 3289),
        "AA": (1002, 1688, 2950),
        "AO": (803, 1210, 2982),
        "OW": (597, 1137, 2987),
        "UH": (568, 1490, 3072),
        "UW": (494, 1345, 2988),
        "AH": (749, 1546, 3145),
        "ER": (586, 1719, 2143),
    },
}
"""Mean F1, F2 and F3 in Hz by speaker and ARPAbet vowel."""

FULL, NONE = 0.08, 0.30
"""Relative error of a formant up to which it is right, and from which on it is wrong."""
FULL_CENTS, NONE_CENTS = 50.0, 300.0
"""The same of a stated pitch: a quarter tone, and a minor third."""
MISSING = 0.5
"""Error of a formant that is not there."""
FEWEST = 3
"""Frames a vowel needs."""
_MIDDLE = 0.15
"""Share of a span left out at each end, where the vowel may be on its way."""
VOICED = (0.25, 0.6)
"""Voiced share of a span up to which it holds no vowel, and from which on it is one.

A whisper may seem voiced here and there.
"""


@dataclass(frozen=True)
class Heard:
    """A vowel as it was found in its span."""

    formants: tuple[float, ...]
    """Relative error of each formant asked for."""
    cents: float | None
    """Distance from the pitch asked for; None when none was, or there is no pitch."""
    voiced: float
    """Share of the span that is voiced."""
    nearest: str | None
    """ARPAbet of the mean that is nearest; None when there is no vowel."""

    @property
    def error(self) -> float:
        """Mean relative error of the formants, each at most `MISSING`."""
        return float(np.mean([min(each, MISSING) for each in self.formants]))

    def match(self, asked: Vowel) -> float:
        """Product of the credits of the formants, times voicing, times half of it the pitch's."""
        value = credit(-self.voiced, -VOICED[1], -VOICED[0])
        for each in self.formants:
            value *= credit(each, FULL, NONE)
        if asked.f0_hz is None:
            return value
        cents = NONE_CENTS if self.cents is None else self.cents
        return value * (1 + credit(cents, FULL_CENTS, NONE_CENTS)) / 2


def hear(asked: Vowel, voice: Voice, tracks: Formants) -> Heard:
    """Find the vowel in its span.

    Parameters
    ----------
    asked : Vowel
        What should be there.
    voice : Voice
        The clip.
    tracks : Formants
        Of the clip, for a speaker like ``asked.voice``.

    Returns
    -------
    Heard
        From the medians over the voiced frames in the middle of the span.
    """
    edge = _MIDDLE * (asked.end_s - asked.start_s)
    low, high = asked.start_s + edge, asked.end_s - edge
    times = voice.times()
    inside = (times >= low) & (times <= high)
    voiced = inside & np.isfinite(voice.pitch)
    wanted = [f for f in (asked.f1_hz, asked.f2_hz, asked.f3_hz) if f is not None]
    found = _medians(times[voiced], tracks)
    if found is None:
        return Heard((MISSING,) * len(wanted), None, 0.0, None)
    errors = tuple(
        MISSING if np.isnan(heard) else abs(heard - hertz) / hertz
        for heard, hertz in zip(found, wanted, strict=False)
    )
    cents = None
    if asked.f0_hz is not None:
        cents = abs(1200 * log2(float(np.median(voice.pitch[voiced])) / asked.f0_hz))
    share = float(voiced.sum() / max(1, inside.sum()))
    return Heard(errors, cents, share, nearest(found, asked.voice))


def _medians(times: Array, tracks: Formants) -> Array | None:
    """Median of each formant at the frames of `times`, shape (3,); None when they are too few."""
    if len(times) < FEWEST or not len(tracks.times):
        return None
    rows = np.abs(tracks.times[:, None] - times).argmin(axis=0)
    hertz = tracks.hertz[rows]
    enough = np.isfinite(hertz).sum(axis=0) >= FEWEST
    if not enough[:2].all():
        return None
    return np.asarray([np.nanmedian(hertz[:, k]) if enough[k] else np.nan for k in range(3)])


def nearest(hertz: Array, whose: str) -> str:
    """Which vowel of `MEANS` has its F1 and F2 nearest, on a logarithmic scale."""
    means = MEANS[whose]
    return min(
        means,
        key=lambda phone: sum(
            log2(float(heard) / mean) ** 2
            for heard, mean in zip(hertz[:2], means[phone][:2], strict=True)
        ),
    )
