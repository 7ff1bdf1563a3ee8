"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

import json
import sys
import traceback
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from probe.cli import RESULTS, AsJson, Results, metrics
from probe.cli.disk import cache, weights
from probe.cli.help import RUN_EXAMPLES, Commands, RunCommand
from probe.cli.prompts import app as prompts
from probe.cli.prompts import import_audio
from probe.cli.reproduce import play, show, verify
from probe.cli.results import ci, compare, leaderboard, site
from probe.cli.run import run
from probe.cli.runs import list_runs, remove, rename
from probe.cli.sandbox import app as sandbox
from probe.cli.score import score
from probe.cli.tiers import app as tiers
from probe.errors import BUG, INTERRUPTED, WAY_ON, ProbeError, of_path
from probe.paths import writing

app = typer.Typer(
    name="probe",
    cls=Commands,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="What do text-only language models know about sound? They write synthesis code; probe runs"
    " it in a sandbox, measures the audio and ranks them.",
)
app.add_typer(sandbox, name="sandbox", help="The container that programs run in.")
app.add_typer(tiers, name="tiers", help="What is asked, and whether its measurement holds.")
app.add_typer(weights)
app.command(cls=RunCommand, epilog=RUN_EXAMPLES)(run)
app.command()(score)
app.command()(metrics.fad)
app.command()(metrics.clap)
app.command()(leaderboard)
app.command(name="list")(list_runs)
app.command()(rename)
app.command()(remove)
app.command()(compare)
app.command()(verify)
app.command()(show)
app.command()(play)
app.command()(ci)
app.command()(site)
app.command(name="import")(import_audio)
app.add_typer(prompts, name="prompts", help="What is asked, for whoever renders it elsewhere.")
app.add_typer(cache)

TRACEBACK = "--traceback"


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
    trace: Annotated[  # `main` looks for it, whatever became of the command
        bool, typer.Option(TRACEBACK, help="Show where in probe an error comes from.")
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
def doctor(as_json: AsJson = False) -> None:
    """Check what a run needs: Docker, image, weights, GPU, disk, keys."""
    from probe.cli.doctor import examine, report

    findings = examine()
    print(json.dumps(list(map(asdict, findings)), indent=2) if as_json else report(findings))
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(3)


def main() -> None:
    """Run the command line: an error is one line and an exit code, a traceback only where asked.

    An OSError that comes here is of a path that the person named, or of what lies below it.
    """
    try:
        try:
            app(prog_name="probe")
        finally:
            _flush()
    except ProbeError as error:
        _end(error, str(error), error.exit_code)
    except OSError as error:
        if error.filename is None and error.errno not in WAY_ON:  # a connection's, that nobody took
            _end_by_bug(error)
        told = of_path(error)
        _end(error, str(told), told.exit_code)
    except SystemExit as ending:
        if ending.code == INTERRUPTED:
            print("probe: interrupted; the same command goes on from here", file=sys.stderr)
        raise
    except Exception as error:
        _end_by_bug(error)


def _end(error: Exception, said: str, code: int) -> NoReturn:
    if TRACEBACK in sys.argv:
        traceback.print_exception(error)
    print(f"probe: {said}", file=sys.stderr)
    raise SystemExit(code) from None


def _end_by_bug(error: Exception) -> NoReturn:
    from probe.cli import crash

    _end(error, crash.line(error, sys.argv[1:]), BUG)


def _flush() -> None:
    """Have what was printed written while its failure can still be told."""
    if sys.stdout is None:
        return
    try:
        with writing(Path("standard output")):
            sys.stdout.flush()
    except OSError as error:
        from probe.cli import crash

        crash.close_output()
        if not isinstance(error, BrokenPipeError):  # its reader had enough
            raise
