"""Weights of a network whose layers are called by hand, under the names of their file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from probe.errors import UsageError
from probe.score.embedders.torchfile import StoredTensor

if TYPE_CHECKING:
    import torch

T = TypeVar("T")


def load_weights(
    path: Path,
    stored: Mapping[str, StoredTensor],
    shapes: Mapping[str, tuple[int, ...]],
    device: str,
    *,
    unused: Callable[[str], bool] = lambda _name: False,
) -> dict[str, torch.Tensor]:
    """Load exactly the weights that a network has.

    Parameters
    ----------
    path : Path
        Where they are from, for messages.
    stored : mapping of str to StoredTensor
        What is there.
    shapes : mapping of str to tuple of int
        What must be there.
    device : str
        Where they go.
    unused : callable
        Whether a further name is expected and not needed.

    Returns
    -------
    dict of str to Tensor of float32
        One for each of `shapes`.

    Raises
    ------
    UsageError
        A weight is missing, has another shape, or is unknown.
    """
    for name, shape in shapes.items():
        if name not in stored:
            raise UsageError(f"{path.name} is not whole: it lacks {name}")
        if stored[name].shape != shape:
            raise UsageError(f"{path.name}: {name} has shape {stored[name].shape}, not {shape}")
    for name in stored:
        if name not in shapes and not unused(name):
            raise UsageError(f"{path.name} has weights that the network has no place for: {name}")
    return {name: stored[name].load().float().to(device) for name in shapes}


def parts(items: Sequence[T], most: int) -> list[Sequence[T]]:
    """Cut a sequence into pieces of at most `most`."""
    return [items[start : start + most] for start in range(0, len(items), most)]
