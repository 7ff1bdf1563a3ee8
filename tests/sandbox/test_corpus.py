from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.records import Outcome
from probe.sandbox.attacks.corpus import CLASSES, LIMITS, Attack, read_attack, read_corpus, select

GOOD = r"""# id: spin
# class: time
# tries: one endless loop
# expect: timeout | crashed
# expect@runsc: timeout
# detail: of CPU time | SIGKILL
# shows: started
# never: ESCAPED
# never: \x1b[2J
# limits: cpu_s=1 memory_bytes=134217728
# arch: x86_64
# quick: yes

# A comment of the program's own.
while True:
    pass
"""


def write(folder: Path, text: str, place: str = "time/spin.py") -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_every_key_is_read(tmp_path: Path) -> None:
    assert read_attack(write(tmp_path, GOOD)) == Attack(
        id="spin",
        class_name="time",
        tries="one endless loop",
        expect=(Outcome.TIMEOUT, Outcome.CRASHED),
        expect_on={"runsc": (Outcome.TIMEOUT,)},
        detail=("of CPU time", "SIGKILL"),
        shows="started",
        never=("ESCAPED", "\x1b[2J"),
        limits=LIMITS.model_copy(update={"cpu_s": 1.0, "memory_bytes": 134217728}),
        arch="x86_64",
        quick=True,
        program=GOOD,
    )


def test_what_is_optional_may_be_absent(tmp_path: Path) -> None:
    required = ("# id", "# class", "# tries", "# expect: ", "# never: E", "\n")
    text = "".join(line for line in GOOD.splitlines(True) if line.startswith(required))
    attack = read_attack(write(tmp_path, text))
    assert (attack.limits, attack.arch, attack.quick, attack.shows) == (LIMITS, None, False, None)


def test_what_an_engine_cannot_stop_is_conceded_there_only(tmp_path: Path) -> None:
    text = GOOD.replace("# detail:", "# concedes@bubblewrap: it binds files\n# detail:")
    attack = read_attack(write(tmp_path, text))
    assert attack.conceded_on("bubblewrap 0.8.0 cgroups") == "it binds files"
    assert attack.conceded_on("docker 20.10.24 runc") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# quick:", "# quik:", r"line 12: unknown key 'quik'; did you mean 'quick'\?"),
        ("timeout | crashed", "timout", r"unknown outcome 'timout'; did you mean 'timeout'\?"),
        ("timeout | crashed", "sandbox_error", "unknown outcome 'sandbox_error'"),
        ("timeout | crashed", "timeout|crashed", "unknown outcome"),
        ("class: time", "class: tme", r"unknown class 'tme'; did you mean 'time'\?"),
        ("@runsc", "@runc", r"unknown engine 'runc'; did you mean 'runsc'\?"),
        ("# detail:", "# detail@runsc:", "only 'expect' and 'concedes' may name an engine"),
        ("# detail:", "# concedes: no\n# detail:", "'concedes' must name an engine"),
        ("# detail:", "# concedes@gvisor: no\n# detail:", "unknown engine 'gvisor'"),
        ("# tries: one endless loop\n", "", "the header lacks tries"),
        ("# never: ESCAPED\n# never: \\x1b[2J\n", "", "the header lacks never"),
        ("cpu_s=1", "cpu=1", r"unknown limit 'cpu'; did you mean 'cpu_s'\?"),
        ("cpu_s=1", "cpu_s=soon", "cpu_s: Input should be a valid number"),
        ("cpu_s=1", "cpu_s=-1", "cpu_s: Input should be greater than 0"),
        ("quick: yes", "quick: no", "'quick' is 'yes' or not there"),
        ("# arch: x86_64", "# arch: x86_64\n# arch: aarch64", "'arch' for the second time"),
        ("# id: spin", "#id: spin", "line 1 is not of the form"),
        ("# id: spin", "# id: ", "line 1 is not of the form"),
        ("# id: spin", "# id: spun", "the header says id 'spun', the path 'spin'"),
        ("# class: time", "# class: audio", "the header says class 'audio', the path 'time'"),
        ("\\x1b[2J", "\\xZZ", "'never' is ASCII with Python's escapes"),
    ],
)
def test_a_bad_header_is_refused_by_name(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    path = write(tmp_path, GOOD.replace(old, new))
    with pytest.raises(UsageError, match=message) as error:
        read_attack(path)
    assert str(path) in str(error.value)


@given(st.text())
def test_any_text_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "time" / "spin.py"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(f"# id: spin\n# class: time\n{text}".encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError):
        read_attack(path)


def test_a_folder_that_is_no_class_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "tiem/spin.py")
    with pytest.raises(UsageError, match=r"unknown class 'tiem'; did you mean 'time'\?"):
        read_corpus(tmp_path)


def test_an_id_is_unique(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD.replace("class: time", "class: memory"), "memory/spin.py")
    with pytest.raises(UsageError, match="'spin' is taken by one of class 'time'"):
        read_corpus(tmp_path)


def test_the_corpus_is_whole() -> None:
    attacks = read_corpus()
    assert len(attacks) >= 125
    counts = {name: sum(attack.class_name == name for attack in attacks) for name in CLASSES}
    assert min(counts.values()) >= 10, counts
    assert 10 <= len(select(attacks, quick=True)) <= 16


@pytest.mark.parametrize("attack", read_corpus(), ids=lambda attack: attack.id)
def test_an_attack_is_bounded_and_compiles(attack: Attack) -> None:
    compile(attack.program, attack.id, "exec")
    assert attack.limits.memory_bytes <= 512 << 20
    assert attack.limits.processes <= 64
    assert attack.limits.wall_s <= 20


def test_select() -> None:
    attacks = read_corpus()
    assert select(attacks) == attacks
    quick = select(attacks, quick=True)
    assert quick == tuple(attack for attack in attacks if attack.quick)
    chosen = select(attacks, only=["network", "spin"])
    assert {attack.class_name for attack in chosen} == {"network", "time"}
    assert [attack.id for attack in chosen if attack.class_name == "time"] == ["spin"]


def test_select_what_is_not_there() -> None:
    with pytest.raises(UsageError, match=r"unknown attack or class 'netwrk'; did you mean"):
        select(read_corpus(), only=["netwrk"])
    with pytest.raises(UsageError, match="no attack is left"):
        select(read_corpus(), quick=True, only=["silence"])


def test_the_first_engine_named_decides() -> None:
    attack = next(attack for attack in read_corpus() if attack.id == "spin")
    differs = attack.model_copy(update={"expect_on": {"bubblewrap": (Outcome.CRASHED,)}})
    assert differs.expected_on("bubblewrap 0.8.0") == (Outcome.CRASHED,)
    assert differs.expected_on("docker 20.10.24 runc") == (Outcome.TIMEOUT,)
