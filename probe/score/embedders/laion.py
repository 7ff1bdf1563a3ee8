"""LAION's CLAP checkpoints: from their ``.pt`` to a folder that transformers' ClapModel reads."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probe.errors import PrerequisiteError, UsageError
from probe.runtime import quiet
from probe.score.embedders.melspec import CLAP, check_front_end, is_front_end
from probe.score.embedders.torchfile import StoredTensor, state_dict

if TYPE_CHECKING:
    import torch

CONVERSION = 1
"""Version of the conversion; a folder of another version is made again."""
FUSED = (
    "{} is a fused checkpoint, which looks at random crops of long clips; probe's windows need an"
    " unfused one, such as clap-630k-audioset-best"
)

_HEAD_WIDTH = 64
"""Of RoBERTa's attention, which the weights do not tell."""
_ROBERTA_EPSILON = 1e-5
"""Of RoBERTa's norms; ClapTextConfig has another."""

_NAMES = (
    (r"^text_branch\.", "text_model."),
    (r"^(text|audio)_projection\.0\.", r"\1_projection.linear1."),
    (r"^(text|audio)_projection\.2\.", r"\1_projection.linear2."),
    (r"^audio_branch\.bn0\.", "audio_model.audio_encoder.batch_norm."),
    (r"^audio_branch\.", "audio_model.audio_encoder."),
    (r"\.norm1\.", ".layernorm_before."),
    (r"\.norm2\.", ".layernorm_after."),
    (r"\.attn\.proj\.", ".attention.output.dense."),
    (r"\.attn\.", ".attention.self."),
    (r"\.mlp\.fc1\.", ".intermediate.dense."),
    (r"\.mlp\.fc2\.", ".output.dense."),
)
_UNUSED = re.compile(
    r"(audio|text)_transform\.|audio_branch\.(tscam_conv|head)\.|text_branch\.embeddings\."
    r"position_ids|.*\.attn\.relative_position_index|.*\.attn_mask"
)
"""Heads of the training, and tables that the architecture itself determines."""


def converted(checkpoint: Path, folder: Path) -> Path:
    """Convert a checkpoint, once.

    Parameters
    ----------
    checkpoint : Path
        A ``.pt`` of LAION-CLAP, HTSAT of any size with RoBERTa, not fused.
    folder : Path
        Where the converted form is kept; nothing is done when it is there already.

    Returns
    -------
    Path
        `folder`, with ``config.json`` and ``model.safetensors``.

    Raises
    ------
    UsageError
        The checkpoint cannot be read safely or is of another architecture.
    PrerequisiteError
        The folder cannot be written.
    """
    if (folder / "model.safetensors").is_file():
        return folder
    from transformers import ClapModel

    weights = state_dict(checkpoint)
    _check(checkpoint, weights)
    model = ClapModel(_config(checkpoint, weights))
    _fill(checkpoint, model, dict(_renamed(weights)))
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        half = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            with quiet():
                model.save_pretrained(half)
            half.rename(folder)
        finally:
            shutil.rmtree(half, ignore_errors=True)
    except OSError as error:
        if (folder / "model.safetensors").is_file():  # somebody else was faster
            return folder
        raise PrerequisiteError(
            f"cannot keep {checkpoint.name} in {folder}: {error.strerror}"
        ) from error
    return folder


def _check(checkpoint: Path, weights: Mapping[str, StoredTensor]) -> None:
    names = " ".join(weights)
    if "fusion_model" in names or "mel_conv" in names:
        raise UsageError(FUSED.format(checkpoint.name))
    for needed in (
        "audio_branch.patch_embed.proj.weight",
        "audio_branch.layers.0.blocks.0.attn.qkv.weight",
        "text_branch.embeddings.word_embeddings.weight",
        "text_branch.pooler.dense.weight",
        "text_projection.0.weight",
        "audio_projection.0.weight",
    ):
        if needed not in weights:
            raise UsageError(
                f"{checkpoint.name} is no LAION-CLAP of HTSAT and RoBERTa: it lacks {needed}"
            )
    if "text_branch.embeddings.token_type_embeddings.weight" not in weights:
        raise UsageError(f"{checkpoint.name} has another text tower than RoBERTa")
    check_front_end(weights, CLAP, "audio_branch.")


