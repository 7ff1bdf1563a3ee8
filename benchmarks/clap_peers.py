"""Networks of laion-clap and frechet-audio-distance with random weights, run as published.

This runs in the environment that ``benchmarks/oracles.sh`` makes, started by ``clap_parity.py``;
it needs nothing of probe. It takes a kind of network and a folder with ``windows.npy`` and
``tokens.npz``, and leaves there a checkpoint in the form of the public ones and ``theirs.npz``.
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import re
import sys
import warnings
from pathlib import Path
from unittest.mock import MagicMock

import torch

# The C++ parts of torchvision and torchaudio do not load beside a CPU build of torch. Nothing here
# uses them, but transformers and laion-clap import the one and try the other.
library = torch.library.Library("torchvision", "DEF")
library.define("nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
library.define("qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
sys.modules["torchaudio"] = None  # type: ignore[assignment]
warnings.simplefilter("ignore")

import numpy as np  # noqa: E402
import transformers  # noqa: E402

FRONT_END = re.compile(r"spectrogram_extractor|logmel_extractor")


def scatter(network: torch.nn.Module) -> torch.nn.Module:
    """Weights under which every layer counts and different sounds get different vectors."""
    torch.manual_seed(11)
    with torch.no_grad():
        for name, weight in network.named_parameters():
            if FRONT_END.search(name):
                continue
            if weight.ndim > 1:
                weight.normal_(0.0, math.sqrt(1.5 / weight[0].numel()))
            elif name.endswith("bias"):
                weight.normal_(0.0, 0.05)
            elif weight.ndim:
                weight.uniform_(0.8, 1.2)
        for name, buffer in network.named_buffers():
            if name.endswith("bn0.running_mean"):
                buffer.fill_(-40.0)
            elif name.endswith("bn0.running_var"):
                buffer.fill_(400.0)
    return network.eval()


def centre_texts(network: torch.nn.Module) -> None:
    """Move the embeddings of texts around the origin; probe refuses a tower that has collapsed."""
    tokens = torch.randint(4, 261, (16, 24))
    with torch.no_grad():
        hidden = network.text_branch(tokens)["pooler_output"]
        network.text_projection[2].bias -= network.text_projection(hidden).mean(dim=0)


def clap(size: str, folder: Path) -> None:
    """LAION-CLAP with HTSAT-`size` and RoBERTa."""
    roberta = transformers.RobertaConfig(
        vocab_size=50265, max_position_embeddings=514, layer_norm_eps=1e-5, type_vocab_size=1
    )
    # laion-clap fetches tokenizers and roberta-base; neither is needed for random weights.
    nothing = classmethod(lambda _cls, *_args, **_kwargs: None)
    for name in ("RobertaTokenizer", "BertTokenizer", "BartTokenizer"):
        getattr(transformers, name).from_pretrained = nothing
    random = classmethod(lambda cls, *_args, **_kwargs: cls(roberta))
    transformers.RobertaModel.from_pretrained = random
    import laion_clap

    network = laion_clap.CLAP_Module(enable_fusion=False, device="cpu", amodel=f"HTSAT-{size}")
    centre_texts(scatter(network.model))
    state = {f"module.{name}": weight for name, weight in network.model.state_dict().items()}
    state["module.text_branch.embeddings.position_ids"] = torch.arange(514)[None]
    checkpoint = {
        "epoch": 45,
        "name": "random",
        "best": np.float64(0.5),
        "optimizer": {"state": {}, "param_groups": [{"lr": np.float64(1e-4)}]},
        "state_dict": state,
    }
    torch.save(checkpoint, folder / "checkpoint.pt", pickle_protocol=4)
    windows = torch.from_numpy(np.load(folder / "windows.npy"))
    tokens = {
        name: torch.from_numpy(found) for name, found in np.load(folder / "tokens.npz").items()
    }
    with torch.inference_mode():
        # As a tensor, since their numpy way rounds to 16 bits first.
        audio = [network.get_audio_embedding_from_data(w[None], use_tensor=True) for w in windows]
        text = network.get_text_embedding([""], tokenizer=lambda _: tokens, use_tensor=True)
    np.savez(folder / "theirs.npz", audio=torch.cat(audio).numpy(), text=text.numpy())


def cnn14(rate: str, folder: Path) -> None:
    """CNN14 of PANNs, the copy in frechet-audio-distance, at 32 or 16 kHz."""
    # What its package imports for other models.
    sys.modules |= {name: MagicMock() for name in ("encodec", "laion_clap")}
    from frechet_audio_distance.models import pann

    settings = {
        "32k": (pann.Cnn14, 32000, 1024, 320, 64, 50, 14000, 527),
        "16k": (pann.Cnn14_16k, 16000, 512, 160, 64, 50, 8000, 527),
    }
    make, *sizes = settings[rate]
    network = scatter(make(*sizes))
    old = {"_use_new_zipfile_serialization": False}
    torch.save({"model": network.state_dict()}, folder / "checkpoint.pt", **old)
    windows = torch.from_numpy(np.load(folder / "windows.npy"))
    with torch.inference_mode():
        found = [network(window[None]) for window in windows]
    rows = {
        "audio": torch.cat([each["embedding"] for each in found]).numpy(),
        "classes": torch.cat([each["clipwise_output"] for each in found]).numpy(),
    }
    np.savez(folder / "theirs.npz", **rows)


def main() -> None:
    torch.set_num_threads(1)
    network, folder = sys.argv[1:]
    kind, which = network.split("-")
    {"clap": clap, "cnn14": cnn14}[kind](which, Path(folder))
    names = ("laion-clap", "frechet-audio-distance", "torchlibrosa", "torch", "transformers")
    print(json.dumps({name: importlib.metadata.version(name) for name in names}))


if __name__ == "__main__":
    main()
