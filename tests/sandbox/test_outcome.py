from __future__ import annotations

import signal
from typing import Any

import pytest

from probe.records import Limits, Outcome
from probe.sandbox.outcome import decide
from probe.sandbox.protocol import Evidence

LIMITS = Limits(
    wall_s=5, cpu_s=2, memory_bytes=512 << 20, processes=64, audio_bytes=1 << 20, text_bytes=1 << 16
)
EXIT_1 = 1 << 8
KILLED = int(signal.SIGKILL)


def evidence(**changes: Any) -> Evidence:
    fields: dict[str, Any] = {
        "reason": "exit",
        "status": 0,
        "wall_s": 0.5,
        "cpu_s": 0.4,
        "peak_memory_bytes": 30 << 20,
        "oom_kills": 0,
        "memory_hits": 0,
        "process_hits": 0,
        "strays": 0,
        "stdout_bytes": 0,
        "stderr_bytes": 0,
        "audio": "ok",
        "audio_bytes": 1000,
        "files": ("'output.wav'",),
        "full": (),
    }
    return Evidence.model_validate(fields | changes)


@pytest.mark.parametrize(
    ("changes", "outcome", "detail"),
    [
        ({}, Outcome.OK, None),
        # A limit that was hit and survived is no failure.
        ({"oom_kills": 1}, Outcome.OK, None),
        ({"process_hits": 9}, Outcome.OK, None),
        ({"full": ("/tmp",)}, Outcome.OK, None),
        # Stopped by the supervisor.
        ({"reason": "wall", "status": KILLED}, Outcome.TIMEOUT, "not done after 5 s"),
        ({"reason": "cpu", "status": KILLED}, Outcome.TIMEOUT, "not done after 2 s of CPU time"),
        (
            {"reason": "wall", "status": KILLED, "oom_kills": 2},
            Outcome.TIMEOUT,
            "not done after 5 s; killed for using more than 512 MiB",
        ),
        (
            {"reason": "cpu", "status": KILLED, "process_hits": 2},
            Outcome.TIMEOUT,
            "not done after 2 s of CPU time; more than 64 processes and threads",
        ),
        (
            {"reason": "flood", "status": KILLED, "stdout_bytes": 2 << 20},
            Outcome.OUTPUT_LIMIT,
            "stopped after printing 2 MiB",
        ),
        # Limits the kernel enforced.
        (
            {"status": KILLED, "oom_kills": 1},
            Outcome.MEMORY_LIMIT,
            "killed for using more than 512 MiB",
        ),
        (
            {"status": EXIT_1, "memory_hits": 3, "peak_memory_bytes": 512 << 20},
            Outcome.MEMORY_LIMIT,
            "all of 512 MiB in use",
        ),
        (
            {"status": 0, "audio": "missing", "oom_kills": 1},
            Outcome.MEMORY_LIMIT,
            "killed for using more than 512 MiB",
        ),
        (
            {"status": EXIT_1, "process_hits": 1},
            Outcome.PROCESS_LIMIT,
            "more than 64 processes and threads",
        ),
        (
            {"status": EXIT_1, "process_hits": 1, "oom_kills": 3, "full": ("/tmp",)},
            Outcome.PROCESS_LIMIT,
            "more than 64 processes and threads; killed for using more than 512 MiB; /tmp full",
        ),
        ({"status": EXIT_1, "full": ("/out",)}, Outcome.OUTPUT_LIMIT, "/out full"),
        (
            {"audio": "too large", "audio_bytes": 3 << 20},
            Outcome.OUTPUT_LIMIT,
            "output.wav has 3 MiB, more than 1 MiB",
        ),
        ({"status": int(signal.SIGXFSZ)}, Outcome.OUTPUT_LIMIT, "a file grew too large"),
        # Its own failures.
        ({"status": KILLED}, Outcome.CRASHED, "signal 9 (SIGKILL)"),
        ({"status": int(signal.SIGSEGV)}, Outcome.CRASHED, "signal 11 (SIGSEGV)"),
        ({"status": 40}, Outcome.CRASHED, "signal 40 (unnamed)"),
        ({"status": EXIT_1}, Outcome.RUNTIME_ERROR, "ValueError: no"),
        # Memory was asked for that nobody has: the limit was never near.
        ({"status": EXIT_1, "memory_hits": 3}, Outcome.RUNTIME_ERROR, "ValueError: no"),
        (
            {"audio": "missing", "files": ()},
            Outcome.NO_OUTPUT,
            "ended without /out/output.wav",
        ),
        (
            {"audio": "missing", "files": ("'tone.wav'",)},
            Outcome.NO_OUTPUT,
            "ended without /out/output.wav; found 'tone.wav'",
        ),
        ({"audio": "symlink"}, Outcome.NO_OUTPUT, "/out/output.wav is a symbolic link"),
        ({"audio": "not a file"}, Outcome.NO_OUTPUT, "/out/output.wav is not a regular file"),
        ({"audio": "hard links"}, Outcome.NO_OUTPUT, "/out/output.wav has other names"),
        ({"audio": "unreadable"}, Outcome.NO_OUTPUT, "/out/output.wav cannot be read"),
        ({"status": None}, Outcome.SANDBOX_ERROR, "the supervisor lost sight of the program"),
    ],
)
def test_evidence_decides(changes: dict[str, Any], outcome: Outcome, detail: str | None) -> None:
    assert decide(evidence(**changes), LIMITS, "Traceback\nValueError: no\n") == (outcome, detail)


@pytest.mark.parametrize(
    "lie",
    ["MemoryError", "killed for using more than 512 MiB", "Outcome.OK", "OSError: [Errno 28]"],
)
def test_what_a_program_prints_decides_nothing(lie: str) -> None:
    assert decide(evidence(status=EXIT_1), LIMITS, lie) == (Outcome.RUNTIME_ERROR, lie)
    assert decide(evidence(), LIMITS, lie) == (Outcome.OK, None)


def test_a_silent_failure_has_its_exit_code_for_a_reason() -> None:
    assert decide(evidence(status=3 << 8), LIMITS, " \n")[1] == "exit code 3"


def test_a_detail_is_one_short_line() -> None:
    detail = decide(evidence(status=EXIT_1), LIMITS, "first\n" + "x" * 5000 + "\n\n")[1]
    assert detail == "x" * 200
