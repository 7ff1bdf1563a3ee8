"""The attack corpus: small hostile programs, each saying in its first lines what must come of it.

The files are ``sandbox/attacks/<class>/<id>.py``; the header's format is told, key by key, in
``sandbox/attacks/README.md``. Reading is strict, for an attack whose expectation is misread proves
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from probe.errors import UsageError, unknown
from probe.paths import data_folder
from probe.records import Limits, Outcome, Record

CLASSES: Mapping[str, str] = {
    "controls": "programs that mean no harm and must work, or fail as they would anywhere",
    "time": "never to end",
    "processes": "to multiply, or to outlive the program",
    "memory": "to use more than there is",
    "output": "to print or store more than may be",
    "output-file": "to hand in something that is no file of its own",
    "audio": "to break or fool whoever reads the WAV",
    "network": "to reach anything outside",
    "leaks": "to learn something about the machine or its user",
    "privilege": "to be allowed more than other programs",
    "forgery": "to pass for what it is not",
    "injection": "to act through the words it prints",
}
"""What attacks of each class try, in the order they are run and told."""

ENGINES = ("docker", "runsc", "bubblewrap")
"""Words in a sandbox's name for which an attack may have an expectation of its own."""

SAMPLE_RATE = 44_100
"""In Hz; every program of the corpus is judged as if it had been asked for such a clip."""
DURATION_S = 1.0
TOLERANCE_S = 0.25
"""By how much a clip may be longer or shorter, in s."""
LIMITS = Limits(wall_s=10, cpu_s=5, length_tolerance_s=TOLERANCE_S)
"""What a program may use where its header says nothing else."""

ESCAPED = "ESCAPED"
"""What an attack prints, followed by what it could do, where it alone can see that it could."""

T = TypeVar("T")

KEYS = (
    *("id", "class", "tries", "expect", "concedes", "detail", "shows", "never"),
    *("limits", "arch", "quick"),
)
_REQUIRED = ("id", "class", "tries", "expect", "never")
_REPEATABLE = ("never",)
_LINE = re.compile(r"# (?P<key>[A-Za-z_-]+)(?:@(?P<engine>\S+))?: (?P<value>\S.*)")
_POSSIBLE = [
    outcome.value
    for outcome in Outcome
    if not outcome.ours and outcome not in (Outcome.REFUSED, Outcome.NO_CODE)
]


