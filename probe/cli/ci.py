"""``probe ci``: fail a build when a run is worse than its baseline."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from probe.cli.options import Results, TierFolder


def ci(
    baseline: Annotated[
        str, typer.Option(metavar="RUN", help="A run's folder, or TIER/NAME below --results.")
    ],
    run: Annotated[str, typer.Option(metavar="RUN", help="The run to judge, named likewise.")],
    results: Results = Path("results"),
    tier: TierFolder = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit's XML to this file.")] = None,
) -> None:
    """Fail when a run is significantly worse than its baseline, or a prompt fails that did not.

    Exit code 5 for a significant drop of any per-clip metric, 6 for a prompt of which every attempt
    fails where one did not. Only logs are read: no key and no sandbox is needed. The summary is
    Markdown; in GitHub Actions it is the job's too.
    """
    from probe.board import gate
    from probe.records.finding import find_run

    found = gate.judge(find_run(baseline, results), find_run(run, results), tier)
    summary = gate.markdown(found)
    print(summary)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(page, "a", encoding="utf-8") as file:
            file.write(summary + "\n")
    if junit is not None:
        junit.write_text(gate.junit(found), encoding="utf-8")
    if found.exit_code:
        raise typer.Exit(found.exit_code)
