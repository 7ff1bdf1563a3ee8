"""Look at the machine and say what a run would find."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from probe.errors import PrerequisiteError
from probe.sandbox.docker import engine, image

NEEDED_DISK_BYTES = 3 << 30
"""Image, its base and a run's audio."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: Literal["ok", "missing", "note"]
    text: str


def examine() -> list[Finding]:
    """Check everything; a thing that a run cannot do without is ``missing``, others are notes."""
    return [*_docker(), _weights(), _gpu(), _disk(Path.cwd()), *_keys()]


def report(findings: Sequence[Finding]) -> str:
    """One line a finding."""
    width = max(len(finding.what) for finding in findings)
    return "\n".join(f"{f.state:<7}  {f.what:<{width}}  {f.text}" for f in findings)


def _docker() -> list[Finding]:
    try:
        client = engine.connect()
    except PrerequisiteError as error:
        return [Finding("docker", "missing", str(error))]
    found = [Finding("docker", "ok", engine.describe(client))]
    try:
        found.append(Finding("image", "ok", image.require(client)))
    except PrerequisiteError as error:
        found.append(Finding("image", "missing", str(error)))
    return found


def _weights() -> Finding:
    from probe.score.weights.known import known
    from probe.score.weights.store import present

    there = [name for name, weights in known().items() if present(weights) is not None]
    have = ", ".join(there) if there else "`probe weights list` names them"
    return Finding("weights", "note", f"--measure alone needs some, the tiers need none; {have}")


def _gpu() -> Finding:
    """Ask the driver: a GPU speeds up embedders and generators, and nothing else."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return Finding("gpu", "note", "none found; none needed")
    query = [tool, "--query-gpu=name,memory.total", "--format=csv,noheader"]
    try:
        found = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError) as error:
        return Finding("gpu", "note", f"nvidia-smi does not answer: {error}")
    return Finding("gpu", "ok", "; ".join(found.stdout.strip().splitlines()))


def _disk(folder: Path) -> Finding:
    free = shutil.disk_usage(folder).free
    text = f"{free / 2**30:.1f} GiB free here, {NEEDED_DISK_BYTES / 2**30:.0f} GiB are enough"
    return Finding("disk", "ok" if free >= NEEDED_DISK_BYTES else "missing", text)


def _keys() -> list[Finding]:
    return [
        Finding(
            name,
            "ok" if os.environ.get(name) else "note",
            "set" if os.environ.get(name) else f"not set; {door} models need it",
        )
        for name, door in (("OPENAI_API_KEY", "openai/…"), ("ANTHROPIC_API_KEY", "anthropic/…"))
    ]
