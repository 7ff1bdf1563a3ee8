"""Work that is dealt to processes."""

from __future__ import annotations

import os
import signal

import pytest

from probe.errors import ProbeError
from probe.parallel import in_processes


def doomed(number: int) -> int:
    """Work whose process is ended as the kernel does it when there is no memory left."""
    if number == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def test_a_worker_that_is_killed_is_one_line_that_says_how_to_go_on() -> None:
    with pytest.raises(ProbeError, match=r"for want of memory; .* same command goes on"):
        list(in_processes(doomed, range(3)))
