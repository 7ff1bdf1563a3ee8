"""The leaderboard: a pure function of the logs under a results folder, the same bytes each time."""

from __future__ import annotations

from pathlib import Path

from probe.board import published
from probe.board.leaderboard_data import as_json
from probe.board.leaderboard_words import markdown
from probe.board.order import CEILING, CONTROLS, FLOORS, REAL, Board, out_of_order, read

__all__ = [
    "CEILING",
    "CONTROLS",
    "FLOORS",
    "REAL",
    "Board",
    "as_json",
    "markdown",
    "out_of_order",
    "read",
    "stale",
    "write",
]


def write(results: Path) -> list[Path]:
    """Write the leaderboard into `results` as Markdown and JSON; returns the files' paths."""
    written = []
    for path, text in _files(results):
        path.write_bytes(text.encode())
        written.append(path)
    return written


def stale(results: Path) -> list[Path]:
    """Which of the files are not what the logs say."""
    return [
        path
        for path, text in _files(results)
        if not path.is_file() or path.read_bytes() != text.encode()
    ]


def _files(results: Path) -> list[tuple[Path, str]]:
    boards, tables = read(results), published.read(results)
    return [
        (results / "LEADERBOARD.md", markdown(boards, tables)),
        (results / "leaderboard.json", as_json(boards, tables)),
    ]
