"""What the judges of an attempt heard, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from probe.records import Prompt, Score
from probe.records.truths.notes import NotesTruth
from probe.render.again import Sound
from probe.tier.description import pitch_words

WORDS = {
    "by_class": "likeness",
    "each": "word by word",
    "heard_s": "begins at (s)",
    "n_estimated": "notes heard",
    "n_matched": "notes matched",
    "onset_f1": "onsets alone",
    "syllables_per_s": "syllables a second",
    "taken_for": "taken for",
    "what": "what is said",
}
"""What extras are called where their names do not say it; see `probe.score.metrics`."""

UNSAID = ("outcome", "classes", "held_out_accuracy")
"""Extras that are no part of what was heard."""

MOST_NOTES = 40


def heard(scores: Sequence[Score], prompt: Prompt | None, sound: Sound | None) -> list[str]:
    """A line for each judge that has more to say than its value.

    Parameters
    ----------
    scores : sequence of Score
        Of one attempt.
    prompt : Prompt, optional
        What was asked; where it asks for notes, those that sound are listed.
    sound : Sound, optional
        Its audio.
    """
    said: dict[str, str] = {}
    for row in scores:
        extras = {name: each for name, each in row.extras.items() if name not in UNSAID}
        if words := _words(extras):
            said.setdefault(words, row.metric)
    lines = [(metric, words) for words, metric in said.items()]
    if sound is not None and prompt and isinstance(prompt.truth, NotesTruth) and prompt.truth.notes:
        lines.append(("notes", _notes(sound)))
    width = max((len(name) for name, _ in lines), default=0)
    return [f"{name:<{width}}  {words}" for name, words in lines]


def _notes(sound: Sound) -> str:
    from probe.score.metrics.notes.transcription import transcribe

    notes = transcribe(sound.pcm / np.float64(1 << 15), sound.sample_rate)
    said = [
        f"{pitch_words(round(n.midi, 2))} {n.onset_s:.2f}–{n.offset_s:.2f} s"
        for n in notes[:MOST_NOTES]
    ]
    more = [f"and {len(notes) - MOST_NOTES} more"] if len(notes) > MOST_NOTES else []
    return ", ".join(said + more) or "none"


def _words(value: Any) -> str:
    """Any value of JSON, as short as can be."""
    match value:
        case Mapping():
            there = [(name, each) for name, each in value.items() if each != {}]
            return ", ".join(f"{WORDS.get(name, name)} {_words(each)}" for name, each in there)
        case bool():
            return "yes" if value else "no"
        case float():
            return f"{value:.3g}"
        case list() | tuple():
            return " ".join(map(_words, value)) or "nothing"
        case None:
            return "nothing"
        case "":
            return "nothing"
        case _:
            return str(value)
