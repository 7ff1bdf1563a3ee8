"""From files to embeddings, how fast: the front end alone, CLAP on the CPU, CLAP on a GPU.

Run from the repository root: ``python -m benchmarks.embedding``; it prints Markdown. Every other
way of doing it runs in the same process on the same files, in turns, so that a busy machine slows
all of them alike; of the rounds the median of wall time counts, and the least of CPU time, which
what else runs on the machine can only add to. Models have their full size and random weights,
which take the same time as trained ones. Numpy has one BLAS thread throughout: two of them spin.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path

import librosa
import numpy as np
import soundfile
import torch
from transformers import ClapAudioConfig, ClapConfig, ClapFeatureExtractor, ClapModel

from benchmarks.oracles import one_thread
from probe.score.embedders.batches import collect, embed_files
from probe.score.embedders.cache import Cache
from probe.score.embedders.clap import WINDOWS_AT_A_TIME, Clap
from probe.score.embedders.melspec import CLAP, LogMelSpectrogram
from probe.score.embedders.reading import read_files

SECONDS, RATE = 10, 44100
PROMISED_MS = 16.0
PROMISED_SHARE = 0.9
HTSAT = {
    "tiny": {},
    "base": {
        "patch_embeds_hidden_size": 128,
        "depths": [2, 2, 12, 2],
        "num_attention_heads": [4, 8, 16, 32],
        "hidden_size": 1024,
    },
}
"""Beside transformers' defaults, which are LAION's HTSAT-tiny."""

Files = list[tuple[str, Path]]


def write_clips(folder: Path, count: int, channels: int) -> Files:
    """Pink noise of 10 s at 44.1 kHz, 16 bits."""
    rng = np.random.default_rng(7)
    files = []
    for number in range(count):
        spectrum = np.fft.rfft(rng.standard_normal((SECONDS * RATE, channels)), axis=0)
        spectrum /= np.sqrt(np.arange(1, len(spectrum) + 1))[:, None]
        samples = np.fft.irfft(spectrum, axis=0)
        path = folder / f"{channels}-{number}.wav"
        soundfile.write(path, 0.3 * samples / np.abs(samples).max(), RATE, "PCM_16")
        files.append((path.name, path))
    return files


def in_turns(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, tuple[float, float]]:
    """Median of wall and least of CPU seconds of each way, after a call that does not count."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for round_ in range(rounds + 1):
        for name, way in ways.items():
            began = time.perf_counter(), time.process_time()
            way()
            spent = time.perf_counter() - began[0], time.process_time() - began[1]
            if round_:
                taken[name].append(spent)
    return {
        name: (statistics.median(s[0] for s in spent), min(s[1] for s in spent))
        for name, spent in taken.items()
    }


def probe_front_end(files: Files) -> None:
    mel = LogMelSpectrogram(CLAP)
    with torch.inference_mode():
        for sound in read_files(files, CLAP.sample_rate):
            assert sound.samples is not None
            mel(torch.from_numpy(sound.samples)[None])


def librosa_front_end(files: Files) -> None:
    for _, path in files:
        samples, rate = librosa.load(path, sr=CLAP.sample_rate)
        bands = librosa.feature.melspectrogram(
            *(),
            y=samples,
            sr=rate,
            n_fft=CLAP.n_fft,
            hop_length=CLAP.hop,
            n_mels=CLAP.bands,
            fmin=CLAP.low_hz,
            fmax=CLAP.high_hz,
        )
        librosa.power_to_db(bands, top_db=None)


def extractor() -> ClapFeatureExtractor:
    return ClapFeatureExtractor(
        frequency_min=50, frequency_max=14000, truncation="rand_trunc", padding="repeatpad"
    )


def transformers_front_end(files: Files) -> None:
    prepare = extractor()
    for _, path in files:
        samples, rate = librosa.load(path, sr=CLAP.sample_rate)
        prepare(samples, sampling_rate=rate, return_tensors="pt")


