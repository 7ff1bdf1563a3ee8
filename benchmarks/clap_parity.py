"""Whether our networks are the peers': laion-clap's, and CNN14 in frechet-audio-distance.

Run from the repository root: ``python -m benchmarks.clap_parity``; it prints Markdown. The peers,
in the environment of ``sh benchmarks/oracles.sh``, draw random weights at full size, save them in
the form of the public checkpoints and embed some windows of sound; probe opens the same files and
embeds the same windows. Exit code 1 when a vector differs by more than `BOUND`.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from benchmarks.oracles import ENVIRONMENT, HERE, ONE_THREAD
from probe.score.embedders.clap import Clap, clip_windows
from probe.score.embedders.panns import Cnn14
from tests.fakes import checkpoints

BOUND = 1e-4
"""Largest difference in any coordinate, of vectors of length 1 and of probabilities."""
NETWORKS = {
    "clap-tiny": ("LAION-CLAP, HTSAT-tiny", 48000),
    "clap-base": ("LAION-CLAP, HTSAT-base", 48000),
    "cnn14-32k": ("PANNs CNN14, 32 kHz", 32000),
    "cnn14-16k": ("PANNs CNN14, 16 kHz", 16000),
}
TEXTS = (
    "a dog barks",
    "This is a sound of heavy rain on a tin roof.",
    "",
    "Ein Zug fährt vorbei – langsam",
)
LONGEST_TEXT = 77


def sounds(rate: int) -> list[np.ndarray]:
    """Windows of 10 s: long, short and silent clips as probe cuts them."""
    rng = np.random.default_rng(5)
    time = np.arange(14 * rate) / rate
    clips = [
        0.2 * rng.standard_normal(10 * rate),
        0.8 * np.sin(2 * np.pi * 440 * time),
        0.5 * np.sin(2 * np.pi * 300 * time[: 6 * rate] ** 2),
        np.exp(-6 * (time % 0.5)) * np.sign(np.sin(2 * np.pi * 220 * time)),
        0.1 * rng.standard_normal(rate // 3) * np.hanning(rate // 3),
        np.zeros(rate),
    ]
    return [np.float32(window) for clip in clips for window in clip_windows(clip, 10 * rate)]


def ask(network: str, folder: Path) -> dict[str, str]:
    """Let the peers make a checkpoint and embed; returns their versions."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        raise SystemExit("the peers are not installed: sh benchmarks/oracles.sh")
    done = subprocess.run(
        [python, (HERE / "clap_peers.py").resolve(), network, folder],
        cwd=folder,
        env=os.environ | ONE_THREAD | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"the peers failed:\n{done.stderr}")
    versions: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return versions


def unit(rows: np.ndarray) -> np.ndarray:
    rows = np.asarray(rows, np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def row(network: str, what: str, ours: np.ndarray, theirs: np.ndarray) -> tuple[bool, str]:
    """One line of the table, and whether it is within the bound."""
    worst = float(np.abs(ours - theirs).max())
    cosine = float((unit(ours) * unit(theirs)).sum(axis=1).min())
    between = (unit(theirs) @ unit(theirs).T)[np.triu_indices(len(theirs), 1)]
    name, _ = NETWORKS[network]
    line = (
        f"| {name} | {what} | {len(ours)} × {ours.shape[1]} | {worst:.1e} | 1 − {1 - cosine:.0e} |"
        f" {between.min():.2f} to {between.max():.4f} |"
    )
    return worst <= BOUND, line


def compare(network: str, folder: Path) -> tuple[list[tuple[bool, str]], dict[str, str]]:
    _, rate = NETWORKS[network]
    windows = sounds(rate)
    np.save(folder / "windows.npy", np.stack(windows))
    tokenize(folder)
    versions = ask(network, folder)
    theirs = np.load(folder / "theirs.npz")
    clips = [np.float64(window) for window in windows]
    path = folder / "checkpoint.pt"
    if network.startswith("clap"):
        clap = Clap(path, name=network, keep=folder / "kept", device="cpu")
        rows = [
            row(network, "sound", clap.embed(clips), theirs["audio"]),
            row(network, "text", clap.embed_text(TEXTS), theirs["text"]),
        ]
    else:
        panns = Cnn14(path, device="cpu")
        rows = [
            row(network, "sound", unit(panns.embed(clips)), unit(theirs["audio"])),
            row(network, "classes", panns.probabilities(clips), theirs["classes"]),
        ]
    return rows, versions


def tokenize(folder: Path) -> None:
    """Write the tokenizer that probe finds beside the checkpoint, and its tokens of the texts."""
    from transformers import RobertaTokenizer

    checkpoints.tokenizer(folder)
    tokens = RobertaTokenizer.from_pretrained(folder, local_files_only=True)(
        list(TEXTS),
        padding="max_length",
        truncation=True,
        max_length=LONGEST_TEXT,
        return_tensors="np",
    )
    np.savez(
        folder / "tokens.npz", **{name: tokens[name] for name in ("input_ids", "attention_mask")}
    )


def main() -> int:
    """Print the table."""
    torch.set_num_threads(1)
    lines, fine, versions = [], True, {}
    for network in NETWORKS:
        with tempfile.TemporaryDirectory() as folder:
            rows, versions = compare(network, Path(folder))
        fine &= all(within for within, _ in rows)
        lines += [line for _, line in rows]
    ours = ", ".join(f"{name} {version(name)}" for name in ("torch", "transformers", "numpy"))
    theirs = ", ".join(f"{name} {found}" for name, found in versions.items())
    print("# Are the networks the peers' own?\n")
    print(
        f"`python -m benchmarks.clap_parity`, {date.today()}, CPU, float32, Python"
        f" {platform.python_version()}, {ours}; peers in their own environment: {theirs}.\n"
    )
    print(
        "Full size, random weights that the peers drew and saved in the form of the public files."
        f" Promised: no coordinate of a vector of length 1 differs by more than {BOUND:g}. The last"
        " column says that it is not for want of difference between sounds.\n"
    )
    print("| network | of | vectors | largest difference | least cosine | cosines between sounds |")
    print("|---|---|---|---|---|---|")
    print("\n".join(lines))
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
