"""CLAP: sound and text in one space, through transformers' ClapModel.

A clip of any length becomes windows of 10 s, the same ones every time; their embeddings are
averaged and brought back to length 1. Windows are not quantized to 16 bits, as LAION's own reader
does with files: what is embedded is what was rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from probe.errors import PrerequisiteError, UsageError
from probe.runtime import Precision, choose, file_digest, quiet
from probe.score.embedders.laion import CONVERSION, FUSED, converted
from probe.score.embedders.melspec import CLAP
from probe.score.embedders.network import Network

Array = NDArray[np.float64]
Real = TypeVar("Real", np.float32, np.float64)

VERSION = 1
"""Of windows and front end; part of the fingerprint."""
WINDOW_S = 10
COLLAPSED = 0.9
"""Mean cosine of unrelated captions from which on a text tower says nothing about text."""
LONGEST_TEXT = 77
"""Tokens, as in LAION's training; the rest of a text is not read."""
WINDOWS_AT_A_TIME = {"cpu": 4, "cuda": 64}
"""On a CPU more are slower: what a batch leaves behind no longer fits its cache."""
TEXTS_AT_A_TIME = 64

UNRELATED = (
    "a dog barks twice",
    "heavy rain falls on a tin roof",
    "a woman gives a speech in an empty hall",
    "a string quartet plays a slow waltz",
    "a jet engine starts up",
    "footsteps on gravel",
    "glass breaks on a kitchen floor",
    "a baby laughs",
)


@dataclass(frozen=True)
class TextTower:
    """How alike the text tower finds captions that have nothing in common."""

    mean: float
    """Mean cosine over all pairs."""
    most: float
    """Largest cosine of a pair."""
    threshold: float

    @property
    def collapsed(self) -> bool:
        """Whether every text gets nearly the same vector."""
        return not self.mean < self.threshold


def check_text_tower(vectors: Array, threshold: float = COLLAPSED) -> TextTower:
    """Tell whether captions can be told apart; one public checkpoint's cannot.

    Parameters
    ----------
    vectors : ndarray of float64, shape (n, d)
        Embeddings of at least two captions that have nothing in common, such as `UNRELATED`.
    threshold : float
        Mean cosine from which on the tower counts as collapsed.

    Returns
    -------
    TextTower
        Mean and largest cosine between them.
    """
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[np.triu_indices(len(unit), 1)]
    return TextTower(float(cosines.mean()), float(cosines.max()), threshold)


