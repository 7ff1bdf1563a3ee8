"""Time from the first byte to the leaderboard, and of ``probe --help``, as a user waits for them.

Run with a Docker engine and the sandbox image at hand: ``python benchmarks/end_to_end.py``. Prints
a Markdown table; whole processes are timed, Python's start included.
"""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib import metadata

HELP_RUNS = 11


def timed(*arguments: str) -> float:
    """Seconds that one probe command takes."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-m", "probe", *arguments], check=True, capture_output=True)
    return time.monotonic() - began


def main() -> None:
    """Measure and print."""
    helps = [timed("--help") for _ in range(HELP_RUNS)]
    with tempfile.TemporaryDirectory() as results:
        where = ("--results", results)
        stages = {
            (tier, model): timed("run", "--tier", tier, "--model", model, *where)
            for tier in ("notes", "sounds", "speech")
            for model in ("builtin/programs", "builtin/noise", "builtin/silence")
        }
        board = timed("leaderboard", *where)
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()},"
        f" numpy {metadata.version('numpy')}, docker SDK {metadata.version('docker')}\n"
    )
    print("| what | seconds |\n| --- | --- |")
    print(f"| `probe --help`, median of {HELP_RUNS} | {statistics.median(helps):.3f} |")
    for (tier, model), seconds in stages.items():
        print(f"| {tier} tier, `{model}` | {seconds:.1f} |")
    print(f"| `probe leaderboard` | {board:.1f} |")
    print(f"| first byte to leaderboard | {sum(stages.values()) + board:.1f} |")


if __name__ == "__main__":
    main()
