"""Large results: how time and memory grow with the number of attempts.

Run with ``python -m benchmarks.scale [--before CHECKOUT] [attempts …]`` from the root of the
repository, with a Docker engine and the sandbox image at hand. Runs are synthetic: 125 prompts of
the notes tier, as many samples as make up the attempts, every per-clip metric, no audio. Each
command is a process of its own, whose seconds on the clock and largest resident memory are printed;
with another checkout of probe the same commands on the same files are timed in both, one after the
other. What takes longer than `LONGEST_S` is ended.

What is timed:

leaderboard, site
    Over 40 models and two controls (8 models at a thousand) that share the attempts.
compare, ci
    Two runs of so many attempts each.
resume
    `probe run` on a run of so many attempts that lacks nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

from probe.models.base import DoorOptions
from probe.records import Completion, Outcome, Record, Rendering, Run, Score
from probe.records.folder_names import slug
from probe.records.metrics import about
from probe.records.store import Store
from probe.run import Options, prepare
from probe.tier.folder import LoadedTier, load

ATTEMPTS = (1_000, 10_000, 130_000)
LONGEST_S = 120.0
DONE = (0, 5, 6)
"""Exit codes of a command that did what it was asked: the gate's own among them."""
REPLY = "A tone.\n\n```python\n" + "wave = np.sin(2 * np.pi * 440 * t)\n" * 70 + "```\n"
"""About as long as a program of the tier."""


def rows_of(loaded: LoadedTier, samples: int, skill: float, seed: int) -> Iterator[Record]:
    """A run's rows, stage by stage; which attempts fail and what the others get is drawn."""
    rng = np.random.default_rng(seed)
    every = [(prompt, sample) for prompt in loaded.prompts for sample in range(samples)]
    fails = rng.random(len(every)) > 0.5 + skill / 2
    values = rng.normal(skill, 0.15, len(every)).clip(0, 1).round(6)
    usage = {"input_tokens": 400, "output_tokens": 900}
    for prompt, sample in every:
        yield Completion(
            prompt=prompt.id,
            sample=sample,
            outcome=Outcome.OK,
            text=REPLY,
            finish_reason="stop",
            usage=usage,
            latency_s=2.5,
        )
    for (prompt, sample), failed in zip(every, fails, strict=True):
        yield Rendering(
            prompt=prompt.id,
            sample=sample,
            outcome=Outcome.RUNTIME_ERROR if failed else Outcome.OK,
            program_sha256="a" * 64,
            audio_sha256=None if failed else f"{rng.integers(1 << 62):064x}",
            exit_code=int(failed),
            cpu_s=0.2,
            wall_s=0.3,
            peak_memory_bytes=40 << 20,
            stderr_tail="Traceback (most recent call last):\n  …" if failed else "",
        )
    metrics = [m for m in map(about, loaded.tier.metrics) if m.scope == "clip" and not m.needs]
    for (prompt, sample), failed, value in zip(every, fails, values, strict=True):
        for metric in metrics:
            if metric.applies_to(prompt):
                yield Score(
                    prompt=prompt.id,
                    sample=sample,
                    metric=metric.name,
                    version=metric.version,
                    value=metric.floor or 0.0 if failed else float(value),
                )


LOGS = {Completion: "completions.jsonl", Rendering: "renderings.jsonl", Score: "scores.jsonl"}


def write_run(folder: Path, run: Run, rows: Iterator[Record]) -> None:
    """Write a run's folder at once; the store writes row by row, as they become known."""
    with Store.open(folder, run):
        pass
    files = {kind: (folder / name).open("a", encoding="utf-8") for kind, name in LOGS.items()}
    for row in rows:
        files[type(row)].write(row.model_dump_json(exclude_defaults=True) + "\n")
    for file in files.values():
        file.close()


def named(run: Run, model: str, samples: int) -> Run:
    """The same run of another model."""
    spec = run.spec.model_copy(update={"model": model, "samples": samples})
    return run.model_copy(update={"spec": spec})


