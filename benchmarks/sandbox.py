"""What the sandbox costs: latency and throughput of each way to run a program, and a long soak.

Run with a Docker engine and the sandbox image at hand, on a machine that does nothing else:
``python benchmarks/sandbox.py``; ``python benchmarks/sandbox.py --soak`` runs 1,000 programs in a
row, every tenth of them hostile. Prints Markdown.

Added latency is the time from submit to result minus the program's own, which is measured where it
runs. It is taken with programs that come one by one, each when the sandbox is at rest, as programs
come that a model has to write first. Throughput is taken with as many threads as there are cores
and no rest.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from docker.api.client import APIClient

from probe.board.markdown import table
from probe.records import Limits, Outcome
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
from probe.sandbox.docker import engine, image
from probe.sandbox.docker.sandbox import DockerSandbox
from probe.sandbox.owner import Owner

SINGLE = 11
"""Programs that come one by one."""
REST_S = 0.7
BURST = 20
"""Programs that come all at once."""
ROUNDS = 3
"""Bursts of each, in turn, so that a machine that changes its pace favours nobody."""
SOAK = 1000
EDGE = 100
"""Programs at either end of the soak that are compared."""

PROGRAMS = {
    "nothing": "pass",
    "numpy": "import numpy",
    "scipy": "import scipy.signal, scipy.io.wavfile",
}
CLOCK = """
import time
began = time.monotonic()
{program}
print(time.monotonic() - began)
"""
"""For containers without a supervisor, which knows when a program starts and ends."""
LIMITS = Limits()

Submit = Callable[[str], float]
"""Runs a program to its end and returns the seconds that were its own."""


@contextmanager
def warm(client: APIClient, image_id: str) -> Iterator[Submit]:
    """Containers that are started ahead."""
    with DockerSandbox(client, image_id) as sandbox:
        yield lambda program: sandbox.execute(program, LIMITS).wall_s


@contextmanager
def cold(client: APIClient, image_id: str) -> Iterator[Submit]:
    """A sandbox for each program, made when it comes, with the same settings."""

    def submit(program: str) -> float:
        with DockerSandbox(client, image_id, slots=1, spare=0) as sandbox:
            return sandbox.execute(program, LIMITS).wall_s

    yield submit


@contextmanager
def plain(client: APIClient, image_id: str) -> Iterator[Submit]:
    """What ``docker run --network none`` does: no limits, no supervisor, default settings."""
    host = client.create_host_config(network_mode="none")

    def submit(program: str) -> float:
        command = ["/usr/bin/python3", "-c", CLOCK.format(program=program)]
        made = client.create_container(image_id, command, host_config=host)["Id"]
        try:
            client.start(made)
            client.wait(made)
            return float(client.logs(made, stderr=False))
        finally:
            client.remove_container(made)

    yield submit


@contextmanager
def bubblewrap(client: APIClient, image_id: str) -> Iterator[Submit]:
    """The other engine, its sandboxes started ahead; it needs neither a client nor an image."""
    del client, image_id
    with BubblewrapSandbox() as sandbox:
        yield lambda program: sandbox.execute(program, LIMITS).wall_s


WAYS = {
    "warm pool": warm,
    "bubblewrap, warm": bubblewrap,
    "a container each, same settings": cold,
    "plain `docker run`": plain,
}


def latencies_ms(submit: Submit, program: str) -> tuple[list[float], list[float]]:
    """Milliseconds from submit to result of some programs, and those that were not their own."""
    whole, added = [], []
    for _ in range(SINGLE):
        time.sleep(REST_S)
        began = time.monotonic()
        own = submit(program)
        whole.append((time.monotonic() - began) * 1000)
        added.append(whole[-1] - own * 1000)
    return whole, sorted(added)


def per_second(submit: Submit, program: str) -> float:
    """Programs a second, one thread for each core."""
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        began = time.monotonic()
        list(threads.map(submit, [program] * BURST))
        return BURST / (time.monotonic() - began)


def compare(client: APIClient, image_id: str) -> None:
    """Print a table of all ways and programs."""
    rates: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for kind, program in PROGRAMS.items():
            for name, way in WAYS.items():
                with way(client, image_id) as submit:
                    rates.setdefault((name, kind), []).append(per_second(submit, program))
    print("| | program imports | added ms, median | 90 % below | whole ms, median | programs/s |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, way in WAYS.items():
        for kind, program in PROGRAMS.items():
            with way(client, image_id) as submit:
                whole, added = latencies_ms(submit, program)
            figures = (
                statistics.median(added),
                added[len(added) * 9 // 10],
                statistics.median(whole),
                statistics.median(rates[name, kind]),
            )
            print(f"| {name} | {kind} |", " | ".join(f"{x:.1f}" for x in figures), "|", flush=True)


# --- the soak ------------------------------------------------------------------------------------

GOOD = """
import numpy, wave
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    samples = 9999 * numpy.sin(numpy.arange(44100) * {hertz} / 7019)
    file.writeframes(samples.astype("<i2").tobytes())
