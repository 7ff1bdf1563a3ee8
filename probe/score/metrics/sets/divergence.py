"""What a tagger hears: divergence from the reference clip by clip, and the inception score.

Both take probabilities of classes, one row a clip: a softmax over a tagger's logits. Independent
probabilities (a sigmoid's) are no distribution and are refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr, stdtrit

from probe.score.metrics.sets.rows import Array, check_rows
from probe.stats import SEED, interval

SMOOTHING = 1e-6
"""Added to every probability of the second distribution before it is made to sum to one again, so
that a class it rules out does not make the divergence infinite. audioldm_eval adds as much and does
not normalise: its figures are lower by ``log(1 + classes · 1e-6)``, 0.0005 for 527 classes."""

_SUM_TOLERANCE = 1e-3
"""How far the probabilities of a clip may be from a sum of one; float16 is not further."""

_NEVER = 1e-7
"""Where a sigmoid in float32 saturates; a logit beyond it is not told from one further."""

Direction = Literal["reference‖generated", "generated‖reference"]


@dataclass(frozen=True)
class DivergenceEstimate:
    """Mean divergence over clips."""

    value: float
    """In nats."""
    low: float
    high: float
    """Ends of the 95 % interval; clips are resampled."""
    n: int
    direction: Direction
    per_clip: Array
    """Shape (n,)."""


@dataclass(frozen=True)
class InceptionScore:
    """How sharp and how varied a set of clips is, to a tagger."""

    value: float
    """Mean over the splits, from 1 (all clips heard alike) to the number of classes."""
    low: float
    high: float
    """Ends of the 95 % interval (Student's t over the splits, which share no clip)."""
    std: float
    """Standard deviation over the splits, as papers print it; no standard error."""
    n: int
    splits: int


def kl_divergence(
    reference: ArrayLike, generated: ArrayLike, *, direction: Direction = "reference‖generated"
) -> DivergenceEstimate:
    """Mean Kullback–Leibler divergence between clips and the recordings they should resemble.

    ``KL(p‖q) = Σ p log(p / q)`` is large where p hears what q rules out. audioldm_eval and
    audiocraft report ``reference‖generated``, stable-audio-metrics ``generated‖reference``.

    Parameters
    ----------
    reference, generated : array_like of float, shape (n, classes)
        Probabilities; row i of both is the same prompt.
    direction : str
        Which is p and which q.

    Returns
    -------
    DivergenceEstimate
        In nats; never negative.

    Raises
    ------
    ValueError
        The shapes differ, a row is no distribution, or there is no such direction.
    """
    of, to = (_distributions(n, g) for n, g in (("reference", reference), ("generated", generated)))
    if of.shape != to.shape:
        raise ValueError(f"reference has shape {of.shape}, generated has {to.shape}: pairs needed")
    if direction == "generated‖reference":
        of, to = to, of
    elif direction != "reference‖generated":
        raise ValueError(f"there is no direction {direction!r}")
    smooth = (to + SMOOTHING) / (1 + to.shape[1] * SMOOTHING)
    per_clip = np.maximum(_divergences(of, smooth), 0)  # below it by rounding alone
    found = interval(per_clip)
    return DivergenceEstimate(found.value, found.low, found.high, found.n, direction, per_clip)


def softmax_of(probabilities: ArrayLike) -> Array:
    """One distribution over the classes from the probability of each class by itself.

    Taggers such as PANNs say of each class how likely it is, by the sigmoid of its logit; KL and IS
    are of distributions. As in the published ones, it is the softmax of the same logits.

    Parameters
    ----------
    probabilities : array_like of float, shape (n, classes)
        Each in [0, 1]; rows need not sum to 1.

    Returns
    -------
    ndarray of float64, shape (n, classes)
        Rows sum to 1.

    Raises
    ------
    ValueError
        A value is no probability.
    """
    rows = check_rows("probabilities", probabilities, least=1)
    if (rows < 0).any() or (rows > 1).any():
        raise ValueError("probabilities has a value outside of [0, 1]")
    odds = np.clip(rows, _NEVER, 1 - _NEVER)
    odds = odds / (1 - odds)
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def inception_score(probabilities: ArrayLike, *, splits: int = 10) -> InceptionScore:
    """Inception score: ``exp E KL(p(class | clip) ‖ p(class))``, the mean over splits.

    The score grows with the clips in a split, so it compares only with scores of as many clips and
    splits. Clips are dealt to splits by a fixed permutation, since sets often come sorted by class.

    Parameters
    ----------
    probabilities : array_like of float, shape (n, classes)
        Of each clip's classes.
    splits : int
        As many parts are scored on their own, at least 2; 10 is usual.

    Returns
    -------
    InceptionScore

    Raises
    ------
    ValueError
        A row is no distribution, or there are fewer clips than splits or fewer than two splits.

    References
    ----------
    T. Salimans et al., "Improved techniques for training GANs", NeurIPS 2016, section 4.
    """
    rows = _distributions("probabilities", probabilities)
    if not 2 <= splits <= len(rows):
        raise ValueError(f"{len(rows)} clips cannot be dealt to {splits} splits")
    order = np.random.default_rng([SEED, len(rows)]).permutation(len(rows))
    scores = [
        np.exp(_divergences(part, part.mean(axis=0)).mean())
        for part in np.array_split(rows[order], splits)
    ]
    value, std = float(np.mean(scores)), float(np.std(scores))
    reach = float(stdtrit(splits - 1, 0.975)) * std / np.sqrt(splits - 1)
    return InceptionScore(value, value - reach, value + reach, std, len(rows), splits)


def _distributions(name: str, given: ArrayLike) -> Array:
    rows = check_rows(name, given, least=1)
    if rows.min() < 0:
        raise ValueError(f"{name} has negative probabilities; a softmax of the logits is needed")
    sums = rows.sum(axis=1, keepdims=True)
    if (off := np.abs(sums - 1)).max() > _SUM_TOLERANCE:
        row = int(off.argmax())
        raise ValueError(f"row {row} of {name} sums to {sums[row, 0]:.6g}, not to 1")
    return np.asarray(rows / sums)


def _divergences(p: Array, q: Array) -> Array:
    """``Σ p log(p / q)`` of each row in nats, where q is positive wherever p is; 0 log 0 is 0."""
    return np.asarray(rel_entr(p, q).sum(axis=1), np.float64)
