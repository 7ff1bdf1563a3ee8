"""A string section: six players, each a slightly detuned band-limited sawtooth with own vibrato."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
TOTAL = 3.0
BEAT = 60 / 100
NOTES = (59, 62, 65, 68, 71, 68, 65, 62, 59)
VALUES = [BEAT / 3] * 8 + [BEAT]
BOWED = 0.8
SPREAD_CENTS = (-2.0, -1.2, -0.4, 0.4, 1.2, 2.0)

rng = np.random.default_rng(407)


def player(midi, seconds, cents):
    t = np.arange(round(seconds * RATE)) / RATE
    wobble = 2 * np.sin(2 * np.pi * rng.uniform(4.8, 6.0) * t + rng.uniform(0, 2 * np.pi))
    frequency = 440.0 * 2 ** ((midi - 69) / 12 + (cents + wobble) / 1200)
    phase = 2 * np.pi * np.cumsum(frequency) / RATE + rng.uniform(0, 1.5)
    wave = np.zeros_like(t)
    for n in range(1, int(11000 / frequency.max())):
        wave += np.sin(n * phase) / n * np.exp(-n / 18)
    return wave


def section(midi, seconds):
    """Return one bow stroke of everybody."""
    tone = sum(player(midi, seconds, cents) for cents in SPREAD_CENTS)
    t = np.arange(tone.size) / RATE
    return tone * np.clip(t / 0.014, 0, 1) * np.clip((seconds - t) / 0.025, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = BEAT
for midi, value in zip(NOTES, VALUES):
    stroke = section(midi, BOWED * value)
    begin = round(time * RATE)
    audio[begin : begin + stroke.size] += stroke
    time += value

dry = audio
for centre, q, gain in ((290, 4, 0.5), (480, 5, 0.6), (2500, 2, 0.5)):
    b, a = iirpeak(centre, q, fs=RATE)
    audio = audio + gain * lfilter(b, a, dry)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
