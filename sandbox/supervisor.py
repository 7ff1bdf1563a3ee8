"""PID 1 of a sandbox container: runs one program, and tells what really came of it.

It starts a worker, a Python that stops before it looks for its program (see ``worker.py``), and
says that it is ready. Then it takes one job on stdin, lets the worker go, holds the program to its
CPU and wall time, kills every process there is, and only then looks at what the program left. The
result goes to stdout in frames that carry the job's nonce. Neither the nonce nor these two channels
ever reach the program.

A job::

    nonce 16 | wall_s f64 | cpu_s f64 | text_bytes u32 | audio_bytes u32 | length u32 | program

A frame::

    nonce 16 | kind 1 | length u32 | payload          (big-endian, as the job)

Kinds are ``r`` (ready: before there is a job, with a nonce of zeros), ``b`` (the program begins),
``o`` and ``e`` (the ends of stdout and stderr), ``a`` (the audio, in pieces) and last ``v`` (the
verdict: what was seen, as JSON; deciding what it means is the host's business).

The program runs as the same user as this process, which therefore must not be dumpable: otherwise
the program could read the nonce out of /proc/1/mem. Signals from inside do not reach PID 1.

Needs nothing but the standard library; run as ``python3 -I -S -B supervisor.py IDLE_S``, where
IDLE_S says how many seconds to wait for a job.
"""

from __future__ import annotations

import contextlib
import ctypes
import itertools
import json
import os
import select
import signal
import stat
import struct
import sys
import time

JOB = struct.Struct(">16sddIII")
FRAME = struct.Struct(">16scI")
PIECE_BYTES = 64 << 10

FLOOD = 16
"""A program may print this many times what is kept of it, then it is stopped."""
WARM_UP_S = 60.0
"""How long the worker may take to be ready."""
LONGEST_SLEEP_S = 0.25
"""Counters that can only be polled are looked at this often."""
SHORTEST_SLEEP_S = 0.005
LISTED_FILES = 8

EXIT_HARNESS_GONE = 71
EXIT_IDLE = 72
EXIT_UNSAFE = 73

