"""Bubblewrap's own parts; what it shares with other engines is in test_conformance."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.records import Limits, Outcome
from probe.sandbox import seccomp
from probe.sandbox.attacks.corpus import read_corpus, select
from probe.sandbox.attacks.verify import verify
from probe.sandbox.bubblewrap import cgroups, ground, jail
from probe.sandbox.bubblewrap.cgroups import Group
from probe.sandbox.bubblewrap.ground import Ground
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox, version
from probe.sandbox.choose import open_sandbox, open_venue

REPOSITORY = Path(__file__).parents[2]
needs_groups = pytest.mark.skipif(
    not cgroups.available(), reason="needs root and control groups of version 1"
)
APART = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc", "--")
"""Runs a command in a namespace of processes of its own."""


# --- what is missing is said ---------------------------------------------------------------------


def test_without_bubblewrap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probe.sandbox.bubblewrap.sandbox.subprocess.run", _no_such_file)
    with pytest.raises(PrerequisiteError, match="apt-get install bubblewrap"):
        BubblewrapSandbox()


def _no_such_file(*_: object, **__: object) -> None:
    raise FileNotFoundError(2, "No such file or directory", "bwrap")


def test_without_the_library_that_filters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyseccomp", None)
    seccomp.compiled.cache_clear()
    with pytest.raises(PrerequisiteError, match="libseccomp2"):
        BubblewrapSandbox()


def test_without_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "PACKAGES", ("numpy", "no-such-package"))
    with pytest.raises(PrerequisiteError, match="pip install no-such-package"):
        Ground.find()


def test_where_no_sandbox_can_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jail, "_gather", lambda: "echo no user namespaces >&2; exit 1")
    with (
        pytest.raises(PrerequisiteError, match="no user namespaces; unprivileged user namespaces"),
        BubblewrapSandbox(slots=1),
    ):
        pass


def test_what_can_be_asked_for() -> None:
    with pytest.raises(UsageError, match="did you mean 'bubblewrap'"):
        open_sandbox("bublewrap")
    with pytest.raises(UsageError, match="unknown sandbox 'x'"):
        open_venue("x")
    with pytest.raises(UsageError, match="'runsc' is Docker's"):
        open_sandbox("bubblewrap", runtime="runsc")


# --- its parts -----------------------------------------------------------------------------------


def test_a_filter_is_made_of_the_profile() -> None:
    compiled = seccomp.compiled(seccomp.profile())
    assert len(compiled) % 8 == 0  # struct sock_filter
    assert len(compiled) > 800
    read = json.loads(seccomp.profile())
    read["syscalls"].append({"names": ["came_after_libseccomp"], "action": "SCMP_ACT_ALLOW"})
    assert seccomp.compiled(json.dumps(read)) == compiled
    read["syscalls"].append({"names": ["ptrace"], "action": "SCMP_ACT_ALLOW"})
    assert seccomp.compiled(json.dumps(read)) != compiled


def test_programs_stand_on_little() -> None:
    found = Ground.find()
    places = {str(place) for _, place in found.binds}
    sources = {str(source) for source, _ in found.binds}
    assert str(Path.home()) not in sources
    assert not {"/", "/etc", "/home", "/root", "/run", "/tmp", "/var"} & (places | sources)
    packages = {Path(place).name for place in places if "/site-packages/" in place}
    assert {"numpy", "scipy", "soundfile.py", "pyo"} <= packages
    assert not {"probe", "openai", "docker", "librosa"} & packages
    assert found == Ground.find()


def test_the_content_id_tells_versions_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    image = Ground.find().image
    monkeypatch.setattr(sys, "version", "3.99")
    assert Ground.find().image != image


@pytest.mark.parametrize("user", [0, 1000])
def test_the_command_line_hides_and_drops(user: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: user)
    content = jail.Content(ground=Ground.find(), groups={}, hidden=(), watched=(1 << 28, 64))
    command = jail.command(content, 10, 11, 210_003)
    inner = command[command.index("bwrap", 1) :]
    for option in ("--unshare-all", "--clearenv", "--die-with-parent", "--disable-userns"):
        assert option in inner
    assert inner[inner.index("--uid") + 1] == "210003"
    assert inner[inner.index("--cap-drop") + 1] == "ALL"
    assert inner[inner.index("--seccomp") + 1] == "10"
    assert inner[-3:] == ["600", f"{1 << 28}", "64"]
    assert "--share-net" not in command
    written = {inner[i + 2] for i, word in enumerate(inner) if word == "--bind"}
    assert written == {"/tmp", "/job", "/out", "/dev/shm"}
    assert ("--reuid=210003" in command) is (user == 0)
    assert ("--unshare-user" in command[: command.index("bwrap", 1)]) is (user != 0)


# --- control groups ------------------------------------------------------------------------------


@needs_groups
def test_a_group_is_gone_with_its_processes() -> None:
    group = Group(Limits())
    with subprocess.Popen(["sleep", "60"]) as process:
        group.add(process.pid)
        assert group.folders["memory"].name in cgroups.own_groups()
        group.remove()
        assert process.wait(5) == -9
    assert group.folders["memory"].name not in cgroups.own_groups()


MAKES_A_GROUP = """
from probe.records import Limits
from probe.sandbox.bubblewrap.cgroups import Group
Group(Limits())
"""


@needs_groups
def test_groups_of_the_dead_are_swept() -> None:
    dead = subprocess.Popen([sys.executable, "-c", MAKES_A_GROUP], cwd=REPOSITORY)
    dead.wait(30)
    mine = Group(Limits())
    assert any(name.startswith(f"{dead.pid}-") for name in cgroups.all_groups())
    assert cgroups.sweep() >= 1
    assert not any(name.startswith(f"{dead.pid}-") for name in cgroups.all_groups())
    assert mine.folders["pids"].exists()
    mine.remove()


SWEEPS = "from probe.sandbox.bubblewrap import cgroups; print(cgroups.sweep())"


@needs_groups
def test_groups_of_another_numbering_are_left_alone() -> None:
    """Seen from a container, an owner outside it is nobody and its processes cannot be named."""
    mine = Group(Limits())
    try:
        done = subprocess.run(
            [*APART, sys.executable, "-c", SWEEPS],
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "0\n", done.stderr
        assert all(folder.exists() for folder in mine.folders.values())
    finally:
        mine.remove()


RUNS_A_PROGRAM = """
from probe.records import Limits
from probe.sandbox.bubblewrap import cgroups
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
with BubblewrapSandbox(slots=1) as sandbox:
    sandbox.execute("import os\\nwhile True: os.fork()", Limits(processes=8))
    print(sandbox.name, len(cgroups.own_groups()) > 0)
