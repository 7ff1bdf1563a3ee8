"""Ask the peers in their own environment; see ``oracles.sh``, which makes it."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
import tempfile
from datetime import date
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np

HERE = Path(__file__).parent
ENVIRONMENT = HERE.parent / "build" / "oracles"

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class Peers:
    """The peers' process; both sides have one BLAS thread."""

    def __init__(self) -> None:
        python = ENVIRONMENT / "bin" / "python"
        if not python.exists():
            raise SystemExit("the peers are not installed: sh benchmarks/oracles.sh")
        self._folder = tempfile.TemporaryDirectory()
        self._process = subprocess.Popen(
            [python, HERE / "frechet_peers.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_THREAD | {"HF_HUB_OFFLINE": "1"},
        )
        self.versions: dict[str, str] = self._answer()

    def ask(self, do: str, x: np.ndarray, y: np.ndarray, **settings: int) -> dict[str, Any]:
        """Do a job of ``frechet_peers.py`` on the same embeddings."""
        file = Path(self._folder.name) / "embeddings.npz"
        np.savez(file, x=x, y=y)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": do, "file": str(file)} | settings) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit("the peers' process died; run benchmarks/frechet_peers.py by hand")
        found: dict[str, Any] = json.loads(line)
        return found

    def __enter__(self) -> Peers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._folder.cleanup()


def one_thread() -> None:
    """Start this script again with one BLAS thread, which is read when numpy is loaded."""
    if any(os.environ.get(name) != value for name, value in ONE_THREAD.items()):
        os.execve(sys.executable, sys.orig_argv, os.environ | ONE_THREAD)


def where(peers: Peers) -> str:
    """Date, machine and versions, for the head of a table."""
    ours = ", ".join(f"{name} {version(name)}" for name in ("numpy", "scipy"))
    theirs = ", ".join(f"{name} {found}" for name, found in peers.versions.items())
    return (
        f"{date.today()}, one BLAS thread on one of {os.cpu_count()} cores ({platform.machine()}),"
        f" Python {platform.python_version()}, {ours}; peers in their own environment: {theirs}."
    )
