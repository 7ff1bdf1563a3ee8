"""Breath through the tract instead of glottal pulses: a whisper."""

import numpy as np
from scipy.io import wavfile
from scipy.signal import lfilter, resample_poly

RATE, HOP = 16000, 80  # the parameters of the voice change every 5 ms


def smooth(x, ms):
    n = round(ms / 5) | 1
    w = np.hanning(n + 2)[1:-1]
    return np.convolve(np.pad(x, n // 2, mode="edge"), w / w.sum(), "valid")


def glottis(f0, rng, open_share=0.6, tilt=3000):
    """Flow derivative of a train of pulses, made at four times the rate so that it does not alias."""
    phase = np.cumsum(np.repeat(f0, 4)) / (4 * RATE)
    x = (phase % 1) / open_share
    pulse = np.where(x < 1, 2 * x - 3 * x**2, 0.0)
    pulse *= (1 + 0.02 * rng.standard_normal(int(phase[-1]) + 2))[phase.astype(int)]
    a = np.exp(-2 * np.pi * tilt / RATE)
    return lfilter([1 - a], [1, -a], resample_poly(pulse, 1, 4)[: len(f0)])


def resonator(x, hertz, width):
    """Klatt's two-pole resonator, gain 1 at 0 Hz; frequency and bandwidth in Hz, one per hop."""
    y, state = np.empty_like(x), np.zeros(2)
    c = -np.exp(-2 * np.pi * width / RATE)
    b = 2 * np.exp(-np.pi * width / RATE) * np.cos(2 * np.pi * hertz / RATE)
    for i, (bi, ci) in enumerate(zip(b, c)):
        part = slice(i * HOP, (i + 1) * HOP)
        # the state is of the direct form, transposed: rescale it when the coefficients change
        y[part], _ = lfilter([1 - bi - ci], [1, -bi, -ci], x[part], zi=[bi * state[0] + ci * state[1], ci * state[0]])
        state = y[part][-1], y[part][-2]
    return y


def tract(voice, breath, formants, widths, f0, rng, scale=1.0):
    """A cascade of five formants over glottal pulses and breath; all arguments one per hop."""
    up = lambda v: np.interp(np.arange(len(f0) * HOP) / HOP, np.arange(len(f0)) + 0.5, v)
    pulses = glottis(up(f0), rng) * up(voice)
    noise = 0.12 * rng.standard_normal(len(pulses)) * up(breath)
    y = pulses + noise
    fixed = [(3500 * scale, 200.0), (4500 * scale, 250.0)]
    for k in range(3):
        y = resonator(y, formants[:, k], widths[:, k])
    for hertz, width in fixed:
        if hertz < 7500:
            y = resonator(y, np.full(len(f0), hertz), np.full(len(f0), width))
    return y


def save(clip, seconds):
    clip = np.pad(clip, (0, round(seconds * RATE)))[: round(seconds * RATE)]
    clip = clip + 1e-4 * np.random.default_rng(9).standard_normal(len(clip))  # a quiet room
    wavfile.write("/out/output.wav", RATE, np.round(clip / np.abs(clip).max() * 0.8 * 32767).astype("<i2"))


# F1 F2 F3 of a man, and ms of one stressed in a sentence
VOWELS = {
    "IY": (310, 2250, 2950, 130), "IH": (420, 1980, 2600, 95), "EH": (560, 1800, 2550, 115),
    "AE": (640, 1780, 2480, 150), "AA": (740, 1180, 2500, 150), "AO": (620, 930, 2500, 150),
    "UH": (450, 1100, 2350, 95), "UW": (330, 1000, 2300, 130), "AH": (620, 1220, 2500, 100),
    "ER": (470, 1320, 1680, 140), "AX": (500, 1450, 2500, 60),
}
GLIDES = {"EY": "EH IY", "AY": "AA IY", "OY": "AO IY", "AW": "AA UW", "OW": "AO UW"}
# kind, F1 F2 F3, ms, then level of friction and its bands as (Hz, bandwidth, gain)
CONSONANTS = {
    "W": ("approximant", 320, 700, 2200, 75), "Y": ("approximant", 290, 2250, 3000, 70),
    "R": ("approximant", 340, 1150, 1600, 75), "L": ("approximant", 370, 1050, 2700, 75),
    "M": ("nasal", 260, 1000, 2200, 75), "N": ("nasal", 260, 1550, 2500, 70),
    "NG": ("nasal", 260, 2050, 2500, 85), "HH": ("breath", 0, 0, 0, 70),
    "S": ("hiss", 330, 1550, 2600, 115, 0.30, [(5200, 900, 1), (7000, 1200, 1)]),
    "Z": ("buzz", 280, 1550, 2600, 80, 0.16, [(5200, 900, 1), (7000, 1200, 1)]),
    "SH": ("hiss", 330, 1750, 2500, 115, 0.30, [(2600, 500, 1), (3700, 800, 0.8), (5200, 1500, 0.4)]),
    "ZH": ("buzz", 280, 1750, 2500, 75, 0.15, [(2600, 500, 1), (3700, 800, 0.8)]),
    "F": ("hiss", 340, 1000, 2200, 100, 0.05, [(1500, 2000, 0.6), (6500, 3500, 1)]),
    "V": ("buzz", 280, 1000, 2200, 65, 0.025, [(1500, 2000, 0.6), (6500, 3500, 1)]),
    "TH": ("hiss", 340, 1350, 2550, 95, 0.04, [(1600, 2500, 0.3), (7200, 2500, 1)]),
    "DH": ("buzz", 280, 1350, 2550, 50, 0.015, [(1600, 2500, 0.3), (7200, 2500, 1)]),
    "P": ("stop", 320, 850, 2200, 80, 0.10, [(900, 1200, 1)]),
    "B": ("voiced stop", 250, 850, 2200, 70, 0.08, [(900, 1200, 1)]),
    "T": ("stop", 330, 1700, 2650, 80, 0.25, [(3900, 1500, 1), (6000, 2500, 0.6)]),
    "D": ("voiced stop", 250, 1700, 2650, 65, 0.16, [(3900, 1500, 1), (6000, 2500, 0.6)]),
    "K": ("stop", 320, 1900, 2350, 80, 0.22, [(1900, 500, 1), (4500, 2500, 0.3)]),
    "G": ("voiced stop", 250, 1900, 2350, 65, 0.15, [(1900, 500, 1), (4500, 2500, 0.3)]),
    "CH": ("stop", 330, 1750, 2500, 70, 0.30, [(2600, 500, 1), (3700, 800, 0.8)]),
    "JH": ("voiced stop", 260, 1750, 2500, 60, 0.18, [(2600, 500, 1), (3700, 800, 0.8)]),
}


def pieces(phones):
    """Cut phones into (name, formants, ms, voice, breath, friction, bands); a digit is the stress."""
    names = [p for phone in phones.split() for p in split(phone)]
    nexts = [next((VOWELS[n[:2]] for n, _ in names[i:] if n[:2] in VOWELS), VOWELS["AX"]) for i in range(len(names))]
    for i, (name, share) in enumerate(names):
        if name == "_":
            yield name, None, 120, 0, 0, 0, ()
        elif name in VOWELS:
            *f, ms = VOWELS[name]
            yield name, f, ms * share, 1, 0.1, 0, ()
        else:
            kind, *f, ms = CONSONANTS[name][:5]
            level, bands = CONSONANTS[name][5:] or (0, ())
            vowel = nexts[i][:3]
            if name in "KG":  # the tongue meets the palate where the vowel is
                f = [f[0], 0.5 * (vowel[1] + 1750) + 150, f[2]]
                bands = [(f[1], 400, 1), *bands[1:]]
            before_s = i and names[i - 1][0] == "S"
            if kind == "approximant":
                yield name, f, ms, 0.7, 0.05, 0, ()
            elif kind == "nasal":
                yield name, f, ms, 0.45, 0, 0, ()
            elif kind == "breath":
                yield name, list(vowel), ms, 0, 0.9, 0, ()
            elif kind == "hiss":
                yield name, f, ms, 0, 0, level, bands
            elif kind == "buzz":
                yield name, f, ms, 0.35, 0, level, bands
            else:
                voiced = kind == "voiced stop"
                yield name + "-", f, ms * 0.8, 0.12 * voiced, 0, 0, ()  # closure
                if name in ("CH", "JH"):
                    yield name, f, 75 if name == "CH" else 45, 0.2 * voiced, 0, level, bands
                else:
                    yield name, f, 14, 0.2 * voiced, 0.1, 2 * level, bands  # burst
                    last = i + 1 == len(names) or names[i + 1][0] == "_"
                    if not voiced and not before_s:
                        half = [0.5 * (a + b) for a, b in zip(f, vowel)]
                        yield name + "h", half, 25 if last else 45, 0, 0.25 if last else 0.7, 0.3 * level, bands


def split(phone):
    """A phone as [(name, share of its length)]: two vowels for a diphthong; 0 is unstressed."""
    name, stress = phone.rstrip("012"), phone[-1]
    longer = {"0": 0.65, "2": 0.9}.get(stress, 1.25 if stress == "1" else 1.0)
    if name in GLIDES:
        a, b = GLIDES[name].split()
        return [(a, 0.75 * longer), (b, 0.55 * longer)]
    return [("AX" if name == "AH" and stress == "0" else name, longer)]


def speak(phones, start, seconds, pitch, length=None, scale=1.0, whisper=False, breath=1.0, slow=1.0):
    """Say phones from `start`, in `length` s; pitch is (share of the length, Hz)."""
    rng = np.random.default_rng(len(phones))
    parts = list(pieces(phones))
    ms = np.array([p[2] for p in parts]) * slow
    ms[-1] *= 1.4  # the last sound of a phrase is drawn out
    if length:
        free = np.array([p[0] in VOWELS or p[0] in ("_", "M", "N", "L", "S", "SH") for p in parts])
        rest = max(0.35 * ms[free].sum(), 1000 * length - ms[~free].sum())
        ms[free] *= rest / ms[free].sum()
    ends = start + np.cumsum(ms) / 1000
    total = round(seconds * RATE / HOP)
    t = (np.arange(total) + 0.5) * HOP / RATE
    which = np.minimum(np.searchsorted(ends, t), len(parts) - 1)
    inside = (t >= start) & (t < ends[-1])
    spoken = [p[1] for p in parts]
    for i, f in enumerate(spoken):
        spoken[i] = f or spoken[max(0, i - 1)] or VOWELS["AX"][:3]
    f = np.array(spoken, float)[which] * scale
    f = np.column_stack([smooth(f[:, k], 95) for k in range(3)])
    nasal = smooth(np.array([p[0] in ("M", "N", "NG") for p in parts], float)[which] * inside, 20)
    widths = np.column_stack([70 + 60 * nasal, 100 + 150 * nasal, 140 + 150 * nasal])
    track = lambda k, ms: smooth(np.array([p[k] for p in parts], float)[which] * inside, ms)
    voice, air = track(3, 30), track(4, 25) * breath
    share = (t - start) / (ends[-1] - start)
    f0 = np.interp(share, *np.array(pitch, float).T)
    f0 *= 1 + 0.006 * smooth(rng.standard_normal(total), 120)
    if whisper:
        voice, air = 0 * voice, air + 0.9 * voice
        widths = widths * 1.6
    y = tract(voice, air, f, widths, f0, rng, scale)
    for bands in {id(p[6]): p[6] for p in parts if p[5]}.values():
        level = np.array([p[5] * (p[6] is bands) for p in parts], float)[which] * inside
        level = np.repeat(smooth(level, 15), HOP)
        hiss = rng.standard_normal(len(y))
        for hertz, width, gain in bands:
            r = np.exp(-np.pi * width / RATE)
            w = 2 * np.pi * min(hertz * scale**0.5, 7500) / RATE
            band = lfilter([1, 0, -1], [1, -2 * r * np.cos(w), r * r], hiss)
            y = y + 3.0 * gain * level * band * (0.25 / np.std(band))
    return y


clip = speak("S EH1 V AH0 N", 0.2, 1.4, [(0, 125), (0.3, 130), (1, 90)], whisper=True)
save(clip, 1.4)
