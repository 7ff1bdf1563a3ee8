"""Nylon guitar: a softly excited Karplus-Strong string heard through the resonances of the box."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, iirpeak, lfilter, sosfilt

RATE = 44100
TOTAL = 7.5
EIGHTH = 0.3
TUNE = (
    ((69, 1),)
    + ((72, 2), (74, 1), (76, 1.5), (77, 0.5), (76, 1))
    + ((74, 2), (71, 1), (67, 1.5), (69, 0.5), (71, 1))
    + ((72, 2), (69, 1), (69, 1.5), (68, 0.5), (69, 1))
    + ((71, 2), (68, 1), (64, 2))
)

rng = np.random.default_rng(508)


def nylon_string(midi, seconds):
    """Return one pluck; the loss filter is symmetric, so it delays by exactly one sample."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    omega = 2 * np.pi * frequency / RATE
    loss = 0.9982 * np.array([0.06, 0.88, 0.06])
    remaining = RATE / frequency - 1
    whole = int(remaining - 0.5)
    rest = remaining - whole
    # First-order all-pass with exactly `rest` samples of phase delay at the fundamental.
    a = np.sin((1 - rest) * omega / 2) / np.sin((1 + rest) * omega / 2)
    denominator = np.zeros(whole + 4)
    denominator[:2] = 1, a
    denominator[whole : whole + 4] -= np.convolve(loss, [a, 1])

    samples = round(seconds * RATE)
    period = int(RATE / frequency)
    finger = np.zeros(samples)
    noise = rng.uniform(-1, 1, period)
    finger[:period] = np.linspace(1, -1, period) + 0.4 * (noise - noise.mean())
    finger = sosfilt(butter(1, 2600, fs=RATE, output="sos"), finger)
    string = lfilter([1, a], denominator, finger)
    t = np.arange(samples) / RATE
    return string / np.max(np.abs(string)) * np.clip((seconds - t) / 0.015, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, eighths in TUNE:
    note = nylon_string(midi, 0.9 * eighths * EIGHTH)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += eighths * EIGHTH

dry = audio
for centre, q, gain in ((105, 8, 0.4), (205, 8, 0.5), (410, 6, 0.3)):
    b, a = iirpeak(centre, q, fs=RATE)
    audio = audio + gain * lfilter(b, a, dry)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
