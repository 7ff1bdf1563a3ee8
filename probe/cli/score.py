"""``probe score``: one program or sound of one's own, rendered and measured as a run would."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from probe.cli import AsJson, Kind, References, Runtime


def score(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A program (.py), or .wav, .flac, .mp3, .ogg.")
    ],
    tier: Annotated[str, typer.Option(help="A tier that comes with probe, or a tier's folder.")],
    prompt: Annotated[str, typer.Option(metavar="ID", help="The prompt it is an answer to.")],
    image: Annotated[
        Path | None, typer.Option(help="Write the log-mel spectrogram to this file, a PNG.")
    ] = None,
    references: References = None,
    sandbox_kind: Kind = "docker",
    runtime: Runtime = None,
    as_json: AsJson = False,
) -> None:
    """Score one program or sound of your own: outcome, values, what the judges hear, a picture.

    A program runs in the sandbox; audio is held to what a program's output is held to. Nothing is
    written to the results. Exit code 1 unless the outcome is `ok`.
    """
    from rich.console import Console

    from probe.board.attempt import facts, picture, show_on
    from probe.board.single import look_at
    from probe.records import Outcome
    from probe.records.references import References
    from probe.sandbox.choose import open_sandbox
    from probe.tier.folder import load

    looked = look_at(
        file,
        load(tier),
        prompt,
        sandbox=lambda: open_sandbox(sandbox_kind, slots=1, runtime=runtime),
        references=References.open(references) if references else None,
    )
    if as_json:
        print(json.dumps(facts(looked), indent=2))
    else:
        show_on(Console(), looked)
    row = looked.rendering
    if image is not None and looked.sound is not None:
        _write(image, picture(looked))
    if row is None or row.outcome is not Outcome.OK:
        raise typer.Exit(1)


def _write(image: Path, data: bytes) -> None:
    from probe.errors import PrerequisiteError

    try:
        image.write_bytes(data)
    except OSError as error:
        raise PrerequisiteError(f"{image} cannot be written: {error.strerror}") from None
    print(f"spectrogram in {image}", file=sys.stderr)
