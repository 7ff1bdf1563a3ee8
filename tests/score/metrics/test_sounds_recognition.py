"""Recognition by a forest fitted on recordings, and distances to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from probe.records import Prompt, SoundsTruth
from probe.records.metrics import METRICS, Clip
from probe.records.references import Recording, References
from probe.score.metrics import score_clip
from probe.score.metrics.sounds.recognition import log_mel, recogniser, source_of
from tests.fakes.recordings import write_sounds

RATE = 22_050
NAMES = [
    "recognition/mel-rf",
    "recognition/mel-rf-top3",
    "spectral_distance",
    "envelope_distance",
]
SHARED = Path(__file__).parents[4] / "shared" / "references" / "sounds"

pytest.importorskip("sklearn", reason="the extra 'score' is not installed")


def siren(seed: int, seconds: float = 2.0) -> NDArray[np.float64]:
    t = np.arange(round(seconds * RATE)) / RATE
    return 0.5 * np.sin(2 * np.pi * (800 + 40 * seed) * t + 200 * np.sin(2 * np.pi * 0.5 * t))


def hiss(seed: int, seconds: float = 2.0) -> NDArray[np.float64]:
    return 0.1 * np.random.default_rng(seed).standard_normal(round(seconds * RATE))


def barks(seed: int, seconds: float = 2.0) -> NDArray[np.float64]:
    t = np.arange(round(seconds * RATE)) / RATE
    return 3 * hiss(seed, seconds) * np.exp(-((t - 0.3) % 0.7) / 0.03)


@pytest.fixture(scope="module")
def references(tmp_path_factory: pytest.TempPathFactory) -> References:
    """Three classes, two takes of each of four sources, under names folders use."""
    makers = {"siren": siren, "rain": hiss, "dog_bark": barks}
    sounds = {
        f"{source}-{label}{source}-{take}.wav": (label, make(source))
        for label, make in makers.items()
        for source in range(4)
        for take in "AB"
    }
    return write_sounds(tmp_path_factory.mktemp("references"), sounds, RATE)


def prompt(*labels: str, seconds: float = 2.0, **more: object) -> Prompt:
    asked = SoundsTruth.model_validate({"events": [{"label": label} for label in labels], **more})
    return Prompt(id="p", group="g", level=1, text="p", duration_s=seconds, truth=asked)


def test_the_recogniser_knows_what_it_was_shown(references: References) -> None:
    forest = recogniser(references)
    assert forest.classes == ("dog", "rain", "siren")
    assert forest.held_out == 1
    assert forest.ranked(log_mel(barks(9), RATE))[0] == "dog"


def test_a_clip_is_recognised_and_near(references: References) -> None:
    right = score_clip(NAMES, Clip(prompt("dog"), barks(11), RATE, references))
    wrong = score_clip(NAMES, Clip(prompt("dog"), siren(11), RATE, references))
    assert right["recognition/mel-rf"].value == 1
    assert right["recognition/mel-rf"].extras["held_out_accuracy"] == 1
    assert wrong["recognition/mel-rf"].value == 0
    assert wrong["recognition/mel-rf"].extras["taken_for"] == "siren"
    for name in ("spectral_distance", "envelope_distance"):
        assert right[name].value < wrong[name].value


def test_silence_is_nothing(references: References) -> None:
    found = score_clip(NAMES, Clip(prompt("rain"), np.zeros(RATE), RATE, references))
    assert {name: value.value for name, value in found.items()} == {
        name: METRICS[name].floor for name in NAMES
    }


def test_only_recorded_classes_are_asked_about(references: References) -> None:
    metric = METRICS["recognition/mel-rf"]
    assert metric.applies_to(prompt("dog"), references)
    assert not metric.applies_to(prompt("dog"))
    assert not metric.applies_to(prompt("cow"), references)
    assert not metric.applies_to(prompt("dog", "rain", ordered=True), references)


def test_takes_of_one_source_stay_together() -> None:
    def source(name: str) -> str:
        return source_of(Recording(Path(name), "x", "", None, "0" * 64))

    assert source("1-211527-A.ogg") == source("1-211527-B.ogg") != source("1-22694-A.ogg")
    assert source("anything.wav") == "anything"


def test_real_recordings_are_recognised_as_in_the_literature() -> None:
    if not SHARED.is_dir():
        pytest.skip("the real recordings are not beside the checkout")
    forest = recogniser(References.open(SHARED))
    assert len(forest.classes) == 10
    assert 0.6 < forest.held_out < 0.95, "72.7 % was published for a random forest on ESC-10"
