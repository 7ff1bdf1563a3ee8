"""The command line: a file for each family of commands, and here the options that several take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

RESULTS = Path("runs")
"""Where runs are kept by default; never the folder of published ones that a clone has."""

Results = Annotated[
    Path, typer.Option("--results", envvar="PROBE_RESULTS", help="Folder that holds the runs.")
]
References = Annotated[
    Path | None, typer.Option("--references", help="Folder of real recordings with a clips.csv.")
]
Measure = Annotated[
    list[str] | None,
    typer.Option(
        "--measure", help="A further metric, as fad/vggish or clap/<checkpoint>; repeatable."
    ),
]
TierFolder = Annotated[
    str | None, typer.Option("--tier", help="Folder of a tier that does not come with probe.")
]
Kind = Annotated[
    str, typer.Option("--sandbox", metavar="KIND", help="docker, or bubblewrap on Linux without.")
]
Runtime = Annotated[
    str | None,
    typer.Option("--runtime", metavar="NAME", help="A runtime the Docker engine has, as runsc."),
]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="Begin anew; the run that is there is kept in .old.")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON on stdout.")]