class Took(NamedTuple):
    """What a process took."""

    seconds: float
    mebibytes: float

    def __str__(self) -> str:
        if self.seconds > LONGEST_S:
            return f"over {LONGEST_S:.0f} s"
        return f"{self.seconds:.1f} s, {self.mebibytes:.0f} MiB"


def timed(checkout: Path, *arguments: str) -> Took:
    """Run one command of the probe in `checkout`."""
    environment = os.environ | {"PYTHONPATH": str(checkout)}
    began = time.monotonic()
    child = subprocess.Popen(
        [sys.executable, "-m", "probe", *arguments],
        cwd=checkout,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    ender = threading.Timer(LONGEST_S, child.kill)
    ender.start()
    _, status, used = os.wait4(child.pid, 0)
    ender.cancel()
    took = Took(time.monotonic() - began, used.ru_maxrss / 1024)
    if took.seconds <= LONGEST_S and os.waitstatus_to_exitcode(status) not in DONE:
        assert child.stderr is not None
        said = child.stderr.read().decode(errors="replace")
        raise SystemExit(f"probe {' '.join(arguments)}: status {status}\n{said}")
    return took


def commands(folder: Path, loaded: LoadedTier, attempts: int) -> dict[str, list[str]]:
    """Make results of this size; returns the command lines to be timed on them."""
    replies = folder / "replies.jsonl"
    lines = ({"prompt": p.id, "text": REPLY} for p in loaded.prompts)
    replies.write_text("".join(json.dumps(line) + "\n" for line in lines))
    samples = max(1, attempts // len(loaded.prompts))
    options = Options(
        tier="notes",
        model=f"replay/{replies}",
        results=folder / "pair",
        samples=samples,
        how=DoorOptions(name="lab/resumed"),
    )
    plan = prepare(options)
    write_run(plan.folder, plan.run, rows_of(loaded, samples, 0.6, 1))
    other = folder / "pair" / "notes" / slug("lab/other")
    write_run(other, named(plan.run, "lab/other", samples), rows_of(loaded, samples, 0.7, 2))
    models = 40 if attempts > 1_000 else 8
    each = max(1, attempts // (models * len(loaded.prompts)))
    for number in range(models):
        name, skill = f"lab/model-{number:02}", 0.3 + 0.4 * number / models
        run = named(plan.run, name, each)
        write_run(
            folder / "board" / "notes" / slug(name), run, rows_of(loaded, each, skill, number)
        )
    board, pair = str(folder / "board"), str(folder / "pair")
    return {
        "leaderboard": ["leaderboard", "--results", board],
        "site": ["site", "--no-audio", "--results", board, "--out", str(folder / "site")],
        "compare": ["compare", "lab/resumed", "lab/other", "--tier", "notes", "--results", pair],
        "ci": ["ci", "--baseline", str(plan.folder), "--run", str(other)],
        "resume": [
            *("run", "--tier", "notes", "--model", options.model, "--name", "lab/resumed"),
            *("--samples", str(samples), "--results", pair),
        ],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--before", type=Path)
    parser.add_argument("attempts", nargs="*", type=int, default=ATTEMPTS)
    asked = parser.parse_args()
    here = Path.cwd()
    loaded = load("notes")
    checkouts = [here] if asked.before is None else [asked.before.resolve(), here]
    print("| what | attempts | " + " | ".join(["before"] * (len(checkouts) - 1) + ["now"]) + " |")
    print("| --- " * (2 + len(checkouts)) + "|")
    for attempts in asked.attempts:
        folder = Path(tempfile.mkdtemp(prefix="probe-scale-"))
        try:
            for name, arguments in commands(folder, loaded, attempts).items():
                cells = [str(timed(checkout, *arguments)) for checkout in checkouts]
                print(f"| {name} | {attempts:,} | " + " | ".join(cells) + " |", flush=True)
        finally:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
