"""A folder of a tier, written whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probe.errors import UsageError
from probe.paths import writing
from probe.tier.folder import load


@contextmanager
def written_whole(out: Path) -> Iterator[Path]:
    """A folder to write a tier's files in, which is checked and moved to `out` at the end.

    Raises
    ------
    UsageError
        There is something in `out`.
    PrerequisiteError
        It cannot be written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is there already; give a folder that does not exist")
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}.") as folder:
            half = Path(folder) / out.name
            half.mkdir()
            yield half
            load(str(half))
            half.replace(out)
