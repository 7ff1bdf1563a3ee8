"""A second family of timbres, unlike `tests.fakes.sounds` and never tuned on.

They check by material held out what the first family was used to develop: noisy, modulated,
filtered and physically modelled tones, each with parameters drawn anew for every note from a seed.
"""

from __future__ import annotations

import numpy as np
from scipy import signal

from tests.fakes.sounds import Samples, Timbre


def _draw(frequency: float, seconds: float) -> np.random.Generator:
    """Random numbers that depend on the note alone."""
    return np.random.default_rng([7919, round(1000 * frequency), round(1e6 * seconds)])


def _lowpass(samples: Samples, cutoff: float, rate: int, order: int = 2) -> Samples:
    sections = signal.butter(order, min(cutoff, 0.45 * rate), fs=rate, output="sos")
    return np.asarray(signal.sosfilt(sections, samples))


def _phase(frequency: float, seconds: float, rate: int) -> Samples:
    return 2 * np.pi * frequency * np.arange(round(seconds * rate)) / rate


def breathy_flute(frequency: float, seconds: float, rate: int) -> Samples:
    """Three harmonics in band-passed breath noise 20 dB below them."""
    draw, phase = _draw(frequency, seconds), _phase(frequency, seconds, rate)
    tone = np.sin(phase) + draw.uniform(0.2, 0.4) * np.sin(2 * phase) + 0.08 * np.sin(3 * phase)
    breath = _lowpass(draw.standard_normal(len(phase)), 6 * frequency, rate)
    return tone + breath * (0.1 * tone.std() / max(float(breath.std()), 1e-9))


def bowed(frequency: float, seconds: float, rate: int) -> Samples:
    """A filtered saw with delayed vibrato and broadband noise at 20 dB SNR."""
    draw, t = _draw(frequency, seconds), np.arange(round(seconds * rate)) / rate
    swing, speed = draw.uniform(0.003, 0.008), draw.uniform(4.5, 6.5)
    depth = swing * np.clip((t - 0.15) / 0.3, 0, 1)
    turn = np.cumsum(frequency * (1 + depth * np.sin(2 * np.pi * speed * t))) / rate
    most = max(1, int(0.45 * rate / frequency))
    tone = sum((np.sin(2 * np.pi * k * turn) / k for k in range(1, min(most, 40) + 1)), 0 * t)
    tone = _lowpass(np.asarray(tone), draw.uniform(4, 8) * frequency, rate, order=1)
    return tone + 0.1 * tone.std() * draw.standard_normal(len(t))


def karplus_strong(frequency: float, seconds: float, rate: int) -> Samples:
    """A noise burst in a delay line with a two-point mean, tuned by linear interpolation."""
    draw, size = _draw(frequency, seconds), round(seconds * rate)
    length = rate / frequency - 0.5
    whole, part = int(length), length % 1
    excitation = np.zeros(size)
    excitation[: whole + 1] = draw.uniform(-1, 1, size)[: whole + 1]
    loop = np.zeros(whole + 3)
    loop[0] = 1
    gain = 0.996 ** (220 / frequency)
    loop[whole : whole + 3] = -gain * np.convolve([0.5, 0.5], [1 - part, part])
    return np.asarray(signal.lfilter([1.0], loop, excitation))


def pulse(frequency: float, seconds: float, rate: int) -> Samples:
    """A pulse wave whose width drifts, as analogue synthesizers sweep it."""
    draw, phase = _draw(frequency, seconds), _phase(frequency, seconds, rate)
    start, end = draw.uniform(0.15, 0.45, 2)
    width = np.linspace(start, end, len(phase))
    most = min(40, int(0.45 * rate / frequency))
    return np.asarray(
        sum((np.sin(np.pi * k * width) / k * np.cos(k * phase) for k in range(1, most + 1)), 0.0)
    )


def brass(frequency: float, seconds: float, rate: int) -> Samples:
    """Harmonics that enter later the higher they are."""
    draw, t = _draw(frequency, seconds), np.arange(round(seconds * rate)) / rate
    out, slope = np.zeros_like(t), draw.uniform(0.8, 1.2)
    for k in range(1, min(15, int(0.45 * rate / frequency)) + 1):
        swell = 1 - np.exp(-t / (0.008 * k))
        out += k**-slope * swell * np.sin(2 * np.pi * k * frequency * t + draw.uniform(0, 6))
    return out


def wah(frequency: float, seconds: float, rate: int) -> Samples:
    """A saw through a resonance that closes during the note."""
    draw, phase = _draw(frequency, seconds), _phase(frequency, seconds, rate)
    t, centre = np.arange(len(phase)) / rate, draw.uniform(5, 9)
    peak = 1 + centre * np.exp(-t * draw.uniform(2, 5))
    most = min(40, int(0.45 * rate / frequency))
    return np.asarray(
        sum(
            (np.sin(k * phase) / k * (1 + 3 / (1 + (k - peak) ** 2)) for k in range(1, most + 1)),
            0.0,
        )
    )


def tremulant(frequency: float, seconds: float, rate: int) -> Samples:
    """An organ pipe with two strong harmonics, a third of its level swinging 6 times a second."""
    phase = _phase(frequency, seconds, rate)
    swing = 1 + 0.33 * np.sin(_phase(6.0, seconds, rate))
    return swing * (np.sin(phase) + 0.6 * np.sin(2 * phase + 1) + 0.15 * np.sin(4 * phase + 2))


def kalimba(frequency: float, seconds: float, rate: int) -> Samples:
    """A tine: its fundamental and two inharmonic modes that die early."""
    draw, t = _draw(frequency, seconds), np.arange(round(seconds * rate)) / rate
    out = np.exp(-draw.uniform(2, 4) * t) * np.sin(2 * np.pi * frequency * t)
    for ratio, level, decay in ((5.42, 0.2, 22.0), (14.9, 0.06, 50.0)):
        if ratio * frequency < 0.45 * rate:
            out += level * np.exp(-decay * t) * np.sin(2 * np.pi * ratio * frequency * t)
    return out


HELD_OUT: dict[str, Timbre] = {
    make.__name__: make
    for make in (*(breathy_flute, bowed, karplus_strong, pulse, brass, wah, tremulant, kalimba),)
}
