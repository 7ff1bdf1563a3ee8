from __future__ import annotations

import json
from typing import Any

import pytest

from probe.paths import data_folder
from probe.records import Limits
from probe.sandbox.settings import ENVIRONMENT, create_settings

LIMITS = Limits(memory_bytes=100 << 20, processes=17)
SETTINGS = create_settings("sha256:abc", LIMITS, slot=3, labels={"who": "me"})
HOST = SETTINGS["HostConfig"]
FLAGS = "rw,noexec,nosuid,nodev"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Image", "sha256:abc"),
        ("Cmd", ["/usr/bin/python3", "-I", "-S", "-B", "/opt/probe/supervisor.py", "600"]),
        ("Entrypoint", []),
        ("User", "210003:210003"),
        ("WorkingDir", "/out"),
        ("Hostname", "sandbox"),
        ("Domainname", ""),
        ("Labels", {"who": "me"}),
        ("Tty", False),
        ("OpenStdin", True),
        ("StdinOnce", True),
        ("NetworkDisabled", True),
        ("StopSignal", "SIGKILL"),
    ],
)
def test_settings_of_the_container(name: str, value: Any) -> None:
    assert SETTINGS[name] == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NetworkMode", "none"),
        ("Dns", ["127.0.0.1"]),
        ("Privileged", False),
        ("CapDrop", ["ALL"]),
        ("IpcMode", "private"),
        ("CgroupnsMode", "private"),
        ("ReadonlyRootfs", True),
        ("ShmSize", 8 << 20),
        ("Memory", 100 << 20),
        ("MemorySwap", 100 << 20),
        ("MemorySwappiness", 0),
        ("OomKillDisable", False),
        ("OomScoreAdj", 500),
        ("PidsLimit", 17),
        ("NanoCpus", 1_000_000_000),
        ("LogConfig", {"Type": "none", "Config": {}}),
        ("RestartPolicy", {"Name": "no"}),
        ("AutoRemove", False),
        ("Runtime", ""),
    ],
)
def test_settings_of_the_host_side(name: str, value: Any) -> None:
    assert HOST[name] == value


def test_no_privilege_is_gained_and_few_calls_can_be_made() -> None:
    first, second = HOST["SecurityOpt"]
    assert first == "no-new-privileges:true"
    name, _, profile = second.partition("=")
    assert name == "seccomp"
    assert json.loads(profile) == json.loads((data_folder("sandbox") / "seccomp.json").read_text())


def test_a_runtime_is_asked_for_by_name() -> None:
    settings = create_settings("i", LIMITS, slot=0, labels={}, runtime="runsc")
    assert settings["HostConfig"]["Runtime"] == "runsc"


def test_users_fit_into_a_remapped_range() -> None:
    settings = create_settings("i", LIMITS, slot=9, labels={}, remapped=True)
    assert settings["User"] == "21009:21009"
    assert "uid=21009,gid=21009" in settings["HostConfig"]["Tmpfs"]["/job"]


def test_writable_places_are_small_and_hold_no_programs() -> None:
    assert HOST["Tmpfs"] == {
        "/tmp": f"{FLAGS},size=64m,nr_inodes=2048,mode=1777",
        "/job": f"{FLAGS},size=2m,nr_inodes=64,mode=0700,uid=210003,gid=210003",
        "/out": f"{FLAGS},size=32m,nr_inodes=16,mode=1777",
    }


def test_ulimits_are_hard() -> None:
    assert all(limit["Soft"] == limit["Hard"] for limit in HOST["Ulimits"])
    assert {limit["Name"]: limit["Hard"] for limit in HOST["Ulimits"]} == {
        "core": 0,
        "nofile": 256,
        "fsize": 64 << 20,
        "memlock": 0,
        "stack": 8 << 20,
    }


def test_nothing_of_the_host_is_mounted_or_added() -> None:
    assert not {"Binds", "Mounts", "VolumesFrom", "Devices", "CapAdd", "PidMode"} & set(HOST)


def test_what_docker_masks_by_itself_stays_masked() -> None:
    """A list of one's own takes the place of Docker's."""
    by_default = {"asound", "acpi", "interrupts", "kcore", "keys", "latency_stats", "timer_list"}
    by_default |= {"timer_stats", "sched_debug", "scsi"}
    masked = set(HOST["MaskedPaths"])
    assert {f"/proc/{name}" for name in by_default} | {"/sys/firmware", "/sys/devices"} <= masked
    # The supervisor counts by the one, and the runtime reads the other when it drops capabilities.
    assert not {"/sys/fs", "/sys/fs/cgroup", "/proc/sys", "/proc/sys/kernel"} & masked


def test_the_environment_is_fixed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    monkeypatch.setenv("http_proxy", "http://user:canary@proxy:3128")
    settings = create_settings("sha256:abc", LIMITS, slot=3, labels={"who": "me"})
    assert settings == SETTINGS
    assert dict(line.split("=", 1) for line in settings["Env"]) == ENVIRONMENT
    for name, value in {
        "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
    }.items():
        assert ENVIRONMENT[name] == value


def test_slots_do_not_share_a_user() -> None:
    users = {create_settings("i", LIMITS, slot=s, labels={})["User"] for s in range(8)}
    assert len(users) == 8
