"""The notes tier as data: what it promises about its prompts, and that its programs keep it."""

from __future__ import annotations

import ast
import csv
import itertools
import json
import re
import runpy
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from probe.records import Prompt
from probe.score.metrics.notes.measure import score_all
from probe.tier.folder import load
from probe.tier.template import message

NOTES = load("notes")
BY_ID = {prompt.id: prompt for prompt in NOTES.prompts}
RECORDINGS = Path(__file__).parents[3] / "shared" / "references" / "notes" / "clips.csv"

SCORING = re.compile(
    r"scor|metric|evaluat|benchmark|toleran|accura|measur|grad(e|ing)|judg|rank|leaderboard|assess"
    r"|f1\b|compare|reference|transcri|detect|\btest",
    re.IGNORECASE,
)
PITCH = re.compile(r"\b([A-G])([#b]?)(\d)\b")
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
WAYS_TO_START = re.compile(
    r"immediately|start of the file|beginning of the file|from 0 to|silence|at 0\.\d+ seconds"
    r"|after 0\.\d+ seconds|0\.\d+ seconds into|from 0\.\d+ (seconds|to)|at 0(,|\.\d)|from 0\.",
    re.IGNORECASE,
)


def named_pitches(text: str) -> set[int]:
    """MIDI numbers of every pitch a text names, and of those between where it says "every"."""
    found = {
        SEMITONES[letter] + {"#": 1, "b": -1, "": 0}[sign] + 12 * (int(octave) + 1)
        for letter, sign, octave in PITCH.findall(text)
    }
    found |= {int(number) for number in re.findall(r"MIDI note (\d+)", text)}
    if "every semitone" in text:
        found = set(range(min(found), max(found) + 1))
    return found


def each(prompt: Prompt) -> str:
    return prompt.id


every_prompt = pytest.mark.parametrize("prompt", NOTES.prompts, ids=each)


# --- the set -------------------------------------------------------------------------------------


def test_size_and_groups() -> None:
    sizes = Counter(prompt.group for prompt in NOTES.prompts)
    assert len(NOTES.prompts) >= 120
    assert list(sizes) == list(NOTES.tier.groups)
    assert len(sizes) == 6
    assert min(sizes.values()) >= 20


def test_file_order_is_id_order_and_the_first_digit_is_the_group() -> None:
    assert list(BY_ID) == sorted(BY_ID)
    groups = list(NOTES.tier.groups)
    assert all(prompt.group == groups[int(prompt.id[0]) - 1] for prompt in NOTES.prompts)


def test_every_group_goes_from_easy_to_hard() -> None:
    for group in NOTES.tier.groups:
        levels = Counter(prompt.level for prompt in NOTES.prompts if prompt.group == group)
        assert sorted(levels) == [1, 2, 3, 4, 5]
    hard = [prompt for prompt in NOTES.prompts if prompt.level >= 4]
    assert len(hard) >= 50


def test_texts_are_unique() -> None:
    words = [" ".join(re.findall(r"\w+", prompt.text.lower())) for prompt in NOTES.prompts]
    assert len(set(words)) == len(words)


def test_pitches_span_the_piano() -> None:
    pitches = {note.midi for prompt in NOTES.prompts for note in prompt.truth.notes}
    assert (min(pitches), max(pitches)) == (21, 108)


def test_sizes_in_the_datasheet() -> None:
    datasheet = (NOTES.folder / "README.md").read_text(encoding="utf-8")
    assert f"{len(NOTES.prompts)} prompts" in datasheet
    for group in NOTES.tier.groups:
        levels = Counter(prompt.level for prompt in NOTES.prompts if prompt.group == group)
        row = " | ".join(str(levels[level]) for level in range(1, 6))
        assert f"| `{group}` | {levels.total()} | {row} |" in datasheet


# --- one prompt ----------------------------------------------------------------------------------


@every_prompt
def test_truth_is_a_playable_score(prompt: Prompt) -> None:
    notes = prompt.truth.notes
    assert 2 <= prompt.duration_s <= 20
    assert list(notes) == sorted(notes, key=lambda note: (note.onset_s, note.midi))
    for note in notes:
        assert note.midi == int(note.midi) or prompt.truth.exact_pitch or "Hz" in prompt.text
        assert note.offset_s - note.onset_s >= 0.09
        assert note.offset_s <= prompt.duration_s
    for pitch in {note.midi for note in notes}:
        same = [note for note in notes if note.midi == pitch]
        assert all(a.offset_s <= b.onset_s + 1e-9 for a, b in itertools.pairwise(same))


@every_prompt
def test_notes_that_begin_together_are_not_on_each_others_harmonics(prompt: Prompt) -> None:
    """They merge into one tone, and nobody can tell whether both were played."""
    for low, high in itertools.permutations(prompt.truth.notes, 2):
        if high.midi > low.midi and abs(high.onset_s - low.onset_s) < 0.05:
            ratio = 2 ** ((high.midi - low.midi) / 12)
            assert abs(ratio / round(ratio) - 1) > 0.02


PLAIN = [
    prompt
    for prompt in NOTES.prompts
    if prompt.truth.notes and all(note.midi == int(note.midi) for note in prompt.truth.notes)
]


@pytest.mark.parametrize("prompt", PLAIN, ids=each)
def test_the_text_names_exactly_the_pitches_of_the_truth(prompt: Prompt) -> None:
    assert named_pitches(prompt.text) == {note.midi for note in prompt.truth.notes}


