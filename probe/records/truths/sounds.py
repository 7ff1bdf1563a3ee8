"""What a clip of environmental sounds must contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from probe.errors import UsageError
from probe.records.record import Record
from probe.records.truths.sound_classes import sound_class


class SoundEvent(Record):
    """One sound of one class; times in s, None where the prompt leaves them open."""

    label: str = Field(min_length=1, description="a class name, such as dog or door_wood_knock")
    onset_s: float | None = Field(default=None, ge=0)
    offset_s: float | None = Field(default=None, gt=0)
    decay_s: float | None = Field(
        default=None, gt=0, le=20, description="reverberation time of its room (60 dB)"
    )

    @field_validator("label")
    @classmethod
    def _known(cls, label: str) -> str:
        try:
            sound_class(label)
        except UsageError as error:
            raise ValueError(str(error)) from None
        return label

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> SoundEvent:
        if self.offset_s is not None:
            if self.onset_s is None:
                raise ValueError(f"{self.label} ends at {self.offset_s:g} s and never begins")
            if self.offset_s <= self.onset_s:
                raise ValueError(f"{self.label} ends at {self.offset_s:g} s, before it begins")
        elif self.onset_s is not None and sound_class(self.label).kind == "texture":
            raise ValueError(f"{self.label} goes on: with a beginning it needs an end")
        if self.decay_s is not None and self.onset_s is None:
            raise ValueError(f"{self.label} has a decay time and needs a beginning")
        return self


class Passing(Record):
    """A source that passes the listener on a straight line at constant speed.

    The sound that it makes where it is closest is heard at `closest_s`.
    """

    speed_m_s: float = Field(gt=0, lt=300)
    distance_m: float = Field(gt=0, description="from the listener where it is closest")
    closest_s: float = Field(ge=0)
    source_hz: float = Field(gt=50, lt=6000, description="its pitch as heard aboard")


class SoundsTruth(Record):
    """Sounds, and what is said of their order, number, times, motion and room."""

    kind: Literal["sounds"] = "sounds"
    events: tuple[SoundEvent, ...] = Field(min_length=1)
    ordered: bool = Field(default=False, description="events follow one another as listed")
    counted: bool = Field(default=False, description="events of one class, as many as listed")
    passing: Passing | None = Field(default=None, description="how the first event moves")

    @model_validator(mode="after")
    def _agrees(self) -> SoundsTruth:
        if len({event.onset_s is None for event in self.events}) > 1:
            raise ValueError("either all events have times or none")
        if self.ordered and (len(self.runs) < 2 or self.timed):
            raise ValueError("an order is of two classes or more, whose times are left open")
        if self.counted and self.label is None:
            raise ValueError("only events of one class are counted")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """Classes, each once, in the order of the events."""
        return tuple(dict.fromkeys(event.label for event in self.events))

    @property
    def label(self) -> str | None:
        """The class of all events, None where there are several."""
        return self.labels[0] if len(self.labels) == 1 else None

    @property
    def recorded_as(self) -> tuple[str, ...]:
        """What recordings of the one class may be labelled; nothing where there are several."""
        return () if self.label is None else (self.label, *sound_class(self.label).names)

    @property
    def runs(self) -> tuple[str, ...]:
        """Classes in the order of the events, neighbours of one class taken together."""
        every = [event.label for event in self.events]
        return tuple(name for i, name in enumerate(every) if i == 0 or every[i - 1] != name)

    @property
    def several(self) -> bool:
        """Whether there is more than one class."""
        return len(self.labels) > 1

    @property
    def timed(self) -> bool:
        """Whether times are stated."""
        return self.events[0].onset_s is not None

    @property
    def marks(self) -> tuple[SoundEvent, ...]:
        """Events that begin at a stated moment, by time; what goes on is not among them."""
        found = (e for e in self.events if e.onset_s is not None and _begins(e))
        return tuple(sorted(found, key=lambda event: event.onset_s or 0.0))

    @property
    def spans(self) -> tuple[SoundEvent, ...]:
        """Events that go on from one stated moment to another."""
        return tuple(e for e in self.events if e.onset_s is not None and not _begins(e))

    @property
    def number(self) -> int:
        """How many events there must be; 0 where none is stated."""
        if self.timed:
            return len(self.marks)
        return len(self.events) if self.counted else 0

    @property
    def decays(self) -> tuple[SoundEvent, ...]:
        """Events in a room of stated reverberation time."""
        return tuple(event for event in self.events if event.decay_s is not None)

    def misfit(self, duration_s: float) -> str | None:
        """Why this cannot be true of a clip of `duration_s`, or None."""
        times = [t for event in self.events for t in (event.onset_s, event.offset_s) if t]
        if self.passing is not None:
            times.append(self.passing.closest_s)
        last = max(times, default=0.0)
        return f"a sound lasts until {last:g} s" if last > duration_s + 1e-9 else None


def _begins(event: SoundEvent) -> bool:
    return sound_class(event.label).kind != "texture"
