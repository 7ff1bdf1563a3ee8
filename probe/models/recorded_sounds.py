"""Real recordings of environmental sounds, placed where a prompt asks for them.

Every sound of a prompt must have been recorded; what moves or stands in a stated room was not. The
most typical recording of a class is played: the one nearest to the mean of all of them in mel
statistics. Further samples take the next ones.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.records import Prompt
from probe.records.references import Recording, References
from probe.records.truths import SoundsTruth
from probe.records.truths.sound_classes import class_named, sound_class
from probe.score.metrics.sounds.attacks import attacks
from probe.score.metrics.sounds.descriptors import HOP_S, spectrogram
from probe.score.metrics.sounds.recognition import recordings, statistics

Array = NDArray[np.float64]

JOIN_S = 0.2
"""Length of the cross-fade with which a recording of something that goes on is repeated."""
FADE_S = 0.02
"""Length of other fades, long enough not to click."""
NEXT_S = 0.2
"""From here on another attack is another sound."""
LEAD_S = 0.01
"""What is kept before an attack."""
BETWEEN_S = 0.3
"""Silence between sounds that follow one another."""
PEAK = 0.8
"""Peak of each sound; a background under others has a third of it."""


def covers(references: References, truth: SoundsTruth) -> bool:
    """Whether all sounds of a truth were recorded as it wants them."""
    recorded = {class_named(clip.label) for clip in references.clips}
    return truth.passing is None and not truth.decays and recorded.issuperset(truth.labels)


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
    sounds = {
        label: read_recording(typical(references, label, sample).path, sample_rate)
        for label in truth.labels
    }
    if truth.timed:
        _place_timed(clip, truth, sounds, sample_rate)
    elif truth.counted:
        step = prompt.duration_s / truth.number
        for i, event in enumerate(truth.events, start=1):
            sound = one_event(sounds[event.label], event.label, sample_rate)
            _mix(clip, sound, round((i - 0.5) * step * sample_rate))
    elif truth.ordered:
        _place_in_order(clip, truth, sounds, sample_rate)
    else:
        for label in truth.labels:
            _mix(clip, _as_long(sounds[label], label, len(clip), sample_rate), 0)
    return np.asarray(clip / max(1.0, np.abs(clip).max()))


def typical(references: References, label: str, sample: int) -> Recording:
    """The recording of a class that is the `sample`-th nearest to the mean of all of them."""
    fitting = [row for row in recordings(references) if class_named(row[0].label) == label]
    traits = np.array([statistics(bands) for _, bands in fitting])
    spread = np.maximum(traits.std(axis=0), 1e-9)
    far = np.mean(((traits - traits.mean(axis=0)) / spread) ** 2, axis=1)
    nearest = np.argsort(far, kind="stable")
    chosen: Recording = fitting[nearest[sample % len(fitting)]][0]
    return chosen


def _place_timed(clip: Array, truth: SoundsTruth, sounds: dict[str, Array], rate: int) -> None:
    for span in truth.spans:
        start, end = span.onset_s or 0.0, span.offset_s or 0.0
        sound = _as_long(sounds[span.label], span.label, round((end - start) * rate), rate)
        gain = 1 / 3 if truth.marks or len(truth.spans) > 1 else 1
        _mix(clip, gain * sound, round(start * rate))
    for mark in truth.marks:
        sound = one_event(sounds[mark.label], mark.label, rate)
        _mix(clip, sound, round(((mark.onset_s or 0.0) - LEAD_S) * rate))


def _place_in_order(clip: Array, truth: SoundsTruth, sounds: dict[str, Array], rate: int) -> None:
    """What goes on shares the time that single sounds leave."""
    singles = {
        label: one_event(sounds[label], label, rate)
        for label in truth.labels
        if sound_class(label).kind != "texture"
    }
    runs = truth.runs
    taken = sum(len(singles[label]) for label in runs if label in singles)
    left = len(clip) - taken - round(BETWEEN_S * rate) * (len(runs) + 1)
    share = max(left // max(1, sum(label not in singles for label in runs)), rate // 2)
    at = round(BETWEEN_S * rate)
    for label in runs:
        sound = singles.get(label)
        if sound is None:
            sound = _as_long(sounds[label], label, share, rate)
        _mix(clip, sound, at)
        at += len(sound) + round(BETWEEN_S * rate)


def one_event(sound: Array, label: str, rate: int) -> Array:
    """Cut one sound out of a recording: from its loudest attack, as long as its class lasts.

    It ends before the next attack, unless that follows so soon that it is part of the sound.

    Parameters
    ----------
    sound : NDArray of float64, shape (n,)
        The recording.
    label : str
        Its class.
    rate : int
        In Hz.

    Returns
    -------
    NDArray of float64, shape (m,)
        Faded at both ends, with the attack `LEAD_S` after its start; peak `PEAK`.
    """
    level = np.asarray(spectrogram(sound, rate).power, np.float64).sum(axis=1)
    reach = round(0.15 / HOP_S)
    found = [
        (float(level[one.frame : one.frame + reach].max()), -one.frame) for one in attacks(level)
    ]
    frame = -max(found)[1] if found else 0
    later = [one.time_s for one in attacks(level) if one.time_s > frame * HOP_S + NEXT_S]
    start = max(0, round((frame * HOP_S - LEAD_S) * rate))
    end = start + round(sound_class(label).lasts_s * rate)
    if later:
        end = min(end, round((later[0] - 2 * LEAD_S) * rate))
    return _levelled(_faded(sound[start:end], rate))


def _as_long(sound: Array, label: str, length: int, rate: int) -> Array:
    """A recording at a length: cut, padded with silence, or repeated where it goes on."""
    if sound_class(label).kind != "texture" or len(sound) <= 2 * round(JOIN_S * rate):
        return _levelled(_faded(sound[:length], rate))
    join = round(JOIN_S * rate)
    ramp = np.sin(np.linspace(0, np.pi / 2, join))
    out = sound.copy()
    while len(out) < length:
        seam = out[-join:] * ramp[::-1] + sound[:join] * ramp
        out = np.concatenate([out[:-join], seam, sound[join:]])
    return _levelled(_faded(out[:length], rate))


def _faded(sound: Array, rate: int) -> Array:
    sound = sound.copy()
    fade = min(round(FADE_S * rate), len(sound) // 2)
    short = min(fade, round(LEAD_S * rate / 2))
    sound[:short] *= np.linspace(0.0, 1.0, short)
    sound[len(sound) - fade :] *= np.linspace(1.0, 0.0, fade)
    return sound


def _levelled(sound: Array) -> Array:
    peak = np.abs(sound).max(initial=0.0)
    return sound * (PEAK / peak) if peak > 0 else sound


def _mix(clip: Array, sound: Array, at: int) -> None:
    """Add a sound to the clip from a sample on; what reaches beyond its ends is cut off."""
    sound, at = sound[max(0, -at) :], max(0, at)
    sound = sound[: max(0, len(clip) - at)]
    clip[at : at + len(sound)] += sound
