"""Probe: what text-only language models know about sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from probe.notebook import load
    from probe.score.folders import clap, fad

__version__: str

__all__ = ["__version__", "clap", "fad", "load"]


def __getattr__(name: str) -> Any:
    """Load what needs numpy when it is asked for: ``probe --help`` does without."""
    if name == "__version__":
        from importlib.metadata import version

        return version("probe")
    if name == "load":
        from probe import notebook

        return notebook.load
    if name in __all__:
        from probe.score import folders

        return getattr(folders, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """What there is, loaded or not."""
    return sorted({*globals(), *__all__})
