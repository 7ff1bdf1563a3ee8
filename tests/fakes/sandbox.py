"""Stands in for the Docker sandbox where no program needs to run."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from probe.records import Limits
from probe.sandbox import Execution

Answer = Callable[[str, Limits], Execution]


class FakeSandbox:
    """A `Sandbox` that knows what comes of every program: by a table of texts, or by a function.

    A program the table lacks is a KeyError. `programs` lists what was run, in order.
    """

    name = "fake"
    image = "sha256:" + "0" * 64

    def __init__(self, answers: Mapping[str, Execution] | Answer) -> None:
        self.programs: list[str] = []
        self._answers = answers

    def __enter__(self) -> FakeSandbox:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, program: str, limits: Limits) -> Execution:
        """Say what comes of `program`."""
        self.programs.append(program)
        if isinstance(self._answers, Mapping):
            return self._answers[program]
        return self._answers(program, limits)
