"""Every class of generator, of random weights, through its door."""

from __future__ import annotations

import numpy as np
import pytest

from probe.audio import Clip
from probe.models import open_door
from probe.models.base import AudioSource, BatchSource, DoorOptions, NoAudioError
from probe.models.neural.door import Generator
from probe.records import Outcome, Prompt, SpeechTruth
from tests.fakes.generators import MAKERS
from tests.fakes.tiers import loaded_tier, prompt
from tests.models.neural.conftest import Folder, Open

RATE = 16_000
TALKERS = {"bark", "csm", "dia", "speecht5", "vits"}
ALONE = {"bark", "speecht5", "vits"}
RATES = {"bark": 8000, "csm": 24_000, "dia": 44_100, "musicgen": 8000, "stable-audio": 44_100}


def ask(name: str, text: str, duration_s: float = 0.2) -> Prompt:
    """A prompt that says what it asks for."""
    said = {"text": text, "vocabulary": [*text.split(), "water"]}
    truth = SpeechTruth.model_validate({"text": text, "said": [said]})
    return prompt(name, text=text, truth=truth, duration_s=duration_s)


ATTEMPTS = [
    (ask("hello", "hello there"), 0),
    (ask("dog", "a dog barks"), 0),
    (ask("dog", "a dog barks"), 1),
    (ask("yes", "yes"), 0),
]


def clips(door: Generator, attempts: list[tuple[Prompt, int]] = ATTEMPTS) -> list[Clip]:
    """A clip for each attempt, in their order."""
    taken = {(t.prompt.id, t.sample): t.audio for t in door.audios(attempts, RATE)}
    assert len(taken) == len(attempts)
    found = [taken[p.id, sample] for p, sample in attempts]
    for clip in found:
        assert isinstance(clip, Clip), clip
    return [clip for clip in found if isinstance(clip, Clip)]


def alike(first: Clip, second: Clip, atol: float = 0.0) -> bool:
    shapes = first.samples.shape == second.samples.shape
    return shapes and np.allclose(first.samples, second.samples, rtol=0, atol=atol)


@pytest.mark.parametrize("name", MAKERS)
def test_a_clip_depends_on_its_own_seed_alone(name: str, opened: Open) -> None:
    door = opened(name)
    assert isinstance(door, BatchSource)
    made = clips(door)
    again = opened(name)
    both = zip(made, clips(again), strict=True)
    assert all(alike(a, b, 1e-5) for a, b in both), "the same seed, the same samples"
    (alone,) = clips(again, ATTEMPTS[2:3])
    assert alike(alone, made[2], 1e-5), "whatever else was asked before"
    assert not alike(made[1], made[2], 1e-4), "another sample"
    assert not any(map(alike, made, clips(opened(name, "seed=1"))))
    for clip in made:
        assert clip.sample_rate == RATE
        assert 1e-4 < np.abs(clip.samples).max() <= 1


@pytest.mark.parametrize("name", sorted(set(MAKERS) - ALONE))
def test_a_batch_gives_what_each_would_give_alone(name: str, opened: Open) -> None:
    # Of few tokens: rounding decides between two that are next to each other all the more seldom.
    few = ("top_k=3",) if name in ("csm", "dia", "musicgen") else ()
    one, four = opened(name, *few), opened(name, "batch=4", *few)
    assert all(alike(a, b, 1e-4) for a, b in zip(clips(one), clips(four), strict=True))
    assert one.settings() == four.settings()


