"""Prove that the sandbox holds, on the machine it runs on: run the attack corpus and judge it.

`verify` runs attacks and watches the machine meanwhile; `preflight` does it with the quick ones
before a run, once for each combination of engine, image and settings.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import secrets
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from docker.api.client import APIClient
from rich.console import Console, Group
from rich.table import Table
from rich.text import Text

from probe.errors import PrerequisiteError
from probe.records import Limits, Record
from probe.sandbox import Sandbox
from probe.sandbox.attacks.corpus import CLASSES, Attack, read_corpus, select
from probe.sandbox.attacks.host import Surroundings
from probe.sandbox.attacks.judge import Verdict, judge
from probe.sandbox.docker.engine import Home
from probe.sandbox.docker.sandbox import DockerSandbox
from probe.sandbox.owner import Owner
from probe.sandbox.settings import create_settings

CANARY_VARIABLE = "PROBE_CANARY_API_KEY"
"""Where a fake key lies in the harness's environment while attacks run."""
_NAMED_PROBLEMS = 3


class Report(Record):
    """What came of a corpus."""

    sandbox: str
    image: str
    seconds: float
    verdicts: tuple[Verdict, ...]
    host: tuple[str, ...]

    @property
    def contained(self) -> bool:
        """Whether every attack came to nothing and the machine is as it was."""
        return not self.host and all(verdict.contained for verdict in self.verdicts)

    @property
    def problems(self) -> tuple[str, ...]:
        """Everything that was not contained, a line each."""
        attacks = (
            f"{verdict.class_name}/{verdict.attack}: {'; '.join(verdict.problems)}"
            for verdict in self.verdicts
            if not verdict.contained
        )
        return (*attacks, *(f"host: {change}" for change in self.host))


@dataclass(frozen=True)
class Venue:
    """A sandbox to be tested, and what of the machine belongs to it."""

    open: Callable[[], Sandbox]
    """Gives the sandbox; everything of it is gone when the context is left."""
    identity: str
    """Engine, image and settings: as long as it is the same, what was proven still holds."""
    leftovers: Callable[[], Iterable[str]] = tuple
    """Names of this process's containers that are still there."""
    foreign: Callable[[], Iterable[str]] = tuple
    """Ids of the containers of others."""
    passing: tuple[str, ...] = ()
    """Folders below which the engine mounts and unmounts as containers come and go."""


def docker_venue(client: APIClient, image: str, *, runtime: str | None = None) -> Venue:
    """The sandbox on a Docker engine.

    Parameters
    ----------
    client : docker.APIClient
        The engine.
    image : str
        Content id of the image.
    runtime : str, optional
        One of the engine's runtimes; its default when omitted.

    Returns
    -------
    Venue
    """
    about, mine = client.info(), Owner.current()

    def containers(*, ours: bool) -> list[str]:
        return [
            container["Id"]
            for container in client.containers(all=True)
            if (Owner.of(container["Labels"]) == mine) is ours
        ]

    settings = create_settings(image, Limits(), slot=0, labels={}, runtime=runtime)
    engine = [about[name] for name in ("ID", "ServerVersion", "DefaultRuntime", "KernelVersion")]
    return Venue(
        open=lambda: DockerSandbox(client, image, runtime=runtime),
        identity=json.dumps([engine, settings], sort_keys=True),
        leftovers=lambda: containers(ours=True),
        foreign=lambda: containers(ours=False),
        passing=(about["DockerRootDir"], "/run/docker", str(Home.find().run / "exec")),
    )


# --- the whole corpus ----------------------------------------------------------------------------


def verify(
    venue: Venue,
    attacks: Sequence[Attack],
    *,
    workers: int | None = None,
    done: Callable[[Verdict], None] = lambda _: None,
) -> Report:
    """Run attacks in a sandbox and see what comes of them, and of the machine.

    Parameters
    ----------
    venue : Venue
        The sandbox.
    attacks : sequence of Attack
        What to run.
    workers : int, optional
        How many run at the same time; the number of cores by default.
    done : callable, optional
        Told every verdict as it is reached.

    Returns
    -------
    Report
        Verdicts in the order of `attacks`.
    """
    began = time.monotonic()
    before = frozenset(venue.leftovers())
    with tempfile.TemporaryDirectory(prefix="probe-canaries-") as folder, _canary(folder) as canary:
        surroundings = Surroundings(Path(folder), venue.passing, venue.foreign)
        snapshot = surroundings.look()
        with venue.open() as sandbox:
            name, image = sandbox.name, sandbox.image
            verdicts = _run_all(sandbox, attacks, workers or os.cpu_count() or 1, canary, done)
        changes = surroundings.changes_since(snapshot)
        left = sorted(frozenset(venue.leftovers()) - before)
    return Report(
        sandbox=name,
        image=image,
        seconds=time.monotonic() - began,
        verdicts=verdicts,
        host=(*changes, *(f"container {container} was left" for container in left)),
    )


