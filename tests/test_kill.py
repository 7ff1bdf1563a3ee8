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

from probe.sandbox import engine

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


@pytest.mark.timeout(600)
def test_killed_at_ten_random_moments_and_resumed(tmp_path: Path) -> None:
    began = time.monotonic()
    finish(tmp_path / "whole")
    whole_s = time.monotonic() - began
    expected = rows(tmp_path / "whole")
    assert {name: len(found) for name, found in expected.items()} == {
        "completions.jsonl": 4,
        "renderings.jsonl": 4,
        "scores.jsonl": 16,
    }
    moments = random.Random(2506)
    cut_short = 0
    for number in range(MOMENTS):
        results = tmp_path / str(number)
        with subprocess.Popen(
            command(results), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            try:
                process.wait(timeout=moments.uniform(0.2, 1.0) * whole_s)
            except subprocess.TimeoutExpired:
                process.kill()
                cut_short += 1
        deadline = time.monotonic() + 3
        while "running" in containers_of(process.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert "running" not in containers_of(process.pid)
        finish(results)
        assert rows(results) == expected
        assert containers_of(process.pid) == []
    assert cut_short >= MOMENTS // 2, "most moments must fall inside the run"
