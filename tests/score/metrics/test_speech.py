from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError

from probe.audio import resample
from probe.records import Prompt
from probe.records.metrics import METRICS, Clip
from probe.records.truths import SpeechTruth
from probe.score.metrics import score_clip
from probe.score.metrics.speech.voice import Voice
from probe.score.metrics.speech.vowels import MEANS
from probe.score.metrics.speech.words import rank_credit, unknown_words
from probe.tier.folder import load
from tests.fakes.voices import RATE, at, vowel

Audio = NDArray[np.float64]
SPEECH = load("speech")
BY_ID = {prompt.id: prompt for prompt in SPEECH.prompts}
NAMES = [metric.name for metric in METRICS.values() if metric.module == "speech.measure"]


def score(prompt: Prompt, samples: Audio, *names: str, rate: int = RATE) -> dict[str, Any]:
    wanted = [n for n in names or NAMES if METRICS[n].applies_to(prompt, None)]
    return score_clip(wanted, Clip(prompt, samples, rate))


def match(prompt: Prompt, samples: Audio, rate: int = RATE) -> float:
    return float(score(prompt, samples, "speech_match", rate=rate)["speech_match"].value)


def asking(seconds: float = 1.4, **truth: Any) -> Prompt:
    return Prompt(
        id="x",
        group="vowels",
        level=1,
        text="x",
        duration_s=seconds,
        truth=SpeechTruth.model_validate(truth),
    )


def held(phone: str = "AA", voice: str = "man", hertz: float = 120.0, **changes: Any) -> Prompt:
    f1, f2, _ = MEANS[voice][phone]
    asked = {
        "phone": phone,
        "voice": voice,
        "f1_hz": f1,
        "f2_hz": f2,
        "f0_hz": hertz,
        "start_s": 0.2,
        "end_s": 1.2,
    }
    return asking(vowels=[asked | changes], span={"start_s": 0.2, "end_s": 1.2})


