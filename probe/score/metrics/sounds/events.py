"""When sounds begin and when it is silent, against what was asked for.

Attacks are found blind, on a level from which a steady background has been taken. Only then are
they compared: attacks while a sound of known length still lasts belong to it (a rooster's crow has
several), and so do those where a texture fades in or out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.records.truths import SoundsTruth
from probe.records.truths.sound_classes import sound_class
from probe.score.metrics.sounds.attacks import APART_S, Attack, attacks, level_db
from probe.score.metrics.sounds.descriptors import HOP_S, Spectrogram

Array = NDArray[np.float64]

MISSING_MS = 300.0
"""What a missing event counts in the mean error: the wider tolerance."""
_EDGE_S = 0.25
_SOUNDING_DB = 45.0
_ABOVE_DB = 6.0


@dataclass(frozen=True)
class Begun:
    """How the moments at which sounds begin compare."""

    asked: int
    heard: int
    """Attacks that belong to no asked event are counted too."""
    f1: dict[int, float]
    """By tolerance in ms."""
    ap: dict[int, float]
    error_ms: float


def heard_attacks(spectrogram: Spectrogram, truth: SoundsTruth) -> list[Attack]:
    """Attacks over the background of a clip.

    Each band is weighted by how quiet its steady background (median over time) is, so that a bark
    counts although it rains; where there is none, all bands weigh alike. Textures have attacks of
    their own: where one is asked for, an attack counts that is 6 dB louder than the texture nearly
    ever is (95 % of the time) while it is alone.
    """
    power = np.asarray(spectrogram.power, np.float64)
    if not power.max(initial=0.0) > 0:
        return []
    background = np.median(power, axis=0)
    level = power @ (1 / (background + 1e-5 * power.max()))
    found = attacks(level)
    time = np.arange(len(level)) * HOP_S
    marked = np.zeros(len(level), bool)
    for mark in truth.marks:
        start = mark.onset_s or 0.0
        end = start + 2 * sound_class(mark.label).lasts_s
        marked |= (time >= start - 0.05) & (time < end)
    spans = [
        (time >= (span.onset_s or 0.0)) & (time < (span.offset_s or 0.0)) for span in truth.spans
    ]
    for i, inside in enumerate(spans):
        others = np.any([s for j, s in enumerate(spans) if j != i] or [~inside], axis=0)
        ways = (inside & ~marked & ~others, inside & ~marked, inside)
        free = [part for part in ways if part.any()]
        least = np.quantile(level[free[0]], 0.95) * 10 ** (_ABOVE_DB / 10) if free else 0.0
        found = [
            one
            for one in found
            if not inside[one.frame] or level[one.frame : one.frame + 12].max() >= least
        ]
    return found


def compare_times(truth: SoundsTruth, heard: Sequence[Attack]) -> Begun:
    """Compare attacks with the marks of a truth that has times."""
    asked = np.array([mark.onset_s for mark in truth.marks], np.float64)
    kept = _own(truth, heard)
    times = np.array([attack.time_s for attack in kept], np.float64)
    trust = np.array([attack.rise_db for attack in kept], np.float64)
    return Begun(
        asked=len(asked),
        heard=len(kept),
        f1={ms: _f1(asked, times, ms / 1000) for ms in (50, 300)},
        ap={ms: _average_precision(asked, times, trust, ms / 1000) for ms in (50, 300)},
        error_ms=_mean_error(asked, times),
    )


def count(truth: SoundsTruth, heard: Sequence[Attack]) -> int:
    """How many events are heard; attacks within 0.6 of a class's usual length are one."""
    if truth.timed:
        return len(_own(truth, heard))
    apart = max(APART_S, 0.6 * sound_class(truth.events[0].label).lasts_s)
    number, last = 0, -np.inf
    for attack in heard:
        if attack.time_s - last >= apart:
            number, last = number + 1, attack.time_s
    return number


