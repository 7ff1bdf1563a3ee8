"""Fréchet distance between two sets of embeddings, exact and without a matrix square root.

The distance of the Gaussians fitted to the two sets [1]_ is ::

    |mean_x - mean_y|² + tr S_x + tr S_y - 2 tr (S_x S_y)^½

Only the trace of the square root is needed, and that is a sum of singular values: with factors
``S_x = AᵀA`` and ``S_y = BᵀB`` it is the nuclear norm of ``A Bᵀ``. The factors are the centred
rows, or the triangle of their QR decomposition, so neither a small set nor a singular covariance
needs an epsilon. Where both sets have more rows than columns there is a quicker way, the square
roots of the eigenvalues of ``Lᵀ S_y L`` with ``S_x = L Lᵀ``; it loses the small ones, so how much
may be lost is computed beside it, and the singular values are taken where that matters.

The distance of finite samples is biased upwards, by an amount that depends on n.
`frechet_jackknife` removes the bias to first order [2]_ and gives an interval; `frechet_bias` says
how large it is for Gaussian embeddings.

.. [1] D. C. Dowson, B. V. Landau, "The Fréchet distance between multivariate normal distributions",
   Journal of Multivariate Analysis 12(3), 1982.
.. [2] B. Efron, C. Stein, "The jackknife estimate of variance", Annals of Statistics 9(3), 1981.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import linalg

from probe.score.metrics.sets.gaussians import Stats, fitted, reduced
from probe.score.metrics.sets.rows import Array, check_columns, check_rows, deal, jackknife

__all__ = [
    "FrechetEstimate",
    "Stats",
    "frechet_bias",
    "frechet_distance",
    "frechet_jackknife",
    "frechet_per_clip",
]

_TRUSTED = 1e-9
"""Share of the distance that the quick way may have lost at most for it to be taken."""


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


def frechet_distance(x: ArrayLike | Stats, y: ArrayLike | Stats, *, exact: bool = False) -> float:
    """Fréchet distance between two sets of embeddings.

    Parameters
    ----------
    x, y : array_like of float, shapes (n_x, d) and (n_y, d), or Stats
        At least two rows each, any d.
    exact : bool
        Never take the quick way: relative error below 1e-11 instead of 1e-9, at up to three times
        the price.

    Returns
    -------
    float
        Never negative; in squared units of the embeddings. Of a set and itself it is zero up to
        1e-12 of the sum of the two covariances' traces.

    Raises
    ------
    ValueError
        An array has the wrong shape, too few rows, or NaN or infinity; the message says which.
    """
    first, second = _gaussian("x", x), _gaussian("y", y)
    check_columns(first.mean.size, second.mean.size)
    return _distance(first, second, exact=exact)


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
    x, y = check_rows("x", x), check_rows("y", y)
    check_columns(x.shape[1], y.shape[1])
    group_x, group_y, groups = deal((len(x), len(y)), (clips_x, clips_y), groups)
    dealt_x, dealt_y = _Dealt(x, group_x), _Dealt(y, group_y)
    plain = _distance(dealt_x.whole, dealt_y.whole)
    parts = [_distance(dealt_x.without(g), dealt_y.without(g)) for g in range(groups)]
    found = jackknife(plain, parts)
    return FrechetEstimate(
        *(found.value, found.se, found.low, found.high, plain, len(x), len(y), x.shape[1])
    )


def frechet_bias(x: ArrayLike | Stats, y: ArrayLike | Stats) -> float:
    """How far the plain distance lies above the truth on average, to first order in 1/n.

    For Gaussian embeddings, with λ the singular values of ``A Bᵀ``, the estimate is ::

        tr S_x / n_x + tr S_y / n_y
            + ½ (1 / (n_x - 1) + 1 / (n_y - 1)) Σ_ij (1 + [i = j]) λ_i λ_j / (λ_i + λ_j)

    The first line is the means'. The second is the second derivative of ``tr (S_x S_y)^½``, whose
    divided differences are ``-1 / 2λ_iλ_j(λ_i + λ_j)``, times the variance of a Wishart matrix.

    Parameters
    ----------
    x, y : array_like of float, shapes (n_x, d) and (n_y, d), or Stats
        As for `frechet_distance`.

    Returns
    -------
    float
        In units of the distance. Good for n well above d only, where higher orders are small; with
        fewer rows, or embeddings that are far from Gaussian, `frechet_jackknife` is the better one.

    Raises
    ------
    ValueError
        As `frechet_distance`, or statistics that do not say how many rows they are of.
    """
    first, second = _gaussian("x", x), _gaussian("y", y)
    check_columns(first.mean.size, second.mean.size)
    for name, one in (("x", first), ("y", second)):
        if one.n is None:
            raise ValueError(f"{name} does not say how many rows it is of")
    assert first.n is not None
    assert second.n is not None
    roots = _singular_values(first.factor, second.factor)
    sums = roots[:, None] + roots
    harmonic = np.divide(np.multiply.outer(roots, roots), sums, where=sums > 0, out=sums * 0)
    curvature = (harmonic.sum() + np.trace(harmonic)) / 2
    return float(
        first.trace / first.n
        + second.trace / second.n
        + curvature * (1 / (first.n - 1) + 1 / (second.n - 1))
    )


def frechet_per_clip(clips: Sequence[ArrayLike], reference: ArrayLike | Stats) -> Array:
    """Distance of each clip's own frames to a reference set: which clips are the odd ones.

    Parameters
    ----------
    clips : sequence of array_like of float, shapes (frames, d)
        Embeddings of each clip's frames, at least two.
    reference : array_like of float, shape (n, d), or Stats
        Embeddings of the reference's frames.

    Returns
    -------
    ndarray of float64, shape (len(clips),)
        In squared units of the embeddings. The bias of so few frames is in it, so clips are
        comparable when they have equally many.

    Raises
    ------
    ValueError
        A clip or the reference has the wrong shape, too few rows, or NaN or infinity; the message
        says which, clips counting from 0.
    """
    if not isinstance(reference, Stats):
        reference = Stats.from_embeddings(check_rows("the reference", reference))
    whole = _gaussian("the reference", reference)
    found = []
    for number, clip in enumerate(clips):
        one = _gaussian(f"clip {number}", clip)
        if one.mean.size != whole.mean.size:
            raise ValueError(
                f"clip {number} has {one.mean.size} columns, the reference has {whole.mean.size}"
            )
        found.append(_distance(one, whole))
    return np.array(found, np.float64)


class _Gaussian:
    """What a distance needs of a set; the factor is made when it is asked for."""

    def __init__(
        self,
        n: int | None,
        mean: Array,
        factor: Callable[[], Array],
        covariance: Array | None = None,
    ) -> None:
        self.n = n
        self.mean = mean
        self._factor = factor
        self._covariance = covariance

    @cached_property
    def factor(self) -> Array:
        """FᵀF is the covariance, shape (k, d); the centred rows as they are, where given rows."""
        return self._factor()

    @cached_property
    def covariance(self) -> Array:
        """Shape (d, d)."""
        if self._covariance is not None:
            return self._covariance
        product: Array = self.factor.T @ self.factor
        return product

    @property
    def trace(self) -> float:
        """Of the covariance."""
        if self._covariance is not None:
            return float(np.trace(self._covariance))
        return float(np.vdot(self.factor, self.factor))

    @property
    def tall(self) -> bool:
        """Whether the covariance is the smaller of the two."""
        return self._covariance is not None or len(self.factor) > self.mean.size


def _gaussian(name: str, given: ArrayLike | Stats) -> _Gaussian:
    if isinstance(given, Stats):
        factor = given.factor
        return _Gaussian(given.n, given.mean, lambda: factor)
    rows = check_rows(name, given)
    mean, centred = fitted(rows)
    return _Gaussian(len(rows), mean, lambda: centred)


class _Dealt:
    """Rows in groups, any of which can be left out."""

    def __init__(self, rows: Array, group: NDArray[np.intp]) -> None:
        self._mean = rows.mean(axis=0)
        self._rows = rows - self._mean
        self._group = group
        self._scatter: Array | None = None
        if len(rows) - np.bincount(group).max() > rows.shape[1]:
            self._scatter = self._rows.T @ self._rows

    @property
    def whole(self) -> _Gaussian:
        """The Gaussian of all rows."""
        n = len(self._rows)
        covariance = None if self._scatter is None else self._scatter / (n - 1)
        return _Gaussian(n, self._mean, lambda: self._rows / np.sqrt(n - 1), covariance)

    def without(self, group: int) -> _Gaussian:
        """The Gaussian of the rows that are not in a group."""
        out = self._group == group
        gone = self._rows[out]
        n = len(self._rows) - len(gone)
        mean = -gone.sum(axis=0) / n  # all rows sum to zero
        covariance = None
        if self._scatter is not None:
            covariance = (self._scatter - gone.T @ gone - n * np.outer(mean, mean)) / (n - 1)
        return _Gaussian(n, self._mean + mean, lambda: fitted(self._rows[~out])[1], covariance)


def _distance(x: _Gaussian, y: _Gaussian, *, exact: bool = False) -> float:
    apart = x.mean - y.mean
    rest = float(apart @ apart) + x.trace + y.trace
    if not exact and x.tall and y.tall:
        quick = _quick(x, y, rest)
        if quick is not None:
            return quick
    root = _singular_values(x.factor, y.factor).sum()
    return max(rest - 2 * float(root), 0.0)


def _singular_values(a: Array, b: Array) -> Array:
    """Singular values of ``A Bᵀ``, whose sum is ``tr (AᵀA BᵀB)^½``."""
    if min(len(a), len(b)) > a.shape[1]:
        a, b = reduced(a), reduced(b)
    return np.asarray(linalg.svdvals(a @ b.T, check_finite=False))


def _quick(x: _Gaussian, y: _Gaussian, rest: float) -> float | None:
    """The distance by eigenvalues, or None where more than `_TRUSTED` of it may be lost.

    Eigenvalues are off by up to ε of the largest. That moves a root by as much over twice itself,
    and one that is nearly zero by the root of it.
    """
    try:
        lower = linalg.cholesky(x.covariance, lower=True, check_finite=False)
    except linalg.LinAlgError:  # singular: a constant or duplicated column
        return None
    values = linalg.eigvalsh(lower.T @ y.covariance @ lower, check_finite=False)
    roots = np.sqrt(np.maximum(values, 0))
    noise = np.finfo(np.float64).eps * roots[-1] ** 2
    if not noise:  # a set that is one point
        return None
    lost = (noise / np.maximum(roots, np.sqrt(noise))).sum()
    distance = rest - 2 * float(roots.sum())
    return distance if lost <= _TRUSTED * distance else None
