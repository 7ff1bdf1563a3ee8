"""Running programs nobody trusts: what goes in, what comes out, and who does it."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol

from pydantic import Field

from probe.records import Limits, Outcome, Record


class Execution(Record):
    """What came of running one program."""

    outcome: Outcome
    detail: str | None = Field(default=None, description="which limit, signal or exception")
    exit_code: int | None = None
    signal: int | None = None
    cpu_s: float = Field(default=0.0, ge=0)
    wall_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int = Field(default=0, ge=0)
    stdout_tail: str = Field(default="", description="the end of it, safe to print")
    stderr_tail: str = Field(default="", description="the end of it, safe to print")
    audio: bytes | None = Field(
        default=None, repr=False, description="output.wav as the program left it, when `ok`"
    )


class Sandbox(Protocol):
    """Whatever can run a program without trusting it; open inside its ``with`` block.

    Name and image are known before it is opened. Leaving the block ends whatever still runs.
    """

    name: str
    """Engine, version and runtime, as a run records it."""
    image: str
    """Content id of what programs run on."""

    def __enter__(self) -> Sandbox: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def execute(self, program: str, limits: Limits) -> Execution:
        """Run one program; callable from several threads at once.

        A failure of the sandbox itself is an `Execution` too, with the outcome ``sandbox_error``.
        """
        ...
