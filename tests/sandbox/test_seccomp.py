"""The profile: made from its source by one rule, and in force in a real container."""

from __future__ import annotations

import ast
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from docker.api.client import APIClient

from probe.errors import ProbeError
from probe.paths import data_folder
from probe.records import Limits, Outcome
from probe.sandbox import seccomp
from probe.sandbox.docker.sandbox import DockerSandbox

FOLDER = data_folder("sandbox")
BATTERY = Path(__file__).with_name("battery.py")

SMALL = """
architectures = ["x86_64"]

[allow.files]
why = "to write"
calls = ["write", "read"]

[allow.nice]
why = "for oneself"
calls = ["setpriority"]
[[allow.nice.when]]
argument = 0
values.PRIO_PROCESS = 0
values.PRIO_PGRP = 1
[[allow.nice.when]]
argument = 1
mask = 0xFF
values.self = 7

[refuse.sockets]
why = "no network"
errno = "EACCES"
calls = ["socket"]
"""


# --- from source to profile ----------------------------------------------------------------------


def compared(index: int, mask: int, value: int) -> dict[str, Any]:
    return {"index": index, "value": mask, "valueTwo": value, "op": "SCMP_CMP_MASKED_EQ"}


def test_every_combination_of_values_is_a_rule() -> None:
    nice = {"comment": "allow.nice", "names": ["setpriority"], "action": "SCMP_ACT_ALLOW"}
    assert seccomp.generate(SMALL) == {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": 1,
        "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []}],
        "syscalls": [
            {"comment": "allow.files", "names": ["read", "write"], "action": "SCMP_ACT_ALLOW"},
            {**nice, "args": [compared(0, 0xFFFFFFFF, 0), compared(1, 0xFF, 7)]},
            {**nice, "args": [compared(0, 0xFFFFFFFF, 1), compared(1, 0xFF, 7)]},
            {
                "comment": "refuse.sockets",
                "names": ["socket"],
                "action": "SCMP_ACT_ERRNO",
                "errnoRet": 13,
            },
        ],
    }


@pytest.mark.parametrize(
    ("text", "instead", "said"),
    [
        ('"read"]', '"read", "socket"]', "socket is in allow.files and in refuse.sockets"),
        ('"read"]', '"read", "read"]', "read is in allow.files and in allow.files"),
        ('why = "to write"', "", r"allow\.files\.why"),
        ('why = "to write"', 'why = "to write"\nwhose = "mine"', r"allow\.files\.whose"),
        ("architectures", "architecture", r"architecture"),
        ('["x86_64"]', '["x86"]', r"architectures\.0"),
        ('calls = ["socket"]', "calls = []", r"refuse\.sockets\.calls"),
        ('calls = ["socket"]', 'calls = ["Socket"]', r"refuse\.sockets\.calls\.0"),
        ("EACCES", "EPERM", r"refuse\.sockets\.errno"),
        ("argument = 1", "argument = 6", r"allow\.nice\.when\.1\.argument"),
        ("argument = 1", "argument = 0", "two conditions look at the same argument"),
        ("values.self = 7", "", r"allow\.nice\.when\.1\.values"),
        ("values.self = 7", "values.self = 0x107", "self has bits that the mask hides"),
        ("values.self = 7", "values.self = -1", "self has bits that the mask hides"),
        ("mask = 0xFF", "mask = 0x1_0000_0000", r"allow\.nice\.when\.1\.mask"),
        ('"read"]', '"read"', r"seccomp\.toml: "),
    ],
)
def test_a_source_that_makes_no_sense_is_refused(text: str, instead: str, said: str) -> None:
    assert text in SMALL
    with pytest.raises(ProbeError, match=said):
        seccomp.generate(SMALL.replace(text, instead, 1))


def test_the_profile_is_what_the_source_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(FOLDER / seccomp.SOURCE, tmp_path)
    monkeypatch.setattr(seccomp, "data_folder", lambda _: tmp_path)
    seccomp.main()
    written = (tmp_path / seccomp.PROFILE).read_bytes()
    assert written == (FOLDER / seccomp.PROFILE).read_bytes(), (
        "run `python -m probe.sandbox.seccomp`"
    )


