"""The notes tier as data: what it promises about its prompts, and that its programs keep it."""

from __future__ import annotations

import ast
import csv
import itertools
import re
import runpy
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from probe.prompting import message
from probe.records import NoteEvent, Prompt
from probe.tiers import load

NOTES = load("notes")
BY_ID = {prompt.id: prompt for prompt in NOTES.prompts}
RECORDINGS = Path(__file__).parents[3] / "shared" / "references" / "notes" / "clips.csv"

SCORING = re.compile(
    r"scor|metric|evaluat|benchmark|toleran|accura|measur|grad(e|ing)|judg|rank|leaderboard|assess"
    r"|f1\b|\bcents?\b|compare|reference|transcri|detect|test",
    re.IGNORECASE,
)
PITCH = re.compile(r"\b([A-G])([#b]?)(\d)\b")
SEMITONES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
WAYS_TO_START = re.compile(
    r"immediately|start of the file|beginning of the file|from 0 to|silence|at 0\.\d+ seconds"
    r"|after 0\.\d+ seconds|0\.\d+ seconds into|from 0\.\d+ seconds",
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
    assert len(NOTES.prompts) >= 40
    assert list(sizes) == list(NOTES.tier.groups)
    assert len(sizes) == 5
    assert min(sizes.values()) >= 8


def test_file_order_is_id_order_and_the_first_digit_is_the_group() -> None:
    assert list(BY_ID) == sorted(BY_ID)
    groups = list(NOTES.tier.groups)
    assert all(prompt.group == groups[int(prompt.id[0]) - 1] for prompt in NOTES.prompts)


def test_levels_rise_within_a_group_and_cover_the_scale() -> None:
    for group in NOTES.tier.groups:
        levels = [prompt.level for prompt in NOTES.prompts if prompt.group == group]
        assert levels == sorted(levels)
        assert len(set(levels)) >= 3
    assert {prompt.level for prompt in NOTES.prompts} == {1, 2, 3, 4, 5}


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
        levels = [prompt.level for prompt in NOTES.prompts if prompt.group == group]
        assert f"| `{group}` | {len(levels)} | {min(levels)}–{max(levels)} |" in datasheet


# --- one prompt ----------------------------------------------------------------------------------


@every_prompt
def test_truth_is_a_playable_score(prompt: Prompt) -> None:
    notes = prompt.truth.notes
    assert 2 <= prompt.duration_s <= 8
    assert list(notes) == sorted(notes, key=lambda note: (note.onset_s, note.midi))
    for note in notes:
        assert note.midi == int(note.midi)
        assert note.offset_s - note.onset_s >= 0.09
        assert note.offset_s <= prompt.duration_s
    for pitch in {note.midi for note in notes}:
        same = [note for note in notes if note.midi == pitch]
        assert all(a.offset_s <= b.onset_s for a, b in itertools.pairwise(same))


@every_prompt
def test_the_text_names_exactly_the_pitches_of_the_truth(prompt: Prompt) -> None:
    assert named_pitches(prompt.text) == {note.midi for note in prompt.truth.notes}


@every_prompt
def test_the_text_says_when_it_begins(prompt: Prompt) -> None:
    assert WAYS_TO_START.search(prompt.text)
    first = prompt.truth.notes[0].onset_s
    assert first == 0 or f"{first:g}" in prompt.text or "second of silence" in prompt.text


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
    assert len(named) >= 8
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


def longest_stretch(note: NoteEvent, notes: Sequence[NoteEvent]) -> tuple[float, float]:
    """The longest part of a note in which no other note begins or ends."""
    edges = sorted({time for other in notes for time in (other.onset_s, other.offset_s)})
    within = [time for time in edges if note.onset_s <= time <= note.offset_s]
    return max(itertools.pairwise(within), key=lambda stretch: stretch[1] - stretch[0])


def detune_cents(
    samples: NDArray[np.float64], note: NoteEvent, others: Sequence[NoteEvent]
) -> float:
    """How far the strongest of a note's first partials is off, in cents.

    Partials that another sounding note shares are left out, but for the fundamental.
    """
    size = 1 << 20
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size), size))
    spacing = 44100 / size
    hertz = 440 * 2 ** ((note.midi - 69) / 12)
    taken = [
        k * 440 * 2 ** ((other.midi - 69) / 12)
        for other in others
        for k in range(1, 13)
        if other.midi != note.midi
    ]
    found: list[tuple[float, float]] = []
    for n in range(1, 5):
        if n > 1 and any(abs(1200 * np.log2(n * hertz / partial)) < 60 for partial in taken):
            continue
        low, high = (int(n * hertz * 2 ** (cents / 1200) / spacing) for cents in (-40, 40))
        peak = low + int(np.argmax(spectrum[low:high]))
        found.append((float(spectrum[peak]), 1200 * np.log2(peak * spacing / (n * hertz))))
    return max(found)[1]


@every_prompt
def test_a_program_plays_its_prompt(prompt: Prompt, rendered: NDArray[np.float64]) -> None:
    assert 0.3 <= np.max(np.abs(rendered)) <= 0.9
    assert abs(rendered.mean()) < 0.01

    notes = prompt.truth.notes
    time = np.arange(rendered.size) / 44100
    asked = np.zeros(rendered.size, dtype=bool)
    for note in notes:
        asked |= (time >= note.onset_s) & (time < note.offset_s + 0.1)
    assert np.max(np.abs(rendered[~asked]), initial=0) < 10 ** (-50 / 20)

    level = np.sqrt(np.convolve(rendered**2, np.full(220, 1 / 220), mode="same"))
    limit = 0.04 if "fades in" in prompt.text else 0.025
    for note in notes:
        start = round(note.onset_s * 44100)
        attack = level[start : start + round(0.09 * 44100)]
        assert np.argmax(attack > 0.3 * attack.max()) <= limit * 44100

        start, end = longest_stretch(note, notes)
        sounding = [other for other in notes if other.onset_s < end and start < other.offset_s]
        alone = rendered[round((start + 0.01) * 44100) : round((end - 0.005) * 44100)]
        assert abs(detune_cents(alone, note, sounding)) < 3, f"MIDI {note.midi:g} at {note.onset_s}"
