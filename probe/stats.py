"""Intervals by resampling prompts, never a prompt's samples, with the same draws for all models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
SEED = 2506_00003
"""Fixed, so that the same logs give the same board on every machine."""


@dataclass(frozen=True)
class Interval:
    """A mean over `n` prompts with the bounds of its 95 % interval."""

    value: float
    low: float
    high: float
    n: int


def resampled_means(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Means of the columns of `values` over resampled rows.

    Parameters
    ----------
    values : ndarray of float, shape (n, k)
        One row a prompt, one column a quantity. Rows are drawn with replacement, whole, so the
        columns stay paired; draws depend on `n` alone, so that calls with the same `n` are too.

    Returns
    -------
    ndarray of float, shape (RESAMPLES, k)

    Raises
    ------
    ValueError
        `values` is not two-dimensional, is empty or holds a value that is not finite.

    References
    ----------
    B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13 (percentile
    interval).
    """
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 2 or values.shape[0] == 0:
        raise ValueError(f"values must have shape (n >= 1, k), not {values.shape}")
    if not np.isfinite(values).all():
        raise ValueError("values must be finite")
    n = values.shape[0]
    draws = np.random.default_rng([SEED, n]).integers(0, n, size=(RESAMPLES, n))
    offsets = np.arange(RESAMPLES)[:, None] * n
    counts = np.bincount((draws + offsets).ravel(), minlength=RESAMPLES * n)
    weights = counts.reshape(RESAMPLES, n).astype(np.float64)
    means: NDArray[np.float64] = weights @ values / n
    return means


def intervals(values: NDArray[np.float64]) -> list[Interval]:
    """Mean and 95 % percentile interval of each column of `values`, shape (n, k)."""
    values = np.asarray(values, dtype=np.float64)
    low, high = np.quantile(resampled_means(values), (0.025, 0.975), axis=0)
    means = values.mean(axis=0)
    return [
        Interval(float(m), float(a), float(b), values.shape[0])
        for m, a, b in zip(means, low, high, strict=True)
    ]


def interval(values: NDArray[np.float64]) -> Interval:
    """Mean and 95 % percentile interval of `values`, shape (n,)."""
    return intervals(np.asarray(values, dtype=np.float64).reshape(-1, 1))[0]
