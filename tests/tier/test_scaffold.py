"""`probe tiers new`: a tier to begin with that is right as it stands."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.command import probe


def test_it_validates_and_its_program_does_what_is_asked(tmp_path: Path) -> None:
    folder = tmp_path / "door-bells"
    made = probe("tiers", "new", "door-bells", "--out", folder)
    assert made.code == 0, made.err
    assert "1 prompts" in made.out
    assert str(folder / "README.md") in made.err
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["README.md", "programs/first.py", "prompt.md", "prompts.jsonl", "tier.toml"]
    checked = probe("tiers", "validate", folder)
    assert (checked.code, checked.out) == (0, "door-bells: 1 prompts, nothing wrong\n")
    assert not [line for line in checked.out.splitlines() if line.startswith("remark")]

    subprocess.run([sys.executable, folder / "programs" / "first.py"], cwd=tmp_path, check=True)
    done = probe(
        *("score", tmp_path / "output.wav", "--tier", folder, "--prompt", "first", "--json")
    )
    assert json.loads(done.out)["scores"]["note_score"]["value"] == 1.0


def test_it_is_named_and_lies_here_by_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert probe("tiers", "new", "mine").code == 0
    assert "`mine`" not in (tmp_path / "mine" / "README.md").read_text()
    assert "probe tiers validate mine\n" in (tmp_path / "mine" / "README.md").read_text()
    for arguments, code, said in (
        (("mine",), 2, "is there already"),
        (("notes",), 2, "comes with probe"),
        (("My tier",), 2, "small letters"),
        (("other", "--out", "mine/tier.toml/x"), 3, "a file stands where a folder is needed"),
        (("long" * 100,), 3, "give a shorter name"),
    ):
        done = probe("tiers", "new", *arguments)
        assert (done.code, done.out) == (code, "")
        assert said in done.err
        assert done.err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
