"""``probe cache``: what is kept between runs, so that nothing is paid or computed twice."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from probe.cli.options import AsJson

app = typer.Typer(
    name="cache", no_args_is_help=True, help="Replies and embeddings that are kept between runs."
)

WHAT = ("replies", "embeddings")

What = Annotated[
    str | None, typer.Argument(metavar="[replies|embeddings]", help="Only the one or the other.")
]


@app.command()
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


@app.command()
def clear(what: What = None) -> None:
    """Throw away what is kept; replies must be paid again when they are asked for again."""
    from probe.errors import UsageError, unknown
    from probe.models.cache import ReplyCache
    from probe.score.embedders import cache as embeddings

    if what is not None and what not in WHAT:
        raise UsageError(unknown("cache", what, WHAT))
    if what in (None, "replies"):
        print(f"{ReplyCache().clear()} replies thrown away")
    if what in (None, "embeddings"):
        freed = sum(row.size for row in embeddings.report())
        embeddings.clear()
        print(f"{freed / 1e6:.1f} MB of embeddings thrown away")
