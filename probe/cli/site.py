"""``probe site``: the results as one folder of pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from probe.cli.options import Kind, Results, Runtime


def site(
    results: Results = Path("results"),
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
