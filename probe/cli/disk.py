"""``probe cache`` and ``probe weights``: what is kept on this machine's disk."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from probe.cli import AsJson

cache = typer.Typer(
    name="cache", no_args_is_help=True, help="Replies and embeddings that are kept between runs."
)
weights = typer.Typer(
    name="weights", no_args_is_help=True, help="Weights of the embedders: list, fetch, check."
)

WHAT = ("replies", "embeddings")

What = Annotated[
    str | None, typer.Argument(metavar="[replies|embeddings]", help="Only the one or the other.")
]

Names = Annotated[
    list[str], typer.Argument(metavar="NAME...", help="As in the list, or clap:<owner>/<model>.")
]


@cache.command()
def show(
    as_json: AsJson = False,
) -> None:
    """Say what is kept, how much of it, and where."""
    from probe.models.cache import ReplyCache
    from probe.score.embedders import cache as embeddings

    replies = ReplyCache()
    count, size = replies.size()
    kept = embeddings.report()
    if as_json:
        found = {
            "replies": {"folder": str(replies.folder), "files": count, "bytes": size},
            "embeddings": {
                "folder": str(embeddings.embeddings_folder()),
                "files": sum(row.files for row in kept),
                "bytes": sum(row.size for row in kept),
                "by_embedder": {row.embedder: row.size for row in kept},
            },
        }
        print(json.dumps(found))
        return
    print(f"{size / 1e6:9.1f} MB  {count:8} replies in {replies.folder}")
    for row in kept:
        print(f"{row.size / 1e6:9.1f} MB  {row.files:8} embeddings of {row.embedder}")
    total = sum(row.size for row in kept)
    print(f"{total / 1e6:9.1f} MB  of embeddings in {embeddings.embeddings_folder()}")


@cache.command()
def clear(
    what: What = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> None:
    """Throw away what is kept; replies must be paid again when they are asked for again.

    Says what was paid for them and asks first; --yes is for scripts.
    """
    from probe.ask.prices import paid_for
    from probe.errors import PrerequisiteError, UsageError, unknown
    from probe.models.cache import ReplyCache
    from probe.score.embedders import cache as embeddings

    if what is not None and what not in WHAT:
        raise UsageError(unknown("cache", what, WHAT))
    replies, there = ReplyCache(), []
    if what in (None, "replies") and replies.size()[0]:
        there.append(paid_for(replies.replies()).words)
    if what in (None, "embeddings") and (kept := sum(row.size for row in embeddings.report())):
        there.append(f"{kept / 1e6:.1f} MB of embeddings")
    if not there:
        print("nothing is kept")
        return
    if not yes:
        _ask("; ".join(there))
    if what in (None, "replies"):
        replies.clear()
    if what in (None, "embeddings"):
        embeddings.clear()
    left = replies.size()[0] if what != "embeddings" else 0
    if left or (what != "replies" and embeddings.report()):
        raise PrerequisiteError("not all of it could be removed: its folder cannot be written to")
    print(f"thrown away: {'; '.join(there)}")


def _ask(there: str) -> None:
    """Go on only where a person says so.

    Raises
    ------
    UsageError
        Nobody can be asked.
    """
    from probe.errors import UsageError

    if not sys.stdin.isatty():
        raise UsageError(
            f"{there} would be thrown away, and there is no terminal to ask at; --yes goes on"
        )
    if not typer.confirm(f"{there}: throw away?", err=True):
        print("nothing is thrown away", file=sys.stderr)
        raise typer.Exit(1)


# --- weights -------------------------------------------------------------------------------------


@weights.command(name="list")
def list_(as_json: AsJson = False) -> None:
    """Say which weights there are, and which of them are here."""
    from probe.score.weights import folder, known, state

    if as_json:
        found = [
            {
                "name": w.name,
                "kind": w.kind,
                "state": state(w),
                "megabytes": w.megabytes,
                "licence": w.licence,
                "about": w.about,
                "source": w.source,
                "folder": str(folder() / w.name),
            }
            for w in known().values()
        ]
        print(json.dumps(found, indent=2))
        return
    rows = [
        (w.name, state(w), f"{w.megabytes} MB", w.licence, f"{w.about} ({w.source})")
        for w in known().values()
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)][:-1]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join([*cells, row[-1]]))
    print(f"in {folder()}; PROBE_WEIGHTS names another folder", file=sys.stderr)


@weights.command()
def fetch(
    names: Names,
    again: Annotated[
        bool, typer.Option("--again", help="Also what is here already or has changed.")
    ] = False,
    offline: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Take the files from here, not the network."),
    ] = None,
) -> None:
    """Fetch weights and what they need, and record what they are."""
    from rich.console import Console
    from rich.progress import DownloadColumn, Progress, TaskID, TransferSpeedColumn

    from probe.score.weights import folder, named
    from probe.score.weights.fetching import fetch as fetch_weights

    wanted = [named(name) for name in names]
    columns = (*Progress.get_default_columns(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(file: str, done: int, whole: int | None) -> None:
            if file not in tasks:
                tasks[file] = bars.add_task(file, total=whole)
            bars.update(tasks[file], completed=done)

        for weights in wanted:
            fetched = fetch_weights(weights, again=again, offline=offline, progress=show)
            for each in fetched:
                print(f"{each.name}  {folder() / each.name}")
            if not fetched:
                print(f"{weights.name}  is here already")


@weights.command()
def check(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Instead of all that are here.")
    ] = None,
) -> None:
    """Compare weights with what was recorded of them; exit code 1 if one has changed."""
    from probe.score.weights import check as check_weights
    from probe.score.weights import known, named, state

    chosen = [named(name) for name in names or ()]
    if not names:
        chosen = [weights for weights in known().values() if state(weights) != "absent"]
    words = {
        "present": "is what it was",
        "unrecorded": "is recorded now",
        "changed": "has changed; `probe weights fetch {} --again`",
        "absent": "is absent; `probe weights fetch {}`",
    }
    found = []
    for weights in chosen:
        found.append(check_weights(weights))
        print(f"{weights.name}  {words[found[-1]].format(weights.argument)}")
    if not chosen:
        print("no weights are here")
    if {"changed", "absent"} & set(found):
        raise typer.Exit(1)
