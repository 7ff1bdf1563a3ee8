"""What a clip of musical notes must contain."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from probe.records.record import Record

Range = Literal["low", "mid", "high"]

HIT_RANGES: dict[str, Range] = {
    "bass drum": "low",
    "floor tom": "low",
    "snare drum": "mid",
    "hand clap": "mid",
    "woodblock": "mid",
    "claves": "mid",
    "hi-hat": "high",
    "cymbal": "high",
    "shaker": "high",
}
"""Unpitched sounds, and where in the spectrum each has most of its energy."""


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


class _Span(Record):
    """A stretch of the clip, in s."""

    start_s: float = Field(ge=0)
    end_s: float = Field(gt=0)

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> _Span:
        if self.end_s <= self.start_s:
            raise ValueError(f"what starts at {self.start_s:g} s ends at {self.end_s:g} s")
        return self


class Bend(_Span):
    """One voice whose pitch runs in a straight line of semitones from one to the other."""

    start_midi: float = Field(ge=0, le=127)
    end_midi: float = Field(ge=0, le=127)


class Swing(_Span):
    """A vibrato or a tremolo, sinusoidal, whatever its phase."""

    rate_hz: float = Field(gt=0.5, le=20)
    depth: float = Field(
        gt=0,
        description="of a vibrato: cents either way of the centre;"
        " of a tremolo: (loudest - softest) / (loudest + softest) of the amplitude",
    )


class LevelLine(_Span):
    """A level that runs in a straight line of dB."""

    start_db: float = Field(ge=-70, le=0)
    end_db: float = Field(ge=-70, le=0)


class Loudness(Record):
    """How loud a clip is over time."""

    absolute: bool = Field(description="whether dB are LUFS; otherwise only differences count")
    lines: tuple[LevelLine, ...] = Field(min_length=1)


class Hit(Record):
    """A stroke on something without pitch."""

    sound: str
    onset_s: float = Field(ge=0)

    @property
    def range(self) -> Range:
        """Where in the spectrum it has most of its energy."""
        return HIT_RANGES[self.sound]

    @model_validator(mode="after")
    def _is_known(self) -> Hit:
        if self.sound not in HIT_RANGES:
            raise ValueError(f"{self.sound!r} is none of {', '.join(HIT_RANGES)}")
        return self


class Partial(Record):
    """One sinusoid of a spectrum; `db` is relative to the others, None where it is left open."""

    hertz: float = Field(gt=20, lt=20_000)
    db: float | None = Field(default=None, ge=-60, le=0, description="-60: it must not be there")


class Spectrum(_Span):
    """What a stretch of the clip is made of."""

    partials: tuple[Partial, ...] = Field(min_length=1)


class NotesTruth(Record):
    """Notes, or a pitch that moves, or strokes, or a spectrum, and how they are played."""

    kind: Literal["notes"] = "notes"
    notes: tuple[NoteEvent, ...] = ()
    instrument: str | None = Field(default=None, description="named in the prompt, or None")
    exact: tuple[Literal["pitch", "timing", "length"], ...] = Field(
        default=(),
        description="what the prompt states of its notes finer than a semitone and 50 ms",
    )
    bends: tuple[Bend, ...] = Field(default=(), description="one voice, in order of time")
    vibrato: tuple[Swing, ...] = ()
    tremolo: tuple[Swing, ...] = ()
    loudness: Loudness | None = None
    hits: tuple[Hit, ...] = ()
    spectra: tuple[Spectrum, ...] = ()

    @property
    def exact_pitch(self) -> bool:
        """Whether pitch is asked for to the cent."""
        return "pitch" in self.exact

    @model_validator(mode="after")
    def _makes_sense(self) -> NotesTruth:
        if not (self.notes or self.bends or self.hits or self.spectra):
            raise ValueError("one of notes, bends, hits and spectra must say what sounds")
        if self.exact and not self.notes:
            raise ValueError("'exact' speaks of notes, and there are none")
        if self.vibrato and not self.bends:
            raise ValueError("a vibrato needs bends that say around which pitch it swings")
        if any(a.end_s > b.start_s for a, b in zip(self.bends, self.bends[1:], strict=False)):
            raise ValueError("bends overlap; they are one voice")
        return self

    def misfit(self, duration_s: float) -> str | None:
        """Why this cannot be true of a clip of `duration_s`, or None."""
        lines = self.loudness.lines if self.loudness else ()
        spans = (*self.bends, *self.vibrato, *self.tremolo, *self.spectra, *lines)
        ends = {
            "a note ends at": max((note.offset_s for note in self.notes), default=0.0),
            "a stroke falls at": max((hit.onset_s for hit in self.hits), default=0.0),
            "something lasts until": max((span.end_s for span in spans), default=0.0),
        }
        for what, last in ends.items():
            if last > duration_s + 1e-9:
                return f"{what} {last:g} s"
        return None
