"""leaderboard.json, what is not comparable, and the page about them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from probe.board.leaderboard import FORMAT, Leaderboard, write
from probe.records.folder_names import slug
from probe.records.run_folder import RunFolder
from probe.records.store import Store
from tests.fakes.runs import completion, rendering, run, score

ROOT = Path(__file__).parents[2]
PROMPTS = {f"p{i}": {"group": "one", "level": 1} for i in range(8)}


def add_run(
    results: Path, model: str, *, prompts: int = 8, version: str = "1", said: str = "", **more: Any
) -> Path:
    """A run of which every prompt scores 0.5."""
    places = dict(list(PROMPTS.items())[:prompts])
    folder = results / more.get("tier", "notes") / slug(model + more.get("tier_digest", ""))
    with Store.open(folder, run(model=model, prompts=places, **more)) as store:
        for name in places:
            for sample in range(store.run.spec.samples):
                store.add_completion(completion(name, sample, model_returned=said or None))
                store.add_rendering(rendering(name, sample), sample_rate=8000)
                store.add_score(score(name, 0.5, sample=sample, version=version))
    return folder


def board(results: Path) -> tuple[str, dict[str, Any]]:
    """Markdown and JSON."""
    write(results)
    return (
        (results / "LEADERBOARD.md").read_text(),
        json.loads((results / "leaderboard.json").read_text()),
    )


def reasons(results: Path) -> list[str]:
    text, whole = board(results)
    found = [reason for tier in whole["tiers"] for reason in tier["not_comparable"]]
    assert all(f"- {reason}" in text for reason in found)
    assert ("### Not comparable" in text) == bool(found)
    return found


def test_what_answered_is_on_the_board(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/m", said="m-2026-01-02")
    engine = {"version": "1.51", "voice": "en"}
    add_run(tmp_path, "engine/e", kind="engine", settings=engine)
    text, whole = board(tmp_path)
    versions = {run["model"]: run["model_version"] for run in whole["tiers"][0]["runs"]}
    assert versions == {"openai/m": "m-2026-01-02", "engine/e": "1.51"}
    assert "| `openai/m` | `m-2026-01-02` |" in text


def test_a_service_that_changed_its_model_shows(tmp_path: Path) -> None:
    folder = add_run(tmp_path, "openai/m", said="old")
    with Store.open(folder, RunFolder(folder).run) as store:
        store.add_completion(completion("p3", model_returned="new"))
    (entry,) = board(tmp_path)[1]["tiers"][0]["runs"]
    assert entry["model_version"] == "old and new"


def test_runs_alike_have_nothing_to_be_said(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/a")
    add_run(tmp_path, "openai/b")
    assert reasons(tmp_path) == []


def test_a_primary_metric_in_another_version_is_not_ranked(tmp_path: Path) -> None:
    for name in "abc":
        add_run(tmp_path, f"openai/{name}", version="1" if name == "c" else "2")
    assert reasons(tmp_path) == [
        "`openai/c` has note_f1 in version 1, others in 2: run it again to measure it in the same"
        " way."
    ]
    text, whole = board(tmp_path)
    ranked = {run["model"]: run["ranked"] for run in whole["tiers"][0]["runs"]}
    assert ranked == {"openai/a": True, "openai/b": True, "openai/c": False}
    assert "`openai/c`" in text.split("### Not ranked\n")[1].split("###")[0]


def test_another_number_of_samples_is_said(tmp_path: Path) -> None:
    for name, samples in (("a", 1), ("b", 1), ("c", 3)):
        add_run(tmp_path, f"openai/{name}", samples=samples)
    (reason,) = reasons(tmp_path)
    assert reason.startswith("`openai/c` has 3 samples a prompt, others 1")


def test_another_image_and_another_version_of_the_tier_are_said(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/a")
    add_run(tmp_path, "openai/b", image="sha256:" + "5" * 64)
    add_run(tmp_path, "openai/a", tier_digest="f" * 64)
    found = reasons(tmp_path)
    assert "Programs ran on 2 sandbox images: what fails on one may run on another." in found
    assert "Runs of notes ffffffffffff were asked or measured otherwise." in found
    assert "Runs of notes 000000000000 were asked or measured otherwise." in found


def test_a_distance_over_fewer_clips_is_said(tmp_path: Path) -> None:
    for name, clips in (("a", 8), ("b", 2)):
        folder = add_run(tmp_path, f"openai/{name}", prompts=clips)
        extras = {"low": 1.5, "high": 2.5, "n": clips, "valid_only": None, "reference": "abc"}
        with Store.open(folder, RunFolder(folder).run) as store:
            store.add_score(score(None, 2.0, metric="fd/logmel", extras=extras))
    found = reasons(tmp_path)
    assert any("`openai/b` has 2 of 8 prompts" in reason for reason in found)
    assert any("fd/logmel over 2 clips, others over 8" in reason for reason in found)


def test_the_file_keeps_to_the_schema(tmp_path: Path) -> None:
    add_run(tmp_path, "openai/a", said="x")
    add_run(tmp_path, "openai/b", prompts=2)
    write(tmp_path)
    found = Leaderboard.model_validate_json((tmp_path / "leaderboard.json").read_bytes())
    assert found.format == FORMAT
    assert [row.model for row in found.tiers[0].runs] == ["openai/a", "openai/b"]


def test_page_and_schema_are_what_the_records_say() -> None:
    done = subprocess.run(
        [sys.executable, "docs/result_fields.py", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_every_field_is_explained() -> None:
    page = (ROOT / "docs" / "results.md").read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) > 100
    assert [line for line in rows if line.endswith("|  |")] == []
    assert "Undefined" not in page
