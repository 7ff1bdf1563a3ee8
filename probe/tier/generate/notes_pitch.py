"""Single pitches, durations and dynamics, intervals and chords; one function per group."""

from __future__ import annotations

from fractions import Fraction

from probe.records.truths.notes import Bend, Loudness, Swing
from probe.tier.description import pitch_words as name
from probe.tier.generate.drafts import (
    Draft,
    Draw,
    beginning,
    midi_of,
    names,
    note,
    ramp,
    relative,
    seconds,
)

WAVES = ("sine tone", "triangle wave", "square wave", "sawtooth wave")
TONES = ("a plain organ tone", "a clarinet-like tone", "a soft synthesizer tone", "a reed tone")
DIVISIONS = (17, 19, 22, 31)
CHORDS = {
    "major": (0, 4, 7),
    "minor": (0, 3, 7),
    "diminished": (0, 3, 6),
    "augmented": (0, 4, 8),
}
SEVENTHS = {
    "dominant seventh": (0, 4, 7, 10),
    "major seventh": (0, 4, 7, 11),
    "minor seventh": (0, 3, 7, 10),
    "half-diminished seventh": (0, 3, 6, 10),
    "dominant ninth": (0, 4, 7, 10, 14),
    "minor ninth": (0, 3, 7, 10, 14),
    "major ninth": (0, 4, 7, 11, 14),
}
JUST = ((4, 5, 6), (10, 12, 15), (6, 7, 9), (8, 10, 12, 15), (10, 12, 15, 18))
RHYTHMS = ((3, 2), (3, 4), (5, 3), (5, 4), (4, 5))


def single_pitch(draw: Draw, level: int) -> Draft:
    """One note: on the keyboard, then between its keys."""
    start, begins = beginning(draw)
    length = draw.choice((1.0, 1.5, 2.0))
    key = draw.integer(48, 79)
    held = f"starts {begins} and stops after {seconds(length)}"
    exact: tuple[str, ...] = ("pitch",)
    if level == 1:
        text, midi, exact = f"A sine tone at {name(key)}, which {held}.", float(key), ()
    elif level == 2:
        key = draw.integer(33, 93)
        wave = draw.choice(WAVES)
        text, midi, exact = f"A steady {wave} at MIDI note {key}, which {held}.", float(key), ()
    elif level == 3:
        hertz = draw.integer(150, 1200)
        text = f"{draw.choice(TONES).capitalize()} of exactly {hertz} Hz, which {held}."
        midi = midi_of(hertz)
    elif level == 4:
        standard = draw.choice((392, 415, 428, 432, 444, 466))
        midi = midi_of(standard * 2 ** ((key - 69) / 12))
        text = (
            f"{draw.choice(TONES).capitalize()} on the note {name(key)} as it sounds where A4 is"
            f" tuned to {standard} Hz, in twelve equal semitones. It {held}."
        )
    else:
        steps = draw.choice(DIVISIONS)
        up = draw.integer(2, steps - 1)
        midi = round(key + 12 * up / steps, 6)
        text = (
            f"In {steps}-tone equal temperament an octave has {steps} equal steps. Play the pitch"
            f" {up} such steps above {name(key)} on {draw.choice(TONES)}. It {held}."
        )
    return Draft(
        text, start + length, {"notes": (note(midi, start, start + length),), "exact": exact}
    )


def durations_dynamics(draw: Draw, level: int) -> Draft:
    """One pitch whose lengths or loudness are stated."""
    key = draw.integer(52, 79)
    start, begins = beginning(draw)
    if level <= 2:
        count = level + 1
        lengths = draw.several((0.2, 0.3, 0.5, 0.75, 1.0), count)
        gap = draw.choice((0.25, 0.5))
        at, played = start, []
        for length in lengths:
            played.append(note(key, at, at + length))
            at += length + gap
        said = ", then ".join(seconds(length) for length in lengths)
        text = (
            f"The note {name(key)} {count} times as a {draw.choice(WAVES)}, always equally loud,"
            f" starting {begins}. It lasts {said}, with {seconds(gap)} of silence in between."
        )
        return Draft(text, played[-1].offset_s, {"notes": tuple(played), "exact": ("length",)})
    if level == 5:
        return _in_lufs(draw, key, start, begins)
    length = draw.choice((2.0, 2.5, 3.0))
    end = start + length
    tone = f"A tone with a few harmonics on {name(key)} starts {begins} and stops after"
    if level == 3:
        slope = draw.choice((-15, -12, -8, -6, 6, 8, 12, 15))
        first, last = (-slope * length, 0.0) if slope > 0 else (0.0, slope * length)
        way = "louder" if slope > 0 else "softer"
        text = f"{tone} {seconds(length)}. It gets {way} by an even {abs(slope)} dB per second."
        loudness = relative(ramp(start, end, first, last))
        return Draft(text, end, {"notes": (note(key, start, end),), "loudness": loudness})
    rate, share = draw.integer(3, 9), draw.choice((2, 3, 4))
    depth = float(Fraction(share - 1, share + 1))
    text = (
        f"{tone} {seconds(length)}. Its amplitude swings like a sine wave {rate} times a second,"
        f" all the time, between full and one {({2: 'half', 3: 'third', 4: 'quarter'})[share]} of"
        " full; its pitch does not move."
    )
    bend = Bend(start_s=start, end_s=end, start_midi=key, end_midi=key)
    swing = Swing(start_s=start, end_s=end, rate_hz=rate, depth=round(depth, 6))
    return Draft(text, end, {"bends": (bend,), "tremolo": (swing,)})