def clip_windows(samples: NDArray[Real], length: int) -> NDArray[Real]:
    """Cut a clip into windows that together cover all of it, the same ones every time.

    A longer clip gives the windows that stand side by side from its start and, when they leave a
    rest, one more that ends where the clip ends. A shorter clip is repeated as often as it fits
    whole and followed by zeros: LAION-CLAP's ``repeatpad`` [1]_. There a long clip is cropped at
    random instead; two calls on one file then have a cosine similarity of .30 to .99.

    Parameters
    ----------
    samples : ndarray of float, shape (n,)
        One channel, n ≥ 1.
    length : int
        Samples a window has, at least 1.

    Returns
    -------
    ndarray of float, shape (k, length)
        ``k = max(1, ceil(n / length))`` windows in the order they begin, of the dtype of `samples`.
        Where they are all there is of the clip they are a view of it, since copying a clip costs as
        much as decoding it.

    Raises
    ------
    ValueError
        `samples` is not one channel of at least one sample, or `length` is not positive.

    References
    ----------
    .. [1] Y. Wu et al., "Large-scale contrastive language-audio pretraining with feature fusion and
       keyword-to-caption augmentation", ICASSP 2023.
    """
    if samples.ndim != 1 or not len(samples):
        raise ValueError(f"samples have shape {samples.shape}, one channel (n,), n ≥ 1, is needed")
    if length < 1:
        raise ValueError(f"a window of {length} samples; at least 1 is needed")
    if len(samples) < length:
        window = np.zeros((1, length), samples.dtype)
        repeated = np.tile(samples, length // len(samples))
        window[0, : len(repeated)] = repeated
        return window
    whole = len(samples) // length
    windows = samples[: whole * length].reshape(whole, length)
    if whole * length == len(samples):
        return windows
    return np.concatenate([windows, samples[None, -length:]])


class Clap(Network):
    """A CLAP checkpoint.

    Parameters
    ----------
    checkpoint : Path
        A folder that transformers' ClapModel wrote, with its tokenizer if text is wanted; or a
        ``.pt`` of LAION-CLAP.
    name : str
        As in ``clap/<name>``.
    keep : Path
        Folder for the converted form of a ``.pt``.
    tokenizers : sequence of Path
        Folders to look for RoBERTa's tokenizer in, besides the checkpoint's.
    device : str, optional
        ``cpu`` or ``cuda``; the GPU where there is one.
    precision : {"float32", "bfloat16"}, optional
        By default bfloat16 on a GPU; its embeddings have a cosine above 0.999 with float32's.

    Attributes
    ----------
    text_tower : TextTower or None
        What the check of the text tower found; None without a tokenizer.

    Raises
    ------
    UsageError
        The checkpoint cannot be read, is fused, or lacks weights.
    """

    def __init__(
        self,
        checkpoint: Path,
        *,
        name: str,
        keep: Path,
        tokenizers: Sequence[Path] = (),
        device: str | None = None,
        precision: Precision | None = None,
    ) -> None:
        runtime = choose(device, precision, on_gpu="bfloat16")
        if checkpoint.is_dir():
            folder = checkpoint
            digest = file_digest(_weights_file(folder), folder / "config.json")
        else:
            digest = file_digest(checkpoint)
            folder = converted(checkpoint, keep / f"{digest[:16]}-v{CONVERSION}")
        self._model = _load(folder, checkpoint.name).to(runtime.device)
        self.dimension = int(self._model.config.projection_dim)
        super().__init__(
            *(name, runtime, CLAP), kind="clap", digest=digest, version=VERSION, length=WINDOW_S
        )
        beside = checkpoint if checkpoint.is_dir() else checkpoint.parent
        self._tokenizer: Any = _tokenizer([beside, *tokenizers])
        self.text_tower: TextTower | None = None
        if self._tokenizer is not None:
            self.text_tower = check_text_tower(self._embed_text(UNRELATED))

    def embed(self, clips: Sequence[Array]) -> Array:
        """Embed mono clips at 48 kHz; shape (clips, dimension), each of length 1."""
        rows = np.array([frames.mean(axis=0) for frames in self.embed_frames(clips)])
        rows = rows.reshape(-1, self.dimension)
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        return np.asarray(rows / np.maximum(lengths, 1e-12), np.float64)

    def embed_frames(self, clips: Sequence[Array]) -> list[Array]:
        """Embed the windows of each clip; shapes (windows, dimension), each row of length 1."""
        counts: list[int] = []

        def windows() -> Iterator[Array]:
            for clip in clips:
                cut = clip_windows(clip, WINDOW_S * self.sample_rate)
                counts.append(len(cut))
                yield from cut

        stream = windows()
        most = WINDOWS_AT_A_TIME[self._runtime.kind]
        rows = [np.empty((0, self.dimension))]
        while batch := list(islice(stream, most)):
            rows.append(self._embed_windows(np.stack(batch)))
        return np.split(np.concatenate(rows), np.cumsum(counts)[:-1]) if counts else []

    def embed_text(self, texts: Sequence[str]) -> Array:
        """Embed texts; shape (texts, dimension), each of length 1.

        Raises
        ------
        PrerequisiteError
            There is no tokenizer, or the text tower has collapsed.
        """
        if self.text_tower is None:
            raise PrerequisiteError(
                f"{self.name} has no tokenizer; `probe weights fetch roberta-base`, or put its"
                " vocab.json and merges.txt beside the checkpoint"
            )
        if self.text_tower.collapsed:
            raise PrerequisiteError(
                f"the text tower of {self.name} has collapsed: unrelated captions have a mean"
                f" cosine of {self.text_tower.mean:.3f}; take another checkpoint"
            )
        return self._embed_text(texts)

    def _embed_windows(self, windows: Array) -> Array:
        import torch

        with self._runtime.inference():
            bands = self._mel(torch.from_numpy(windows).to(self.device))[:, None]
            features = self._model.get_audio_features(input_features=bands).pooler_output
            return _unit(features)

    def _embed_text(self, texts: Sequence[str]) -> Array:
        rows = [np.empty((0, self.dimension))]
        for start in range(0, len(texts), TEXTS_AT_A_TIME):
            tokens = self._tokenizer(
                list(texts[start : start + TEXTS_AT_A_TIME]),
                padding=True,
                truncation=True,
                max_length=LONGEST_TEXT,
                return_tensors="pt",
            ).to(self.device)
            with self._runtime.inference():
                features = self._model.get_text_features(
                    input_ids=tokens["input_ids"], attention_mask=tokens["attention_mask"]
                )
                rows.append(_unit(features.pooler_output))
        return np.concatenate(rows)


def _unit(features: Any) -> Array:
    """Rows of length 1 in float64; under bfloat16 the model's own are not quite."""
    import torch

    rows = torch.nn.functional.normalize(features.double(), dim=-1)
    return np.asarray(rows.cpu().numpy(), np.float64)


def _weights_file(folder: Path) -> Path:
    for name in ("model.safetensors", "pytorch_model.bin"):
        if (folder / name).is_file() and (folder / "config.json").is_file():
            return folder / name
    raise UsageError(
        f"{folder} is no CLAP checkpoint: config.json and model.safetensors are needed"
    )


def _load(folder: Path, name: str) -> Any:
    """Load a ClapModel, all of it, from its folder alone."""
    import transformers
    from safetensors import SafetensorError

    # What transformers' stubs say of these is not what they return.
    config_type: Any = transformers.ClapConfig
    model_type: Any = transformers.ClapModel
    try:
        config = config_type.from_pretrained(folder, local_files_only=True)
        if config.audio_config.enable_fusion:
            raise UsageError(FUSED.format(name))
        with quiet():
            model, report = model_type.from_pretrained(
                folder, config=config, local_files_only=True, output_loading_info=True
            )
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise UsageError(f"{name} cannot be loaded as a CLAP model: {reason}") from error
    # Tables that the architecture determines are left out by some versions of transformers.
    tables = {key for key, _ in model.named_buffers() if "batch_norm" not in key}
    lacking = {*report["missing_keys"], *(key for key, *_ in report["mismatched_keys"])}
    wrong = sorted(lacking - tables)
    if wrong:
        raise UsageError(f"{name} is not whole: {len(wrong)} weights, such as {wrong[0]}")
    return model.eval().float()


def _tokenizer(folders: Sequence[Path]) -> Any | None:
    """RoBERTa's tokenizer from the first folder that has it."""
    from transformers import RobertaTokenizer

    for folder in folders:
        if (folder / "tokenizer.json").is_file() or (
            (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()
        ):
            return RobertaTokenizer.from_pretrained(folder, local_files_only=True)
    return None
