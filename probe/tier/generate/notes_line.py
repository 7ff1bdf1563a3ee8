"""Scales and ornaments, melodies, timbre; one function per group."""

from __future__ import annotations

import math

from probe.records.truths.notes import Bend, Hit, NoteEvent, Swing
from probe.tier.description import pitch_words as name
from probe.tier.generate.drafts import Draft, Draw, beginning, names, note, seconds, spectrum
from probe.tier.generate.notes_pitch import TONES

MODES = {
    "Dorian": (0, 2, 3, 5, 7, 9, 10, 12),
    "Phrygian": (0, 1, 3, 5, 7, 8, 10, 12),
    "Lydian": (0, 2, 4, 6, 7, 9, 11, 12),
    "Mixolydian": (0, 2, 4, 5, 7, 9, 10, 12),
    "Locrian": (0, 1, 3, 5, 6, 8, 10, 12),
}
MAJOR = (0, 2, 4, 5, 7, 9, 11, 12)
TEMPERAMENTS = (14, 15, 17, 19)
LENGTHS = {1.0: "quarter", 2.0: "half", 1.5: "dotted quarter", 0.5: "eighth"}


def scales_ornaments(draw: Draw, level: int) -> Draft:
    """Runs of notes, and a pitch that moves."""
    key = draw.integer(55, 69)
    start, begins = beginning(draw)
    tone = draw.choice(TONES)
    if level <= 2:
        kind = "major scale" if level == 1 else f"{(mode := draw.choice([*MODES]))} mode"
        steps = MAJOR if level == 1 else MODES[mode]
        pitches = [key + step for step in steps]
        if level == 2 and draw.below(2):
            pitches.reverse()
        step = draw.choice((0.25, 0.3, 0.4))
        text = (
            f"The {kind} on {name(key)} over one octave on {tone}: {names(pitches)}. It starts"
            f" {begins}, one note every {seconds(step)}; each sounds for 90 % of that."
        )
        notes = _run(pitches, start, step, 0.9)
        return Draft(text, notes[-1].offset_s, {"notes": notes})
    if level == 5 and draw.below(2):
        return _temperament(draw, key, start, begins)
    return _moving(draw, key, start, begins, level)


def _run(pitches: list[int], start: float, step: float, share: float) -> tuple[NoteEvent, ...]:
    """Even notes, each sounding for `share` of its step."""
    return tuple(
        note(midi, start + i * step, start + (i + share) * step) for i, midi in enumerate(pitches)
    )


def _temperament(draw: Draw, key: int, start: float, begins: str) -> Draft:
    """Some steps of an equal temperament that is not of twelve."""
    steps, count = draw.choice(TEMPERAMENTS), draw.integer(8, 12)
    text = (
        f"The first {count} notes of the scale of {steps}-tone equal temperament ({steps} equal"
        f" steps to the octave) going up from {name(key)}, on {draw.choice(TONES)}. It starts"
        f" {begins}, one note every 0.35 seconds, each sounding for 0.28 seconds."
    )
    notes = tuple(
        note(round(key + 12 * i / steps, 6), start + 0.35 * i, start + 0.35 * i + 0.28)
        for i in range(count)
    )
    return Draft(text, notes[-1].offset_s, {"notes": notes, "exact": ("pitch",)})


def _moving(draw: Draw, key: int, start: float, begins: str, level: int) -> Draft:
    """A glissando (level 3), a vibrato (level 4), or both at once (level 5)."""
    length = draw.choice((2.0, 2.5, 3.0))
    end = start + length
    far = draw.choice((-12, -7, -5, 5, 7, 12)) if level != 4 else 0
    rate, depth = draw.integer(8, 15) / 2, draw.choice((25, 30, 40, 50))
    bend = Bend(start_s=start, end_s=end, start_midi=key, end_midi=key + far)
    swing = Swing(start_s=start, end_s=end, rate_hz=rate, depth=depth)
    text = f"One tone, {draw.choice(TONES)}, starts {begins} on {name(key)} and stops after"
    text += f" {seconds(length)}."
    if far:
        text += f" It slides at an even number of semitones per second to {name(key + far)}."
    if level == 3:
        return Draft(text, end, {"bends": (bend,)})
    text += (
        f" A sine-shaped vibrato of {rate:g} cycles a second swings {depth} cents either way of"
        f" {'that line' if far else 'the note'}, from beginning to end."
    )
    return Draft(text, end, {"bends": (bend,), "vibrato": (swing,)})


