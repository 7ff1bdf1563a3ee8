"""PID 1 of a bubblewrap sandbox: the same supervisor, on the Python it is run with itself.

Its first argument is the supervisor's own. Without more, control groups keep the limits, as they do
for a container. With two, which are the bytes of memory and the number of processes that a program
may use, there are none: each process has limits of its own, and this one looks at all of them in
``/proc`` many times a second.
"""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import sys

sys.path.insert(0, sys.argv[0].rpartition("/")[0])

import supervisor

LIMITS = {
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 256,
    resource.RLIMIT_FSIZE: 64 << 20,
    resource.RLIMIT_MEMLOCK: 0,
    resource.RLIMIT_STACK: 8 << 20,
}
"""What every process may use, as in a container."""
OOM_SCORE = "500"
"""When the machine runs out of memory, the kernel ends sandboxes before others."""
LONGEST_SLEEP_S = 0.04
"""How long a program may go unseen."""
TMPFS = ("/out", "/tmp", "/job", "/dev/shm")

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
TICKS_PER_S = os.sysconf("SC_CLK_TCK")

Process = tuple[str, list[str]]


def processes() -> list[Process]:
    """Every process but this one: its id, and its state as words (proc_pid_stat(5), from 3 on)."""
    found = []
    for entry in os.scandir("/proc"):
        pid = entry.name
        if pid.isdigit() and pid != "1":
            # The name, in parentheses, may hold anything.
            words = supervisor.read_text(f"/proc/{pid}/stat").rpartition(")")[2].split()
            if words:  # else it has just gone
                found.append((pid, words))
    return found


def files_bytes() -> int:
    """Memory that files take."""
    rooms = [os.statvfs(path) for path in TMPFS]
    return sum((room.f_blocks - room.f_bfree) * room.f_frsize for room in rooms)


def resident_bytes(found: list[Process]) -> int:
    """Memory of processes; what they share, with each other or with files, counts for each."""
    return sum(int(words[21]) for _, words in found) * PAGE_BYTES


def own_bytes(pid: str) -> int:
    """A process's share of memory that is not a file's, in proportion to those it shares it with.

    A process can make this unreadable; then all that it shares counts as its own.
    """
    for file, names in (
        ("smaps_rollup", ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")),
        ("status", ("RssAnon:", "RssShmem:", "VmSwap:")),
    ):
        lines = [line.split() for line in supervisor.read_text(f"/proc/{pid}/{file}").splitlines()]
        sizes = [int(words[1]) for words in lines if words and words[0] in names]
        if sizes:
            return sum(sizes) << 10
    return 0


class Watched:
    """What a program uses, counted by looking; the same as `supervisor.Cgroup` does with groups.

    Processes whose parents do not wait for them escape the count of CPU time when they end.
    """

    def __init__(self, memory_bytes: int, most_processes: int) -> None:
        """Begin to count."""
        self.memory_bytes = memory_bytes
        self.most_processes = most_processes
        self.cpu_start_s = self.cpu_seen_s = 0.0
        self.cpu_start_s, self.cpu_seen_s = self.cpu_s(), 0.0
        self.peak_seen = 0
        self.seen = {"oom_kills": 0, "memory_hits": 0, "process_hits": 0}

    def cpu_s(self) -> float:
        """CPU time used by all processes, and those they have waited for."""
        mine = resource.getrusage(resource.RUSAGE_CHILDREN)
        ticks = sum(int(word) for _, words in processes() for word in words[11:15])
        used = mine.ru_utime + mine.ru_stime + ticks / TICKS_PER_S
        self.cpu_seen_s = max(self.cpu_seen_s, used - self.cpu_start_s)
        return self.cpu_seen_s

    def peak_memory(self) -> int:
        """The most memory ever seen in use; whoever uses more than allowed is killed."""
        found = processes()
        files = files_bytes()
        used = files + resident_bytes(found)
        if used > self.memory_bytes:
            used = files + sum(own_bytes(pid) for pid, _ in found)
        self.peak_seen = max(self.peak_seen, used)
        if used > self.memory_bytes:
            self.seen["oom_kills"] += 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        # This process counts as one.
        if 1 + sum(int(words[17]) for _, words in found) >= self.most_processes:
            self.seen["process_hits"] += 1
        return self.peak_seen

    def new_events(self) -> dict[str, int]:
        """How often a limit was seen to be reached; memory of what has ended is seen now."""
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
        self.peak_seen = max(self.peak_seen, largest)
        self.seen["memory_hits"] = int(self.peak_seen >= self.memory_bytes)
        return self.seen


def lower(limits: dict[int, int]) -> None:
    """Set limits of this process, and of all it starts, for good."""
    for kind, most in limits.items():
        _, allowed = resource.getrlimit(kind)
        most = most if allowed == resource.RLIM_INFINITY else min(most, allowed)
        resource.setrlimit(kind, (most, most))


class Reopening:
    """The supervisor's `report`, which can be sure to see what is left.

    Where `/out` belongs to the program's user, the program could have closed it.
    """

    def __init__(self) -> None:
        """Take the place of the report there was."""
        self.report = supervisor.report

    def __call__(self, *given: object) -> None:
        """Undo what the program did to the folder's mode, and report."""
        with contextlib.suppress(PermissionError):
            os.chmod(supervisor.OUT, 0o1777)  # noqa: PTH101
        self.report(*given)


def main() -> None:
    """Lower the limits, and be the supervisor."""
    with open("/proc/self/oom_score_adj", "w") as own:
        own.write(OOM_SCORE)
    lower(LIMITS)
    supervisor.PYTHON = sys.executable
    supervisor.report = Reopening()
    if len(sys.argv) > 2:
        memory_bytes, most_processes = (int(word) for word in sys.argv[2:])
        # The kernel counts processes by user and user namespace, of which this is a new one.
        lower({resource.RLIMIT_NPROC: most_processes, resource.RLIMIT_DATA: 2 * memory_bytes})
        supervisor.LONGEST_SLEEP_S = LONGEST_SLEEP_S
        supervisor.Cgroup = lambda: Watched(memory_bytes, most_processes)
    supervisor.main()


if __name__ == "__main__":
    main()