PYTHON = "/usr/bin/python3"
PROGRAM = "/job/program.py"
WORKER = "/opt/probe/worker"
"""The folder that holds the worker's ``sitecustomize``."""
OUT = "/out"
AUDIO = "output.wav"
WRITABLE = ("/out", "/tmp")
PASSED_ON = frozenset(
    {
        *("PATH", "HOME", "TMPDIR", "USER", "LANG", "LC_ALL", "TZ"),
        *("PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "PYTHONUTF8"),
        *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"),
    }
)
"""The variables of the environment that the program gets, where they are set."""

PR_SET_DUMPABLE = 4
CGROUP = "/sys/fs/cgroup"


def refuse(why: str) -> None:
    """End without running anything; the harness finds the reason on stderr."""
    os.write(2, f"{why}\n".encode())
    os._exit(EXIT_UNSAFE)


# --- talking to the harness ----------------------------------------------------------------------


class Channel:
    """The two ends of the harness's connection, out of the program's reach."""

    def __init__(self) -> None:
        """Move stdin and stdout to descriptors no child inherits; /dev/null takes their place."""
        self.input = os.dup(0)
        self.output = os.dup(1)
        self.nonce = bytes(16)
        null = os.open(os.devnull, os.O_RDWR)
        os.dup2(null, 0)
        os.dup2(null, 1)

    def receive(self, length: int, deadline: float) -> bytes:
        """Read exactly `length` bytes, or end this process: nobody is there to be told."""
        data = bytearray()
        while len(data) < length:
            ready, _, _ = select.select([self.input], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os._exit(EXIT_IDLE)
            piece = os.read(self.input, min(PIECE_BYTES, length - len(data)))
            if not piece:
                os._exit(EXIT_HARNESS_GONE)
            data += piece
        return bytes(data)

    def send(self, kind: bytes, payload: bytes) -> None:
        """Write `payload` as one frame of a kind, or several when it is long."""
        for start in range(0, max(1, len(payload)), PIECE_BYTES):
            piece = payload[start : start + PIECE_BYTES]
            frame = FRAME.pack(self.nonce, kind, len(piece)) + piece
            while frame:
                frame = frame[os.write(self.output, frame) :]


class Job:
    """One program and what it may use."""

    def __init__(self, channel: Channel, idle_s: float) -> None:
        """Wait for the harness to send it."""
        deadline = time.monotonic() + idle_s
        header = JOB.unpack(channel.receive(JOB.size, deadline))
        channel.nonce, self.wall_s, self.cpu_s, self.text_bytes, self.audio_bytes, length = header
        self.program = channel.receive(length, deadline)


# --- what the kernel counts ----------------------------------------------------------------------


def read_text(path: str) -> str:
    """The content of a small file, and nothing where there is none."""
    try:
        with open(path) as file:
            return file.read()
    except OSError:
        return ""


def read_count(path: str, key: str = "") -> int:
    """A number that is a file's whole content, or follows `key` on a line of its own."""
    for line in read_text(path).splitlines():
        words = line.split()
        if words[:-1] == ([key] if key else []):
            return int(words[-1])
    return 0


class Cgroup:
    """The container's own counters, in version 1 or 2 of the hierarchy."""

    def __init__(self) -> None:
        """Find out which version this is, and where the counters start."""
        self.second = read_text(f"{CGROUP}/cgroup.controllers") != ""
        self.peak_seen = 0
        self.start = self.events()
        self.cpu_start_s = 0.0
        self.cpu_start_s = self.cpu_s()
        if not (self.cpu_start_s and self.peak_memory()):
            refuse("the kernel does not count this container's CPU time and memory")

    def cpu_s(self) -> float:
        """CPU time used by everything in the container since the start."""
        if self.second:
            used = read_count(f"{CGROUP}/cpu.stat", "usage_usec") / 1e6
        else:
            used = read_count(f"{CGROUP}/cpuacct/cpuacct.usage") / 1e9
        return used - self.cpu_start_s

    def peak_memory(self) -> int:
        """The most memory ever used; kernels before 5.19 with version 2 tell the present only."""
        if not self.second:
            return read_count(f"{CGROUP}/memory/memory.max_usage_in_bytes")
        now = read_count(f"{CGROUP}/memory.peak") or read_count(f"{CGROUP}/memory.current")
        self.peak_seen = max(self.peak_seen, now)
        return self.peak_seen

    def events(self) -> dict[str, int]:
        """How often each limit was hit, and how many processes were killed for memory."""
        if self.second:
            return {
                "oom_kills": read_count(f"{CGROUP}/memory.events", "oom_kill"),
                "memory_hits": read_count(f"{CGROUP}/memory.events", "max"),
                "process_hits": read_count(f"{CGROUP}/pids.events", "max"),
            }
        return {
            "oom_kills": read_count(f"{CGROUP}/memory/memory.oom_control", "oom_kill"),
            "memory_hits": read_count(f"{CGROUP}/memory/memory.failcnt"),
            "process_hits": read_count(f"{CGROUP}/pids/pids.events", "max"),
        }

    def new_events(self) -> dict[str, int]:
        """The same, since the start."""
        return {name: count - self.start[name] for name, count in self.events().items()}


# --- the program ---------------------------------------------------------------------------------


class Text:
    """The end of what a program prints on one stream, and how much it was."""

    def __init__(self, descriptor: int, kept: int = 1024) -> None:
        """Keep the last `kept` bytes of what `descriptor` gives."""
        self.descriptor = descriptor
        self.kept = kept
        self.total = 0
        self.tail = b""

    def read(self) -> bool:
        """Take what is there; whether there may be more."""
        try:
            piece = os.read(self.descriptor, PIECE_BYTES)
        except BlockingIOError:
            return False
        self.total += len(piece)
        self.tail = (self.tail + piece)[-self.kept :]
        return bool(piece)

    def flooded(self) -> bool:
        """Whether it is so much that the program is stopped."""
        return self.total > FLOOD * self.kept


class Program:
    """The program, or the worker that waits for it."""

    def __init__(self, pid: int, stdout: int, stderr: int) -> None:
        """Know its process and the streams it prints on."""
        self.pid = pid
        self.stdout = Text(stdout)
        self.stderr = Text(stderr)
        self.status: int | None = None
        self.strays = 0

    def reap(self, options: int) -> bool:
        """Collect one process that ended, whoever started it; False when there is none."""
        try:
            pid, status = os.waitpid(-1, options)
        except ChildProcessError:
            return False
        if pid == self.pid:
            self.status = status
        return pid != 0

    def begin(self, job: Job) -> None:
        """Give the worker its program and let it go."""
        self.stdout.kept = self.stderr.kept = job.text_bytes
        with open(PROGRAM, "wb") as file:
            file.write(job.program)
        os.kill(self.pid, signal.SIGCONT)


def spawn() -> Program:
    """Start the worker in a session of its own, with nothing of this process but its user.

    It is the interpreter that will run the program; it stops while it is starting.
    """
    read_out, write_out = os.pipe()
    read_err, write_err = os.pipe()
    environment = {name: value for name, value in os.environ.items() if name in PASSED_ON}
    pid = os.posix_spawn(
        PYTHON,
        [PYTHON, PROGRAM],
        {**environment, "PYTHONPATH": WORKER},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_DUP2, write_out, 1),
            (os.POSIX_SPAWN_DUP2, write_err, 2),
        ],
        setsid=True,
        setsigdef=[signal.SIGPIPE, signal.SIGXFSZ],
    )
    os.close(write_out)
    os.close(write_err)
    prefer_as_victim(pid)
    return Program(pid, read_out, read_err)


