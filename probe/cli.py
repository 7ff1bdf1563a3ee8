"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from probe.cli_sandbox import Kind, Runtime
from probe.cli_sandbox import app as sandbox
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

INTERRUPTED = 130
"""What typer ends with after Ctrl-C."""

Results = Annotated[Path, typer.Option("--results", help="Folder that holds the runs.")]


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
def run(
    tier: Annotated[str, typer.Option(help="A tier that comes with probe, or a tier's folder.")],
    model: Annotated[
        str,
        typer.Option(
            help="openai/<model>, anthropic/<model>, replay/<file>, builtin/programs,"
            " builtin/silence, builtin/noise or builtin/reference."
        ),
    ],
    results: Results = Path("results"),
    references: Annotated[
        Path | None, typer.Option(help="Folder of real recordings with a clips.csv.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N prompts.")] = None,
    samples: Annotated[int, typer.Option(min=1, help="Attempts per prompt.")] = 1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw away what is there.")] = False,
    sandbox_kind: Kind = "docker",
    runtime: Runtime = None,
    check_determinism: Annotated[
        bool,
        typer.Option("--check-determinism", help="Render twice, record whether it is the same."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON summary on stdout.")] = False,
) -> None:
    """Run one model on one tier, or go on where the same run stopped."""
    from probe.run import Options, dry_run_text, execute, prepare, summary_json, summary_text

    plan = prepare(
        Options(
            tier,
            model,
            results,
            references=references,
            limit=limit,
            samples=samples,
            sandbox=sandbox_kind,
            runtime=runtime,
        )
    )
    if dry_run:
        print(dry_run_text(plan, as_json=as_json))
        return
    entry = execute(plan, fresh=fresh, check_determinism=check_determinism)
    print(summary_json(plan, entry) if as_json else summary_text(plan, entry))
    if not entry.complete:
        raise typer.Exit(1)


@app.command()
def leaderboard(
    results: Results = Path("results"),
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail when the files are stale.")
    ] = False,
) -> None:
    """Write LEADERBOARD.md and leaderboard.json from the logs."""
    from probe.leaderboard import stale, write

    if not check:
        for path in write(results):
            print(path)
        return
    old = stale(results)
    if old:
        names = " and ".join(str(path) for path in old)
        raise ProbeError(f"{names}: not what the logs say; write anew with `probe leaderboard`")
    print("the leaderboard is what the logs say")


@app.command()
def doctor() -> None:
    """Check what a run needs: Docker, image, weights, GPU, disk, keys."""
    from probe.doctor import examine, report

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
