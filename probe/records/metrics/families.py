"""Metrics that exist once for every embedder: ``<family>/<embedder>``.

The embedder is part of the name because it changes the value, and which of two models is better.
"""

from __future__ import annotations

from dataclasses import replace

from probe.records.metrics.metric import Metric

FAMILIES: dict[str, Metric] = {
    family.name: family
    for family in (
        Metric(
            *("fad", "1", "", False, None, "set"),
            "Fréchet distance of {} embeddings to the references, bias removed",
            needs="references",
        ),
        Metric(
            *("kad", "1", "", False, None, "set"),
            "kernel audio distance (unbiased MMD², times 100) of {} embeddings to the references",
            needs="references",
        ),
        Metric(
            *("clap", "1", "", True, 0.0, "clip"),
            "cosine between clip and prompt in the space of {}",
        ),
        Metric(
            *("recognition", "1", "", True, 0.0, "clip"),
            "zero-shot recognition by {}: 1 where the right one of the tier's classes is nearest",
            asks="label",
        ),
        Metric(
            *("presence", "1", "", True, 0.0, "clip"),
            "share of the prompt's classes that {} has among its five nearest in some 2 s window",
            asks="labels",
        ),
        Metric(
            *("order", "1", "", True, 0.0, "clip"),
            "share of pairs of events in the order asked for, each where {} hears it best",
            asks="ordered",
        ),
        Metric(
            *("retrieval", "1", "", True, None, "set"),
            "share of prompts whose clip is the nearest of all clips in the space of {} (R@1)",
        ),
        Metric(
            *("is", "1", "", True, None, "set"),
            "inception score of the classes that {} hears",
        ),
    )
}
"""By the word before the slash. ``{}`` stands for the embedder."""


def member(name: str) -> Metric | None:
    """The metric of a family that a name stands for, or None where it names no family."""
    family, _, embedder = name.partition("/")
    if family not in FAMILIES or not embedder:
        return None
    template = FAMILIES[family]
    return replace(template, name=name, description=template.description.format(embedder))
