"""The doors ``builtin/...``: what every model is compared with.

Hand-written programs are the ceiling of code, recordings the ceiling of sound, noise and silence
the floor. When a measurement puts them out of order, the measurement is broken. The recordings are
in `probe.models.reference`.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from probe.models.base import Reply, Request
from probe.records import ModelKind, Prompt

if TYPE_CHECKING:
    from probe.tier.folder import LoadedTier

NOISE_DBFS = -20.0
"""RMS level of the noise, relative to full scale 1.0: well audible, and it never clips."""


class Programs:
    """The programs that were written by hand for a tier, answered as a model would.

    Parameters
    ----------
    loaded : LoadedTier
        The tier; a prompt's program is ``programs/<prompt id>.py`` in its folder.
    """

    name: str = "builtin/programs"
    kind: ModelKind = "programs"
    concurrency: int = 8

    def __init__(self, loaded: LoadedTier) -> None:
        self._folder = loaded.folder / "programs"
        self._prompts = loaded.prompts

    def settings(self) -> dict[str, Any]:
        """One digest over all programs."""
        digest = hashlib.sha256()
        for prompt in filter(self.covers, self._prompts):
            program = self._path(prompt).read_bytes()
            digest.update(f"{prompt.id} {len(program)}\n".encode())
            digest.update(program)
        return {"sha256": digest.hexdigest()}

    def covers(self, prompt: Prompt) -> bool:
        """Whether there is a program for the prompt."""
        return self._path(prompt).is_file()

    async def complete(self, request: Request) -> Reply:
        """Answer with the prompt's program in a fenced block."""
        program = self._path(request.prompt).read_text(encoding="utf-8")
        longest = max((len(run) for run in re.findall("`+", program)), default=0)
        fence = "`" * max(3, longest + 1)
        end = "" if program.endswith("\n") else "\n"
        text = f"{fence}python\n{program}{end}{fence}\n"
        return Reply(text=text, finish_reason="stop", latency_s=0.0)

    def halt(self) -> None:
        """Nothing is ever under way."""

    async def aclose(self) -> None:
        """Nothing is held open."""

    def _path(self, prompt: Prompt) -> Path:
        return self._folder / f"{prompt.id}.py"


class Silence:
    """Digital silence."""

    name: str = "builtin/silence"
    kind: ModelKind = "control"

    def settings(self) -> dict[str, Any]:
        """Nothing to set."""
        return {}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be met with silence."""
        return True

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:  # noqa: ARG002
        """Zeros, shape (n,)."""
        return np.zeros(round(prompt.duration_s * sample_rate))


class Noise:
    """White Gaussian noise, another for each prompt and sample, and the same on every machine."""

    name: str = "builtin/noise"
    kind: ModelKind = "control"

    def settings(self) -> dict[str, Any]:
        """The level."""
        return {"rms_dbfs": NOISE_DBFS}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be met with noise."""
        return True

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> NDArray[np.float64]:
        """Noise from PCG64, seeded by the SHA-256 of prompt id and sample; shape (n,)."""
        seed = hashlib.sha256(f"{prompt.id}/{sample}".encode()).digest()
        generator = np.random.Generator(np.random.PCG64(int.from_bytes(seed)))
        noise = generator.standard_normal(round(prompt.duration_s * sample_rate))
        return noise * 10 ** (NOISE_DBFS / 20)