def _fill(checkpoint: Path, model: torch.nn.Module, weights: dict[str, torch.Tensor]) -> None:
    """Load the weights, all that the model has and no others."""
    buffers = {name for name, _ in model.named_buffers() if "batch_norm" not in name}
    try:
        missing, unknown = model.load_state_dict(weights, strict=False)
    except RuntimeError as error:
        reason = str(error).splitlines()[1].strip()
        raise UsageError(f"{checkpoint.name} has weights of another shape: {reason}") from error
    if unknown:
        raise UsageError(f"{checkpoint.name} has weights that CLAP has no place for: {unknown[0]}")
    if lost := sorted(set(missing) - buffers):
        raise UsageError(f"{checkpoint.name} is not whole: it lacks what becomes {lost[0]}")


def _config(checkpoint: Path, weights: Mapping[str, StoredTensor]) -> Any:
    """Read the sizes off the weights."""
    from transformers import ClapConfig

    def shape(name: str) -> tuple[int, ...]:
        if name not in weights:
            raise UsageError(f"{checkpoint.name} is not whole: it lacks {name}")
        return weights[name].shape

    def count(pattern: str) -> int:
        found = [re.match(pattern, name) for name in weights]
        return 1 + max((int(match[1]) for match in found if match), default=-1)

    layers = range(count(r"audio_branch\.layers\.(\d+)\."))
    depths = [count(rf"audio_branch\.layers\.{layer}\.blocks\.(\d+)\.") for layer in layers]
    table = "audio_branch.layers.{}.blocks.0.attn.relative_position_bias_table"
    positions = "text_branch.embeddings.position_embeddings.weight"
    patch = shape("audio_branch.patch_embed.proj.weight")[0]
    vocabulary, width = shape("text_branch.embeddings.word_embeddings.weight")
    dimension = shape("text_projection.0.weight")[0]
    return ClapConfig(
        projection_dim=dimension,
        audio_config={
            "patch_embeds_hidden_size": patch,
            "hidden_size": patch * 2 ** (len(depths) - 1),
            "depths": depths,
            "num_hidden_layers": len(depths),
            "num_attention_heads": [shape(table.format(layer))[1] for layer in layers],
            "projection_dim": dimension,
        },
        text_config={
            "vocab_size": vocabulary,
            "hidden_size": width,
            "num_hidden_layers": count(r"text_branch\.encoder\.layer\.(\d+)\."),
            "num_attention_heads": max(1, width // _HEAD_WIDTH),
            "intermediate_size": shape("text_branch.encoder.layer.0.intermediate.dense.weight")[0],
            "max_position_embeddings": shape(positions)[0],
            "type_vocab_size": shape("text_branch.embeddings.token_type_embeddings.weight")[0],
            "layer_norm_eps": _ROBERTA_EPSILON,
            "projection_dim": dimension,
        },
    )


def _renamed(weights: Mapping[str, StoredTensor]) -> Iterator[tuple[str, torch.Tensor]]:
    for name, stored in weights.items():
        if _UNUSED.match(name) or is_front_end(name.removeprefix("audio_branch.")):
            continue
        new = name
        for pattern, replacement in _NAMES:
            new = re.sub(pattern, replacement, new)
        tensor = stored.load()
        if ".self.qkv." not in new:
            yield new, tensor
            continue
        parts = ("query", "key", "value")
        for part, third in zip(parts, tensor.chunk(3), strict=True):
            yield new.replace(".qkv.", f".{part}."), third.contiguous()
