"""A whistle chord played at the times it was emitted."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(432)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def passing(speed, distance, closest, seconds):
    """Time of emission and distance of what is heard at each moment; sound travels at 343 m/s."""
    s = np.arange(round(seconds * SR)) / SR - closest + distance / 343
    a = 1 - (speed / 343) ** 2
    emitted = (s - np.sqrt(s**2 - a * (s**2 - (distance / 343) ** 2))) / a
    return emitted, np.hypot(distance, speed * emitted)


emitted, far = passing(30, 15, 4, SECONDS)
t = times(4 * SECONDS)
sound = sum(g * np.sin(2 * np.pi * f * t) for f, g in ((500, 1.0), (1000, 0.25), (1500, 0.1)))
clip = np.interp(emitted, np.arange(len(sound)) / SR - 2 * SECONDS, sound) * 15 / far
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
