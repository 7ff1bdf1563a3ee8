"""What any sandbox engine must show: the same program, the same outcome, and nothing gets out."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from probe.errors import PrerequisiteError
from probe.records import Limits, Outcome
from probe.sandbox import Execution, Sandbox
from probe.sandbox.bubblewrap import cgroups
from tests.sandbox.engines import ENGINES, Differences, open_engine

LIMITS = Limits(wall_s=20, cpu_s=5, memory_bytes=192 << 20, text_bytes=1 << 12)
LEAVES_AUDIO = "open('output.wav', 'wb').write(b'RIFF')\n"
REPOSITORY = Path(__file__).parents[2]

Run = Callable[..., Execution]


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("docker", marks=pytest.mark.docker),
        pytest.param(
            "bubblewrap-cgroups",
            marks=pytest.mark.skipif(
                not cgroups.available(), reason="needs root and control groups of version 1"
            ),
        ),
        "bubblewrap-rlimits",
    ],
)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sandbox(name: str) -> Iterator[Sandbox]:
    try:
        opening = open_engine(name)
    except PrerequisiteError as error:
        pytest.fail(str(error))
    with opening as opened:
        yield opened


@pytest.fixture(scope="module")
def run(sandbox: Sandbox) -> Run:
    def execute(program: str, **limits: Any) -> Execution:
        return sandbox.execute(textwrap.dedent(program), LIMITS.model_copy(update=limits))

    return execute


@pytest.fixture(scope="module")
def differences(name: str) -> Differences:
    return ENGINES[name]


def test_it_says_what_it_is(sandbox: Sandbox, name: str) -> None:
    words = sandbox.name.split()
    assert name.split("-") in ([words[0]], [words[0], words[-1]])
    assert sandbox.image.startswith("sha256:")
    assert len(sandbox.image) == len("sha256:") + 64


# --- programs that mean well ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        """
        import numpy as np, soundfile as sf
        from scipy import signal
        sf.write("/out/output.wav", 0.5 * signal.sawtooth(np.arange(4410) / 10), 44100)
        """,
        """
        from pyo import *
        s = Server(audio="offline").boot()
        s.recordOptions(dur=0.1, filename="/out/output.wav")
        tone = FM(220, ratio=1.5, index=4, mul=0.3).out()
        s.start()
        """,
        """
        import multiprocessing, subprocess, sys, threading, wave
        def render():
            with wave.open("/out/output.wav", "wb") as out:
                out.setparams((1, 2, 44100, 0, "NONE", ""))
                out.writeframes(b"\\1\\0" * 4410)
        worker = multiprocessing.get_context("spawn").Process
        if __name__ == "__main__":
            threading.Thread(target=render).start()
            subprocess.run([sys.executable, "-c", "import numpy"], check=True)
            subprocess.run("python3 -c 'import numpy'", shell=True, check=True)
            worker(target=print).start()
        """,
    ],
    ids=["numpy", "pyo", "processes"],
)
def test_programs_leave_their_audio(run: Run, program: str) -> None:
    done = run(program, memory_bytes=512 << 20)
    assert (done.outcome, done.detail, done.exit_code) == (Outcome.OK, None, 0), done.stderr_tail
    assert done.audio is not None
    assert done.audio[:4] == b"RIFF"
    assert 0 < done.cpu_s < done.wall_s + 0.1
    assert 1 << 20 < done.peak_memory_bytes < 512 << 20


def test_much_that_is_allowed_comes_back_whole(run: Run) -> None:
    program = """
        import hashlib, random
        audio = random.Random(1).randbytes(24 << 20)
        open("output.wav", "wb").write(audio)
        print(hashlib.sha256(audio).hexdigest())
        print("x" * (1 << 16))
        """
    done = run(program, audio_bytes=24 << 20, text_bytes=1 << 18)
    assert done.outcome is Outcome.OK, done
    assert done.audio is not None
    digest, text = done.stdout_tail.split()
    assert digest == hashlib.sha256(done.audio).hexdigest()
    assert text == "x" * (1 << 16)


def test_nothing_is_given_but_the_program(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "canary")
    program = """
        import os, sys
        print(sys.stdin.read() == "", sorted(map(int, os.listdir("/proc/self/fd"))))
        print(os.getcwd(), os.uname().nodename, "canary" in str(os.environ))
        print({name: os.environ.get(name) for name in ("TZ", "PYTHONHASHSEED", "HOME")})
        """
    assert run(program).stdout_tail.splitlines() == [
        "True [0, 1, 2, 3]",  # the last lists the folder
        "/out sandbox False",
        "{'TZ': 'UTC', 'PYTHONHASHSEED': '0', 'HOME': '/tmp'}",
    ]


def test_only_what_was_promised_can_be_imported(run: Run) -> None:
    program = """
        import importlib.util
        names = ("numpy", "scipy", "soundfile", "pyo", "probe", "openai", "docker", "librosa")
        print(*(name for name in names if importlib.util.find_spec(name)))
        """
    assert run(program).stdout_tail.split() == ["numpy", "scipy", "soundfile", "pyo"]


def test_programs_run_side_by_side(run: Run) -> None:
    program = """
        import time
        print({number}, time.time()); time.sleep(1.5); print(time.time())
        open("output.wav", "wb").write(b"{number}")
        """
    with ThreadPoolExecutor(4) as threads:
        done = list(threads.map(lambda n: run(program.replace("{number}", str(n))), range(4)))
    assert [execution.audio for execution in done] == [b"0", b"1", b"2", b"3"]
    spans = [tuple(map(float, execution.stdout_tail.split()[1:])) for execution in done]
    most = max(sum(b <= began < e for b, e in spans) for began, _ in spans)
    assert most == 2, "as many as there are slots"


# --- limits --------------------------------------------------------------------------------------


def test_wall_time(run: Run) -> None:
    done = run("import time\ntime.sleep(60)", wall_s=0.5)
    assert (done.outcome, done.detail) == (Outcome.TIMEOUT, "not done after 0.5 s")
    assert 0.5 <= done.wall_s < 1


@pytest.mark.parametrize("children", [0, 3])
def test_cpu_time(run: Run, children: int) -> None:
    done = run(f"import os\nfor _ in range({children}): os.fork()\nwhile True: pass", cpu_s=0.4)
    assert (done.outcome, done.detail) == (Outcome.TIMEOUT, "not done after 0.4 s of CPU time")
    assert 0.4 <= done.cpu_s < 0.8


@pytest.mark.parametrize(
    "program",
    [
        "x = []\nwhile True: x.append(bytearray(1 << 22))",
        "import mmap\n"
        "whole = mmap.mmap(-1, 1 << 30)\n"
        "for i in range(0, 1 << 30, 4096): whole[i] = 1",
        "open('/tmp/fill', 'wb').write(bytes(60 << 20))\n"
        "x = []\nwhile True: x.append(bytearray(1 << 20))",
    ],
    ids=["own", "shared", "own and files"],
)
def test_memory(run: Run, differences: Differences, program: str) -> None:
    done = run(program)
    assert (done.outcome, done.signal) == (Outcome.MEMORY_LIMIT, signal.SIGKILL), done
    assert done.detail == "killed for using more than 192 MiB"
    most = LIMITS.memory_bytes * (1 + differences.memory_slack)
    assert 0.95 * LIMITS.memory_bytes < done.peak_memory_bytes <= most


def test_memory_of_a_child(run: Run, differences: Differences) -> None:
    program = """
        import os, time
        if os.fork() == 0:
            x = []
            while True: x.append(bytearray(1 << 22))
        os.wait()
        open("output.wav", "wb").write(b"RIFF")
        """
    expected = Outcome.OK if differences.spares_parents else Outcome.MEMORY_LIMIT
    assert run(program).outcome is expected


def test_memory_shared_with_children_counts_once(run: Run) -> None:
    program = """
        import os, time
        x = bytearray(os.urandom(1 << 20)) * 80
        children = [os.fork() or (time.sleep(0.5), os._exit(0)) for _ in range(4)]
        for _ in children: os.wait()
        open("output.wav", "wb").write(b"RIFF")
        """
    assert run(program).outcome is Outcome.OK


@pytest.mark.parametrize(
    "start",
    [
        "os.fork() or time.sleep(9)",
        "threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
    ],
    ids=["processes", "threads"],
)
def test_processes(run: Run, differences: Differences, start: str) -> None:
    done = run(f"import os, threading, time\nwhile True: {start}", processes=24)
    if differences.counts_refusals or done.outcome is not Outcome.RUNTIME_ERROR:
        assert done.outcome is Outcome.PROCESS_LIMIT, done
        assert done.detail == "more than 24 processes and threads"


def test_processes_at_their_limit_for_a_while(run: Run) -> None:
    program = """
        import os, time
        try:
            while True: os.fork() or time.sleep(9)
        except OSError:
            time.sleep(0.5)
            raise
        """
    assert run(program, processes=24).outcome is Outcome.PROCESS_LIMIT


def test_as_many_processes_as_allowed(run: Run) -> None:
    program = """
        import os, time
        count = 1  # the supervisor
        try:
            while True:
                os.fork() or time.sleep(9)
                count += 1
        except OSError:
            print(count + 1)
        """
    assert run(program, processes=24).stdout_tail.split() == ["24"]


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_flood_of_text(run: Run, stream: str) -> None:
    done = run(f"import sys\nwhile True: sys.{stream}.write('x' * 100)")
    assert done.outcome is Outcome.OUTPUT_LIMIT
    assert (done.detail or "").startswith("stopped after printing")
    assert len(getattr(done, f"{stream}_tail")) == LIMITS.text_bytes


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("open('output.wav', 'wb').truncate(60 << 20)", "output.wav has 60 MiB, more than 1 MiB"),
        ("open('output.wav', 'wb').write(bytes(2 << 20))", "output.wav has 2 MiB, more than 1 MiB"),
        ("open('other', 'wb').write(bytes(40 << 20))", "/out full"),
        ("open('/tmp/x', 'wb').write(bytes(70 << 20))", "/tmp full"),
        ("for i in range(99): open(f'{i}', 'w')", "/out full"),
    ],
)
def test_files_that_are_too_large_or_too_many(run: Run, program: str, detail: str) -> None:
    done = run(program, audio_bytes=1 << 20)
    assert (done.outcome, done.detail, done.audio) == (Outcome.OUTPUT_LIMIT, detail, None)


# --- failures ------------------------------------------------------------------------------------


def test_an_exception(run: Run) -> None:
    done = run(LEAVES_AUDIO + "raise ValueError('out of \\x1b[2J tune')")
    assert (done.outcome, done.exit_code) == (Outcome.RUNTIME_ERROR, 1)
    assert done.detail == "ValueError: out of \\x1b[2J tune"
    assert done.audio is None


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash(run: Run, number: signal.Signals) -> None:
    done = run(f"import os\nos.kill(os.getpid(), {number.value})")
    assert (done.outcome, done.signal) == (Outcome.CRASHED, number)
    assert done.detail == f"signal {number.value} ({number.name})"


@pytest.mark.parametrize(
    ("program", "detail"),
    [
        ("print('done')", "ended without /out/output.wav"),
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
def test_nothing_usable_is_left(run: Run, program: str, detail: str) -> None:
    done = run(program)
    assert (done.outcome, done.detail, done.audio) == (Outcome.NO_OUTPUT, detail, None)


# --- programs that mean harm ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "program",
    [
        "import socket\nsocket.create_connection(('127.0.0.1', 80), 3)",
        "import socket\nsocket.socket(socket.AF_UNIX)",
        "import socket\nsocket.socket(socket.AF_VSOCK)",
        "import os\nos.stat('/var/run/docker.sock')",
        "open('/etc/shadow')",
        "open('/usr/bin/x', 'w')",
        "open('/x', 'w')",
        "open('/etc/x', 'w')",
        "open('/dev/x', 'w')",
        "open('/opt/probe/supervisor.py', 'r+')",
        "open('/proc/1/environ', 'rb')",
        "open('/proc/1/mem', 'rb')",
        "open('/proc/sys/kernel/shmmax', 'r+')",
        "import os\nos.listdir('/proc/1/fd')",
        "open('/sys/fs/cgroup/memory/memory.limit_in_bytes', 'w')",
        "with open('/proc/self/oom_score_adj', 'w') as own: own.write('-1')",
        "import os\nos.setuid(0)",
        "import os\nos.chroot('/tmp')",
        "import ctypes\nassert ctypes.CDLL(None).unshare(0x10000000) == 0",
        "import os\nos.mknod('/tmp/disk', 0o60600, os.makedev(8, 0))",
        "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
        "import subprocess\nsubprocess.run(['mount', '-t', 'tmpfs', 'x', '/tmp'], check=True)",
        "import shutil, subprocess\n"
        "shutil.copy('/bin/true', '/tmp/true')\n"
        "subprocess.run(['/tmp/true'], check=True)",
        "import ctypes, shutil\n"
        "shutil.copy('/lib/x86_64-linux-gnu/libm.so.6', '/out/m.so')\n"
        "ctypes.CDLL('/out/m.so')",
    ],
)
def test_what_is_forbidden_fails(run: Run, program: str) -> None:
    done = run(program + "\n" + LEAVES_AUDIO)
    assert (done.outcome, done.exit_code) == (Outcome.RUNTIME_ERROR, 1), done


def test_files_of_the_machine_are_out_of_sight(run: Run, tmp_path: Path) -> None:
    canaries = [folder / "probe-canary" for folder in (tmp_path, Path.home(), REPOSITORY / ".git")]
    try:
        for canary in canaries:
            canary.write_text("secret")
        program = f"""
            import os
            for path in {[str(canary) for canary in canaries]}:
                print(os.path.exists(path))
            for folder in ("/home", "/root", "/var/run", "/run", "/work", "/mnt", "/srv"):
                for place, folders, files in os.walk(folder):
                    print(*(name for name in files if name == "probe-canary"), end="")
            """
        done = run(program)
        assert (done.exit_code, done.stdout_tail.split()) == (0, ["False"] * 3), done
    finally:
        for canary in canaries:
            canary.unlink(missing_ok=True)


def test_privileges_are_gone(run: Run) -> None:
    done = run("print(open('/proc/self/status').read())")
    status = dict(line.split(":\t", 1) for line in done.stdout_tail.splitlines() if ":\t" in line)
    assert {status[f"Cap{kind}"] for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")} == {"0" * 16}
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert "0" not in status["Uid"].split() + status["Gid"].split()


def test_whoever_outlives_the_program_writes_nothing(run: Run) -> None:
    program = """
        import os, time
        open("output.wav", "wb").write(b"in time")
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                while os.path.exists(f"/proc/{os.getppid()}/fd"): pass
                while True: open("output.wav", "wb").write(b"late")
            os._exit(0)
        os._exit(0)
        """
    done = run(program)
    assert done.outcome is Outcome.OK
    assert done.audio in {b"in time", b"late", b""}  # whole: whoever wrote was dead before


def test_pid_1_takes_no_signal_and_no_frame_is_forged(run: Run) -> None:
    program = """
        import os, struct
        for number in range(1, 65):
            try: os.kill(1, number)
            except OSError: pass
        frame = bytes(16) + b"v" + struct.pack(">I", 2) + b"{}"
        for descriptor in range(3, 256):
            try: os.write(descriptor, frame)
            except OSError: pass
        os.write(1, frame)
        """
    done = run(program)
    assert (done.outcome, done.exit_code) == (Outcome.NO_OUTPUT, 0), done
    assert done.stdout_tail.startswith("\\x00")


def test_the_folder_of_the_audio_cannot_be_closed_to_the_supervisor(run: Run) -> None:
    program = """
        import os
        try: os.chmod("/out", 0)
        except OSError: pass
        """
    done = run(LEAVES_AUDIO + textwrap.dedent(program))
    assert (done.outcome, done.audio) == (Outcome.OK, b"RIFF"), done


# --- the harness ---------------------------------------------------------------------------------

HARNESS = """
import sys
from probe.records import Limits
from tests.sandbox.engines import open_engine
sleep = ["x", "-c", "import time; time.sleep(60)", sys.argv[2]]
program = f"import os, sys; os.execv(sys.executable, {sleep})"
with open_engine(sys.argv[1], slots=1) as sandbox:
    sandbox.execute(program, Limits())
"""


def processes_with(marker: str) -> list[str]:
    """Processes of the machine that were given a word no other has."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0] == b"x" and marker.encode() in words:
            found.append(folder.name)
    return found


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_nothing_survives_a_killed_harness(name: str) -> None:
    marker = f"probe-{os.getpid()}-{time.monotonic_ns()}"
    with subprocess.Popen([sys.executable, "-c", HARNESS, name, marker], cwd=REPOSITORY) as harness:
        try:
            wait_for(lambda: harness.poll() is not None or bool(processes_with(marker)), 30)
            assert harness.poll() is None
        finally:
            harness.kill()
    wait_for(lambda: not processes_with(marker), 15)
    with open_engine(name, slots=1):
        pass  # whatever else is left of it is swept
    assert not [group for group in cgroups.all_groups() if group.startswith(f"{harness.pid}-")]


def test_leaving_ends_what_still_runs(name: str) -> None:
    with ThreadPoolExecutor(1) as threads:
        with open_engine(name, slots=1) as opened:
            running = threads.submit(opened.execute, "import time\ntime.sleep(25)", Limits())
            time.sleep(0.5)
        began = time.monotonic()
        assert running.result().outcome is Outcome.SANDBOX_ERROR
    assert time.monotonic() - began < 15