class Attack(Record):
    """One program and what must come of it."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    class_name: str
    tries: str = Field(description="what it tries, in words")
    expect: tuple[Outcome, ...] = Field(min_length=1, description="any of these is right")
    expect_on: dict[str, tuple[Outcome, ...]] = Field(
        default={}, description="the same where an engine rightly differs; the detail is free there"
    )
    concedes: dict[str, str] = Field(
        default={}, description="engines that cannot stop it, and why: it is told, not run, there"
    )
    detail: tuple[str, ...] = Field(default=(), description="the detail must contain one of these")
    shows: str | None = Field(default=None, description="text that proves it got to its end")
    never: tuple[str, ...] = Field(min_length=1, description="text that must not appear anywhere")
    limits: Limits = LIMITS
    arch: str | None = Field(default=None, description="the only machine it is made for")
    quick: bool = Field(default=False, description="whether it belongs to the preflight")
    program: str = Field(repr=False)

    def expected_on(self, engine: str) -> tuple[Outcome, ...]:
        """Outcomes that are right on a sandbox of this name, such as ``docker 20.10.24 runc``."""
        return _for_engine(self.expect_on, engine) or self.expect

    def conceded_on(self, engine: str) -> str | None:
        """Why a sandbox of this name cannot stop it; None where it must."""
        return _for_engine(self.concedes, engine)


def _for_engine(table: Mapping[str, T], engine: str) -> T | None:
    words = engine.split()
    return next((value for name, value in table.items() if name in words), None)


def read_corpus(folder: Path | None = None) -> tuple[Attack, ...]:
    """Read every attack, by class and id.

    Parameters
    ----------
    folder : Path, optional
        Holds a folder for each class; the corpus that comes with probe by default.

    Returns
    -------
    tuple of Attack

    Raises
    ------
    UsageError
        A header that is not as it should be, or an id that is there twice; says where.
    """
    folder = folder or data_folder("sandbox") / "attacks"
    attacks: dict[str, Attack] = {}
    for path in sorted(folder.glob("*/*.py"), key=lambda path: _place(path, folder)):
        attack = read_attack(path)
        if attack.id in attacks:
            other = attacks[attack.id].class_name
            raise UsageError(f"{path}: the id {attack.id!r} is taken by one of class {other!r}")
        attacks[attack.id] = attack
    return tuple(attacks.values())


def _place(path: Path, folder: Path) -> tuple[int, str]:
    name = path.parent.name
    if name not in CLASSES:
        raise UsageError(f"{folder / name}: {unknown('class', name, CLASSES)}")
    return list(CLASSES).index(name), path.stem


def read_attack(path: Path) -> Attack:
    """Read one attack; its folder and file name must be its class and id.

    Raises
    ------
    UsageError
        Says which line is wrong, and why.
    """
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    try:
        attack = _parse(source)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise UsageError(f"{path}: {where}: {first['msg']}") from error
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None
    for key, said, real in (
        ("id", attack.id, path.stem),
        ("class", attack.class_name, path.parent.name),
    ):
        if said != real:
            raise UsageError(f"{path}: the header says {key} {said!r}, the path {real!r}")
    return attack


def _parse(source: str) -> Attack:
    """Make an attack of a file's text."""
    keys: dict[str, list[str]] = {}
    expect_on: dict[str, tuple[Outcome, ...]] = {}
    concedes: dict[str, str] = {}
    for number, line in enumerate(source.splitlines(), 1):
        if not line.startswith("#"):
            break
        match = _LINE.fullmatch(line)
        if match is None:
            raise UsageError(f"line {number} is not of the form '# key: value'")
        key, engine, value = match.group("key", "engine", "value")
        if key not in KEYS:
            raise UsageError(f"line {number}: {unknown('key', key, KEYS)}")
        if engine is None:
            keys.setdefault(key, []).append(value)
            if len(keys[key]) > 1 and key not in _REPEATABLE:
                raise UsageError(f"line {number}: {key!r} for the second time")
        elif engine not in ENGINES:
            raise UsageError(f"line {number}: {unknown('engine', engine, ENGINES)}")
        elif key == "expect" and engine not in expect_on:
            expect_on[engine] = _outcomes(value)
        elif key == "concedes" and engine not in concedes:
            concedes[engine] = value
        else:
            raise UsageError(
                f"line {number}: only 'expect' and 'concedes' may name an engine, and each once"
            )
    if "concedes" in keys:
        raise UsageError("'concedes' must name an engine, as in 'concedes@bubblewrap'")
    if missing := [key for key in _REQUIRED if key not in keys]:
        raise UsageError(f"the header lacks {', '.join(missing)}")
    one = {key: values[0] for key, values in keys.items()}
    if one["class"] not in CLASSES:
        raise UsageError(unknown("class", one["class"], CLASSES))
    if one.get("quick", "yes") != "yes":
        raise UsageError("'quick' is 'yes' or not there")
    return Attack(
        id=one["id"],
        class_name=one["class"],
        tries=one["tries"],
        expect=_outcomes(one["expect"]),
        expect_on=expect_on,
        concedes=concedes,
        detail=tuple(one["detail"].split(" | ")) if "detail" in one else (),
        shows=one.get("shows"),
        never=tuple(_unescaped(value) for value in keys["never"]),
        limits=_limits(one.get("limits", "")),
        arch=one.get("arch"),
        quick="quick" in one,
        program=source,
    )


def _outcomes(value: str) -> tuple[Outcome, ...]:
    names = value.split(" | ")
    for name in names:
        if name not in _POSSIBLE:
            raise UsageError(unknown("outcome", name, _POSSIBLE))
    return tuple(Outcome(name) for name in names)


def _unescaped(value: str) -> str:
    r"""Text with Python's escapes, such as ``\x1b``, which a header cannot hold as they are."""
    try:
        return value.encode("ascii").decode("unicode_escape")
    except UnicodeError as error:
        raise UsageError(f"'never' is ASCII with Python's escapes, not {value!r}") from error


def _limits(value: str) -> Limits:
    """Limits that differ from the corpus's own, as ``wall_s=2 cpu_s=1``."""
    changed = {}
    for pair in value.split():
        name, _, number = pair.partition("=")
        if name not in Limits.model_fields:
            raise UsageError(unknown("limit", name, Limits.model_fields))
        changed[name] = number
    return Limits.model_validate({**LIMITS.model_dump(), **changed})


def select(
    attacks: Iterable[Attack], *, quick: bool = False, only: Iterable[str] = ()
) -> tuple[Attack, ...]:
    """Choose among attacks.

    Parameters
    ----------
    attacks : iterable of Attack
        What to choose from.
    quick : bool
        Only those of the preflight.
    only : iterable of str
        Ids and classes; everything when empty.

    Returns
    -------
    tuple of Attack
        In the order they came.

    Raises
    ------
    UsageError
        No attack or class has that name, or none is left.
    """
    attacks, only = tuple(attacks), set(only)
    known = {name for attack in attacks for name in (attack.id, attack.class_name)}
    for name in sorted(only - known):
        raise UsageError(unknown("attack or class", name, known))
    chosen = tuple(
        attack
        for attack in attacks
        if (attack.quick or not quick) and (not only or only & {attack.id, attack.class_name})
    )
    if not chosen:
        raise UsageError("no attack is left to run")
    return chosen
