"""How fast generators are through their door, against the plain call one prompt at a time.

    python -m benchmarks.generators [--full] [name ...]

Run from the root of the repository. Without ``--full`` generators of a few thousand random weights
are timed, on the CPU and one thread: what the door itself costs, and what a batch saves. With
``--full`` those of `benchmarks.full_generators`, at the size of the public ones, in bfloat16 on a
GPU: seconds of audio per second plain, through the door at batch 1 and at the largest batch that
fits, and the peak of the device's memory. Random weights compute what trained ones do.
"""

from __future__ import annotations

import math
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.full_generators import FULL
from probe.errors import ProbeError
from probe.models.base import DoorOptions
from probe.models.neural.base import quiet
from probe.models.neural.door import Generator, open_generator
from probe.records import Prompt
from tests.fakes.generators import MAKERS
from tests.fakes.tiers import prompt

STEPS = {"audioldm2": 200, "stable-audio": 100}
TINY_STEPS = 5
GUIDANCE = {"audioldm2": 3.5, "musicgen": 3.0, "stable-audio": 7.0}
FULL_S, TINY_S = 10.0, 0.5
TINY_CLIPS, TINY_BATCH, TIMES = 32, 8, 5
MOST = 256
"""Batches are doubled up to this."""


def prompts(count: int, duration_s: float) -> list[tuple[Prompt, int]]:
    """Attempts whose texts have one length, so that all of them may share a batch."""
    return [
        (prompt(f"p{n}", text=f"A dog barks, number {n:04}.", duration_s=duration_s), 0)
        for n in range(count)
    ]


def plain(name: str, folder: Path, steps: int, device: str, dtype: Any) -> Callable[..., object]:
    """The call as the makers' own examples have it; it takes a text and seconds."""
    import diffusers
    import transformers

    if name == "musicgen":
        model = transformers.MusicgenForConditionalGeneration.from_pretrained(folder, dtype=dtype)
        model = model.to(device).eval()
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

        def generate(text: str, seconds: float) -> object:
            frames = math.ceil(seconds * model.config.audio_encoder.frame_rate)
            tokens = tokenizer([text], return_tensors="pt").to(device)
            made = model.generate(
                **tokens,
                do_sample=True,
                guidance_scale=GUIDANCE[name],
                top_k=250,
                max_new_tokens=frames + model.decoder.num_codebooks - 1,
            )
            return made.float().cpu().numpy()

        return generate
    kind = {
        "audioldm2": diffusers.AudioLDM2Pipeline,
        "stable-audio": diffusers.StableAudioPipeline,
    }[name]
    pipeline = kind.from_pretrained(folder, torch_dtype=dtype).to(device)
    pipeline.set_progress_bar_config(disable=True)
    length = "audio_length_in_s" if name == "audioldm2" else "audio_end_in_s"

    def call(text: str, seconds: float) -> object:
        how = {"num_inference_steps": steps, "guidance_scale": GUIDANCE[name], length: seconds}
        return pipeline(text, output_type="np", **how).audios

    return call


def timed(*works: Callable[[], object], times: int = 1) -> list[float]:
    """Seconds of the fastest of several, taken in turns, after one that is not counted."""
    took: list[list[float]] = [[] for _ in works]
    for turn in range(times + 1):
        for work, seconds in zip(works, took, strict=True):
            began = time.perf_counter()
            work()
            if turn:
                seconds.append(time.perf_counter() - began)
    return [min(seconds) for seconds in took]


def door(name: str, folder: Path, batch: int, steps: int, *settings: str) -> Generator:
    """The generator's door."""
    how = (f"steps={steps}",) if name in STEPS else ()
    return open_generator(str(folder), DoorOptions((*how, f"batch={batch}", *settings)))


def render(generator: Generator, attempts: Sequence[tuple[Prompt, int]]) -> None:
    for taken in generator.audios(attempts, generator.settings()["native_sample_rate"]):
        if isinstance(taken.audio, Exception) and "silent" not in str(taken.audio):
            raise taken.audio


def tiny(names: Sequence[str], root: Path) -> None:
    """What the door costs and a batch saves, where the network itself takes next to no time."""
    import torch

    torch.set_num_threads(1)
    attempts = prompts(TINY_CLIPS, TINY_S)
    print(f"| generator | plain, ms a clip | door, batch 1 | door, batch {TINY_BATCH} |")
    print("| --- | --- | --- | --- |")
    for name in names:
        folder = MAKERS[name](root / name)
        call = plain(name, folder, TINY_STEPS, "cpu", torch.float32)
        alone, batched = (door(name, folder, batch, TINY_STEPS) for batch in (1, TINY_BATCH))

        def each(call: Callable[..., object] = call) -> None:
            with quiet():
                for asked, _ in attempts:
                    call(asked.text, asked.duration_s)

        works = (each, partial(render, alone, attempts), partial(render, batched, attempts))
        row = timed(*works, times=TIMES)
        print(f"| {name} | " + " | ".join(f"{1000 * s / TINY_CLIPS:.1f}" for s in row) + " |")


def full(names: Sequence[str], root: Path) -> None:
    """Seconds of audio per second on a GPU."""
    import torch

    if not torch.cuda.is_available():
        raise SystemExit("--full needs a GPU that torch can use")
    print(f"{torch.cuda.get_device_name()}, {FULL_S:g} s a clip, bfloat16\n")
    print(
        "| generator | steps | plain | door, batch 1 | peak GiB | largest batch | s/s | peak GiB |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name in names:
        folder, steps = FULL[name](root / name), STEPS.get(name, 0)
        (attempt,) = prompts(1, FULL_S)
        with quiet():
            call: Any = plain(name, folder, steps, "cuda", torch.bfloat16)
            (took,) = timed(partial(call, attempt[0].text, FULL_S))
        call = None
        torch.cuda.empty_cache()
        cells, batch = [f"{FULL_S / took:.2f}"], 1
        best = ("", "", "")
        while batch <= MOST:
            torch.cuda.reset_peak_memory_stats()
            generator = door(name, folder, batch, steps, "precision=bfloat16", "device=cuda")
            attempts = prompts(batch, FULL_S)
            try:
                (took,) = timed(partial(render, generator, attempts))
            except ProbeError:
                break
            rate = f"{batch * FULL_S / took:.2f}"
            peak = f"{torch.cuda.max_memory_allocated() / 2**30:.1f}"
            best = (str(batch), rate, peak)
            if batch == 1:
                cells += [rate, peak]
            batch *= 2
            del generator
            torch.cuda.empty_cache()
        print(f"| {name} | {steps or 'tokens'} | " + " | ".join([*cells, *best]) + " |", flush=True)


def main(words: Sequence[str]) -> None:
    names = [word for word in words if word != "--full"] or list(FULL)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        (full if "--full" in words else tiny)(names, Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
