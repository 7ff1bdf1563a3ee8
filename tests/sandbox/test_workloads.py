"""The programs of ``workloads/`` in the real sandbox: what people write runs under its settings.

Each checks its own results and leaves a clip.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import soundfile

from probe.records import Limits, Outcome
from probe.sandbox.docker.sandbox import DockerSandbox

WORKLOADS = sorted(Path(__file__).with_name("workloads").glob("*.py"))


@pytest.mark.docker
@pytest.mark.parametrize("program", WORKLOADS, ids=lambda path: path.stem)
def test_workload_runs_as_it_would_anywhere(sandbox: DockerSandbox, program: Path) -> None:
    done = sandbox.execute(program.read_text(), Limits(wall_s=60, cpu_s=20))
    assert done.outcome is Outcome.OK, f"{done.detail}\n{done.stderr_tail}"
    assert done.audio is not None
    samples, _ = soundfile.read(io.BytesIO(done.audio))
    assert len(samples) >= 8000
    assert np.ptp(samples) > 0.1
