"""``probe sandbox``: the engine, the image, and single programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from probe.cli import AsJson, Kind, Runtime

if TYPE_CHECKING:
    from probe.sandbox import Execution

app = typer.Typer(name="sandbox", no_args_is_help=True, help="The container that programs run in.")


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@app.command()
def start() -> None:
    """Make sure that a Docker engine answers, with a daemon of probe's own if need be."""
    from probe.sandbox.docker import engine

    print(f"{engine.describe(engine.start(_say))} answers")


@app.command()
def stop() -> None:
    """Stop the daemon that `start` started; nobody else's is touched."""
    from probe.sandbox.docker import engine

    print("stopped" if engine.stop() else "no daemon of probe's own is running")


@app.command()
def build() -> None:
    """Build the image that programs run on."""
    from probe.sandbox.docker import engine, image

    print(image.build(engine.connect(), _say))


@app.command()
def sweep() -> None:
    """Remove containers whose owner has died."""
    from probe.sandbox import owner
    from probe.sandbox.docker import engine

    print(f"{owner.sweep(engine.connect())} removed")


@app.command(name="exec")
def execute(
    file: Annotated[Path, typer.Argument(help="A Python program; - reads it from stdin.")],
    wall: Annotated[
        float | None, typer.Option(min=0.1, max=600, metavar="S", help="Wall time it may take.")
    ] = None,
    cpu: Annotated[
        float | None, typer.Option(min=0.1, max=600, metavar="S", help="CPU time it may use.")
    ] = None,
    as_json: AsJson = False,
    save: Annotated[Path | None, typer.Option(help="Write the audio to this file.")] = None,
    kind: Kind = "docker",
    runtime: Runtime = None,
) -> None:
    """Run one program as a run would, and say what came of it; exit code 1 unless `ok`.

    Audio that a run would not take, such as silence, is `invalid_audio`; of its length nothing is
    said, since that is for a prompt to say.
    """
    from probe.paths import writing
    from probe.records import Limits, Outcome
    from probe.sandbox.choose import open_sandbox

    program = _read(file)
    given = {"wall_s": wall, "cpu_s": cpu}
    limits = Limits().model_copy(update={k: v for k, v in given.items() if v is not None})
    with open_sandbox(kind, runtime=runtime, slots=1) as sandbox:
        execution = sandbox.execute(program, limits)
    if save is not None and execution.audio is not None:
        with writing(save):
            save.write_bytes(execution.audio)
    found = _findings(execution)
    print(json.dumps(found, indent=2) if as_json else _text(found))
    if found["outcome"] != Outcome.OK:
        raise typer.Exit(1)


@app.command()
def verify(
    quick: Annotated[
        bool, typer.Option("--quick", help="Only what every run begins with.")
    ] = False,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="An attack or a class; may repeat.")
    ] = None,
    as_json: AsJson = False,
    kind: Kind = "docker",
    runtime: Runtime = None,
) -> None:
    """Attack the sandbox with the whole corpus; exit code 1 unless everything is contained."""
    from rich.console import Console
    from rich.progress import Progress

    from probe.sandbox.attacks import verify as proof
    from probe.sandbox.attacks.corpus import read_corpus, select
    from probe.sandbox.choose import open_venue

    attacks = select(read_corpus(), quick=quick, only=only or ())
    venue = open_venue(kind, runtime=runtime)
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("attacks", total=len(attacks))
        report = proof.verify(venue, attacks, done=lambda _: progress.advance(task))
    if as_json:
        print(json.dumps(proof.as_json(report), indent=2))
    else:
        proof.show(report, Console())
    if not report.contained:
        raise typer.Exit(1)


def _read(file: Path) -> str:
    from probe.errors import UsageError

    try:
        source = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
        return source.decode("utf-8")
    except OSError as error:
        raise UsageError(f"cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 text") from error


def _findings(execution: Execution) -> dict[str, Any]:
    """What there is to say, in the order it is said; the audio is described, not included."""
    from probe.audio import InvalidAudio, describe_wav
    from probe.records import Outcome

    found = execution.model_dump(mode="json", exclude={"audio"}) | {"audio": None}
    if execution.outcome is Outcome.OK:
        try:
            found["audio"] = describe_wav(execution.audio or b"")
        except InvalidAudio as error:
            found |= {"outcome": Outcome.INVALID_AUDIO.value, "detail": str(error)}
    return found


def _text(found: dict[str, Any]) -> str:
    detail = f" ({found['detail']})" if found["detail"] else ""
    ended = (
        f"signal {found['signal']}"
        if found["signal"] is not None
        else f"exit code {found['exit_code']}"
        if found["exit_code"] is not None
        else "no exit code"
    )
    lines = [
        f"outcome  {found['outcome']}{detail}",
        f"ended    {ended}",
        f"time     {found['wall_s']:.3f} s wall, {found['cpu_s']:.3f} s CPU",
        f"memory   {found['peak_memory_bytes'] / 2**20:.1f} MiB at most",
        f"audio    {found['audio'] or 'none'}",
    ]
    for stream in ("stdout", "stderr"):
        tail = found[f"{stream}_tail"].rstrip()
        if tail:
            lines += [f"{stream}:", *(f"  {line}" for line in tail.splitlines())]
    return "\n".join(lines)
