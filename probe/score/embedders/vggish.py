"""VGGish, the network that Fréchet audio distance was first measured with [1]_.

A clip is cut into examples of 0.96 s; its vector is their mean. The last activation is left out,
as in the peers' FAD, so vectors are not cut off at zero. With the parameters of its PCA, vectors
are instead what AudioSet publishes: whitened, clipped, in 256 steps.

References
----------
.. [1] S. Hershey et al., "CNN architectures for large-scale audio classification", ICASSP 2017;
   K. Kilgour et al., "Fréchet audio distance", Interspeech 2019.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from probe.errors import UsageError
from probe.runtime import Precision, choose, file_digest
from probe.score.embedders.melspec import VGGISH
from probe.score.embedders.network import Network, load_weights
from probe.score.embedders.torchfile import StoredArray, StoredTensor, read_checkpoint, state_dict

if TYPE_CHECKING:
    import torch

Array = NDArray[np.float64]

VERSION = 1
"""Of examples and front end; part of the fingerprint."""
EXAMPLE_FRAMES = 96
EXAMPLES_AT_A_TIME = {"cpu": 32, "cuda": 512}
DIMENSION = 128

# Place in the original's list of layers, channels in and out, whether the band is halved after.
_CONVOLUTIONS = (
    (0, 1, 64, True),
    (3, 64, 128, True),
    (6, 128, 256, False),
    (8, 256, 256, True),
    (11, 256, 512, False),
    (13, 512, 512, True),
)
_LINEARS = ((0, 512 * 6 * 4, 4096), (2, 4096, 4096), (4, 4096, DIMENSION))
_PCA_MATRIX, _PCA_MEANS = "pca_eigen_vectors", "pca_means"
_PCA_LIMIT = 2.0
_PCA_STEPS = 255.0


class VGGish(Network):
    """VGGish.

    Parameters
    ----------
    checkpoint : Path
        The state dict ``vggish-10086976.pth``, or any of its form.
    name : str
        As in ``fad/<name>``.
    pca : Path, optional
        ``vggish_pca_params-970ea276.pth``: give what AudioSet publishes instead.
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
        name: str = "vggish",
        pca: Path | None = None,
        device: str | None = None,
        precision: Precision | None = None,
    ) -> None:
        runtime = choose(device, precision)
        stored = state_dict(checkpoint)
        self._weights = load_weights(checkpoint, stored, _shapes(), runtime.device)
        self._pca = None if pca is None else _read_pca(pca, runtime.device)
        super().__init__(
            *(name, runtime, VGGISH),
            kind="vggish",
            digest=file_digest(checkpoint, *([pca] if pca else [])),
            version=VERSION,
            length=EXAMPLE_FRAMES,
            others=(pca is not None,),
        )

    def embed(self, clips: Sequence[Array]) -> Array:
        """Embed mono clips at 16 kHz; shape (clips, 128), the mean over examples."""
        rows = [frames.mean(axis=0) for frames in self.embed_frames(clips)]
        return np.array(rows).reshape(-1, self.dimension)

    def embed_frames(self, clips: Sequence[Array]) -> list[Array]:
        """Embed examples of 0.96 s, side by side; shapes (examples, 128).

        What is left at the end of a clip is dropped, as in the original; a clip shorter than one
        example is followed by silence.
        """
        import torch

        most = EXAMPLES_AT_A_TIME[self._runtime.kind]
        found = []
        with self._runtime.inference():
            for clip in clips:
                examples = self._examples(clip)
                starts = range(0, len(examples), most)
                rows = [self._network(examples[start : start + most]) for start in starts]
                found.append(np.asarray(torch.cat(rows).double().cpu().numpy(), np.float64))
        return found

    def _examples(self, clip: Array) -> torch.Tensor:
        """Log-mel examples, shape (examples, 1, 96, 64)."""
        import torch

        shortest = VGGISH.window + (EXAMPLE_FRAMES - 1) * VGGISH.hop
        padded = np.pad(clip, (0, max(0, shortest - len(clip))))
        bands = self._mel(torch.from_numpy(padded)[None].to(self.device))[0]
        count = len(bands) // EXAMPLE_FRAMES
        return bands[: count * EXAMPLE_FRAMES].reshape(count, 1, EXAMPLE_FRAMES, VGGISH.bands)

    def _network(self, x: torch.Tensor) -> torch.Tensor:
        import torch.nn.functional as F  # noqa: N812

        weights = self._weights
        for place, _, _, halved in _CONVOLUTIONS:
            name = f"features.{place}"
            x = F.conv2d(x, weights[f"{name}.weight"], weights[f"{name}.bias"], padding=1).relu()
            x = F.max_pool2d(x, 2) if halved else x
        x = x.permute(0, 2, 3, 1).flatten(1)  # channels last, as in the original's TensorFlow
        for place, _, wide in _LINEARS:
            name = f"embeddings.{place}"
            x = F.linear(x, weights[f"{name}.weight"], weights[f"{name}.bias"])
            x = x.relu() if wide != DIMENSION else x
        return x.float() if self._pca is None else _whiten(x.float().relu(), *self._pca)


def _shapes() -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {}
    for place, channels, wide, _ in _CONVOLUTIONS:
        shapes[f"features.{place}.weight"] = (wide, channels, 3, 3)
        shapes[f"features.{place}.bias"] = (wide,)
    for place, narrow, wide in _LINEARS:
        shapes[f"embeddings.{place}.weight"] = (wide, narrow)
        shapes[f"embeddings.{place}.bias"] = (wide,)
    return shapes


def _whiten(x: torch.Tensor, matrix: torch.Tensor, means: torch.Tensor) -> torch.Tensor:
    """PCA with whitening, then 8 bits over ±2: the postprocessing of AudioSet's embeddings."""
    clipped = ((x - means) @ matrix.T).clamp(-_PCA_LIMIT, _PCA_LIMIT)
    return ((clipped + _PCA_LIMIT) * (_PCA_STEPS / (2 * _PCA_LIMIT))).round()


def _read_pca(path: Path, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Matrix (128, 128) and means (128,)."""
    import torch

    tree = read_checkpoint(path)

    def take(name: str, shape: tuple[int, ...]) -> torch.Tensor:
        found: Any = tree.get(name) if isinstance(tree, Mapping) else None
        if isinstance(found, StoredTensor):
            tensor = found.load()
        elif isinstance(found, StoredArray):
            tensor = torch.from_numpy(found.value.copy())
        else:
            raise UsageError(f"{path.name} holds no parameters of VGGish's PCA: no {name}")
        if tensor.numel() != int(np.prod(shape)):
            raise UsageError(f"{path.name}: {name} has shape {tuple(tensor.shape)}, not {shape}")
        return tensor.reshape(shape).float().to(device)

    return take(_PCA_MATRIX, (DIMENSION, DIMENSION)), take(_PCA_MEANS, (DIMENSION,))