@every_prompt
def test_the_text_says_when_it_begins(prompt: Prompt) -> None:
    assert WAYS_TO_START.search(prompt.text)
    first = min(
        [note.onset_s for note in prompt.truth.notes]
        + [bend.start_s for bend in prompt.truth.bends]
        + [hit.onset_s for hit in prompt.truth.hits],
        default=0.0,
    )
    words = {0.25: "a quarter of a second", 0.5: "half a second", 1.0: "one second of silence"}
    said = prompt.text.lower()
    assert first == 0 or f"{first:g}" in said or words.get(first, "second of silence") in said


@every_prompt
def test_the_message_is_complete_and_hints_at_no_scoring(prompt: Prompt) -> None:
    words = message(NOTES, prompt)
    assert prompt.text in words
    assert f"exactly {prompt.duration_s:g} seconds" in words
    for needed in ("/out/output.wav", "44100 Hz", "16-bit", "mono", "numpy", "pyo", "```python"):
        assert needed in words
    assert not SCORING.search(words)


def test_the_words_that_hint_at_scoring_are_recognised() -> None:
    assert SCORING.search("Your pitch accuracy will be measured.")


def test_instruments_are_asked_for_one_note_at_a_time() -> None:
    named = [prompt for prompt in NOTES.prompts if prompt.truth.instrument]
    assert len(named) >= 12
    for prompt in named:
        (note,) = prompt.truth.notes
        assert note.onset_s == 0
        assert note.offset_s <= 3.5


@pytest.mark.skipif(not RECORDINGS.is_file(), reason="shared/references is not beside the checkout")
def test_instruments_fit_real_recordings() -> None:
    with RECORDINGS.open(encoding="utf-8", newline="") as table:
        recorded = {(row["label"], float(row["midi"])) for row in csv.DictReader(table)}
    named = [prompt.truth for prompt in NOTES.prompts if prompt.truth.instrument]
    assert {(truth.instrument, truth.notes[0].midi) for truth in named} <= recorded


# --- the programs --------------------------------------------------------------------------------


def source_of(prompt: Prompt) -> str:
    return (NOTES.folder / "programs" / f"{prompt.id}.py").read_text(encoding="utf-8")


def test_every_prompt_has_a_program_and_every_program_a_prompt() -> None:
    assert {path.stem for path in (NOTES.folder / "programs").glob("*.py")} == set(BY_ID)


def test_some_programs_use_pyo() -> None:
    assert sum("from pyo import" in source_of(prompt) for prompt in NOTES.prompts) >= 6


@every_prompt
def test_a_program_says_its_technique_and_stands_alone(prompt: Prompt) -> None:
    source = source_of(prompt)
    tree = ast.parse(source, feature_version=(3, 11))
    technique = ast.get_docstring(tree)
    assert technique
    assert "\n" not in technique
    assert len(source.splitlines()) <= 90
    imported = {
        (node.module or "" if isinstance(node, ast.ImportFrom) else name.name).split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    assert imported <= {"numpy", "scipy", "soundfile", "pyo"} | set(sys.stdlib_module_names)
    assert "default_rng()" not in source


@pytest.fixture
def rendered(prompt: Prompt, tmp_path: Path) -> NDArray[np.float64]:
    """Run a prompt's program with its output in `tmp_path`; checks the file's format."""
    output = tmp_path / "output.wav"
    source = source_of(prompt)
    assert source.count('"/out/output.wav"') == 1
    program = tmp_path / "program.py"
    program.write_text(source.replace("/out/output.wav", str(output)), encoding="utf-8")
    if "pyo" in source:  # its server is global state, and it talks
        subprocess.run([sys.executable, program], check=True, capture_output=True, timeout=60)
    else:
        runpy.run_path(str(program), run_name="__main__")
    info = soundfile.info(output)
    assert (info.samplerate, info.channels, info.subtype) == (44100, 1, "PCM_16")
    assert info.frames == round(prompt.duration_s * 44100)
    return soundfile.read(output)[0]


@pytest.mark.parametrize("prompt", NOTES.prompts[::5], ids=each)
def test_a_program_plays_its_prompt(prompt: Prompt, rendered: NDArray[np.float64]) -> None:
    """A sample of them; all are rendered and scored in the published run."""
    assert np.max(np.abs(rendered)) <= 0.95
    assert abs(rendered.mean()) < 0.01
    assert score_all(prompt.truth, rendered, 44100)["note_score"].value > 0.85

    if prompt.truth.notes:
        time = np.arange(rendered.size) / 44100
        asked = np.zeros(rendered.size, dtype=bool)
        for note in prompt.truth.notes:
            asked |= (time >= note.onset_s) & (time < note.offset_s + 0.1)
        assert np.max(np.abs(rendered[~asked]), initial=0) < 10 ** (-50 / 20)


def test_the_published_run_of_the_programs_scores_as_the_datasheet_says() -> None:
    rows = Path(__file__).parents[2] / "results" / "notes" / "builtin--programs" / "scores.jsonl"
    found = [json.loads(line) for line in rows.read_text(encoding="utf-8").splitlines()]
    scores = {row["prompt"]: row["value"] for row in found if row["metric"] == "note_score"}
    assert set(scores) == set(BY_ID)
    assert np.mean([*scores.values()]) > 0.97
    chords = [scores[p.id] for p in NOTES.prompts if p.group == "intervals-chords"]
    assert np.mean(chords) >= 0.9
