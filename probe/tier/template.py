"""The words sent to a language model, and the program taken back out of its reply."""

from __future__ import annotations

import re
from collections.abc import Container
from string import Template
from typing import TYPE_CHECKING, NamedTuple

from markdown_it import MarkdownIt

from probe.errors import UsageError, unknown
from probe.records.languages import DEFAULT, LANGUAGES, Language

if TYPE_CHECKING:
    from probe.records import Prompt, Tier
    from probe.tier.folder import LoadedTier

OUTPUT_PATH = "/out/output.wav"
"""Where a program leaves its audio."""

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


# --- the words sent ------------------------------------------------------------------------------


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


# --- the program taken back ----------------------------------------------------------------------

# Block structure only: inline markup holds no fence and costs time on hostile text. Raw HTML and
# link definitions are left out because they hide fences: models wrap code in <details> and <think>
# without the blank line that CommonMark wants there.
_MARKDOWN = MarkdownIt("commonmark").disable(["html_block", "reference"])
_MARKDOWN.core.ruler.enableOnly(["normalize", "block"])

_LABEL = re.compile(r"\s*([a-z][\w+#-]*)(?:\.\d+)?(?![\w.+#-])", re.IGNORECASE)


class _Fence(NamedTuple):
    info: str
    content: str
    cut: bool
    """The text ends inside this block."""


def extract_program(
    text: str, *, truncated: bool, labels: Container[str] = LANGUAGES[DEFAULT].labels
) -> str | None:
    r"""Take the program out of a reply, by one rule for every model.

    The program is the last fenced block whose info string names its language (for Python
    ``python``, ``python3`` or ``py``, in any case and with anything after it), or, if no block
    does, the last one without an info string. The last one, because models that draft or explain
    put the whole program at the end; labels first, because a transcript or a shell command after
    it is no program.

    Fences are CommonMark's (https://spec.commonmark.org/0.31.2/#fenced-code-blocks): three or more
    backticks or tildes, indented by up to three spaces, in lists and quotes too, closed by a fence
    at least as long. Raw HTML around a block does not hide it. Blank blocks are passed over.

    A fence that is never closed runs to the end of the text, as in CommonMark: some models leave
    the last one out. In a reply that the token limit cut off, the same block is a program torn in
    two, and running half of it would measure the limit instead of the model; there is then no
    program, not even an earlier block, which the model was about to replace.

    Parameters
    ----------
    text : str
        The reply, verbatim. Line ends may be LF, CRLF or CR.
    truncated : bool
        Whether the reply was cut off by the token limit.
    labels : container of str
        Names of the language, in lower case.

    Returns
    -------
    str or None
        The program with LF line ends, or None if the reply holds none.
    """
    fences = _fences(text)
    labelled = [fence for fence in fences if _label(fence.info) in labels]
    bare = [fence for fence in fences if not fence.info.strip()]
    for fence in reversed(labelled or bare):
        if fence.cut and truncated:
            return None
        if fence.content.strip():
            return fence.content
    return None


def _label(info: str) -> str | None:
    found = _LABEL.match(info)
    return found[1].lower() if found else None


def _fences(text: str) -> list[_Fence]:
    """Fenced blocks in the order in which they begin."""
    text = re.sub(r"\r\n?", "\n", text)
    text += "" if text.endswith("\n") else "\n"
    lines = text.rstrip().count("\n") + 1
    fences = []
    for token in _MARKDOWN.parse(text):
        if token.type == "fence" and token.map:
            begin, end = token.map
            # A block spans its opening line, its content and, unless it runs on, its closing line.
            closed = end - begin == token.content.count("\n") + 2
            fences.append(_Fence(token.info, token.content, cut=not closed and end >= lines))
    return fences


_REFUSAL = re.compile(
    r"""
    \W*
    # an apology
    (?:(?:(?:i'm|i[ ]am)[ ](?:so[ ]|very[ ]|really[ ])?sorry|sorry|i[ ]apologi[sz]e|unfortunately
       |(?:my[ ])?apologies)[,.;:]?[ ](?:but[ ])?)?
    # an introduction
    (?:as[ ]an?[ ][^.]{0,80}?\b(?:ai|model|assistant)\b[^.,]{0,40},[ ])?
    # the refusal itself, with what is refused: "I can't hear it, but ..." goes on to a program
    i(?:[ ](?:must|have[ ]to)[ ](?:\w+ly[ ])?(?:decline|refuse)\b
      |(?:[ ](?:cannot|can't|can[ ]not|won't|will[ ]not|do[ ]not[ ]have[ ]the[ ]ability[ ]to
              |don't[ ]have[ ]the[ ]ability[ ]to)
        |(?:'m|[ ]am)[ ](?:unable|not[ ]able|not[ ]willing)[ ]to)
       [ ](?:\w+ly[ ])?(?:help|assist|comply|do|provide|create|generate|produce|write|make
         |synthesi[sz]e|fulfill?|complete|continue|support|offer|share)\b)
    """,
    re.IGNORECASE | re.VERBOSE,
)

_IMPORT = re.compile(r"^\s*(?:import|from)\s+\w", re.MULTILINE)


def is_refusal(text: str) -> bool:
    """Tell whether a reply declines to do what was asked.

    Conservative, because a refusal and a missing program are both the model's failures and only
    the name differs: the reply must open with a plain refusal, such as "I'm sorry, but I can't help
    with that" or "As a text-based AI, I cannot generate audio", and hold no code, fenced or not.
    Refusals in other languages, or further down, count as a reply without code.

    Parameters
    ----------
    text : str
        The reply, verbatim.

    Returns
    -------
    bool
        Whether the reply is a refusal.
    """
    opening = " ".join(text[:400].replace("’", "'").split())
    if not _REFUSAL.match(opening) or _IMPORT.search(text):
        return False
    return extract_program(text, truncated=False) is None
