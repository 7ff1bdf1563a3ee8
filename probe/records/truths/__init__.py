"""What a clip must contain, in one record per kind of tier.

A tier says in `tier.toml` which kind its prompts have; each kind is one file here.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from probe.records.truths.notes import NoteEvent, NotesTruth
from probe.records.truths.sounds import SoundEvent, SoundsTruth
from probe.records.truths.speech import SpeechTruth

KINDS: dict[str, type[NotesTruth | SoundsTruth | SpeechTruth]] = {
    "notes": NotesTruth,
    "sounds": SoundsTruth,
    "speech": SpeechTruth,
}
"""By the word that a tier uses for them."""

Truth = Annotated[NotesTruth | SoundsTruth | SpeechTruth, Field(discriminator="kind")]

__all__ = ["KINDS", "NoteEvent", "NotesTruth", "SoundEvent", "SoundsTruth", "SpeechTruth", "Truth"]
