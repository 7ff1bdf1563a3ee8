"""What a clip of musical notes must contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from probe.record import Record


class NoteEvent(Record):
    """One note: MIDI pitch (60 is middle C, .01 a cent), times in s, velocity 1-127."""

    midi: float = Field(ge=0, le=127)
    onset_s: float = Field(ge=0)
    offset_s: float = Field(gt=0)
    velocity: int = Field(default=80, ge=1, le=127)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> NoteEvent:
        if self.offset_s <= self.onset_s:
            raise ValueError(f"note {self.midi:g} ends at {self.offset_s:g} s, before it begins")
        return self


class NotesTruth(Record):
    """Notes, and the instrument that plays them."""

    kind: Literal["notes"] = "notes"
    notes: tuple[NoteEvent, ...] = Field(min_length=1)
    instrument: str | None = Field(default=None, description="named in the prompt, or None")

    def misfit(self, duration_s: float) -> str | None:
        """Why this cannot be true of a clip of `duration_s`, or None."""
        last = max(note.offset_s for note in self.notes)
        return f"a note ends at {last:g} s" if last > duration_s + 1e-9 else None
