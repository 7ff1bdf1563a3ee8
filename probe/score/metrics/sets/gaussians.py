"""The Gaussian fitted to a set of embeddings, kept, merged and read without the embeddings.

The covariance is held as a factor F, shape (k, d), k ≤ d, with ``FᵀF`` the covariance: forming the
product would square its condition, and lose half the digits of what is small in it.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from probe.score.metrics.sets.rows import LARGEST, Array, check_rows, real

_FORMAT = 1
"""Version of the file that `Stats.save` writes."""
_MU, _COV = ".mu", ".cov"
"""What follows a model's name in the files of fadtk."""
_ASYMMETRY = 1e-6
"""Relative to the largest entry: what a covariance that was kept in float32 may show."""


@dataclass(frozen=True, eq=False)
class Stats:
    """Mean and covariance of a set of embeddings; `frechet_distance` takes it in place of the set.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).normal(size=(100, 4))
    >>> whole = Stats.from_embeddings(x[:60]).merge(Stats.from_embeddings(x[60:]))
    >>> bool(np.allclose(whole.covariance, np.cov(x, rowvar=False)))
    True
    """

    n: int | None
    """Rows; None where a file does not say."""
    mean: Array
    """Shape (d,)."""
    factor: Array
    """F with FᵀF the covariance (of divisor n - 1), shape (k, d)."""
    clips: tuple[str, ...] = ()
    """Ids of the clips that the rows are from, each once, where they were given."""
    provenance: Mapping[str, str] = field(default_factory=dict)
    """Whatever is worth keeping of where the embeddings come from, the embedder above all."""

    def __post_init__(self) -> None:
        shapes = f"mean {self.mean.shape}, factor {self.factor.shape}"
        if self.mean.ndim != 1 or self.factor.ndim != 2 or not self.mean.size:
            raise ValueError(f"a mean (d,) and a factor (k, d) are needed, not {shapes}")
        if self.factor.shape[1] != self.mean.size:
            raise ValueError(f"mean and factor do not match: {shapes}")
        if self.n is not None and self.n < 2:
            raise ValueError(f"there is no covariance of {self.n} rows")
        for name, array in (("mean", self.mean), ("factor", self.factor)):
            numbers = real(f"the {name}", array)
            if not np.isfinite(numbers).all() or np.abs(numbers).max(initial=0) > LARGEST:
                raise ValueError(f"the {name} has NaN, infinity or values beyond {LARGEST:g}")

    @property
    def d(self) -> int:
        """Length of an embedding."""
        return self.mean.size

    @property
    def covariance(self) -> Array:
        """Sample covariance, shape (d, d)."""
        product: Array = self.factor.T @ self.factor
        return product

    @classmethod
    def from_embeddings(
        cls,
        x: ArrayLike,
        *,
        clips: Sequence[str] = (),
        provenance: Mapping[str, str] | None = None,
    ) -> Stats:
        """Fit a Gaussian to embeddings.

        Parameters
        ----------
        x : array_like of float, shape (n, d)
            At least two rows.
        clips : sequence of str
            Ids of the clips the rows are from, one a row or one a clip; repetitions are dropped.
        provenance : mapping of str to str, optional
            Kept as it is.

        Raises
        ------
        ValueError
            `x` has the wrong shape, too few rows, or NaN or infinity.
        """
        rows = check_rows("x", x)
        mean, factor = fitted(rows)
        ids = tuple(dict.fromkeys(clips))
        return cls(len(rows), mean, reduced(factor), ids, dict(provenance or {}))

    @classmethod
    def from_covariance(
        cls,
        mean: ArrayLike,
        covariance: ArrayLike,
        *,
        n: int | None = None,
        provenance: Mapping[str, str] | None = None,
    ) -> Stats:
        """Take a mean, shape (d,), and a covariance, shape (d, d), that something else computed.

        Raises
        ------
        ValueError
            The shapes do not match, a value is masked, complex or not finite, or the covariance is
            not symmetric or has an eigenvalue clearly below zero.
        """
        centre = np.atleast_1d(real("the mean", mean))
        factor = _factor_of(np.atleast_2d(real("the covariance", covariance)))
        return cls(n, centre, factor, (), dict(provenance or {}))

    def update(self, x: ArrayLike, *, clips: Sequence[str] = ()) -> Stats:
        """These statistics with more rows, shape (n, d), n ≥ 1; few large batches are quickest."""
        rows = check_rows("x", x, least=1)
        mean = rows.mean(axis=0)
        return self._pooled(len(rows), mean, rows - mean, clips)

    def merge(self, other: Stats) -> Stats:
        """The statistics of both sets together, exact up to rounding (Chan et al. 1983 [1]_).

        Provenance that both agree on is kept.

        Raises
        ------
        ValueError
            Different d, an unknown n, or a clip that is in both.

        References
        ----------
        .. [1] T. F. Chan, G. H. Golub, R. J. LeVeque, "Algorithms for computing the sample
           variance", The American Statistician 37(3), 1983.
        """
        if other.n is None:
            raise ValueError("statistics that do not say how many rows they are of cannot be added")
        scatter = other.factor * np.sqrt(other.n - 1)
        whole = self._pooled(other.n, other.mean, scatter, other.clips)
        shared = dict(self.provenance.items() & other.provenance.items())
        return Stats(whole.n, whole.mean, whole.factor, whole.clips, shared)

    def _pooled(self, n: int, mean: Array, scatter: Array, clips: Sequence[str]) -> Stats:
        """With `n` rows around `mean` whose scatter is ``scatterᵀ scatter``."""
        if self.n is None:
            raise ValueError("statistics that do not say how many rows they are of cannot grow")
        if mean.size != self.d:
            raise ValueError(f"rows of {mean.size} columns do not go with rows of {self.d}")
        ids = dict.fromkeys(clips)
        if twice := next((clip for clip in self.clips if clip in ids), None):
            raise ValueError(f"the clip {twice!r} would be counted twice")
        total = self.n + n
        apart = mean - self.mean
        stacked = np.vstack(
            [self.factor * np.sqrt(self.n - 1), scatter, apart * np.sqrt(self.n * n / total)]
        )
        return Stats(
            n=total,
            mean=self.mean + apart * (n / total),
            factor=reduced(stacked / np.sqrt(total - 1)),
            clips=(*self.clips, *ids),
            provenance=self.provenance,
        )

    def save(self, path: str | Path) -> None:
        """Write an ``.npz`` that `load` reads; the same statistics give the same bytes."""
        with open(path, "wb") as file:
            np.savez(
                file,
                format=np.int64(_FORMAT),
                n=np.int64(self.n or 0),
                mean=self.mean,
                factor=self.factor,
                clips=np.array(self.clips, np.str_),
                provenance=np.str_(json.dumps(dict(self.provenance), sort_keys=True)),
            )

    @classmethod
    def load(cls, path: str | Path, *, model: str | None = None) -> Stats:
        """Read what `save` wrote, or the statistics of fadtk (``<model>.mu``, ``<model>.cov``).

        Nothing in the file is ever unpickled.

        Parameters
        ----------
        path : str or Path
            An ``.npz``.
        model : str, optional
            Whose statistics to take from a file of fadtk that has several.

        Raises
        ------
        ValueError
            The file is neither of the two, or what it holds makes no sense; the message says why.
        """
        try:
            with open(path, "rb") as file:
                if not zipfile.is_zipfile(file):
                    raise ValueError("not an .npz")
                file.seek(0)
                data = np.load(file, allow_pickle=False)
                return cls._from_ours(data) if "factor" in data else cls._from_fadtk(data, model)
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise ValueError(f"{path}: {error}") from None

    @classmethod
    def _from_ours(cls, data: Mapping[str, Any]) -> Stats:
        if (version := int(data["format"])) > _FORMAT:
            raise ValueError(f"written by a newer probe (format {version}); update probe")
        return cls(
            n=int(data["n"]) or None,
            mean=data["mean"].astype(np.float64),
            factor=data["factor"].astype(np.float64),
            clips=tuple(data["clips"].tolist()),
            provenance=json.loads(str(data["provenance"])),
        )

    @classmethod
    def _from_fadtk(cls, data: Mapping[str, Any], model: str | None) -> Stats:
        models = [key.removesuffix(_MU) for key in data if key.endswith(_MU)]
        models = [name for name in models if name + _COV in data]
        if not models:
            raise ValueError("neither statistics of probe nor of fadtk")
        if model is None and len(models) > 1:
            raise ValueError(f"it has several models, name one of {', '.join(sorted(models))}")
        model = model or models[0]
        if model not in models:
            raise ValueError(f"it has no {model}, only {', '.join(sorted(models))}")
        provenance = {"format": "fadtk", "model": model}
        return cls.from_covariance(data[model + _MU], data[model + _COV], provenance=provenance)


