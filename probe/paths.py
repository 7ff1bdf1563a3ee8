"""Where the data that comes with probe lies, and where runs are kept."""

from __future__ import annotations

import os
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


def results_folder() -> Path:
    """Where runs are kept where nobody says otherwise: PROBE_RESULTS, or ``runs``."""
    return Path(os.environ.get("PROBE_RESULTS") or "runs")
