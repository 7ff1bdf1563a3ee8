"""The speech tier as data: what it promises about its prompts, and that its programs keep it."""

from __future__ import annotations

import ast
import re
import resource
import runpy
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from probe.records import Prompt, SpeechTruth
from probe.records.metrics import Clip
from probe.score.metrics import score_clip
from probe.score.metrics.speech.vowels import MEANS
from probe.score.metrics.speech.words import unknown_words
from probe.tier.folder import load

SPEECH = load("speech")
BY_ID = {prompt.id: prompt for prompt in SPEECH.prompts}
PROGRAMS = {path.stem: path for path in (SPEECH.folder / "programs").glob("*.py")}
RATE = SPEECH.tier.sample_rate
SCORING = re.compile(
    r"\bscor(e[ds]|ing)|metric|evaluat|benchmark|toleran|accura|measur|grade[ds]|judg|rank|recogni[sz]"
    r"|transcri|detect",
    re.IGNORECASE,
)
IMPORTS = {"numpy", "scipy", "scipy.io", "scipy.signal", "soundfile", "pyo", "wave"}
SAMPLE = [
    "105-eh-man",
    "119-man-then-child",
    "207-we-man",
    "319-wah",
    "406-five",
    "506-yellow",
    "607-red-boat",
    "702-yes-question",
    "717-laugh-five",
]


def truth(prompt: Prompt) -> SpeechTruth:
    assert isinstance(prompt.truth, SpeechTruth)
    return prompt.truth


every_prompt = pytest.mark.parametrize("prompt", SPEECH.prompts, ids=lambda prompt: prompt.id)


# --- the set -------------------------------------------------------------------------------------


def test_size_and_groups() -> None:
    sizes = Counter(prompt.group for prompt in SPEECH.prompts)
    assert len(SPEECH.prompts) >= 120
    assert list(sizes) == list(SPEECH.tier.groups)
    assert len(sizes) == 7
    assert min(sizes.values()) >= 15


def test_file_order_is_id_order_and_the_first_digit_is_the_group() -> None:
    assert list(BY_ID) == sorted(BY_ID)
    groups = list(SPEECH.tier.groups)
    assert all(prompt.group == groups[int(prompt.id[0]) - 1] for prompt in SPEECH.prompts)


def test_every_level_has_prompts_of_several_groups() -> None:
    for level in range(1, 6):
        groups = {prompt.group for prompt in SPEECH.prompts if prompt.level == level}
        assert len(groups) >= 3
    levels = Counter(prompt.level for prompt in SPEECH.prompts)
    assert levels[4] + levels[5] >= 40


def test_texts_differ() -> None:
    texts = [re.sub(r"\W+", " ", prompt.text.lower()) for prompt in SPEECH.prompts]
    assert len(set(texts)) == len(texts)


def test_the_twelve_vowels_are_all_held_with_the_means_of_their_speakers() -> None:
    held = [truth(p).vowels[0] for p in SPEECH.prompts if p.id < "113"]
    assert {vowel.phone for vowel in held} == set(MEANS["man"])
    for vowel in held:
        assert (vowel.f1_hz, vowel.f2_hz) == MEANS[vowel.voice][vowel.phone or ""][:2]
        assert vowel.f0_hz is not None


def test_consonants_of_every_class_are_asked_for() -> None:
    phones = {p for prompt in SPEECH.prompts if prompt.id[0] == "3" for p in truth(prompt).phones}
    for kind in ("P T K", "B D G", "M N NG", "F TH S SH", "V Z", "CH JH", "L R W"):
        assert set(kind.split()) <= phones


# --- each prompt ---------------------------------------------------------------------------------


@every_prompt
def test_the_text_names_what_is_said_and_every_stated_figure(prompt: Prompt) -> None:
    words = re.sub(r"[^a-z' ]+", " ", prompt.text.lower()).split()
    asked = truth(prompt)
    if asked.text:
        assert set(asked.text.split()) <= set(words)
    for said in asked.said:
        if said.f0_hz:
            assert f"{said.f0_hz:g} Hz" in prompt.text
    for point in asked.contour:
        assert f"{point.hertz:g} Hz" in prompt.text
    for vowel in asked.vowels:
        if vowel.f0_hz and prompt.id != "118-four-front":
            assert f"{vowel.f0_hz:g} Hz" in prompt.text


