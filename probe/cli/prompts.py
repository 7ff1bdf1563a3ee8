"""``probe prompts`` and ``probe import``: prompts out, audio made elsewhere back in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from probe.cli import RESULTS, AsJson, Fresh, Measure, References, Results

app = typer.Typer(name="prompts", no_args_is_help=True)

Tier = Annotated[str, typer.Option(help="A tier that comes with probe, or a tier's folder.")]


@app.callback()
def _root() -> None:
    pass


@app.command()
def export(
    tier: Tier,
    form: Annotated[
        Literal["jsonl", "csv", "txt"],
        typer.Option("--format", help="jsonl and csv name the files to make; txt is texts alone."),
    ] = "jsonl",
    samples: Annotated[int, typer.Option(min=1, max=1000, help="Attempts per prompt.")] = 1,
    out: Annotated[Path | None, typer.Option(help="File to write; else standard output.")] = None,
) -> None:
    """Give the prompts to whoever renders them elsewhere; `probe import` takes the audio back."""
    from probe.paths import writing
    from probe.tier import export
    from probe.tier.folder import load

    text = export.export(load(tier), form, samples=samples)
    if out is None:
        typer.echo(text, nl=False)
        return
    with writing(out):
        out.write_text(text, encoding="utf-8")
    print(out)


def import_audio(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Folder of <prompt id>[-<sample>].wav and such.")
    ],
    tier: Tier,
    name: Annotated[str, typer.Option(help="What the generator is called in the results.")],
    results: Results = RESULTS,
    references: References = None,
    measure: Measure = None,
    partial: Annotated[
        bool, typer.Option("--partial", help="Take the prompts that are there, and no others.")
    ] = False,
    fresh: Fresh = False,
    as_json: AsJson = False,
) -> None:
    """Make a run of audio that was rendered elsewhere: scored, compared, on the board.

    Samples are counted from 0; an empty file is a clip that the generator could not make. Files of
    no attempt are left out and named.
    """
    from probe.cli.run import summary_json, summary_text
    from probe.models import check_name
    from probe.models.imported import Imported, listed
    from probe.run import Options, execute, prepare
    from probe.text import printable
    from probe.tier.folder import load

    check_name(name)
    door = Imported.open(folder, load(tier), name, partial=partial)
    plan = prepare(
        Options(
            tier,
            name,
            results,
            references=references,
            measures=tuple(measure or ()),
            samples=door.samples,
        ),
        door,
    )
    entry = execute(plan, fresh=fresh)
    if as_json:
        print(json.dumps(json.loads(summary_json(plan, entry)) | {"left_out": door.left_out}))
    else:
        print(summary_text(plan, entry))
        if door.left_out:
            print(f"  left out, of no attempt in the run: {printable(listed(door.left_out))}")
    if not entry.complete:
        raise typer.Exit(1)
