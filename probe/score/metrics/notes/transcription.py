"""A blind transcriber: samples in, notes out, for any timbre and any number of voices.

The way goes from liberal to strict. `onsets` proposes times at which something may
begin; around each, the spectrum after is compared with the spectrum before, and only what has grown
is given to `pitches` to be explained by notes, so that what still rings from earlier
is no candidate. Each note's own partials are then followed through time to find when exactly it
began, whether it was struck again, and when it ended.

A note's *onset* is where its level leaves what was there before. Its *offset* is the knee where a
release begins to fall much faster than the note did by itself, or, without one, where its level has
fallen 30 dB under its maximum.

Noise is dismissed by two properties. A peak of its spectrum seldom stands out from its surroundings
(magnitudes are Rayleigh distributed: one bin in a million exceeds 4.5 medians), so peaks that do
not are no candidates, unless the fundamental is too low for the window to resolve its harmonics
and the segment is periodic. And what is followed through time must not wander
(`probe.score.metrics.notes.tracking.wanders`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample
from probe.records import NoteEvent
from probe.score.metrics.notes.onsets import HOP_S, boundaries, yin
from probe.score.metrics.notes.pitches import (
    LOWEST_HZ,
    Peaks,
    Pitch,
    find_pitches,
    magnitudes,
    spectral_peaks,
)
from probe.score.metrics.notes.tracking import (
    Track,
    ending,
    follow,
    mean_drift,
    rise,
    strongest_partials,
    synchrony,
    wanders,
)

Array = NDArray[np.float64]

RATE = 22050
"""Everything is heard at this rate, in Hz: five harmonics of C7, two of C8."""

_LEAD_S = 0.2
_LONGEST_S = 0.35
_SHORTEST_S = 0.045
_SILENCE = 1e-4
_SETTLE_S = 0.055
_GROWTH = 1.26
_LASTS = 0.6
_FAINTEST = 2e-3
_STRUCK = 1.35
_TOGETHER = 0.45
_PROMINENT = 4.5
_PERIODIC = 0.1
_FOLLOWED_S = 8.0
_SPENT = 0.05
_SPENT_S = 0.015
_MOST_SOUNDING = 8
_MOST_NOTES_PER_S = 25
_RESOLVED = 8.0


@dataclass
class _Note:
    """A note on its way to being one."""

    pitch: Pitch
    onset: float
    offset: float
    level: float
    spacing: float
    track: Track

    def now(self, time: float) -> float:
        """Level around `time` (s), over the level of its pitch."""
        return float(self.track.level[self.track.rows(time - 0.02, time + 0.02)].max())

    @property
    def loudness(self) -> float:
        """Largest level while it sounds."""
        rows = self.track.rows(self.onset, self.offset)
        return self.pitch.level * float(self.track.level[rows].max())

    @property
    def midi(self) -> float:
        return 69 + 12 * float(np.log2(self.pitch.hertz / 440))


def transcribe(samples: NDArray[np.float64], sample_rate: int) -> tuple[NoteEvent, ...]:
    """Hear the notes in a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    sample_rate : int
        In Hz.

    Returns
    -------
    tuple of NoteEvent
        By onset, then pitch; `midi` is fractional. Empty for silence and noise.
    """
    heard = resample(np.asarray(samples, np.float64), sample_rate, RATE)
    if not len(heard):
        return ()
    heard = heard - heard.mean()
    peak = float(np.abs(heard).max())
    if peak < _SILENCE:
        return ()
    heard = np.pad(heard / peak, (round(_LEAD_S * RATE), round(_LEAD_S * RATE)))
    times = boundaries(heard, RATE)
    most = int(_MOST_NOTES_PER_S * len(heard) / RATE)
    notes: list[_Note] = []
    for time in times:
        if len(notes) >= most:
            break
        before = max(times[times < time - _SETTLE_S], default=time - _LONGEST_S)
        after = min(times[times > time + _SETTLE_S], default=len(heard) / RATE)
        soon = min(times[times > time], default=np.inf)
        peaks, new = _growing(heard, time, before, after)
        _end_what_gave_way(notes, new, time)
        admitted = [
            pitch
            for pitch in new
            if _admit(
                heard, notes, pitch, (time, soon, after), _spacing(pitch, new), peaks.resolution_hz
            )
        ]
        notes += _struck_again(heard, notes, peaks, admitted, (time, soon, after))
    return tuple(_event(note) for note in sorted(_credible(notes), key=lambda n: (n.onset, n.midi)))


def _event(note: _Note) -> NoteEvent:
    onset = max(note.onset - _LEAD_S, 0.0)
    velocity = int(np.clip(round(127 * note.loudness), 1, 127))
    return NoteEvent(
        midi=note.midi,
        onset_s=onset,
        offset_s=max(note.offset - _LEAD_S, onset + HOP_S),
        velocity=velocity,
    )


def _end_what_gave_way(notes: list[_Note], new: list[Pitch], time: float) -> None:
    """End notes under a new harmonic of theirs when they have nothing left but what it explains."""
    for note in notes:
        if note.onset + 0.06 < time < note.offset:
            for pitch in new:
                if _related(pitch.hertz, note.pitch.hertz) and not _heard_beside(note, pitch, time):
                    note.offset = min(note.offset, time - _SPENT_S)


def _heard_beside(note: _Note, pitch: Pitch, time: float) -> bool:
    """Whether after `time` a partial of `note` sounds that is none of `pitch`."""
    order = note.pitch.partials[strongest_partials(note.pitch)] / pitch.hertz
    own = np.abs(order - np.round(order)) > 0.06
    levels = note.track.partials[:, own]
    now = levels[note.track.rows(time + 0.05, time + 0.1)].max(axis=0)
    return bool(np.any(now > _SPENT * levels.max(axis=0))) or not own.any()


def _spacing(pitch: Pitch, others: list[Pitch]) -> float:
    """Smallest distance in Hz from the fundamental of `pitch` to any other's, at most its own."""
    apart = (abs(other.hertz - pitch.hertz) for other in others)
    return min([pitch.hertz, *(hertz for hertz in apart if hertz > 0.03 * pitch.hertz)])


