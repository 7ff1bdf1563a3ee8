"""Set metrics against recordings: real before programs before noise, and further when spoilt."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest
import soundfile
from rich.console import Console

from probe.display import Display
from probe.records.references import Recording, References
from probe.validity import judge, markdown, sets
from probe.validity.material import Material
from probe.validity.measuring import Measured
from probe.validity.report import failures
from tests.validity import trial

DISPLAY = Display(Console(file=io.StringIO()))


def voice(number: int, *, breath: float) -> np.ndarray:
    """A tone of many harmonics over some noise, each a little different."""
    random = np.random.default_rng(number)
    time_s = np.arange(trial.RATE) / trial.RATE
    hertz = 100 * 2 ** random.uniform(0, 1.5)
    tone = sum(np.sin(2 * np.pi * k * hertz * time_s) / k for k in range(1, 30))
    return 0.1 * tone + breath * random.standard_normal(trial.RATE)


def material(folder: Path, *, breath: float = 0.0005) -> Material:
    """Programs that sound much like the recordings, but for some more noise."""
    clips = []
    for number in range(24):
        path = folder / f"{number}.wav"
        soundfile.write(path, voice(number, breath=0.0002), trial.RATE, subtype="FLOAT")
        clips.append(Recording(path=path, label="voice", text="", midi=None, sha256="0" * 64))
    digest = hashlib.sha256(str(folder).encode()).hexdigest()
    loaded = trial.tier(["note_f1", "fd/logmel", "fad/vggish"])
    programs = {
        p.id: np.rint(32767 * np.clip(voice(100 + i, breath=breath), -1, 1)).astype(np.int16)
        for i, p in enumerate(loaded.prompts)
    }
    return Material(
        loaded=loaded, programs=programs, references=References(folder, tuple(clips), digest)
    )


def test_a_distance_that_works_is_told_so(tmp_path: Path) -> None:
    there = material(tmp_path)
    (found,) = sets.try_sets(there, DISPLAY)
    assert found.metric.name == "fd/logmel", "fad/vggish has no weights here"
    assert set(found.rungs) == {"real", "program", "noise", "silence"}
    assert found.order["program", "noise"]
    assert found.order["program", "silence"]
    assert {fall.damage for fall in found.falls} == set(sets.HARMED_BY)
    assert all(fall.holds for fall in found.falls), found.falls
    text = markdown(judge(there, Measured(), sets=(found,)))
    assert "## Sets" in text
    assert "### `fd/logmel` ↓" in text
    assert "`fad/vggish` (needs references)" in text


def test_programs_like_noise_are_told(tmp_path: Path) -> None:
    there = material(tmp_path, breath=0.5)
    found = sets.try_sets(there, DISPLAY)
    assert found[0].order["real", "program"]
    assert not found[0].order["program", "noise"]
    told = failures(judge(there, Measured(), sets=found))
    assert "`fd/logmel`: hand-written programs, not clearly nearer than noise" in told


@pytest.mark.parametrize(
    ("values", "holds"),
    [
        ((2.0, 4.0, 6.0, 9.0), True),
        ((2.0, 1.8, 6.0, 9.0), True),
        ((2.0, 1.5, 6.0, 9.0), False),
        ((1.1, 1.2, 1.3, 1.4), False),
    ],
)
def test_a_distance_must_grow(values: tuple[float, ...], holds: bool) -> None:
    found = sets._fall("low-pass", 1.0, values, worst=11.0)
    assert found.holds is holds


def test_without_references_there_is_nothing_to_try() -> None:
    assert sets.try_sets(trial.material(["note_f1", "fd/logmel"]), DISPLAY) == ()
