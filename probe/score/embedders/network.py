"""What embedders that are networks have in common: a runtime, weights, a fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from probe.errors import UsageError
from probe.runtime import Runtime, fingerprint
from probe.score.embedders.melspec import LogMelSpectrogram, MelSettings
from probe.score.embedders.torchfile import StoredTensor

if TYPE_CHECKING:
    import torch


class Network:
    """A network behind a log-mel front end; see `probe.score.embedders.base`.

    Parameters
    ----------
    name : str
        As in ``fad/<name>``.
    runtime : Runtime
        Where it runs, and in which precision.
    settings : MelSettings
        Its front end.
    kind : str
        What its fingerprint begins with.
    digest : str
        Of the files with its weights.
    version : int
        Of what the code does between clip and front end, with inputs `length` long.
    others : tuple of object
        What else shapes a vector.
    """

    def __init__(
        self,
        name: str,
        runtime: Runtime,
        settings: MelSettings,
        *,
        kind: str,
        digest: str,
        version: int,
        length: int,
        others: tuple[object, ...] = (),
    ) -> None:
        self.name = name
        self.device = runtime.device
        self.sample_rate = settings.sample_rate
        self.fingerprint = fingerprint(
            *(kind, version, digest, length, settings, runtime.precision), *others
        )
        self._runtime = runtime
        self._mel = LogMelSpectrogram(settings)


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
