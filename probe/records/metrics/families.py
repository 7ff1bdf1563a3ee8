"""Metrics of an embedder: most exist once for each, as ``<family>/<embedder>``.

The embedder is part of the name because it changes the value, and which of two models is better.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from probe.records.metrics.metric import Metric

_of_a_set = partial(Metric, floor=None, scope="set")

FAMILIES: dict[str, Metric] = {
    family.name: family
    for family in (
        _of_a_set(
            name="fad",
            description="Fréchet distance of {} embeddings to the references, bias removed",
            higher_is_better=False,
            needs="references",
        ),
        _of_a_set(
            name="kad",
            description=(
                "kernel audio distance (unbiased MMD², times 100) of {} embeddings to the"
                " references"
            ),
            higher_is_better=False,
            needs="references",
        ),
        Metric(
            name="clap",
            description="cosine between clip and prompt in the space of {}",
        ),
        Metric(
            name="recognition",
            description=(
                "zero-shot recognition by {}: 1 where the right one of the tier's classes is"
                " nearest"
            ),
            asks="label",
        ),
        Metric(
            name="presence",
            description=(
                "share of the prompt's classes that {} has among its five nearest in some 2 s"
                " window"
            ),
            asks="labels",
        ),
        Metric(
            name="order",
            description=(
                "share of pairs of events in the order asked for, each where {} hears it best"
            ),
            asks="ordered",
        ),
        _of_a_set(
            name="retrieval",
            description=(
                "share of prompts whose clip is the nearest of all clips in the space of {} (R@1)"
            ),
        ),
        _of_a_set(
            name="is",
            description="inception score of the classes that {} hears",
        ),
    )
}
"""By the word before the slash. ``{}`` stands for the embedder."""

METRICS = (
    _of_a_set(
        name="fd/logmel",
        description="Fréchet distance of log-mel statistics to the references, bias removed",
        higher_is_better=False,
        needs="references",
    ),
)
"""What has no weights has no family's name either."""


def member(name: str) -> Metric | None:
    """The metric of a family that a name stands for, or None where it names no family."""
    family, _, embedder = name.partition("/")
    if family not in FAMILIES or not embedder:
        return None
    template = FAMILIES[family]
    return replace(template, name=name, description=template.description.format(embedder))
