"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from probe.cli import RESULTS, Results, metrics
from probe.cli.disk import cache, weights
from probe.cli.prompts import app as prompts
from probe.cli.prompts import import_audio
from probe.cli.reproduce import play, show, verify
from probe.cli.results import ci, compare, leaderboard, site
from probe.cli.run import run
from probe.cli.sandbox import app as sandbox
from probe.cli.tiers import app as tiers
from probe.errors import ProbeError

app = typer.Typer(
    name="probe",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What do text-only language models know about sound? They write synthesis code; probe runs"
    " it in a sandbox, measures the audio and ranks them.",
)
app.add_typer(sandbox, name="sandbox", help="The container that programs run in.")
app.add_typer(tiers, name="tiers", help="What is asked, and whether its measurement holds.")
app.add_typer(weights)
app.command()(run)
app.command()(metrics.fad)
app.command()(metrics.clap)
app.command()(leaderboard)
app.command()(compare)
app.command()(verify)
app.command()(show)
app.command()(play)
app.command()(ci)
app.command()(site)
app.command(name="import")(import_audio)
app.add_typer(prompts, name="prompts", help="What is asked, for whoever renders it elsewhere.")
app.add_typer(cache)

INTERRUPTED = 130
"""What typer ends with after Ctrl-C."""


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        print(version("probe"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def mend(
    run: Annotated[str, typer.Argument(help="A run's folder, or TIER/NAME below --results.")],
    results: Results = RESULTS,
) -> None:
    """Drop damaged lines from a run's logs, and keep the damaged files beside them.

    What such a line said is lost; `probe run` with the run's own options fills what is missing.
    """
    from probe.records.run_folder import find_run
    from probe.records.store import mend as mended

    folder = find_run(run, results).folder
    for name, lines in (found := mended(folder)).items():
        print(f"{folder / name}: {lines} damaged; the whole file is beside it, .damaged")
    print("run it again to fill what is missing" if found else f"{folder}: nothing is damaged")


@app.command()
def doctor() -> None:
    """Check what a run needs: Docker, image, weights, GPU, disk, keys."""
    from probe.cli.doctor import examine, report

    findings = examine()
    print(report(findings))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(3)


def main() -> None:
    """Run the command line; an error of ours is one line and an exit code, never a traceback."""
    try:
        app()
    except ProbeError as error:
        print(f"probe: {error}", file=sys.stderr)
        raise SystemExit(error.exit_code) from None
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            print("probe: interrupted; the same command goes on from here", file=sys.stderr)
        raise
