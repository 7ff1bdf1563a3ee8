"""Which of the recorded classes a clip is taken for, and how far it is from their recordings.

Without weights of a network, a random forest on statistics of the mel spectrum does what it did in
the paper that introduced ESC-10 [1]_: 72.7 % there, where people reached 95.7 %. Its accuracy on
recordings that it has not seen, none of their sources either, stands beside every verdict.

.. [1] K. J. Piczak, "ESC: Dataset for Environmental Sound Classification", ACM Multimedia 2015.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording, resample
from probe.records.metrics import Clip, Value
from probe.records.metrics.sounds import DISTANCE_CAP_DB
from probe.records.references import Recording, References
from probe.records.truths import SoundsTruth
from probe.records.truths.sound_classes import class_named

Array = NDArray[np.float64]

RATE = 22_050
"""Rate at which recordings and clips are compared, in Hz."""
_BANDS = 40
_HOP = 441
_FLOOR_DB = -60.0
_TREES = 120
_FOLDS = 5
_TOP = 3


def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure the metrics of `names` on a clip; see `probe.records.metrics.sounds`."""
    truth = clip.prompt.truth
    assert isinstance(truth, SoundsTruth)
    assert clip.references is not None
    assert truth.label is not None
    bands = log_mel(clip.samples, clip.sample_rate)
    found: dict[str, Value] = {}
    if any(name.startswith("recognition") for name in names):
        found |= _recognise(clip.references, truth.label, bands)
    if any(name.endswith("distance") for name in names):
        found |= _distances(clip.references, truth.label, bands)
    return {name: found[name] for name in names}


def _recognise(references: References, label: str, bands: Array) -> dict[str, Value]:
    forest = recogniser(references)
    if bands.max() <= _FLOOR_DB:  # silence is not recognised as anything
        return {f"recognition/mel-rf{suffix}": Value(0.0) for suffix in ("", f"-top{_TOP}")}
    ranked = forest.ranked(bands)
    extras = {
        "taken_for": ranked[0],
        "classes": len(ranked),
        "held_out_accuracy": round(forest.held_out, 4),
    }
    return {
        "recognition/mel-rf": Value(float(ranked[0] == label), extras),
        f"recognition/mel-rf-top{_TOP}": Value(float(label in ranked[:_TOP]), extras),
    }


# --- the recogniser ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recogniser:
    """A random forest that knows the classes of a folder of recordings."""

    forest: Any
    classes: tuple[str, ...]
    held_out: float
    """Share of recordings recognised by forests that knew none of the same source."""

    def ranked(self, bands: Array) -> list[str]:
        """Classes, the likeliest first, for a clip's `log_mel`."""
        share = self.forest.predict_proba(statistics(bands)[None])[0]
        return [self.classes[i] for i in np.argsort(-share, kind="stable")]


# The digest says all about a folder; two copies of it share what was fitted.
_KEPT: dict[str, Recogniser] = {}


def recogniser(references: References) -> Recogniser:
    """Fit a recogniser to the recordings whose class is known; kept for the process."""
    if references.digest not in _KEPT:
        from sklearn.ensemble import RandomForestClassifier
        from sklearn.model_selection import GroupKFold, cross_val_predict

        kept = recordings(references)
        x = np.array([statistics(bands) for _, bands in kept])
        y = np.array([class_named(clip.label) for clip, _ in kept])
        sources = [source_of(clip) for clip, _ in kept]
        forest = RandomForestClassifier(_TREES, random_state=0)
        folds = GroupKFold(min(_FOLDS, len(set(sources))))
        seen = cross_val_predict(forest, x, y, groups=sources, cv=folds)
        forest.fit(x, y)
        classes = tuple(map(str, forest.classes_))
        _KEPT[references.digest] = Recogniser(forest, classes, float((seen == y).mean()))
    return _KEPT[references.digest]


def source_of(clip: Recording) -> str:
    """The recording that a clip was cut from: ESC-50 writes fold-source-take."""
    parts = clip.path.stem.split("-")
    return "-".join(parts[:2]) if len(parts) >= 3 else clip.path.stem


