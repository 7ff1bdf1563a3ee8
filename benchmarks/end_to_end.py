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

from probe.board.markdown import table

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
    rows = [
        [f"`probe --help`, median of {HELP_RUNS}", f"{statistics.median(helps):.3f}"],
        *([f"{tier} tier, `{model}`", f"{took:.1f}"] for (tier, model), took in stages.items()),
        ["`probe leaderboard`", f"{board:.1f}"],
        ["first byte to leaderboard", f"{sum(stages.values()) + board:.1f}"],
    ]
    print(table(["what", "seconds"], rows), end="")


if __name__ == "__main__":
    main()
