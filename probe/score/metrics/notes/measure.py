"""One score for whatever a prompt of the notes tier asks for.

``note_score = F × mean(1, Q₁, …, Qₖ)``

*F* says whether what was asked for sounds at all: the F1 of notes, of the frames of a moving pitch,
of strokes, or the match of a spectrum; their mean where a prompt asks for several. Each *Q*, in
[0, 1], says how well one further thing was done that the prompt states: tuning to the cent, timing
to the hundredth, lengths, loudness, vibrato, tremolo, the spectrum of a note. So a crescendo on the
wrong note earns nothing, the right note without its crescendo earns half, and noise, silence and
another prompt's clip have an F near zero.

A *Q* is a credit: all of it up to an error that a good rendering stays below, none from one on that
means the thing was not done, a straight line between (`CREDITS`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from probe.records.metrics import Clip, Value
from probe.records.metrics.notes import LOUDNESS_CAP_DB, SWING_CAP
from probe.records.truths.notes import NoteEvent, NotesTruth, Swing
from probe.score.metrics import credit
from probe.score.metrics.notes import contour
from probe.score.metrics.notes.loudness import loudness_error
from probe.score.metrics.notes.notes import compare_notes, matched
from probe.score.metrics.notes.percussion import hits_f1, strikes
from probe.score.metrics.notes.spectra import spectrum_match
from probe.score.metrics.notes.transcription import transcribe
from probe.score.metrics.notes.vibrato import Sine, tremolo, vibrato

Array = NDArray[np.float64]

CREDITS: Mapping[str, tuple[float, float]] = {
    "pitch": (3.0, 15.0),
    "timing": (10.0, 35.0),
    "length": (0.1, 0.5),
    "loudness": (1.0, 6.0),
    "rate": (0.04, 0.3),
    "depth": (0.12, 0.6),
}
"""Errors that earn all and nothing: in cents, ms, parts of the length, dB, parts of rate and depth.

15 cents is what a tempered third is off a just one; 35 ms is what separates a swing of 2:1 from one
of 3:2 at 120 beats a minute; 6 dB is twice the amplitude.
"""


def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure the metrics of `names` on a clip; see `probe.records.metrics.notes`."""
    assert isinstance(clip.prompt.truth, NotesTruth)
    scores = score_all(clip.prompt.truth, clip.samples, clip.sample_rate)
    return {name: scores[name] for name in names}


def score_all(truth: NotesTruth, samples: Array, rate: int) -> dict[str, Value]:
    """Every metric of this kind that applies to a prompt, `note_score` among them.

    Parameters
    ----------
    truth : NotesTruth
        What the prompt asks for.
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.

    Returns
    -------
    dict of str to Value
        By metric; see `probe.records.metrics.notes`. The extras of ``note_score`` hold its parts.
    """
    found: dict[str, Value] = {}
    sounds: dict[str, float] = {}
    how: dict[str, float] = {}
    if truth.notes:
        _add_notes(truth, samples, rate, found, sounds, how)
    if truth.bends:
        _add_contour(truth, samples, rate, found, sounds, how)
    if truth.hits:
        f1, onsets = hits_f1(truth.hits, strikes(samples, rate))
        sounds["hits"] = f1
        found["hits_f1"] = Value(f1, {"onset_f1": onsets})
    if truth.spectra:
        matches = [spectrum_match(spectrum, samples, rate) for spectrum in truth.spectra]
        part = float(np.mean([match for match, _ in matches]))
        (how if sounds else sounds)["spectrum"] = part
        found["partials_db"] = Value(float(np.mean([error for _, error in matches])))
    if truth.loudness:
        error = loudness_error(truth.loudness, samples, rate, LOUDNESS_CAP_DB)
        how["loudness"] = credit(error, *CREDITS["loudness"])
        found["loudness_db"] = Value(error)
    if truth.tremolo:
        heard = [(swing, tremolo(samples, rate, swing)) for swing in truth.tremolo]
        how["tremolo"] = float(np.mean([_swing_credit(*pair) for pair in heard]))
    value = float(np.mean(list(sounds.values()))) * float(np.mean([1.0, *how.values()]))
    found["note_score"] = Value(value, {"sounds": sounds, "how": how})
    return found


def _add_notes(
    truth: NotesTruth,
    samples: Array,
    rate: int,
    found: dict[str, Value],
    sounds: dict[str, float],
    how: dict[str, float],
) -> None:
    heard = transcribe(samples, rate)
    found |= compare_notes(truth.notes, heard)
    sounds["notes"] = found["note_f1"].value
    pairs = matched(truth.notes, heard)
    for aspect in truth.exact:
        credits = [credit(_error(aspect, *pair), *CREDITS[aspect]) for pair in pairs]
        how[aspect] = float(np.mean(credits)) if credits else 0.0


def _error(aspect: str, asked: NoteEvent, heard: NoteEvent) -> float:
    """How far a matched note is off, in the unit of `CREDITS`."""
    if aspect == "pitch":
        return 100 * abs(heard.midi - asked.midi)
    if aspect == "timing":
        return 1000 * abs(heard.onset_s - asked.onset_s)
    length = asked.offset_s - asked.onset_s
    return abs(heard.offset_s - heard.onset_s - length) / length


def _add_contour(
    truth: NotesTruth,
    samples: Array,
    rate: int,
    found: dict[str, Value],
    sounds: dict[str, float],
    how: dict[str, float],
) -> None:
    track = contour.pitch_track(samples, rate)
    line = contour.asked_line(truth.bends, contour.times_of(track))
    centre = contour.centre_line(track, truth.vibrato)
    rpa, rca = contour.accuracies(line, centre)
    sounds["contour"] = contour.agreement(line, centre, truth.bends)
    found["contour_rpa"], found["contour_rca"] = Value(rpa), Value(rca)
    if not truth.vibrato:
        return
    heard = [(swing, vibrato(track, line, swing)) for swing in truth.vibrato]
    how["vibrato"] = float(np.mean([_swing_credit(*pair) for pair in heard]))
    errors = np.array([_swing_errors(*pair) for pair in heard])
    extras = {"heard": [None if sine is None else sine._asdict() for _, sine in heard]}
    found["vibrato_rate"] = Value(float(errors[:, 0].mean()), extras)
    found["vibrato_depth"] = Value(float(errors[:, 1].mean()))


def _swing_errors(swing: Swing, heard: Sine | None) -> tuple[float, float]:
    """Relative errors of rate and depth."""
    if heard is None:
        return SWING_CAP, SWING_CAP
    rate = abs(heard.rate_hz / swing.rate_hz - 1)
    return min(rate, SWING_CAP), min(abs(heard.depth / swing.depth - 1), SWING_CAP)


def _swing_credit(swing: Swing, heard: Sine | None) -> float:
    """A depth without the rate is no vibrato, nor the other way round."""
    rate, depth = _swing_errors(swing, heard)
    return credit(rate, *CREDITS["rate"]) * credit(depth, *CREDITS["depth"])
