"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and probe respects that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
