"""Find a Docker engine, or run one of probe's own; nobody else's is ever touched.

Looked for in this order: what DOCKER_HOST names and nothing else when it is set, the default
socket, the socket of probe's own daemon.
"""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker.errors
import docker.utils
from docker.api.client import APIClient

from probe.errors import PrerequisiteError
from probe.sandbox.docker import debian
from probe.sandbox.docker.debian import Say

DEFAULT_SOCKET = Path("/var/run/docker.sock")
ANSWER_S = 5.0
"""How long an engine has to answer when it is looked for."""
REQUEST_S = 120.0
"""How long one request to an engine may take."""
START_S = 60.0
STOP_S = 30.0
_POLL_S = 0.1
_SYSTEMD = Path("/run/systemd/system")
_DAEMON_ENVIRONMENT = (
    *("PATH", "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR"),
    *("http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
)


@dataclass(frozen=True)
class Home:
    """Where probe's own daemon keeps its things."""

    data: Path
    run: Path

    @classmethod
    def find(cls) -> Home:
        """The system's places for data and runtime state, or below PROBE_HOME when that is set."""
        home = os.environ.get("PROBE_HOME")
        if home:
            return cls(data=Path(home).absolute(), run=Path(home).absolute() / "run")
        return cls(data=Path("/var/lib/probe"), run=Path("/run/probe"))

    @property
    def socket(self) -> Path:
        """Where the daemon answers."""
        return self.run / "docker.sock"

    @property
    def pidfile(self) -> Path:
        """Holds the daemon's process id."""
        return self.run / "docker.pid"

    @property
    def log(self) -> Path:
        """What the daemon says."""
        return self.run / "docker.log"

    def make(self) -> None:
        """Make the folders; nobody else may look inside."""
        for folder in (self.data, self.run):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def connect() -> APIClient:
    """Connect to the first engine that answers.

    Returns
    -------
    docker.APIClient
        A client that speaks the engine's version of the API.

    Raises
    ------
    PrerequisiteError
        No engine answers.
    """
    if os.environ.get("DOCKER_HOST"):
        return _named_engine()
    refused = ""
    for path in (DEFAULT_SOCKET, Home.find().socket):
        try:
            return _client(f"unix://{path}")
        except PermissionError:
            refused = f" ({path} is closed to this user)"
        except (docker.errors.DockerException, OSError):
            continue
    raise PrerequisiteError(f"no Docker engine answers{refused}; run `probe sandbox start`")


def _named_engine() -> APIClient:
    """The engine that DOCKER_HOST names, with the TLS settings of the environment."""
    name = os.environ["DOCKER_HOST"]
    try:
        settings = docker.utils.kwargs_from_env()
        return _client(settings.pop("base_url"), **settings)
    except (docker.errors.DockerException, OSError) as error:
        raise PrerequisiteError(
            f"no Docker engine answers at DOCKER_HOST={name}; start it or unset the variable"
        ) from error


def _client(base_url: str, **tls: object) -> APIClient:
    """A client of the engine at `base_url`, which is asked for its version on the way."""
    path = base_url.partition("unix://")[2]
    if path:
        # Docker's client leaks its socket when nobody listens, and hides why.
        with socket.socket(socket.AF_UNIX) as knock:
            knock.settimeout(ANSWER_S)
            knock.connect(path)
    client = APIClient(base_url, version="auto", timeout=ANSWER_S, max_pool_size=64, **tls)
    client.timeout = REQUEST_S
    return client


def describe(client: APIClient, runtime: str | None = None) -> str:
    """Say which engine this is, as ``docker 20.10.24 runc``.

    Parameters
    ----------
    client : docker.APIClient
        The engine.
    runtime : str, optional
        What runs its containers; its default when omitted.

    Returns
    -------
    str
        Its version, the runtime, and whether users are remapped.
    """
    version, about = client.version()["Version"], client.info()
    words = ["docker", version.partition("+")[0], runtime or about["DefaultRuntime"]]
    return " ".join([*words, *_remapping(about)])


def runtimes(client: APIClient) -> list[str]:
    """Names of the runtimes the engine can use."""
    return sorted(client.info().get("Runtimes") or ())


def remaps_users(client: APIClient) -> bool:
    """Whether a user number inside a container is another, out of a smaller range, outside."""
    return bool(_remapping(client.info()))


def _remapping(about: Mapping[str, Any]) -> list[str]:
    options = {option.partition(",")[0] for option in about.get("SecurityOptions") or ()}
    return sorted(name for name in ("rootless", "userns") if f"name={name}" in options)


def start(say: Say) -> APIClient:
    """Make sure that an engine answers: one that is there, or a daemon of probe's own.

    Raises
    ------
    PrerequisiteError
        None answers, and none can be started here.
    """
    try:
        return connect()
    except PrerequisiteError:
        if os.environ.get("DOCKER_HOST"):
            raise
    if not debian.can_install():
        raise PrerequisiteError(
            "no Docker engine answers; install and start Docker"
            " (probe does it itself as root on Debian and Ubuntu)"
        )
    home = Home.find()
    home.make()
    with _alone(home):
        try:
            return connect()
        except PrerequisiteError:
            return _install_and_launch(home, say)


def stop() -> bool:
    """Stop probe's own daemon and whatever runs on it; whether there was one."""
    home = Home.find()
    if not home.run.is_dir():
        return False
    with _alone(home):
        pid = _running(home.pidfile, "dockerd")
        if pid is None:
            return False
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + STOP_S
        while _running(home.pidfile, "dockerd") == pid:
            if time.monotonic() > deadline:
                raise PrerequisiteError(f"the daemon (process {pid}) does not stop; see {home.log}")
            time.sleep(_POLL_S)
    return True


@contextmanager
def _alone(home: Home) -> Iterator[None]:
    """Two at once would start two daemons on the same data."""
    with (home.run / "engine.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _install_and_launch(home: Home, say: Say) -> APIClient:
    brings_its_own = debian.find_program("dockerd") is None and _SYSTEMD.is_dir()
    dockerd = debian.install("dockerd", "docker.io", say=say)
    if brings_its_own:
        try:
            return _answer(DEFAULT_SOCKET, None)
        except PrerequisiteError:
            say("the system's own daemon does not answer")
    say(f"starting dockerd on {home.socket}")
    return _answer(home.socket, _launch(dockerd, home), log=home.log)


def daemon_arguments(dockerd: str, home: Home) -> list[str]:
    """The command line of probe's own daemon: everything of its own, and no network at all.

    The configuration file is an empty one, so that the host's does not apply; containerd's
    namespaces keep it apart from other engines where the host runs a containerd.
    """
    return [
        dockerd,
        f"--config-file={home.run / 'daemon.json'}",
        f"--host=unix://{home.socket}",
        f"--data-root={home.data / 'docker'}",
        f"--exec-root={home.run / 'exec'}",
        f"--pidfile={home.pidfile}",
        "--containerd-namespace=probe",
        "--containerd-plugins-namespace=probe-plugins",
        "--bridge=none",
        "--iptables=false",
        "--ip6tables=false",
        "--ip-forward=false",
        "--ip-masq=false",
        "--log-level=warn",
    ]


def _launch(dockerd: str, home: Home) -> int:
    """Start the daemon so that it outlives this process; its process id."""
    # After a crash or a reboot the files may name processes that are by now something else, and
    # dockerd believes them.
    for pidfile, program in (
        (home.pidfile, "dockerd"),
        (home.run / "exec" / "containerd" / "containerd.pid", "containerd"),
    ):
        if _running(pidfile, program) is None:
            pidfile.unlink(missing_ok=True)
    (home.run / "daemon.json").write_text("{}\n")
    append = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    return os.posix_spawn(
        dockerd,
        daemon_arguments(dockerd, home),
        {name: os.environ[name] for name in _DAEMON_ENVIRONMENT if name in os.environ},
        setsid=True,
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, str(home.log), append, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ],
    )


def _answer(path: Path, pid: int | None, log: Path | None = None) -> APIClient:
    """Wait until the engine answers, as long as its process lives."""
    deadline = time.monotonic() + (ANSWER_S if pid is None else START_S)
    while time.monotonic() < deadline:
        with suppress(docker.errors.DockerException, OSError):
            return _client(f"unix://{path}")
        if pid is not None and os.waitpid(pid, os.WNOHANG) != (0, 0):
            break
        time.sleep(_POLL_S)
    said = debian.last_line(log.read_text(errors="replace")) if log and log.exists() else ""
    raise PrerequisiteError(f"the Docker daemon did not come up: {said} (log: {log})")


def _running(pidfile: Path, program: str) -> int | None:
    """Process id in `pidfile`, when that process really is `program` started for this folder."""
    try:
        pid = int(pidfile.read_text())
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    ours = any(str(pidfile.parent).encode() in argument for argument in arguments[1:])
    return pid if ours and Path(os.fsdecode(arguments[0])).name == program else None
