"""A player of truths: whatever a prompt of the notes tier asks for, exactly, from plain sines."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, sosfilt

from probe.records.truths.notes import Loudness, NotesTruth
from probe.score.metrics.notes.contour import asked_line
from probe.score.metrics.notes.loudness import OFFSET_DB, k_weighted

Samples = NDArray[np.float64]

HARMONICS = ((1, 1.0), (2, 0.5), (3, 0.3), (4, 0.2), (5, 0.1))


def play(truth: NotesTruth, duration_s: float, rate: int = 44100, **changes: Any) -> Samples:
    """Render `truth`, or `truth` with `changes` made to its fields."""
    truth = truth.model_copy(update=changes)
    t = np.arange(round(duration_s * rate)) / rate
    out = np.zeros(t.size)
    if truth.notes and truth.spectra:
        out += _spectra(truth, t, truth.notes[0].onset_s, truth.notes[0].offset_s)
    elif truth.notes:
        for note in truth.notes:
            hertz = 440 * 2 ** ((note.midi - 69) / 12)
            tone = sum(
                a * np.sin(2 * np.pi * k * hertz * t + note.midi * k)
                for k, a in HARMONICS
                if k * hertz < 0.4 * rate
            )
            out += tone * _gate(t, note.onset_s, note.offset_s)
    elif truth.spectra:
        for one in truth.spectra:
            alone = truth.model_copy(update={"spectra": (one,)})
            out += _spectra(alone, t, max(one.start_s - 0.1, 0), one.end_s + 0.1)
    if truth.bends:
        out += _voice(truth, t, rate)
    out += _drums(truth, t, rate)
    if truth.loudness:
        out *= _levels(truth.loudness, t)
        if truth.loudness.absolute:
            return out * _gain(truth.loudness, out, rate)
    return out * 0.8 / max(np.abs(out).max(), 1e-9)


def _gate(t: Samples, start: float, end: float) -> Samples:
    return np.clip(np.minimum(t - start, end - t) / 0.005, 0, 1)


def _spectra(truth: NotesTruth, t: Samples, start: float, end: float) -> Samples:
    out = np.zeros(t.size)
    for k, partial in enumerate(truth.spectra[0].partials):
        if partial.db is None or partial.db > -60:
            wave = np.sin(2 * np.pi * partial.hertz * t + k * k)
            out += 10 ** ((partial.db or 0.0) / 20) * wave
    return out * _gate(t, start, end)


def _voice(truth: NotesTruth, t: Samples, rate: int) -> Samples:
    midi = asked_line(truth.bends, t)
    sounding = ~np.isnan(midi)
    midi = np.where(sounding, midi, 60.0)
    for swing in truth.vibrato:
        inside = (t >= swing.start_s) & (t < swing.end_s)
        turn = 2 * np.pi * swing.rate_hz * (t - swing.start_s)
        midi += inside * swing.depth / 100 * np.sin(turn)
    phase = 2 * np.pi * np.cumsum(440 * 2 ** ((midi - 69) / 12)) / rate
    wave = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.2 * np.sin(3 * phase)
    for swing in truth.tremolo:
        inside = (t >= swing.start_s) & (t < swing.end_s)
        turn = 2 * np.pi * swing.rate_hz * (t - swing.start_s)
        wave *= np.where(inside, 1 + swing.depth * np.sin(turn), 1.0)
    edges = sounding & np.roll(sounding, 200) & np.roll(sounding, -200)
    return wave * np.convolve(edges, np.hanning(401) / np.hanning(401).sum(), mode="same")


def _drums(truth: NotesTruth, t: Samples, rate: int) -> Samples:
    draw, out = np.random.default_rng(5), np.zeros(t.size)
    for hit in truth.hits:
        at = t[: round(0.12 * rate)]
        noise = draw.standard_normal(at.size)
        if hit.range == "low":
            sound = np.sin(2 * np.pi * (50 * at - 1.5 * np.exp(-at / 0.02))) * np.exp(-at / 0.05)
        elif hit.range == "mid":
            band = sosfilt(butter(2, (400, 6000), "band", fs=rate, output="sos"), noise)
            sound = 0.6 * (band + 0.7 * np.sin(2 * np.pi * 200 * at)) * np.exp(-at / 0.03)
        else:
            high = sosfilt(butter(4, 7000, "high", fs=rate, output="sos"), noise)
            sound = 0.3 * high * np.exp(-at / 0.015)
        sound *= np.clip((0.12 - at) / 0.02, 0, 1)
        begin = round(hit.onset_s * rate)
        out[begin : begin + at.size] += sound[: out.size - begin]
    return out


def _levels(loudness: Loudness, t: Samples) -> Samples:
    db = np.zeros(t.size)
    for line in loudness.lines:
        inside = (t >= line.start_s) & (t < line.end_s)
        share = (t - line.start_s) / (line.end_s - line.start_s)
        db = np.where(inside, line.start_db + share * (line.end_db - line.start_db), db)
    return 10 ** (db / 20)


def _gain(loudness: Loudness, samples: Samples, rate: int) -> float:
    """What brings the middle of the first line to its level."""
    line = loudness.lines[0]
    middle = round((line.start_s + line.end_s) / 2 * rate)
    piece = k_weighted(samples, rate)[middle - rate // 20 : middle + rate // 20]
    level = OFFSET_DB + 10 * np.log10(np.mean(piece**2))
    return float(10 ** (((line.start_db + line.end_db) / 2 - level) / 20))
