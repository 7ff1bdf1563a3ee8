"""Real recordings of environmental sounds, placed where a prompt asks for them.

Every sound of a prompt must have been recorded; what moves or stands in a stated room was not. A
recording is chosen by its label and by where its sounds lie (`probe.models.segments`): what goes on
needs an even stretch, anything else one sound that is whole and no longer than its class lasts. Of
those that fit, the first by SHA-256 is played, an order that nobody chose; further samples take the
next ones.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.models.segments import Span, segments_of
from probe.records import Prompt
from probe.records.references import Recording, References
from probe.records.truths import SoundsTruth
from probe.records.truths.sound_classes import class_named, sound_class

Array = NDArray[np.float64]

JOIN_S = 0.2
"""Length of the cross-fade with which a recording of something that goes on is repeated."""
FADE_S = 0.02
"""Length of other fades, long enough not to click."""
LEAD_S = 0.01
"""What is kept before a sound begins."""
BETWEEN_S = 0.3
"""Silence between sounds that follow one another."""
PEAK = 0.8
"""Peak of each sound; a background under others has a third of it."""
SHORTEST = 0.2
"""A sound that lasts a smaller share of what its class does is a click beside it."""


def covers(references: References, truth: SoundsTruth) -> bool:
    """Whether all sounds of a truth were recorded as it wants them."""
    if truth.passing is not None or truth.decays:
        return False
    return all(_fitting(references, label) for label in truth.labels)


def audio(references: References, prompt: Prompt, sample: int, sample_rate: int) -> Array:
    """Put a prompt's sounds together from recordings.

    Parameters
    ----------
    references : References
        The recordings.
    prompt : Prompt
        One whose truth is covered.
    sample : int
        Another sample, another choice of recordings.
    sample_rate : int
        In Hz.

    Returns
    -------
    NDArray of float64, shape (n,)
        Within [-1, 1].
    """
    truth = prompt.truth
    assert isinstance(truth, SoundsTruth)
    clip = np.zeros(round(prompt.duration_s * sample_rate))
    sounds = {label: _take(references, label, sample, sample_rate) for label in truth.labels}
    if truth.timed:
        _place_timed(clip, truth, sounds, sample_rate)
    elif truth.counted:
        step = prompt.duration_s / truth.number
        for i, event in enumerate(truth.events, start=1):
            _mix(clip, sounds[event.label].once(), round((i - 0.5) * step * sample_rate))
    elif truth.ordered:
        _place_in_order(clip, truth, sounds, sample_rate)
    else:
        for sound in sounds.values():
            _mix(clip, sound.lasting(len(clip)), 0)
    return np.asarray(clip / max(1.0, np.abs(clip).max()))


def _fitting(references: References, label: str) -> list[Recording]:
    """Recordings of a class that can stand for it, in the order in which they are taken."""
    named = (clip for clip in references.clips if class_named(clip.label) == label)
    return sorted((clip for clip in named if _usable(clip, label)), key=lambda clip: clip.sha256)


def _usable(recording: Recording, label: str) -> list[Span]:
    """The parts of a recording that sound as its class does: steady, or whole and alone."""
    found, known = segments_of(recording), sound_class(label)
    if known.kind == "texture":
        even = found.steady
        return [even] if even and even[1] - even[0] >= known.lasts_s else []
    return [
        (start, end)
        for start, end in found.sounds
        if SHORTEST * known.lasts_s <= end - start <= known.lasts_s
    ]


@dataclass(frozen=True)
class _Take:
    """The recording that stands for a class."""

    samples: Array
    rate: int
    goes_on: bool
    usable: list[Span]

    def once(self) -> Array:
        """The loudest sound alone, faded at both ends, from `LEAD_S` before it; peak `PEAK`."""
        every = (self._cut(start - LEAD_S, end) for start, end in self.usable)
        return _levelled(_faded(max(every, key=_peak), self.rate))

    def lasting(self, length: int) -> Array:
        """A number of samples: what goes on repeated, any other recording as it is, or cut."""
        if self.goes_on:
            sound = _repeated(self._cut(*self.usable[0]), length, self.rate)
        else:
            late = max(0, round(self.usable[0][1] * self.rate) - length)
            sound = self.samples[late : late + length]
        return _levelled(_faded(sound, self.rate))

    def _cut(self, start_s: float, end_s: float) -> Array:
        return self.samples[max(0, round(start_s * self.rate)) : round(end_s * self.rate)]


def _take(references: References, label: str, sample: int, rate: int) -> _Take:
    fitting = _fitting(references, label)
    chosen = fitting[sample % len(fitting)]
    return _Take(
        samples=read_recording(chosen.path, rate),
        rate=rate,
        goes_on=sound_class(label).kind == "texture",
        usable=_usable(chosen, label),
    )


def _place_timed(clip: Array, truth: SoundsTruth, sounds: dict[str, _Take], rate: int) -> None:
    for span in truth.spans:
        start, end = span.onset_s or 0.0, span.offset_s or 0.0
        sound = sounds[span.label].lasting(round((end - start) * rate))
        gain = 1 / 3 if truth.marks or len(truth.spans) > 1 else 1
        _mix(clip, gain * sound, round(start * rate))
    for mark in truth.marks:
        _mix(clip, sounds[mark.label].once(), round(((mark.onset_s or 0.0) - LEAD_S) * rate))


def _place_in_order(clip: Array, truth: SoundsTruth, sounds: dict[str, _Take], rate: int) -> None:
    """What goes on shares the time that single sounds leave."""
    singles = {label: take.once() for label, take in sounds.items() if not take.goes_on}
    runs = truth.runs
    taken = sum(len(singles[label]) for label in runs if label in singles)
    left = len(clip) - taken - round(BETWEEN_S * rate) * (len(runs) + 1)
    share = max(left // max(1, sum(label not in singles for label in runs)), rate // 2)
    at = round(BETWEEN_S * rate)
    for label in runs:
        sound = singles.get(label)
        if sound is None:
            sound = sounds[label].lasting(share)
        _mix(clip, sound, at)
        at += len(sound) + round(BETWEEN_S * rate)


def _repeated(sound: Array, length: int, rate: int) -> Array:
    """What goes on, cut or repeated with a cross-fade to a length."""
    join = round(JOIN_S * rate)
    ramp = np.sin(np.linspace(0, np.pi / 2, join))
    out = sound
    while len(out) < length:
        seam = out[-join:] * ramp[::-1] + sound[:join] * ramp
        out = np.concatenate([out[:-join], seam, sound[join:]])
    return out[:length]


def _faded(sound: Array, rate: int) -> Array:
    sound = sound.copy()
    fade = min(round(FADE_S * rate), len(sound) // 2)
    short = min(fade, round(LEAD_S * rate / 2))
    sound[:short] *= np.linspace(0.0, 1.0, short)
    sound[len(sound) - fade :] *= np.linspace(1.0, 0.0, fade)
    return sound


def _levelled(sound: Array) -> Array:
    peak = _peak(sound)
    return sound * (PEAK / peak) if peak > 0 else sound


def _peak(sound: Array) -> float:
    return float(np.abs(sound).max(initial=0.0))


def _mix(clip: Array, sound: Array, at: int) -> None:
    """Add a sound to the clip from a sample on; what reaches beyond its ends is cut off."""
    sound, at = sound[max(0, -at) :], max(0, at)
    sound = sound[: max(0, len(clip) - at)]
    clip[at : at + len(sound)] += sound
