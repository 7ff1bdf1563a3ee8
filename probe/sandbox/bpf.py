"""The seccomp profile as the kernel takes it, for engines that do not read profiles themselves."""

from __future__ import annotations

import json
import os
from functools import cache
from typing import Any

from probe.errors import PrerequisiteError

_UNKNOWN_CALL = -1
"""What libseccomp says of a call that came after it; being refused anyway, it needs no rule."""


@cache
def compiled(profile: str) -> bytes:
    """Compile a profile for the architecture of this machine.

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