def await_worker(worker: Program, harness: int, child_changed: int) -> None:
    """Wait until the worker has stopped itself, or end this process."""
    poll = select.poll()
    poll.register(harness, 0)  # its end is reported all the same
    poll.register(child_changed, select.POLLIN)
    deadline = time.monotonic() + WARM_UP_S
    while not stopped(worker):
        left = deadline - time.monotonic()
        if left <= 0:
            refuse("the worker is not ready in time")
        for descriptor, _ in poll.poll(left * 1000):
            if descriptor == harness:
                os._exit(EXIT_HARNESS_GONE)
            os.read(child_changed, PIECE_BYTES)


def stopped(worker: Program) -> bool:
    """Whether the worker has stopped itself since the last look; if it has ended, so do we."""
    pid, status = os.waitpid(worker.pid, os.WNOHANG | os.WUNTRACED)
    if pid and not os.WIFSTOPPED(status):
        worker.stderr.read()
        refuse(f"the worker ended ({status}): {worker.stderr.tail!a}")
    return pid != 0


def prefer_as_victim(pid: int) -> None:
    """Make the kernel kill the program, and what it starts, before this process."""
    with contextlib.suppress(OSError), open(f"/proc/{pid}/oom_score_adj", "w") as file:
        file.write("1000")  # an error means that it has ended already


def wake_on_sigchld() -> int:
    """A descriptor that becomes readable when a child ends or stops."""
    read_end, write_end = os.pipe()
    os.set_blocking(read_end, False)
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    return read_end


def watch(program: Program, job: Job, cgroup: Cgroup, harness: int, child_changed: int) -> str:
    """Wait until the program ends or must be stopped, and say which: exit, wall, cpu or flood.

    The container has one CPU, so sleeping no longer than the CPU time that is left keeps the
    budget exact.
    """
    streams = {text.descriptor: text for text in (program.stdout, program.stderr)}
    poll = select.poll()
    for descriptor in (harness, child_changed, *streams):
        poll.register(descriptor, select.POLLIN)
    deadline = time.monotonic() + job.wall_s
    while True:
        while program.reap(os.WNOHANG):
            pass
        if program.status is not None:
            return "exit"
        wall_left, cpu_left = deadline - time.monotonic(), job.cpu_s - cgroup.cpu_s()
        if wall_left <= 0:
            return "wall"
        if cpu_left <= 0:
            return "cpu"
        cgroup.peak_memory()
        sleep = min(wall_left, max(cpu_left, SHORTEST_SLEEP_S), LONGEST_SLEEP_S)
        for descriptor, _ in poll.poll(sleep * 1000):
            if descriptor == harness:
                os._exit(EXIT_HARNESS_GONE)
            elif descriptor == child_changed:
                os.read(child_changed, PIECE_BYTES)
            elif not streams[descriptor].read():
                poll.unregister(descriptor)
            elif streams[descriptor].flooded():
                return "flood"


