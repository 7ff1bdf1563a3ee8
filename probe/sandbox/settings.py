"""The settings of a sandbox container, each a literal, all in one pure function.

They are the body of the Engine API's ``POST /containers/create``. No default of an engine or a
client library stands between what is written here and what is asked for; in particular no proxy
settings, which may hold credentials, are added to the environment. What each setting buys is told
in ``sandbox/README.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probe.records import Limits
from probe.sandbox import seccomp

FIRST_UID = 210_000
"""Users of slots follow from here; they have no name and own nothing anywhere."""
FIRST_REMAPPED_UID = 21_000
"""The same on an engine that remaps users: its range may end at 65,535."""

COMMAND = ("/usr/bin/python3", "-I", "-S", "-B", "/opt/probe/supervisor.py")
IDLE_S = 600
"""A container nobody gives a program to ends after this time."""

ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/bin",
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "probe",
    "LANG": "C.UTF-8",
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONNOUSERSITE": "1",
    "PYTHONUTF8": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
}
"""Everything a program finds in its environment."""

MASKED = (
    # How it was built and started, and how it can be told from others.
    *("/proc/cmdline", "/proc/config.gz", "/proc/crypto", "/proc/execdomains"),
    *("/proc/kallsyms", "/proc/kcore", "/proc/key-users", "/proc/keys", "/proc/modules"),
    *("/proc/sys/debug", "/proc/sys/kernel/random/boot_id", "/proc/version", "/sys/hypervisor"),
    *("/sys/kernel", "/sys/module"),
    # Its devices.
    *("/proc/acpi", "/proc/asound", "/proc/bus", "/proc/consoles", "/proc/devices", "/proc/dma"),
    *("/proc/driver", "/proc/fb", "/proc/iomem", "/proc/ioports", "/proc/irq", "/proc/mdstat"),
    *("/proc/misc", "/proc/mtrr", "/proc/partitions", "/proc/scsi", "/proc/swaps", "/proc/sys/dev"),
    *("/proc/tty", "/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices"),
    *("/sys/firmware", "/sys/power"),
    # Its file systems.
    *("/proc/fs", "/proc/sys/fs", "/sys/fs/bpf", "/sys/fs/btrfs", "/sys/fs/erofs", "/sys/fs/ext4"),
    *("/sys/fs/f2fs", "/sys/fs/fuse", "/sys/fs/nfs", "/sys/fs/pstore", "/sys/fs/resctrl"),
    *("/sys/fs/tmpfs", "/sys/fs/xfs"),
    # What it does.
    *("/proc/buddyinfo", "/proc/cgroups", "/proc/diskstats", "/proc/interrupts"),
    *("/proc/latency_stats", "/proc/locks", "/proc/pagetypeinfo", "/proc/pressure"),
    *("/proc/sched_debug", "/proc/schedstat", "/proc/slabinfo", "/proc/softirqs", "/proc/stat"),
    *("/proc/timer_list", "/proc/timer_stats", "/proc/vmallocinfo", "/proc/vmstat"),
    "/proc/zoneinfo",
)
"""What the kernel tells about the machine and no program needs to know: empty, or refused.

A list that is given to Docker takes the place of its own, so it holds that too.
"""

TMPFS = "rw,noexec,nosuid,nodev"


def create_settings(
    image: str,
    limits: Limits,
    *,
    slot: int,
    labels: Mapping[str, str],
    runtime: str | None = None,
    remapped: bool = False,
) -> dict[str, Any]:
    """Settings of the container for one program.

    Parameters
    ----------
    image : str
        Content id of the image; a name could change its meaning.
    limits : Limits
        What the program may use.
    slot : int
        Number among the containers that run at the same time. Each has a user of its own, since
        the kernel counts some things by user across containers.
    labels : mapping of str to str
        By which the container is found again.
    runtime : str, optional
        What the engine is to run the container with; its default when omitted.
    remapped : bool, optional
        Whether the engine remaps users.

    Returns
    -------
    dict
        The body of the request that creates the container.
    """
    user = (FIRST_REMAPPED_UID if remapped else FIRST_UID) + slot
    return {
        "Image": image,
        "Entrypoint": [],
        "Cmd": [*COMMAND, f"{IDLE_S}"],
        "User": f"{user}:{user}",
        "WorkingDir": "/out",
        "Env": [f"{name}={value}" for name, value in ENVIRONMENT.items()],
        "Hostname": "sandbox",
        "Domainname": "",
        "Labels": dict(labels),
        "Tty": False,
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": True,
        "StopSignal": "SIGKILL",
        "Healthcheck": {"Test": ["NONE"]},
        "NetworkDisabled": True,
        "HostConfig": _host_config(limits, user) | {"Runtime": runtime or ""},
    }


def _host_config(limits: Limits, user: int) -> dict[str, Any]:
    return {
        "NetworkMode": "none",
        "Dns": ["127.0.0.1"],
        "DnsSearch": ["."],
        "Privileged": False,
        "CapDrop": ["ALL"],
        "SecurityOpt": ["no-new-privileges:true", f"seccomp={seccomp.profile()}"],
        "MaskedPaths": list(MASKED),
        "IpcMode": "private",
        "CgroupnsMode": "private",
        "ReadonlyRootfs": True,
        "Tmpfs": {
            "/tmp": f"{TMPFS},size=64m,nr_inodes=2048,mode=1777",
            "/job": f"{TMPFS},size=2m,nr_inodes=64,mode=0700,uid={user},gid={user}",
            "/out": f"{TMPFS},size=32m,nr_inodes=16,mode=1777",
        },
        "ShmSize": 8 << 20,
        "Memory": limits.memory_bytes,
        "MemorySwap": limits.memory_bytes,
        "MemorySwappiness": 0,
        "OomKillDisable": False,
        "OomScoreAdj": 500,
        "PidsLimit": limits.processes,
        "NanoCpus": 1_000_000_000,
        "Ulimits": [
            {"Name": name, "Soft": most, "Hard": most}
            for name, most in (
                ("core", 0),
                ("nofile", 256),
                ("fsize", 64 << 20),
                ("memlock", 0),
                ("stack", 8 << 20),
            )
        ],
        "LogConfig": {"Type": "none", "Config": {}},
        "RestartPolicy": {"Name": "no"},
        "Init": False,
        "AutoRemove": False,
    }
