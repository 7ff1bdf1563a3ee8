"""What every pure metric refuses: numbers of which float64 would keep only a part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from probe.score.metrics.sets.clap import clap_scores, recognise, retrieval
from probe.score.metrics.sets.divergence import inception_score, kl_divergence, softmax_of
from probe.score.metrics.sets.frechet import (
    Stats,
    frechet_bias,
    frechet_distance,
    frechet_jackknife,
    frechet_per_clip,
)
from probe.score.metrics.sets.kernel import kernel_distance, kernel_jackknife, median_distance

ROWS = np.random.default_rng(0).random((6, 3))
SHARES = ROWS / ROWS.sum(axis=1, keepdims=True)

DOORS: dict[str, tuple[np.ndarray, Callable[[Any], object]]] = {
    "frechet_distance": (ROWS, lambda x: frechet_distance(x, ROWS)),
    "frechet_distance, reference": (ROWS, lambda x: frechet_distance(ROWS, x)),
    "frechet_jackknife": (ROWS, lambda x: frechet_jackknife(ROWS, x)),
    "frechet_bias": (ROWS, lambda x: frechet_bias(x, ROWS)),
    "frechet_per_clip": (ROWS, lambda x: frechet_per_clip([ROWS, x], ROWS)),
    "Stats.from_embeddings": (ROWS, Stats.from_embeddings),
    "Stats.update": (ROWS, lambda x: Stats.from_embeddings(ROWS).update(x)),
    "Stats.from_covariance": (np.eye(3), lambda x: Stats.from_covariance(np.zeros(3), x)),
    "Stats": (np.eye(3), lambda x: Stats(9, np.zeros(3), x)),
    "kernel_distance": (ROWS, lambda x: kernel_distance(x, ROWS)),
    "kernel_jackknife": (ROWS, lambda x: kernel_jackknife(ROWS, x)),
    "median_distance": (ROWS, median_distance),
    "clap_scores": (ROWS, lambda x: clap_scores(x, ROWS)),
    "recognise": (ROWS, lambda x: recognise(ROWS, x, [0] * 6)),
    "recognise, truth": (np.zeros(6, int), lambda x: recognise(ROWS, ROWS, x)),
    "retrieval": (ROWS, lambda x: retrieval(ROWS, x, ks=(1,))),
    "retrieval, belongs": (np.eye(6), lambda x: retrieval(ROWS, ROWS, belongs=x, ks=(1,))),
    "kl_divergence": (SHARES, lambda x: kl_divergence(x, SHARES)),
    "inception_score": (SHARES, lambda x: inception_score(x, splits=2)),
    "softmax_of": (SHARES, softmax_of),
}


@pytest.mark.parametrize("door", DOORS)
def test_no_mask_and_no_imaginary_part_is_dropped(door: str) -> None:
    good, take = DOORS[door]
    take(good)
    take(np.ma.masked_invalid(good))  # nothing in it is masked
    masked = np.ma.masked_array(good, np.arange(good.size).reshape(good.shape) == 1)
    with pytest.raises(ValueError, match="masked"):
        take(masked)
    with pytest.raises(ValueError, match="complex"):
        take(good + 1j)


def test_rows_in_a_list_keep_their_mask_too() -> None:
    rows = [np.ma.masked_equal(row, row[0]) for row in ROWS]
    with pytest.raises(ValueError, match="x has masked values; leave their rows out, or fill them"):
        frechet_distance(rows, ROWS)
