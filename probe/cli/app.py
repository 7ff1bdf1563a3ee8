"""The command line: parse, call, print. Everything heavy is imported inside the commands."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from probe.cli import AsJson, Fresh, Kind, Measure, References, Results, Runtime, metrics
from probe.cli.disk import cache, weights
from probe.cli.prompts import app as prompts
from probe.cli.prompts import import_audio
from probe.cli.reproduce import play, show, verify
from probe.cli.results import ci, compare, leaderboard, site
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
def run(
    tier: Annotated[str, typer.Option(help="A tier that comes with probe, or a tier's folder.")],
    model: Annotated[
        str,
        typer.Option(
            help="openai/<model>, anthropic/<model>, command/<command line>, replay/<file>,"
            " generator/<name, Hugging Face id or folder>,"
            " engine/espeak-ng, engine/flite, engine/fluidsynth,"
            " builtin/programs, builtin/silence, builtin/noise or builtin/reference."
        ),
    ],
    results: Results = Path("results"),
    references: References = None,
    measure: Measure = None,
    strategy: Annotated[
        str,
        typer.Option(help="direct, reason, few-shot, repair, refine, plan or best-of; few-shot:5."),
    ] = "direct",
    language: Annotated[
        str, typer.Option(help="python, python-numpy, python-pyo or csound.")
    ] = "python",
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N prompts.")] = None,
    samples: Annotated[int, typer.Option(min=1, help="Attempts per prompt.")] = 1,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="KEY=VALUE", help="Option of the model's, as temperature; repeatable."
        ),
    ] = None,
    base_url: Annotated[str | None, typer.Option(help="Address of a compatible server.")] = None,
    name: Annotated[str | None, typer.Option(help="The model's name in the results.")] = None,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=1000, help="The most requests under way at once.")
    ] = None,
    no_cache: Annotated[
        bool, typer.Option("--no-cache", help="Neither use nor keep replies of other runs.")
    ] = False,
    max_cost: Annotated[
        float | None, typer.Option(min=0, metavar="DOLLARS", help="Stop before the run costs more.")
    ] = None,
    fresh: Fresh = False,
    sandbox_kind: Kind = "docker",
    runtime: Runtime = None,
    check_determinism: Annotated[
        bool,
        typer.Option("--check-determinism", help="Render twice, record whether it is the same."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run one model on one tier, or go on where the same run stopped."""
    from decimal import Decimal

    from probe.models.base import DoorOptions
    from probe.run import Options, dry_run_text, execute, prepare, summary_json, summary_text

    plan = prepare(
        Options(
            tier,
            model,
            results,
            references=references,
            measures=tuple(measure or ()),
            strategy=strategy,
            language=language,
            limit=limit,
            samples=samples,
            how=DoorOptions(tuple(setting or ()), base_url, name, concurrency),
            cache=not no_cache,
            max_cost=None if max_cost is None else Decimal(str(max_cost)),
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
