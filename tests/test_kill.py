"""A run that is killed at any moment goes on from there, and ends as if nothing had happened."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from probe.sandbox.docker import engine

pytestmark = pytest.mark.docker

MOMENTS = 10
TIMES = frozenset({"latency_s", "cpu_s", "wall_s", "peak_memory_bytes"})


def command(results: Path) -> list[str]:
    return [
        *(sys.executable, "-m", "probe", "run", "--tier", "notes", "--limit", "4"),
        *("--model", "builtin/programs", "--results", str(results)),
    ]


def finish(results: Path) -> None:
    subprocess.run(command(results), check=True, capture_output=True)


def rows(results: Path) -> dict[str, list[dict[str, Any]]]:
    """Every row of every log without its times, in an order of its own."""
    folder = results / "notes" / "builtin--programs"
    logs = {}
    for path in sorted(folder.glob("*.jsonl")):
        found = [json.loads(line) for line in path.read_text().splitlines()]
        timeless = [{k: v for k, v in row.items() if k not in TIMES} for row in found]
        logs[path.name] = sorted(timeless, key=lambda row: json.dumps(row, sort_keys=True))
    return logs


def containers_of(pid: int) -> list[str]:
    """States of the containers that a harness made, while any is left."""
    label = f"probe.sandbox.pid={pid}"
    found = engine.connect().containers(all=True, filters={"label": label})
    return [container["State"] for container in found]


def row_count(results: Path) -> int:
    """Whole lines in all logs so far."""
    logs = (results / "notes" / "builtin--programs").glob("*.jsonl")
    return sum(path.read_bytes().count(b"\n") for path in logs)


def kill_once_there_are(count: int, results: Path) -> int:
    """Kill a run as soon as its logs hold `count` rows; its process id."""
    with subprocess.Popen(
        command(results), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while row_count(results) < count:
            assert process.poll() is None, "the run ended before its logs were whole"
            time.sleep(0.001)
        process.kill()
    return process.pid


@pytest.mark.timeout(600)
def test_killed_at_ten_random_moments_and_resumed(tmp_path: Path) -> None:
    finish(tmp_path / "whole")
    expected = rows(tmp_path / "whole")
    counts = {name: len(found) for name, found in expected.items()}
    assert counts["completions.jsonl"] == counts["renderings.jsonl"] == 4
    # Progress, not time, says when: how long a run takes is the machine's affair. The last rows
    # come within a few milliseconds of each other and of the end.
    moments = random.Random(2506).sample(range(sum(counts.values()) - 4), MOMENTS)
    for moment in moments:
        results = tmp_path / str(moment)
        pid = kill_once_there_are(moment, results)
        deadline = time.monotonic() + 30
        while "running" in containers_of(pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "running" not in containers_of(pid)
        finish(results)
        assert rows(results) == expected
        assert containers_of(pid) == []
