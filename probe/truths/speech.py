"""What a clip of speech must contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from probe.record import Record


class SpeechTruth(Record):
    """What is said, and how."""

    kind: Literal["speech"] = "speech"
    text: str | None = Field(default=None, min_length=1, description="words, in lower case")
    phones: tuple[str, ...] = Field(default=(), description="ARPAbet, without stress marks")

    def misfit(self, duration_s: float) -> str | None:  # noqa: ARG002
        """Why this cannot be true of a clip of `duration_s`, or None."""
        return None
