"""Set metrics over an embedder: how far rendered clips lie from recordings, and what that means.

A distance alone says little. Beside each stand the real-vs-real floor, which is what recordings of
the same kind have among themselves, and the noise ceiling, which is what white noise has to them.
All of them are pure functions of embeddings.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probe.errors import UsageError
from probe.score.metrics.sets.frechet import frechet_jackknife
from probe.score.metrics.sets.kernel import KADTK_SCALE, kernel_jackknife, median_distance

Array = NDArray[np.float64]
Clips = Sequence[int] | NDArray[np.intp]

FEWEST = 3
"""Clips a set needs, rendered or reference, before a distance can have an interval."""

SPLITS = 10
"""Times the references are split in two for the floor."""

FRAMEWISE = ("vggish",)
"""Embedders for which every frame is a row of the set, as Fréchet audio distance was published
(K. Kilgour et al., Interspeech 2019). For the others, as for their users, a clip is a row."""

WITHOUT_WEIGHTS = "logmel"
"""The embedder that is plain statistics: its Fréchet distance is ``fd``, no borrowed name."""

_SEED = 2506_00003


@dataclass(frozen=True)
class Floor:
    """What recordings have among themselves: the distance of one half of them to the other."""

    value: float
    """Mean over the splits, bias removed. Comparable with any other such value."""
    low: float
    high: float
    """Least and largest of the splits. All splits are of the same recordings, so this is how far
    chance of drawing moves a value at this n, and not an interval of `value`."""
    plain: float
    """Mean over the splits, biased. Comparable with plain values of the same n alone."""
    n: int
    """Recordings in each half."""
    splits: int


@dataclass(frozen=True)
class SetValue:
    """A set metric with its interval, its floor and its ceiling."""

    value: float
    """With the bias of finite sets removed."""
    low: float
    high: float
    """Ends of the 95 % interval."""
    plain: float
    """The biased distance, as peers report it."""
    n: int
    """Rendered clips."""
    n_reference: int
    d: int
    """Length of an embedding."""
    fingerprint: str
    """Of the embedder."""
    se: float
    """Standard error of `value`."""
    floor: Floor | None = None
    """None where there are too few recordings to split."""
    ceiling: float | None = None
    """Value of white noise, where that was asked for."""


Distance = Literal["fad", "kad"]
"""Fréchet distance, in squared units of the embeddings, or kernel distance: MMD² times 100."""

KAD_NOTE = (
    f"kad is MMD² times {KADTK_SCALE}, unbiased: around 0, above or below, for sets of one kind;"
    " plain of a set with itself lies below"
)
"""For whoever reads one below zero, which no biased distance can be."""


@dataclass(frozen=True)
class _Estimate:
    """What both distances have in common."""

    value: float
    se: float
    low: float
    high: float
    plain: float
    d: int


def metric_name(distance: Distance, embedder: str) -> str:
    """Name on the board, as ``fad/vggish``; statistics without weights have no borrowed name."""
    plain = (distance, embedder) == ("fad", WITHOUT_WEIGHTS)
    return f"fd/{embedder}" if plain else f"{distance}/{embedder}"


def framewise(embedder: str) -> bool:
    """Whether a row of a set is a frame of the embedder of this name, and not a clip."""
    return embedder.startswith(FRAMEWISE)


def set_value(
    distance: Distance,
    x: Array,
    y: Array,
    *,
    fingerprint: str,
    clips_x: Clips | None = None,
    clips_y: Clips | None = None,
    ceiling: float | None = None,
) -> SetValue:
    """Distance of rendered clips to recordings, with interval and floor.

    Parameters
    ----------
    distance : {"fad", "kad"}
        Which.
    x, y : ndarray of float, shapes (n_x, d) and (n_y, d)
        Embeddings of rendered clips and of the recordings.
    fingerprint : str
        Of the embedder.
    clips_x, clips_y : sequence of int, lengths n_x and n_y, optional
        The clip each row is from, where a row is a frame.
    ceiling : float, optional
        From `noise_ceiling`.

    Raises
    ------
    UsageError
        A set has fewer than `FEWEST` clips, or the recordings are so alike that there is no
        bandwidth for the kernel.
    """
    of_x, of_y = _clips(x, clips_x), _clips(y, clips_y)
    n_x, n_y = len(np.unique(of_x)), len(np.unique(of_y))
    for name, count in (("rendered clips", n_x), ("references", n_y)):
        if count < FEWEST:
            raise UsageError(f"{distance} needs at least {FEWEST} {name}, there are {count}")
    found = _estimate(distance, x, y, of_x, of_y, _bandwidth(distance, y))
    return SetValue(
        *(found.value, found.low, found.high, found.plain, n_x, n_y, found.d),
        fingerprint=fingerprint,
        se=found.se,
        floor=real_floor(distance, y, clips=of_y, n=n_x),
        ceiling=ceiling,
    )


def real_floor(
    distance: Distance, references: Array, *, clips: Clips | None = None, n: int | None = None
) -> Floor | None:
    """Distance between halves of the recordings, over `SPLITS` random splits.

    Parameters
    ----------
    distance : {"fad", "kad"}
        Which.
    references : ndarray of float, shape (rows, d)
        Embeddings of the recordings.
    clips : sequence of int, optional
        The clip each row is from; rows of a clip stay together.
    n : int, optional
        Clips that a half shall have, to be compared with plain values at that n. No half can have
        more than half of the recordings, and the result says how many it had.

    Returns
    -------
    Floor or None
        None where a half would have fewer than `FEWEST` clips.
    """
    of = _clips(references, clips)
    names = np.unique(of)
    half = len(names) // 2 if n is None else min(len(names) // 2, n)
    if half < FEWEST:
        return None
    bandwidth = _bandwidth(distance, references)
    generator = np.random.default_rng([_SEED, len(names), half])
    found = []
    for _ in range(SPLITS):
        order = generator.permutation(names)
        one, other = np.isin(of, order[:half]), np.isin(of, order[half : 2 * half])
        x, y = references[one], references[other]
        found.append(_estimate(distance, x, y, of[one], of[other], bandwidth))
    values = [estimate.value for estimate in found]
    return Floor(
        value=float(np.mean(values)),
        low=min(values),
        high=max(values),
        plain=float(np.mean([estimate.plain for estimate in found])),
        n=half,
        splits=SPLITS,
    )


def noise_clips(count: int, seconds: float, sample_rate: int) -> Iterator[tuple[str, Array, int]]:
    """White Gaussian noise at -20 dBFS, the same on every machine, as (name, samples, rate)."""
    for number in range(count):
        generator = np.random.Generator(np.random.PCG64([_SEED, number]))
        noise = 0.1 * generator.standard_normal(round(seconds * sample_rate))
        yield f"noise {number}", np.clip(noise, -1, 1), sample_rate


def noise_ceiling(
    distance: Distance,
    noise: Array,
    references: Array,
    *,
    clips_x: Clips | None = None,
    clips_y: Clips | None = None,
) -> float:
    """Distance of noise to the recordings, bias removed: what knowing nothing of sound gets.

    Parameters
    ----------
    distance : {"fad", "kad"}
        Which.
    noise, references : ndarray of float, shapes (rows, d)
        Embeddings of `noise_clips` and of the recordings.
    clips_x, clips_y : sequence of int, optional
        The clip each row of either is from.

    Raises
    ------
    UsageError
        As `set_value`, for the kernel's bandwidth.
    """
    of_x, of_y = _clips(noise, clips_x), _clips(references, clips_y)
    bandwidth = _bandwidth(distance, references)
    return _estimate(distance, noise, references, of_x, of_y, bandwidth).value


def _clips(rows: Array, given: Clips | None) -> NDArray[np.intp]:
    return np.arange(len(rows)) if given is None else np.asarray(given, np.intp)


def _bandwidth(distance: Distance, references: Array) -> float | None:
    """Of the kernel: that of all recordings, also where halves of them are compared."""
    if distance == "fad":
        return None
    median = median_distance(references)
    if not median:
        raise UsageError("kad needs recordings that differ: most of them have the same embedding")
    return median


def _estimate(
    distance: Distance,
    x: Array,
    y: Array,
    clips_x: NDArray[np.intp],
    clips_y: NDArray[np.intp],
    bandwidth: float | None,
) -> _Estimate:
    of_x, of_y = clips_x.tolist(), clips_y.tolist()
    if distance == "fad":
        fad = frechet_jackknife(x, y, clips_x=of_x, clips_y=of_y)
        return _Estimate(fad.value, fad.se, fad.low, fad.high, fad.plain, fad.d)
    kad = kernel_jackknife(x, y, bandwidth=bandwidth, clips_x=of_x, clips_y=of_y)
    value, se, low, high, plain = (
        KADTK_SCALE * number for number in (kad.value, kad.se, kad.low, kad.high, kad.plain)
    )
    return _Estimate(value, se, low, high, plain, kad.d)
