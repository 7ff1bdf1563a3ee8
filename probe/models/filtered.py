"""What the body of an error says, and whether it says that a content filter refused."""

from __future__ import annotations

_FILTER_CODES = ("content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation")
_FILTER_WORDS = ("flagged as potentially violating", "blocked by content filtering policy")
"""How errors spell that a content filter refused: codes of OpenAI, of Azure (or an ``innererror``)
and of gateways; OpenRouter adds ``flagged_input``; OpenAI's reasoning models and Anthropic have
these words and no code of its own.

https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
https://openrouter.ai/docs/api-reference/errors
"""


def words_of(body: object) -> str:
    """Find the message in an error's body, which may be any of the shapes in use."""
    if isinstance(body, dict):
        error = body.get("error", body)
        message = error.get("message") if isinstance(error, dict) else error
        return message if isinstance(message, str) else ""
    return body if isinstance(body, str) else ""


def is_filtered(status: int, body: object) -> bool:
    """Whether an error says that the service's content filter refused the words of a prompt."""
    error = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(error, dict) or status not in (400, 403, 422):
        return False
    inner, about = error.get("innererror"), error.get("metadata")
    codes = (error.get("code"), inner.get("code") if isinstance(inner, dict) else None)
    return (
        any(code in _FILTER_CODES for code in codes)
        or (isinstance(about, dict) and "flagged_input" in about)
        or any(words in words_of(body) for words in _FILTER_WORDS)
    )
