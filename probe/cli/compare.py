"""``probe compare``: two runs or more on the same prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from probe.cli.options import AsJson, Results


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="A B [C…]", help="Runs' folders, or their names on the board."),
    ],
    tier: Annotated[str, typer.Option(help="The tier they ran on.")],
    results: Results = Path("results"),
    as_json: AsJson = False,
) -> None:
    """Say how runs differ on the same prompts: by metric, group and level, with paired tests."""
    from probe.board import comparison

    found = comparison.compare(runs, tier, results)
    print(comparison.as_json(found) if as_json else comparison.markdown(found))
