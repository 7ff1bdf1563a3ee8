"""What a clip of speech must contain."""

from __future__ import annotations

from itertools import pairwise
from math import log2
from typing import Literal, Self

from pydantic import Field, model_validator

from probe.records.record import Record

Voice = Literal["man", "woman", "child"]


class Span(Record):
    """A stretch of the clip, in s."""

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.end_s <= self.start_s:
            raise ValueError(f"a span ends at {self.end_s:g} s, before it begins")
        return self


class Vowel(Span):
    """A vowel that is held, or passed through, during a span."""

    phone: str | None = Field(default=None, description="ARPAbet; None where only hertz are asked")
    voice: Voice = Field(default="man", description="whose vocal tract")
    f1_hz: float = Field(gt=100, lt=1500)
    f2_hz: float = Field(gt=400, lt=4000)
    f3_hz: float | None = Field(default=None, gt=1000, lt=5000)
    f0_hz: float | None = Field(default=None, ge=60, le=600)


class Said(Record):
    """Something said, and what it must be told from."""

    text: str = Field(min_length=1, description="words, in lower case")
    phones: str = Field(default="", description="ARPAbet, with spaces between; for a choice")
    rivals: tuple[str, ...] = Field(default=(), description="what else it could be, as phones")
    vocabulary: tuple[str, ...] = Field(
        default=(), description="words that may be heard; for words in a row"
    )
    span: Span | None = Field(default=None, description="where, when the prompt says so")
    f0_hz: float | None = Field(default=None, ge=60, le=600, description="middle of the pitch")

    @model_validator(mode="after")
    def _is_one_of_two(self) -> Self:
        if bool(self.rivals) == bool(self.vocabulary):
            raise ValueError(f"{self.text!r} needs either rivals or a vocabulary")
        if self.rivals and (not self.phones or self.phones in self.rivals):
            raise ValueError(f"{self.text!r} needs phones that are not among its rivals")
        if self.vocabulary and not set(self.text.split()) <= set(self.vocabulary):
            raise ValueError(f"{self.text!r} has words that its vocabulary lacks")
        return self


class Pitch(Record):
    """A point of a pitch contour; between two of them the pitch moves evenly."""

    time_s: float = Field(ge=0)
    hertz: float = Field(ge=60, le=600)


class Bursts(Record):
    """Short voiced sounds one after another, as in laughter."""

    count: int = Field(ge=2, le=30)
    per_s: float = Field(gt=0.5, le=12)


class SpeechTruth(Record):
    """What is said, and how."""

    kind: Literal["speech"] = "speech"
    text: str | None = Field(default=None, min_length=1, description="words, in lower case")
    phones: tuple[str, ...] = Field(default=(), description="ARPAbet, without stress marks")
    said: tuple[Said, ...] = ()
    vowels: tuple[Vowel, ...] = ()
    bursts: Bursts | None = None
    contour: tuple[Pitch, ...] = Field(default=(), description="of the pitch, in order of time")
    span: Span | None = Field(default=None, description="where all that sounds lies, if stated")
    syllables: int | None = Field(default=None, ge=1)
    syllables_per_s: float | None = Field(default=None, gt=0.5, le=12)
    whispered: bool = False
    emotion: str | None = Field(default=None, description="a word for it; no metric reads it")

    @model_validator(mode="after")
    def _can_be_measured(self) -> Self:
        if not (self.said or self.vowels or self.bursts):
            raise ValueError("something has to be said, held or laughed")
        if any(a.time_s >= b.time_s for a, b in pairwise(self.contour)) or len(self.contour) == 1:
            raise ValueError("a contour is two points or more, in order of time")
        heights = [log2(point.hertz) for point in self.contour]
        if heights and 12 * (max(heights) - min(heights)) < 1:
            raise ValueError("a contour moves by a semitone or more; f0_hz says a steady pitch")
        if self.syllables_per_s and not self.syllables:
            raise ValueError("a rate needs the number of syllables")
        return self

    def misfit(self, duration_s: float) -> str | None:
        """Why this cannot be true of a clip of `duration_s`, or None."""
        spans = [*self.vowels, *(each.span for each in self.said), self.span]
        ends = [span.end_s for span in spans if span] + [point.time_s for point in self.contour]
        last = max(ends, default=0.0)
        return f"speech lasts until {last:g} s" if last > duration_s + 1e-9 else None
