"""The notes of a truth as a MIDI file for a General MIDI synthesizer.

Programs, percussion keys and controllers are those of General MIDI level 1 (MMA RP-003), the two
percussion sounds that it lacks those of the nearest kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from probe.records import NotesTruth

PROGRAMS: Mapping[str, int] = {
    "piano": 0,
    "grand-piano": 0,
    "upright-piano": 1,
    "electric-grand": 2,
    "rhodes-epiano": 4,
    "harpsichord": 6,
    "celesta": 8,
    "glockenspiel": 9,
    "music-box": 10,
    "vibraphone": 11,
    "marimba": 12,
    "xylophone": 13,
    "tubular-bells": 14,
    "dulcimer": 15,
    "organ": 16,
    "church-organ": 19,
    "accordion": 21,
    "harmonica": 22,
    "nylon-guitar": 24,
    "steel-guitar": 25,
    "clean-guitar": 27,
    "electric-guitar": 27,
    "acoustic-bass": 32,
    "electric-bass": 33,
    "violin": 40,
    "viola": 41,
    "cello": 42,
    "contrabass": 43,
    "tremolo-strings": 44,
    "pizzicato-strings": 45,
    "harp": 46,
    "timpani": 47,
    "string-section": 48,
    "choir": 52,
    "trumpet": 56,
    "trombone": 57,
    "tuba": 58,
    "french-horn": 60,
    "soprano-sax": 64,
    "alto-sax": 65,
    "tenor-sax": 66,
    "baritone-sax": 67,
    "oboe": 68,
    "english-horn": 69,
    "bassoon": 70,
    "clarinet": 71,
    "piccolo": 72,
    "flute": 73,
    "recorder": 74,
    "ocarina": 79,
    "banjo": 105,
    "kalimba": 108,
}
"""Program, from 0, of each instrument as tiers and recordings call it."""

DRUMS: Mapping[str, int] = {
    "bass drum": 36,
    "floor tom": 41,
    "snare drum": 38,
    "hand clap": 39,
    "woodblock": 76,
    "claves": 75,
    "hi-hat": 42,
    "cymbal": 49,
    "shaker": 70,
}
"""Percussion key of each unpitched sound (`probe.records.truths.notes.HIT_RANGES`)."""

DRUM_CHANNEL = 9
MELODIC = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)

HIT_VELOCITY = 100
HIT_S = 0.1
"""How long a stroke's key is held; percussion sounds out whenever it is let go."""

TICKS_PER_S = 10_000
"""Resolution of the file: a tenth of a millisecond, far below what any metric resolves."""

_BEND_SEMITONES = 2
"""Range of the pitch wheel after a reset."""


def program_of(instrument: str | None, default: int) -> int | None:
    """Program of an instrument: `default` where none is asked for, None where none is known."""
    return default if instrument is None else PROGRAMS.get(instrument.lower().replace(" ", "-"))


def write_midi(truth: NotesTruth, path: Path, *, default: int, duration_s: float) -> None:
    """Write the notes and strokes of a truth, each note on a channel that is free by then.

    A pitch between two keys is the nearest key with the pitch wheel set before the note.

    Parameters
    ----------
    truth : NotesTruth
        Its `notes`, `hits` and `instrument` are used; no curve of pitch or loudness is.
    path : Path
        The file to write, of format 0.
    default : int
        Program, from 0, where no instrument is asked for.
    duration_s : float
        Length of the file.

    Raises
    ------
    ValueError
        The instrument is not in `PROGRAMS`.
    """
    from mido import Message, MetaMessage, MidiFile, MidiTrack

    program = program_of(truth.instrument, default)
    if program is None:
        raise ValueError(f"no program plays {truth.instrument!r}")
    # A note that ends comes before one that begins on the same channel and key at the same moment.
    events: list[tuple[int, int, Message]] = [
        (0, 0, Message("program_change", channel=channel, program=program)) for channel in MELODIC
    ]
    notes = sorted(truth.notes, key=lambda note: (note.onset_s, note.midi))
    for number, note in enumerate(notes):
        # Sixteen-channel files run out of wheels only where more than fifteen notes overlap.
        channel = MELODIC[number % len(MELODIC)]
        key = min(max(round(note.midi), 0), 127)
        bend = round((note.midi - key) / _BEND_SEMITONES * 8192)
        on, off = round(note.onset_s * TICKS_PER_S), round(note.offset_s * TICKS_PER_S)
        events += [
            (on, 1, Message("pitchwheel", channel=channel, pitch=bend)),
            (on, 2, Message("note_on", channel=channel, note=key, velocity=note.velocity)),
            (off, 0, Message("note_off", channel=channel, note=key)),
        ]
    for hit in truth.hits:
        at, key = round(hit.onset_s * TICKS_PER_S), DRUMS[hit.sound]
        stroke = {"channel": DRUM_CHANNEL, "note": key}
        events += [
            (at, 2, Message("note_on", velocity=HIT_VELOCITY, **stroke)),
            (at + round(HIT_S * TICKS_PER_S), 0, Message("note_off", **stroke)),
        ]
    file = MidiFile(type=0, ticks_per_beat=TICKS_PER_S)
    track = MidiTrack([MetaMessage("set_tempo", tempo=1_000_000)])
    file.tracks.append(track)
    now = 0
    for at, _, message in sorted(events, key=lambda event: event[:2]):
        track.append(message.copy(time=at - now))
        now = at
    track.append(MetaMessage("end_of_track", time=max(0, round(duration_s * TICKS_PER_S) - now)))
    file.save(path)
