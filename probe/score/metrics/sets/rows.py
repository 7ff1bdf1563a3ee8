"""Embeddings as rows: checked once at the door, and dealt to groups for the jackknife."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

Array = NDArray[np.float64]

LARGEST = 1e100
"""Squares and their sums stay finite up to here."""


def real(name: str, given: ArrayLike) -> Array:
    """Numbers as float64, where nothing is lost by it.

    Raises
    ------
    ValueError
        Some are masked, or complex; the message begins with `name`.
    """
    if np.ma.is_masked(given) or (isinstance(given, Sequence) and any(map(np.ma.is_masked, given))):
        raise ValueError(f"{name} has masked values; leave their rows out, or fill them")
    array = np.asarray(given)
    if np.iscomplexobj(array):
        raise ValueError(f"{name} is complex, real numbers are needed")
    return np.asarray(array, np.float64)


def check_rows(name: str, given: ArrayLike, least: int = 2) -> Array:
    """Embeddings as float64, shape (n, d).

    Raises
    ------
    ValueError
        `given` has another shape, fewer than `least` rows, or values that are masked, complex, not
        finite or beyond `LARGEST`; the message begins with `name`.
    """
    array = real(name, given)
    if array.ndim != 2 or not array.shape[1]:
        raise ValueError(f"{name} has shape {array.shape}, (n, d) is needed")
    if len(array) < least:
        plural = "" if len(array) == 1 else "s"
        raise ValueError(f"{name} has {len(array)} row{plural}, at least {least} are needed")
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains NaN or infinity")
    if np.abs(array).max() > LARGEST:
        raise ValueError(f"{name} has values beyond {LARGEST:g}")
    return array


def check_columns(x: int, y: int) -> None:
    """Raise ValueError unless the sets x and y have the same number of columns."""
    if x != y:
        raise ValueError(f"x has {x} columns, y has {y}")


def deal(
    rows: tuple[int, int],
    clips: tuple[Sequence[Hashable] | None, Sequence[Hashable] | None],
    groups: int,
) -> tuple[NDArray[np.intp], NDArray[np.intp], int]:
    """Deal the clips of the sets x and y to groups in turn.

    Parameters
    ----------
    rows : (int, int)
        How many rows each set has.
    clips : pair of sequences of hashable, or None
        The clip each row is from; None where every row is a clip of its own.
    groups : int
        How many groups are wanted; a set of fewer clips makes it as many as there are clips.

    Returns
    -------
    (ndarray of int, ndarray of int, int)
        The group of each row of x and of y, and how many groups there are.

    Raises
    ------
    ValueError
        Fewer than two groups or three clips, or clips that do not match the rows.
    """
    if groups < 2:
        raise ValueError(f"groups is {groups}, at least 2 are needed")
    (x, count_x), (y, count_y) = (
        _numbered(name, given, n)
        for name, given, n in zip(("clips_x", "clips_y"), clips, rows, strict=True)
    )
    groups = min(groups, count_x, count_y)
    for name, count in (("clips_x", count_x), ("clips_y", count_y)):
        if count - -(-count // groups) < 2:
            raise ValueError(
                f"{name} has {count} clips, too few to leave out one of {groups} groups"
            )
    return x % groups, y % groups, groups


def _numbered(
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


@dataclass(frozen=True)
class Jackknifed:
    """A value with its first-order bias removed, and how sure it is."""

    value: float
    se: float
    low: float
    high: float


def jackknife(plain: float, left_out: Sequence[float]) -> Jackknifed:
    """Estimate, standard error and 95 % interval (Student's t) of a grouped jackknife.

    `left_out` has the value without each group. See B. Efron, C. Stein, "The jackknife estimate of
    variance", Annals of Statistics 9(3), 1981.
    """
    parts = np.array(left_out)
    groups = len(parts)
    value = groups * plain - (groups - 1) * parts.mean()
    se = np.sqrt((groups - 1) * parts.var())
    reach = stats.t.ppf(0.975, groups - 1) * se
    return Jackknifed(float(value), float(se), float(value - reach), float(value + reach))
