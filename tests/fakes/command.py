"""The command line within this process: what a person types, and what comes of it."""

from __future__ import annotations

import contextlib
import io
import sys
from typing import NamedTuple
from unittest import mock

from probe.cli.app import main


class Said(NamedTuple):
    """How a command ended."""

    code: int
    out: str
    err: str


def probe(*arguments: object) -> Said:
    """Run ``probe`` with these arguments."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    with (
        mock.patch.object(sys, "argv", ["probe", *map(str, arguments)]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ending:
            code = ending.code if isinstance(ending.code, int) else int(bool(ending.code))
    return Said(code, out.getvalue(), err.getvalue())
