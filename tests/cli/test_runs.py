"""`probe list`, `rename` and `remove`: nothing is lost, and what a run is stays with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from probe.board.order import read
from probe.records import Outcome
from probe.records.run_folder import RunFolder, find_runs, slug
from probe.records.store import Store
from tests.fakes.command import probe
from tests.fakes.runs import completion, rendering, run, score


def written(results: Path, *, fails: str | None = None, **changes: Any) -> Path:
    """A run of two prompts; the second reply is missing for a reason where one is given."""
    made = run(**changes)
    folder = results / made.spec.tier / slug(made.spec.row)
    with Store.open(folder, made) as store:
        usage = {"prompt_tokens": 1000, "completion_tokens": 1000}
        store.add_completion(completion("a", usage=usage))
        store.add_rendering(rendering("a"), sample_rate=8000)
        store.add_score(score("a"))
        if fails is None:
            store.add_completion(completion("b", usage=usage))
            store.add_rendering(rendering("b"), sample_rate=8000)
            store.add_score(score("b"))
        else:
            failed = {"outcome": Outcome.PROVIDER_ERROR, "text": "", "error": fails}
            store.add_completion(completion("b", **failed))
    return folder


def listed(results: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(probe("list", "--results", results, "--json").out)
    return found


def test_every_run_is_listed_with_what_it_lacks_and_why(tmp_path: Path) -> None:
    assert "no runs in" in probe("list", "--results", tmp_path).out
    written(tmp_path, model="openai/gpt-4o")
    written(tmp_path, model="lab/broken", fails="no answer from x:\n\x1b[2Jrefused")
    (tmp_path / "sounds" / "torn").mkdir(parents=True)
    (tmp_path / "sounds" / "torn" / "run.json").write_text("{")
    done = probe("list", "--results", tmp_path)
    assert done.code == 0, done.err
    head, *rows = (line.split() for line in done.out.splitlines())
    assert head == ["tier", "name", "state", "n", "cost", "missing", "last", "error"]
    broken, whole, torn = rows
    assert whole[:4] == ["notes", "openai/gpt-4o", "complete", "2"]
    assert whole[4].startswith("$")
    assert whole[5:] == ["0"]
    assert broken[:6] == ["notes", "lab/broken", "incomplete", "2", "unknown", "1"]
    assert " ".join(broken[6:]) == "no answer from x: \\x1b[2Jrefused"
    assert torn[:3] == ["sounds", "torn", "unreadable"]
    states = [(row["state"], row["missing"], row["prompts"]) for row in listed(tmp_path)]
    assert states == [("incomplete", 1, 2), ("complete", 0, 2), ("unreadable", 0, 0)]


def test_a_failure_that_was_filled_is_no_error(tmp_path: Path) -> None:
    folder = written(tmp_path, fails="HTTP 500")
    assert listed(tmp_path)[0]["error"] == "HTTP 500"
    with Store.open(folder, RunFolder(folder).run) as store:
        store.add_completion(completion("b"))
    assert listed(tmp_path)[0]["error"] is None


def test_a_run_is_renamed_with_its_folder_and_keeps_its_door(tmp_path: Path) -> None:
    old = written(tmp_path, model="openai/gpt-4o", strategy="repair:2")
    before = RunFolder(old).run
    done = probe("rename", "notes/openai/gpt-4o+repair:2", "lab/mine", "--results", tmp_path)
    assert done.code == 0, done.err
    (folder,) = find_runs(tmp_path)
    assert str(folder) in done.out
    assert not old.exists()
    spec = RunFolder(folder).run.spec
    assert (spec.row, spec.settings) == ("lab/mine+repair:2", {"door": "openai/gpt-4o"})
    assert listed(tmp_path)[0]["dollars"] > 0, "the price is still that of the door"
    (board,) = read(tmp_path)
    assert [entry.model for entry in board.models] == ["lab/mine+repair:2"]
    back = probe("rename", folder, "openai/gpt-4o")
    assert back.code == 0, back.err
    assert RunFolder(old).run == before


def test_a_name_that_is_taken_or_a_controls_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path, model="lab/a")
    written(tmp_path, model="lab/b")
    control = written(tmp_path, model="builtin/noise", kind="control")
    taken = probe("rename", folder, "lab/b")
    assert taken.code == 2
    assert "there is a run lab/b already" in taken.err
    assert "must not begin with builtin/" in probe("rename", folder, "builtin/x").err
    assert "keeps its name" in probe("rename", control, "lab/c").err
    assert len(listed(tmp_path)) == 3


def test_a_removed_run_lies_in_the_trash_and_can_be_moved_back(tmp_path: Path) -> None:
    folder = written(tmp_path, model="lab/a")
    logs = {path.name: path.read_bytes() for path in folder.iterdir()}
    for time in range(2):
        done = probe("remove", "notes/lab/a", "--results", tmp_path)
        assert done.code == 0, done.err
        trash = tmp_path / ".trash" / "notes" / (folder.name if not time else f"{folder.name}-2")
        assert str(trash) in done.out
        assert {path.name: path.read_bytes() for path in trash.iterdir()} == logs
        assert listed(tmp_path) == []
        assert len(listed(tmp_path / ".trash")) == time + 1
        written(tmp_path, model="lab/a")
    gone = probe("remove", "notes/lab/c", "--results", tmp_path)
    assert gone.code == 2
    assert "did you mean" in gone.err
    (tmp_path / ".trash" / "notes" / f"{folder.name}-2").rename(folder.parent / "back")
    assert len(listed(tmp_path)) == 2


def test_a_run_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    folder = written(tmp_path, model="lab/a")
    with Store.open(folder, RunFolder(folder).run):
        for words in (("rename", folder, "lab/b"), ("remove", folder)):
            done = probe(*words)
            assert done.code == 2
            assert "another probe is writing" in done.err
    assert folder.exists()
