"""How something is said: contour, pitch, rate, when, in a whisper, in bursts."""

from __future__ import annotations

from math import log, log2

import numpy as np
from numpy.typing import NDArray

from probe.records.truths.speech import Pitch, Span, SpeechTruth
from probe.score.metrics import credit
from probe.score.metrics.speech.voice import Voice

Array = NDArray[np.float64]

CONTOUR_CENTS = (100.0, 300.0)
"""Up to a semitone from the contour is on it, from a minor third on is off it."""
MIDDLE_CENTS = (150.0, 500.0)
"""The same of the middle of a stated pitch, around which a voice moves."""
RATE = (0.10, 0.40)
"""The same of a speaking rate, as a logarithm of the ratio."""
SPAN_S = (0.06, 0.25)
"""The same of the moments where speech begins and ends."""
VOICED = 0.3
"""Share of a contour that has to be voiced: in running speech no less is."""
WHISPER = (0.05, 0.30)
"""Share of a whisper that may seem voiced, and from which on it is none."""
FEWEST = 10
"""Voiced frames a correlation needs."""


def contour_match(points: tuple[Pitch, ...], voice: Voice) -> float:
    """Mean credit of the voiced frames along a contour, less where too few are voiced."""
    asked, heard = _along(points, voice)
    if not len(asked):
        return 0.0
    voiced = np.isfinite(heard)
    if not voiced.any():
        return 0.0
    cents = 1200 * np.abs(np.log2(heard[voiced] / asked[voiced]))
    credits = np.clip((CONTOUR_CENTS[1] - cents) / (CONTOUR_CENTS[1] - CONTOUR_CENTS[0]), 0, 1)
    return float(credits.mean() * min(1.0, voiced.mean() / VOICED))


def correlation(points: tuple[Pitch, ...], voice: Voice) -> float:
    """Pearson's correlation of log pitch with a contour; 0 where it cannot be said."""
    asked, heard = _along(points, voice)
    voiced = np.isfinite(heard)
    if voiced.sum() < FEWEST:
        return 0.0
    a, b = np.log2(asked[voiced]), np.log2(heard[voiced])
    spread = float(a.std() * b.std())
    return float(np.mean((a - a.mean()) * (b - b.mean())) / spread) if spread > 1e-6 else 0.0


def _along(points: tuple[Pitch, ...], voice: Voice) -> tuple[Array, Array]:
    """Pitch asked for and heard at every frame of a contour, in Hz."""
    times = voice.times()
    inside = (times >= points[0].time_s) & (times <= points[-1].time_s)
    asked = np.interp(times[inside], [p.time_s for p in points], [p.hertz for p in points])
    return asked, voice.pitch[inside]


def middle_match(hertz: float, voice: Voice) -> float:
    """Credit of the median pitch."""
    voiced = voice.pitch[np.isfinite(voice.pitch)]
    if len(voiced) < FEWEST:
        return 0.0
    return credit(abs(1200 * log2(float(np.median(voiced)) / hertz)), *MIDDLE_CENTS)


def rate_match(truth: SpeechTruth, voice: Voice) -> float:
    """Credit of the syllables asked for over how long it sounds."""
    ends = voice.ends
    assert truth.syllables is not None
    assert truth.syllables_per_s is not None
    if ends is None:
        return 0.0
    rate = truth.syllables / (ends[1] - ends[0])
    return credit(abs(log(rate / truth.syllables_per_s)), *RATE)


def rate_error(truth: SpeechTruth, voice: Voice) -> tuple[float, float]:
    """Relative error of the rate of the syllables that are heard, at most 1, and that rate."""
    ends = voice.ends
    assert truth.syllables_per_s is not None
    rate = len(voice.syllables) / (ends[1] - ends[0]) if ends else 0.0
    return min(1.0, abs(rate - truth.syllables_per_s) / truth.syllables_per_s), rate


def span_match(span: Span, voice: Voice) -> float:
    """Mean credit of the moments where sound begins and ends."""
    ends = voice.ends
    if ends is None:
        return 0.0
    late = (abs(ends[0] - span.start_s), abs(ends[1] - span.end_s))
    return sum(credit(each, *SPAN_S) for each in late) / 2


def whisper_match(voice: Voice) -> float:
    """Credit of how little is voiced; 0 in silence."""
    return credit(voice.voiced_share, *WHISPER) if voice.active.any() else 0.0


def burst_match(truth: SpeechTruth, voice: Voice) -> tuple[float, int]:
    """Credit of the number of bursts times that of their rate, and the number."""
    assert truth.bursts is not None
    peaks = voice.syllables
    if len(peaks) < 2:
        return 0.0, len(peaks)
    asked = truth.bursts
    rate = (len(peaks) - 1) / float(peaks[-1] - peaks[0])
    number = credit(abs(len(peaks) - asked.count) / asked.count, 0.0, 0.5)
    return number * credit(abs(log(rate / asked.per_s)), *RATE), len(peaks)