def _own(truth: SoundsTruth, heard: Sequence[Attack]) -> list[Attack]:
    """Attacks without those that are part of a sound that was asked for and has begun."""
    starts = [mark.onset_s or 0.0 for mark in truth.marks]
    ends = [
        min(start + sound_class(mark.label).lasts_s, *(s for s in (*starts, np.inf) if s > start))
        for start, mark in zip(starts, truth.marks, strict=True)
    ]
    edges = [t for span in truth.spans for t in (span.onset_s, span.offset_s) if t is not None]
    kept: list[Attack] = []
    begun: set[int] = set()
    for attack in heard:
        time = attack.time_s
        inside = [
            i
            for i, (a, b) in enumerate(zip(starts, ends, strict=True))
            if a - 0.05 <= time < b - 0.05
        ]
        near = any(abs(time - start) <= 0.05 for start in starts)
        if inside and not near and inside[-1] in begun:
            continue
        if not near and any(abs(time - edge) <= _EDGE_S for edge in edges):
            continue
        begun.update(inside)
        kept.append(attack)
    return kept


def _f1(asked: Array, heard: Array, tolerance_s: float) -> float:
    """F1 of two lists of times, each used once (mir_eval's bipartite matching)."""
    if not len(asked) or not len(heard):
        return 0.0
    from mir_eval.util import match_events

    matched = len(match_events(asked, heard, tolerance_s))
    return 2 * matched / (len(asked) + len(heard))


def _average_precision(asked: Array, heard: Array, trust: Array, tolerance_s: float) -> float:
    """Mean over the asked times of the precision at which each is found, by falling confidence."""
    free = list(asked)
    hits, total = 0, 0.0
    for rank, i in enumerate(np.argsort(-trust, kind="stable"), start=1):
        near = [time for time in free if abs(time - heard[i]) <= tolerance_s]
        if near:
            free.remove(min(near, key=lambda time: abs(time - heard[i])))
            hits += 1
            total += hits / rank
    return total / len(asked) if len(asked) else 0.0


def _mean_error(asked: Array, heard: Array) -> float:
    from scipy.optimize import linear_sum_assignment

    if not len(asked) or not len(heard):
        return MISSING_MS
    late = np.minimum(1000 * np.abs(asked[:, None] - heard), MISSING_MS)
    rows, columns = linear_sum_assignment(late)
    return float((late[rows, columns].sum() + MISSING_MS * (len(asked) - len(rows))) / len(asked))


def activity(truth: SoundsTruth, spectrogram: Spectrogram) -> float:
    """Share of the asked time that sounds, times share of the asked silence that is silent.

    Sounding is within 45 dB of the loudest moment. What may or may not sound does not count: the
    tail of a sound for 1 s and three times its usual length (or the decay time of its room), and
    0.25 s after a texture.
    """
    level = np.asarray(spectrogram.power, np.float64).sum(axis=1)
    if not level.max(initial=0.0) > 0:
        return 0.0
    smooth = np.convolve(level, np.full(9, 1 / 9), mode="same")
    sounding = level_db(smooth) > -_SOUNDING_DB
    time = np.arange(len(level)) * HOP_S
    asked = np.zeros(len(level), bool)
    open_ = np.zeros(len(level), bool)
    for span in truth.spans:
        start, end = span.onset_s or 0.0, span.offset_s or 0.0
        asked |= (time >= start + 0.05) & (time < end - 0.05)
        open_ |= (time >= start - 0.05) & (time < end + _EDGE_S)
    for mark in truth.marks:
        start = mark.onset_s or 0.0
        asked |= (time >= start + 0.01) & (time < start + 0.04)
        ring = max(1.0 + 3 * sound_class(mark.label).lasts_s, mark.decay_s or 0.0)
        open_ |= (time >= start - 0.05) & (time < (mark.offset_s or start) + ring)
    silent = ~open_
    right = float(sounding[asked].mean()) if asked.any() else 1.0
    return right * (float((~sounding[silent]).mean()) if silent.any() else 1.0)
