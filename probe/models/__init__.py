"""Every door to what is probed, by its name: ``<provider>/<model>``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from probe.errors import PrerequisiteError, UsageError, near
from probe.models.base import DoorOptions

if TYPE_CHECKING:
    from probe.models.base import AudioSource, LanguageModel
    from probe.records.references import References
    from probe.tier.folder import LoadedTier

PROVIDERS = (
    "anthropic",
    "builtin",
    "command",
    "engine",
    "generator",
    "openai",
    "replay",
)

BUILTINS = ("noise", "programs", "reference", "silence")


_VENDORS = {"openai": r"(?i)(gpt|chatgpt|o\d)", "anthropic": r"(?i)claude"}
"""How the names of each service's own models begin."""


def open_door(
    name: str,
    tier: LoadedTier,
    *,
    references: References | None = None,
    how: DoorOptions | None = None,
) -> LanguageModel | AudioSource:
    """Find what a name stands for and make it ready; nothing is asked yet.

    Only what this door needs is imported, so a run without a service never loads its SDK.

    Parameters
    ----------
    name : str
        ``openai/<model>``, ``anthropic/<model>``, ``command/<template>``, ``replay/<file>``,
        ``generator/<name, Hugging Face id or folder>``, ``engine/espeak-ng``, ``engine/flite``,
        ``engine/fluidsynth`` or one of ``builtin/programs``, ``builtin/silence``,
        ``builtin/noise`` and ``builtin/reference``.
    tier : LoadedTier
        The tier it will be asked about.
    references : References, optional
        Recordings, for ``builtin/reference``.
    how : DoorOptions, optional
        What the person wants of the door.

    Raises
    ------
    UsageError
        There is no such door, it does not take what is wanted of it, or the file it names makes no
        sense.
    PrerequisiteError
        The door needs a key, recordings or weights that are not there.
    """
    provider, _, model = name.partition("/")
    if provider not in PROVIDERS:
        raise UsageError(_unknown(name))
    if not model:
        raise UsageError(f"{provider} needs a name after it, as in '{_EXAMPLES[provider]}'")
    how = how or DoorOptions()
    _check(how, provider)
    if provider == "openai":
        from probe.models.openai import OpenAIModel

        return OpenAIModel(model, how=how)
    if provider == "anthropic":
        from probe.models.anthropic import AnthropicModel

        return AnthropicModel(model, how=how)
    if provider == "command":
        return _open_command(model, how)
    if provider == "replay":
        from probe.models.replay import Replay

        return Replay(model, tier, name=how.name)
    if provider == "engine":
        from probe.models.engines import open_engine

        return open_engine(model, how)
    if provider == "generator":
        from probe.models.neural.door import open_generator

        return open_generator(model, how)
    return _open_builtin(model, tier, references)


def _unknown(name: str) -> str:
    """Say that there is no such door, with the one that was meant, of whatever kind."""
    from probe.models.engines import ENGINES
    from probe.models.neural.known import KNOWN

    provider, _, model = name.partition("/")
    doors = [f"builtin/{each}" for each in BUILTINS]
    doors += [f"engine/{each}" for each in ENGINES] + [f"generator/{each}" for each in KNOWN]
    if name.endswith(".jsonl"):
        meant: str | None = f"replay/{name}"
    elif vendor := next((v for v, names in _VENDORS.items() if re.match(names, name)), None):
        meant = f"{vendor}/{name}"
    elif model and provider not in PROVIDERS and (close := near(provider, PROVIDERS, 0.7)):
        meant = f"{close}/{model}"
        meant = near(meant, doors) if close in ("builtin", "engine") else meant
    else:
        meant = near(name, doors)
    if meant:
        return f"unknown model {name!r}; did you mean {meant!r}?"
    ways = ", ".join(f"{each}/…" for each in PROVIDERS)
    server = f"; on a server of your own it is 'openai/{name}' with --base-url" if model else ""
    return f"unknown model {name!r}{server}; known: {ways}"


def _open_command(template: str, how: DoorOptions) -> LanguageModel | AudioSource:
    """A command that names a folder for audio is a generator's; any other answers in text."""
    if "{out}" in template:
        from probe.models.render import RenderCommand

        return RenderCommand(template, how)
    from probe.models.command import Command

    return Command(template, how)


def _check(how: DoorOptions, provider: str) -> None:
    """Refuse what a door would have to ignore."""
    if how.base_url and provider not in ("anthropic", "openai"):
        raise UsageError(f"{provider}/… has no address, so --base-url makes no sense")
    if how.retries is not None and provider not in ("anthropic", "openai"):
        raise UsageError(f"{provider}/… takes no --retries")
    if how.settings and provider in ("builtin", "replay"):
        raise UsageError(f"{provider}/… takes no --set")
    if how.concurrency and provider in ("builtin", "engine", "generator", "replay"):
        instead = "; --set batch=N is for it" if provider == "generator" else ""
        raise UsageError(f"{provider}/… takes no --concurrency{instead}")
    if how.name is None:
        return
    if provider == "builtin":
        raise UsageError("builtin/… keeps its name")
    check_name(how.name)


def check_name(name: str) -> None:
    """Refuse a name under which nothing could be found in the results."""
    if not name.isprintable() or not 0 < len(name.strip()) <= 100:
        raise UsageError("--name must have from 1 to 100 printable characters")
    if name.startswith("builtin/"):
        raise UsageError("--name must not begin with builtin/, which stands for the controls")


_EXAMPLES = {
    "anthropic": "anthropic/claude-sonnet-5-5",
    "builtin": "builtin/programs",
    "command": "command/python answer.py",
    "engine": "engine/espeak-ng",
    "generator": "generator/audioldm2",
    "openai": "openai/gpt-4o",
    "replay": "replay/replies.jsonl",
}


def _open_builtin(
    model: str, tier: LoadedTier, references: References | None
) -> LanguageModel | AudioSource:
    if model not in BUILTINS:
        raise UsageError(_unknown(f"builtin/{model}"))
    from probe.models import controls

    if model == "programs":
        return controls.Programs(tier)
    if model == "silence":
        return controls.Silence()
    if model == "noise":
        return controls.Noise()
    if references is None:
        raise PrerequisiteError(
            "builtin/reference needs recordings; give their folder with --references"
        )
    from probe.models.reference import Reference

    return Reference(references)