def fitted(rows: Array) -> tuple[Array, Array]:
    """Mean, shape (d,), and centred rows, shape (n, d), scaled so that FᵀF is the covariance."""
    mean = rows.mean(axis=0)
    return mean, (rows - mean) / np.sqrt(len(rows) - 1)


def reduced(factor: Array) -> Array:
    """A factor of the same product ``FᵀF`` with no more rows than columns."""
    if len(factor) <= factor.shape[1]:
        return factor
    return np.asarray(linalg.qr(factor, mode="r", check_finite=False)[0][: factor.shape[1]])


def _factor_of(covariance: Array) -> Array:
    """F with FᵀF the covariance, by Cholesky, or by its eigenvalues where it is singular."""
    if covariance.ndim != 2 or len(covariance) != covariance.shape[1]:
        raise ValueError(f"the covariance has shape {covariance.shape}, (d, d) is needed")
    if not np.isfinite(covariance).all():
        raise ValueError("the covariance contains NaN or infinity")
    scale = np.abs(covariance).max()
    if np.abs(covariance - covariance.T).max() > _ASYMMETRY * scale:
        raise ValueError("the covariance is not symmetric")
    symmetric = (covariance + covariance.T) / 2
    try:
        return np.asarray(linalg.cholesky(symmetric, check_finite=False))
    except linalg.LinAlgError:
        values, vectors = linalg.eigh(symmetric, check_finite=False)
        if values[0] < -_ASYMMETRY * values[-1]:
            raise ValueError("the covariance has an eigenvalue below zero") from None
        return np.asarray(np.sqrt(np.maximum(values, 0))[:, None] * vectors.T)
