"""Fréchet distance between two sets of embeddings, exact and without a matrix square root.

The distance of the Gaussians fitted to the two sets [1]_ is ::

    |mean_x - mean_y|² + tr S_x + tr S_y - 2 tr (S_x S_y)^½

Only the trace of the square root is needed, and that is a sum of singular values: with factors
``S_x = AᵀA`` and ``S_y = BᵀB`` it is the nuclear norm of ``A Bᵀ``. The factors are the Cholesky
factors of the covariances where both sets have more rows than columns, and the centred rows
themselves otherwise, so that neither a small set nor a singular covariance needs an epsilon.

The distance of finite samples is biased upwards, by an amount that depends on n.
`frechet_jackknife` removes the bias to first order [2]_ and gives an interval.

.. [1] D. C. Dowson, B. V. Landau, "The Fréchet distance between multivariate normal distributions",
   Journal of Multivariate Analysis 12(3), 1982.
.. [2] B. Efron, C. Stein, "The jackknife estimate of variance", Annals of Statistics 9(3), 1981.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg, stats

Array = NDArray[np.float64]


@dataclass(frozen=True)
class FrechetEstimate:
    """A Fréchet distance with its bias removed, and how sure it is."""

    value: float
    """Jackknife estimate; may fall below zero where the sets hardly differ."""
    se: float
    """Its standard error."""
    low: float
    high: float
    """Ends of the 95 % interval (Student's t)."""
    plain: float
    """The distance as peers compute it, biased upwards."""
    n_x: int
    n_y: int
    d: int


def frechet_distance(x: ArrayLike, y: ArrayLike) -> float:
    """Fréchet distance between two sets of embeddings.

    Parameters
    ----------
    x, y : array_like of float, shapes (n_x, d) and (n_y, d)
        At least two rows each, any d.

    Returns
    -------
    float
        Never negative; in squared units of the embeddings.

    Raises
    ------
    ValueError
        An array has the wrong shape, too few rows, or NaN or infinity; the message says which.
    """
    return _distance(*_validated(x, y))


def frechet_jackknife(
    x: ArrayLike,
    y: ArrayLike,
    *,
    groups: int = 10,
    clips_x: Sequence[Hashable] | None = None,
    clips_y: Sequence[Hashable] | None = None,
) -> FrechetEstimate:
    """Fréchet distance without its first-order bias, with a 95 % interval.

    Clips are dealt to `groups` in turn, and the distance is computed again without each group.
    Where a set has fewer clips than groups, there are as many groups as clips.

    Parameters
    ----------
    x, y : array_like of float, shapes (n_x, d) and (n_y, d)
        Embeddings.
    groups : int
        How many groups each set is dealt to, at least 2.
    clips_x, clips_y : sequence of hashable, lengths n_x and n_y, optional
        The clip each row is from, when clips have several; rows of a clip stay together.

    Returns
    -------
    FrechetEstimate

    Raises
    ------
    ValueError
        As `frechet_distance`; or fewer than three clips in a set, fewer than two groups, or clips
        that do not match the rows.
    """
    x, y = _validated(x, y)
    if groups < 2:
        raise ValueError(f"groups is {groups}, at least 2 are needed")
    index_x, count_x = _clip_index("clips_x", clips_x, len(x))
    index_y, count_y = _clip_index("clips_y", clips_y, len(y))
    groups = min(groups, count_x, count_y)
    plain = _distance(x, y)
    parts = []
    for group in range(groups):
        kept_x, kept_y = x[index_x % groups != group], y[index_y % groups != group]
        parts.append(_distance(kept_x, kept_y))
    left_out = np.array(parts)
    value = groups * plain - (groups - 1) * left_out.mean()
    se = np.sqrt((groups - 1) * left_out.var())
    reach = stats.t.ppf(0.975, groups - 1) * se
    return FrechetEstimate(
        value=float(value),
        se=float(se),
        low=float(value - reach),
        high=float(value + reach),
        plain=plain,
        n_x=len(x),
        n_y=len(y),
        d=x.shape[1],
    )


def _clip_index(
    name: str, clips: Sequence[Hashable] | None, rows: int
) -> tuple[NDArray[np.intp], int]:
    """Number of the clip of each row, by first appearance, and how many clips there are."""
    if clips is None:
        clips = range(rows)
    if len(clips) != rows:
        raise ValueError(f"{name} has {len(clips)} entries for {rows} rows")
    number: dict[Hashable, int] = {}
    index = np.array([number.setdefault(clip, len(number)) for clip in clips])
    if len(number) < 3:
        raise ValueError(f"{name} has {len(number)} clips, the jackknife needs at least 3")
    return index, len(number)


def _validated(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    arrays = []
    for name, given in (("x", x), ("y", y)):
        array = np.asarray(given, np.float64)
        if array.ndim != 2 or not array.shape[1]:
            raise ValueError(f"{name} has shape {array.shape}, (n, d) is needed")
        if len(array) < 2:
            raise ValueError(f"{name} has {len(array)} row, at least 2 are needed")
        if not np.isfinite(array).all():
            raise ValueError(f"{name} contains NaN or infinity")
        arrays.append(array)
    if arrays[0].shape[1] != arrays[1].shape[1]:
        raise ValueError(f"x has {arrays[0].shape[1]} columns, y has {arrays[1].shape[1]}")
    return arrays[0], arrays[1]


def _distance(x: Array, y: Array) -> float:
    mean_x, mean_y = x.mean(axis=0), y.mean(axis=0)
    a = (x - mean_x) / np.sqrt(len(x) - 1)
    b = (y - mean_y) / np.sqrt(len(y) - 1)
    apart = mean_x - mean_y
    spread = np.sum(a * a) + np.sum(b * b) - 2 * _trace_of_root(a, b)
    return float(max(apart @ apart + spread, 0.0))


def _trace_of_root(a: Array, b: Array) -> float:
    """``tr (AᵀA BᵀB)^½`` of two centred factors, shapes (n_x, d) and (n_y, d)."""
    d = a.shape[1]
    if min(len(a), len(b)) > d:
        try:
            lower = linalg.cholesky(a.T @ a, lower=True, check_finite=False)
        except linalg.LinAlgError:  # singular: a constant or duplicated column
            return _nuclear_norm(_reduced(a), _reduced(b))
        inner = lower.T @ (b.T @ b) @ lower
        return float(np.sqrt(np.maximum(linalg.eigvalsh(inner, check_finite=False), 0)).sum())
    return _nuclear_norm(_reduced(a), _reduced(b))


def _nuclear_norm(a: Array, b: Array) -> float:
    """Sum of the singular values of ``A Bᵀ``."""
    return float(linalg.svdvals(a @ b.T, check_finite=False).sum())


def _reduced(factor: Array) -> Array:
    """A factor of the same product ``FᵀF`` with no more rows than columns."""
    if len(factor) <= factor.shape[1]:
        return factor
    return np.asarray(linalg.qr(factor, mode="r", check_finite=False)[0][: factor.shape[1]])
