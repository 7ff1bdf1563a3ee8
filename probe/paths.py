"""Where data and runs lie, and whose fault a failing path is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from probe.errors import PrerequisiteError


def data_folder(name: str) -> Path:
    """Find a folder of data, such as ``"tiers"`` or ``"sandbox"``.

    An installed wheel carries it inside the package; in a source tree, also when installed in
    editable mode, it lies beside the package.

    Parameters
    ----------
    name : str
        Name of the folder.

    Returns
    -------
    Path
        The folder.

    Raises
    ------
    PrerequisiteError
        The folder is in neither place: the installation is incomplete.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_data" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise PrerequisiteError(f"this installation lacks its folder {name!r}; install probe again")


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Make an OSError of the block one of `path`: that of a full disk names none of itself."""
    try:
        yield
    except OSError as error:
        error.filename = str(path)
        raise


def results_folder() -> Path:
    """Where runs are kept where nobody says otherwise: PROBE_RESULTS, or ``runs``."""
    return Path(os.environ.get("PROBE_RESULTS") or "runs")
