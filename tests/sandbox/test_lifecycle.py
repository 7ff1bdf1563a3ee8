"""The containers themselves: when they come and go, on a real engine."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import docker.errors
import pytest
from docker.api.client import APIClient

from probe.errors import PrerequisiteError
from probe.records import Limits, Outcome
from probe.sandbox import owner, pool, settings
from probe.sandbox.docker.sandbox import DockerSandbox, WarmContainer
from tests.fakes.sandbox_pool import eventually

pytestmark = pytest.mark.docker

LIMITS = Limits(wall_s=20, cpu_s=5, memory_bytes=256 << 20)
DONE = (Outcome.OK, None)
GOOD = "open('output.wav', 'w')"


def labelled(client: APIClient, name: str, value: str, **options: Any) -> list[dict[str, Any]]:
    filters = {"label": f"{owner.PREFIX}{name}={value}"}
    found: list[dict[str, Any]] = client.containers(filters=filters, **options)
    return found


class Watched(DockerSandbox):
    """Tells which containers it has."""

    def ids(self, state: str | None = None) -> set[str]:
        found = labelled(self._client, "session", self._session, all=True)
        return {one["Id"] for one in found if state in (None, one["State"])}

    def waiting(self) -> set[str]:
        """Those that wait for a program."""
        assert self._pool
        return {held.container._name for held in self._pool._waiting}


@pytest.fixture
def watched(client: APIClient, image_id: str) -> Iterator[Watched]:
    with Watched(client, image_id, slots=1, spare=1) as opened:
        yield opened
    assert opened.ids() == set()


def test_two_run_at_once_and_a_third_waits(sandbox: DockerSandbox) -> None:
    program = "import os, time\nprint(os.getuid(), time.time())\ntime.sleep(2)\nprint(time.time())"
    with ThreadPoolExecutor(3) as threads:
        done = list(threads.map(lambda _: sandbox.execute(program, LIMITS), range(3)))
    spans = []
    for execution in done:
        uid, began, ended = execution.stdout_tail.split()
        spans.append((float(began), float(ended), int(uid)))
    (_, first_end, _), (second_begin, second_end, _), (third_begin, _, _) = sorted(spans)
    assert second_begin < first_end
    assert third_begin > min(first_end, second_end)
    assert len({uid for _, _, uid in spans[:2]}) == 2


def test_containers_wait_before_the_first_program_and_are_never_used_again(
    watched: Watched,
) -> None:
    eventually(lambda: len(watched.waiting()) == 2)
    before = watched.waiting()
    assert watched.execute(GOOD, Limits()).outcome is Outcome.OK
    eventually(lambda: len(watched.waiting()) == 2)
    assert len(watched.waiting() & before) == 1


def test_memory_and_processes_are_those_of_the_program(watched: Watched) -> None:
    program = """
import pathlib
for name in ("memory.max", "memory/memory.limit_in_bytes", "pids.max", "pids/pids.max"):
    file = pathlib.Path("/sys/fs/cgroup", name)
    if file.exists(): print(file.read_text().strip())
