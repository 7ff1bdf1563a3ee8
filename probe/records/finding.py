"""Find a run by what a person calls it."""

from __future__ import annotations

from pathlib import Path

from probe.errors import UsageError, unknown
from probe.records.store import Attempt, RunFolder, find_runs, slug


def find_run(name: str, results: Path = Path("results")) -> RunFolder:
    """Open a run.

    Parameters
    ----------
    name : str
        Its folder, or its tier and its name on the board, as in ``notes/openai/gpt-4o``.
    results : Path
        Folder that holds the runs.

    Raises
    ------
    UsageError
        There is none.
    """
    tier, _, row = name.partition("/")
    folders = [Path(name), results / name, *([results / tier / slug(row)] if row else [])]
    for folder in folders:
        if (folder / "run.json").is_file():
            return RunFolder(folder)
    there = (f"{found.parent.name}/{_row(found)}" for found in find_runs(results))
    raise UsageError(unknown(f"run in {results}", name, there))


def _row(folder: Path) -> str:
    return RunFolder(folder).run.spec.row


def find_attempt(folder: RunFolder, prompt: str, sample: int = 0) -> Attempt:
    """An attempt of a run.

    Raises
    ------
    UsageError
        The run has no such prompt or sample.
    """
    spec = folder.run.spec
    if prompt not in spec.prompts:
        raise UsageError(unknown(f"prompt of {folder.folder}", prompt, spec.prompts))
    if not 0 <= sample < spec.samples:
        raise UsageError(
            f"{folder.folder} has {spec.samples} samples a prompt, counted from 0, and no {sample}"
        )
    return (prompt, sample)
