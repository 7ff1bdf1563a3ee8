from __future__ import annotations

import base64
import functools
import io
import json
import os
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from docker.api.client import APIClient
from rich.console import Console

from probe.audio import pcm16_wav_bytes
from probe.errors import PrerequisiteError
from probe.records import Limits, Outcome
from probe.sandbox import Execution, Sandbox
from probe.sandbox.attacks.corpus import LIMITS, Attack, read_corpus, select
from probe.sandbox.attacks.host import MARKER, Surroundings
from probe.sandbox.attacks.judge import Verdict, judge
from probe.sandbox.attacks.verify import (
    CANARY_VARIABLE,
    Report,
    Venue,
    as_json,
    docker_venue,
    preflight,
    show,
    verify,
)
from tests.fakes.sandbox import FakeSandbox


@pytest.fixture(autouse=True)
def _quiet_machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a real engine nothing of the machine matters, where other tests run meanwhile."""
    if request.node.get_closest_marker("docker") is None:
        quiet = functools.partial(Surroundings, proc=Path("/nonexistent"))
        monkeypatch.setattr("probe.sandbox.attacks.verify.Surroundings", quiet)


SECRET = "probe-canary-0123456789abcdef"
TONE = pcm16_wav_bytes((9000 * np.sin(np.arange(44100) / 16)).astype(np.int16), 44100)
FINE = Execution(outcome=Outcome.OK, exit_code=0, audio=TONE)


def attack(**changes: object) -> Attack:
    given: dict[str, object] = {
        "id": "an-attack",
        "class_name": "network",
        "tries": "something",
        "expect": (Outcome.OK,),
        "never": ("ESCAPED",),
        "program": "print('a program')",
    }
    return Attack.model_validate(given | changes)


def judged(execution: Execution, **changes: object) -> Verdict:
    return judge(attack(**changes), execution, engine="docker 1 runc", secrets=(SECRET,))


def changed(**changes: object) -> Execution:
    return FINE.model_copy(update=changes)


def test_what_is_conceded_is_told_and_not_run() -> None:
    sandbox = FakeSandbox(lambda *_: FINE)
    sandbox.name = "bubblewrap 0.8.0 cgroups"
    venue = Venue(open=lambda: sandbox, identity="fake")
    conceded = attack(concedes={"bubblewrap": "it has no walls"})
    report = verify(venue, (conceded, attack(id="another")))
    assert report.contained
    assert [verdict.skipped for verdict in report.verdicts] == ["it has no walls", None]
    assert sandbox.programs == ["print('a program')"]
    console = Console(file=io.StringIO(), width=200)
    show(report, console)
    assert "skipped: network/an-attack: it has no walls" in console.file.getvalue()


# --- one attack ----------------------------------------------------------------------------------


def test_contained() -> None:
    verdict = judged(FINE)
    assert verdict.contained
    assert verdict.outcome is Outcome.OK


@pytest.mark.parametrize(
    ("execution", "problem"),
    [
        (
            changed(outcome=Outcome.TIMEOUT, detail="too slow"),
            r"ended timeout \(too slow\), not ok",
        ),
        (changed(outcome=Outcome.SANDBOX_ERROR), "ended sandbox_error, not ok"),
        (changed(audio=b""), r"ended invalid_audio \(the file is empty\), not ok"),
        (changed(stdout_tail="x\nESCAPED: a way out\n"), "^ESCAPED: a way out$"),
        (changed(stdout_tail="\\xffESCAPED: after junk"), "ESCAPED: after junk"),
        (changed(stderr_tail="ESCAPED: by the back door"), "'ESCAPED' appears in stderr"),
        (changed(stdout_tail="\x1b[2J"), "stdout is not safe to print"),
        (changed(stderr_tail="\u202e"), "stderr is not safe to print"),
        (changed(detail="\x07"), "detail is not safe to print"),
        (changed(detail="a\nb"), "the detail is more than one line"),
        (changed(wall_s=12.0), "took 12.00 s where 10 s are allowed"),
        (changed(cpu_s=7.0), "used CPU time of 7.00 s where 5 s are allowed"),
        (changed(peak_memory_bytes=513 << 20), "used 513.0 MiB where 512.0 MiB are allowed"),
        (changed(stdout_tail=f"got {SECRET}"), "a secret of the harness came back in its text"),
        (changed(stderr_tail=SECRET.encode().hex()), "a secret .* in its text"),
        (changed(detail=base64.b64encode(SECRET.encode()).decode()), "a secret .* in its text"),
        (changed(audio=TONE + SECRET.encode()), "a secret .* in its audio"),
    ],
)
def test_each_way_of_not_being_contained(execution: Execution, problem: str) -> None:
    verdict = judged(execution)
    assert not verdict.contained
    assert len(verdict.problems) == 1
    assert re.search(problem, verdict.problems[0])


def test_every_text_that_must_not_appear() -> None:
    execution = changed(stdout_tail="all FORGED", detail="root:x")
    problems = judged(execution, never=("FORGED", "root:", "absent")).problems
    assert problems == ("'FORGED' appears in stdout", "'root:' appears in detail")


def test_the_detail_must_say_which_limit() -> None:
    late = Execution(outcome=Outcome.TIMEOUT, detail="not done after 2 s")
    expect = {"expect": (Outcome.TIMEOUT,)}
    assert judged(late, detail=("of CPU time", "after 2 s"), **expect).contained
    assert judged(late, detail=("of CPU time",), **expect).problems == (
        "the detail is 'not done after 2 s', without 'of CPU time'",
    )
    free = {"expect_on": {"docker": (Outcome.TIMEOUT,)}, "expect": (Outcome.OK,)}
    assert judged(late, detail=("of CPU time",), **free).contained


def test_an_attack_must_get_to_its_end() -> None:
    assert judged(changed(stdout_tail="85 calls"), shows="calls").contained
    assert "did not get to its end" in judged(FINE, shows="calls").problems[0]


def test_the_tolerance_of_a_clip_is_the_attacks_own() -> None:
    long = changed(audio=pcm16_wav_bytes(np.arange(66150).astype(np.int16), 44100))
    assert judged(long, limits=LIMITS.model_copy(update={"length_tolerance_s": 1.0})).contained
    assert judged(long).outcome is Outcome.INVALID_AUDIO


# --- a corpus ------------------------------------------------------------------------------------


def venue(answer: Callable[[str, Limits], Execution], **changes: object) -> Venue:
    def opened() -> AbstractContextManager[Sandbox]:
        return FakeSandbox(answer)

    given: dict[str, object] = {"open": opened, "identity": "fake"}
    return Venue(**(given | changes))  # type: ignore[arg-type]


def fine(program: str, limits: Limits) -> Execution:
    return FINE


def test_a_corpus_that_is_contained() -> None:
    attacks = [attack(id=f"attack-{number}") for number in range(5)]
    seen: list[str] = []
    report = verify(
        venue(fine), attacks, workers=2, done=lambda verdict: seen.append(verdict.attack)
    )
    assert report.contained
    assert report.problems == ()
    assert [verdict.attack for verdict in report.verdicts] == [attack.id for attack in attacks]
    assert sorted(seen) == [attack.id for attack in attacks]


def test_one_that_gets_out_is_named() -> None:
    def leaky(program: str, limits: Limits) -> Execution:
        return changed(stdout_tail="ESCAPED: a shell") if program == "bad" else FINE

    report = verify(venue(leaky), [attack(), attack(id="second", program="bad")])
    assert not report.contained
    assert report.problems == ("network/second: ESCAPED: a shell",)


def test_the_environment_of_the_harness_leaks() -> None:
    def leaky(program: str, limits: Limits) -> Execution:
        return changed(stdout_tail=os.environ[CANARY_VARIABLE])

    report = verify(venue(leaky), [attack()])
    assert report.problems == ("network/an-attack: a secret of the harness came back in its text",)
    assert CANARY_VARIABLE not in os.environ


def test_a_container_is_left() -> None:
    containers = ["before"]

    def leaving(program: str, limits: Limits) -> Execution:
        containers.append("0123abcd")
        return FINE

    report = verify(venue(leaving, leftovers=lambda: containers), [attack()])
    assert report.problems == ("host: container 0123abcd was left",)


def test_the_host_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    def touching(program: str, limits: Limits) -> Execution:
        Path(MARKER).touch()
        return FINE

    assert verify(venue(touching), [attack()]).problems == (f"host: file {MARKER} has appeared",)


def test_what_is_made_for_another_machine_is_skipped() -> None:
    def never(program: str, limits: Limits) -> Execution:
        raise AssertionError("it was run")

    report = verify(venue(never), [attack(arch="pdp11")])
    assert report.contained
    assert report.verdicts[0].skipped == "made for pdp11"


# --- telling -------------------------------------------------------------------------------------


def test_hostile_words_are_shown_and_not_obeyed() -> None:
    def hostile(program: str, limits: Limits) -> Execution:
        return Execution(
            outcome=Outcome.RUNTIME_ERROR,
            detail="[/nonsense][link=x]\x1b[2J\u202e\nnext <script>",
            stdout_tail="ESCAPED: \x1b]0;title\x07 [bold]\u2028",
        )

    report = verify(venue(hostile), [attack()])
    shown, stored = io.StringIO(), json.dumps(as_json(report))
    show(report, Console(file=shown, force_terminal=False))
    assert "[/nonsense][link=x]\\x1b[2J\\u202e next <script>" in shown.getvalue()
    for text in (shown.getvalue(), stored, *report.problems):
        assert not set(text) & set("\x1b\x07\u202e\u2028")


def test_the_table_counts_by_class() -> None:
    verdicts = (
        Verdict(attack="a", class_name="time", outcome=Outcome.TIMEOUT, wall_s=1.5),
        Verdict(attack="b", class_name="time", skipped="made for pdp11"),
        Verdict(attack="c", class_name="audio", outcome=Outcome.OK, problems=("ended ok",)),
    )
    report = Report(sandbox="fake 1", image="sha256:0", seconds=2, verdicts=verdicts, host=())
    shown = io.StringIO()
    show(report, Console(file=shown, width=100))
    rows = [line.split() for line in shown.getvalue().splitlines()]
    assert ["time", "2", "1", "1", "1.5"] in rows
    assert ["audio", "1", "0", "0", "0.0"] in rows
    assert ["all", "3", "1", "1", "1.5"] in rows
    assert "not contained: audio/c: ended ok" in shown.getvalue()
    assert as_json(report)["contained"] is False


# --- before a run --------------------------------------------------------------------------------


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROBE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_preflight_is_done_once_for_the_same_sandbox(home: Path) -> None:
    count = []

    def counting(program: str, limits: Limits) -> Execution:
        count.append(program)
        return FINE

    preflight(venue(counting), [attack()])
    preflight(venue(counting), [attack()])
    assert len(count) == 1
    preflight(venue(counting, identity="another image"), [attack()])
    preflight(venue(counting), [attack(program="changed")])
    assert len(count) == 3


def test_preflight_refuses_and_does_not_remember(home: Path) -> None:
    def unlimited(program: str, limits: Limits) -> Execution:
        return changed(peak_memory_bytes=1 << 30)

    for _ in range(2):
        with pytest.raises(PrerequisiteError, match=r"network/an-attack: used 1024.0 MiB.*verify`"):
            preflight(venue(unlimited), [attack()])


def test_preflight_works_where_nothing_can_be_kept(home: Path) -> None:
    home.write_text("a file where the folder should be")
    preflight(venue(fine), [attack()])


# --- the machine ---------------------------------------------------------------------------------

STRAY = "Name:\tsleep\nUid:\t210001\t210001\t210001\t210001\n"


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Surroundings:
    monkeypatch.setattr("probe.sandbox.attacks.host.SETTLE_S", 0.05)
    for name, text in {
        "proc/self/mountinfo": "1 0 8:1 / / rw - ext4 /dev/root rw\n",
        "proc/net/dev": "head\nhead\n    lo: 1 2 3\n",
        "proc/net/route": "Iface Destination\neth0 00000000 0102 3 0 0 0 00000000 0 0 0\n",
        "proc/sys/kernel/hostname": "build\n",
        "proc/7/status": "Name:\tbash\nUid:\t0\t0\t0\t0\n",
        "canaries/credentials": "key = secret\n",
    }.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return Surroundings(
        tmp_path / "canaries",
        passing=("/var/lib/engine",),
        foreign=lambda: ["feedbeef"],
        proc=tmp_path / "proc",
    )


def append(machine: Surroundings, name: str, text: str) -> None:
    path = machine.proc / name
    path.parent.mkdir(exist_ok=True)
    with path.open("a") as file:
        file.write(text)


@pytest.mark.parametrize(
    ("name", "text", "change"),
    [
        ("self/mountinfo", "2 1 0:9 / /mnt rw - tmpfs x rw\n", "mount /mnt has appeared"),
        ("net/dev", "  eth1: 1 2\n", "network eth1 has appeared"),
        (
            "sys/kernel/hostname",
            "other\n",
            "kernel setting hostname was changed: .*",
        ),
        ("9/status", STRAY, r"stray process 9 \(sleep\) has appeared"),
        ("../canaries/credentials", "more", "file .*credentials was changed: .* to .*"),
        ("../canaries/new", "", "file .*new has appeared"),
    ],
)
def test_a_change_is_seen(machine: Surroundings, name: str, text: str, change: str) -> None:
    before = machine.look()
    append(machine, name, text)
    (found,) = machine.changes_since(before)
    assert re.fullmatch(change, found)


def test_what_comes_and_goes_with_containers_is_no_change(machine: Surroundings) -> None:
    append(machine, "8/status", STRAY)
    before = machine.look()
    append(machine, "self/mountinfo", "2 1 0:9 / /var/lib/engine/x/merged rw - overlay x rw\n")
    append(machine, "9/status", STRAY)
    append(machine, "9/cgroup", "3:cpu:/docker/feedbeef\n")
    (machine.proc / "8/status").unlink()
    assert machine.changes_since(before) == ()


@pytest.mark.parametrize(
    ("parent", "stray"),
    [
        ("Name:\tpython3\nUid:\t0\t0\t0\t0\n", False),
        ("Name:\tcontainerd-shim\nUid:\t0\t0\t0\t0\n", True),
        ("Name:\tbwrap\nUid:\t0\t0\t0\t0\nPPid:\t7\n", False),
        ("Name:\tbwrap\nUid:\t0\t0\t0\t0\nPPid:\tOURS\n", True),
    ],
    ids=["another", "an engine's", "another's jail", "our jail"],
)
def test_another_harness_may_run_beside_this_one(
    machine: Surroundings, parent: str, stray: bool
) -> None:
    before = machine.look()
    append(machine, "40/status", parent.replace("OURS", str(os.getpid())))
    append(machine, "41/status", f"{STRAY}PPid:\t40\n")
    assert bool(machine.changes_since(before)) is stray


def test_what_has_gone_is_a_change(machine: Surroundings) -> None:
    before = machine.look()
    (machine.proc / "self/mountinfo").write_text("")
    (machine.canaries / "credentials").unlink()
    assert machine.changes_since(before) == (
        f"file {machine.canaries}/credentials has gone",
        "mount / has gone",
    )


def test_this_machine_can_be_looked_at(tmp_path: Path) -> None:
    here = Surroundings(tmp_path)
    assert here.look().things["mount"]
    assert here.look().things["network"]["lo"] == "interface"


# --- the real thing ------------------------------------------------------------------------------


@pytest.mark.docker
def test_the_preflight_is_contained(client: APIClient, image_id: str) -> None:
    report = verify(docker_venue(client, image_id), select(read_corpus(), quick=True))
    assert report.problems == ()
    assert report.contained


@pytest.mark.docker
def test_what_escapes_from_a_container_is_seen(client: APIClient, image_id: str) -> None:
    escaping = attack(program="print('ESCAPED: not really')", expect=(Outcome.NO_OUTPUT,))
    report = verify(docker_venue(client, image_id), [escaping])
    assert report.problems == ("network/an-attack: ESCAPED: not really",)
    assert report.host == ()
