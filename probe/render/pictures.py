"""What a clip looks like: the outline of its waveform, a log-mel picture, and both in figures."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]

COLUMNS = 240
"""Of the waveform."""
FRAMES = 400
"""Of the log-mel picture, at most."""
BANDS = 96
RANGE_DB = 80.0
LOWEST_HZ = 40.0
_WINDOW = 2048
_HEARD_DB = -50.0
"""Below the peak: where a sound counts as begun and as over."""

_COLOURS = (
    (13, 13, 28),
    (48, 25, 91),
    (108, 33, 118),
    (176, 50, 107),
    (230, 92, 75),
    (251, 160, 62),
    (252, 228, 158),
)
"""From silence to the loudest; lightness grows evenly, so it reads without colour too."""


def outline(samples: Array) -> list[int]:
    """Lowest and highest sample of `COLUMNS` stretches, relative to the peak, within ±100.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.

    Returns
    -------
    list of int
        Low, high, low, high, …: two a column.
    """
    peak = float(np.abs(samples).max(initial=0.0)) or 1.0
    columns = np.array_split(samples / peak, COLUMNS)
    ends = [(c.min(initial=0.0), c.max(initial=0.0)) for c in columns]
    return [int(v) for v in np.rint(100 * np.array(ends)).ravel()]


def figures(samples: Array, rate: int) -> dict[str, Any]:
    """The text equivalent of both pictures.

    Returns
    -------
    dict
        ``peak_db`` (dBFS), ``from_s`` and ``to_s`` of what is heard, ``centre_hz`` (spectral
        centroid of the whole clip); None for silence.
    """
    peak = float(np.abs(samples).max(initial=0.0))
    if peak == 0:
        return {"peak_db": None, "from_s": None, "to_s": None, "centre_hz": None}
    heard = np.flatnonzero(np.abs(samples) >= peak * 10 ** (_HEARD_DB / 20))
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / rate)
    return {
        "peak_db": round(20 * np.log10(peak), 1),
        "from_s": round(int(heard[0]) / rate, 2),
        "to_s": round((int(heard[-1]) + 1) / rate, 2),
        "centre_hz": round(float(spectrum @ hertz / spectrum.sum())),
    }


def log_mel_png(samples: Array, rate: int) -> bytes:
    """A picture of `BANDS` mel bands from `LOWEST_HZ` to half the rate, low ones at the bottom.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.

    Returns
    -------
    bytes
        A PNG, one pixel a frame and band; colours span `RANGE_DB` below the loudest.
    """
    hop = max(_WINDOW // 8, -(-len(samples) // FRAMES))
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW))
    frames = sliding_window_view(padded, _WINDOW)[: len(samples) + 1 : hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW))) ** 2 @ _filters(rate)
    loudest = float(power.max(initial=0.0)) or 1.0
    level = 10 * np.log10(np.maximum(power / loudest, 10 ** (-RANGE_DB / 10)))
    return png(np.rint((level / RANGE_DB + 1) * 255).astype(np.uint8).T[::-1])


@cache
def _filters(rate: int) -> Array:
    from librosa.filters import mel

    bank = mel(sr=rate, n_fft=_WINDOW, n_mels=BANDS, fmin=LOWEST_HZ, norm=None, htk=True)
    return np.asarray(bank.T, np.float64)


@cache
def _palette() -> bytes:
    at = np.linspace(0, len(_COLOURS) - 1, 256)
    channels = [np.interp(at, range(len(_COLOURS)), c) for c in zip(*_COLOURS, strict=True)]
    colours: NDArray[np.uint8] = np.rint(np.stack(channels, axis=1)).astype(np.uint8)
    return colours.tobytes()


def png(pixels: NDArray[np.uint8]) -> bytes:
    """`pixels`, shape (height, width), as a PNG in our colours (ISO/IEC 15948)."""
    height, width = pixels.shape
    rows = np.pad(pixels, ((0, 0), (1, 0))).tobytes()  # a leading 0: the row is not filtered
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in (
            (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            (b"PLTE", _palette()),
            (b"IDAT", zlib.compress(rows, 9)),
            (b"IEND", b""),
        )
    )
