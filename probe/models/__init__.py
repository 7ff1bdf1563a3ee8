"""Every door to what is probed, by its name: ``<provider>/<model>``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from probe.errors import PrerequisiteError, UsageError, unknown

if TYPE_CHECKING:
    from probe.models.base import AudioSource, LanguageModel
    from probe.references import References
    from probe.tiers import LoadedTier

PROVIDERS = ("anthropic", "builtin", "openai", "replay")

BUILTINS = ("noise", "programs", "reference", "silence")


def open_door(
    name: str, tier: LoadedTier, *, references: References | None = None
) -> LanguageModel | AudioSource:
    """Find what a name stands for and make it ready; nothing is asked yet.

    Only what this door needs is imported, so a run without a service never loads its SDK.

    Parameters
    ----------
    name : str
        ``openai/<model>``, ``anthropic/<model>``, ``replay/<file>`` or one of ``builtin/programs``,
        ``builtin/silence``, ``builtin/noise`` and ``builtin/reference``.
    tier : LoadedTier
        The tier it will be asked about.
    references : References, optional
        Recordings, for ``builtin/reference``.

    Raises
    ------
    UsageError
        There is no such door, or the file it names makes no sense.
    PrerequisiteError
        The door needs a key or recordings that are not given.
    """
    provider, _, model = name.partition("/")
    if provider not in PROVIDERS:
        raise UsageError(unknown("model provider", provider, PROVIDERS))
    if not model:
        raise UsageError(f"{provider} needs a name after it, as in '{_EXAMPLES[provider]}'")
    if provider == "openai":
        from probe.models.openai import OpenAIModel

        return OpenAIModel(model)
    if provider == "anthropic":
        from probe.models.anthropic import AnthropicModel

        return AnthropicModel(model)
    if provider == "replay":
        from probe.models.replay import Replay

        return Replay(model, tier)
    return _open_builtin(model, tier, references)


_EXAMPLES = {
    "anthropic": "anthropic/claude-sonnet-4-5",
    "builtin": "builtin/programs",
    "openai": "openai/gpt-4o",
    "replay": "replay/replies.jsonl",
}


def _open_builtin(
    model: str, tier: LoadedTier, references: References | None
) -> LanguageModel | AudioSource:
    if model not in BUILTINS:
        raise UsageError(unknown("control", f"builtin/{model}", [f"builtin/{b}" for b in BUILTINS]))
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
