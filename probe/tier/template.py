"""The words sent to a language model."""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from probe.errors import UsageError, unknown
from probe.records.code import OUTPUT_PATH
from probe.records.languages import DEFAULT, LANGUAGES, Language

if TYPE_CHECKING:
    from probe.records import Prompt, Tier
    from probe.tier.folder import LoadedTier

PLACEHOLDERS = (
    "text",
    "duration",
    "sample_rate",
    "output",
    "libraries",
    "cpu_s",
    "wall_s",
    "memory_mib",
)
"""What a tier's prompt.md may ask for, written as ``$name`` or ``${name}``."""


def check_template(template: str) -> None:
    """Check that a tier's template can be filled and says what is asked.

    Parameters
    ----------
    template : str
        The text of a tier's prompt.md.

    Raises
    ------
    UsageError
        A placeholder is unknown or malformed, or ``$text`` is missing.
    """
    form = Template(template)
    if not form.is_valid():
        raise UsageError("a lone '$'; write '$$' for the character itself")
    names = form.get_identifiers()
    for name in names:
        if name not in PLACEHOLDERS:
            raise UsageError(unknown("placeholder", name, PLACEHOLDERS))
    if "text" not in names:
        raise UsageError("the placeholder $text is missing, so every prompt would read the same")


def message(loaded: LoadedTier, prompt: Prompt, language: Language = LANGUAGES[DEFAULT]) -> str:
    """Write the user message for one prompt, the same for every model.

    Parameters
    ----------
    loaded : LoadedTier
        The tier, whose template is filled.
    prompt : Prompt
        One of the tier's prompts.
    language : Language
        What the program shall be written in.

    Returns
    -------
    str
        The whole message. Numbers are written without trailing zeros.

    Raises
    ------
    UsageError
        The template does not pass `check_template`.
    """
    template = loaded.templates[language.template]
    check_template(template)
    return Template(template).substitute(_fields(loaded.tier, prompt, language))


def _fields(tier: Tier, prompt: Prompt, language: Language) -> dict[str, str]:
    values = (
        prompt.text,
        f"{prompt.duration_s:.12g}",
        str(tier.sample_rate),
        OUTPUT_PATH,
        language.libraries,
        f"{tier.limits.cpu_s:.12g}",
        f"{tier.limits.wall_s:.12g}",
        f"{tier.limits.memory_bytes / (1 << 20):.12g}",
    )
    return dict(zip(PLACEHOLDERS, values, strict=True))
