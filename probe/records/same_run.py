"""Whether a folder's run and the one asked for are the same, and what the two are together.

What would change an answer keeps them apart. How many prompts and samples does not: a run grows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from probe.errors import UsageError
from probe.records import Run, Spec

RunOf = Callable[[Collection[str], int], Run]
"""The run that is asked for, with other prompts (those the tier has, in its order) and samples."""


class OtherRunError(UsageError):
    """A folder holds a run that would have had other answers.

    Parameters
    ----------
    there : Run
        What it holds.
    wanted : Run
        What was asked for, of the same prompts.
    """

    def __init__(self, there: Run, wanted: Run) -> None:
        self.there = there
        names = [n for n in Spec.model_fields if getattr(there.spec, n) != getattr(wanted.spec, n)]
        self.by_request = not {"tier_digest", "prompt_digest", "image"} & set(names)
        """Whether asking as it was asked would go on with it."""
        self.said = "; ".join(_difference(name, there.spec, wanted.spec) for name in names)
        super().__init__(self.said)


def together(there: Run, wanted: Run, run_of: RunOf) -> Run:
    """The run in a folder, with what is asked for beyond it.

    Raises
    ------
    OtherRunError
        They are not the same run.
    """
    old, new = there.spec, wanted.spec
    now = run_of(old.prompts, old.samples)
    if now.spec != old:
        raise OtherRunError(there, now)
    samples = max(old.samples, new.samples)
    if new.prompts.keys() <= old.prompts.keys() and samples == old.samples:
        return there
    more = run_of({*old.prompts, *new.prompts}, samples)
    return there.model_copy(update={"spec": more.spec, "options": more.options})


# --- in words ------------------------------------------------------------------------------------

_WORDS = {
    "tier_digest": "the tier has changed since",
    "prompt_digest": "the words of its prompts have changed since",
    "metrics": "the tier's metrics have changed since",
    "primary_metric": "the tier's primary metric has changed since",
    "prompts": "the tier's prompts have changed since",
    "image": "its programs ran in another sandbox image",
}

_CONTENTS = {
    "audio_sha256": "audio files",
    "files": "files",
    "references": "recordings",
    "sha256": "replies or programs",
    "soundfont_sha256": "sound font",
}
"""Settings whose values say nothing to a person."""


def _difference(name: str, there: Spec, wanted: Spec) -> str:
    if name == "settings":
        names = dict.fromkeys([*there.settings, *wanted.settings])
        parts = (_setting(n, there.settings.get(n), wanted.settings.get(n)) for n in names)
        return "; ".join(filter(None, parts))
    if name in _WORDS:
        return _WORDS[name]
    return f"{name} {getattr(there, name)} there, {getattr(wanted, name)} asked for"


def _setting(name: str, there: Any, wanted: Any) -> str | None:
    if there == wanted:
        return None
    if name in _CONTENTS:
        return f"its {_CONTENTS[name]} have changed since"
    if max(len(str(there)), len(str(wanted))) > 30:
        return f"another {name}"
    if there is None:
        return f"no {name} there, {wanted} asked for"
    if wanted is None:
        return f"{name} {there} there, none asked for"
    return f"{name} {there} there, {wanted} asked for"
