"""What the numbers of a board can bear: intervals, paired tests, ranks that are groups.

Prompts are resampled, never a prompt's samples, with the same draws for all models.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

RESAMPLES = 10_000
SEED = 2506_00003
"""Fixed, so that the same logs give the same board on every machine."""


LEVEL = 0.05
"""Of the tests: how often models that do not differ may be told apart, over all pairs together."""
POWER = 0.8
"""How often a difference must be found to be called detectable (J. Cohen, "Statistical power
analysis for the behavioral sciences", 1988)."""

_EXACT = 13
"""Up to so many prompts every pattern of signs is tried: 2^13 are fewer than `RESAMPLES`."""
_DRAWS_PER_PAIR = 100
"""So that the smallest p there can be, times the number of pairs, is a fifth of `LEVEL`."""
_AT_ONCE = 2048
"""Patterns that are held together."""


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
    means: NDArray[np.float64] = _counts(n).astype(np.float64) @ values / n
    return means


@lru_cache(maxsize=32)
def _counts(n: int) -> NDArray[np.unsignedinteger[Any]]:
    """How often each of `n` rows is drawn in each resample, shape (RESAMPLES, n).

    A board asks for the same few `n` over and over, and drawing takes longer than the means.
    """
    draws = np.random.default_rng([SEED, n]).integers(0, n, size=(RESAMPLES, n))
    offsets = np.arange(RESAMPLES)[:, None] * n
    counts = np.bincount((draws + offsets).ravel(), minlength=RESAMPLES * n)
    return counts.reshape(RESAMPLES, n).astype(np.min_scalar_type(n))


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


@dataclass(frozen=True)
class Difference(Interval):
    """A mean of paired differences over `n` prompts, and whether it may be chance."""

    p: float
    """Two-sided, of the sign-flip test."""


@dataclass(frozen=True)
class Ranks:
    """The places a model may hold, 1 the best: those not ruled out by a significant difference."""

    best: int
    worst: int

    def __str__(self) -> str:
        return str(self.best) if self.best == self.worst else f"{self.best}–{self.worst}"


@dataclass(frozen=True)
class Ranking:
    """The columns of a table of scores in order."""

    ranks: tuple[Ranks, ...]
    """Of each column."""
    smallest_difference: float | None
    """What this many prompts can show between two of them; None for fewer than two columns."""


def paired_difference(a: NDArray[np.float64], b: NDArray[np.float64]) -> Difference:
    """Mean of a - b over prompts, with its interval and the p of a sign-flip test.

    If two models do not differ, each prompt's difference could as well have the other sign. The
    mean is compared with those of all patterns of signs, or of `RESAMPLES` that are drawn with a
    fixed seed where there are too many.

    Parameters
    ----------
    a, b : ndarray of float, shape (n,)
        Scores of two models by prompt, prompts in the same order.

    Raises
    ------
    ValueError
        The shapes differ, there is no prompt, or a value is not finite.

    References
    ----------
    P. Good, "Permutation, Parametric and Bootstrap Tests of Hypotheses", 2005, section 3.2.
    """
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"scores must be paired, shapes are {a.shape} and {b.shape}")
    found = interval(a - b)
    p = float(_sign_flip_p((a - b)[:, None])[0])
    return Difference(found.value, found.low, found.high, found.n, p)


def _sign_flip_p(differences: NDArray[np.float64]) -> NDArray[np.float64]:
    """Two-sided p of each column of `differences`, shape (n, k), fine enough for `holm` of all."""
    n, pairs = differences.shape
    # Sums of the same numbers in another order differ in their last bits.
    seen = np.abs(differences.sum(axis=0)) - 1e-9 * np.abs(differences).sum(axis=0)
    if n <= _EXACT:
        patterns = np.arange(1 << n)[:, None] >> np.arange(n) & 1
        reached = np.abs((2.0 * patterns - 1) @ differences) >= seen
        return np.asarray(reached.mean(axis=0))
    draws = max(RESAMPLES, _DRAWS_PER_PAIR * pairs)
    rng = np.random.default_rng([SEED, n, 2])
    counts = np.zeros(pairs, np.int64)
    for start in range(0, draws, _AT_ONCE):
        patterns = rng.integers(0, 2, size=(min(_AT_ONCE, draws - start), n), dtype=np.int8)
        counts += (np.abs((2.0 * patterns - 1) @ differences) >= seen).sum(axis=0)
    return np.asarray((counts + 1) / (draws + 1))


def smallest_p(n: int) -> float:
    """The smallest p that `paired_difference` can give where `n` prompts differ."""
    return min(1.0, max(2.0 ** (1 - n), 1 / (RESAMPLES + 1)))


def holm(p: Sequence[float]) -> list[float]:
    """Adjust p-values for their number, in the order given (S. Holm, Scand. J. Statist. 6, 1979).

    Those below `LEVEL` afterwards are significant together: none of them is wrong with a
    probability of 1 - `LEVEL`.
    """
    values = np.asarray(p, np.float64)
    if values.ndim != 1 or not ((values >= 0) & (values <= 1)).all():
        raise ValueError("p-values must be between 0 and 1")
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(stepped, 1)
    return [float(value) for value in adjusted]


def rank(scores: NDArray[np.float64], *, higher_is_better: bool = True) -> Ranking:
    """Rank models in groups: two share places unless a paired test tells them apart.

    Parameters
    ----------
    scores : ndarray of float, shape (n, k)
        One row a prompt, one column a model.
    higher_is_better : bool
        Which end is first.

    Returns
    -------
    Ranking
        A model's best place is one below all models significantly better than it (Holm over all
        pairs), its worst one above all significantly worse.

    Raises
    ------
    ValueError
        `scores` is not two-dimensional, has no row, or holds a value that is not finite.
    """
    scores = np.asarray(scores, np.float64)
    if scores.ndim != 2 or not len(scores) or not np.isfinite(scores).all():
        raise ValueError(f"scores must be finite, of shape (n >= 1, k), not {scores.shape}")
    models = scores.shape[1]
    pairs = list(combinations(range(models), 2))
    if not pairs:
        return Ranking((Ranks(1, 1),) * models, None)
    sign = 1.0 if higher_is_better else -1.0
    differences = np.stack([sign * (scores[:, a] - scores[:, b]) for a, b in pairs], axis=1)
    adjusted = holm(_sign_flip_p(differences).tolist())
    better, worse = np.zeros(models, int), np.zeros(models, int)
    for (a, b), p, mean in zip(pairs, adjusted, differences.mean(axis=0), strict=True):
        if p < LEVEL and mean:
            winner, loser = (a, b) if mean > 0 else (b, a)
            better[loser] += 1
            worse[winner] += 1
    ranks = tuple(Ranks(1 + int(b), models - int(w)) for b, w in zip(better, worse, strict=True))
    return Ranking(ranks, smallest_difference(differences))


def smallest_difference(differences: NDArray[np.float64]) -> float | None:
    """The smallest true difference that this many prompts show with probability `POWER`.

    ``(z(1 - LEVEL / 2k) + z(POWER)) sd / √n`` of a two-sided paired test among `k` of them, with sd
    the root mean variance of the pairs. None for fewer than two prompts.

    Parameters
    ----------
    differences : ndarray of float, shape (n, k)
        One row a prompt, one column a pair of models.
    """
    n, pairs = differences.shape
    if n < 2 or not pairs:
        return None
    sd = np.sqrt(differences.var(axis=0, ddof=1).mean())
    reach = special.ndtri(1 - LEVEL / (2 * pairs)) + special.ndtri(POWER)
    return float(reach * sd / np.sqrt(n))
