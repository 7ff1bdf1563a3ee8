"""Checkpoints with random weights, in the formats that the public ones are in.

Small where the format allows it. Every maker takes a folder or a file to write and a seed.
"""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import numpy as np

# Audio hidden is patches x 2^(stages - 1); a head of RoBERTa's is 64 wide.
AUDIO = {
    "patch_embeds_hidden_size": 16,
    "hidden_size": 32,
    "depths": [1, 1],
    "num_hidden_layers": 2,
    "num_attention_heads": [2, 2],
}
TEXT = {
    "vocab_size": 261,
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 1,
    "intermediate_size": 64,
    "max_position_embeddings": 90,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
}
DIMENSION = 32


def clap_model(seed: int = 0, *, collapsed: bool = False, **audio: Any) -> Any:
    """A ClapModel of 100k random weights that can tell captions apart unless `collapsed`."""
    import torch
    from transformers import ClapConfig, ClapModel

    config = ClapConfig(
        audio_config={**AUDIO, **audio}, text_config=dict(TEXT), projection_dim=DIMENSION
    )
    torch.manual_seed(seed)
    model = ClapModel(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.ndim > 1:
                sharp = 4.0 if re.search("text.*(query|key)", name) else 1.0
                weight.normal_(0.0, sharp / math.sqrt(weight[0].numel()))
            elif name.endswith("bias"):
                weight.normal_(0.0, 0.02)
        _spread(model, collapsed=collapsed)
        # What a spectrogram in dB looks like, so that its batch norm does its work.
        norm = model.audio_model.audio_encoder.batch_norm
        norm.running_mean.fill_(-40.0)
        norm.running_var.fill_(400.0)
    return model


def _spread(model: Any, *, collapsed: bool) -> None:
    """Move the embeddings of texts around the origin, or all to one side of it."""
    import torch

    texts = torch.randint(4, TEXT["vocab_size"] - 1, (32, 24))
    hidden = model.text_model(texts).pooler_output
    mean = model.text_projection(hidden).mean(dim=0)
    model.text_projection.linear2.bias.add_(mean, alpha=20.0 if collapsed else -1.0)


def tokenizer(folder: Path) -> Path:
    """RoBERTa's tokenizer of 256 bytes and no merges: one token a byte."""
    from tokenizers.pre_tokenizers import ByteLevel

    folder.mkdir(parents=True, exist_ok=True)
    words = ["<s>", "<pad>", "</s>", "<unk>", *sorted(ByteLevel.alphabet()), "<mask>"]
    vocabulary = {word: number for number, word in enumerate(words)}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n", encoding="utf-8")
    return folder


def clap_folder(folder: Path, seed: int = 0, *, text: bool = True, **model: Any) -> Path:
    """What `ClapModel.save_pretrained` writes, with a tokenizer when `text`."""
    clap_model(seed, **model).save_pretrained(folder)
    return tokenizer(folder) if text else folder


def laion_state(model: Any) -> dict[str, Any]:
    """The weights of a ClapModel under the names that LAION gives them, heads included."""
    import torch

    from probe.score.embedders.melspec import CLAP

    names = (
        (r"^text_model\.", "text_branch."),
        (
            r"^(text|audio)_projection\.linear(\d)\.",
            lambda m: f"{m[1]}_projection.{2 * int(m[2]) - 2}.",
        ),
        (r"^audio_model\.audio_encoder\.batch_norm\.", "audio_branch.bn0."),
        (r"^audio_model\.audio_encoder\.", "audio_branch."),
        (r"\.layernorm_before\.", ".norm1."),
        (r"\.layernorm_after\.", ".norm2."),
        (r"^(audio_branch.*)\.attention\.output\.dense\.", r"\1.attn.proj."),
        (r"^(audio_branch.*)\.attention\.self\.", r"\1.attn."),
        (r"^(audio_branch.*)\.intermediate\.dense\.", r"\1.mlp.fc1."),
        (r"^(audio_branch.*blocks.*)\.output\.dense\.", r"\1.mlp.fc2."),
    )
    state: dict[str, Any] = {}
    for name, tensor in model.state_dict().items():
        if "token_type_ids" in name:
            continue
        for pattern, replacement in names:
            name = re.sub(pattern, replacement, name)
        state[name] = tensor.clone()
    for name in [name for name in state if ".attn.query." in name]:
        thirds = [state.pop(name.replace("query", part)) for part in ("query", "key", "value")]
        state[name.replace("query", "qkv")] = torch.cat(thirds)
    width = model.config.audio_config.hidden_size
    state |= {
        "audio_branch.tscam_conv.weight": torch.zeros(527, width, 2, 3),
        "audio_branch.tscam_conv.bias": torch.zeros(527),
        "audio_branch.head.weight": torch.zeros(527, 527),
        "audio_branch.head.bias": torch.zeros(527),
        "audio_transform.sequential.0.weight": torch.zeros(DIMENSION, DIMENSION),
        "text_transform.sequential.0.weight": torch.zeros(DIMENSION, DIMENSION),
        **front_end(CLAP, "audio_branch."),
    }
    return {f"module.{name}": tensor for name, tensor in state.items()}


def laion_file(path: Path, seed: int = 0, *, legacy: bool = False, **model: Any) -> Path:
    """A training checkpoint of LAION: protocol 4, numpy scalars, the state of an optimizer."""
    import torch

    state = laion_state(clap_model(seed, **model))
    some = next(iter(state.values()))
    checkpoint = {
        "epoch": 45,
        "name": "2023-01-01-model",
        "state_dict": state,
        "optimizer": {
            "state": {0: {"step": 7, "exp_avg": torch.zeros_like(some)}},
            "param_groups": [{"lr": np.float64(1e-4), "betas": (0.9, 0.99), "params": [0]}],
        },
        "best_metric": np.float32(0.5),
    }
    torch.save(checkpoint, path, pickle_protocol=4, _use_new_zipfile_serialization=not legacy)
    return path


def front_end(settings: Any, prefix: str = "") -> dict[str, Any]:
    """The matrices torchlibrosa keeps: windowed Fourier rows and the mel filter bank."""
    import torch
    from librosa.filters import mel

    bins, samples = np.arange(settings.n_fft // 2 + 1), np.arange(settings.n_fft)
    turns = np.exp(-2j * np.pi * np.outer(bins, samples) / settings.n_fft)
    turns *= 0.5 - 0.5 * np.cos(2 * np.pi * samples / settings.n_fft)
    filters = mel(
        sr=settings.sample_rate,
        n_fft=settings.n_fft,
        n_mels=settings.bands,
        fmin=settings.low_hz,
        fmax=settings.high_hz,
    )
    stft = f"{prefix}spectrogram_extractor.stft."
    return {
        f"{stft}conv_real.weight": torch.from_numpy(turns.real.astype(np.float32))[:, None],
        f"{stft}conv_imag.weight": torch.from_numpy(turns.imag.astype(np.float32))[:, None],
        f"{prefix}logmel_extractor.melW": torch.from_numpy(filters.T.copy()),
    }


def he_uniform(module: Any, seed: int) -> Any:
    """Random weights under which a deep network of ReLUs neither dies nor explodes."""
    import torch

    torch.manual_seed(seed)
    with torch.no_grad():
        for name, weight in module.named_parameters():
            if weight.ndim > 1:
                bound = math.sqrt(6.0 / weight[0].numel())
                weight.uniform_(-bound, bound)
            elif name.endswith("bias"):
                weight.normal_(0.0, 0.1)
    return module.eval()


def vggish_network(seed: int = 0) -> Any:
    """VGGish in torchvggish's form, a `Sequential` of layers under its names; 72 M weights."""
    from torch import nn

    features: list[Any] = []
    channels = 1
    for wide in (64, 0, 128, 0, 256, 256, 0, 512, 512, 0):
        if wide:
            features += [nn.Conv2d(channels, wide, 3, padding=1), nn.ReLU()]
            channels = wide
        else:
            features += [nn.MaxPool2d(2)]
    embeddings: list[Any] = []
    for narrow, wide in ((512 * 24, 4096), (4096, 4096), (4096, 128)):
        embeddings += [nn.Linear(narrow, wide), nn.ReLU()]
    network = nn.ModuleDict(
        {"features": nn.Sequential(*features), "embeddings": nn.Sequential(*embeddings)}
    )
    return he_uniform(network, seed)


def vggish_files(folder: Path, network: Any, seed: int = 0) -> tuple[Path, Path]:
    """State dict in the format before zip, and PCA parameters as arrays of numpy."""
    import torch

    weights, pca = folder / "vggish-10086976.pth", folder / "vggish_pca_params-970ea276.pth"
    old = {"_use_new_zipfile_serialization": False}
    torch.save(network.state_dict(), weights, **old)
    rng = np.random.default_rng(seed)
    parameters = {
        "pca_eigen_vectors": np.asfortranarray(rng.normal(0, 0.3, (128, 128)).astype(np.float32)),
        "pca_means": rng.normal(0.5, 0.1, (128, 1)).astype(np.float32),
    }
    torch.save(parameters, pca, **old)
    return weights, pca


def cnn14_network(seed: int = 0) -> Any:
    """CNN14 of PANNs without its front end, under its names; 80 M weights."""
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self, narrow: int, wide: int, pool: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(narrow, wide, 3, padding=1, bias=False)
            self.conv2 = nn.Conv2d(wide, wide, 3, padding=1, bias=False)
            self.bn1, self.bn2 = nn.BatchNorm2d(wide), nn.BatchNorm2d(wide)
            self.pool = nn.AvgPool2d(pool)

        def forward(self, x: Any) -> Any:
            x = torch.relu(self.bn1(self.conv1(x)))
            return self.pool(torch.relu(self.bn2(self.conv2(x))))

    class Cnn14(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bn0 = nn.BatchNorm2d(64)
            narrow = 1
            for number in range(1, 7):
                wide = 32 * 2**number
                setattr(self, f"conv_block{number}", Block(narrow, wide, 1 + (number < 6)))
                narrow = wide
            self.fc1 = nn.Linear(2048, 2048)
            self.fc_audioset = nn.Linear(2048, 527)

        def forward(self, bands: Any) -> tuple[Any, Any]:
            """Embedding and probabilities of log-mel bands (b, 1, frames, 64)."""
            x = self.bn0(bands.transpose(1, 3)).transpose(1, 3)
            for number in range(1, 7):
                x = getattr(self, f"conv_block{number}")(x)
            x = x.mean(3)
            hidden = torch.relu(self.fc1(x.max(2).values + x.mean(2)))
            return hidden, torch.sigmoid(self.fc_audioset(hidden))

    network = he_uniform(Cnn14(), seed)
    network.bn0.running_mean.fill_(-40.0)
    network.bn0.running_var.fill_(400.0)
    return network


def cnn14_file(path: Path, settings: Any, network: Any) -> Path:
    """A checkpoint of PANNs: the weights under ``model``, front end included."""
    import torch

    state = {**network.state_dict(), **front_end(settings)}
    torch.save({"iteration": 600000, "model": state}, path, _use_new_zipfile_serialization=False)
    return path


def class_names(path: Path, classes: int = 527) -> Path:
    """AudioSet's list of classes, with names of our own."""
    rows = [f'{index},/m/{index:04x},"Sound, no. {index}"' for index in range(classes)]
    path.write_text("\n".join(["index,mid,display_name", *rows]) + "\n", encoding="utf-8")
    return path