"""
    for memory, processes in ((128 << 20, 10), (64 << 20, 20), (128 << 20, 10)):
        limits = LIMITS.model_copy(update={"memory_bytes": memory, "processes": processes})
        done = watched.execute(program, limits)
        assert done.stdout_tail.split() == [str(memory), str(processes)]


def test_one_that_ended_while_it_waited_is_replaced(
    watched: Watched, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "LOOK_S", 0.05)
    eventually(lambda: len(watched.waiting()) == 2)
    victim = min(watched.waiting())
    client.kill(victim)
    eventually(lambda: victim not in watched.waiting() and len(watched.waiting()) == 2)


def test_a_program_whose_container_ends_before_it_begins_gets_another(
    watched: Watched, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WarmContainer, "waits", lambda _: True)
    assert watched.execute(GOOD, LIMITS).outcome is Outcome.OK
    eventually(lambda: len(watched.waiting()) == 2)
    for victim in watched.waiting():
        client.kill(victim)
    done = watched.execute(GOOD, LIMITS)
    assert (done.outcome, done.detail) == DONE


def test_a_program_whose_container_ends_after_it_began_is_not_run_again(
    watched: Watched, client: APIClient
) -> None:
    def kill_what_runs() -> None:
        eventually(lambda: len(watched.waiting()) == 1)
        time.sleep(0.5)
        for victim in watched.ids("running"):
            client.kill(victim)

    killer = threading.Thread(target=kill_what_runs)
    eventually(lambda: len(watched.waiting()) == 2)
    killer.start()
    done = watched.execute("import time\ntime.sleep(30)", Limits())
    killer.join()
    assert done.outcome is Outcome.SANDBOX_ERROR
    assert (done.detail or "").startswith("the sandbox gave no result: exit code 137")


def test_one_that_nobody_needs_ends_by_itself(
    client: APIClient, image_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "IDLE_S", 0.3)
    monkeypatch.setattr(pool, "LOOK_S", 1000.0)
    with Watched(client, image_id, slots=1, spare=0) as watched:
        eventually(lambda: len(watched.ids("exited")) == 1)
        (ended,) = watched.ids()
        assert client.inspect_container(ended)["State"]["ExitCode"] == 72


def test_leaving_stops_what_still_runs(client: APIClient, image_id: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        with Watched(client, image_id, slots=1) as watched:
            running = threads.submit(watched.execute, "import time\ntime.sleep(25)", Limits())
            time.sleep(1)
        began = time.monotonic()
        assert running.result().outcome is Outcome.SANDBOX_ERROR
    assert time.monotonic() - began < 15
    assert watched.ids() == set()


def test_outside_its_block_nothing_runs(client: APIClient, image_id: str) -> None:
    with pytest.raises(RuntimeError, match="inside its `with` block"):
        DockerSandbox(client, image_id).execute(GOOD, LIMITS)


def test_an_engine_that_refuses_is_our_failure(client: APIClient) -> None:
    with DockerSandbox(client, "sha256:" + "0" * 64, slots=1) as sandbox:
        done = sandbox.execute(GOOD, LIMITS)
    assert done.outcome is Outcome.SANDBOX_ERROR
    assert "No such image" in (done.detail or "")


def test_a_container_that_does_not_get_ready_is_our_failure_and_is_removed(
    client: APIClient, image_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "COMMAND", ("/usr/bin/python3", "-c", "raise SystemExit('no')"))
    with Watched(client, image_id, slots=1, spare=0) as sandbox:
        done = sandbox.execute(GOOD, LIMITS)
    assert done.outcome is Outcome.SANDBOX_ERROR
    assert done.detail == "the supervisor did not get ready: exit code 1 no"
    assert sandbox.ids() == set()


def test_a_runtime_can_be_chosen(client: APIClient, image_id: str) -> None:
    with Watched(client, image_id, slots=1, spare=0, runtime="runc") as sandbox:
        assert sandbox.name.split()[2] == "runc"
        # The engine lists a container that it still creates, and does not know it by its id yet.
        eventually(lambda: bool(sandbox.ids("running")))
        (container,) = sandbox.ids("running")
        assert client.inspect_container(container)["HostConfig"]["Runtime"] == "runc"
    with pytest.raises(PrerequisiteError, match="the engine has an unknown runtime 'rnc'"):
        DockerSandbox(client, image_id, runtime="rnc")


HARNESS = """
import sys, time
from probe.records import Limits
from probe.sandbox.docker import engine
from probe.sandbox.docker.sandbox import DockerSandbox
with DockerSandbox(engine.connect(), sys.argv[1], slots=2) as sandbox:
    if sys.argv[2] == "busy":
        sandbox.execute("import time; time.sleep(60)", Limits())
    time.sleep(60)
"""


@pytest.mark.parametrize("state", ["busy", "idle"])
def test_a_killed_harness_leaves_nothing_running_and_the_next_one_sweeps(
    client: APIClient, image_id: str, state: str
) -> None:
    with subprocess.Popen([sys.executable, "-c", HARNESS, image_id, state]) as harness:

        def owned(**options: Any) -> list[dict[str, Any]]:
            return labelled(client, "pid", str(harness.pid), **options)

        eventually(lambda: len(owned()) == 4)
        time.sleep(1)
        with DockerSandbox(client, image_id, slots=1, spare=0):
            assert len(owned()) == 4, "a living owner's containers are not touched"
        harness.kill()
    killed = time.monotonic()
    eventually(lambda: not owned())
    assert time.monotonic() - killed < 15
    husks = owned(all=True)
    assert [husk["State"] for husk in husks] == ["exited"] * 4
    assert owner.sweep(client) >= 4
    assert owned(all=True) == []


def test_nothing_is_left_open(client: APIClient, image_id: str) -> None:
    def count() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    threads = set(threading.enumerate())
    with Watched(client, image_id, slots=2) as warm:
        warm.execute(GOOD, LIMITS)
    before = count()
    with Watched(client, image_id, slots=2) as watched:
        for _ in range(6):
            assert watched.execute(GOOD, LIMITS).outcome is Outcome.OK
    assert count() <= before
    assert set(threading.enumerate()) <= threads


def test_an_engine_that_forgets_a_container_does_not_stop_the_pool(
    watched: Watched, client: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise docker.errors.DockerException("lost")

    with monkeypatch.context() as patched:
        patched.setattr(owner, "remove", fail)
        for _ in range(3):
            assert watched.execute(GOOD, LIMITS).outcome is Outcome.OK
