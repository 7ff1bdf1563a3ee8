"""What a clip of environmental sounds must contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from probe.record import Record


class SoundEvent(Record):
    """One sound of one class; times in s, None where the prompt leaves them open."""

    label: str = Field(min_length=1, description="a class name, such as dog or door_wood_knock")
    onset_s: float | None = Field(default=None, ge=0)
    offset_s: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> SoundEvent:
        if None not in (self.onset_s, self.offset_s) and self.offset_s <= self.onset_s:  # type: ignore[operator]
            raise ValueError(f"{self.label} ends at {self.offset_s:g} s, before it begins")
        return self


class SoundsTruth(Record):
    """Sounds, and what is said of their order and times."""

    kind: Literal["sounds"] = "sounds"
    events: tuple[SoundEvent, ...] = Field(min_length=1)
    ordered: bool = Field(default=False, description="events follow one another as listed")

    def misfit(self, duration_s: float) -> str | None:
        """Why this cannot be true of a clip of `duration_s`, or None."""
        times = [t for event in self.events for t in (event.onset_s, event.offset_s) if t]
        last = max(times, default=0.0)
        return f"a sound lasts until {last:g} s" if last > duration_s + 1e-9 else None
