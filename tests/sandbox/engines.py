"""Every sandbox engine by name, and the few things in which one may rightly differ from another."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass

from probe.sandbox import Sandbox
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
from probe.sandbox.docker import engine, image
from probe.sandbox.docker.sandbox import DockerSandbox


@dataclass(frozen=True)
class Differences:
    """What is not the same everywhere; all else must be."""

    memory_slack: float = 0.0
    """By what share of its limit memory may be exceeded before the program is stopped."""
    spares_parents: bool = True
    """Whether a child that uses up the memory dies alone."""
    counts_refusals: bool = True
    """Whether a process that is refused is noticed however soon the program ends thereafter."""


ENGINES = {
    "docker": Differences(),
    "bubblewrap-cgroups": Differences(),
    # Nobody but the supervisor counts, and it can only look from time to time.
    "bubblewrap-rlimits": Differences(
        memory_slack=1.0, spares_parents=False, counts_refusals=False
    ),
}


def open_engine(name: str, slots: int = 2) -> AbstractContextManager[Sandbox]:
    """One of `ENGINES`, open inside the context."""
    if name == "docker":
        client = engine.connect()
        return DockerSandbox(client, image.require(client), slots=slots)
    return BubblewrapSandbox(slots=slots, grouped=name == "bubblewrap-cgroups")