@pytest.fixture(scope="session")
def program(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Audio of a hand-written program of the tier, run here once."""
    folder = tmp_path_factory.mktemp("programs")
    made: dict[str, Audio] = {}

    def render(prompt_id: str) -> Audio:
        if prompt_id not in made:
            source = (SPEECH.folder / "programs" / f"{prompt_id}.py").read_text(encoding="utf-8")
            out = folder / f"{prompt_id}.wav"
            path = folder / f"{prompt_id}.py"
            path.write_text(source.replace("/out/output.wav", str(out)), encoding="utf-8")
            runpy.run_path(str(path))
            import soundfile

            made[prompt_id] = soundfile.read(out)[0]
        return made[prompt_id]

    return render


# --- vowels --------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["IY", "EH", "AA", "UH", "AH"])
def test_a_synthetic_vowel_has_its_formants_and_its_name(phone: str) -> None:
    prompt = held(phone)
    found = score(prompt, at(0.2, vowel(MEANS["man"][phone]), 1.4))
    assert found["speech_match"].value > 0.9
    assert found["formant_error"].value < 0.08
    assert found["vowel_recognition"].value == 1


def test_another_vowel_another_pitch_and_another_time_each_cost() -> None:
    prompt = held("IY")
    right = vowel(MEANS["man"]["IY"])
    whole = match(prompt, at(0.2, right, 1.4))
    assert match(prompt, at(0.2, vowel(MEANS["man"]["AA"]), 1.4)) == 0
    assert match(prompt, at(0.2, vowel(MEANS["man"]["IY"], 180.0), 1.4)) < 0.6 * whole
    assert match(prompt, at(0.2, right[: RATE // 2], 1.4)) < 0.8 * whole


def test_moving_a_formant_away_costs_more_and_more() -> None:
    prompt = held("AA")
    f1, f2, f3 = MEANS["man"]["AA"]
    values = [match(prompt, at(0.2, vowel((f1, f2 * k, f3)), 1.4)) for k in (1, 1.15, 1.25, 1.5)]
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.9
    assert values[-1] == 0


def test_a_whispered_vowel_is_not_the_voiced_one() -> None:
    found = score(held("AA"), at(0.2, vowel(MEANS["man"]["AA"], voiced=False), 1.4))
    assert found["speech_match"].value < 0.1
    assert (
        "formant" in found["speech_match"].extras["why"]
        or "voiced" in found["speech_match"].extras["why"]
    )


# --- pitch, rate, bursts -------------------------------------------------------------------------


def test_a_contour_is_followed_or_not() -> None:
    points = [{"time_s": 0.2, "hertz": 110}, {"time_s": 1.2, "hertz": 200}]
    prompt = asking(
        vowels=[{"start_s": 0.2, "end_s": 1.2, "f1_hz": 768, "f2_hz": 1333}], contour=points
    )
    rise = np.linspace(110, 200, RATE)
    up = score(prompt, at(0.2, vowel(MEANS["man"]["AA"], rise), 1.4))
    down = score(prompt, at(0.2, vowel(MEANS["man"]["AA"], rise[::-1]), 1.4))
    assert up["speech_match"].extras["contour"] > 0.95
    assert up["f0_correlation"].value > 0.98
    assert down["speech_match"].extras["contour"] < 0.4
    assert down["f0_correlation"].value < -0.9


def test_bursts_are_counted() -> None:
    prompt = asking(2.0, bursts={"count": 5, "per_s": 4})

    def laugh(count: int, per_s: float) -> Audio:
        clip = np.zeros(2 * RATE)
        for k in range(count):
            clip += at(0.2 + k / per_s, vowel(MEANS["man"]["AH"], 130, 0.5 / per_s), 2.0)
        return clip

    assert match(prompt, laugh(5, 4)) == 1
    assert 0 < match(prompt, laugh(4, 4)) < 0.8
    assert match(prompt, laugh(5, 9)) == 0
    assert match(prompt, at(0.2, vowel(MEANS["man"]["AH"], 130, 1.2), 2.0)) == 0


def test_syllables_are_counted_blindly() -> None:
    clip = sum(at(0.1 + k / 4, vowel(MEANS["man"]["AH"], 120, 0.15), 2.2) for k in range(8))
    assert len(Voice(np.asarray(clip), RATE).syllables) == 8


# --- words ---------------------------------------------------------------------------------------


def test_a_program_says_its_word_and_no_other(program: Any) -> None:
    names = ("401-zero", "404-three", "406-five", "408-seven", "410-nine")
    own = [match(BY_ID[name], program(name)) for name in names]
    others = [
        match(BY_ID[name], program(other)) for name in names for other in names if name != other
    ]
    assert np.mean(own) >= 0.9
    assert np.mean(others) <= 0.1


def test_words_get_lost_in_noise(program: Any) -> None:
    clean = program("607-red-boat")
    noise = np.random.default_rng(1).standard_normal(len(clean)) * np.sqrt(np.mean(clean**2))
    levels = (0.0, 0.3, 3.0)
    values = [match(BY_ID["607-red-boat"], clean + k * noise) for k in levels]
    assert values == sorted(values, reverse=True)
    assert values[0] >= 0.5
    assert values[-1] <= 0.2


def test_a_mumble_scores_near_the_floor_and_says_why(program: Any) -> None:
    """The right pitch and the right length, and a mouth that does not move."""
    prompt = BY_ID["705-are-you-home"]
    rise = np.interp(np.arange(0, 1.2, 1 / RATE), [0, 0.6, 1.2], [200, 200, 320])
    found = score(prompt, at(0.2, vowel((500, 1500, 2500), rise, 1.2), prompt.duration_s))
    assert found["speech_match"].extras["contour"] > 0.9
    assert found["speech_match"].value <= 0.25
    if found["speech_match"].value < 0.2:
        assert "told from" in found["speech_match"].extras["why"]


def test_the_recogniser_writes_down_what_it_hears(program: Any) -> None:
    words = ("butterfly", "strawberry", "university", "music", "hello")
    ids = [next(p.id for p in SPEECH.prompts if getattr(p.truth, "text", 0) == w) for w in words]
    found = [score(BY_ID[name], program(name)) for name in ids]
    assert np.mean([each["cer/pocketsphinx"].value for each in found]) <= 0.3
    assert np.mean([each["wer/pocketsphinx"].value for each in found]) <= 0.6
    heard = [each["wer/pocketsphinx"].extras["heard"] for each in found]
    assert sum(said == word for said, word in zip(heard, words, strict=True)) >= 2
    assert np.mean([each["voiced_speech"].value for each in found]) > 0.5


def test_what_is_heard_does_not_depend_on_the_clips_before(program: Any) -> None:
    names = ("404-three", "406-five", "607-red-boat", "310-sa", "405-four")

    def heard(order: tuple[str, ...]) -> dict[str, Any]:
        return {name: score(BY_ID[name], program(name)) for name in order}

    first = heard(names)
    assert heard(names[::-1]) == first
    assert heard(names[2:] + names[:2]) == first


def test_a_turn_is_heard_only_in_its_place(program: Any) -> None:
    prompt = BY_ID["411-three-one"]
    clip = program(prompt.id)
    half = len(clip) // 2
    swapped = np.concatenate([clip[half:], clip[:half]])
    assert match(prompt, clip) > match(prompt, swapped) + 0.3


def test_rank_credit_takes_chance_away() -> None:
    assert rank_credit(1, 10) == 1
    assert rank_credit(10, 10) == 0
    assert 0.2 < rank_credit(2, 10) < 0.4
    assert rank_credit(1, 1) == 1


def test_words_that_no_dictionary_has_are_named() -> None:
    assert unknown_words(["water", "qwrtz"]) == ["qwrtz"]


# --- what must not score -------------------------------------------------------------------------

KINDS = [
    "101-iy-man",
    "211-there-and-back",
    "310-sa",
    "408-seven",
    "506-yellow",
    "605-rain",
    "703-really-question",
    "717-laugh-five",
    "720-sigh",
]


@pytest.mark.parametrize("prompt_id", KINDS)
def test_noise_and_silence_are_at_the_floor(prompt_id: str) -> None:
    prompt = BY_ID[prompt_id]
    count = round(prompt.duration_s * RATE)
    noise = 0.1 * np.random.default_rng(7).standard_normal(count)
    for samples in (noise, np.zeros(count), np.full(count, 0.3)):
        found = score(prompt, samples)
        assert found["speech_match"].value <= 0.05
        assert found["speech_match"].extras["why"]
        assert all(np.isfinite(value.value) for value in found.values())


@pytest.mark.parametrize("prompt_id", ["102-aa-man", "406-five", "702-yes-question"])
def test_level_offset_and_rate_change_little(prompt_id: str, program: Any) -> None:
    prompt, clip = BY_ID[prompt_id], program(prompt_id)
    own = match(prompt, clip)
    assert match(prompt, 0.03 * clip) == pytest.approx(own, abs=0.02)
    assert match(prompt, 0.5 * clip + 0.2) == pytest.approx(own, abs=0.05)
    assert match(prompt, resample(clip, RATE, 44100), 44100) == pytest.approx(own, abs=0.1)


@pytest.mark.parametrize("seconds", [0.05, 0.1, 60.0])
def test_any_length_is_measured(seconds: float) -> None:
    samples = 0.1 * np.sin(np.arange(round(seconds * RATE)) / 9)
    for prompt_id in ("101-iy-man", "408-seven", "717-laugh-five"):
        found = score(BY_ID[prompt_id], samples, "speech_match", "voiced_speech")
        assert all(0 <= value.value <= 1 for value in found.values())


def test_scores_do_not_depend_on_what_was_scored_before(program: Any) -> None:
    one, two = BY_ID["408-seven"], BY_ID["605-rain"]
    first = score(one, program(one.id))
    score(two, program(two.id))
    again = score(one, program(one.id))
    assert {k: v.value for k, v in first.items()} == {k: v.value for k, v in again.items()}


@pytest.mark.skipif(
    not (Path(__file__).parents[4] / "shared/references/speech/clips.csv").is_file(),
    reason="no real recordings beside the checkout",
)
def test_real_speech_is_voiced_and_recognised() -> None:
    import soundfile

    folder = Path(__file__).parents[4] / "shared/references/speech/ljspeech"
    samples, rate = soundfile.read(folder / "LJ001-0008.flac")
    text = "has never been surpassed"
    rest = ["being", "comparatively", "modern", "letter", "should", "fine", "form", "first"]
    truth = {
        "text": text,
        "said": [{"text": text, "vocabulary": sorted({*text.split(), *rest})}],
    }
    found = score(asking(len(samples) / rate, **truth), samples, rate=rate)
    assert found["speech_match"].value >= 0.5
    assert found["voiced_speech"].value > 0.8


# --- truths --------------------------------------------------------------------------------------

SAID = {"text": "go", "phones": "G OW", "rivals": ["N OW"]}


@pytest.mark.parametrize(
    ("truth", "fault"),
    [
        ({}, "something has to be said"),
        ({"said": [{"text": "go"}]}, "either rivals or a vocabulary"),
        ({"said": [SAID | {"phones": "N OW"}]}, "not among its rivals"),
        ({"said": [{"text": "go", "vocabulary": ["no"]}]}, "lacks"),
        ({"said": [SAID | {"span": {"start_s": 1, "end_s": 1}}]}, "before it begins"),
        ({"said": [SAID], "contour": [{"time_s": 0, "hertz": 100}]}, "two points or more"),
        (
            {
                "said": [SAID],
                "contour": [{"time_s": 0, "hertz": 100}, {"time_s": 1, "hertz": 101}],
            },
            "a semitone or more",
        ),
        ({"said": [SAID], "syllables_per_s": 3}, "number of syllables"),
    ],
)
def test_truths_that_make_no_sense_are_refused(truth: dict[str, Any], fault: str) -> None:
    with pytest.raises(ValidationError, match=fault):
        SpeechTruth.model_validate(truth)


def test_a_truth_that_outlasts_its_clip_is_a_misfit() -> None:
    late = held(end_s=1.9).truth
    assert late.misfit(1.4) == "speech lasts until 1.9 s"
    assert late.misfit(2.0) is None
