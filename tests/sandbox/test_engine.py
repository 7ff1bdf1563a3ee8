from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from probe.errors import PrerequisiteError
from probe.sandbox.docker import debian, engine
from probe.sandbox.docker.engine import Home
from tests.fakes.sandbox_engine import fake_engine


@pytest.fixture(autouse=True)
def _nobody_answers(monkeypatch: pytest.MonkeyPatch, home: Path) -> None:
    """No engine of this machine takes part."""
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(engine, "DEFAULT_SOCKET", home / "default.sock")
    monkeypatch.setenv("PROBE_HOME", str(home))


@pytest.fixture
def home() -> Iterator[Path]:
    # Paths of sockets are short: pytest's own folders may be too deep.
    folder = Path(tempfile.mkdtemp(prefix="probe-"))
    yield folder
    shutil.rmtree(folder)


def silent(_: str) -> None:
    pass


def test_nobody_answers() -> None:
    with pytest.raises(PrerequisiteError, match="no Docker engine answers; run `probe sandbox st"):
        engine.connect()


def test_a_socket_without_a_daemon_is_no_engine(home: Path) -> None:
    with fake_engine(home / "default.sock"):
        pass
    (home / "default.sock").touch()
    with pytest.raises(PrerequisiteError, match="no Docker engine answers"):
        engine.connect()


def test_the_default_socket_comes_before_our_own(home: Path) -> None:
    own = Home.find()
    own.make()
    with fake_engine(own.socket):
        client = engine.connect()
        assert engine.describe(client) == "docker 99.1.2 crun"
        client.close()
        own.socket.rename(home / "default.sock")
        client = engine.connect()
        client.close()
        (home / "default.sock").rename(own.socket)


def test_docker_host_comes_first_and_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with fake_engine(home / "named.sock"):
        monkeypatch.setenv("DOCKER_HOST", f"unix://{home / 'named.sock'}")
        engine.connect().close()
    with (
        fake_engine(home / "default.sock"),
        pytest.raises(PrerequisiteError, match=r"DOCKER_HOST=unix://.*named\.sock"),
    ):
        engine.connect()


@pytest.mark.parametrize("name", ["tcp://127.0.0.1:1", "nonsense://", "unix:///nowhere/x.sock"])
def test_a_docker_host_that_does_not_answer_stops_start_too(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", name)
    for attempt in (engine.connect, lambda: engine.start(silent)):
        with pytest.raises(PrerequisiteError, match="start it or unset the variable"):
            attempt()


def test_start_uses_the_engine_that_answers(home: Path) -> None:
    with fake_engine(home / "default.sock"):
        engine.start(silent).close()
    assert not Home.find().run.exists()


def test_start_elsewhere_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "can_install", lambda: False)
    with pytest.raises(PrerequisiteError, match="install and start Docker"):
        engine.start(silent)


def test_a_daemon_that_dies_at_once_is_quoted(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = home / "dockerd"
    broken.write_text("#!/bin/sh\necho 'no cgroups here' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", str(home), prepend=":")
    monkeypatch.setattr(debian, "can_install", lambda: True)
    with pytest.raises(PrerequisiteError, match="did not come up: no cgroups here"):
        engine.start(silent)


def test_our_daemon_shares_nothing_with_others(home: Path) -> None:
    arguments = engine.daemon_arguments("dockerd", Home.find())
    for name in ("host", "data-root", "exec-root", "pidfile", "config-file"):
        (value,) = (a for a in arguments if a.startswith(f"--{name}="))
        assert str(home) in value
    for alone in (
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
        "--ip-forward=false",
        "--ip-masq=false",
        "--containerd-namespace=probe",
    ):
        assert alone in arguments


class Told:
    """An engine that is asked about itself."""

    def __init__(self, **about: object) -> None:
        self._about = {"DefaultRuntime": "runc", **about}

    def version(self) -> dict[str, object]:
        return {"Version": "27.0.1"}

    def info(self) -> dict[str, object]:
        return self._about


@pytest.mark.parametrize(
    ("options", "name"),
    [
        (["name=seccomp,profile=builtin", "name=userns"], "docker 27.0.1 runc userns"),
        (["name=rootless", "name=cgroupns"], "docker 27.0.1 runc rootless"),
        (["name=apparmor", "name=cgroupns"], "docker 27.0.1 runc"),
        (None, "docker 27.0.1 runc"),
    ],
)
def test_remapped_users_are_told(options: list[str] | None, name: str) -> None:
    client: Any = Told(SecurityOptions=options)
    assert engine.describe(client) == name
    assert engine.remaps_users(client) is (len(name.split()) > 3)


def test_a_runtime_is_told_in_place_of_the_default() -> None:
    client: Any = Told(Runtimes={"runsc": {}, "runc": {}})
    assert engine.describe(client, "runsc") == "docker 27.0.1 runsc"
    assert engine.runtimes(client) == ["runc", "runsc"]


def test_there_is_nothing_to_stop() -> None:
    assert engine.stop() is False


def test_stop_leaves_alone_what_only_has_the_same_number() -> None:
    own = Home.find()
    own.make()
    with subprocess.Popen(["sleep", "60"]) as other:
        for number in (str(other.pid), "", "nonsense", "-1", "99999999"):
            own.pidfile.write_text(number)
            assert engine.stop() is False
        assert other.poll() is None
        other.kill()


STARTS = "from probe.sandbox.docker import engine; engine.DEFAULT_SOCKET = engine.Path('/nowhere');"


@pytest.mark.docker
def test_our_own_daemon_from_start_to_stop() -> None:
    """Twice at once, with files of a machine that went down: one daemon, which stops again."""
    if os.geteuid() != 0 or debian.find_program("dockerd") is None:
        pytest.skip("starting a daemon takes root and dockerd")
    own = Home.find()
    own.make()
    own.pidfile.write_text("1")
    command = [sys.executable, "-c", STARTS + "print(engine.start(print).info()['ID'])"]
    try:
        both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        said = [process.communicate(timeout=60)[0] for process in both]
        assert all(process.returncode == 0 for process in both)
        assert sorted(text.count("starting dockerd") for text in said) == [0, 1]
        client = engine.connect()
        assert {text.split()[-1] for text in said} == {client.info()["ID"]}
        assert client.info()["DockerRootDir"] == str(own.data / "docker")
        client.close()
    finally:
        assert engine.stop() is True
    assert engine.stop() is False
    with pytest.raises(PrerequisiteError):
        engine.connect()
