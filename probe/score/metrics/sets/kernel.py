"""Kernel distance between two sets of embeddings: squared maximum mean discrepancy, unbiased.

With a Gaussian kernel ``k(a, b) = exp(-|a - b|² / 2h²)`` it is ::

    mean k(x_i, x_j), i ≠ j  +  mean k(y_i, y_j), i ≠ j  -  2 mean k(x_i, y_j)

the U-statistic of [1]_, known for audio as KAD [2]_. Unlike a Fréchet distance it assumes no
Gaussian and needs no covariance. The bandwidth h is the median distance between two rows of the
reference y, which does not change with the set that is measured.

Rows are taken in blocks, so memory is bounded by the embeddings themselves.

.. [1] A. Gretton et al., "A kernel two-sample test", Journal of Machine Learning Research 13, 2012,
   lemma 6.
.. [2] Y. Chung et al., "KAD: No more FAD! An effective and efficient evaluation metric for audio
   generation", arXiv 2502.15602, 2025.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probe.score.metrics.sets.rows import Array, check_columns, check_rows, deal, jackknife

KADTK_SCALE = 100
"""What kadtk (1.0) multiplies its distance by, and so does whatever prints one; here nothing is."""

_BLOCK = 1024
"""Rows at a time: blocks of 8 MiB."""
_NOTHING = 1e-7
"""Distance of equal rows, relative to the largest, that rounding may pretend."""
_BINS = 1 << 14
_AT_ONCE = 1 << 22
"""Distances that are held together to find the median among them."""


@dataclass(frozen=True)
class KernelEstimate:
    """A kernel distance, and how sure it is."""

    value: float
    """Jackknife estimate; may fall below zero where the sets hardly differ."""
    se: float
    """Its standard error."""
    low: float
    high: float
    """Ends of the 95 % interval (Student's t)."""
    plain: float
    """The U-statistic of all rows, unbiased where every row is a clip of its own."""
    bandwidth: float
    n_x: int
    n_y: int
    d: int


def median_distance(y: ArrayLike) -> float:
    """Median Euclidean distance between two rows of `y`, shape (n, d).

    Exact (the lower of the two middle ones of an even number), in memory that does not grow with
    the number of pairs: the pairs are counted in bins, then the median's bin is looked into.

    Raises
    ------
    ValueError
        `y` has the wrong shape, fewer than two rows, or NaN or infinity.
    """
    rows = check_rows("y", y)
    return _median_distance(rows - rows.mean(axis=0))


def kernel_distance(x: ArrayLike, y: ArrayLike, *, bandwidth: float | None = None) -> float:
    """Unbiased squared maximum mean discrepancy between a set and a reference.

    Parameters
    ----------
    x : array_like of float, shape (n_x, d)
        Embeddings of what is measured, at least two rows.
    y : array_like of float, shape (n_y, d)
        Embeddings of the reference, at least two rows.
    bandwidth : float, optional
        h of the kernel, in units of the embeddings; the reference's `median_distance` if left out.

    Returns
    -------
    float
        Without unit, at most 2; around zero, and as often below it, for sets of one kind; for a set
        of n and itself 2 (1 - mean k) / n below. kadtk shows it times `KADTK_SCALE`.

    Raises
    ------
    ValueError
        A set has the wrong shape, too few rows, or NaN or infinity, or the bandwidth is not above
        zero; the message says which.
    """
    rows_x, rows_y, width = _checked(x, y, bandwidth)
    one = np.zeros(len(rows_x), np.intp), np.zeros(len(rows_y), np.intp)
    return _Sums(rows_x, rows_y, *one, 1, width).distance()


def kernel_jackknife(
    x: ArrayLike,
    y: ArrayLike,
    *,
    bandwidth: float | None = None,
    groups: int = 10,
    clips_x: Sequence[Hashable] | None = None,
    clips_y: Sequence[Hashable] | None = None,
) -> KernelEstimate:
    """Kernel distance with a 95 % interval over clips.

    As in `frechet_jackknife` clips are dealt to `groups` in turn and the distance is computed again
    without each, here at no more cost than the distance itself. Frames of one clip resemble each
    other, which lifts the plain distance; leaving out whole clips takes that away again.

    Parameters
    ----------
    x, y, bandwidth
        As for `kernel_distance`; the bandwidth is that of the whole reference in every group.
    groups : int
        How many groups each set is dealt to, at least 2.
    clips_x, clips_y : sequence of hashable, lengths n_x and n_y, optional
        The clip each row is from, when clips have several.

    Raises
    ------
    ValueError
        As `kernel_distance` and `frechet_jackknife`.
    """
    rows_x, rows_y, width = _checked(x, y, bandwidth)
    n_x, n_y = len(rows_x), len(rows_y)
    group_x, group_y, groups = deal((n_x, n_y), (clips_x, clips_y), groups)
    sums = _Sums(rows_x, rows_y, group_x, group_y, groups, width)
    plain = sums.distance()
    found = jackknife(plain, [sums.distance(without=group) for group in range(groups)])
    return KernelEstimate(
        *(found.value, found.se, found.low, found.high, plain, width, n_x, n_y, rows_x.shape[1])
    )


def _checked(x: ArrayLike, y: ArrayLike, bandwidth: float | None) -> tuple[Array, Array, float]:
    """Both sets around the reference's mean, and the bandwidth."""
    rows_x, rows_y = check_rows("x", x), check_rows("y", y)
    check_columns(rows_x.shape[1], rows_y.shape[1])
    # |a|² + |b|² - 2ab loses least around the mean.
    centre = rows_y.mean(axis=0)
    rows_x, rows_y = rows_x - centre, rows_y - centre
    if bandwidth is None:
        bandwidth = _median_distance(rows_y)
        if bandwidth <= _NOTHING * np.sqrt(np.square(rows_y).sum(axis=1).max()):
            raise ValueError("y has too many equal rows: their median distance is 0")
    if not 0 < bandwidth < np.inf:
        raise ValueError(f"bandwidth is {bandwidth}, it must be above 0")
    return rows_x, rows_y, float(bandwidth)


class _Sums:
    """Sums of the kernel between each two groups, from which any group can be left out."""

    def __init__(
        self,
        x: Array,
        y: Array,
        group_x: NDArray[np.intp],
        group_y: NDArray[np.intp],
        groups: int,
        bandwidth: float,
    ) -> None:
        self._n_x = np.bincount(group_x, minlength=groups)
        self._n_y = np.bincount(group_y, minlength=groups)
        self._xx = _kernel_sums(x, x, group_x, group_x, groups, bandwidth)
        self._yy = _kernel_sums(y, y, group_y, group_y, groups, bandwidth)
        self._xy = _kernel_sums(x, y, group_x, group_y, groups, bandwidth)

    def distance(self, without: int | None = None) -> float:
        kept = np.arange(len(self._n_x)) != without
        n_x, n_y = int(self._n_x[kept].sum()), int(self._n_y[kept].sum())
        xx, yy, xy = (sums[np.ix_(kept, kept)].sum() for sums in (self._xx, self._yy, self._xy))
        # A row's kernel with itself is 1 and is no pair.
        within = (xx - n_x) / (n_x * (n_x - 1)) + (yy - n_y) / (n_y * (n_y - 1))
        return float(within - 2 * xy / (n_x * n_y))


def _kernel_sums(
    a: Array,
    b: Array,
    group_a: NDArray[np.intp],
    group_b: NDArray[np.intp],
    groups: int,
    bandwidth: float,
) -> Array:
    """Sum of the kernel over each pair of groups, shape (groups, groups)."""
    member_a, member_b = np.eye(groups)[group_a], np.eye(groups)[group_b]
    sums = np.zeros((groups, groups))
    for here in _blocks(len(a)):
        for there in _blocks(len(b)):
            squares = _squares(a[here], b[there])
            if a is b and here == there:
                np.fill_diagonal(squares, 0)
            kernel = np.exp(squares / (-2 * bandwidth**2))
            sums += member_a[here].T @ kernel @ member_b[there]
    return sums


def _median_distance(rows: Array) -> float:
    inside = len(rows) * (len(rows) - 1) // 2
    rank, before = (inside - 1) // 2, 0
    low, high = 0.0, 4.01 * float(np.square(rows).sum(axis=1).max())  # (2 r)², and for rounding
    while inside > _AT_ONCE:
        # What is looked for is one of `inside` in [low, high]; `before` lie below.
        if high - low <= _BINS * np.finfo(np.float64).eps * high:
            return float(np.sqrt((low + high) / 2))
        counts = np.zeros(_BINS, np.int64)
        for squares in _pairs(rows):
            counts += np.histogram(squares, _BINS, (low, high))[0]
        edges = np.linspace(low, high, _BINS + 1)
        at = int(np.searchsorted(np.cumsum(counts), rank - before, side="right"))
        low, high = float(edges[at]), float(edges[at + 1])
        before, inside = before + int(counts[:at].sum()), int(counts[at])
    # What lies on the upper edge may be of the next bin; it is beyond the rank then.
    found = np.concatenate([s[(low <= s) & (s <= high)] for s in _pairs(rows)])
    return float(np.sqrt(np.partition(found, rank - before)[rank - before]))


def _pairs(rows: Array) -> Iterator[Array]:
    """Squared distances of all pairs, a block at a time."""
    for here in _blocks(len(rows)):
        for there in _blocks(len(rows)):
            if there.start > here.start:
                yield _squares(rows[here], rows[there]).ravel()
            elif there == here:
                block = _squares(rows[here], rows[here])
                yield block[np.triu_indices(len(block), 1)]


def _blocks(n: int) -> list[slice]:
    return [slice(start, min(start + _BLOCK, n)) for start in range(0, n, _BLOCK)]


def _squares(a: Array, b: Array) -> Array:
    """Squared distances between rows, shape (len(a), len(b))."""
    norms = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)
    squares: Array = np.maximum(norms - 2 * (a @ b.T), 0)
    return squares
