"""Probe: what text-only language models know about sound."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

    from probe.measure import clap, fad

__all__ = ["clap", "fad"]


def __getattr__(name: str) -> Any:
    """Load what measures when it is asked for: ``probe --help`` does without numpy."""
    if name in __all__:
        from probe import measure

        return getattr(measure, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