def front_end(folder: Path, count: int, rounds: int) -> None:
    print("\n## Front end: read, soxr HQ to 48 kHz, log-mel of CLAP\n")
    print("| files | way | ms of CPU per clip | ms of wall time per clip | CPU, probe = 1 |")
    print("|---|---|---|---|---|")
    ways = {
        "probe": probe_front_end,
        "librosa, one file at a time": librosa_front_end,
        "librosa and transformers' extractor, one at a time": transformers_front_end,
    }
    for channels, name in ((1, "mono"), (2, "stereo")):
        files = write_clips(folder, count, channels)
        found = in_turns({way: partial(run, files) for way, run in ways.items()}, rounds)
        for way, (wall, cpu) in found.items():
            print(
                f"| {name} | {way} | {1e3 * cpu / count:.1f} | {1e3 * wall / count:.1f}"
                f" | {cpu / found['probe'][1]:.1f} |"
            )


def build(folder: Path, size: str) -> Path:
    """Save a ClapModel with random weights as transformers saves one."""
    torch.manual_seed(0)
    audio = ClapAudioConfig(**HTSAT[size])
    text = {"num_hidden_layers": 1}  # never run here
    ClapModel(ClapConfig(audio_config=audio.to_dict(), text_config=text)).save_pretrained(
        folder / size
    )
    return folder / size


def embed(files: Files, clap: Clap, cache: Cache | None = None) -> None:
    found = collect(embed_files(files, clap, cache=cache))
    assert len(found.names) == len(files)


def prepared(files: Files, device: str, at_a_time: int) -> list[torch.Tensor]:
    """Log-mel bands of the files, in batches as the model takes them."""
    mel = LogMelSpectrogram(CLAP)
    sounds = read_files(files, CLAP.sample_rate)
    samples = torch.stack([torch.from_numpy(s.samples) for s in sounds if s.samples is not None])
    return [mel(part.to(device))[:, None] for part in samples.split(at_a_time)]


def forward(clap: Clap, batches: Iterable[torch.Tensor]) -> None:
    """Run the bare model on prepared features, exactly as precise as the embedder runs it."""
    with clap._runtime.inference():
        for batch in batches:
            clap._model.get_audio_features(input_features=batch).pooler_output.cpu()


def loop(files: Files, clap: Clap) -> None:
    """Load, prepare and embed one file after another, as a first script would."""
    prepare = extractor()
    for _, path in files:
        samples, rate = librosa.load(path, sr=CLAP.sample_rate)
        given = prepare(samples, sampling_rate=rate, return_tensors="pt")
        with torch.inference_mode():
            features = given["input_features"].float().to(clap.device)
            clap._model.get_audio_features(input_features=features).pooler_output.cpu()


def on_cpu(folder: Path, count: int, rounds: int) -> None:
    print("\n## CLAP scoring on the CPU, HTSAT-tiny at full size\n")
    print("One torch thread; what is read ahead runs in threads of its own.\n")
    print("| way | clips/s | clips per s of CPU | share of the bare model's | same, by CPU time |")
    print("|---|---|---|---|---|")
    files = write_clips(folder, count, 1)
    clap = Clap(build(folder, "tiny"), name="clap-random", keep=folder / "keep", device="cpu")
    batches = prepared(files, "cpu", WINDOWS_AT_A_TIME["cpu"])
    fresh = (Cache(clap, "clip", folder / f"cache-{number}") for number in range(rounds + 1))
    ways = {
        "bare model on prepared features": partial(forward, clap, batches),
        "files to embeddings": partial(embed, files, clap),
        "files to embeddings, kept in the cache": lambda: embed(files, clap, next(fresh)),
        "one file at a time, librosa and transformers": partial(loop, files, clap),
    }
    found = in_turns(ways, rounds)
    bare = found["bare model on prepared features"]
    for way, (wall, cpu) in found.items():
        print(
            f"| {way} | {count / wall:.2f} | {count / cpu:.2f} | {bare[0] / wall:.1%}"
            f" | {bare[1] / cpu:.1%} |"
        )
    kept = Cache(clap, "clip", folder / "cache-0")
    wall, _ = in_turns({"again": lambda: embed(files, clap, kept)}, rounds)["again"]
    print(f"\nThe same files once more, all in the cache: {count / wall:.0f} clips/s.")


