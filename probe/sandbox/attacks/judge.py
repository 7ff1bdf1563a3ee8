"""Whether one program was contained: a pure function of what it should and what it did.

Beyond the expectations of its header, no program may exceed its limits, make words reach a
terminal that are not safe to print, or give back a secret of the harness.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from pydantic import Field

from probe.audio import InvalidAudio, parse_wav
from probe.records import Outcome, Record
from probe.sandbox import Execution
from probe.sandbox.attacks.corpus import DURATION_S, ESCAPED, SAMPLE_RATE, Attack
from probe.text import printable

TIME_SLACK_S = 1.0
"""What a busy machine may take beyond a time limit until the program is stopped."""


class Verdict(Record):
    """What came of one attack."""

    attack: str
    class_name: str
    skipped: str | None = Field(default=None, description="why it was not run")
    outcome: Outcome | None = None
    detail: str | None = None
    wall_s: float = Field(default=0.0, ge=0)
    cpu_s: float = Field(default=0.0, ge=0)
    problems: tuple[str, ...] = Field(default=(), description="in what it was not contained")

    @property
    def contained(self) -> bool:
        """Whether it came to nothing, as it should; a skipped attack proves nothing and passes."""
        return not self.problems


def judge(attack: Attack, execution: Execution, *, engine: str, secrets: Sequence[str]) -> Verdict:
    """Say whether an attack was contained.

    Parameters
    ----------
    attack : Attack
        What was run, and what should come of it.
    execution : Execution
        What came of it.
    engine : str
        Name of the sandbox it ran in.
    secrets : sequence of str
        What only the harness knows; none of it may come back, in plain or encoded.

    Returns
    -------
    Verdict
        Its text is safe to print.
    """
    outcome, detail = settle(execution, attack)
    problems = (
        *_outcome_problems(attack, outcome, detail, engine),
        *_limit_problems(attack, execution),
        *_text_problems(attack, execution, detail or ""),
        *_leaks(execution, detail or "", secrets),
    )
    return Verdict(
        attack=attack.id,
        class_name=attack.class_name,
        outcome=outcome,
        detail=None if detail is None else _quoted(detail),
        wall_s=execution.wall_s,
        cpu_s=execution.cpu_s,
        problems=problems,
    )


def settle(execution: Execution, attack: Attack) -> tuple[Outcome, str | None]:
    """Outcome and detail once the audio has been looked at, as a run does it."""
    if execution.outcome is Outcome.OK:
        try:
            parse_wav(
                execution.audio or b"",
                sample_rate=SAMPLE_RATE,
                duration_s=DURATION_S,
                tolerance_s=attack.limits.length_tolerance_s,
            )
        except InvalidAudio as error:
            return Outcome.INVALID_AUDIO, str(error)
    return execution.outcome, execution.detail


def _outcome_problems(
    attack: Attack, outcome: Outcome, detail: str | None, engine: str
) -> Iterator[str]:
    expected = attack.expected_on(engine)
    if outcome not in expected:
        said = f" ({_quoted(detail)})" if detail else ""
        yield f"ended {outcome}{said}, not {' or '.join(expected)}"
    elif (
        attack.detail
        and expected is attack.expect
        and not any(part in (detail or "") for part in attack.detail)
    ):
        yield f"the detail is {_quoted(detail or '')!r}, without {' or '.join(attack.detail)!r}"


def _limit_problems(attack: Attack, execution: Execution) -> Iterator[str]:
    limits = attack.limits
    for what, used, most in (
        ("took", execution.wall_s, limits.wall_s),
        ("used CPU time of", execution.cpu_s, limits.cpu_s),
    ):
        if used > most + TIME_SLACK_S:
            yield f"{what} {used:.2f} s where {most:g} s are allowed"
    if execution.peak_memory_bytes > limits.memory_bytes:
        most_mib, used_mib = limits.memory_bytes / 2**20, execution.peak_memory_bytes / 2**20
        yield f"used {used_mib:.1f} MiB where {most_mib:.1f} MiB are allowed"


def _text_problems(attack: Attack, execution: Execution, detail: str) -> Iterator[str]:
    texts = {"stdout": execution.stdout_tail, "stderr": execution.stderr_tail, "detail": detail}
    if could := [line for line in execution.stdout_tail.splitlines() if ESCAPED in line]:
        yield _quoted("; ".join(could), 1000)
    for where, text in texts.items():
        if printable(text) != text:
            yield f"{where} is not safe to print"
        for never in attack.never:
            if never in text and (never, where) != (ESCAPED, "stdout"):
                yield f"{printable(never)!r} appears in {where}"
    if "\n" in detail:
        yield "the detail is more than one line"
    if attack.shows and attack.shows not in execution.stdout_tail:
        yield f"it never printed {attack.shows!r}, so it did not get to its end"


def _leaks(execution: Execution, detail: str, secrets: Sequence[str]) -> Iterator[str]:
    text = f"{execution.stdout_tail}\n{execution.stderr_tail}\n{detail}".encode()
    for where, data in (("text", text), ("audio", execution.audio or b"")):
        if any(form in data for secret in secrets for form in _forms(secret)):
            yield f"a secret of the harness came back in its {where}"


def _forms(secret: str) -> tuple[bytes, ...]:
    """A secret in plain, in hexadecimal, and the part of base64 that is sure to be there."""
    plain = secret.encode()
    return plain, plain.hex().encode(), base64.b64encode(plain)[: len(plain) // 3 * 4]


def _quoted(text: str, most: int = 160) -> str:
    """A piece of a program's text, safe and short, on one line."""
    line = " ".join(printable(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
