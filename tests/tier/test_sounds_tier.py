"""The sounds tier as data: what it promises about its prompts, and that its programs keep it."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from probe.audio import read_recording
from probe.models.controls import Noise
from probe.records import Prompt, SoundsTruth
from probe.records.truths.sound_classes import sound_class, sound_classes
from probe.score.metrics.sounds.measure import score_sounds
from probe.tier.folder import load
from probe.tier.template import message

SOUNDS = load("sounds")
PROGRAMS = {path.stem: path for path in (SOUNDS.folder / "programs").glob("*.py")}
RATE = SOUNDS.tier.sample_rate
SCORING = re.compile(
    r"scor|metric|evaluat|benchmark|toleran|accura|measur|judg|rank|leaderboard|assess|\bf1\b"
    r"|reference|transcri|detect|likeness|recogni",
    re.IGNORECASE,
)
NAMED = re.compile(
    r"\b(bark|dog|rooster|crow|pig|cow|moo|frog|cat|meow|hen|sheep|bleat|rain|thunder|cough|sneez"
    r"|clap|knock|siren|horn|helicopter|chainsaw|saw|bell|laugh|snor|footstep|typ(e|ing)|glass"
    r"|slam|engine|train|firework|cricket|flush|creak|sip|drip|alarm|tick|brush)s?(ing)?\b",
    re.IGNORECASE,
)
# One of each group and level, and all that is measured against physics.
SAMPLE = (
    *("101-wind", "144-rooster", "203-bark-then-bell", "304-birds-and-airplane"),
    *("405-three-knocks-half-second", "419-clap-hall", "424-ball-bounce", "430-two-rooms"),
    *("432-train-whistle-passing", "519-burglar"),
)


def truth_of(prompt: Prompt) -> SoundsTruth:
    assert isinstance(prompt.truth, SoundsTruth)
    return prompt.truth


def each(prompt: Prompt) -> str:
    return prompt.id


every_prompt = pytest.mark.parametrize("prompt", SOUNDS.prompts, ids=each)


# --- the set -------------------------------------------------------------------------------------


def test_size_and_groups() -> None:
    sizes = Counter(prompt.group for prompt in SOUNDS.prompts)
    assert len(SOUNDS.prompts) >= 140
    assert list(sizes) == list(SOUNDS.tier.groups)
    assert min(sizes.values()) >= 20


def test_every_class_of_esc_50_is_asked_for_once_alone() -> None:
    alone = [p.truth.labels for p in SOUNDS.prompts if p.group == "single-events"]
    assert sorted(alone) == sorted((name,) for name in list(sound_classes())[:50])


def test_ids_groups_and_levels_go_together() -> None:
    ids = [prompt.id for prompt in SOUNDS.prompts]
    groups = list(SOUNDS.tier.groups)
    assert ids == sorted(ids)
    assert all(prompt.group == groups[int(prompt.id[0]) - 1] for prompt in SOUNDS.prompts)
    for group in groups:
        levels = [prompt.level for prompt in SOUNDS.prompts if prompt.group == group]
        assert levels == sorted(levels)
        assert len(set(levels)) >= 3
    assert {prompt.level for prompt in SOUNDS.prompts} == {1, 2, 3, 4, 5}


def test_texts_are_unique() -> None:
    words = [" ".join(re.findall(r"\w+", prompt.text.lower())) for prompt in SOUNDS.prompts]
    assert len(set(words)) == len(words)


def test_the_hard_prompts_ask_for_what_is_hard() -> None:
    hard = [truth_of(prompt) for prompt in SOUNDS.prompts if prompt.level >= 4]
    assert sum(truth.passing is not None for truth in hard) >= 4
    assert sum(bool(truth.decays) for truth in hard) >= 5
    assert sum(5 <= truth.number <= 9 for truth in hard) >= 8
    assert sum(len(truth.runs) >= 3 for truth in hard if truth.ordered) >= 12
    assert sum(len(truth.labels) >= 3 for truth in hard if truth.timed) >= 8


def test_sizes_in_the_datasheet() -> None:
    datasheet = (SOUNDS.folder / "README.md").read_text(encoding="utf-8")
    assert f"{len(SOUNDS.prompts)} prompts" in datasheet
    assert f"{len(PROGRAMS)} programs" in datasheet
    for group in SOUNDS.tier.groups:
        levels = [prompt.level for prompt in SOUNDS.prompts if prompt.group == group]
        assert f"| `{group}` | {len(levels)} | {min(levels)}–{max(levels)} |" in datasheet


# --- one prompt ----------------------------------------------------------------------------------


@every_prompt
def test_truth_can_be_met(prompt: Prompt) -> None:
    truth = truth_of(prompt)
    assert 4 <= prompt.duration_s <= 10
    starts = [mark.onset_s or 0.0 for mark in truth.marks]
    assert all(b - a >= 0.2 for a, b in itertools.pairwise(starts))
    for mark in truth.marks:
        assert (mark.onset_s or 0.0) + 0.5 <= prompt.duration_s
    for event in truth.decays:
        assert 0.5 * (event.decay_s or 0.0) + (event.onset_s or 0.0) <= prompt.duration_s


@every_prompt
def test_the_text_states_every_time(prompt: Prompt) -> None:
    """Onsets stand in the text, but for those that follow by a rule that it gives."""
    truth = truth_of(prompt)
    rule = re.search(
        r"interval|second apart|seconds apart|once a second|once a minute", prompt.text
    )
    spoken = prompt.text.replace("half a second", "0.5")
    stated = {float(number) for number in re.findall(r"\d+(?:\.\d+)?", spoken)}
    for mark in truth.marks[: 1 if rule else None]:
        assert mark.onset_s in stated
    for event in truth.decays:
        assert event.decay_s in stated
    if truth.passing is not None:
        passing = truth.passing
        assert {passing.speed_m_s, passing.distance_m, passing.closest_s} <= stated
        assert passing.source_hz in stated


@every_prompt
def test_the_message_is_complete_and_hints_at_no_scoring(prompt: Prompt) -> None:
    words = message(SOUNDS, prompt)
    assert prompt.text in words
    assert f"exactly {prompt.duration_s:g} seconds" in words
    for needed in ("/out/output.wav", "44100 Hz", "16-bit", "mono", "numpy", "pyo", "```python"):
        assert needed in words
    assert not SCORING.search(words)


def test_scenes_do_not_name_their_sounds() -> None:
    named = {
        prompt.id: found.group()
        for prompt in SOUNDS.prompts
        if prompt.group == "scenes" and (found := NAMED.search(prompt.text))
    }
    # A wine glass that is dropped is a thing here, not a sound.
    assert named == {"504-clumsy-guest": "glass"}


# --- the programs --------------------------------------------------------------------------------


def test_programs_cover_every_group_and_level() -> None:
    with_one = [prompt for prompt in SOUNDS.prompts if prompt.id in PROGRAMS]
    assert len(with_one) == len(PROGRAMS) >= 60
    assert {prompt.group for prompt in with_one} == set(SOUNDS.tier.groups)
    assert {prompt.level for prompt in with_one} == {1, 2, 3, 4, 5}
    assert set(SAMPLE) <= set(PROGRAMS)


@pytest.mark.parametrize("path", PROGRAMS.values(), ids=lambda path: path.stem)
def test_a_program_says_its_technique_and_stands_alone(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source, feature_version=(3, 11))
    technique = ast.get_docstring(tree)
    assert technique
    assert "\n" not in technique
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else name.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= {"numpy", "scipy", "soundfile"}
    assert source.count('"/out/output.wav"') == 1
    assert "default_rng()" not in source
    assert ".read(" not in source, "no stored audio"


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The sampled programs' audio, rendered in one process."""
    folder = tmp_path_factory.mktemp("rendered")
    texts = [
        PROGRAMS[name].read_text(encoding="utf-8").replace("/out/", f"{folder}/{name}-")
        for name in SAMPLE
    ]
    every = "".join(f"exec(compile({text!r}, 'program', 'exec'), {{}})\n" for text in texts)
    subprocess.run([sys.executable, "-c", every], check=True, capture_output=True, timeout=240)
    return {name: read_recording(folder / f"{name}-output.wav", RATE) for name in SAMPLE}


