"""Metrics of musical notes."""

from __future__ import annotations

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

METRICS = (
    Metric(
        *("note_score", "1", "", True, 0.0, "clip"),
        "what sounds, as F1 (notes, contour, strokes, partials), times the mean credit of how",
        module="notes.measure",
    ),
    Metric(
        *("note_f1", "2", "", True, 0.0, "clip"),
        "F1 of notes with onset within 50 ms and pitch within 50 cents (mir_eval)",
        module="notes.measure",
        asks="notes",
    ),
    Metric(
        *("note_f1/10c", "1", "", True, 0.0, "clip"),
        "F1 of notes with onset within 50 ms and pitch within 10 cents, where cents are asked for",
        module="notes.measure",
        asks="exact_pitch",
    ),
    Metric(
        *("pitch_cents", "2", "cents", False, PITCH_CAP_CENTS, "clip"),
        "mean absolute pitch error over the notes asked for; a missing note counts 100",
        module="notes.measure",
        asks="notes",
    ),
    Metric(
        *("onset_ms", "2", "ms", False, ONSET_CAP_MS, "clip"),
        "mean absolute onset error over the notes asked for; a missing note counts 200",
        module="notes.measure",
        asks="notes",
    ),
    Metric(
        *("duration_error", "2", "", False, DURATION_CAP, "clip"),
        "mean relative error of the durations asked for; a missing note counts 1",
        module="notes.measure",
        asks="notes",
    ),
    Metric(
        *("contour_rpa", "1", "", True, 0.0, "clip"),
        "raw pitch accuracy of a moving pitch: share of frames within 50 cents (mir_eval)",
        module="notes.measure",
        asks="bends",
    ),
    Metric(
        *("contour_rca", "1", "", True, 0.0, "clip"),
        "raw chroma accuracy of a moving pitch: as contour_rpa, octaves forgiven (mir_eval)",
        module="notes.measure",
        asks="bends",
    ),
    Metric(
        *("vibrato_rate", "1", "", False, SWING_CAP, "clip"),
        "relative error of the rate of a vibrato",
        module="notes.measure",
        asks="vibrato",
    ),
    Metric(
        *("vibrato_depth", "1", "", False, SWING_CAP, "clip"),
        "relative error of the depth of a vibrato",
        module="notes.measure",
        asks="vibrato",
    ),
    Metric(
        *("loudness_db", "1", "dB", False, LOUDNESS_CAP_DB, "clip"),
        "mean distance from the loudness curve asked for (BS.1770, momentary)",
        module="notes.measure",
        asks="loudness",
    ),
    Metric(
        *("hits_f1", "1", "", True, 0.0, "clip"),
        "F1 of unpitched strokes with onset within 50 ms in the right range of the spectrum",
        module="notes.measure",
        asks="hits",
    ),
    Metric(
        *("partials_db", "1", "dB", False, 12.0, "clip"),
        "mean level error of the partials asked for",
        module="notes.measure",
        asks="spectra",
    ),
    Metric(
        *("timbre_distance", "1", "", False, TIMBRE_CAP, "clip"),
        "distance of timbre to recordings of the instrument; 1 is that between instruments",
        module="notes.timbre",
        asks="instrument",
        needs="references",
    ),
)
