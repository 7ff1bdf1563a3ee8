"""What a stretch of sound is like: seventeen numbers that a person could check on a spectrogram.

All are blind to level and taken from one power spectrogram, so that a part of a mixture, which is a
masked spectrogram, can be described like a whole clip. Frequencies below 80 Hz are attenuated as
the ear does; 32 ms Hann windows every 5 ms, at 32 kHz.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from probe.audio import resample
from probe.score.metrics.sounds.attacks import attacks, level_db

Array = NDArray[np.float64]
Power = NDArray[np.float32]

RATE = 32_000
"""Rate at which everything is listened to, in Hz."""
HOP_S = 0.005
"""Distance of frames, in s."""

_WINDOW = 1024
_HOP = round(HOP_S * RATE)
HERTZ: Array = np.asarray(np.fft.rfftfreq(_WINDOW, 1 / RATE), np.float64)
_EAR = ((HERTZ**2 / (HERTZ**2 + 80.0**2)) ** 2).astype(np.float32)
_OCTAVES = (125, 250, 500, 1000, 2000, 4000, 8000)
_ACTIVE_DB = 20.0
_LOWEST_PITCH, _HIGHEST_PITCH = 70.0, 4000.0
_VOICED = 0.6
_GAP_S = 0.1

NAMES = (
    *("low_hz", "median_hz", "high_hz", "slope_db", "peak_db", "tonality", "pitch_hz", "glide_st"),
    *("fill", "crest_db", "length_s", "decay_ms", "rate_hz", "pulse", "pulse_hz", "sway_db"),
    "grain_db",
)
"""Every descriptor, in the order of `describe`."""


@dataclass(frozen=True)
class Spectrogram:
    """Power over time and frequency."""

    power: Power
    """Shape (frames, 513), the ear's attenuation of low frequencies applied."""

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.power) * HOP_S

    def between(self, start_s: float, end_s: float) -> Spectrogram:
        """The part from `start_s` to `end_s`; at least one frame."""
        first = int(np.clip(round(start_s / HOP_S), 0, len(self.power) - 1))
        return Spectrogram(self.power[first : max(first + 1, round(end_s / HOP_S))])


