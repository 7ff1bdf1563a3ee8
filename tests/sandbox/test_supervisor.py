"""The supervisor's parts that can be tried outside a container; the rest is in test_container."""

from __future__ import annotations

import ast
import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from probe.paths import data_folder
from probe.records import Limits
from probe.sandbox.protocol import READY, Receiver, encode_job
from probe.sandbox.settings import ENVIRONMENT

PATH = data_folder("sandbox") / "supervisor.py"


@pytest.fixture(scope="module")
def supervisor() -> ModuleType:
    spec = importlib.util.spec_from_file_location("supervisor", PATH)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_does_nothing_unless_it_is_pid_1() -> None:
    """It kills every process there is: never outside a container."""
    command = [sys.executable, "-I", "-S", "-B", str(PATH), "1"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    assert done.returncode == 73
    assert b"must be PID 1" in done.stderr


@pytest.mark.parametrize(
    ("name", "more"), [("supervisor.py", frozenset()), ("worker.py", frozenset({"numpy"}))]
)
def test_little_is_imported(name: str, more: frozenset[str]) -> None:
    tree = ast.parse(PATH.with_name(name).read_text())
    imported = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    assert imported <= sys.stdlib_module_names | more


def test_both_sides_know_the_same_environment(supervisor: ModuleType) -> None:
    assert set(ENVIRONMENT) == supervisor.PASSED_ON


def test_both_sides_mean_the_same_frames(supervisor: ModuleType, tmp_path: Path) -> None:
    channel = object.__new__(supervisor.Channel)
    with (tmp_path / "sent").open("wb+") as file:
        channel.output, channel.nonce = file.fileno(), bytes(16)
        channel.send(b"r", b"")
        channel.nonce = b"n" * 16
        channel.send(b"b", b"")
        channel.send(b"o", b"x" * 100_000)
        file.seek(0)
        sent = file.read()
    assert sent.startswith(READY)
    receiver = Receiver(b"n" * 16, Limits(text_bytes=1 << 17))
    assert receiver.feed(sent.removeprefix(READY)) is None
    assert receiver.began
    assert len(receiver._parts[b"o"]) == 100_000


def test_both_sides_mean_the_same_job(supervisor: ModuleType) -> None:
    job = encode_job(b"n" * 16, b"program", Limits())
    assert len(job) == supervisor.JOB.size + len(b"program")


def test_counters_are_read_by_name_or_whole(supervisor: ModuleType, tmp_path: Path) -> None:
    events = tmp_path / "events"
    events.write_text("low 0\noom 3\noom_kill 2\n")
    whole = tmp_path / "usage"
    whole.write_text("12345\n")
    assert supervisor.read_count(str(events), "oom_kill") == 2
    assert supervisor.read_count(str(events), "missing") == 0
    assert supervisor.read_count(str(whole)) == 12345
    assert supervisor.read_count(str(tmp_path / "nowhere")) == 0


def test_cgroup_version_2_is_understood(
    supervisor: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, text in {
        "cgroup.controllers": "cpu memory pids\n",
        "cpu.stat": "usage_usec 2000000\nuser_usec 1\n",
        "memory.current": "5000\n",
        "memory.events": "max 4\noom 1\noom_kill 1\n",
        "pids.events": "max 2\n",
    }.items():
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(supervisor, "CGROUP", str(tmp_path))
    cgroup = supervisor.Cgroup()
    (tmp_path / "cpu.stat").write_text("usage_usec 3500000\n")
    (tmp_path / "memory.current").write_text("4000\n")
    (tmp_path / "pids.events").write_text("max 5\n")
    assert cgroup.cpu_s() == pytest.approx(1.5)
    assert cgroup.peak_memory() == 5000
    assert cgroup.new_events() == {"oom_kills": 0, "memory_hits": 0, "process_hits": 3}
    (tmp_path / "memory.peak").write_text("9000\n")
    assert cgroup.peak_memory() == 9000


def test_the_end_of_a_text_is_kept(supervisor: ModuleType) -> None:
    read_end, write_end = os.pipe()
    text = supervisor.Text(read_end, 4)
    os.write(write_end, b"0123456789")
    assert text.read()
    assert (text.tail, text.total, text.flooded()) == (b"6789", 10, False)
    os.write(write_end, b"x" * 60)
    assert text.read()
    assert text.flooded()
    os.close(write_end)
    assert not text.read()
    os.close(read_end)
