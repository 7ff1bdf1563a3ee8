"""The Fréchet distances of frechet-audio-distance and fadtk, run as they are published.

This runs in the environment that ``benchmarks/oracles.sh`` makes, started by the benchmarks; it
needs nothing of probe. It reads jobs as lines of JSON from stdin, each a file of embeddings ``x``
and ``y`` and what to do with it, and answers each with a line of JSON on stdout.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import json
import sys
import tempfile
import time
import warnings
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

# What the two import for their embedding models; the functions that are called here use none of it,
# and it does not load beside a CPU build of torch.
for name in ("encodec", "laion_clap", "torchaudio", "torchvision"):
    sys.modules[name] = MagicMock()
warnings.simplefilter("ignore")

with contextlib.redirect_stdout(sys.stderr):
    import fadtk.fad
    import numpy as np
    from frechet_audio_distance import FrechetAudioDistance


def distance(peer: str, x: np.ndarray, y: np.ndarray, repeats: int) -> dict[str, object]:
    """Value, and the least CPU seconds of the statistics and of the distance given them."""
    if peer == "fadtk":
        statistics, between = fadtk.fad.calc_embd_statistics, fadtk.fad.calc_frechet_distance
    else:
        bare = FrechetAudioDistance.__new__(FrechetAudioDistance)  # without its models
        statistics, between = bare.calculate_embd_statistics, bare.calculate_frechet_distance
    fitting, comparing = [], []
    for _ in range(repeats):
        began = time.process_time()
        fitted = (*statistics(x), *statistics(y))
        fitting.append(time.process_time() - began)
        began = time.process_time()
        try:
            value = float(between(*fitted))
        except ValueError as error:
            return {"error": str(error)[:80]}
        comparing.append(time.process_time() - began)
    return {"value": value, "fit_s": min(fitting), "distance_s": min(comparing)}


def infinite(x: np.ndarray, y: np.ndarray, seed: int) -> dict[str, object]:
    """FAD-inf as fadtk computes it, with its own settings: x is measured against y."""
    np.random.seed(seed)  # fadtk draws from the global generator
    bare = fadtk.fad.FrechetAudioDistance.__new__(fadtk.fad.FrechetAudioDistance)
    bare.ml = SimpleNamespace(name="model")
    with tempfile.TemporaryDirectory() as folder:
        reference, rendered = Path(folder) / "y.npz", Path(folder) / "x.npy"
        mean, covariance = fadtk.fad.calc_embd_statistics(y)
        np.savez(reference, **{"model.mu": mean, "model.cov": covariance})
        np.save(rendered, x)
        return {"value": float(bare.score_inf(reference, [rendered]).score)}


def main() -> int:
    """Answer until stdin ends."""
    versions = {
        name: importlib.metadata.version(name)
        for name in ("frechet-audio-distance", "fadtk", "numpy", "scipy")
    }
    print(json.dumps(versions), flush=True)
    for line in sys.stdin:
        job = json.loads(line)
        with np.load(job["file"]) as data:
            x, y = data["x"], data["y"]
        with contextlib.redirect_stdout(sys.stderr):
            if job["do"] == "inf":
                found = infinite(x, y, job["seed"])
            else:
                found = distance(job["do"], x, y, job["repeats"])
        print(json.dumps(found), flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