def statistics(bands: Array) -> Array:
    """Mean, spread, movement and loudest tenth of each band and of its cepstrum, shape (n,)."""
    from scipy.fft import dct

    cepstrum = dct(bands, type=2, norm="ortho", axis=1)[:, :20]
    loud = bands.mean(axis=1)
    parts = []
    for values in (bands, cepstrum):
        moved = np.abs(np.diff(values, axis=0, prepend=values[:1]))
        parts += [values.mean(axis=0), values.std(axis=0), moved.mean(axis=0)]
    parts += [np.quantile(bands, 0.9, axis=0), np.quantile(loud, (0.05, 0.25, 0.5, 0.75, 0.95))]
    return np.concatenate(parts)


# --- distances -----------------------------------------------------------------------------------


def _distances(references: References, label: str, bands: Array) -> dict[str, Value]:
    near = [
        (_spectral(bands, own), _envelope(bands, own), clip.path.name)
        for clip, own in recordings(references)
        if class_named(clip.label) == label
    ]
    if bands.max() <= _FLOOR_DB:
        near = [(DISTANCE_CAP_DB, DISTANCE_CAP_DB, "silence")]
    spectral, envelope = min(near), min(near, key=lambda row: row[1])
    return {
        "spectral_distance": Value(min(spectral[0], DISTANCE_CAP_DB), {"nearest": spectral[2]}),
        "envelope_distance": Value(min(envelope[1], DISTANCE_CAP_DB), {"nearest": envelope[2]}),
    }


def _spectral(one: Array, other: Array) -> float:
    """RMS over the bands of the difference of mean power spectra in dB, each at its own level."""

    def mean(bands: Array) -> Array:
        decibels = 10 * np.log10(np.mean(10 ** (bands / 10), axis=0))
        return np.asarray(decibels - decibels.mean())

    return float(np.sqrt(np.mean((mean(one) - mean(other)) ** 2)))


def _envelope(one: Array, other: Array) -> float:
    """RMS difference of loudness in dB over sorted moments: when something is does not count."""
    share = np.linspace(0, 1, 101)

    def sorted_loudness(bands: Array) -> Array:
        loud = 10 * np.log10(np.sum(10 ** (bands / 10), axis=1))
        return np.asarray(np.quantile(np.maximum(loud - loud.max(), _FLOOR_DB), share))

    return float(np.sqrt(np.mean((sorted_loudness(one) - sorted_loudness(other)) ** 2)))


_READ: dict[str, list[tuple[Recording, Array]]] = {}


def recordings(references: References) -> list[tuple[Recording, Array]]:
    """Recordings of known classes with their `log_mel`; kept for the process."""
    if references.digest not in _READ:
        known = [clip for clip in references.clips if class_named(clip.label) is not None]
        _READ[references.digest] = [
            (clip, log_mel(read_recording(clip.path, RATE), RATE)) for clip in known
        ]
    return _READ[references.digest]


def log_mel(samples: Array, sample_rate: int) -> Array:
    """Log-mel spectrum of a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    sample_rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (frames, 40)
        In dB under the loudest, no lower than -60, every 20 ms; all -60 for silence.
    """
    power = np.abs(_stft(resample(samples - samples.mean(), sample_rate, RATE))) ** 2
    bands = power @ _filters().T
    top = bands.max(initial=0.0)
    if not top > 0:
        return np.full(bands.shape, _FLOOR_DB)
    return np.asarray(np.maximum(10 * np.log10(np.maximum(bands / top, 1e-12)), _FLOOR_DB))


def _stft(sound: Array) -> NDArray[np.complex128]:
    padded = np.pad(sound, (512, 1024))
    frames = np.lib.stride_tricks.sliding_window_view(padded, 1024)[: max(1, len(sound)) : _HOP]
    return np.asarray(np.fft.rfft(frames * np.hanning(1024)))


@lru_cache(maxsize=1)
def _filters() -> Array:
    from librosa.filters import mel

    return np.asarray(mel(sr=RATE, n_fft=1024, n_mels=_BANDS, fmin=40, fmax=11_000), np.float64)
