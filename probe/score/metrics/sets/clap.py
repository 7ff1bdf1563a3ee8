"""What a model with one space for sound and text says: CLAP score, recognition, retrieval.

Pure functions on embeddings [1]_. The checkpoint is part of every result's name, since checkpoints
do not agree on which of two systems is better. Sums run in float64.

A tie is settled as chance would settle it: a model that gives every clip the same vector gets the
share of hits that drawing lots would get, not all of them and not none.

.. [1] Y. Wu et al., "Large-scale contrastive language-audio pretraining with feature fusion and
   keyword-to-caption augmentation", ICASSP 2023: score as cosine, zero-shot recognition by the
   nearest prompt, retrieval R@k in both directions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import comb

import numpy as np
from numpy.typing import ArrayLike, NDArray

from probe.errors import UsageError
from probe.score.metrics.sets.rows import Array, check_rows, real

TEMPLATE = "This is a sound of {}"
"""Prompt around a label, as LAION-CLAP's own zero-shot evaluation has it."""


def clap_scores(audio: ArrayLike, text: ArrayLike) -> Array:
    """CLAP score of each pair: cosine similarity of a clip and its own caption.

    Parameters
    ----------
    audio, text : array_like of float, shape (n, d)
        Row i of one belongs to row i of the other; of any length but zero.

    Returns
    -------
    ndarray of float64, shape (n,)
        Within [-1, 1]. Peers print the mean, some of them times 100.

    Raises
    ------
    ValueError
        Shapes that do not match, values that are masked, complex or not finite, or a vector of
        length zero.
    """
    clips, texts = _paired(audio, text)
    return np.asarray(np.clip(np.einsum("ij,ij->i", clips, texts), -1, 1))


def label_prompts(labels: Sequence[str], template: str = TEMPLATE) -> list[str]:
    """Put each label into a sentence; underscores become spaces.

    Raises
    ------
    UsageError
        The template lacks its ``{}``, or has more than that in braces.
    """
    try:
        first = template.format("one thing")
    except (IndexError, KeyError, ValueError):
        first = template
    if "one thing" not in first:
        raise UsageError(f"the template {template!r} needs {{}} where the label goes, and no more")
    return [template.format(label.replace("_", " ")) for label in labels]


@dataclass(frozen=True)
class Recognition:
    """Zero-shot recognition of each clip among labels."""

    hits: dict[int, Array]
    """For each k: 1 where the true label is among the k nearest, shape (n,); a share in a tie."""
    nearest: NDArray[np.intp]
    """The label that is nearest to each clip, shape (n,); the first of a tie."""
    chance: dict[int, float]
    """For each k, what drawing lots gets."""

    def top(self, k: int) -> float:
        """Share of the clips whose true label is among the `k` nearest."""
        return float(self.hits[k].mean())


def recognise(
    audio: ArrayLike, labels: ArrayLike, truth: Sequence[int], *, ks: Sequence[int] = (1,)
) -> Recognition:
    """Recognise clips among labels by the similarity of audio and text.

    Parameters
    ----------
    audio : array_like of float, shape (n, d)
        One row a clip.
    labels : array_like of float, shape (m, d)
        One row a label, embedded as one of `label_prompts`.
    truth : sequence of int, length n
        Which label each clip has.
    ks : sequence of int
        Each from 1 to m.

    Returns
    -------
    Recognition

    Raises
    ------
    ValueError
        As `clap_scores`; or a truth or a k that is out of range.
    """
    clips, labels = _both(audio, labels)
    right = real("truth", truth).astype(np.intp)
    if right.shape != (len(clips),):
        raise ValueError(
            f"truth has shape {right.shape}, one label for each of {len(clips)} clips needed"
        )
    if ((right < 0) | (right >= len(labels))).any():
        raise ValueError(f"truth names a label that is not among the {len(labels)}")
    similar = clips @ labels.T
    relevant = right[:, None] == np.arange(len(labels))
    return Recognition(
        hits={k: _hits(similar, relevant, k) for k in _checked(ks, len(labels))},
        nearest=similar.argmax(axis=1),
        chance={k: k / len(labels) for k in ks},
    )


