"""Small synthesizers with known truth: lists of notes in, samples out.

Every timbre is band-limited and deterministic. A note begins exactly at its onset; it is damped
from its offset on, with a release of `RELEASE_S`, unless the timbre is asked to ring.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from probe.records import NoteEvent

Samples = NDArray[np.float64]
Timbre = Callable[[float, float, int], Samples]
"""Frequency in Hz, seconds, sample rate in Hz → samples before attack and release, peak about 1."""

RELEASE_S = 0.04


def hertz(midi: float) -> float:
    """Frequency of a MIDI pitch, A4 (69) at 440 Hz."""
    return 440.0 * 2 ** ((midi - 69) / 12)


def _times(seconds: float, rate: int) -> Samples:
    return np.arange(round(seconds * rate)) / rate


def _harmonics(
    frequency: float,
    seconds: float,
    rate: int,
    amplitude: Callable[[int], float],
    *,
    decay: Callable[[int], float] = lambda _k: 0.0,
    inharmonicity: float = 0.0,
    most: int = 60,
) -> Samples:
    t = _times(seconds, rate)
    out = np.zeros_like(t)
    for k in range(1, most + 1):
        partial = k * frequency * np.sqrt(1 + inharmonicity * k * k)
        if partial > 0.45 * rate:
            break
        if amplitude(k):
            phase = 2 * np.pi * partial * t + 0.7 * k * k
            out += amplitude(k) * np.exp(-decay(k) * t) * np.sin(phase)
    return out


def sine(frequency: float, seconds: float, rate: int) -> Samples:
    return _harmonics(frequency, seconds, rate, lambda k: float(k == 1))


def saw(frequency: float, seconds: float, rate: int) -> Samples:
    return _harmonics(frequency, seconds, rate, lambda k: 0.6 / k)


def square(frequency: float, seconds: float, rate: int) -> Samples:
    return _harmonics(frequency, seconds, rate, lambda k: 0.9 / k * (k % 2))


def triangle(frequency: float, seconds: float, rate: int) -> Samples:
    return _harmonics(frequency, seconds, rate, lambda k: 0.9 / k**2 * (k % 2))


def organ(frequency: float, seconds: float, rate: int) -> Samples:
    stops = {1: 0.5, 2: 0.35, 3: 0.25, 4: 0.2, 6: 0.12, 8: 0.1}
    return _harmonics(frequency, seconds, rate, lambda k: stops.get(k, 0.0))


def piano(frequency: float, seconds: float, rate: int) -> Samples:
    strength = 1.0 + 4.0 * (frequency / 2000) ** 0.5
    return _harmonics(
        *(frequency, seconds, rate),
        lambda k: 0.7 * np.exp(-0.12 * strength * (k - 1)) * (0.4 if k % 8 == 0 else 1),
        decay=lambda k: (0.5 + 0.35 * k) * strength,
        inharmonicity=3e-4 * (frequency / 260) ** 0.8,
        most=30,
    )


def marimba(frequency: float, seconds: float, rate: int) -> Samples:
    t = _times(seconds, rate)
    out = np.exp(-4 * t) * np.sin(2 * np.pi * frequency * t)
    for ratio, level, decay in ((3.98, 0.25, 14.0), (9.6, 0.08, 40.0)):
        if ratio * frequency < 0.45 * rate:
            out += level * np.exp(-decay * t) * np.sin(2 * np.pi * ratio * frequency * t)
    return out


def fm(frequency: float, seconds: float, rate: int) -> Samples:
    t = _times(seconds, rate)
    index = 0.4 + min(2.5, 900 / frequency) * np.exp(-3 * t)
    modulator = np.sin(2 * np.pi * frequency * t)
    return 0.8 * np.sin(2 * np.pi * frequency * t + index * modulator)


def epiano(frequency: float, seconds: float, rate: int) -> Samples:
    t = _times(seconds, rate)
    bell = 0.5 * np.exp(-9 * t) if 15 * frequency < 0.45 * rate else 0.0
    tine = bell * np.sin(2 * np.pi * 14 * frequency * t)
    body = np.sin(
        2 * np.pi * frequency * t + 0.8 * np.exp(-2 * t) * np.sin(2 * np.pi * frequency * t)
    )
    return 0.7 * np.exp(-1.5 * t) * (body + 0.3 * tine)


def pluck(frequency: float, seconds: float, rate: int) -> Samples:
    """A string plucked at a fifth of its length, losing its highs first."""
    return _harmonics(
        *(frequency, seconds, rate),
        lambda k: 1.1 * abs(np.sin(np.pi * k / 5)) / k,
        decay=lambda k: 1.0 + 0.2 * k + 2e-7 * (k * frequency) ** 2,
    )


def thin(frequency: float, seconds: float, rate: int) -> Samples:
    """A fundamental 20 dB under the harmonics that follow it, as of a small loudspeaker."""
    return _harmonics(frequency, seconds, rate, lambda k: 0.05 if k == 1 else 0.6 / k, most=12)


def vibrato(frequency: float, seconds: float, rate: int) -> Samples:
    """Twenty cents either way, 5.5 times a second, on five harmonics."""
    t = _times(seconds, rate)
    swing = frequency * (2 ** (20 / 1200) - 1) / (2 * np.pi * 5.5)
    phase = 2 * np.pi * (frequency * t + swing * (1 - np.cos(2 * np.pi * 5.5 * t)))
    levels = (0.6, 0.3, 0.2, 0.1, 0.05)
    return sum(
        (
            level * np.sin(k * phase)
            for k, level in enumerate(levels, 1)
            if k * frequency < 0.45 * rate
        ),
        np.zeros_like(t),
    )


TIMBRES: dict[str, Timbre] = {
    make.__name__: make
    for make in (
        *(sine, saw, square, triangle, organ, piano, marimba, fm, epiano, pluck, thin, vibrato),
    )
}


def render(
    notes: Iterable[NoteEvent],
    timbre: Timbre,
    *,
    duration_s: float,
    rate: int = 44100,
    attack_s: float = 0.005,
    release_s: float = RELEASE_S,
    ring: bool = False,
    peak: float = 0.8,
) -> Samples:
    """Mix `notes` and scale the whole to `peak`.

    Parameters
    ----------
    notes : iterable of NoteEvent
        What sounds; velocity scales amplitude linearly.
    timbre : callable
        One of `TIMBRES`.
    duration_s : float
        Length in s.
    rate : int
        In Hz.
    attack_s, release_s : float
        Length of the linear ramps after onset and after offset, in s.
    ring : bool
        Let notes sound to the end instead of damping them at their offsets.
    peak : float
        Largest magnitude of the mix.

    Returns
    -------
    ndarray of float64, shape (round(duration_s * rate),)
    """
    out = np.zeros(round(duration_s * rate))
    for note in notes:
        start = round(note.onset_s * rate)
        end = duration_s if ring else min(duration_s, note.offset_s + release_s)
        tone = timbre(hertz(note.midi), end - start / rate, rate)[: len(out) - start]
        tone *= note.velocity / 127
        rise = min(len(tone), round(attack_s * rate))
        tone[:rise] *= np.linspace(0, 1, rise, endpoint=False)
        if not ring:
            fall = round(release_s * rate)
            at = np.arange(len(tone)) - round((note.offset_s - note.onset_s) * rate)
            tone *= np.clip(1 - at / fall, 0, 1)
        out[start : start + len(tone)] += tone
    return out * (peak / np.abs(out).max())


def line(
    pitches: Sequence[float], *, start_s: float = 0.2, step_s: float = 0.3, sounding: float = 1.0
) -> list[NoteEvent]:
    """One pitch after another, each sounding for the share `sounding` of `step_s`."""
    return [
        NoteEvent(
            midi=pitch,
            onset_s=start_s + i * step_s,
            offset_s=start_s + (i + sounding) * step_s,
        )
        for i, pitch in enumerate(pitches)
    ]


def chord(pitches: Sequence[float], onset_s: float = 0.3, offset_s: float = 1.5) -> list[NoteEvent]:
    """All pitches at once."""
    return [NoteEvent(midi=pitch, onset_s=onset_s, offset_s=offset_s) for pitch in pitches]