def memory(folder: Path) -> None:
    """Peak memory of a process that streams ever more clips through the front end."""
    print("\n## Memory\n")
    print("| clips of 10 s | most memory of the process, MB |\n|---|---|")
    write_clips(folder, 1, 1)
    for count in (100, 1000):
        child = [sys.executable, "-c", STREAM, str(folder / "1-0.wav"), str(count)]
        peak = subprocess.run(child, capture_output=True, text=True, check=True).stdout
        print(f"| {count} | {int(peak) * 1.024e-3:.0f} |")


STREAM = """
import re, sys
from pathlib import Path
import numpy as np
from probe.score.embedders.batches import collect, embed_files

class Ears:
    name, fingerprint, sample_rate, dimension = "mean", "1", 48000, 512
    def embed(self, clips):
        return np.array([np.full(512, clip.mean()) for clip in clips])

path, count = Path(sys.argv[1]), int(sys.argv[2])
found = collect(embed_files(((str(n), path) for n in range(count)), Ears()))
assert len(found.names) == count
print(re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1])
"""


def on_gpu(folder: Path, count: int, rounds: int) -> None:
    print("\n## CLAP scoring on a GPU, at full size\n")
    if not torch.cuda.is_available():
        print("No GPU could be had for this run; the same script measures it where there is one.")
        return
    print(f"{torch.cuda.get_device_name()}, {os.cpu_count()} cores.\n")
    print("| model | way | clips/s | share of the bare model's |\n|---|---|---|---|")
    files = write_clips(folder, count, 1)
    for size in HTSAT:
        clap = Clap(build(folder, size), name="clap-random", keep=folder / "keep", device="cuda")
        batches = prepared(files, "cuda", WINDOWS_AT_A_TIME["cuda"])
        few = files[: max(8, count // 16)]
        ways = {
            "bare model on prepared features": (partial(forward, clap, batches), count),
            "front end alone": (partial(prepared, files, "cuda", 64), count),
            "files to embeddings": (partial(embed, files, clap), count),
            "one file at a time": (partial(loop, few, clap), len(few)),
        }
        found = in_turns({way: run for way, (run, _) in ways.items()}, rounds)
        speed = {way: ways[way][1] / found[way][0] for way in ways}
        bare = speed["bare model on prepared features"]
        for way, rate in speed.items():
            print(f"| HTSAT-{size} | {way} | {rate:.1f} | {rate / bare:.1%} |")
        waiting = 1 - speed["files to embeddings"] / bare
        print(f"| HTSAT-{size} | share of the time not in the model | {waiting:.1%} | |")


def main() -> None:
    """Print all tables."""
    one_thread()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clips", type=int, default=32, help="clips for the CPU")
    parser.add_argument("--gpu-clips", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    names = ("numpy", "torch", "transformers", "soundfile", "soxr", "librosa")
    print(f"{date.today()}, {os.cpu_count()} cores ({platform.machine()}), load", end=" ")
    print(f"{os.getloadavg()[0]:.1f} before; Python {platform.python_version()},", end=" ")
    print(", ".join(f"{name} {version(name)}" for name in names) + ".")
    with tempfile.TemporaryDirectory() as folder:
        torch.set_num_threads(1)
        front_end(Path(folder), given.clips, given.rounds)
        on_cpu(Path(folder), given.clips, given.rounds)
        memory(Path(folder))
        on_gpu(Path(folder), given.gpu_clips, given.rounds)


if __name__ == "__main__":
    main()
