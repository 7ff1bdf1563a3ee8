"""The pitch of one voice over time: glissando, and the line that a vibrato swings around.

The track is YIN's [1]_ twice: once with a long window, which decides whether there is a pitch and
in which octave, and once with the shortest window that the lowest pitch allows, so that a vibrato
keeps its depth. Raw pitch and raw chroma accuracy are mir_eval's, at 50 cents [2]_.

.. [1] A. de Cheveigné, H. Kawahara, "YIN, a fundamental frequency estimator for speech and music",
   JASA 111(4), 2002.
.. [2] J. Salamon et al., "Melody extraction from polyphonic music signals", IEEE SPM 31(2), 2014.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample
from probe.records.truths.notes import Bend, Swing
from probe.score.metrics.notes.onsets import frames_of, yin

Array = NDArray[np.float64]

HOP_S = 0.005
"""Distance of the track's frames, in s."""
TOLERANCE = 0.5
"""In semitones: 50 cents, as RPA and RCA have it."""
EDGE_S = 0.025
"""Where something begins, ends or leaps a window sees both sides this long."""

_COARSE_RATE = 22050
_COARSE_S = 0.09
_APERIODIC = 0.3
_SOFTEST = 10 ** (-50 / 20)


def pitch_track(samples: Array, rate: int) -> Array:
    """Follow the pitch of a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (frames,)
        MIDI pitch every `HOP_S`, from time 0 on; NaN where there is none.
    """
    samples = samples - samples.mean()
    coarse = resample(samples, rate, _COARSE_RATE)
    frames = frames_of(coarse, _COARSE_RATE, _COARSE_S, HOP_S)
    level = np.sqrt(np.mean(frames**2, axis=1, dtype=np.float64))
    if level.max(initial=0.0) < 1e-5:
        return np.full(len(frames), np.nan)
    hertz, aperiodic = yin(frames, _COARSE_RATE, frames.shape[1] // 2)
    voiced = (aperiodic < _APERIODIC) & (hertz > 0) & (level > _SOFTEST * level.max())
    if not voiced.any():
        return np.full(len(frames), np.nan)
    lowest = float(np.percentile(hertz[voiced], 2))
    longest = int(1.3 * rate / lowest)
    fine_frames = frames_of(samples, rate, 2.2 * longest / rate, HOP_S)[: len(frames)]
    fine, _ = yin(fine_frames, rate, longest)
    count = min(len(fine), len(hertz))
    rough = _midi(hertz[:count])
    midi = _midi(fine[:count])
    midi += 12 * np.round((rough - midi) / 12)
    near = np.abs(midi - rough) < 2.5
    track: Array = np.where(voiced[:count], np.where(near, midi, rough), np.nan)
    return track


def _midi(hertz: Array) -> Array:
    return np.asarray(69 + 12 * np.log2(np.maximum(hertz, 1e-3) / 440))


def times_of(track: Array) -> Array:
    """Time of each frame, in s, shape (frames,)."""
    return np.arange(len(track), dtype=np.float64) * HOP_S


def asked_line(bends: Sequence[Bend], times: Array) -> Array:
    """MIDI pitch that `bends` ask for at `times`, both shape (n,); NaN where they ask for none."""
    line = np.full(len(times), np.nan)
    for bend in bends:
        inside = (times >= bend.start_s) & (times < bend.end_s)
        share = (times[inside] - bend.start_s) / (bend.end_s - bend.start_s)
        line[inside] = bend.start_midi + share * (bend.end_midi - bend.start_midi)
    return line


def centre_line(track: Array, swings: Sequence[Swing]) -> Array:
    """The track, shape (frames,), with what swings averaged over a cycle of the rate asked for."""
    times, smooth = times_of(track), track.copy()
    for swing in swings:
        reach = max(1, round(0.5 / swing.rate_hz / HOP_S))
        for i in np.flatnonzero((times >= swing.start_s) & (times < swing.end_s)):
            around = track[max(0, i - reach) : i + reach + 1]
            known = around[~np.isnan(around)]
            if len(known) > reach:
                smooth[i] = known.mean()
    return smooth


def agreement(line: Array, track: Array, bends: Sequence[Bend]) -> float:
    """F1 of the frames in which the pitch asked for is heard, within 50 cents.

    Frames within 25 ms of where the voice begins, ends or leaps do not count: a window sees both
    sides there.

    Parameters
    ----------
    line, track : ndarray of float64, shape (frames,)
        MIDI pitch asked for and heard; NaN for none.
    bends : sequence of Bend
        What `line` was made of.

    Returns
    -------
    float
        In [0, 1].
    """
    times = times_of(track)
    count = np.ones(len(track), bool)
    for i, bend in enumerate(bends):
        after = bends[i + 1] if i + 1 < len(bends) else None
        joined = after and after.start_s == bend.end_s and after.start_midi == bend.end_midi
        before = bends[i - 1] if i else None
        led = before and before.end_s == bend.start_s and before.end_midi == bend.start_midi
        if not led:
            count &= np.abs(times - bend.start_s) > EDGE_S
        if not joined:
            count &= np.abs(times - bend.end_s) > EDGE_S
    asked, heard = ~np.isnan(line) & count, ~np.isnan(track) & count
    with np.errstate(invalid="ignore"):
        right = np.abs(line - track) <= TOLERANCE
    total = asked.sum() + heard.sum()
    return float(2 * (right & asked & heard).sum() / total) if total else 0.0


def accuracies(line: Array, track: Array) -> tuple[float, float]:
    """Raw pitch accuracy and raw chroma accuracy of `track` against `line`, shape (frames,)."""
    from mir_eval.melody import raw_chroma_accuracy, raw_pitch_accuracy

    asked, heard = ~np.isnan(line), ~np.isnan(track)
    cents = [100 * np.where(known, x, 0.0) for known, x in ((asked, line), (heard, track))]
    given = (asked.astype(float), cents[0], heard.astype(float), cents[1])
    if not asked.any() or not heard.any():
        return 0.0, 0.0
    return float(raw_pitch_accuracy(*given)), float(raw_chroma_accuracy(*given))
