"""The runs of a results folder: how each stands, and another name for one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from probe.board.entries import summarize
from probe.errors import ProbeError, UsageError
from probe.records import Completion, Record, Rendering
from probe.records.index import RunIndex
from probe.records.log import read_lines
from probe.records.run_folder import RunFolder, find_runs
from probe.records.store import rename as moved
from probe.render import commands


class Listed(Record):
    """One run, as far as it is listed."""

    tier: str = Field(description="its name")
    name: str = Field(description="the model, and how it was asked")
    folder: str = Field(description="the run's")
    state: str = Field(description="complete, incomplete or unreadable")
    prompts: int = Field(default=0, description="that are asked")
    samples: int = Field(default=0, description="attempts a prompt")
    missing: int = Field(default=0, description="attempts still to be made or scored")
    dollars: float | None = Field(default=None, description="what its replies cost; None: unknown")
    asked: bool = Field(default=False, description="whether replies can cost anything")
    error: str | None = Field(default=None, description="the last failure that still stands")


def listing(results: Path) -> Iterator[Listed]:
    """Every run below `results`, also one that cannot be read."""
    for folder in find_runs(results):
        try:
            yield _listed(folder)
        except ProbeError as error:
            yield Listed(
                tier=folder.parent.name,
                name=folder.name,
                folder=str(folder),
                state="unreadable",
                error=str(error),
            )


def _listed(folder: Path) -> Listed:
    entry = summarize(RunIndex(folder))
    return Listed(
        tier=entry.tier,
        name=entry.model,
        folder=str(folder),
        state="complete" if entry.complete else "incomplete",
        prompts=entry.prompts,
        samples=entry.samples,
        missing=entry.missing,
        dollars=entry.spent.dollars if entry.spent else None,
        asked=entry.spent is not None,
        error=_last_error(folder),
    )


def _last_error(folder: Path) -> str | None:
    """Why the last attempt that still lacks something failed; None where none failed by us."""
    failed: dict[tuple[str, int], str] = {}
    asked = read_lines(folder / "completions.jsonl", Completion)
    ran = read_lines(folder / "renderings.jsonl", Rendering)
    for log in (asked, ran):
        for row, _, _ in log:
            failed.pop((row.prompt, row.sample), None)
            if row.outcome.ours:
                said = row.error if isinstance(row, Completion) else row.detail
                failed[row.prompt, row.sample] = said or str(row.outcome)
    return next(reversed(failed.values()), None)


def rename(folder: RunFolder, name: str) -> Path:
    """Give the model of a run another name; what it is asked through is kept.

    Parameters
    ----------
    folder : RunFolder
        The run.
    name : str
        The model's new name; how it is asked stays part of the run's.

    Returns
    -------
    Path
        The run's folder, which is named after it.

    Raises
    ------
    UsageError
        It is a control, there is a run of that name, or another process is writing to it.
    PrerequisiteError
        The folder cannot be moved.
    """
    spec = folder.run.spec
    if spec.model.startswith("builtin/"):
        raise UsageError("builtin/… keeps its name")
    settings, door = dict(spec.settings), commands.door(spec)
    # Other doors are told by what else is in the settings.
    if spec.model == door and door.startswith(("openai/", "anthropic/", "engine/")):
        settings["door"] = door
    if settings.get("door") == name:
        del settings["door"]
    wanted = spec.model_copy(update={"model": name, "settings": settings})
    return moved(folder.folder, folder.run.model_copy(update={"spec": wanted}))
