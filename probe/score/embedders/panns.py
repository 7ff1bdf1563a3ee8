"""PANNs CNN14: embeddings of whole clips, and probabilities of AudioSet's classes [1]_.

References
----------
.. [1] Q. Kong et al., "PANNs: Large-scale pretrained audio neural networks for audio pattern
   recognition", IEEE/ACM TASLP 28, 2020.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from probe.errors import UsageError
from probe.runtime import Precision, choose, file_digest
from probe.score.embedders.melspec import PANNS_16K, PANNS_32K, check_front_end, is_front_end
from probe.score.embedders.network import Network, load_weights
from probe.score.embedders.torchfile import state_dict

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]

VERSION = 1
"""Of padding and front end; part of the fingerprint."""
DIMENSION = 2048
SHORTEST_FRAMES = 32
"""The network halves time five times; a shorter clip is followed by silence."""
CLIPS_AT_A_TIME = {"cpu": 8, "cuda": 64}

_WIDTHS = (64, 128, 256, 512, 1024, 2048)
_EPSILON = 1e-5
_FRONT_END = "spectrogram_extractor.stft.conv_real.weight"
_SETTINGS = {settings.n_fft: settings for settings in (PANNS_32K, PANNS_16K)}


class Cnn14(Network):
    """CNN14 at 32 or 16 kHz, as its file says.

    Parameters
    ----------
    checkpoint : Path
        ``Cnn14_mAP=0.431.pth``, ``Cnn14_16k_mAP=0.438.pth``, or any of their form.
    name : str
        As in ``fad/<name>``.
    class_names : Path, optional
        AudioSet's ``class_labels_indices.csv``. Without it, classes are named ``audioset/<index>``.
    device : str, optional
        ``cpu`` or ``cuda``; the GPU where there is one.
    precision : {"float32", "bfloat16"}, optional
        float32 by default, which costs little here.

    Raises
    ------
    UsageError
        A file cannot be read or is of another network.
    """

    dimension = DIMENSION

    def __init__(
        self,
        checkpoint: Path,
        *,
        name: str = "panns-cnn14",
        class_names: Path | None = None,
        device: str | None = None,
        precision: Precision | None = None,
    ) -> None:
        runtime = choose(device, precision)
        stored = state_dict(checkpoint)
        front_end = stored.get(_FRONT_END)
        if front_end is None or front_end.shape[-1] not in _SETTINGS:
            raise UsageError(f"{checkpoint.name} is no CNN14 of PANNs at 16 or 32 kHz")
        settings = _SETTINGS[front_end.shape[-1]]
        check_front_end(stored, settings)
        classes = stored["fc_audioset.bias"].shape[0] if "fc_audioset.bias" in stored else 527
        self.labels = _labels(class_names, classes)
        self._weights = load_weights(
            checkpoint, stored, _shapes(classes), runtime.device, unused=_unused
        )
        self._shortest = max(settings.shortest, (SHORTEST_FRAMES - 1) * settings.hop)
        super().__init__(
            *(name, runtime, settings),
            kind="panns",
            digest=file_digest(checkpoint),
            version=VERSION,
            length=SHORTEST_FRAMES,
        )

    def embed(self, clips: Sequence[Array]) -> Array:
        """Embed mono clips at `sample_rate`, each as a whole; shape (clips, 2048)."""
        return self._run(clips, self._hidden, self.dimension)

    def probabilities(self, clips: Sequence[Array]) -> Array:
        """Probability of each class in each clip, independent of each other; (clips, labels)."""
        return self._run(clips, self._classes, len(self.labels))

    def _run(
        self, clips: Sequence[Array], network: Callable[[torch.Tensor], torch.Tensor], wide: int
    ) -> Array:
        """Run clips of one length together; no clip sees another's padding."""
        import torch

        most = CLIPS_AT_A_TIME[self._runtime.kind]
        rows = np.empty((len(clips), wide))
        order = sorted(range(len(clips)), key=lambda index: len(clips[index]))
        with self._runtime.inference():
            for length, group in groupby(order, key=lambda index: len(clips[index])):
                alike = list(group)
                for start in range(0, len(alike), most):
                    batch = alike[start : start + most]
                    waveforms = np.stack([clips[index] for index in batch])
                    waveforms = np.pad(waveforms, ((0, 0), (0, max(0, self._shortest - length))))
                    bands = self._mel(torch.from_numpy(waveforms).to(self.device))
                    rows[batch] = network(bands).double().cpu().numpy()
        return rows

    def _classes(self, bands: torch.Tensor) -> torch.Tensor:
        """Sigmoid of the last layer, in float32 whatever the products are in."""
        import torch.nn.functional as F  # noqa: N812

        weights = self._weights
        hidden = self._hidden(bands)
        return (
            F.linear(hidden, weights["fc_audioset.weight"], weights["fc_audioset.bias"])
            .float()
            .sigmoid()
        )

    def _hidden(self, bands: torch.Tensor) -> torch.Tensor:
        """From bands (b, frames, 64) to the embedding (b, 2048)."""
        import torch.nn.functional as F  # noqa: N812

        weights = self._weights
        x = self._norm(bands.transpose(1, 2)[..., None], "bn0").permute(0, 3, 2, 1)
        for block in range(1, len(_WIDTHS) + 1):
            for half in (1, 2):
                name = f"conv_block{block}"
                x = F.conv2d(x, weights[f"{name}.conv{half}.weight"], padding=1)
                x = self._norm(x, f"{name}.bn{half}").relu()
            x = F.avg_pool2d(x, 2) if block < len(_WIDTHS) else x
        over_bands = x.float().mean(dim=3)
        pooled = over_bands.amax(dim=2) + over_bands.mean(dim=2)
        return F.linear(pooled, weights["fc1.weight"], weights["fc1.bias"]).relu().float()

    def _norm(self, x: torch.Tensor, name: str) -> torch.Tensor:
        import torch.nn.functional as F  # noqa: N812

        mean, variance, weight, bias = (self._weights[f"{name}.{part}"] for part in _NORM)
        return F.batch_norm(x, mean, variance, weight, bias, training=False, eps=_EPSILON)


_NORM = ("running_mean", "running_var", "weight", "bias")


def _shapes(classes: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {f"bn0.{part}": (64,) for part in _NORM}
    for block, (narrow, wide) in enumerate(zip((1, *_WIDTHS), _WIDTHS, strict=False), start=1):
        name = f"conv_block{block}"
        shapes[f"{name}.conv1.weight"] = (wide, narrow, 3, 3)
        shapes[f"{name}.conv2.weight"] = (wide, wide, 3, 3)
        shapes |= {f"{name}.bn{half}.{part}": (wide,) for half in (1, 2) for part in _NORM}
    shapes |= {"fc1.weight": (DIMENSION, DIMENSION), "fc1.bias": (DIMENSION,)}
    return shapes | {"fc_audioset.weight": (classes, DIMENSION), "fc_audioset.bias": (classes,)}


def _unused(name: str) -> bool:
    return is_front_end(name) or name.endswith(".num_batches_tracked")


def _labels(path: Path | None, classes: int) -> tuple[str, ...]:
    """Read names of the classes: a row each of index, machine id and name, below a heading."""
    if path is None:
        return tuple(f"audioset/{index}" for index in range(classes))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        names = tuple(row["display_name"] for row in rows)
        indices = [int(row["index"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError, csv.Error) as error:
        raise UsageError(f"{path} is no list of AudioSet's classes: {error}") from error
    if indices != list(range(classes)) or not all(names):
        raise UsageError(f"{path} does not name classes 0 to {classes - 1} in this order")
    return names
