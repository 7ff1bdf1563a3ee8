"""A string machine: two pulse-width-modulated waves from sawtooth pairs, brighter as it grows."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 4.0
NOTES = (62, 64, 65, 67, 69, 70, 73, 74, 73, 70, 69, 67, 65, 64, 62)
FIRST, SHORTER = 0.4, 0.02


def string_machine(midi, seconds, brightness):
    """Return one note; a pulse of moving width is a sawtooth minus its delayed copy."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    width = 0.35 + 0.05 * np.sin(2 * np.pi * 3.1 * t)
    wave = np.zeros_like(t)
    for n in range(1, int(14000 / frequency)):
        level = 1 / n / (1 + (n * frequency / brightness) ** 2)
        angle = 2 * np.pi * n * frequency * t
        wave += level * (np.sin(angle) - 0.6 * np.sin(angle - 2 * np.pi * n * width))
    gate = np.clip(t / 0.01, 0, 1) * np.clip((seconds - t) / 0.01, 0, 1)
    return wave * gate


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for index, midi in enumerate(NOTES):
    seconds = FIRST - SHORTER * index
    progress = index / (len(NOTES) - 1)
    note = string_machine(midi, seconds, brightness=1200 + 2000 * progress)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += (0.35 + 0.65 * progress) * note / np.max(np.abs(note))
    time += seconds
sf.write("/out/output.wav", 0.8 * audio, RATE, subtype="PCM_16")