def test_nothing_is_said_of_how_it_is_listened_to() -> None:
    around = [path.read_text(encoding="utf-8") for path in SPEECH.folder.glob("prompt*.md")]
    assert around
    for text in (*around, *(prompt.text for prompt in SPEECH.prompts)):
        assert not SCORING.search(text)


def test_every_word_can_be_heard() -> None:
    words = {w for p in SPEECH.prompts for said in truth(p).said for w in said.vocabulary}
    assert unknown_words(sorted(words)) == []


def test_rivals_are_many_enough_for_chance_to_be_small() -> None:
    for prompt in SPEECH.prompts:
        for said in truth(prompt).said:
            assert len(said.rivals) >= 8 or len(said.vocabulary) >= 10


# --- the programs --------------------------------------------------------------------------------


def test_programs_are_spread_over_all_groups() -> None:
    groups = Counter(BY_ID[name].group for name in PROGRAMS)
    assert len(PROGRAMS) >= 60
    assert set(groups) == set(SPEECH.tier.groups)
    assert min(groups.values()) >= 10


@pytest.mark.parametrize("name", sorted(PROGRAMS))
def test_a_program_reads_nothing_and_imports_only_what_the_sandbox_has(name: str) -> None:
    source = PROGRAMS[name].read_text(encoding="utf-8")
    tree = ast.parse(source)
    imported = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= IMPORTS
    assert ast.get_docstring(tree)
    assert source.count("/out/output.wav") == 1
    assert not re.search(r"\b(open|eval|exec|read|frombuffer|b64decode)\(", source)
    assert len(source) < 16_000


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NDArray[np.float64]]:
    """Audio of a sample of the programs, run here."""
    folder = tmp_path_factory.mktemp("programs")
    return {name: render(name, folder) for name in SAMPLE}


def render(name: str, folder: Path) -> NDArray[np.float64]:
    out, path = folder / "output.wav", folder / f"{name}.py"
    source = PROGRAMS[name].read_text(encoding="utf-8")
    path.write_text(source.replace("/out/output.wav", str(out)), encoding="utf-8")
    before = resource.getrusage(resource.RUSAGE_SELF)
    runpy.run_path(str(path))
    after = resource.getrusage(resource.RUSAGE_SELF)
    assert after.ru_utime - before.ru_utime < 10
    samples, rate = soundfile.read(out)
    assert rate == RATE
    assert samples.shape == (round(BY_ID[name].duration_s * RATE),)
    return np.asarray(samples)


def test_programs_are_deterministic(
    rendered: dict[str, NDArray[np.float64]], tmp_path: Path
) -> None:
    assert np.array_equal(render("406-five", tmp_path), rendered["406-five"])


def match(name: str, samples: NDArray[np.float64]) -> float:
    count = round(BY_ID[name].duration_s * RATE)
    samples = np.pad(samples, (0, count))[:count]
    clip = Clip(BY_ID[name], samples, RATE)
    return float(score_clip(["speech_match"], clip)["speech_match"].value)


def test_programs_do_what_they_are_asked_and_not_what_others_are(
    rendered: dict[str, NDArray[np.float64]],
) -> None:
    own = [match(name, rendered[name]) for name in SAMPLE]
    other = [match(a, rendered[b]) for a, b in zip(SAMPLE, SAMPLE[1:] + SAMPLE[:1], strict=True)]
    assert min(own) >= 0.6
    assert np.mean(own) >= 0.85
    assert np.mean(other) <= 0.15


def test_one_sound_for_every_prompt_does_not_score(
    rendered: dict[str, NDArray[np.float64]],
) -> None:
    ids = list(BY_ID)[::7]
    assert np.mean([match(name, rendered["506-yellow"]) for name in ids]) <= 0.15
