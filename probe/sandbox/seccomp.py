"""The seccomp profile: ``sandbox/seccomp.toml``, written by hand, becomes ``sandbox/seccomp.json``.

The source groups the system calls by why a program may make them. The profile is what engines read
(the form of Docker's own, which Podman takes too). Both are kept; ``python -m
probe.sandbox.seccomp`` writes the second from the first.
"""

from __future__ import annotations

import itertools
import json
import os
import tomllib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import Field, StringConstraints, ValidationError, model_validator

from probe.errors import PrerequisiteError, ProbeError
from probe.paths import data_folder
from probe.records import Record

SOURCE = "seccomp.toml"
PROFILE = "seccomp.json"

WORD = 0xFFFFFFFF
"""The bits of an argument that a condition can see."""

_UNKNOWN_CALL = -1
"""What libseccomp says of a call that came after it; being refused anyway, it needs no rule."""

Call = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Group = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*$")]
Why = Annotated[str, StringConstraints(min_length=1)]


class Errno(Enum):
    """What a refused call returns, by its number on Linux; it can differ from the host's."""

    EPERM = 1
    EACCES = 13
    ENOSYS = 38
    ENOTSUP = 95


class Condition(Record):
    """One argument, and what it may be."""

    argument: int = Field(ge=0, le=5)
    mask: int = Field(default=WORD, gt=0, le=WORD, description="the bits that are looked at")
    values: dict[str, int] = Field(min_length=1, description="by the names of the kernel's headers")

    @model_validator(mode="after")
    def _can_hold(self) -> Self:
        for name, value in self.values.items():
            if value != value & self.mask:
                raise ValueError(f"{name} has bits that the mask hides, so it could never match")
        return self


class Allowed(Record):
    """Calls that are let through, where every condition holds."""

    why: Why
    calls: tuple[Call, ...] = Field(min_length=1)
    when: tuple[Condition, ...] = ()

    @model_validator(mode="after")
    def _tests_each_argument_once(self) -> Self:
        arguments = [condition.argument for condition in self.when]
        if len(set(arguments)) < len(arguments):
            # Engines would take the two for alternatives.
            raise ValueError("two conditions look at the same argument")
        return self

    def rules(self) -> Iterator[dict[str, Any]]:
        """One rule for each combination of values: a rule compares an argument with one only."""
        for values in itertools.product(*(condition.values.values() for condition in self.when)):
            compared = [
                {
                    "index": condition.argument,
                    "value": condition.mask,
                    "valueTwo": value,
                    "op": "SCMP_CMP_MASKED_EQ",
                }
                for condition, value in zip(self.when, values, strict=True)
            ]
            rule = {"names": sorted(self.calls), "action": "SCMP_ACT_ALLOW"}
            yield rule | ({"args": compared} if compared else {})


class Refused(Record):
    """Calls that fail with another error than all that are not named."""

    why: Why
    errno: Literal["EACCES", "ENOSYS", "ENOTSUP"]
    calls: tuple[Call, ...] = Field(min_length=1)

    def rules(self) -> Iterator[dict[str, Any]]:
        """One rule."""
        number = Errno[self.errno].value
        yield {"names": sorted(self.calls), "action": "SCMP_ACT_ERRNO", "errnoRet": number}


class Source(Record):
    """What the source file holds."""

    architectures: tuple[Literal["x86_64", "aarch64"], ...] = Field(min_length=1)
    allow: dict[Group, Allowed]
    refuse: dict[Group, Refused]

    @model_validator(mode="after")
    def _names_each_call_once(self) -> Self:
        seen: dict[str, str] = {}
        for name, group in self.groups():
            for call in group.calls:
                if call in seen:
                    raise ValueError(f"{call} is in {seen[call]} and in {name}")
                seen[call] = name
        return self

    def groups(self) -> Iterator[tuple[str, Allowed | Refused]]:
        """All groups with their names, in the order of the file."""
        yield from ((f"allow.{name}", allowed) for name, allowed in self.allow.items())
        yield from ((f"refuse.{name}", refused) for name, refused in self.refuse.items())


def generate(source: str) -> dict[str, Any]:
    """Turn the source into a profile.

    Parameters
    ----------
    source : str
        Text of the TOML file.

    Returns
    -------
    dict
        The profile, in the form of Docker's: see ``profiles/seccomp`` of the Moby project.

    Raises
    ------
    ProbeError
        The source is not TOML, has a key nobody knows, names a call twice, or a condition that
        cannot be met or expressed.
    """
    try:
        read = Source.model_validate(tomllib.loads(source))
    except tomllib.TOMLDecodeError as error:
        raise ProbeError(f"{SOURCE}: {error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "it"
        raise ProbeError(f"{SOURCE}: {where}: {first['msg']}") from None
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": Errno.EPERM.value,
        "archMap": [
            {"architecture": f"SCMP_ARCH_{name.upper()}", "subArchitectures": []}
            for name in read.architectures
        ],
        "syscalls": [
            {"comment": name, **rule} for name, group in read.groups() for rule in group.rules()
        ],
    }


@cache
def profile() -> str:
    """The profile as it is given to an engine: ``seccomp=`` and this text is a security option."""
    text = (data_folder("sandbox") / PROFILE).read_text(encoding="utf-8")
    return json.dumps(json.loads(text), separators=(",", ":"))


@cache
def compiled(profile: str) -> bytes:
    """The profile as the kernel takes it, for engines that do not read profiles themselves.

    It is compiled for the architecture of this machine.

    Calls in the manner of any other architecture end the process that makes them, which is
    libseccomp's default and what Docker does too.

    Parameters
    ----------
    profile : str
        JSON in the form of Docker's profiles.

    Returns
    -------
    bytes
        A program of the classic BPF: an array of ``struct sock_filter``.

    Raises
    ------
    PrerequisiteError
        libseccomp, or the package that speaks to it, is not there.
    """
    try:
        import pyseccomp
    except (ImportError, RuntimeError) as error:
        # A RuntimeError when there is the package but no library.
        raise PrerequisiteError(
            "bubblewrap needs pyseccomp and libseccomp to filter system calls; run"
            " `pip install pyseccomp` (and on Debian `apt-get install libseccomp2`)"
        ) from error
    read = json.loads(profile)
    rules = pyseccomp.SyscallFilter(_action(read["defaultAction"], read["defaultErrnoRet"]))
    for group in read["syscalls"]:
        action = _action(group["action"], group.get("errnoRet", 0))
        arguments = [_comparison(argument) for argument in group.get("args", ())]
        for name in group["names"]:
            number = pyseccomp.resolve_syscall(pyseccomp.system_arch(), name)
            if number != _UNKNOWN_CALL:
                rules.add_rule(action, number, *arguments)
    with os.fdopen(os.memfd_create("filter"), "rb") as file:
        rules.export_bpf(file)
        file.seek(0)
        return file.read()


def _action(name: str, error: int) -> int:
    import pyseccomp

    if name == "SCMP_ACT_ERRNO":
        return int(pyseccomp.ERRNO(error))
    return int(getattr(pyseccomp, name.removeprefix("SCMP_ACT_")))


def _comparison(argument: dict[str, Any]) -> Any:
    import pyseccomp

    operator = getattr(pyseccomp, argument["op"].removeprefix("SCMP_CMP_"))
    return pyseccomp.Arg(
        argument["index"], operator, argument["value"], argument.get("valueTwo", 0)
    )


def main() -> None:
    """Write the profile from the source."""
    folder = data_folder("sandbox")
    generated = generate((folder / SOURCE).read_text(encoding="utf-8"))
    (folder / PROFILE).write_text(json.dumps(generated, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