def _admit(
    heard: Array,
    notes: list[_Note],
    pitch: Pitch,
    when: tuple[float, float, float],
    spacing: float,
    resolution: float,
) -> bool:
    """Add a pitch to `notes` if it is a note of its own.

    `when` is the boundary at which it grows, the next one, and the one until which it is seen; what
    begins at the next one is left to that.
    """
    time, soon, until = when
    if pitch.level < _FAINTEST:
        return False
    alone = spacing == pitch.hertz
    for n in notes:
        if n.onset < time + 0.02 and n.offset > time - 0.02:
            share = _share(n.pitch, pitch.hertz, resolution) * max(0.5 * n.now(time), 1.0)
            if pitch.amplitudes[0] < 1.5 * share:
                return False
            if n.offset > time - 0.01 and pitch.level < 0.12 * n.level:
                return False
            alone &= n.offset < time + 0.05
    track = follow(heard, RATE, pitch, time - 0.12, _horizon(heard, time), spacing)
    onset, before, after = rise(track, track.level, time, until=until)
    if abs(onset - time) > 0.08 or onset > soon - 0.02 or after < 1.5 * before:
        return False
    offset = ending(track, onset)
    if alone:
        pitch = pitch.moved(1 + mean_drift(track, onset, offset))
    if wanders(track, onset, offset):
        return False
    note = _Note(pitch, onset, offset, pitch.level * min(after, 3.0), spacing, track)
    for other in notes:
        if (
            other.onset < onset + 0.1
            and other.offset > onset + 0.03
            and note.level < 0.1 * other.level
        ):
            return False
        if abs(other.midi - note.midi) < 0.7 and other.offset > onset - 0.02:
            if onset - other.onset < 0.05 or other.offset > onset + 0.03:
                return False
            other.offset = min(other.offset, onset)
    notes.append(note)
    return True


def _struck_again(
    heard: Array,
    notes: list[_Note],
    peaks: Peaks,
    new: list[Pitch],
    when: tuple[float, float, float],
) -> list[_Note]:
    """Notes that already sound and are attacked once more; for `when` see `_admit`."""
    time, soon, until = when
    again: list[_Note] = []
    sounding = [n.pitch for n in notes if n.onset + 0.06 < time < n.offset + 0.01]
    loudest = sorted(notes[-4 * _MOST_SOUNDING :], key=lambda n: n.level * (n.offset > time))
    for note in loudest[-_MOST_SOUNDING:]:
        if not note.onset + 0.08 < time < note.offset + 0.01:
            continue
        if any(_related(note.pitch.hertz, pitch.hertz) for pitch in new):
            continue
        if any(abs(n.midi - note.midi) < 0.7 and abs(n.onset - time) < 0.06 for n in notes + again):
            continue
        if not _still_there(note.pitch, peaks, new):
            continue
        spacing = min(note.spacing, _spacing(note.pitch, new + sounding))
        track = follow(heard, RATE, note.pitch, time - 0.12, time + 0.2, spacing)
        if not _grows(track, time, _GROWTH if new else _LASTS):
            continue
        since = note.onset + 0.04
        parts = [rise(track, part, time, since, until) for part in track.partials.T]
        contrast = np.median([high / max(low, 1e-9) for _, low, high in parts])
        onset = float(np.median([at for at, _, _ in parts]))
        _, _, after = rise(track, track.level, time, since, until)
        if onset > soon - 0.02 or contrast < _STRUCK or after < 0.25:
            continue
        if synchrony(track, onset) < _TOGETHER:
            continue
        note.offset = min(note.offset, onset)
        track = follow(heard, RATE, note.pitch, time - 0.12, _horizon(heard, time), spacing)
        level = note.pitch.level * min(after, 3.0)
        again.append(_Note(note.pitch, onset, ending(track, onset), level, note.spacing, track))
    return again


