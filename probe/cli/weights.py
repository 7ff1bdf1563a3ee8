"""``probe weights``: what networks need that is not in the package."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(name="weights", no_args_is_help=True, help="Weights of the embedders.")

Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="As in the list, or clap:<owner>/<model>.")
]


@app.command(name="list")
def list_() -> None:
    """Say which weights there are, and which of them are here."""
    from probe.score.weights import folder, known, state

    rows = [
        (w.name, state(w), f"{w.megabytes} MB", w.licence, f"{w.about} ({w.source})")
        for w in known().values()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]))
    print(f"in {folder()}; PROBE_WEIGHTS names another folder", file=sys.stderr)


@app.command()
def fetch(
    names: Names,
    again: Annotated[
        bool, typer.Option("--again", help="Also what is here already or has changed.")
    ] = False,
    offline: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take the files from here, not the network."),
    ] = None,
) -> None:
    """Fetch weights and what they need, and record what they are."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TaskID, TransferSpeedColumn

    from probe.score.weights import folder, named
    from probe.score.weights.fetching import fetch as fetch_weights

    wanted = [named(name) for name in names]
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(file: str, done: int, whole: int | None) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=whole)
            bars.update(tasks[file], completed=done)

        for weights in wanted:
            fetched = fetch_weights(weights, again=again, offline=offline, progress=show)
            for each in fetched:
                print(f"{each.name}  {folder() / each.name}")
            if not fetched:
                print(f"{weights.name}  is here already")


@app.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Instead of all that are here.")
    ] = None,
) -> None:
    """Compare weights with what was recorded of them; exit code 1 if one has changed."""
    from probe.score.weights import check as check_weights
    from probe.score.weights import known, named, state

    chosen = [named(name) for name in names or ()]
    if not names:
        chosen = [weights for weights in known().values() if state(weights) != "absent"]
    words = {
        "present": "is what it was",
        "unrecorded": "is recorded now",
        "changed": "has changed; `probe weights fetch {} --again`",
        "absent": "is absent; `probe weights fetch {}`",
    }
    found = []
    for weights in chosen:
        found.append(check_weights(weights))
        print(f"{weights.name}  {words[found[-1]].format(weights.argument)}")
    if not chosen:
        print("no weights are here")
    if {"changed", "absent"} & set(found):
        raise typer.Exit(1)
