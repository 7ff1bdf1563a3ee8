"""A program cannot tell, but by the clock, whether its interpreter was started ahead for it."""

from __future__ import annotations

import re
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.docker.sandbox import DockerSandbox

pytestmark = pytest.mark.docker

LIMITS = Limits(wall_s=20, cpu_s=5, memory_bytes=256 << 20)

COLD = """
import os, sys
with open("/job/program.py", "w") as file:
    file.write({program!r})
os.execv("/usr/bin/python3", ["/usr/bin/python3", "/job/program.py"])
"""
"""Runs a program in the same place by a Python that was not started ahead."""

ADDRESS = re.compile(r"0x[0-9a-f]{6,}|(?<=started )\d+")

PROGRAMS = {
    "where it is": """
        import os, sys
        print(sys.argv, sys.orig_argv, sys.path, sys.flags, sys.executable, sys.prefix)
        print(os.getcwd(), sorted(os.environ.items()), sys.stdin.read(), sys.stdout, sys.stderr)
        print(os.getpid() == os.getpgid(0) == os.getsid(0), os.umask(0))
        print(sorted(os.listdir("/proc/self/fd")))
        """,
    "who it is": """
        print({name: value for name, value in globals().items() if name != "__builtins__"})
        print(__name__, __file__, __spec__, __doc__, type(__loader__), __builtins__)
        """,
    "nobody called it": """
        import inspect, sys, traceback, warnings
        print([frame.filename for frame in inspect.stack()], sys._getframe().f_back)
        traceback.print_stack()
        warnings.warn("module", stacklevel=1)
        warnings.warn("beyond", stacklevel=2)
        def own(): "doc"
        print(inspect.getsource(own))
        """,
    "signals": """
        import signal
        print([(s.name, signal.getsignal(s)) for s in signal.Signals], signal.getitimer(0))
        print(signal.pthread_sigmask(signal.SIG_BLOCK, []))
        """,
    "settings": """
        import gc, random, sys, threading, resource, time, locale
        print(gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit(), hash("probe"))
        print(threading.enumerate(), time.tzname, locale.getlocale())
        print([resource.getrlimit(n) for n in range(16)], sys.getswitchinterval())
        """,
    "an exception": """
        def inner(x):
            return 1 / x
        try:
            inner(0)
        except ZeroDivisionError as error:
            raise ValueError("no\\nsound") from error
        """,
    "deep recursion": "def f(): f()\nf()",
    "no Python": "x = = 1",
    "wrong bytes": "# -*- coding: nonsense -*-\n",
    "exit 3": "raise SystemExit(3)",
    "exit None": "import sys\nsys.exit()",
    "exit text": "import sys\nsys.exit('too quiet')",
    "exit beyond a byte": "raise SystemExit(-1)",
    "exit with an object": "raise SystemExit((1, 2))",
    "exit by the builtin": "exit(7)",
    "interrupted": "raise KeyboardInterrupt",
    "a signal": "import os, signal\nprint('lost')\nos.kill(os.getpid(), signal.SIGTERM)",
    "own hook": "import sys\nsys.excepthook = lambda *a: print('hook', a[0])\nraise OSError('x')",
    "left without flushing": "import os\nprint('lost in the buffer')\nos._exit(0)",
    "printing after stdout is gone": "import os\nos.close(1)\nprint('x')",
    "two streams": """
        import sys
        for i in range(3): print("out", i); print("err", i, file=sys.stderr)
        print(sys.stdout.line_buffering, sys.stderr.line_buffering, sys.stdout.write_through)
        """,
    "open files": """
        import wave
        audio = open("output.wav", "wb")
        audio.write(b"RIFF")
        class Loop: pass
        loop = Loop(); loop.self = loop; loop.file = open("/tmp/other", "w"); loop.file.write("x")
        def keep(file=open("third", "w")): file.write("y")
        keep()
        """,
    "an open file and a handler": """
        import signal
        def handler(*_): pass
        signal.signal(signal.SIGALRM, handler)
        audio = open("output.wav", "wb")
        audio.write(b"RIFF" * 100)
        """,
    "an open sound file": """
        import numpy, soundfile
        sound = soundfile.SoundFile("output.wav", "w", 44100, 1)
        sound.write(numpy.zeros(1000))
        """,
    "finalizers": """
        import atexit, numpy, sys, weakref
        class Thing:
            def __init__(self, name): self.name = name
            def __del__(self): print("del", self.name, numpy is not None, helper())
        def helper(): return "helped"
        first, second = Thing("first"), Thing("second")
        second.self = second
        third = Thing("third")
        finalizer = weakref.finalize(helper, print, "finalized")
        atexit.register(print, "first exit handler, called last")
        @atexit.register
        def late():
            import numpy.random, wave, json
            print("exit handler", json.dumps([1]), numpy.ones(2).sum())
        """,
    "a finalizer after an exception": """
        class Thing:
            def __del__(self): print("del")
        def f():
            thing = Thing()
            raise RuntimeError
        held = Thing()
        f()
        """,
    "failing exit handlers": """
        import atexit, sys
        atexit.register(sys.exit, 5)
        @atexit.register
        def fail(): raise ValueError("late")
        """,
    "threads": """
        import threading, time
        def work():
            time.sleep(0.2); print("worked")
            open("output.wav", "wb").write(b"RIFF")
        threading.Thread(target=work).start()
        def forever():
            while True: time.sleep(0.01)
        threading.Thread(target=forever, daemon=True).start()
        def fail(): raise ValueError("in a thread")
        failing = threading.Thread(target=fail); failing.start(); failing.join()
        """,
    "logging": """
        import logging, logging.handlers
        logging.basicConfig(format="%(name)s %(pathname)s %(lineno)d %(funcName)s %(message)s")
        logging.warning("one")
        memory = logging.handlers.MemoryHandler(99, target=logging.StreamHandler())
        logging.getLogger("late").addHandler(memory)
        logging.getLogger("late").error("two")
        """,
    "pickles": """
        import copy, dataclasses, enum, pickle, typing
        @dataclasses.dataclass
        class Note:
            midi: int
            name: "typing.Optional[str]" = None
        class Kind(enum.Enum): A = 1
        data = pickle.dumps([Note(60), Kind.A, Note])
        print(data, pickle.loads(data), typing.get_type_hints(Note), Note.__module__)
        """,
    "annotations": """
        import typing
        class Closing:
            file: typing.Any = None
            def __del__(self): self.file.write("RIFF"); self.file.close()
        kept: Closing = Closing()
        kept.file = open("output.wav", "w")
        print(__annotations__)
        """,
    "a fork": """
        import os, sys
        if os.fork() == 0:
            print("child")
            sys.exit(3)
        print(os.waitstatus_to_exitcode(os.wait()[1]))
        """,
    "spawned processes": """
        import multiprocessing, sys
        def double(x):
            return 2 * x, __name__
        if __name__ == "__main__":
            for method in ("spawn", "fork"):
                with multiprocessing.get_context(method).Pool(2) as pool:
                    print(pool.map(double, range(3)))
        """,
    "futures": """
        from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
        for kind in (ThreadPoolExecutor, ProcessPoolExecutor):
            pool = kind(2)
            print(sorted(pool.map(abs, [-1, -2])))
        """,
    "asyncio": """
        import asyncio
        async def main():
            await asyncio.sleep(0.01)
            print(await asyncio.to_thread(sum, [1, 2]))
        asyncio.run(main())
        """,
    "a subprocess": """
        import subprocess, sys
        code = "import os, sys; print(sys.path, 'numpy' in sys.modules, sorted(os.environ))"
        print(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True))
        """,
    "a module of its own": """
        import sys
        sys.path.insert(0, "/tmp")
        open("/tmp/own.py", "w").write(
            "file = open('output.wav', 'w'); file.write('RIFF'); loop = [file]; loop.append(loop)")
        import own, program
        print(program.__name__, own.__file__)
        """,
}


def seen(execution: Execution) -> dict[str, object]:
    """Everything but how long it took, how much memory, and where things lay in it."""
    fields = execution.model_dump(exclude={"cpu_s", "wall_s", "peak_memory_bytes"})
    for stream in ("stdout_tail", "stderr_tail"):
        fields[stream] = ADDRESS.sub("somewhere", fields[stream])
    return fields


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS.keys())
def test_a_program_runs_as_by_any_python(sandbox: DockerSandbox, program: str) -> None:
    program = textwrap.dedent(program)
    with ThreadPoolExecutor(2) as threads:
        warm = threads.submit(sandbox.execute, program, LIMITS)
        cold = threads.submit(sandbox.execute, COLD.format(program=program), LIMITS)
    assert seen(warm.result()) == seen(cold.result())
    assert warm.result().outcome is not Outcome.SANDBOX_ERROR


def test_a_program_does_not_pay_for_what_was_done_ahead(sandbox: DockerSandbox) -> None:
    done = sandbox.execute("import numpy", LIMITS)
    assert (done.outcome, done.exit_code) == (Outcome.NO_OUTPUT, 0)
    assert done.cpu_s < 0.06
