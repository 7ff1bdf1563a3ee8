"""Where in a clip each sound is looked for, and in which order sounds come.

With stated times every event has its window. With a stated order the clip is cut where its sound
changes, and the cut and the order are sought that fit best: the order asked for has no advantage
over any other, which one score of the whole clip could not offer. Sounds at once are looked for in
parts of the mixture: what stands out and what stays, tones and noise, lows and highs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise, permutations

import numpy as np
from numpy.typing import NDArray

from probe.records.truths import SoundEvent, SoundsTruth
from probe.records.truths.sound_classes import sound_class
from probe.score.metrics.sounds.attacks import level_db
from probe.score.metrics.sounds.descriptors import HERTZ, HOP_S, Spectrogram, describe
from probe.score.metrics.sounds.likeness import OF_THE_CLIP, traits_met

Array = NDArray[np.float64]

MOVED = OF_THE_CLIP | {"glide_st", "decay_ms", "grain_db"}
"""Traits that motion changes."""
RUNG = OF_THE_CLIP | {"decay_ms", "grain_db"}
"""Traits that a stated room changes."""

_CUTS = 7
_PULSES = {"pulse", "pulse_hz"}
# A stretch shows how regular a sound is (a laugh, not a cry), and that a stroke stands out of it
# (a slam, not an engine).
_HIDDEN = {
    "texture": frozenset(("length_s",)),
    "call": OF_THE_CLIP - _PULSES,
    "strike": OF_THE_CLIP - _PULSES - {"crest_db"},
}
_SHORTEST_S = 0.25
_SPLIT_HZ = 1200.0
_TIE = 0.03
_QUIET_DB = -35.0
_SILENCE_DB = 6.0


@dataclass(frozen=True)
class Scene:
    """How far each class is there, and in which order they come."""

    likeness: Mapping[str, float]
    """By class, in [0, 1]."""
    order: float | None = None
    """Share of the pairs of different sounds in the order asked for; None without an order."""


def look(truth: SoundsTruth, clip: Spectrogram) -> Scene:
    """Look for the sounds of a truth in a clip."""
    if not clip.power.max(initial=0.0) > 0:
        return Scene(dict.fromkeys(truth.labels, 0.0), 0.0 if truth.ordered else None)
    if truth.timed:
        return Scene(_timed(truth, clip))
    if truth.ordered:
        return _ordered(truth, clip)
    if truth.several:
        return Scene(_mixed(truth.labels, clip))
    (label,) = truth.labels
    return Scene({label: traits_met(describe(clip), sound_class(label), window=truth.counted)})


# --- stated times --------------------------------------------------------------------------------


def _timed(truth: SoundsTruth, clip: Spectrogram) -> dict[str, float]:
    """Mean likeness over the windows of each class."""
    found: dict[str, list[float]] = {label: [] for label in truth.labels}
    windows = _windows(truth)
    marked = np.zeros(len(clip.power), bool)
    for start, end in windows:
        marked[round(start / HOP_S) : round(end / HOP_S)] = True
    for span in truth.spans:
        found[span.label].append(_in_span(truth, span, clip, marked))
    stands_out = _over(clip, truth.spans, marked) if truth.spans else clip
    for mark, (start, end) in zip(truth.marks, windows, strict=True):
        without = RUNG if mark.decay_s is not None else OF_THE_CLIP
        part = stands_out.between(start, end)
        if part.power.sum(axis=1).max() < 1e-5 * clip.power.sum(axis=1).max():
            found[mark.label].append(0.0)
            continue
        own = sound_class(mark.label)
        found[mark.label].append(traits_met(describe(part), own, without=without))
    return {label: float(np.mean(values)) for label, values in found.items()}


def _windows(truth: SoundsTruth) -> list[tuple[float, float]]:
    """From each mark on, as long as such a sound lasts, or to the next mark."""
    marks = truth.marks
    starts = [mark.onset_s or 0.0 for mark in marks]
    windows = []
    for i, mark in enumerate(marks):
        end = mark.offset_s or starts[i] + sound_class(mark.label).lasts_s
        later = [start for start in starts if start > starts[i] + 0.05]
        windows.append((max(0.0, starts[i] - 0.03), min([end, *(s - 0.03 for s in later)])))
    return windows


def _in_span(
    truth: SoundsTruth, span: SoundEvent, clip: Spectrogram, marked: NDArray[np.bool_]
) -> float:
    """Likeness of a texture where it is alone, or in a part of the mixture."""
    time = np.arange(len(clip.power)) * HOP_S
    start, end = span.onset_s or 0.0, span.offset_s or 0.0
    inside = (time >= start) & (time < end)
    others = [o for o in truth.spans if o.label != span.label]
    shared = np.zeros(len(time), bool)
    for other in others:
        shared |= (time >= (other.onset_s or 0.0)) & (time < (other.offset_s or 0.0))
    alone = inside & ~marked & ~shared
    own = sound_class(span.label)
    if alone.sum() * HOP_S >= 0.5:
        power = clip.power[alone]
        if power.sum(axis=1).max() < 1e-5 * clip.power.sum(axis=1).max():
            return 0.0
        without = MOVED if truth.passing is not None else frozenset(("length_s",))
        return traits_met(describe(Spectrogram(power)), own, without=without)
    return _best_view((span.label,), Spectrogram(clip.power[inside]))[span.label]


def _over(clip: Spectrogram, spans: Sequence[SoundEvent], marked: NDArray[np.bool_]) -> Spectrogram:
    """The clip less the steady background of the spans where nothing else is asked to sound."""
    power = clip.power.copy()
    time = np.arange(len(power)) * HOP_S
    for span in spans:
        inside = (time >= (span.onset_s or 0.0)) & (time < (span.offset_s or 0.0))
        if (inside & ~marked).any():
            steady = np.median(power[inside & ~marked], axis=0)
            power[inside] = np.maximum(power[inside] - 2 * steady, 0)
    return Spectrogram(power)


# --- a stated order ------------------------------------------------------------------------------


def _ordered(truth: SoundsTruth, clip: Spectrogram) -> Scene:
    """Cut the clip and put the classes in the order that fits it best.

    Orders that fit nearly as well count too, each by how near: where two classes cannot be told
    apart, their order is worth what drawing lots would get.
    """
    runs = truth.runs
    edges = [0.0, *cuts(clip, max(_CUTS, len(runs) - 1)), clip.seconds]
    fits = _fits(sorted(set(runs)), clip, edges)
    ranked = []
    for order in sorted(set(permutations(runs))):
        if all(a != b for a, b in pairwise(order)):
            total, terms = _best_cut(order, fits, len(edges))
            ranked.append((total, order, terms))
    best, order, terms = max(ranked)
    if best < 0:  # the clip is too short to be cut often enough
        return Scene(dict.fromkeys(truth.labels, 0.0), 0.0)
    likeness = {
        label: float(np.mean([f for f, name in zip(terms, order, strict=True) if name == label]))
        for label in truth.labels
    }
    weights = [np.exp((total - best) / _TIE) for total, _, _ in ranked]
    right = [_right_pairs(runs, order, terms) for _, order, terms in ranked]
    return Scene(likeness, float(np.average(right, weights=weights)))


def cuts(clip: Spectrogram, most: int) -> list[float]:
    """Times in s at which a clip's sound changes most, in the middle of a silence where there is.

    Parameters
    ----------
    clip : Spectrogram
        What to cut.
    most : int
        At most so many.

    Returns
    -------
    list of float
        Ascending, at least 0.25 s apart and from the ends.
    """
    edges = 125 * 2.0 ** (np.arange(8) - 0.5)
    bands = np.array([(a <= HERTZ) & (b > HERTZ) for a, b in pairwise(edges)], np.float64)
    level = np.asarray(clip.power, np.float64) @ bands.T
    loud = np.maximum(10 * np.log10(level / level.max() + 1e-5), -50)
    quiet = level_db(np.convolve(level.sum(axis=1), np.full(9, 1 / 9), mode="same")) < _QUIET_DB
    found = [*_silences(loud, quiet), *_changes(loud, quiet)]
    kept: list[float] = []
    for _, time in sorted(found, reverse=True):
        clear = all(abs(time - other) >= _SHORTEST_S for other in (*kept, 0.0, clip.seconds))
        if clear and len(kept) < most:
            kept.append(time)
    return sorted(kept)


def _silences(loud: Array, quiet: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Middles of silences, and how much the sound after differs from that before, in dB."""
    turns = np.flatnonzero(np.diff(np.pad(quiet.astype(int), 1)))
    gaps = [
        (int(a), int(b))
        for a, b in zip(turns[::2], turns[1::2], strict=True)
        if (b - a) * HOP_S >= 0.15
    ]
    found = []
    for i, (a, b) in enumerate(gaps):
        before = loud[(gaps[i - 1][1] if i else 0) : a]
        after = loud[b : (gaps[i + 1][0] if i + 1 < len(gaps) else len(loud))]
        if len(before) and len(after):
            change = np.sqrt(np.mean((after.mean(axis=0) - before.mean(axis=0)) ** 2))
            found.append((_SILENCE_DB + float(change), (a + b) / 2 * HOP_S))
    return found