def _horizon(heard: Array, time: float) -> float:
    """Until when (s) a note that begins at `time` is followed."""
    return min(len(heard) / RATE, time + _FOLLOWED_S)


def _grows(track: Track, time: float, ratio: float) -> bool:
    """Whether most partials stay `ratio` times as loud after `time` as they were before it."""
    was = np.median(track.partials[track.rows(time - 0.08, time - 0.04)], axis=0)
    now = np.median(track.partials[track.rows(time + 0.05, time + 0.09)], axis=0)
    return bool(np.median(now / np.maximum(was, 1e-9)) > ratio)


def _still_there(pitch: Pitch, peaks: Peaks, new: list[Pitch]) -> bool:
    """Whether most of the strongest partials of `pitch` have peaks that nothing new explains."""
    strongest = np.argsort(pitch.amplitudes)[::-1][:5]
    others = [other for other in new if abs(other.hertz / pitch.hertz - 1) > 0.03]
    taken = np.concatenate([np.zeros(1), *(other.partials for other in others)])
    there = 0
    for hertz in pitch.partials[strongest]:
        near = max(0.015 * hertz, 0.25 * peaks.resolution_hz)
        close = peaks.hertz[np.abs(peaks.hertz - hertz) < near]
        there += any(np.abs(taken - peak).min() > 1e-6 for peak in close)
    return there > len(strongest) / 2


def _share(pitch: Pitch, hertz: float, resolution: float) -> float:
    """Amplitude that `pitch` itself has near `hertz` in its harmonics."""
    distance = np.abs(pitch.partials - hertz)
    near = distance < max(0.03 * hertz, 1.5 * resolution)
    share = float(pitch.amplitudes[near].sum())
    if near[0] and pitch.orders[0] == 1:
        return 0.0 if distance[0] < 0.025 * hertz else 0.2 * share
    return share


def _related(hertz: float, base: float) -> bool:
    """Whether `hertz` is a harmonic of `base` above the first."""
    ratio = hertz / base
    return round(ratio) > 1 and abs(ratio / round(ratio) - 1) < 0.03


def _credible(notes: list[_Note]) -> list[_Note]:
    """Leave out what is too short or too soft to be meant, and the upper modes of struck bodies."""
    loudest = max((note.level for note in notes), default=0.0)
    meant = [n for n in notes if n.level > 0.02 * loudest and n.offset - n.onset > 0.025]
    return [n for n in meant if not any(_is_mode(n, other) for other in meant)]


def _is_mode(note: _Note, other: _Note) -> bool:
    """Whether `note` is a short-lived mode of the bar, bell or membrane that sounds as `other`."""
    return (
        len(note.pitch.orders) == 1
        and abs(note.onset - other.onset) < 0.05
        and note.pitch.hertz > 2.2 * other.pitch.hertz
        and note.offset - note.onset < 0.25 * (other.offset - other.onset)
    )


def _growing(heard: Array, time: float, before: float, after: float) -> tuple[Peaks, list[Pitch]]:
    """All peaks after `time`, and the pitches that are louder than they were before."""
    span = min(max(after - time, _SHORTEST_S), _LONGEST_S)
    segment = _stretch(heard, time, time + span)
    peaks = spectral_peaks(segment, RATE)
    past = spectral_peaks(
        _stretch(heard, time - min(max(time - before, _SHORTEST_S), _LONGEST_S), time), RATE
    )
    was = np.zeros(len(peaks.hertz))
    for i, hertz in enumerate(peaks.hertz):
        near = np.abs(past.hertz - hertz) < max(0.02 * hertz, 0.25 * past.resolution_hz)
        was[i] = past.amplitude[near].max(initial=0.0)
    was = np.minimum(was, _just_before(heard, time, peaks.hertz))
    keep = peaks.amplitude > _GROWTH * was
    if not keep.any():
        return peaks, []
    longest = min(len(segment) // 2, int(RATE / LOWEST_HZ))
    hertz, aperiodicity = yin(segment[None], RATE, longest)
    hints = (float(hertz[0]),) if aperiodicity[0] < 0.2 else ()
    if aperiodicity[0] > _PERIODIC or hertz[0] > _RESOLVED * peaks.resolution_hz:
        keep &= peaks.prominence > _PROMINENT
    return peaks, find_pitches(peaks.only(keep), hints)


def _just_before(heard: Array, time: float, hertz: Array) -> Array:
    """Amplitude at each frequency in the last 45 ms before `time`, for notes that were damped."""
    past = _stretch(heard, time - 0.05, time - 0.005)
    size = 8192
    return np.asarray(magnitudes(past, size)[np.round(hertz * size / RATE).astype(int)])


def _stretch(heard: Array, start: float, end: float) -> Array:
    """Samples from `start` to `end` (s), with silence where there are none."""
    first, last = round(start * RATE), round(end * RATE)
    inside = heard[max(first, 0) : max(last, 0)]
    return np.pad(inside, (max(-first, 0), max(last - first - max(-first, 0) - len(inside), 0)))