def melodies(draw: Draw, level: int) -> Draft:
    """A walk through a major key in stated lengths."""
    start, begins = beginning(draw)
    tonic = draw.integer(55, 67)
    count = (4, 7, 9, 11, 12)[level - 1]
    pitches = _walk(draw, tonic, count)
    tone = draw.choice(TONES)
    if level == 5:
        return _ramp(draw, pitches, start, begins)
    if level == 4:
        return _swing(draw, pitches, start, begins)
    tempo = draw.choice((100, 120, 150))
    beat = 60 / tempo
    lengths = (1.0,) if level == 1 else (1.0, 2.0) if level == 2 else (*LENGTHS,)
    words, notes, at = [], [], start
    for i, midi in enumerate(pitches):
        beats = draw.choice(lengths)
        words.append(f"{name(midi)} ({LENGTHS[beats]})")
        notes.append(note(midi, at, at + 0.85 * beats * beat))
        at += beats * beat
        if level == 3 and i < count - 1 and not draw.below(4):
            words.append("a quarter rest")
            at += beat
    text = (
        f"A melody on {tone} at {tempo} beats (quarter notes) per minute, starting {begins}:"
        f" {', '.join(words)}. Each note sounds for 85 % of its value."
    )
    return Draft(text, notes[-1].offset_s, {"notes": tuple(notes)})


def _walk(draw: Draw, tonic: int, count: int) -> list[int]:
    """Steps and small leaps within an octave, never the same note twice in a row."""
    at = draw.below(8)
    pitches: list[int] = []
    while len(pitches) < count:
        pitches.append(tonic + MAJOR[at])
        at = draw.choice([i for i in range(8) if 0 < abs(i - at) <= 3])
    return pitches


def _swing(draw: Draw, pitches: list[int], start: float, begins: str) -> Draft:
    """Pairs of notes that share a beat unequally."""
    long, short = draw.choice(((2, 1), (3, 2), (3, 1), (5, 3)))
    beat = draw.choice((0.5, 0.6))
    notes, at = [], start
    for i, midi in enumerate(pitches):
        share = (long if i % 2 == 0 else short) / (long + short)
        length = beat if i == len(pitches) - 1 else beat * share
        notes.append(note(midi, at, at + 0.7 * length))
        at += length
    text = (
        f"A swung line on {draw.choice(TONES)}, starting {begins}: {names(pitches)}. The notes come"
        f" in pairs; each pair fills a beat of {seconds(beat)}, and the first of a pair is to the"
        f" second as {long}:{short}. The last note has a beat for itself. Each note sounds for 70 %"
        " of its length."
    )
    return Draft(text, notes[-1].offset_s, {"notes": tuple(notes), "exact": ("timing",)})


def _ramp(draw: Draw, pitches: list[int], start: float, begins: str) -> Draft:
    """Gaps that grow or shrink by a constant factor."""
    factor = draw.choice((0.86, 0.9, 0.94, 1.08, 1.12))
    gap = draw.choice((0.5, 0.6)) if factor < 1 else draw.choice((0.22, 0.25))
    notes, at, first = [], start, gap
    for midi in pitches:
        notes.append(note(midi, at, at + 0.1))
        at, gap = at + gap, gap * factor
    text = (
        f"Twelve short notes on {draw.choice(TONES)}, starting {begins}: {names(pitches)}. The"
        f" second starts {seconds(first)} after the first, and every further gap between two starts"
        f" is {factor} times the gap before. Each note sounds for 0.1 seconds."
    )
    return Draft(text, notes[-1].offset_s, {"notes": tuple(notes), "exact": ("timing",)})