def _changes(loud: Array, quiet: NDArray[np.bool_]) -> list[tuple[float, float]]:
    """Moments every 50 ms, and how much 0.4 s after them differ from 0.4 s before, in dB."""
    n, reach = len(loud), round(0.4 / HOP_S)
    total = np.cumsum(np.pad(loud, ((1, 0), (0, 0))), axis=0)
    at = np.arange(0, n, round(0.05 / HOP_S))
    before, after = np.maximum(at - reach, 0), np.minimum(at + reach, n)
    left = (total[at] - total[before]) / np.maximum(at - before, 1)[:, None]
    right = (total[after] - total[at]) / np.maximum(after - at, 1)[:, None]
    change = np.sqrt(np.mean((right - left) ** 2, axis=1))
    return [(float(c), float(i * HOP_S)) for i, c in zip(at, change, strict=True) if not quiet[i]]


def _fits(
    labels: Sequence[str], clip: Spectrogram, edges: Sequence[float]
) -> dict[tuple[int, int, str], float]:
    """Likeness of every stretch between two edges to every class."""
    loudest = float(clip.power.sum(axis=1).max())
    fits: dict[tuple[int, int, str], float] = {}
    for i, j in combinations(range(len(edges)), 2):
        part = clip.between(edges[i], edges[j])
        audible = float(part.power.sum(axis=1).max()) > 1e-4 * loudest
        found = describe(part) if audible else {}
        for label in labels:
            own = sound_class(label)
            hidden = _HIDDEN[own.kind]
            fits[i, j, label] = traits_met(found, own, without=hidden)
    return fits


