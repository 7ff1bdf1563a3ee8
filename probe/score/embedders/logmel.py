"""Log-mel statistics: an embedder without weights.

A clip becomes the mean and the standard deviation over time of its level in 64 mel bands. That
says what a spectrum looks like and how much it moves, and nothing a trained model would know. It
hears no loudness: clips are first brought to the same RMS, since no prompt asks for a level. A
silent clip is a valid one, with every band at the floor; it lies far from any sound.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[np.float64]

_WINDOW = 1024
_HOP = 512
_BANDS = 64
_LOWEST_HZ = 30.0
_FLOOR = 1e-8
"""Power, -80 dB of the clip's mean square, under which a band counts as empty."""
_UNIT_DB = 20.0
"""Levels are in units of 20 dB, so that a distance of 1 is an audible step in one band."""


class LogMel:
    """Mean and deviation of 64 log-mel bands over time; see `probe.score.embedders.base`."""

    name = "logmel"
    sample_rate = 22050
    dimension = 2 * _BANDS

    @cached_property
    def fingerprint(self) -> str:
        """Digest over all that shapes a vector."""
        shape = (1, self.sample_rate, _WINDOW, _HOP, _BANDS, _LOWEST_HZ, _FLOOR, _UNIT_DB)
        return f"logmel-{hashlib.sha256(repr(shape).encode()).hexdigest()[:12]}"

    def embed(self, clips: Sequence[NDArray[np.float64]]) -> Array:
        """Embed mono clips at `sample_rate`.

        Parameters
        ----------
        clips : sequence of ndarray of float64, shape (n,)
            Any lengths from one sample up.

        Returns
        -------
        ndarray of float64, shape (len(clips), dimension)
            Mean levels, then standard deviations, in units of 20 dB.
        """
        return np.array([self._embed_one(clip) for clip in clips]).reshape(-1, self.dimension)

    def _embed_one(self, clip: NDArray[np.float64]) -> Array:
        power = float(np.mean(np.square(clip)))
        level = clip / np.sqrt(power) if power > 0 else clip
        padded = np.pad(level, (_WINDOW // 2, _WINDOW))
        frames = sliding_window_view(padded, _WINDOW)[: len(clip) + 1 : _HOP]
        window = np.hanning(_WINDOW + 1)[:-1]
        spectrum = np.abs(np.fft.rfft(frames * window)) ** 2 / np.sum(window**2) / (_WINDOW / 2)
        bands = spectrum @ self._filters
        levels = 10 * np.log10(np.maximum(bands, _FLOOR)) / _UNIT_DB
        return np.concatenate([levels.mean(axis=0), levels.std(axis=0)])

    @cached_property
    def _filters(self) -> Array:
        """Triangles of unit height, evenly spaced in mel, shape (bins, bands)."""
        from librosa.filters import mel

        filters = mel(
            sr=self.sample_rate, n_fft=_WINDOW, n_mels=_BANDS, fmin=_LOWEST_HZ, norm=None, htk=True
        )
        return np.asarray(filters.T, np.float64)
