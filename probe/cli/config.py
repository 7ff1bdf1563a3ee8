"""``--config run.toml``: a command's options from a file; the command line goes before it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import typer

from probe.errors import UsageError, unknown


def read(context: typer.Context, path: Path | None) -> Path | None:
    """Make what a file says the defaults of a command's options.

    Raises
    ------
    UsageError
        It cannot be read, or has a key or a value that is no option's.
    """
    import tomllib

    if path is None:
        return None
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"{path}: {error}") from None
    options = {flag.removeprefix("--"): p for p in context.command.params for flag in p.opts}
    del options["config"]
    defaults = context.default_map = {}
    for key, value in found.items():
        if key not in options:
            raise UsageError(f"{path}: {unknown('key', key, options)}")
        option = options[key]
        assert option.name is not None
        defaults[option.name] = _value(f"{path}: {key}", value, option)
    return path


def _value(where: str, value: Any, option: Any) -> Any:
    """A value as the command line would have it."""
    if option.name == "setting" and isinstance(value, dict):
        return [f"{name}={_text(each)}" for name, each in value.items()]
    flag = option.is_flag
    several = value if isinstance(value, list) else [value]
    if isinstance(value, dict) or isinstance(value, bool) is not flag:
        raise UsageError(f"{where} is {'true or false' if flag else 'a text or a number'}")
    if any(isinstance(each, dict | list | bool) for each in several) and not flag:
        raise UsageError(f"{where} is a list of texts or numbers")
    if option.multiple:
        return [str(each) for each in several]
    if isinstance(value, list):
        raise UsageError(f"{where} is one value, not a list")
    return value if flag else str(value)


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
