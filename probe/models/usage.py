"""Token counts in one shape, read from what each service reports in its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from probe.records.record import Record


class Tokens(Record):
    """What one reply, or several, took; a sum with ``+``."""

    input: int = Field(default=0, ge=0, description="everything read, cached or not")
    cached: int = Field(default=0, ge=0, description="the part of it read from a prompt cache")
    written: int = Field(default=0, ge=0, description="the part of it written to a prompt cache")
    output: int = Field(default=0, ge=0, description="everything written, reasoning included")
    reasoning: int = Field(default=0, ge=0, description="the part of it that was reasoning")

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            input=self.input + other.input,
            cached=self.cached + other.cached,
            written=self.written + other.written,
            output=self.output + other.output,
            reasoning=self.reasoning + other.reasoning,
        )


def tokens(usage: Mapping[str, Any] | None) -> Tokens | None:
    """Read a service's own token counts.

    Three forms are known, told apart by their keys: chat completions (``prompt_tokens``), responses
    (``input_tokens``, with details) and messages (``input_tokens`` without what came from or went
    to the prompt cache, which is counted beside it).

    Parameters
    ----------
    usage : mapping or None
        The counts as reported.

    Returns
    -------
    Tokens or None
        None where nothing is reported, or nothing that can be read: unknown is not zero.
    """
    if not usage:
        return None
    if "prompt_tokens" in usage:
        return _read(usage, "prompt", "completion")
    if "cache_read_input_tokens" in usage or "cache_creation_input_tokens" in usage:
        return _messages(usage)
    return _read(usage, "input", "output")


def _read(usage: Mapping[str, Any], read: str, wrote: str) -> Tokens | None:
    took, gave = _count(usage, f"{read}_tokens"), _count(usage, f"{wrote}_tokens")
    if took is None or gave is None:
        return None
    before, after = usage.get(f"{read}_tokens_details"), usage.get(f"{wrote}_tokens_details")
    cached = min(_count(before, "cached_tokens") or 0, took)
    return Tokens(
        input=took,
        cached=cached,
        written=min(_count(before, "cache_write_tokens") or 0, took - cached),
        output=gave,
        reasoning=min(_reasoning(after), gave),
    )


def _messages(usage: Mapping[str, Any]) -> Tokens | None:
    took, gave = _count(usage, "input_tokens"), _count(usage, "output_tokens")
    if took is None or gave is None:
        return None
    cached = _count(usage, "cache_read_input_tokens") or 0
    written = _count(usage, "cache_creation_input_tokens") or 0
    return Tokens(
        input=took + cached + written,
        cached=cached,
        written=written,
        output=gave,
        reasoning=min(_reasoning(usage.get("output_tokens_details")), gave),
    )


def _reasoning(details: object) -> int:
    return _count(details, "reasoning_tokens") or _count(details, "thinking_tokens") or 0


def _count(counts: object, key: str) -> int | None:
    """A whole number that is not negative, or None; services send null and worse."""
    value = counts.get(key) if isinstance(counts, Mapping) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        return None
    return value