"""
HOSTILE = {
    "fork bomb": """
import os
while True:
    try:
        os.fork()
    except OSError:
        pass
""",
    "memory": "x = []\nwhile True: x.append(bytearray(1 << 22))",
    "spin": "while True: pass",
    "sleep": "import time\ntime.sleep(60)",
    "flood": "while True: print('x' * 1000)",
    "daemons": """
import os, time
for _ in range(20):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
open("output.wav", "w")
""",
    "huge file": "open('output.wav', 'wb').truncate(60 << 20)",
    "stops itself": "import os\nos.kill(os.getpid(), 19)",
    "kills everything": "import os\nos.kill(-1, 9)\nos.kill(1, 9)",
    "crash": "import ctypes\nctypes.string_at(0)",
}
HOSTILE_LIMITS = Limits(wall_s=3, cpu_s=1)


def soak(client: APIClient, image_id: str) -> None:
    """Run many programs in a row and print what changes from the first to the last."""
    with DockerSandbox(client, image_id) as sandbox:
        alone = {name: sandbox.execute(text, HOSTILE_LIMITS) for name, text in HOSTILE.items()}
    labels = [f"{name}={value}" for name, value in Owner.current().labels().items()]
    names = list(HOSTILE)
    added: list[float] = []
    rows: list[tuple[str, int, int, int]] = []
    wrong: list[str] = []

    def look(when: str) -> None:
        mine = client.containers(all=True, filters={"label": labels})
        descriptors = len(list(Path("/proc/self/fd").iterdir()))
        resident = int(Path("/proc/self/statm").read_text().split()[1])
        rows.append((when, resident * os.sysconf("SC_PAGE_SIZE") >> 10, descriptors, len(mine)))

    began = time.monotonic()
    with DockerSandbox(client, image_id) as sandbox:

        def one(number: int) -> None:
            if number % 10 == 9:
                name = names[number // 10 % len(names)]
                done, expected = sandbox.execute(HOSTILE[name], HOSTILE_LIMITS), alone[name].outcome
            else:
                name, expected = "good", Outcome.OK
                submitted = time.monotonic()
                done = sandbox.execute(GOOD.format(hertz=number + 20), LIMITS)
                added.append((time.monotonic() - submitted - done.wall_s) * 1000)
            if done.outcome is not expected:
                wrong.append(f"{name}: {done.outcome} ({done.detail}), alone {expected}")

        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for start in range(0, SOAK, EDGE):
                list(threads.map(one, range(start, start + EDGE)))
                look(f"after {start + EDGE}")
    seconds = time.monotonic() - began
    look("closed")
    print(f"{SOAK} programs in {seconds:.0f} s, every tenth hostile, {os.cpu_count()} at a time;")
    print(f"{len(wrong)} ended otherwise than alone{''.join(f', {what}' for what in wrong)}.\n")
    header = ["", "memory of the harness, KiB", "open files", "containers"]
    print(table(header, ([*map(str, row)] for row in rows)), end="")
    ends = added[: EDGE * 9 // 10], added[-EDGE * 9 // 10 :]
    first, last = (statistics.median(part) for part in ends)
    print(f"\nMedian wait of the good programs, the queue for a container included: {first:.0f} ms")
    print(f"among the first {EDGE}, {last:.0f} ms among the last.")


def main() -> None:
    """Measure and print."""
    client = engine.connect()
    image_id = image.require(client)
    processor = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    print(
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores ({processor}),"
        f" {engine.describe(client)}, Linux {platform.release()},"
        f" Python {platform.python_version()}, docker SDK {metadata.version('docker')}\n"
    )
    (soak if "--soak" in sys.argv[1:] else compare)(client, image_id)


if __name__ == "__main__":
    main()
