"""What a model with one space for sound and text hears *when*: order and presence of events.

One vector for a whole clip cannot tell a dog before a cat from a cat before a dog, which is why a
CLAP score says nothing about order [1]_ [2]_. Here a clip is heard in short overlapping windows,
and each event is where the window is that fits it best. Pure functions on embeddings.

.. [1] S. Ghosh et al., "CompA: addressing the gap in compositional reasoning in audio-language
   models", ICLR 2024.
.. [2] N. Majumder et al., "Tango 2: aligning diffusion-based text-to-audio generations through
   direct preference optimization", ACM Multimedia 2024.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

WINDOW_S = 2.0
"""Length of a window: long enough to recognise a sound in, short enough to tell two apart."""
HOP_S = 0.5
NEAREST = 5
"""An event is there when its class is among so many nearest in some window."""


def windows(samples: Array, sample_rate: int) -> list[Array]:
    """Cut a clip into windows of `WINDOW_S` every `HOP_S`, one more aligned to its end.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio; a clip shorter than a window is its own one.
    sample_rate : int
        In Hz.
    """
    length, hop = round(WINDOW_S * sample_rate), round(HOP_S * sample_rate)
    last = max(len(samples) - length, 0)
    starts = [*range(0, last, hop), last]
    return [samples[start : start + length] for start in starts]


def similarities(audio: Array, text: Array) -> Array:
    """Cosines of windows and texts, shapes (windows, d) and (texts, d); shape (windows, texts)."""
    rows = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (audio, text)]
    # Equal vectors must tie whatever their place in the product.
    return np.asarray(np.round(rows[0] @ rows[1].T, 12))


def order_accuracy(similar: Array) -> float:
    """Share of pairs of events that are heard in the order in which they are asked for.

    Parameters
    ----------
    similar : ndarray of float64, shape (windows, events)
        Cosines of the windows, in time, and of the events' captions, in the order asked for; two
        events at least.

    Returns
    -------
    float
        Within [0, 1]; .5 for a clip that sounds the same throughout. An event is where it stands
        out most against the other events, so that a caption that fits everything decides nothing.

    Raises
    ------
    ValueError
        There are fewer than two events.
    """
    events = similar.shape[1]
    if events < 2:
        raise ValueError("an order is of two events or more")
    others = (similar.sum(axis=1, keepdims=True) - similar) / (events - 1)
    stands_out = np.round(similar - others, 12)
    # The middle of all windows that are equally good: a clip without change gives equal places.
    best = [np.flatnonzero(column == column.max()).mean() for column in stands_out.T]
    pairs = [(a, b) for a in range(events) for b in range(a + 1, events)]
    return float(np.mean([0.5 * (1 + np.sign(best[b] - best[a])) for a, b in pairs]))


def presence(similar: Array, wanted: list[int], *, nearest: int = NEAREST) -> float:
    """Share of the wanted classes that are among the nearest in some window.

    Parameters
    ----------
    similar : ndarray of float64, shape (windows, classes)
        Cosines of the windows and of the captions of all classes.
    wanted : list of int
        Classes that must be heard.
    nearest : int
        How many classes of a window count.

    Returns
    -------
    float
        Within [0, 1].
    """
    # A tie counts against: a clip that is like every class is of none.
    better = (similar[:, :, None] <= similar[:, None, :]).sum(axis=2) - 1
    return float(np.mean([(better[:, label] < nearest).any() for label in wanted]))