def by_id(name: str) -> Prompt:
    return next(prompt for prompt in SOUNDS.prompts if prompt.id == name)


def score(name: str, clip: np.ndarray) -> float:
    prompt = by_id(name)
    length = round(prompt.duration_s * RATE)
    fitted = np.pad(clip, (0, max(0, length - len(clip))))[:length]
    return score_sounds(truth_of(prompt), fitted, RATE)["event_score"].value


def test_programs_meet_their_prompts_and_no_others(rendered: dict[str, np.ndarray]) -> None:
    right = {name: score(name, clip) for name, clip in rendered.items()}
    assert min(right.values()) > 0.75, right
    shifted = [*SAMPLE[1:], SAMPLE[0]]
    wrong = {
        name: score(name, rendered[other]) for name, other in zip(SAMPLE, shifted, strict=True)
    }
    assert all(wrong[name] < right[name] for name in SAMPLE), wrong
    assert np.mean(list(wrong.values())) < 0.4
    noise = {name: score(name, Noise().audio(by_id(name), 0, RATE)) for name in SAMPLE}
    assert all(noise[name] < right[name] for name in SAMPLE), noise
    assert np.mean(list(noise.values())) < 0.15


def test_programs_keep_format_and_length(rendered: dict[str, np.ndarray]) -> None:
    for name, clip in rendered.items():
        assert len(clip) == round(by_id(name).duration_s * RATE)
        assert 0.5 <= np.abs(clip).max() <= 0.9


def test_one_sound_for_every_prompt_does_not_score(rendered: dict[str, np.ndarray]) -> None:
    for always in ("101-wind", "203-bark-then-bell"):
        others = [score(name, rendered[always]) for name in SAMPLE if name != always]
        assert np.mean(others) < 0.4


def test_what_the_datasheet_says_of_a_class_is_a_sentence() -> None:
    for known in sound_classes().values():
        assert known.why.endswith(".")
        assert known.caption
    assert sound_class("dog").measured
