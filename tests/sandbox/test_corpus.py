from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.records import Outcome
from probe.sandbox.attacks.corpus import CLASSES, LIMITS, Attack, read_attack, read_corpus, select

GOOD = r"""# tries = "one endless loop"
# expect = ["timeout", "crashed"]
# expect_on.runsc = ["timeout"]
# detail = ["of CPU time", "SIGKILL"]
# shows = "started"
# never = ["ESCAPED", "\u001b[2J"]
# limits = { cpu_s = 1, memory_bytes = 134217728 }
# arch = "x86_64"
# quick = true

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
    required = ("# tries", "# expect =", "# never", "\n")
    text = "".join(line for line in GOOD.splitlines(True) if line.startswith(required))
    attack = read_attack(write(tmp_path, text))
    assert (attack.limits, attack.arch, attack.quick, attack.shows) == (LIMITS, None, False, None)


def test_what_an_engine_cannot_stop_is_conceded_there_only(tmp_path: Path) -> None:
    text = GOOD.replace("# detail", '# concedes.bubblewrap = "it binds files"\n# detail')
    attack = read_attack(write(tmp_path, text))
    assert attack.conceded_on("bubblewrap 0.8.0 cgroups") == "it binds files"
    assert attack.conceded_on("docker 20.10.24 runc") is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("# quick", "# quik", "quik: Extra inputs are not permitted"),
        ('"timeout", "crashed"', '"timout"', r"expect\.0: Input should be .*'timeout'"),
        ('"timeout", "crashed"', '"sandbox_error"', r"expect\.0: no program ends 'sandbox_error'"),
        ('["timeout", "crashed"]', '"timeout"', "expect: Input should be a valid tuple"),
        ('["timeout", "crashed"]', "[]", "expect: Tuple should have at least 1 item"),
        (".runsc", ".runc", r"expect_on\.runc\.\[key\]: Input should be 'docker', 'runsc' or"),
        ("# detail", "# detail.runsc", "detail: Input should be a valid tuple"),
        ("# detail", '# concedes = "no"\n# detail', "concedes: Input should be a valid dict"),
        ("# detail", '# concedes.gvisor = "no"\n# detail', r"concedes\.gvisor\.\[key\]: Input"),
        ('# tries = "one endless loop"\n', "", "tries: Field required"),
        ('# never = ["ESCAPED", "\\u001b[2J"]\n', "", "never: Field required"),
        ("cpu_s = 1", "cpu = 1", r"limits\.cpu: Extra inputs are not permitted"),
        ("cpu_s = 1", 'cpu_s = "soon"', r"limits\.cpu_s: Input should be a valid number"),
        ("cpu_s = 1", "cpu_s = -1", r"limits\.cpu_s: Input should be greater than 0"),
        ("limits = {", "limits = 3 # {", "limits: Input should be a valid dictionary"),
        ("quick = true", "quick = 3", "quick: Input should be a valid boolean"),
        ("# arch", "# arch = 'x'\n# arch", r"not TOML: Cannot overwrite a value \(at line 9"),
        ("= true", "=", r"the header is not TOML: Invalid value"),
        ("# tries", '# id = "spun"\n# tries', "id: not a header's to say"),
        ("\\u001b", "\\ud83d", "not TOML: Escaped character is not a Unicode scalar value"),
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
    path.write_bytes(f"# tries = 'x'\n{text}".encode("utf-8", "surrogatepass"))
    with pytest.raises(UsageError):
        read_attack(path)


def test_a_folder_that_is_no_class_is_refused(tmp_path: Path) -> None:
    write(tmp_path, GOOD, "tiem/spin.py")
    with pytest.raises(UsageError, match=r"unknown class 'tiem'; did you mean 'time'\?"):
        read_corpus(tmp_path)


def test_an_id_is_unique(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    write(tmp_path, GOOD, "memory/spin.py")
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
