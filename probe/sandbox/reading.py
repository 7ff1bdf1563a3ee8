"""A supervisor's result, read as what a sandbox returns."""

from __future__ import annotations

import os

from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.outcome import decide
from probe.sandbox.protocol import Result
from probe.text import decoded, printable

_DETAIL_CHARACTERS = 400


def read_result(result: Result, limits: Limits) -> Execution:
    """Decide on the outcome and make everything safe to print.

    Parameters
    ----------
    result : Result
        What came back.
    limits : Limits
        What the program was held to.

    Returns
    -------
    Execution
    """
    evidence, stderr = result.evidence, decoded(result.stderr)
    outcome, detail = decide(evidence, limits, stderr)
    code = None if evidence.status is None else os.waitstatus_to_exitcode(evidence.status)
    return Execution(
        outcome=outcome,
        detail=None if detail is None else printable(detail),
        exit_code=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        cpu_s=evidence.cpu_s,
        wall_s=evidence.wall_s,
        peak_memory_bytes=evidence.peak_memory_bytes,
        stdout_tail=decoded(result.stdout),
        stderr_tail=stderr,
        audio=result.audio if outcome is Outcome.OK else None,
    )


def one_line(text: str) -> str:
    """Text of anybody's on one line, short and safe to print."""
    return " ".join(printable(text).split())[:_DETAIL_CHARACTERS]
