"""Audio to vectors: every embedder by its name."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from probe.errors import UsageError, unknown

if TYPE_CHECKING:
    from probe.score.embedders.base import Embedder
    from probe.score.weights import Weights

__all__ = ["embedder_names", "open_embedder"]

_OPENED = ("clap", "vggish", "vggish-pca", "panns")
"""Kinds of weights that are an embedder; the others go with one."""


def embedder_names() -> tuple[str, ...]:
    """Names that `open_embedder` knows, besides ``clap:<id, folder or file>``."""
    from probe.score.weights import known

    return ("logmel", *(w.name for w in known().values() if w.kind in _OPENED))


def open_embedder(name: str, *, device: str | None = None) -> Embedder:
    """Open an embedder. Nothing is fetched.

    Parameters
    ----------
    name : str
        ``logmel``; a name of ``probe weights list``, such as ``vggish``, ``panns-cnn14`` or
        ``clap-630k-audioset-best``; or ``clap:`` and an id of Hugging Face, a folder that ClapModel
        wrote, or a ``.pt`` of LAION-CLAP.
    device : str, optional
        ``cpu`` or ``cuda``; the GPU where there is one.

    Returns
    -------
    Embedder
        With `embed_frames`, `embed_text` or `probabilities` where the network has it.

    Raises
    ------
    UsageError
        There is no such embedder, or its files are not what they should be.
    PrerequisiteError
        Its weights are absent, or torch is not installed; the message has the command.
    """
    if name == "logmel":
        from probe.score.embedders.logmel import LogMel

        return LogMel()
    if name.startswith("clap:"):
        return _open_clap(name.removeprefix("clap:"), device)
    from probe.score.weights import known

    if name not in embedder_names():
        raise UsageError(unknown("embedder", name, embedder_names()))
    return _open_known(known()[name], name, device)


def _open_clap(what: str, device: str | None) -> Embedder:
    """A CLAP checkpoint by path, or by id."""
    from probe.score.weights import from_hub, known

    path = Path(what).expanduser()
    if what and path.exists():
        return _clap(path, path.name.removesuffix(".pt"), device)
    if re.search(r"\.pt$|^[./~]|/.*/", what) or what.count("/") != 1:
        table = {w.name.removeprefix("clap-"): w for w in known().values() if w.kind == "clap"}
        weights = table.get(what.removeprefix("clap-"))
        if weights is None:
            raise UsageError(f"there is no file, folder or checkpoint {what!r}")
        return _open_known(weights, weights.name, device)
    weights = from_hub(what)
    return _open_known(weights, what.split("/")[1], device)


def _open_known(weights: Weights, name: str, device: str | None) -> Embedder:
    from probe.runtime import require_torch
    from probe.score.weights import known, require

    home = require(weights)
    require_torch()
    (first, *_) = weights.files
    if weights.kind == "clap":
        return _clap(home / first if first.endswith(".pt") else home, name, device)
    if weights.kind == "panns":
        from probe.score.embedders.panns import Cnn14
        from probe.score.weights.store import present

        names = present(known()["audioset-labels"])
        return Cnn14(
            home / first, name=name, class_names=names[0] if names else None, device=device
        )
    from probe.score.embedders.vggish import VGGish

    if weights.kind == "vggish":
        return VGGish(home / first, name=name, device=device)
    base = known()["vggish"]
    return VGGish(require(base) / base.files[0], name=name, pca=home / first, device=device)


def _clap(path: Path, name: str, device: str | None) -> Embedder:
    from probe.runtime import require_torch

    require_torch()
    from probe.score.embedders.clap import Clap
    from probe.score.weights import folder

    return Clap(
        path,
        name=f"clap-{name.removeprefix('clap-')}",
        keep=folder() / "converted",
        tokenizers=[folder() / "roberta-base"],
        device=device,
    )
