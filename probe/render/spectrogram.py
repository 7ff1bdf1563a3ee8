"""A log-mel spectrogram in characters."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import NDArray

RANGE_DB = 60.0
"""Below the loudest: what a shade of nothing stands for."""
LOWEST_HZ = 40.0
_WINDOW = 2048

BLOCKS = " ░▒▓█"
PLAIN = " .:*#"
"""For terminals without block characters."""


def levels(
    samples: NDArray[np.float64], rate: int, bands: int, columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Levels of mel bands over time.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.
    bands, columns : int
        Of the result.

    Returns
    -------
    level : ndarray of float64, shape (bands, columns)
        From 0, `RANGE_DB` below the loudest or silence, to 1, the loudest; low bands first.
    centres : ndarray of float64, shape (bands,)
        Of the bands, in Hz.
    """
    import librosa

    hop = max(1, -(-len(samples) // columns))
    padded = np.pad(samples, (0, hop * columns - len(samples)))
    power = librosa.feature.melspectrogram(
        y=padded, sr=rate, n_fft=_WINDOW, hop_length=max(1, hop // 4), n_mels=bands, fmin=LOWEST_HZ
    )
    parts = np.array_split(power, columns, axis=1)
    means = np.stack([part.mean(axis=1) for part in parts], axis=1)
    loudest = float(means.max(initial=0.0)) or 1.0
    decibels = 10 * np.log10(np.maximum(means / loudest, 10 ** (-RANGE_DB / 10)))
    edges = librosa.mel_frequencies(n_mels=bands + 2, fmin=LOWEST_HZ, fmax=rate / 2)
    return decibels / RANGE_DB + 1, edges[1:-1]


def lines(
    samples: NDArray[np.float64],
    rate: int,
    *,
    bands: int = 16,
    columns: int = 60,
    shades: str = BLOCKS,
) -> list[str]:
    """The spectrogram of mono `samples`, shape (n,), with its axes; high bands first."""
    with warnings.catch_warnings():  # of clips shorter than a window
        warnings.simplefilter("ignore", UserWarning)
        level, centres = levels(samples, rate, bands, columns)
    steps = np.minimum((level * len(shades)).astype(int), len(shades) - 1)
    rows = [
        f"{f'{centre:.0f} Hz' if band % 5 == 0 else '':>9} |{''.join(shades[s] for s in row)}|"
        for band, (centre, row) in enumerate(zip(centres, steps, strict=True))
    ]
    end = f"{len(samples) / rate:.1f} s"
    return [*reversed(rows), f"{'':>10} 0{end:>{columns - 1}}"]