print(cgroups.own_groups())
"""


@needs_groups
def test_no_group_is_left_by_a_sandbox() -> None:
    command = [sys.executable, "-c", RUNS_A_PROGRAM]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{version()} cgroups True", "[]"]


# --- as any user ---------------------------------------------------------------------------------

ORDINARY = """
import json, os
from probe.records import Limits
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
programs = [
    "import os, numpy; print(os.getuid()); open('output.wav', 'wb').write(b'RIFF')",
    "import os; open('output.wav', 'wb').write(b'RIFF'); os.chmod('/out', 0)",
    "x = []\\nwhile True: x.append(bytearray(1 << 20))",
    "import os, time\\nfor _ in range(63): os.fork() or time.sleep(9)",
    "import shutil, subprocess; shutil.copy('/bin/true', '/tmp/x'); subprocess.run(['/tmp/x'])",
]
with BubblewrapSandbox(slots=1) as sandbox:
    done = [sandbox.execute(program, Limits(memory_bytes=192 << 20)) for program in programs]
print(json.dumps([sandbox.name, *(execution.model_dump(mode="json") for execution in done)]))
"""


SAYS_WHAT_IT_IS = """
import os, sys
os.stat(os.path.realpath(sys.executable))  # it may have been started through a closed folder
print(*sys.version_info[:2])
"""


def ordinary_python() -> list[str]:
    """A Python that somebody without privileges can run: this one, or the system's of its kind."""
    somebody = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", "--"]
    if os.geteuid() != 0:
        return [sys.executable]
    for python in (sys.executable, "/usr/bin/python3"):
        asked = [*somebody, python, "-c", SAYS_WHAT_IT_IS]
        answer = subprocess.run(asked, capture_output=True, text=True, check=False).stdout.split()
        if answer == [str(number) for number in sys.version_info[:2]]:
            return [*somebody, python]
    return []


@pytest.fixture(scope="module")
def ordinary() -> list[dict[str, object]]:
    command = ordinary_python()
    if not command:
        pytest.skip("no Python of this version that users other than root can run")
    packages = Path(pytest.__file__).parents[1]
    path = os.pathsep.join([str(REPOSITORY), str(packages), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [*command, "-c", ORDINARY],
        env={"PATH": os.defpath, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: list[dict[str, object]] = json.loads(done.stdout)
    return found


def test_without_privileges_it_holds_as_well(ordinary: list[dict[str, object]]) -> None:
    name, good, closed, hungry, many, executes = ordinary
    assert name == f"{version()} rlimits"
    assert (good["outcome"], good["audio"]) == (Outcome.OK, "RIFF")
    assert int(str(good["stdout_tail"])) >= 210_000
    assert closed["outcome"] == Outcome.OK, "it may close the folder, but not to the supervisor"
    assert hungry["outcome"] == Outcome.MEMORY_LIMIT
    assert many["outcome"] in {Outcome.PROCESS_LIMIT, Outcome.RUNTIME_ERROR}
    assert many["exit_code"] == 1
    assert "PermissionError" in str(executes["detail"])


FEW = """
from probe.records import Limits
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
with BubblewrapSandbox(slots=1) as sandbox:
    print(sandbox.execute("import os; print(os.getpid() < 20)", Limits()).stdout_tail)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="making a namespace of processes takes root")
def test_a_machine_of_few_processes_will_do() -> None:
    """In a container the number that a process has inside is nobody's outside."""
    beyond_the_low_numbers = 'for n in $(seq 60); do /bin/true; done; exec "$@"'
    done = subprocess.run(
        [*APART, "/bin/sh", "-c", beyond_the_low_numbers, "sh", sys.executable, "-c", FEW],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.split() == ["True"], done.stderr


# --- the corpus ----------------------------------------------------------------------------------


def test_the_preflight_holds() -> None:
    report = verify(open_venue("bubblewrap"), select(read_corpus(), quick=True))
    attacks = [verdict for verdict in report.verdicts if not verdict.contained]
    assert not attacks
    assert len(report.verdicts) >= 10
    assert report.sandbox.startswith("bubblewrap ")