def _in_lufs(draw: Draw, key: int, start: float, begins: str) -> Draft:
    """A loudness that is stated as broadcasters do."""
    length = draw.choice((3.0, 4.0, 5.0))
    soft, loud = draw.integer(-40, -32), draw.integer(-22, -16)
    first, last = draw.choice(((soft, loud), (loud, soft)))
    text = (
        f"A {draw.choice(('sawtooth wave', 'sine tone', 'square wave'))} on {name(key)} starts"
        f" {begins} and stops after {seconds(length)}. Its momentary loudness by ITU-R BS.1770 runs"
        f" in a straight line from {first} LUFS at its start to {last} LUFS at its end."
    )
    line = ramp(start, start + length, float(first), float(last))
    loudness = Loudness(absolute=True, lines=(line,))
    notes = (note(key, start, start + length),)
    return Draft(text, start + length, {"notes": notes, "loudness": loudness})


def intervals_chords(draw: Draw, level: int) -> Draft:
    """Notes that sound together."""
    root = draw.integer(52, 64)
    start, begins = beginning(draw)
    length = draw.choice((1.0, 1.5, 2.0))
    tone = draw.choice(TONES)
    if level == 5:
        return _just(draw, start, begins) if draw.below(2) else _polyrhythm(draw, start, begins)
    if level == 1:
        steps: tuple[int, ...] = (0, draw.choice((3, 4, 5, 6, 7, 8, 9)))
        what = "Two notes"
    elif level == 4:
        kind = draw.choice([*SEVENTHS])
        steps, what = SEVENTHS[kind], f"A {kind} chord on {name(root)}"
    else:
        kind = draw.choice([*CHORDS])
        steps, what = CHORDS[kind], f"A{'n' * (kind[0] == 'a')} {kind} triad on {name(root)}"
        turn = draw.integer(1, 2) if level == 3 else 0
        if turn:
            steps = tuple(sorted((*steps[turn:], *(step + 12 for step in steps[:turn]))))
            what += f" in {('first', 'second')[turn - 1]} inversion"
    pitches = [root + step for step in steps]
    text = (
        f"{what}, {names(pitches)} from the bottom up, on {tone}. All start {begins}, keep the same"
        f" loudness and stop together after {seconds(length)}."
    )
    return Draft(
        text, start + length, {"notes": tuple(note(p, start, start + length) for p in pitches)}
    )


def _just(draw: Draw, start: float, begins: str) -> Draft:
    """A chord of whole-number ratios."""
    ratios = draw.choice(JUST)
    lowest = 10 * draw.integer(20, 30)
    hertz = [lowest * k / ratios[0] for k in ratios]
    text = (
        f"A chord in just intonation: its frequencies stand to each other as"
        f" {':'.join(map(str, ratios))}, and the lowest is {lowest} Hz. On {draw.choice(TONES)},"
        f" all notes start {begins} and stop after 2 seconds."
    )
    notes = tuple(note(midi_of(hz), start, start + 2) for hz in hertz)
    return Draft(text, start + 2, {"notes": notes, "exact": ("pitch",)})


def _polyrhythm(draw: Draw, start: float, begins: str) -> Draft:
    """Two voices that divide the same bars differently."""
    many, few = draw.choice(RHYTHMS)
    bar = draw.choice((2.0, 2.4, 3.0))
    low = draw.integer(55, 60)
    high = low + draw.choice((9, 10, 14, 15, 16))
    length = 0.15
    beats = [(high, bar * k / many) for k in range(2 * many)]
    beats += [(low, bar * k / few) for k in range(2 * few)]
    text = (
        f"{many} against {few}: in two bars of {seconds(bar)} each, starting {begins}, a dry tone"
        f" on {name(high)} divides each bar into {many} equal parts and one on {name(low)}"
        f" divides it into {few}. Every note starts on its division and lasts {seconds(length)}."
    )
    notes = sorted(
        (note(midi, start + at, start + at + length) for midi, at in beats),
        key=lambda n: (n.onset_s, n.midi),
    )
    return Draft(text, start + 2 * bar, {"notes": tuple(notes), "exact": ("timing",)})
