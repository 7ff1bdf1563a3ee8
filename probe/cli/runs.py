"""``probe list``, ``rename`` and ``remove``: the runs there are, and what they are called."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from probe.cli import RESULTS, AsJson, Results

if TYPE_CHECKING:
    from probe.board.runs import Listed

RunName = Annotated[
    str, typer.Argument(metavar="RUN", help="A run's folder, or TIER/NAME below --results.")
]


def list_runs(results: Results = RESULTS, as_json: AsJson = False) -> None:
    """List the runs: tier, name, state, n, cost, what is missing, and the last error."""
    from probe.board.runs import listing

    found = list(listing(results))
    if as_json:
        print(json.dumps([row.model_dump() for row in found], indent=1))
    elif found:
        print(_table(found))
    else:
        print(f"no runs in {results}; `probe run` makes one")


def _table(found: list[Listed]) -> str:
    from probe.text import printable

    head = ("tier", "name", "state", "n", "cost", "missing", "last error")
    rows = [head, *(tuple(map(printable, _cells(row))) for row in found)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    return "\n".join("  ".join([*map(str.ljust, row, widths), row[-1]]).rstrip() for row in rows)


def _cells(row: Listed) -> tuple[str, ...]:
    cost = "–"
    if row.asked:
        cost = "unknown" if row.dollars is None else f"${row.dollars:.4f}"
    n = f"{row.prompts} × {row.samples}" if row.samples > 1 else str(row.prompts)
    error = " ".join((row.error or "").split())
    if row.state == "unreadable":
        return row.tier, row.name, row.state, "–", cost, "–", error
    return row.tier, row.name, row.state, n, cost, str(row.missing), error


def rename(
    run: RunName,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the model is called then.")],
    results: Results = RESULTS,
) -> None:
    """Give the model of a run another name, in its folder and on the board; the tier stays."""
    from probe.board.runs import rename as renamed
    from probe.models import check_name
    from probe.records.run_folder import find_run

    check_name(name)
    folder = renamed(find_run(run, results), name)
    print(f"{folder}; `probe leaderboard` writes the board anew")


def remove(run: RunName, results: Results = RESULTS) -> None:
    """Move a run to the trash of its results folder, from where it can be moved back.

    Nothing is deleted: `probe list --results RESULTS/.trash` lists what was removed.
    """
    from probe.records.run_folder import find_run
    from probe.records.store import remove as removed

    folder = find_run(run, results).folder
    print(f"{folder} is in the trash: {removed(folder)}; moved back it is a run again")
