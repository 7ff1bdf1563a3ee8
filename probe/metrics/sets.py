"""Metrics of a whole set of clips against a set of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample
from probe.embedders.base import Embedder
from probe.embedders.logmel import LogMel
from probe.errors import UsageError
from probe.metrics.frechet import frechet_jackknife

FEWEST = 3
"""Clips a set needs, rendered or reference, before a distance can have an interval."""


@dataclass(frozen=True)
class SetValue:
    """A set metric with its interval."""

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


def fd_logmel(
    rendered: Sequence[NDArray[np.float64]],
    references: Sequence[NDArray[np.float64]],
    sample_rate: int,
) -> SetValue:
    """Fréchet distance of log-mel statistics between rendered clips and recordings.

    Parameters
    ----------
    rendered, references : sequence of ndarray of float64, shape (n,)
        Mono clips at `sample_rate`; digital silence stands in for a clip that failed.
    sample_rate : int
        In Hz.

    Returns
    -------
    SetValue
        In units of (20 dB)² summed over the bands; see `probe.embedders.logmel`.

    Raises
    ------
    UsageError
        A set has fewer than `FEWEST` clips.
    """
    for name, clips in (("rendered clips", rendered), ("references", references)):
        if len(clips) < FEWEST:
            raise UsageError(f"fd/logmel needs at least {FEWEST} {name}, there are {len(clips)}")
    embedder: Embedder = LogMel()
    x, y = (
        embedder.embed([resample(clip, sample_rate, embedder.sample_rate) for clip in clips])
        for clips in (rendered, references)
    )
    found = frechet_jackknife(x, y)
    return SetValue(
        *(found.value, found.low, found.high, found.plain, found.n_x, found.n_y, found.d),
        fingerprint=embedder.fingerprint,
    )
