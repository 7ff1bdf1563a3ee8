"""Where and how exactly a network runs, the same for every embedder."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from probe.errors import PrerequisiteError, UsageError

Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class Runtime:
    """A device and the precision of what runs on it."""

    device: str
    """As torch names it: ``cpu``, ``cuda`` or ``cuda:<n>``."""
    precision: Precision
    """``bfloat16`` rounds inside the large products only; weights and results are float32."""

    @property
    def kind(self) -> str:
        """``cpu`` or ``cuda``, whichever of several."""
        return self.device.split(":")[0]

    @contextlib.contextmanager
    def inference(self) -> Iterator[None]:
        """Run without gradients, and the same way every time."""
        import torch

        with (
            torch.inference_mode(),
            torch.autocast(self.kind, torch.bfloat16, enabled=self.precision == "bfloat16"),
            torch.backends.cudnn.flags(benchmark=False, deterministic=True, allow_tf32=False),
        ):
            yield


def choose(
    device: str | None = None, precision: Precision | None = None, *, on_gpu: Precision = "float32"
) -> Runtime:
    """Take the GPU where there is one.

    Parameters
    ----------
    device : str, optional
        Instead of the choice: ``cpu``, ``cuda``, ``cuda:1``.
    precision : {"float32", "bfloat16"}, optional
        Instead of `on_gpu` on a GPU and float32 on a CPU.
    on_gpu : {"float32", "bfloat16"}
        What suits the network on a GPU.

    Returns
    -------
    Runtime
        What it runs on.

    Raises
    ------
    UsageError
        There is no such device in torch.
    PrerequisiteError
        There is no such device in this machine, or torch is not installed.
    """
    torch = require_torch()
    name = device or ("cuda" if torch.cuda.is_available() else "cpu")
    try:
        wanted = torch.device(name)
    except RuntimeError:
        wanted = torch.device("meta")
    if wanted.type not in ("cpu", "cuda"):
        raise UsageError(f"unknown device {name!r}; known: cpu, cuda, cuda:<n>")
    if wanted.type == "cuda" and (wanted.index or 0) >= torch.cuda.device_count():
        raise PrerequisiteError(f"this machine has no {name} that torch can use; take cpu")
    return Runtime(name, precision or (on_gpu if wanted.type == "cuda" else "float32"))


def require_torch() -> Any:
    """Import torch, or say how it is installed."""
    try:
        import torch
        import transformers  # noqa: F401
    except ImportError as error:
        raise PrerequisiteError(
            f"this embedder needs {error.name}; pip install 'probe[score]'"
        ) from error
    return torch


@contextlib.contextmanager
def quiet(library: str = "transformers") -> Iterator[None]:
    """Keep transformers, or diffusers, from drawing bars and reports that are given otherwise."""
    log = importlib.import_module(f"{library}.utils.logging")
    shown, level = log.is_progress_bar_enabled(), log.get_verbosity()
    log.disable_progress_bar()
    log.set_verbosity_error()
    try:
        yield
    finally:
        log.set_verbosity(level)
        if shown:
            log.enable_progress_bar()


def file_digest(*paths: Path) -> str:
    """SHA-256 over files, one after another, in hexadecimal."""
    digest = hashlib.sha256()
    for path in paths:
        with path.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def fingerprint(kind: str, *parts: object) -> str:
    """One short name for everything that shapes a vector: weights, front end, precision."""
    return f"{kind}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:16]}"
