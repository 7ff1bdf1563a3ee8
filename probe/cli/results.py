"""``probe leaderboard``, ``compare``, ``ci`` and ``site``: what is made of the results."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated

import typer

from probe.cli import RESULTS, AsJson, Kind, Results, Runtime, TierFolder
from probe.errors import ProbeError


def leaderboard(
    results: Results = RESULTS,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the files are stale.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say what leaderboard.json holds, not where it is.")
    ] = False,
) -> None:
    """Write LEADERBOARD.md and leaderboard.json from the logs."""
    from probe.board.leaderboard import stale, write

    if not check:
        for path in write(results):
            if not as_json:
                print(path)
            elif path.suffix == ".json":
                print(path.read_text(encoding="utf-8"), end="")
        return
    old = stale(results)
    if old:
        names = ", ".join(str(path) for path in old)
        raise ProbeError(f"{names}: not what the logs say; write anew with `probe leaderboard`")
    print("the leaderboard is what the logs say")


def compare(
    runs: Annotated[
        list[str],
        typer.Argument(metavar="A B [C…]", help="Runs' folders, or their names on the board."),
    ],
    tier: Annotated[str, typer.Option(help="The tier they ran on.")],
    results: Results = RESULTS,
    as_json: AsJson = False,
) -> None:
    """Say how runs differ on the same prompts: by metric, group and level, with paired tests."""
    from probe.board import comparison

    found = comparison.compare(runs, tier, results)
    print(comparison.as_json(found) if as_json else comparison.markdown(found))


def ci(
    baseline: Annotated[
        str, typer.Option(metavar="RUN", help="A run's folder, or TIER/NAME below --results.")
    ],
    run: Annotated[str, typer.Option(metavar="RUN", help="The run to judge, named likewise.")],
    results: Results = RESULTS,
    tier: TierFolder = None,
    junit: Annotated[Path | None, typer.Option(help="Write JUnit's XML to this file.")] = None,
    max_drop: Annotated[
        float,
        typer.Option(
            min=0,
            metavar="SHARE",
            help="What a metric may lose, of its scale, where too few prompts differ for a test.",
        ),
    ] = 0.1,
    min_prompts: Annotated[
        int,
        typer.Option(min=1, metavar="N", help="Refuse to judge by fewer prompts."),
    ] = 5,
    partial: Annotated[
        bool,
        typer.Option("--partial", help="Judge a run that was asked a part of the prompts by it."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Fail when a run is significantly worse than its baseline, or a prompt fails that did not.

    Exit code 5 for a drop of any per-clip metric: a significant one, or a larger one than
    --max-drop where so few prompts differ that no test can tell; 6 for a prompt of which every
    attempt fails where one did not, or that was not asked; 1 for an incomplete run. Only logs are
    read: no key and no sandbox is needed. The summary is Markdown; in GitHub Actions it is the
    job's too.
    """
    from probe.board import gate
    from probe.paths import writing
    from probe.records.run_folder import find_run

    found = gate.judge(
        find_run(baseline, results),
        find_run(run, results),
        tier,
        max_drop=max_drop,
        min_prompts=min_prompts,
        partial=partial,
    )
    summary = gate.markdown(found)
    print(json.dumps(gate.as_json(found), indent=2) if as_json else summary)
    if page := os.environ.get("GITHUB_STEP_SUMMARY"):
        with open(page, "a", encoding="utf-8") as file:
            file.write(summary + "\n")
    if junit is not None:
        with writing(junit):
            junit.write_text(gate.junit(found), encoding="utf-8")
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def site(
    results: Results = RESULTS,
    out: Annotated[Path, typer.Option(help="Folder to write; an older site there is replaced.")] = (
        Path("site")
    ),
    no_audio: Annotated[
        bool, typer.Option("--no-audio", help="Leave audio and its pictures out.")
    ] = False,
    references: Annotated[
        Path | None,
        typer.Option(help="Publish the recordings of this folder, whose licences you have read."),
    ] = None,
    tier: Annotated[
        list[str] | None, typer.Option(help="Folder of a tier of your own; repeatable.")
    ] = None,
    sandbox_kind: Kind = "docker",
    runtime: Runtime = None,
) -> None:
    """Build one static folder from the results: every score, program and sound.

    It opens from a file or any web server and asks nothing of anybody else. Audio that is not in
    the results is rendered from the programs; what an earlier build made is kept.
    """
    from probe.site import Options, build

    page = build(
        Options(
            results,
            out,
            audio=not no_audio,
            references=references,
            tiers=tuple(tier or ()),
            sandbox=sandbox_kind,
            runtime=runtime,
        )
    )
    print(page)
