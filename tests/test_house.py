"""The rooms of the package and the order of its arrows; what an import is, the code itself says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "probe"

GROUND = (
    "audio",
    "cache",
    "display",
    "errors",
    "parallel",
    "paths",
    "runtime",
    "stats",
    "text",
    "wav",
)
"""Files at the top that every room may use; they know no room."""

ORDER = (
    ("ground",),
    ("records",),
    ("tier",),
    ("models", "sandbox"),
    ("score/metrics",),
    ("render",),
    ("ask",),
    ("score",),
    ("board",),
    ("run", "site", "validity", "notebook"),
    ("cli",),
    ("__init__", "__main__"),
)
"""Rooms and files at the top, each line above what it may import."""

PLACE = {room: place for place, rooms in enumerate(ORDER) for room in rooms}

FEWEST_AT_TOP = 14
"""Files at the top of the package, at the most."""


def room_of(path: Path) -> str:
    """The room that a file of the package lies in."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    if parts[0] in GROUND:
        return "ground"
    return "score/metrics" if parts[:2] == ("score", "metrics") else parts[0]


def file_of(module: str) -> Path | None:
    """The file of a module of the package, None where the name is no module's."""
    path = PACKAGE.parent.joinpath(*module.split("."))
    found = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in found if file.is_file()), None)


def imported(path: Path) -> Iterator[tuple[int, Path]]:
    """Line and file of everything of the package that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            names = [f"{node.module}.{each.name}" for each in node.names]
        for name in names:
            if name.partition(".")[0] == "probe":
                file = file_of(name) or file_of(name.rpartition(".")[0])
                assert file is not None, f"{path} line {node.lineno} imports {name}"
                yield node.lineno, file


def test_every_file_lies_in_a_room() -> None:
    strange = [str(path) for path in PACKAGE.rglob("*.py") if room_of(path) not in PLACE]
    assert strange == []


def test_imports_go_one_way() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} imports {other.relative_to(PACKAGE)}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line, other in imported(path)
        if room_of(other) != room_of(path) and PLACE[room_of(other)] >= PLACE[room_of(path)]
    ]
    assert wrong == []


def test_few_files_lie_outside_the_rooms() -> None:
    assert len(list(PACKAGE.glob("*.py"))) <= FEWEST_AT_TOP


@pytest.mark.parametrize("heavy", ["torch", "transformers", "diffusers", "librosa"])
def test_what_is_large_is_imported_where_it_is_used(heavy: str) -> None:
    at_top = [
        str(path.relative_to(PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [each.name for each in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
        )
        if name.partition(".")[0] == heavy
    ]
    assert at_top == []