@dataclass(frozen=True)
class Retrieval:
    """Retrieval of clips by captions and of captions by clips."""

    text_to_audio: dict[int, Array]
    """For each k: 1 where a clip of the caption is among the k nearest clips, shape (m,)."""
    audio_to_text: dict[int, Array]
    """For each k: 1 where a caption of the clip is among the k nearest captions, shape (n,)."""
    chance: dict[int, tuple[float, float]]
    """For each k, what drawing lots gets, from text to audio and from audio to text."""

    def recall(self, k: int) -> tuple[float, float]:
        """R@k from text to audio and from audio to text."""
        return float(self.text_to_audio[k].mean()), float(self.audio_to_text[k].mean())


def retrieval(
    audio: ArrayLike,
    text: ArrayLike,
    *,
    belongs: ArrayLike | None = None,
    ks: Sequence[int] = (1, 5, 10),
) -> Retrieval:
    """Find clips by their captions among all clips, and captions by their clips.

    Parameters
    ----------
    audio, text : array_like of float, shapes (n, d) and (m, d)
        Distinct clips and distinct captions.
    belongs : array_like of bool, shape (n, m), optional
        Which captions a clip has; at least one for each clip and one clip for each caption. Any of
        them counts as found. Without it caption i is that of clip i.
    ks : sequence of int
        Each from 1 to the smaller of n and m.

    Returns
    -------
    Retrieval

    Raises
    ------
    ValueError
        As `clap_scores`; or a k that is out of range, or a clip or a caption that has no other.
    """
    clips, texts = (_paired if belongs is None else _both)(audio, text)
    shape = (len(clips), len(texts))
    own = np.eye(len(clips), dtype=bool) if belongs is None else real("belongs", belongs) > 0
    if own.shape != shape:
        raise ValueError(f"belongs has shape {own.shape}, {shape} is needed")
    if not (own.any(axis=0).all() and own.any(axis=1).all()):
        raise ValueError("belongs leaves a clip without a caption or a caption without a clip")
    similar = clips @ texts.T
    level = np.zeros(shape)
    by_text, by_audio, chance = {}, {}, {}
    for k in _checked(ks, min(shape)):
        by_text[k], by_audio[k] = _hits(similar.T, own.T, k), _hits(similar, own, k)
        lots = _hits(level.T, own.T, k), _hits(level, own, k)
        chance[k] = float(lots[0].mean()), float(lots[1].mean())
    return Retrieval(by_text, by_audio, chance)


def _hits(similar: Array, relevant: NDArray[np.bool_], k: int) -> Array:
    """Chance that one of the relevant columns is among the `k` most similar, shape (rows,).

    It is 0 or 1 where the best relevant similarity is met by no irrelevant one. Where it is, the
    columns that tie fill the places left in an order that is drawn by lot.
    """
    # A product sums in an order that depends on where a row lies: equal rows tie when rounded.
    similar = np.round(similar, 12)
    best = np.where(relevant, similar, -np.inf).max(axis=1, keepdims=True)
    above = ((similar > best) & ~relevant).sum(axis=1)
    tied = similar == best
    right, wrong = (tied & relevant).sum(axis=1), (tied & ~relevant).sum(axis=1)
    out = np.empty(len(similar))
    for row, (over, good, bad) in enumerate(zip(above, right, wrong, strict=True)):
        places = min(k - int(over), int(good + bad))
        missed = comb(int(bad), places) / comb(int(good + bad), places) if places > 0 else 1.0
        out[row] = 1 - missed
    return out


def _checked(ks: Sequence[int], most: int) -> list[int]:
    for k in ks:
        if not 1 <= k <= most:
            raise ValueError(f"k is {k}, it must be from 1 to {most}")
    return list(ks)


def _paired(audio: ArrayLike, text: ArrayLike) -> tuple[Array, Array]:
    clips, texts = _both(audio, text)
    if clips.shape != texts.shape:
        raise ValueError(f"there are {len(clips)} rows of audio and {len(texts)} of text")
    return clips, texts


def _both(audio: ArrayLike, text: ArrayLike) -> tuple[Array, Array]:
    clips, texts = _unit("audio", audio), _unit("text", text)
    if clips.shape[1] != texts.shape[1]:
        raise ValueError(f"audio has {clips.shape[1]} columns, text has {texts.shape[1]}")
    return clips, texts


def _unit(name: str, given: ArrayLike) -> Array:
    """Rows scaled to length one."""
    rows = check_rows(name, given, least=1)
    largest = np.abs(rows).max(axis=1, keepdims=True)
    if not largest.all():
        raise ValueError(f"{name} has a vector of length zero, which points nowhere")
    rows = rows / largest
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True))