def stop_everything(program: Program) -> None:
    """Kill every process but this one until none is left, then take what they had printed.

    Those that had ended by themselves are no strays. When there is no child left there is no
    process left: whoever loses its parent becomes a child of PID 1.
    """
    while program.reap(os.WNOHANG):
        pass
    main_lives = program.status is None
    while True:
        with contextlib.suppress(ProcessLookupError):
            os.kill(-1, signal.SIGKILL)
        if not program.reap(0):
            break
        program.strays += 1
    program.strays -= main_lives
    for text in (program.stdout, program.stderr):
        os.set_blocking(text.descriptor, False)
        while text.read():
            pass


# --- what it left --------------------------------------------------------------------------------


def open_audio(folder: int, most_bytes: int) -> tuple[str, int, int]:
    """Open the audio without following, blocking on or trusting anything.

    Returns what was found (``ok``, or why it is nothing), its size and a descriptor, -1 if none.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        entry = os.stat(AUDIO, dir_fd=folder, follow_symlinks=False)
        if stat.S_ISLNK(entry.st_mode):
            return "symlink", 0, -1
        if not stat.S_ISREG(entry.st_mode):
            return "not a file", 0, -1
        descriptor = os.open(AUDIO, flags, dir_fd=folder)
    except FileNotFoundError:
        return "missing", 0, -1
    except OSError:
        return "unreadable", 0, -1
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        return "not a file", 0, -1
    if found.st_nlink != 1:
        return "hard links", found.st_size, -1
    if found.st_size > most_bytes:
        return "too large", found.st_size, -1
    return "ok", found.st_size, descriptor


def list_files(folder: int) -> list[str]:
    """The names of a few files, escaped: they help to see what a program did instead."""
    with os.scandir(folder) as entries:
        return [ascii(entry.name)[:80] for entry in itertools.islice(entries, LISTED_FILES)]


def full_folders() -> list[str]:
    """The writable folders that have no room left, in bytes or in files."""
    full = []
    for path in WRITABLE:
        room = os.statvfs(path)
        if room.f_bavail == 0 or room.f_favail == 0:
            full.append(path)
    return full


# --- one job -------------------------------------------------------------------------------------


def report(channel: Channel, job: Job, program: Program, seen: dict[str, object]) -> None:
    """Look at what is left, and send everything."""
    folder = os.open(OUT, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    audio, size, descriptor = open_audio(folder, job.audio_bytes)
    verdict = {
        **seen,
        "status": program.status,
        "strays": program.strays,
        "stdout_bytes": program.stdout.total,
        "stderr_bytes": program.stderr.total,
        "audio": audio,
        "audio_bytes": size,
        "files": list_files(folder),
        "full": full_folders(),
    }
    channel.send(b"o", program.stdout.tail)
    channel.send(b"e", program.stderr.tail)
    if seen["reason"] == "exit" and program.status == 0 and descriptor >= 0:
        left = job.audio_bytes
        while piece := os.read(descriptor, min(PIECE_BYTES, left)):
            left -= len(piece)
            channel.send(b"a", piece)
    channel.send(b"v", json.dumps(verdict).encode())


def main() -> None:
    """Do one job and end, and every process of the container with it."""
    if os.getpid() != 1 or ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0:
        refuse("the supervisor must be PID 1 of a container, and not dumpable")
    # With a handler of Python's, a signal from inside would reach PID 1 after all.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    channel = Channel()
    child_changed = wake_on_sigchld()
    program = spawn()
    await_worker(program, channel.input, child_changed)
    channel.send(b"r", b"")
    job = Job(channel, float(sys.argv[1]))
    stopped(program)  # or it has ended meanwhile: then so do we, before the program begins
    cgroup = Cgroup()
    channel.send(b"b", b"")
    began = time.monotonic()
    program.begin(job)
    reason = watch(program, job, cgroup, channel.input, child_changed)
    ended = time.monotonic()
    stop_everything(program)
    seen = {
        "reason": reason,
        "wall_s": ended - began,
        "cpu_s": cgroup.cpu_s(),
        "peak_memory_bytes": cgroup.peak_memory(),
        **cgroup.new_events(),
    }
    report(channel, job, program, seen)
    os._exit(0)


if __name__ == "__main__":
    main()