def _best_cut(
    order: Sequence[str], fits: Mapping[tuple[int, int, str], float], edges: int
) -> tuple[float, tuple[float, ...]]:
    """The largest sum of likenesses of `order` over all ways to cut, and its terms."""
    best: dict[int, tuple[float, tuple[float, ...]]] = {0: (0.0, ())}
    for label in order:
        nearer: dict[int, tuple[float, tuple[float, ...]]] = {}
        for i, (total, terms) in best.items():
            for j in range(i + 1, edges):
                fit = fits[i, j, label]
                if j not in nearer or total + fit > nearer[j][0]:
                    nearer[j] = (total + fit, (*terms, fit))
        best = nearer
    return best.get(edges - 1, (-1.0, (0.0,) * len(order)))


def _right_pairs(asked: Sequence[str], order: Sequence[str], found: Sequence[float]) -> float:
    """Share of the pairs of different classes that come as asked; a class that is hardly there
    is in no order."""
    there = [(name, fit) for name, fit in zip(order, found, strict=True) if fit >= 0.1]
    place = {name: np.mean([i for i, (n, _) in enumerate(there) if n == name]) for name, _ in there}
    want = {name: np.mean([i for i, n in enumerate(asked) if n == name]) for name in asked}
    pairs = [(a, b) for a, b in combinations(want, 2) if want[a] != want[b]]
    right = sum(
        a in place and b in place and (want[a] < want[b]) == (place[a] < place[b]) for a, b in pairs
    )
    return right / len(pairs) if pairs else 1.0


# --- sounds at once ------------------------------------------------------------------------------


def _mixed(labels: Sequence[str], clip: Spectrogram) -> dict[str, float]:
    return _best_view(labels, clip)


def _best_view(labels: Sequence[str], clip: Spectrogram) -> dict[str, float]:
    """Likeness of each class in that part of a mixture in which it is most alike."""
    found = [describe(view) for view in views(clip)]
    return {
        label: max(traits_met(one, sound_class(label), window=True) for one in found)
        for label in labels
    }


def views(clip: Spectrogram) -> list[Spectrogram]:
    """A mixture and its parts: what stands out, what stays, tones, noise, lows and highs."""
    from scipy.ndimage import median_filter

    power = clip.power
    steady = np.median(power, axis=0)
    along_time = median_filter(power, (31, 1), mode="nearest")
    along_frequency = median_filter(power, (1, 17), mode="nearest")
    tones = along_time > 2 * along_frequency
    low = HERTZ < _SPLIT_HZ
    parts = (
        power,
        np.maximum(power - 2 * steady, 0),
        np.minimum(power, 4 * steady),
        power * tones,
        power * ~tones,
        power * low,
        power * ~low,
    )
    return [Spectrogram(np.asarray(part, np.float32)) for part in parts]