def test_the_engine_is_given_the_profile_on_one_line() -> None:
    given = seccomp.profile()
    assert json.loads(given) == json.loads((FOLDER / seccomp.PROFILE).read_text())
    assert "\n" not in given


def test_every_call_is_allowed_or_in_the_battery() -> None:
    allowed = {
        name
        for rule in json.loads(seccomp.profile())["syscalls"]
        if rule["action"] == "SCMP_ACT_ALLOW"
        for name in rule["names"]
    }
    tried = tried_calls()
    assert not allowed & set(tried)
    numbers = {*range(335), *range(424, 471)}
    assert set(tried.values()) < numbers
    assert len(allowed) == len(numbers - set(tried.values()))


def tried_calls() -> dict[str, int]:
    """The battery's table."""
    for node in ast.parse(BATTERY.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "CALLS":
            words = ast.literal_eval(node.value).split()
            return dict(zip(words[::2], map(int, words[1::2]), strict=True))
    raise AssertionError("the battery has no table")


# --- in force ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def answers(client: APIClient, sandbox: DockerSandbox) -> dict[str, dict[str, str]]:
    """What came of every call of the battery."""
    if client.info()["Architecture"] != "x86_64":
        pytest.skip("the battery has the numbers of x86_64")
    done = sandbox.execute(BATTERY.read_text(), Limits(wall_s=60, cpu_s=20))
    assert done.exit_code == 0, done.stderr_tail
    groups: dict[str, dict[str, str]] = json.loads(done.stdout_tail)
    return groups


def others(group: dict[str, str], *expected: str) -> dict[str, str]:
    return {name: answer for name, answer in group.items() if answer not in expected}


@pytest.mark.docker
def test_calls_that_no_program_needs_are_refused(answers: dict[str, dict[str, str]]) -> None:
    calls = answers["calls"]
    assert calls.keys() == tried_calls().keys()
    # ENOSYS: runc's answer to calls newer than all that a profile names.
    answered_differently = {
        "socket": "EACCES",
        "clone3": "ENOSYS",
        **dict.fromkeys(("setxattr", "lsetxattr", "fsetxattr"), "ENOTSUP"),
    }
    newer = {name for name, number in tried_calls().items() if number >= 442}
    assert others(calls, "EPERM").items() - {(name, "ENOSYS") for name in newer} == (
        answered_differently.items()
    )
    assert others(answers["calls to come"], "EPERM", "ENOSYS") == {}


@pytest.mark.docker
def test_there_is_no_socket_of_any_family(answers: dict[str, dict[str, str]]) -> None:
    assert len(answers["sockets"]) == 46 * 3
    assert others(answers["sockets"], "EACCES") == {}
    assert len(answers["socket pairs"]) == 45
    assert others(answers["socket pairs"], "EPERM") == {}


@pytest.mark.docker
def test_conditions_hold_and_let_through(answers: dict[str, dict[str, str]]) -> None:
    assert others(answers["refused arguments"], "EPERM") == {}
    # A terminal is what /dev/null is not; only the kernel itself can say so.
    assert others(answers["allowed arguments"], "done") == {
        "ioctl TCGETS": "ENOTTY",
        "ioctl TCGETS, disguised": "ENOTTY",
    }


@pytest.mark.docker
def test_calls_in_the_manner_of_another_architecture_end_the_program(
    answers: dict[str, dict[str, str]],
) -> None:
    assert others(answers["i386"], "SIGSYS") == {}
    assert others(answers["x32"], "SIGSYS", "ENOSYS") == {}


ATTACK = """
import os, resource
for take_down in (
    lambda: resource.prlimit(1, resource.RLIMIT_NOFILE, (0, 0)),
    lambda: os.setpriority(os.PRIO_PROCESS, 1, 19),
    lambda: os.sched_setaffinity(1, {0}),
    lambda: os.sched_setscheduler(1, os.SCHED_IDLE, os.sched_param(0)),
):
    try:
        take_down()
    except PermissionError:
        print("refused")
open("output.wav", "wb").write(b"RIFF")
"""


@pytest.mark.docker
def test_a_program_cannot_weaken_the_supervisor(sandbox: DockerSandbox) -> None:
    done = sandbox.execute(ATTACK, Limits())
    assert done.outcome is Outcome.OK, done.detail
    assert done.stdout_tail.split() == ["refused"] * 4
