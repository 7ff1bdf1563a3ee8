"""A bug in probe: one line for the person, and a file with what is needed to find it."""

from __future__ import annotations

import os
import platform
import re
import sys
import tempfile
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from probe.cache import cache_folder

_SECRET = re.compile(
    r"(?P<kept>://)[^/@\s]+(?=@)"  # of an address
    r"|(?P<named>(?:key|token|secret|password|authorization)['\"]?\s*[=:]\s*(?:Bearer\s+)?)"
    r"['\"]?[^\s'\",;]+"
    r"|\b(?:sk|hf|ghp)[-_][\w-]{8,}",
    re.IGNORECASE,
)
_SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)


def line(error: Exception, arguments: Sequence[str]) -> str:
    """Write down everything about a bug; returns the one line that says so.

    Parameters
    ----------
    error : Exception
        What nobody had foreseen.
    arguments : sequence of str
        The command line.
    """
    at = traceback.extract_tb(error.__traceback__)[-1:]
    place = f" in {Path(at[0].filename).name} line {at[0].lineno}" if at else ""
    said = without_secrets(" ".join(f"{type(error).__name__}: {error}".split()), os.environ)
    file = _write(report(error, arguments))
    details = f"details are in {file}" if file else "no folder takes the details"
    return (
        f"a bug in probe: {said[:200]}{place}; {details}, please report it with them"
        " (`probe --traceback …` shows where it is)"
    )


def report(error: Exception, arguments: Sequence[str]) -> str:
    """All that is needed to find a bug, without secrets."""
    packages = sorted(
        {(name, found.version) for found in metadata.distributions() if (name := found.name)}
    )
    text = "\n".join(
        [
            f"probe {metadata.version('probe')}, {datetime.now(UTC).isoformat(timespec='seconds')}",
            f"Python {platform.python_version()} on {platform.platform()}",
            f"command: {' '.join(['probe', *arguments])}",
            "",
            "".join(traceback.format_exception(error)),
            *(f"{name} {version}" for name, version in packages),
        ]
    )
    return without_secrets(text, os.environ) + "\n"


def without_secrets(text: str, environment: Mapping[str, str]) -> str:
    """The text with everything in it that looks like a key, or is one by its variable's name."""
    for name, value in environment.items():
        if _SECRET_NAMES.search(name) and len(value) >= 6:
            text = text.replace(value, "***")
    return _SECRET.sub(lambda m: (m["kept"] or m["named"] or "") + "***", text)


def _write(text: str) -> Path | None:
    """Where the report is: below the cache's folder, or that of temporary files; None: nowhere."""
    for folder in (cache_folder("crashes"), Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(".txt", "probe-", folder)
            with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
        except OSError:
            continue
        return Path(name)
    return None


def close_output() -> None:
    """Let go of a standard output that takes nothing, or Python says so again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