@pytest.mark.parametrize("name", MAKERS)
def test_what_it_is_and_was_told_is_recorded(name: str, opened: Open) -> None:
    door = opened(name)
    assert (door.kind, door.name) == ("generator", f"generator/{name}")
    settings = door.settings()
    assert settings["native_sample_rate"] == RATES.get(name, RATE)
    assert settings["text"].count("{words}" if name in TALKERS else "{prompt}") == 1
    assert len(settings["sha256"]) == 64
    assert (settings["seed"], settings["device"]) == (0, "cpu")
    assert settings["precision"] == "float32"
    assert {"torch", "transformers"} <= set(settings["packages"])
    if name in ("audioldm", "audioldm2", "stable-audio"):
        assert settings["steps"] == 2
        assert settings["guidance"] > 1
    rest = [f"resampled from {RATES[name]} Hz"] if name in RATES else []
    if name == "stable-audio":
        rest.insert(0, "2 channels averaged")
    notes = clips(door, ATTEMPTS[:1])[0].notes
    assert [note for note in notes if not note.startswith("brought down by ")] == rest


@pytest.mark.parametrize("name", sorted(set(MAKERS) - TALKERS))
def test_a_generator_of_sounds_makes_the_length_asked_for(name: str, opened: Open) -> None:
    (clip,) = clips(opened(name), [(ask("long", "rain", 0.3), 0)])
    assert len(clip.samples) == pytest.approx(0.3 * RATE, abs=0.02 * RATE)


def test_stable_audio_is_asked_for_no_more_than_it_can_make(opened: Open) -> None:
    (clip,) = clips(opened("stable-audio"), [(ask("long", "rain", 9.0), 0)])
    assert len(clip.samples) / RATE == pytest.approx(54 * 2048 / 44_100, abs=0.01)


@pytest.mark.parametrize("name", ["bark", "csm", "dia"])
def test_a_talker_that_does_not_end_is_stopped(name: str, opened: Open) -> None:
    (clip,) = clips(opened(name), [(ask("long", "hello", 0.3), 0)])
    assert len(clip.samples) / RATE < 0.6


@pytest.mark.parametrize("name", MAKERS)
def test_a_talker_takes_words_and_the_others_any_prompt(name: str, opened: Open) -> None:
    door = opened(name)
    assert door.covers(ask("p", "hello"))
    assert door.covers(prompt()) == (name not in TALKERS)
    wordless = SpeechTruth.model_validate({"said": [{"text": "a", "vocabulary": ["a", "b"]}]})
    assert door.covers(prompt("p", truth=wordless)) == (name not in TALKERS)


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", ["audioldm2", "musicgen", "speecht5"])
def test_half_precision_runs_and_is_recorded(name: str, precision: str, opened: Open) -> None:
    door = opened(name, f"precision={precision}")
    assert door.settings()["precision"] == precision
    clips(door, ATTEMPTS[:1])


def test_what_steers_a_generator_changes_its_clips(opened: Open) -> None:
    for name, plain, changed in (
        ("audioldm", "guidance=1", "guidance=9"),
        ("audioldm2", "steps=2", "steps=3"),
        ("stable-audio", "guidance=7", "negative=low quality"),
        ("musicgen", "top_k=250", "top_k=2"),
        ("csm", "temperature=1", "temperature=0.1"),
        ("bark", "voice=v2/en_speaker_6", "voice=none"),
    ):
        (first,) = clips(opened(name, plain), ATTEMPTS[:1])
        (second,) = clips(opened(name, changed), ATTEMPTS[:1])
        assert not alike(first, second, 1e-4), name


def test_a_text_that_a_network_cannot_read_is_its_own_failure(opened: Open) -> None:
    door = opened("vits")
    made = {t.prompt.id: t.audio for t in door.audios([(ask("odd", "日本"), 0), ATTEMPTS[3]], RATE)}
    fault = made["odd"]
    assert isinstance(fault, NoAudioError)
    assert fault.outcome is Outcome.RUNTIME_ERROR
    assert isinstance(made["yes"], Clip)
    with pytest.raises(NoAudioError):
        door.audio(ask("odd", "日本"), 0, RATE)


def test_the_door_is_opened_by_a_folder(weights: Folder) -> None:
    how = DoorOptions(name="lab/vits")
    door = open_door(f"generator/{weights('vits')}", loaded_tier(), how=how)
    assert isinstance(door, AudioSource)
    assert door.name == "lab/vits"
