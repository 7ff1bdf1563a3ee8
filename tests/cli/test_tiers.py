"""``probe tiers`` as a person meets it: what is printed, exit codes, one line per error."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from probe.cli.app import main
from probe.records import Prompt
from probe.tier.folder import load, names
from probe.tier.generate import write_generated
from probe.tier.template import message
from tests.fakes.tiers import prompt as make_prompt
from tests.tier.test_folder import NOTE, PROMPT, write

PROGRAM = """\
import numpy as np
import soundfile as sf

sf.write("/out/output.wav", np.zeros(88200), 44100)
"""


@pytest.fixture
def probe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run the command line in this process: exit code, standard output, standard error."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["probe", *arguments])
        code = 0
        try:
            main()
        except SystemExit as ending:
            code = int(ending.code or 0)
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


Probe = Callable[..., tuple[int, str, str]]


def a_tier(folder: Path, *prompts: dict[str, Any], programs: Sequence[str] = ("a4",)) -> str:
    """A small tier with programs."""
    path = write(folder, *prompts)
    (folder / "programs").mkdir()
    for name in programs:
        (folder / "programs" / f"{name}.py").write_text(PROGRAM)
    (folder / "README.md").write_text("# tones\n")
    return path


# --- list and show -------------------------------------------------------------------------------


def test_list_names_every_tier(probe: Probe) -> None:
    code, out, _ = probe("tiers", "list")
    assert code == 0
    for name in names():
        loaded = load(name)
        assert f"{name} {loaded.tier.version}  {loaded.tier.title}" in out
        assert loaded.tier.digest[:12] in out
        assert f"{loaded.tier.primary_metric} (primary)" in out
        assert f"{len(loaded.prompts)} prompts" in out


def test_list_as_json_has_the_figures(probe: Probe) -> None:
    code, out, _ = probe("tiers", "list", "--json")
    assert code == 0
    tiers = {row["name"]: row for row in json.loads(out)}
    assert sorted(tiers) == names()
    for name, row in tiers.items():
        loaded = load(name)
        assert row["digest"] == loaded.tier.digest
        assert row["prompts"] == sum(row["groups"].values()) == sum(row["levels"].values())
        assert row["metrics"] == list(loaded.tier.metrics)


def test_show_a_tier(probe: Probe, tmp_path: Path) -> None:
    path = a_tier(tmp_path / "tones", PROMPT, PROMPT | {"id": "b4", "text": "Another. " * 20})
    code, out, _ = probe("tiers", "show", path)
    assert code == 0
    assert "tones 1.0.0: Tones" in out
    assert "2 prompts, 1 with a program; 4 s of audio at 44100 Hz" in out
    assert "single (2)  One note" in out
    assert "note_f1 (primary)" in out
    assert " *a4  1  2    A tone." in out
    assert "  b4  1  2    Another. Another." in out
    assert "…" in out


def test_show_a_prompt_says_what_is_sent_and_what_is_true(probe: Probe, tmp_path: Path) -> None:
    notes = [NOTE, {"midi": 59.86, "onset_s": 1.0, "offset_s": 1.5, "velocity": 30}]
    path = a_tier(tmp_path / "tones", PROMPT | {"truth": {"notes": notes, "instrument": "piano"}})
    code, out, _ = probe("tiers", "show", path, "a4")
    assert code == 0
    loaded = load(path)
    assert message(loaded, loaded.prompts[0]) in out
    assert "0–1 s  A4  velocity 80" in out
    assert "1–1.5 s  C4 -14 cents  velocity 30" in out
    assert "instrument: piano" in out
    assert f"program  {tmp_path}/tones/programs/a4.py" in out
    data = json.loads(probe("tiers", "show", path, "a4", "--json")[1])
    assert data["truth"]["notes"][0]["midi"] == 69
    assert data["program"].endswith("a4.py")
    assert data["metrics"] == ["note_f1", "fd/logmel"]


@pytest.mark.parametrize("name", names())
def test_every_prompt_that_comes_along_can_be_shown(name: str) -> None:
    from probe.tier.description import prompt_facts, prompt_text

    loaded = load(name)
    for prompt in loaded.prompts:
        words = prompt_text(loaded, prompt)
        assert prompt.text.splitlines()[0] in words
        assert "Record" not in words
        json.dumps(prompt_facts(loaded, prompt))


def test_what_is_unknown_names_the_closest(probe: Probe, tmp_path: Path) -> None:
    path = a_tier(tmp_path / "tones", PROMPT | {"id": "a4-sine"}, programs=())
    assert probe("tiers", "show", path, "a4-sin") == (
        *(2, ""),
        "probe: unknown prompt 'a4-sin'; did you mean 'a4-sine'?\n",
    )
    code, out, err = probe("tiers", "show", "nots")
    assert (code, out) == (2, "")
    assert "did you mean 'notes'" in err


# --- validate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", names())
def test_tiers_that_come_along_are_valid(probe: Probe, name: str) -> None:
    code, out, err = probe("tiers", "validate", name)
    assert (code, err) == (0, ""), out + err
    assert "nothing wrong" in out


def test_a_program_that_is_missing_is_told_and_no_error(probe: Probe, tmp_path: Path) -> None:
    path = a_tier(tmp_path / "tones", PROMPT, PROMPT | {"id": "b4", "text": "Another."})
    code, out, _ = probe("tiers", "validate", path)
    assert code == 0
    assert "remark: tones/programs: 1 of 2 prompts have no program (b4)" in out
    assert "tones: 2 prompts, nothing wrong" in out


def test_validate_tells_every_fault_at_once(probe: Probe, tmp_path: Path) -> None:
    prompts = [PROMPT, PROMPT | {"id": "b4", "text": "A  tone!", "levle": 2}]
    path = a_tier(tmp_path / "tones", *prompts, programs=("a4", "a5"))
    folder = tmp_path / "tones" / "programs"
    (folder / "a4.py").write_text("import numpy\nimport torch\nimport socket\nx = 1\n")
    (folder / "a5.py").write_text("def f(:\n")
    (folder / "a6.wav").write_bytes(b"")
    (folder / "__pycache__").mkdir()
    code, out, err = probe("tiers", "validate", path)
    assert code == 2
    assert out.splitlines() == [
        "tones/prompts.jsonl line 2: unknown field 'levle'; did you mean 'level'?",
        "tones/prompts.jsonl line 2: 'b4' has the text of 'a4'",
        "tones/programs/a4.py line 2: imports 'torch', which the sandbox does not have",
        "tones/programs/a4.py line 3: imports 'socket', and there is no network",
        "tones/programs/a4.py: does not mention /out/output.wav, where its audio is looked for",
        "tones/programs/a5.py: unknown prompt 'a5'; did you mean 'a4'?",
        "tones/programs/a5.py line 1: invalid syntax",
        "tones/programs/a6.wav is no Python program",
    ]
    assert err == f"probe: {path}: 8 faults\n"


def test_validate_checks_prompts_against_programs_and_each_other(
    probe: Probe, tmp_path: Path
) -> None:
    prompts = [PROMPT, PROMPT | {"id": "b4", "text": "A  tone!"}]
    path = a_tier(tmp_path / "tones", *prompts, programs=("a4", "a44"))
    tier = tmp_path / "tones" / "tier.toml"
    text = tier.read_text()
    tier.write_text(text.replace("[limits]", 'chords = "Several notes"\n[limits]'))
    code, out, err = probe("tiers", "validate", path, "--json")
    assert code == 2
    assert json.loads(out)["faults"] == [
        "tones/prompts.jsonl line 2: 'b4' has the text of 'a4'",
        "tones/tier.toml: the group 'chords' has no prompt",
        "tones/programs/a44.py: unknown prompt 'a44'; did you mean 'a4'?",
    ]
    assert err == f"probe: {path}: 3 faults\n"


def test_remarks_are_no_faults(probe: Probe, tmp_path: Path) -> None:
    prompts = [
        PROMPT | {"id": f"p{i}", "text": str(i), "truth": {"notes": [NOTE], "instrument": name}}
        for i, name in enumerate(["marimba", "marimba", "marimbas", "violin"])
    ]
    path = a_tier(tmp_path / "tones", *prompts, programs=())
    tier = tmp_path / "tones" / "tier.toml"
    tier.write_text(tier.read_text().replace('"fd/logmel"', '"fd/logmel", "hits_f1"'))
    (tmp_path / "tones" / "README.md").unlink()
    code, out, _ = probe("tiers", "validate", path)
    assert code == 0
    assert out.splitlines() == [
        "remark: tones/programs: 4 of 4 prompts have no program (p0, p1, p2, … p3)",
        "remark: tones/tier.toml: the metric 'hits_f1' applies to no prompt",
        "remark: tones/README.md is missing: nobody is told what is asked and how",
        "remark: tones/prompts.jsonl line 3: only this truth says 'marimbas'; is 'marimba' meant?",
        "tones: 4 prompts, nothing wrong",
    ]


# --- generate ------------------------------------------------------------------------------------


def tones(seed: int, n: int) -> list[Prompt]:
    """A generator as `probe.tier.generate` has them."""
    group = next(iter(load("notes").tier.groups))
    return [
        make_prompt(
            f"g{i}",
            {"midi": 60 + (seed + i) % 12, "onset_s": 0.25, "offset_s": 1.0},
            text=f"Tone {seed + i}.",
            group=group,
        )
        for i in range(n)
    ]


def test_a_generated_tier_is_a_tier_that_carries_its_seed(tmp_path: Path) -> None:
    out = tmp_path / "deep" / "fresh"
    loaded = write_generated("notes", seed=7, n=3, out=out, generate=tones)
    assert loaded == load(str(out))
    notes = load("notes").tier
    assert loaded.tier.name == "notes-s7-n3"
    assert loaded.tier.seed == 7
    assert (loaded.tier.metrics, loaded.tier.limits) == (notes.metrics, notes.limits)
    assert list(loaded.tier.groups) == [loaded.prompts[0].group]
    assert loaded.prompts == tuple(tones(7, 3))
    assert loaded.templates == load("notes").templates
    assert loaded.folder == out
    assert sorted(path.name for path in out.parent.iterdir()) == ["fresh"]


def test_the_same_seed_writes_the_same_bytes(tmp_path: Path) -> None:
    digests = [
        write_generated("notes", seed=seed, n=2, out=tmp_path / name, generate=tones).tier.digest
        for seed, name in ((1, "a"), (1, "b"), (2, "c"))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_generate_overwrites_nothing(probe: Probe, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "a.txt").write_text("mine")
    file = tmp_path / "file"
    file.write_text("mine")
    for out in (tmp_path / "there", file):
        code, _, err = probe("tiers", "generate", "notes", "--seed", "1", "--out", str(out))
        assert code == 2
        assert "is there already" in err
    assert (tmp_path / "there" / "a.txt").read_text() == file.read_text() == "mine"
    code, _, err = probe("tiers", "generate", "nots", "--seed", "1", "--out", str(tmp_path / "x"))
    assert code == 2
    assert "did you mean 'notes'" in err


def test_a_generator_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def twice(seed: int, n: int) -> list[Prompt]:
        return tones(seed, 1) * 2

    with pytest.raises(Exception, match="is taken by line 1"):
        write_generated("notes", seed=1, n=2, out=tmp_path / "x", generate=twice)
    assert list(tmp_path.iterdir()) == []


def test_generated_notes_from_the_command_line(probe: Probe, tmp_path: Path) -> None:
    pytest.importorskip("probe.tier.generate.notes")
    out = tmp_path / "fresh"
    code, said, err = probe(
        *("tiers", "generate", "notes", "--seed", "3", "--n", "12", "--out", str(out))
    )
    assert code == 0, err
    assert "generated from seed 3" in said
    assert f"--tier {out}" in err
    assert len(load(str(out)).prompts) == 12
    code, said, err = probe("tiers", "validate", str(out))
    assert code == 0, said + err


# --- weight --------------------------------------------------------------------------------------


def test_help_of_tiers_loads_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['probe', 'tiers', '--help']\n"
        "from probe.cli.app import main\n"
        "out = io.StringIO()\n"
        "with contextlib.redirect_stdout(out), contextlib.suppress(SystemExit): main()\n"
        "heavy = {'numpy', 'scipy', 'torch', 'librosa', 'soundfile'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
        "print([c for c in ('list', 'show', 'validate', 'generate', 'validity')"
        " if c not in out.getvalue()])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["[]", "[]"]