@contextmanager
def _canary(folder: str) -> Iterator[str]:
    """A fake key, new each time, in the environment and in a file of this process."""
    canary = f"probe-canary-{secrets.token_hex(16)}"
    Path(folder, "credentials").write_text(f"key = {canary}\n")
    os.environ[CANARY_VARIABLE] = canary
    try:
        yield canary
    finally:
        del os.environ[CANARY_VARIABLE]


def _run_all(
    sandbox: Sandbox,
    attacks: Sequence[Attack],
    workers: int,
    canary: str,
    done: Callable[[Verdict], None],
) -> tuple[Verdict, ...]:
    def run(attack: Attack) -> Verdict:
        skipped = attack.conceded_on(sandbox.name)
        if attack.arch not in (None, platform.machine()):
            skipped = f"made for {attack.arch}"
        if skipped is not None:
            return Verdict(attack=attack.id, class_name=attack.class_name, skipped=skipped)
        execution = sandbox.execute(attack.program, attack.limits)
        return judge(attack, execution, engine=sandbox.name, secrets=(canary,))

    pool = ThreadPoolExecutor(workers)
    try:
        running = [pool.submit(run, attack) for attack in attacks]
        for future in as_completed(running):
            done(future.result())
        return tuple(future.result() for future in running)
    finally:
        # Without waiting: when interrupted, closing the sandbox ends what still runs.
        pool.shutdown(wait=False, cancel_futures=True)


# --- before a run --------------------------------------------------------------------------------


def preflight(venue: Venue, attacks: Sequence[Attack] | None = None) -> None:
    """Make sure that every limit is really in force, unless that was proven here before.

    Parameters
    ----------
    venue : Venue
        The sandbox.
    attacks : sequence of Attack, optional
        The quick ones of probe's corpus by default.

    Raises
    ------
    PrerequisiteError
        Something was not contained; nothing may run.
    """
    attacks = select(read_corpus(), quick=True) if attacks is None else attacks
    stamp = _stamp(venue, attacks)
    if stamp.exists():
        return
    report = verify(venue, attacks)
    if not report.contained:
        named = "; ".join(report.problems[:_NAMED_PROBLEMS])
        more = len(report.problems) - _NAMED_PROBLEMS
        raise PrerequisiteError(
            f"the sandbox does not hold on this machine: {named}"
            f"{f'; and {more} more' if more > 0 else ''}; see `probe sandbox verify`"
        )
    with suppress(OSError):  # a place that cannot be written costs a preflight each time
        stamp.parent.mkdir(parents=True, exist_ok=True)
        stamp.touch()


def _stamp(venue: Venue, attacks: Sequence[Attack]) -> Path:
    """The file that says that these attacks were contained here, since the machine started."""
    boot = Path("/proc/sys/kernel/random/boot_id")
    proven = hashlib.sha256(venue.identity.encode())
    proven.update(boot.read_bytes() if boot.exists() else b"")
    for attack in attacks:
        proven.update(attack.program.encode())
    return _cache_folder() / "preflight" / proven.hexdigest()


def _cache_folder() -> Path:
    if home := os.environ.get("PROBE_HOME"):
        return Path(home).absolute() / "cache"
    if cache := os.environ.get("XDG_CACHE_HOME"):
        return Path(cache) / "probe"
    return Path.home() / ".cache" / "probe"


# --- telling -------------------------------------------------------------------------------------


def as_json(report: Report) -> dict[str, Any]:
    """The report as plain data, with what follows from it."""
    return {"contained": report.contained, **report.model_dump(mode="json")}


def as_table(report: Report) -> Group:
    """The report by class, and below it whatever was not contained."""
    table = Table("class", "attacks", "contained", "skipped", "seconds", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    rows = [
        (name, found)
        for name in CLASSES
        if (found := [verdict for verdict in report.verdicts if verdict.class_name == name])
    ]
    for name, verdicts in (*rows, ("all", report.verdicts)):
        skipped = sum(verdict.skipped is not None for verdict in verdicts)
        contained = sum(verdict.contained for verdict in verdicts) - skipped
        seconds = sum(verdict.wall_s for verdict in verdicts)
        counts = (str(count) for count in (len(verdicts), contained, skipped))
        table.add_row(name, *counts, f"{seconds:.1f}")
    # As Text, since what programs say may look like markup.
    passed = [
        Text(f"skipped: {verdict.class_name}/{verdict.attack}: {verdict.skipped}")
        for verdict in report.verdicts
        if verdict.skipped is not None
    ]
    problems = [Text(f"not contained: {problem}") for problem in report.problems]
    verdict = "everything was contained" if report.contained else f"{len(problems)} not contained"
    where = f"{report.sandbox}, image {report.image[:19]}, {report.seconds:.0f} s"
    return Group(table, "", *passed, *problems, Text(f"{verdict} ({where})"))


def show(report: Report, console: Console) -> None:
    """Print the report for a person."""
    console.print(as_table(report), soft_wrap=True)
