"""Programs in the real sandbox: good ones, and those that try each limit."""

from __future__ import annotations

import signal
import textwrap
from typing import Any

import pytest

from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.docker.sandbox import DockerSandbox
from probe.sandbox.settings import ENVIRONMENT

pytestmark = pytest.mark.docker

LIMITS = Limits(wall_s=20, cpu_s=5, memory_bytes=256 << 20, audio_bytes=1 << 20, text_bytes=1 << 12)
LEAVES_AUDIO = "open('output.wav', 'wb').write(b'RIFF')\n"


def run(sandbox: DockerSandbox, program: str, **limits: Any) -> Execution:
    return sandbox.execute(textwrap.dedent(program), LIMITS.model_copy(update=limits))


# --- programs that mean well ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        """
        import numpy as np, soundfile as sf
        sf.write("/out/output.wav", 0.5 * np.sin(np.arange(4410) / 10), 44100)
        """,
        """
        import numpy as np
        from scipy import signal
        from scipy.io import wavfile
        b, a = signal.butter(2, 0.2)
        noise = np.random.default_rng(0).normal(size=4410)
        wavfile.write("output.wav", 44100, signal.lfilter(b, a, noise).astype(np.float32))
        """,
        """
        from pyo import *
        s = Server(audio="offline").boot()
        s.recordOptions(dur=0.1, filename="/out/output.wav")
        tone = FM(220, ratio=1.5, index=4, mul=0.3).out()
        s.start()
        """,
        """
        import wave, threading, multiprocessing, subprocess, sys
        def render():
            with wave.open("/out/output.wav", "wb") as out:
                out.setparams((1, 2, 44100, 0, "NONE", ""))
                out.writeframes(b"\\1\\0" * 4410)
        worker = multiprocessing.get_context("fork").Process(target=render)
        worker.start(); worker.join()
        thread = threading.Thread(target=print, args=("thread",))
        thread.start(); thread.join()
        subprocess.run([sys.executable, "-c", "print('child')"], check=True)
        """,
    ],
    ids=["soundfile", "scipy", "pyo", "processes"],
)
def test_programs_people_write_leave_their_audio(sandbox: DockerSandbox, program: str) -> None:
    done = run(sandbox, program)
    assert (done.outcome, done.detail) == (Outcome.OK, None), done.stderr_tail
    assert (done.exit_code, done.signal) == (0, None)
    assert done.audio is not None
    assert done.audio[:4] == b"RIFF"
    assert done.cpu_s > 0
    assert done.wall_s > 0
    assert done.peak_memory_bytes > 1 << 20


def test_what_a_program_prints_comes_back_safe_and_short(sandbox: DockerSandbox) -> None:
    done = run(
        sandbox,
        LEAVES_AUDIO
        + "import sys\n"
        + "print('first', 'x' * 5000, '\\x1b[2J\\u202e last')\n"
        + "sys.stderr.buffer.write(b'caf\\xe9')",
    )
    assert done.outcome is Outcome.OK
    assert done.stdout_tail.endswith("\\x1b[2J\\u202e last\n")
    assert "first" not in done.stdout_tail
    assert done.stderr_tail == "caf\\xe9"


def test_stdin_is_empty_and_nothing_else_is_open(sandbox: DockerSandbox) -> None:
    done = run(
        sandbox, "import os, sys\nprint(sys.stdin.read(), sorted(os.listdir('/proc/self/fd')))"
    )
    assert done.stdout_tail.split() == ["['0',", "'1',", "'2',", "'3']"]  # 3 lists the folder


# --- limits --------------------------------------------------------------------------------------


def test_memory(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "x = []\nwhile True: x.append(bytearray(1 << 22))")
    assert (done.outcome, done.signal) == (Outcome.MEMORY_LIMIT, signal.SIGKILL)
    assert done.detail == "killed for using more than 256 MiB"
    assert done.peak_memory_bytes > 250 << 20


def test_memory_of_files_and_of_many_processes_counts_too(sandbox: DockerSandbox) -> None:
    program = """
        import os
        open("/tmp/fill", "wb").write(bytes(60 << 20))
        for _ in range(8):
            if os.fork() == 0:
                keep = bytearray(os.urandom(1 << 20) * 40)
                os._exit(0)
        results = [os.wait()[1] for _ in range(8)]
        raise SystemExit(any(results))
        """
    done = run(sandbox, program, memory_bytes=128 << 20)
    assert done.outcome is Outcome.MEMORY_LIMIT


def test_making_others_the_victim_does_not_help(sandbox: DockerSandbox) -> None:
    program = """
        import os, time
        with open("/proc/self/oom_score_adj", "w") as own: own.write("500")
        for _ in range(30):
            if os.fork() == 0:
                keep = os.urandom(6 << 20)
                time.sleep(30)
        time.sleep(1)
        raise SystemExit(1)
        """
    assert run(sandbox, program, memory_bytes=96 << 20).outcome is Outcome.MEMORY_LIMIT


def test_asking_for_absurdly_much_memory_is_an_error_of_the_programs(
    sandbox: DockerSandbox,
) -> None:
    done = run(sandbox, "import numpy\nnumpy.ones(1 << 50)")
    assert done.outcome is Outcome.RUNTIME_ERROR
    assert "Unable to allocate" in (done.detail or "")


def test_processes(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "import os\nwhile True: os.fork()", processes=32)
    assert done.outcome is Outcome.PROCESS_LIMIT
    assert (done.detail or "").startswith("more than 32 processes and threads")


def test_threads(sandbox: DockerSandbox) -> None:
    program = """
        import threading, time
        for _ in range(100):
            threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        """
    assert run(sandbox, program, processes=32).outcome is Outcome.PROCESS_LIMIT


def test_cpu_time(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "while True: pass", cpu_s=0.4)
    assert (done.outcome, done.detail) == (Outcome.TIMEOUT, "not done after 0.4 s of CPU time")
    assert 0.4 <= done.cpu_s < 0.6


def test_cpu_time_of_children_counts_together(sandbox: DockerSandbox) -> None:
    program = """
        import os
        for _ in range(3): os.fork()
        while True: pass
        """
    done = run(sandbox, program, cpu_s=0.5)
    assert done.outcome is Outcome.TIMEOUT
    assert done.cpu_s < 0.8


def test_wall_time(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "import time\ntime.sleep(60)", wall_s=0.5)
    assert (done.outcome, done.detail) == (Outcome.TIMEOUT, "not done after 0.5 s")
    assert 0.5 <= done.wall_s < 0.8


def test_no_signal_is_ignored_for_longer_than_allowed(sandbox: DockerSandbox) -> None:
    program = """
        import os, signal
        for number in set(signal.Signals) - {signal.SIGKILL, signal.SIGSTOP}:
            signal.signal(number, signal.SIG_IGN)
        os.kill(os.getpid(), signal.SIGSTOP)
        """
    assert run(sandbox, program, wall_s=0.5).outcome is Outcome.TIMEOUT


def test_a_flood_of_text(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "while True: print('x' * 100)")
    assert done.outcome is Outcome.OUTPUT_LIMIT
    assert (done.detail or "").startswith("stopped after printing")
    assert len(done.stdout_tail) == LIMITS.text_bytes


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("open('output.wav', 'wb').truncate(1 << 40)", None),
        ("open('output.wav', 'wb').truncate(60 << 20)", "output.wav has 60 MiB, more than 1 MiB"),
        ("open('output.wav', 'wb').write(bytes(2 << 20))", "output.wav has 2 MiB, more than 1 MiB"),
        ("open('other', 'wb').write(bytes(40 << 20))", "/out full"),
        ("open('/tmp/x', 'wb').write(bytes(70 << 20))", "/tmp full"),
        ("for i in range(99): open(f'{i}', 'w')", "/out full"),
    ],
)
def test_files_that_are_too_large_or_too_many(
    sandbox: DockerSandbox, program: str, detail: str | None
) -> None:
    done = run(sandbox, program)
    expected = Outcome.OUTPUT_LIMIT if detail else Outcome.RUNTIME_ERROR
    assert done.outcome is expected, done
    if detail:
        assert done.detail == detail
    assert done.audio is None


# --- failures ------------------------------------------------------------------------------------


def test_an_exception(sandbox: DockerSandbox) -> None:
    done = run(sandbox, LEAVES_AUDIO + "import nonexistent")
    assert (done.outcome, done.exit_code) == (Outcome.RUNTIME_ERROR, 1)
    assert done.detail == "ModuleNotFoundError: No module named 'nonexistent'"
    assert done.audio is None


@pytest.mark.parametrize("program", ["this is no Python", "x = '\ud800'"])
def test_text_that_is_no_program(sandbox: DockerSandbox, program: str) -> None:
    done = run(sandbox, program)
    assert (done.outcome, done.exit_code) == (Outcome.RUNTIME_ERROR, 1)
    assert "SyntaxError" in done.stderr_tail


def test_a_program_that_is_too_long_is_not_run(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "#" * ((1 << 20) + 1))
    assert done.outcome is Outcome.RUNTIME_ERROR
    assert done.detail == "the program has 1048577 bytes, more than 1048576"


@pytest.mark.parametrize(
    ("program", "number"),
    [
        ("import ctypes\nctypes.string_at(0)", signal.SIGSEGV),
        ("import os\nos.abort()", signal.SIGABRT),
        ("import os\nos.kill(os.getpid(), 9)", signal.SIGKILL),
    ],
)
def test_a_crash(sandbox: DockerSandbox, program: str, number: signal.Signals) -> None:
    done = run(sandbox, program)
    assert (done.outcome, done.signal, done.exit_code) == (Outcome.CRASHED, number, None)
    assert done.detail == f"signal {number.value} ({number.name})"


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("print('done')", "ended without /out/output.wav"),
        ("open('tone.wav', 'wb')", "ended without /out/output.wav; found 'tone.wav'"),
        (
            "import os\nos.symlink('/etc/passwd', 'output.wav')",
            "/out/output.wav is a symbolic link",
        ),
        ("import os\nos.mkfifo('output.wav')", "/out/output.wav is not a regular file"),
        ("import os\nos.mkdir('output.wav')", "/out/output.wav is not a regular file"),
        (
            LEAVES_AUDIO + "import os\nos.link('output.wav', 'other')",
            "/out/output.wav has other names",
        ),
        (LEAVES_AUDIO + "import os\nos.chmod('output.wav', 0)", "/out/output.wav cannot be read"),
    ],
)
def test_nothing_usable_is_left(sandbox: DockerSandbox, program: str, detail: str) -> None:
    done = run(sandbox, program)
    assert (done.outcome, done.detail) == (Outcome.NO_OUTPUT, detail)
    assert done.audio is None


def test_an_empty_file_is_for_the_audio_parser_to_judge(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "open('output.wav', 'wb')")
    assert (done.outcome, done.audio) == (Outcome.OK, b"")


# --- programs that mean harm ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        "import socket\nsocket.create_connection(('192.0.2.1', 80), 3)",
        "import socket\nsocket.create_connection(('127.0.0.1', 80), 3)",
        "import urllib.request\nurllib.request.urlopen('http://deb.debian.org')",
        "open('/etc/passwd', 'a')",
        "open('/opt/probe/supervisor.py', 'r+')",
        "open('/usr/bin/x', 'w')",
        "open('/proc/1/environ', 'rb')",
        "open('/proc/1/mem', 'rb')",
        "import os\nos.listdir('/proc/1/fd')",
        "open('/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w')",
        "with open('/proc/self/oom_score_adj', 'w') as own: own.write('-1')",
        "import os\nos.setuid(0)",
        "import os\nos.chroot('/tmp')",
        "import os\nos.mknod('/tmp/disk', 0o60600, os.makedev(8, 0))",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
        "import subprocess\nsubprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'], check=True)",
        "import shutil, subprocess\n"
        "shutil.copy('/bin/true', '/tmp/true')\n"
        "subprocess.run(['/tmp/true'], check=True)",
    ],
)
def test_what_is_forbidden_fails(sandbox: DockerSandbox, program: str) -> None:
    done = run(sandbox, program + "\n" + LEAVES_AUDIO)
    assert (done.outcome, done.exit_code) == (Outcome.RUNTIME_ERROR, 1), done


def test_the_environment_holds_no_secret(
    sandbox: DockerSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    done = run(sandbox, "import os\nprint(dict(os.environ), os.getcwd(), os.uname().nodename)")
    assert done.stdout_tail == f"{dict(ENVIRONMENT)} /out sandbox\n"


def test_privileges_are_gone(sandbox: DockerSandbox) -> None:
    done = run(sandbox, "print(open('/proc/self/status').read())")
    status = dict(line.split(":\t", 1) for line in done.stdout_tail.splitlines() if ":\t" in line)
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert all(210_000 <= int(uid) < 210_004 for uid in status["Uid"].split())


def test_no_setuid_program_is_left_in_the_image(sandbox: DockerSandbox) -> None:
    program = """
        import os, stat
        for folder, _, files in os.walk("/"):
            if folder.startswith(("/proc", "/sys")): continue
            for name in files:
                mode = os.lstat(os.path.join(folder, name)).st_mode
                if stat.S_ISREG(mode) and mode & 0o6000: print(folder, name)
        """
    done = run(sandbox, program)
    assert (done.outcome, done.stdout_tail) == (Outcome.NO_OUTPUT, "")


def test_whoever_outlives_the_program_writes_nothing(sandbox: DockerSandbox) -> None:
    program = (
        LEAVES_AUDIO
        + """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while os.getppid() != 1: pass
        while True: open("output.wav", "wb").write(b"late")
    os._exit(0)
time.sleep(0.1)
os._exit(0)
"""
    )
    done = run(sandbox, program)
    assert done.outcome is Outcome.OK
    assert done.audio in {b"RIFF", b"late", b""}  # whole: the writer was dead when it was read


def test_pid_1_cannot_be_signalled(sandbox: DockerSandbox) -> None:
    program = """
        import os, signal
        for number in range(1, 65):
            try: os.kill(1, number)
            except OSError: pass
        """
    assert run(sandbox, program + "\n" + LEAVES_AUDIO).outcome is Outcome.RUNTIME_ERROR
    done = run(sandbox, program)
    assert (done.outcome, done.exit_code) == (Outcome.NO_OUTPUT, 0)


def test_frames_cannot_be_forged(sandbox: DockerSandbox) -> None:
    program = """
        import os, struct
        frame = bytes(16) + b"v" + struct.pack(">I", 2) + b"{}"
        for descriptor in range(3, 64):
            try: os.write(descriptor, frame)
            except OSError: pass
        os.write(1, frame)
        """
    done = run(sandbox, program)
    assert (done.outcome, done.exit_code) == (Outcome.NO_OUTPUT, 0)
    assert done.stdout_tail.startswith("\\x00")
