"""What holds for all tests."""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# How long an example takes says how busy the machine is; benchmarks are for speed.
settings.register_profile("probe", deadline=None)
settings.load_profile("probe")


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """A shell has what it starts in the background ignore Ctrl-C, and probe respects that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
