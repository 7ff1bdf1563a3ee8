from __future__ import annotations

import csv
import hashlib
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.records import Prompt
from probe.records.metrics import METRICS, Clip
from probe.records.references import References
from probe.score.metrics.notes.timbre import measure
from tests.fakes.sounds import TIMBRES, hertz, line, render
from tests.fakes.tiers import prompt

RATE = 22050
LABELS = ("marimba", "organ", "pluck")
FLOOR = METRICS["timbre_distance"].floor


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> References:
    """Four notes of each of three instruments."""
    folder = tmp_path_factory.mktemp("instruments")
    rows = []
    for label in LABELS:
        for midi in (55, 59, 64, 69):
            path = folder / f"{label}-{midi}.wav"
            samples = TIMBRES[label](hertz(midi), 2.0, RATE)
            soundfile.write(path, 0.5 * samples / np.abs(samples).max(), RATE)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            rows.append([path.name, label, "", midi, digest])
    with (folder / "clips.csv").open("w", newline="") as table:
        csv.writer(table).writerows([["file", "label", "text", "midi", "sha256"], *rows])
    return References.open(folder)


def asked(instrument: str) -> Prompt:
    return prompt("p", instrument=instrument, duration_s=2.5)


def distance(instrument: str, samples: np.ndarray, references: References) -> float:
    clip = Clip(asked(instrument), samples, 44100, references)
    return measure(["timbre_distance"], clip)["timbre_distance"].value


def note(timbre: str, midi: int = 62) -> np.ndarray:
    return render(line([midi], step_s=2.0), TIMBRES[timbre], duration_s=2.5)


@pytest.mark.parametrize("label", LABELS)
def test_an_instrument_is_nearest_to_itself(label: str, references: References) -> None:
    sound = note(label)
    near = {other: distance(other, sound, references) for other in LABELS}
    assert min(near, key=near.__getitem__) == label
    assert near[label] < 1


def test_noise_and_silence_are_far(references: References) -> None:
    noise = 0.1 * np.random.default_rng(0).standard_normal(2 * 44100)
    assert distance("organ", np.zeros(44100), references) == FLOOR
    assert distance("organ", noise, references) > distance("organ", note("organ"), references)


def test_an_instrument_without_recordings_has_the_cap(references: References) -> None:
    assert distance("oboe", note("saw"), references) == FLOOR


def test_level_does_not_matter(references: References) -> None:
    sound = note("pluck")
    loud, soft = (distance("pluck", gain * sound, references) for gain in (1.0, 0.1))
    assert soft == pytest.approx(loud, abs=0.05)


def test_real_recordings_are_nearest_to_their_like() -> None:
    folder = Path(__file__).parents[4] / "shared" / "references" / "notes"
    if not folder.is_dir():
        pytest.skip("the real recordings are not beside the checkout")
    from probe.score.metrics.notes.timbre import _fitted

    space = _fitted(References.open(folder))
    assert space is not None
    right = 0
    for i, point in enumerate(space.points):
        far = np.linalg.norm(space.points - point, axis=1)
        far[i] = np.inf
        right += bool(space.labels[int(np.argmin(far))] == space.labels[i])
    assert right / len(space.points) > 0.5, "17 instruments, four kinds of piano: 1 in 17 by chance"
