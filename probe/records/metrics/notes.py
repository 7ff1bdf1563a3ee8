"""Metrics of musical notes."""

from __future__ import annotations

from functools import partial

from probe.records.metrics.metric import Metric

PITCH_CAP_CENTS = 100.0
"""Cap of `pitch_cents`: a semitone off is another note, so further is no worse than missing."""
ONSET_CAP_MS = 200.0
"""Cap of `onset_ms`: an eighth note at 150 beats a minute; later than that it is another beat."""
DURATION_CAP = 1.0
"""Cap of `duration_error`: as far off as not sounding at all."""
SWING_CAP = 1.0
"""Cap of the errors of vibrato and tremolo: as far off as not being there."""
LOUDNESS_CAP_DB = 12.0
"""Cap of `loudness_db`: four times the amplitude; further off is another curve."""
TIMBRE_CAP = 3.0
"""Cap of `timbre_distance`: three times as far as instruments are from each other."""

_metric = partial(Metric, module="notes.measure")

METRICS = (
    _metric(
        name="note_score",
        description=(
            "what sounds, as F1 (notes, contour, strokes, partials), times the mean credit of how"
        ),
    ),
    _metric(
        name="note_f1",
        version="2",
        description="F1 of notes with onset within 50 ms and pitch within 50 cents (mir_eval)",
        asks="notes",
    ),
    _metric(
        name="note_f1/10c",
        description=(
            "F1 of notes with onset within 50 ms and pitch within 10 cents, where cents are asked"
            " for"
        ),
        asks="exact_pitch",
    ),
    _metric(
        name="pitch_cents",
        version="2",
        description="mean absolute pitch error over the notes asked for; a missing note counts 100",
        unit="cents",
        higher_is_better=False,
        floor=PITCH_CAP_CENTS,
        asks="notes",
    ),
    _metric(
        name="onset_ms",
        version="2",
        description="mean absolute onset error over the notes asked for; a missing note counts 200",
        unit="ms",
        higher_is_better=False,
        floor=ONSET_CAP_MS,
        asks="notes",
    ),
    _metric(
        name="duration_error",
        version="2",
        description="mean relative error of the durations asked for; a missing note counts 1",
        higher_is_better=False,
        floor=DURATION_CAP,
        asks="notes",
    ),
    _metric(
        name="contour_rpa",
        description=(
            "raw pitch accuracy of a moving pitch: share of frames within 50 cents (mir_eval)"
        ),
        asks="bends",
    ),
    _metric(
        name="contour_rca",
        description=(
            "raw chroma accuracy of a moving pitch: as contour_rpa, octaves forgiven (mir_eval)"
        ),
        asks="bends",
    ),
    _metric(
        name="vibrato_rate",
        description="relative error of the rate of a vibrato",
        higher_is_better=False,
        floor=SWING_CAP,
        asks="vibrato",
    ),
    _metric(
        name="vibrato_depth",
        description="relative error of the depth of a vibrato",
        higher_is_better=False,
        floor=SWING_CAP,
        asks="vibrato",
    ),
    _metric(
        name="loudness_db",
        description="mean distance from the loudness curve asked for (BS.1770, momentary)",
        unit="dB",
        higher_is_better=False,
        floor=LOUDNESS_CAP_DB,
        asks="loudness",
    ),
    _metric(
        name="hits_f1",
        description=(
            "F1 of unpitched strokes with onset within 50 ms in the right range of the spectrum"
        ),
        asks="hits",
    ),
    _metric(
        name="partials_db",
        description="mean level error of the partials asked for",
        unit="dB",
        higher_is_better=False,
        floor=12.0,
        asks="spectra",
    ),
    Metric(
        name="timbre_distance",
        description=(
            "distance of timbre to recordings of the instrument; 1 is that between instruments"
        ),
        higher_is_better=False,
        floor=TIMBRE_CAP,
        module="notes.timbre",
        asks="instrument",
        needs="references",
    ),
)
