"""The attack corpus: small hostile programs, each saying in its first lines what must come of it.

The files are ``sandbox/attacks/<class>/<id>.py``; each begins with TOML in comments, which is told
key by key in ``sandbox/attacks/README.md``. Reading is strict, for an attack whose expectation is
misread proves nothing.
"""

from __future__ import annotations

import itertools
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError

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

Engine = Literal["docker", "runsc", "bubblewrap"]
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
_FROM_ELSEWHERE = ("id", "class_name", "program")
"""What the path and the whole text say, and so no header."""


def _of_a_program(outcome: Outcome) -> Outcome:
    if outcome.ours or outcome in (Outcome.REFUSED, Outcome.NO_CODE):
        raise ValueError(f"no program ends {outcome.value!r}")
    return outcome


def _among_others(changed: Any) -> Any:
    return LIMITS.model_dump() | changed if isinstance(changed, dict) else changed


Text = Annotated[str, Field(min_length=1)]
Expected = Annotated[
    tuple[Annotated[Outcome, AfterValidator(_of_a_program)], ...], Field(min_length=1)
]


class Attack(Record):
    """One program and what must come of it."""

    id: str = Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    class_name: str
    tries: Text = Field(description="what it tries, in words")
    expect: Expected = Field(description="any of these is right")
    expect_on: dict[Engine, Expected] = Field(
        default={}, description="the same where an engine rightly differs; the detail is free there"
    )
    concedes: dict[Engine, Text] = Field(
        default={}, description="engines that cannot stop it, and why: it is told, not run, there"
    )
    detail: tuple[Text, ...] = Field(default=(), description="the detail must contain one of these")
    shows: Text | None = Field(default=None, description="text that proves it got to its end")
    never: tuple[Text, ...] = Field(min_length=1, description="text that must not appear anywhere")
    limits: Annotated[Limits, BeforeValidator(_among_others)] = LIMITS
    arch: Text | None = Field(default=None, description="the only machine it is made for")
    quick: bool = Field(default=False, description="whether it belongs to the preflight")
    program: str = Field(repr=False)

    def expected_on(self, engine: str) -> tuple[Outcome, ...]:
        """Outcomes that are right on a sandbox of this name, such as ``docker 20.10.24 runc``."""
        return _for_engine(self.expect_on, engine) or self.expect

    def conceded_on(self, engine: str) -> str | None:
        """Why a sandbox of this name cannot stop it; None where it must."""
        return _for_engine(self.concedes, engine)


def _for_engine(table: Mapping[Engine, T], engine: str) -> T | None:
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
    """Read one attack; its folder and file name are its class and id.

    Raises
    ------
    UsageError
        Says what in the header is wrong, and why.
    """
    try:
        program = path.read_text(encoding="utf-8")
        header = tomllib.loads(_header(program))
        if wrong := next((key for key in _FROM_ELSEWHERE if key in header), None):
            raise UsageError(f"{path}: {wrong}: not a header's to say")
        return Attack(id=path.stem, class_name=path.parent.name, program=program, **header)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path}: the header is not TOML: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        said = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{path}: {where}: {said}") from error


def _header(program: str) -> str:
    """The comment that a program begins with."""
    lines = itertools.takewhile(lambda line: line.startswith("#"), program.splitlines())
    return "\n".join(line[1:] for line in lines)


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