def timbre(draw: Draw, level: int) -> Draft:
    """Spectra and drums."""
    start, begins = beginning(draw)
    if level >= 3 and draw.below(2):
        return _drums(draw, start, begins, level)
    key = draw.integer(45, 60)
    hertz = 440 * 2 ** ((key - 69) / 12)
    inside, end = (start + 0.1, start + 1.4), start + 1.5
    notes = (note(key, start, end),)
    held = f"It starts {begins}, is steady, and stops after 1.5 seconds."
    if level <= 2:
        duty = 2 if level == 1 else draw.choice((3, 4, 5))
        text = (
            f"A pulse wave at {name(key)} that is high for one part in {duty} of each period and"
            f" low for the rest, without an offset. {held}"
        )
        levels = [(k * hertz, abs(math.sin(math.pi * k / duty)) / k) for k in range(1, 12)]
        return Draft(text, end, {"notes": notes, "spectra": (spectrum(*inside, levels),)})
    if level == 3:
        decibels = [0, *(-draw.integer(3, 24) for _ in range(4))]
        said = ", ".join(f"{db} dB" for db in decibels)
        text = (
            f"A tone at {name(key)} of exactly five sine waves, its first five harmonics, whose"
            f" levels are {said}, in order. {held}"
        )
        levels = [((k + 1) * hertz, 10 ** (db / 20)) for k, db in enumerate(decibels)]
        return Draft(text, end, {"notes": notes, "spectra": (spectrum(*inside, levels),)})
    carrier = 100 * draw.integer(8, 14)
    if level == 4:
        from scipy.special import jv

        modulator, index = 10 * draw.integer(11, 17), draw.choice((0.6, 1.0, 1.4, 1.8))
        text = (
            f"A sine carrier of {carrier} Hz whose phase is modulated by a sine of {modulator} Hz"
            f" with an index of {index} radians. {held}"
        )
        levels = [
            (float(carrier + k * modulator), abs(float(jv(abs(k), index)))) for k in range(-3, 4)
        ]
        return Draft(text, end, {"spectra": (spectrum(*inside, levels),)})
    tone, second = 10 * draw.integer(9, 13), draw.choice((2, 3, 4))
    text = (
        f"The product, and nothing but the product, of a sine of {carrier} Hz and a steady tone at"
        f" {tone} Hz that has two harmonics, the second with an amplitude of one part in"
        f" {second} of the first. {held}"
    )
    sides = ((-2, 1 / second), (-1, 1.0), (1, 1.0), (2, 1 / second))
    levels = [(float(carrier + k * tone), a) for k, a in sides] + [(float(carrier), 0.0)]
    return Draft(text, end, {"spectra": (spectrum(*inside, levels),)})


def _drums(draw: Draw, start: float, begins: str, level: int) -> Draft:
    """Bass drum and hi-hat, at levels 4 and 5 with a snare drum, on sixteen steps."""
    step = draw.choice((0.125, 0.15))
    drums = {"bass drum": [0, *draw.several(range(2, 16), level)]}
    if level > 3:
        drums["snare drum"] = draw.several(
            [s for s in range(1, 16) if s not in drums["bass drum"]], 3
        )
    taken = set(drums.get("snare drum", ()))
    drums["hi-hat"] = [s for s in range(0, 16, 2) if s not in taken]
    said = "; ".join(f"{drum} on {', '.join(map(str, at))}" for drum, at in drums.items())
    text = (
        f"A drum pattern of sixteen equal steps of {seconds(step)}, numbered from 0, starting"
        f" {begins}, played twice in a row: {said}. The bass drum is a thump below 100 Hz,"
        f"{' the snare drum a crack of noise with a body around 200 Hz,' if level > 3 else ''} the"
        " hi-hat a very short tick of noise above 7 kHz; every stroke is gone within one step."
    )
    hits = sorted(
        (
            Hit(sound=drum, onset_s=round(start + (16 * turn + at) * step, 6))
            for turn in (0, 1)
            for drum, steps in drums.items()
            for at in steps
        ),
        key=lambda hit: (hit.onset_s, hit.sound),
    )
    return Draft(text, start + 32 * step, {"hits": tuple(hits)})