def spectrogram(samples: Array, sample_rate: int) -> Spectrogram:
    """Power spectrogram of a mono clip, shape (n,), at `sample_rate` Hz.

    The mean is taken off, and the loudest sample is brought to 1: level means nothing here.
    """
    sound = samples - samples.mean() if len(samples) else np.zeros(1)
    peak = np.abs(sound).max()
    if peak > 0:
        sound = sound / peak
    heard = resample(sound, sample_rate, RATE).astype(np.float32)
    padded = np.pad(heard, (_WINDOW // 2, _WINDOW))
    count = max(1, round(len(heard) / _HOP))
    frames = sliding_window_view(padded, _WINDOW)[: count * _HOP : _HOP]
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    power = np.abs(np.fft.rfft(frames * window)).astype(np.float32) ** 2
    return Spectrogram(power * _EAR)


def describe(part: Spectrogram) -> dict[str, float]:
    """Measure a stretch of sound.

    Parameters
    ----------
    part : Spectrogram
        A clip, a window of it, or a masked one.

    Returns
    -------
    dict of str to float
        Empty for silence. ``pitch_hz`` and ``glide_st`` are left out where nothing has a pitch,
        ``decay_ms`` where nothing begins.

        ``low_hz``, ``median_hz``, ``high_hz``
            10, 50 and 90 % of the energy lie below.
        ``slope_db``
            Level per octave, in dB, as a line through the octaves from 125 Hz to 8 kHz.
        ``peak_db``
            Largest bin over mean bin of a frame, mean over frames by energy.
        ``tonality``
            0 noise, 1 periodic: highest autocorrelation between 70 Hz and 4 kHz.
        ``pitch_hz``, ``glide_st``
            Median of the fundamental, and the distance of its 10th and 90th percentile.
        ``fill``
            Share of the time within 25 dB of the loudest moment.
        ``crest_db``
            Loudest moment over mean power.
        ``length_s``
            Longest time without a gap of 100 ms.
        ``decay_ms``
            Median time from an attack's peak to 15 dB below it, or to the next attack.
        ``rate_hz``
            Attacks per second.
        ``pulse``, ``pulse_hz``
            How regular attacks are from 0.4 to 40 Hz (0 not, 1 like a clock), and how often.
        ``sway_db``
            Standard deviation of the level over 400 ms.
        ``grain_db``
            95th over 50th percentile of the level of 1 to 8 kHz, while it sounds.
    """
    power = np.asarray(part.power, np.float64)
    level = power.sum(axis=1)
    if not level.max(initial=0.0) > 0:
        return {}
    smooth = _smooth(level, 3)
    loudest = smooth.max()
    active = (smooth > loudest * 10 ** (-_ACTIVE_DB / 10)) & (level > 0)
    found = _spectral(power[active]) | _tonal(power[active], level[active])
    found |= _temporal(level, smooth, part.seconds)
    high = power[:, (HERTZ >= 1000) & (HERTZ <= 8000)].sum(axis=1)[active]
    found["grain_db"] = _db(np.quantile(high, 0.95), np.quantile(high, 0.5))
    return {name: found[name] for name in NAMES if name in found}


def _db(value: float, reference: float) -> float:
    """Power ratio in dB, within ±60."""
    return float(np.clip(10 * np.log10(max(value, 1e-30) / max(reference, 1e-30)), -60, 60))


def _smooth(level: Array, frames: int) -> Array:
    kernel = np.full(min(frames, len(level)), 1 / min(frames, len(level)))
    return np.convolve(level, kernel, mode="same")


def _spectral(power: Array) -> dict[str, float]:
    """Where the energy is, of active frames."""
    spectrum = power.sum(axis=0)
    below = np.cumsum(spectrum) / spectrum.sum()
    low, median, high = np.interp((0.1, 0.5, 0.9), below, HERTZ)
    bands = [
        _db(spectrum[(f / 2**0.5 < HERTZ) & (f * 2**0.5 >= HERTZ)].sum(), spectrum.sum())
        for f in _OCTAVES
    ]
    peak = power.max(axis=1) / power.mean(axis=1)
    weight = power.sum(axis=1)
    return {
        "low_hz": float(low),
        "median_hz": float(median),
        "high_hz": float(high),
        "slope_db": float(np.polyfit(np.arange(len(bands)), bands, 1)[0]),
        "peak_db": float(np.average(10 * np.log10(peak), weights=weight)),
    }


def _tonal(power: Array, level: Array) -> dict[str, float]:
    """How periodic active frames are, and at which pitch."""
    step = max(1, len(power) // 400)
    power, level = power[::step], level[::step]
    window = np.hanning(_WINDOW + 1)[:-1]
    own = np.fft.irfft(np.abs(np.fft.rfft(window, 2 * _WINDOW)) ** 2)[: _WINDOW // 2]
    # Lags are circular: those of half a window and more are those below it again.
    shape = np.fft.irfft(power)[:, : _WINDOW // 2]
    shape = shape / np.maximum(shape[:, :1], 1e-30) / (own / own[0])
    first, last = int(RATE / _HIGHEST_PITCH), int(RATE / _LOWEST_PITCH)
    inner = shape[:, first : last + 1]
    peak = (inner >= shape[:, first - 1 : last]) & (inner >= shape[:, first + 1 : last + 2])
    height = np.where(peak, np.minimum(inner, 1.0), 0.0)
    best = height.max(axis=1)
    found = {"tonality": float(np.average(np.clip(best, 0, 1), weights=level))}
    voiced = best > _VOICED
    if np.average(voiced, weights=level) > 0.15:
        lag = (height >= 0.9 * best[:, None]).argmax(axis=1)[voiced] + first
        pitch = RATE / lag
        found["pitch_hz"] = float(np.median(pitch))
        low, high = np.quantile(pitch, (0.1, 0.9))
        found["glide_st"] = float(12 * np.log2(high / low))
    return found


def _temporal(level: Array, smooth: Array, seconds: float) -> dict[str, float]:
    """How the level goes."""
    decibels = level_db(smooth)
    sounding = decibels > decibels.max() - 25
    hits = attacks(level)
    pulse, pulse_hz = _pulse(decibels)
    slow = level_db(_smooth(level, 80), floor_db=40)
    found = {
        "fill": float(sounding.mean()),
        "crest_db": _db(smooth.max(), float(level.mean())),
        "length_s": _longest(sounding),
        "rate_hz": len(hits) / max(seconds, 0.5),
        "pulse": pulse,
        "pulse_hz": pulse_hz,
        "sway_db": float(slow.std()),
    }
    if hits:
        ends = [hit.frame for hit in hits[1:]] + [len(level)]
        found["decay_ms"] = float(
            np.median([_decay(decibels[hit.frame : e]) for hit, e in zip(hits, ends, strict=True)])
        )
    return found


def _longest(sounding: NDArray[np.bool_]) -> float:
    """Longest stretch of True in s, where gaps up to 100 ms do not count."""
    where = np.flatnonzero(sounding)
    breaks = np.flatnonzero(np.diff(where) * HOP_S > _GAP_S)
    starts = np.concatenate([[0], breaks + 1])
    ends = np.concatenate([breaks, [len(where) - 1]])
    return float((where[ends] - where[starts] + 1).max() * HOP_S)


def _decay(decibels: Array) -> float:
    """Time from the peak to 15 dB below it, or to the end, in ms."""
    top = int(decibels[: max(1, round(0.3 / HOP_S))].argmax())
    below = np.flatnonzero(decibels[top:] < decibels[top] - 15)
    frames = below[0] if len(below) else len(decibels) - top
    return float(frames * HOP_S * 1000)


def _pulse(decibels: Array) -> tuple[float, float]:
    """Height and frequency of the level's strongest periodicity, (0, 0) for none."""
    rise = np.maximum(np.diff(decibels, prepend=decibels[:1]), 0)
    rise = rise - rise.mean()
    last = min(len(rise) // 2, round(2.5 / HOP_S))
    first = round(0.025 / HOP_S)
    if last <= first + 2 or not rise.any():
        return 0.0, 0.0
    size = 1 << (2 * len(rise)).bit_length()
    rise = np.convolve(rise, np.hanning(7) / np.hanning(7).sum(), mode="same")
    own = np.fft.irfft(np.abs(np.fft.rfft(rise, size)) ** 2)[: last + 2]
    own = own / own[0] * len(rise) / (len(rise) - np.arange(last + 2))
    inner = own[first : last + 1]
    peak = (inner >= own[first - 1 : last]) & (inner > own[first + 1 : last + 2])
    height = np.where(peak, inner, 0)
    best = float(height.max())
    if best <= 0:
        return 0.0, 0.0
    lag = int((height >= 0.85 * best).argmax()) + first
    return min(best, 1.0), 1 / (lag * HOP_S)
