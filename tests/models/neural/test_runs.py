"""A run of every tier that comes with probe, from the prompt to the board, by random weights."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from probe.board.entries import changed_lengths
from probe.board.leaderboard import write
from probe.cli.run import ahead_json, summary_text
from probe.errors import UsageError
from probe.models.base import DoorOptions
from probe.records.run_folder import RunFolder
from probe.run import Options, execute, look_ahead, prepare
from probe.tier.choice import Choice
from tests.models.neural.conftest import Folder

Settings = Callable[[str], tuple[str, ...]]


def options(
    tier: str, name: str, weights: Folder, told: tuple[str, ...], results: Path, **more: int
) -> Options:
    how = DoorOptions(told, name=f"tiny/{name}")
    door, two = f"generator/{weights(name)}", Choice(limit=2)
    return Options(tier, door, results, how=how, choice=two, **more)


@pytest.mark.parametrize(
    ("tier", "name", "batch"),
    [
        ("notes", "musicgen", 2),
        ("sounds", "audioldm2", 2),
        ("sounds", "stable-audio", 2),
        ("speech", "vits", 1),
        ("speech", "csm", 2),
    ],
)
def test_a_run_of_each_tier(
    tier: str, name: str, batch: int, weights: Folder, settings_of: Settings, tmp_path: Path
) -> None:
    told = (*settings_of(name), *((f"batch={batch}",) if batch > 1 else ()))
    plan = prepare(options(tier, name, weights, told, tmp_path))
    assert plan.sandbox is None, "no program, no sandbox"
    dry = json.loads(ahead_json(plan, look_ahead(plan)))
    assert dry["dry_run"]["renderings"] == 2
    entry = execute(plan)
    assert entry.complete
    assert entry.rendered == 1
    assert entry.kind == "generator"
    folder = RunFolder(plan.folder)
    assert folder.run.spec.settings["sha256"]
    assert folder.run.sandbox is None
    made_at = folder.run.spec.settings["native_sample_rate"]
    for row in folder.latest_renderings.values():
        assert row.audio_sha256
        changed = made_at != plan.loaded.tier.sample_rate
        assert (f"resampled from {made_at} Hz" in row.notes) == changed
    fitted = changed_lengths(row.notes for row in folder.latest_renderings.values())
    expected = {"stable-audio": {"padded": 2}, "vits": {"padded": 2}, "csm": {"cropped": 2}}
    assert fitted == expected.get(name, {})
    assert f"tiny/{name} on {tier}: 2 ok" in summary_text(plan, entry)
    write(tmp_path)
    assert f"tiny/{name}" in (tmp_path / "LEADERBOARD.md").read_text()


def test_what_was_rendered_is_not_rendered_again(
    weights: Folder, settings_of: Settings, tmp_path: Path
) -> None:
    def rows(**more: int) -> dict[tuple[str, int], str | None]:
        told = (*settings_of("audioldm"), f"batch={more.pop('batch', 1)}")
        plan = prepare(options("sounds", "audioldm", weights, told, tmp_path / "r", **more))
        execute(plan)
        folder = RunFolder(plan.folder)
        lines = (plan.folder / "renderings.jsonl").read_text().splitlines()
        assert len(lines) == len(folder.attempts)
        return {key: row.audio_sha256 for key, row in folder.latest_renderings.items()}

    first = rows(samples=2)
    assert len(set(first.values())) == 4, "every prompt and sample has sound of its own"
    assert rows(samples=2, batch=2) == first, "another batch is the same run"


def test_another_seed_is_another_run(weights: Folder, tmp_path: Path) -> None:
    execute(prepare(options("speech", "vits", weights, (), tmp_path)))
    with pytest.raises(UsageError, match="seed"):
        execute(prepare(options("speech", "vits", weights, ("seed=1",), tmp_path)))
