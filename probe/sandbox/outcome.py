"""What the supervisor saw, read as what came of the program.

A pure function of evidence the program cannot forge. What it printed only serves to say more about
an exception, never to decide.
"""

from __future__ import annotations

import os
import signal

from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.protocol import Evidence, Result
from probe.text import decoded, printable

AT_THE_LIMIT = 0.99
"""Share of the memory limit from which memory counts as used up."""
_DETAIL_CHARACTERS = 200

Finding = tuple[Outcome, str]


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


def decide(evidence: Evidence, limits: Limits, stderr: str) -> tuple[Outcome, str | None]:
    """Say how a program ended, and why.

    The first of these that holds: the supervisor stopped it; it succeeded; a limit stood in its
    way; a signal ended it; it said itself that it failed; it left nothing usable. So a program that
    lost a process for memory and still leaves its audio is ``ok``, and one that fails while the
    kernel counted a limit failed of that limit.

    Parameters
    ----------
    evidence : Evidence
        What the supervisor saw.
    limits : Limits
        What the program was held to.
    stderr : str
        The end of what it printed, safe to print.

    Returns
    -------
    outcome : Outcome
    detail : str or None
        Which limit, signal or exception; None when all went well.
    """
    stopped = _stopped(evidence, limits)
    if stopped:
        return stopped
    if evidence.status is None:
        return Outcome.SANDBOX_ERROR, "the supervisor lost sight of the program"
    code = os.waitstatus_to_exitcode(evidence.status)
    if code == 0 and evidence.audio == "ok":
        return Outcome.OK, None
    # A fork bomb runs out of memory too, once the process limit has stopped it.
    found = [
        finding
        for judge in (_processes, _memory, _storage)
        if (finding := judge(evidence, limits)) is not None
    ]
    if found:
        return found[0][0], "; ".join(detail for _, detail in found)
    if code < 0:
        return _by_signal(-code)
    if code > 0:
        return Outcome.RUNTIME_ERROR, _last_line(stderr) or f"exit code {code}"
    return Outcome.NO_OUTPUT, _nothing_usable(evidence)


def _stopped(evidence: Evidence, limits: Limits) -> Finding | None:
    """The supervisor ended it; what the kernel had counted until then is told too."""
    if evidence.reason == "flood":
        printed = _size(evidence.stdout_bytes + evidence.stderr_bytes)
        return Outcome.OUTPUT_LIMIT, f"stopped after printing {printed}"
    limit = {"wall": f"{limits.wall_s:g} s", "cpu": f"{limits.cpu_s:g} s of CPU time"}
    if evidence.reason not in limit:
        return None
    also = [
        found[1]
        for judge in (_killed_for_memory, _processes)
        if (found := judge(evidence, limits)) is not None
    ]
    return Outcome.TIMEOUT, "; ".join([f"not done after {limit[evidence.reason]}", *also])


def _memory(evidence: Evidence, limits: Limits) -> Finding | None:
    """Killed for memory, or refused memory with all of it in use.

    A program that asks for far more than there is gets a MemoryError without ever coming near the
    limit; that is an error of its own.
    """
    killed = _killed_for_memory(evidence, limits)
    if killed:
        return killed
    used_up = evidence.peak_memory_bytes >= AT_THE_LIMIT * limits.memory_bytes
    if evidence.memory_hits > 0 and used_up:
        return Outcome.MEMORY_LIMIT, f"all of {_size(limits.memory_bytes)} in use"
    return None


def _killed_for_memory(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.oom_kills < 1:
        return None
    return Outcome.MEMORY_LIMIT, f"killed for using more than {_size(limits.memory_bytes)}"


def _processes(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.process_hits < 1:
        return None
    return Outcome.PROCESS_LIMIT, f"more than {limits.processes} processes and threads"


def _storage(evidence: Evidence, limits: Limits) -> Finding | None:
    if evidence.audio == "too large":
        most, size = _size(limits.audio_bytes), _size(evidence.audio_bytes)
        return Outcome.OUTPUT_LIMIT, f"output.wav has {size}, more than {most}"
    if evidence.full:
        return Outcome.OUTPUT_LIMIT, f"{' and '.join(evidence.full)} full"
    return None


def _by_signal(number: int) -> Finding:
    """A file beyond the size a process may write ends it by signal."""
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = "unnamed"
    if name == "SIGXFSZ":
        return Outcome.OUTPUT_LIMIT, "a file grew too large"
    return Outcome.CRASHED, f"signal {number} ({name})"


def _nothing_usable(evidence: Evidence) -> str:
    if evidence.audio == "missing":
        found = f"; found {', '.join(evidence.files)}" if evidence.files else ""
        return f"ended without /out/output.wav{found}"
    return {
        "symlink": "/out/output.wav is a symbolic link",
        "not a file": "/out/output.wav is not a regular file",
        "hard links": "/out/output.wav has other names",
        "unreadable": "/out/output.wav cannot be read",
    }[evidence.audio]


def _last_line(text: str) -> str:
    lines = (line.strip() for line in reversed(text.splitlines()))
    return next((line for line in lines if line), "")[:_DETAIL_CHARACTERS]


def _size(count: int) -> str:
    """A number of bytes in the unit people use for it."""
    for unit, bytes_per_unit in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= bytes_per_unit:
            return f"{count / bytes_per_unit:.4g} {unit}"
    return f"{count} bytes"
