"""What doors to services on a network share: credentials, patience, and errors in plain words.

No message made here holds a credential, nor one that a service sends back.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from probe.errors import PrerequisiteError, ProbeError
from probe.models.base import ProviderError, Reply, Request
from probe.models.retry import RetryPolicy, TransientError, persist, retry_after
from probe.records import ModelKind, Prompt

_MESSAGE_LENGTH = 300
"""Characters of a service's own words that are worth showing; some answer with whole pages."""

_SECRET_LENGTH = 8
"""Shorter "keys" are placeholders for local servers, and blanking every 'x' helps nobody."""


class Service(ABC):
    """A language model behind an address, asked through its provider's SDK.

    Parameters
    ----------
    provider, model : str
        The door's name is ``provider/model``; the provider is asked for ``model``.
    base_url : str
        Where requests go.
    own_domain : str
        The provider's own domain; any other host is recorded in the settings.
    key_variable : str
        Environment variable that holds the key, for messages.
    secrets : tuple of str
        What must never be shown.
    policy : RetryPolicy
        How often and how patiently one request is tried.

    Raises
    ------
    PrerequisiteError
        The address or a credential cannot be used.
    """

    kind: ModelKind = "language model"
    concurrency: int = 8

    def __init__(
        self,
        provider: str,
        model: str,
        *,
        base_url: str,
        own_domain: str,
        key_variable: str,
        secrets: tuple[str, ...],
        policy: RetryPolicy,
    ) -> None:
        self.name = f"{provider}/{model}"
        self._model = model
        self._key_variable = key_variable
        self._policy = policy
        if any(not (s.isascii() and s.isprintable()) or " " in s for s in secrets):
            raise PrerequisiteError(f"{key_variable} holds a character that no key has: a newline?")
        url = urlsplit(base_url)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise PrerequisiteError(
                f"the address of {provider} ({provider.upper()}_BASE_URL)"
                " must be a whole one, such as http://localhost:8000"
            )
        secrets += tuple(filter(None, (url.password, unquote(url.password or ""))))
        self._secrets = tuple(secret for secret in secrets if len(secret) >= _SECRET_LENGTH)
        self._host = url.netloc.rpartition("@")[2]
        self.is_own_host = f".{url.hostname}".endswith(f".{own_domain}")

    def settings(self) -> dict[str, Any]:
        """The host, where it is not the provider's own."""
        return {} if self.is_own_host else {"host": self._host}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be asked."""
        return True

    async def complete(self, request: Request) -> Reply:
        """Answer one request.

        Raises
        ------
        ProviderError
            This request failed for good.
        PrerequisiteError
            Every request would fail: a bad key, no such model, no money.
        """
        return await persist(lambda: self._try(request), self._policy)

    @abstractmethod
    async def aclose(self) -> None:
        """Let go of connections."""

    @abstractmethod
    async def _try(self, request: Request) -> Reply:
        """Make one try; raises what `_failure`, `_lost` and `_malformed` return."""

    def _failure(
        self, status: int, body: object, headers: Mapping[str, str], *, code: str | None = None
    ) -> ProbeError:
        """Decide what an HTTP status of an error means: try again, give this one up, or stop."""
        detail = self._shown(_words(body))
        said = f"HTTP {status}: {detail}" if detail else f"HTTP {status}"
        if status == 401:
            # A service may quote the key it refuses, so its words are left out.
            return PrerequisiteError(
                f"{self._host} refuses the key for {self.name} (HTTP 401);"
                f" check {self._key_variable}"
            )
        if status == 403:
            return PrerequisiteError(f"{self._host} does not let this key use {self.name} ({said})")
        if status == 404:
            return PrerequisiteError(
                f"{self._host} has no model {self._model!r} at this address ({said})"
            )
        if status == 402 or code == "insufficient_quota":
            return PrerequisiteError(f"the account at {self._host} cannot pay ({said})")
        if status in (408, 409, 429) or status >= 500:
            return TransientError(said, retry_after(headers))
        return ProviderError(said)

    def _lost(self, error: BaseException) -> TransientError:
        """Say that the connection failed or broke off."""
        cause = error.__cause__ or error
        words = self._shown(str(cause)) or type(cause).__name__
        return TransientError(f"no answer from {self._host}: {words}")

    def _malformed(self, why: str) -> TransientError:
        """Say that an answer came and is none."""
        return TransientError(f"{self._host} sent a malformed answer: {self._shown(why)}")

    def _shown(self, text: str) -> str:
        """Put a stranger's words on one line of reasonable length, without secrets."""
        for secret in self._secrets:
            text = text.replace(secret, "[secret]")
        text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
        return text if len(text) <= _MESSAGE_LENGTH else f"{text[:_MESSAGE_LENGTH]}…"


def _words(body: object) -> str:
    """Find the message in an error's body, which may be any of the shapes in use."""
    if isinstance(body, dict):
        error = body.get("error", body)
        message = error.get("message") if isinstance(error, dict) else error
        return message if isinstance(message, str) else ""
    return body if isinstance(body, str) else ""


def storable(value: Any) -> Any:
    r"""Replace lone surrogates, which JSON can spell (``"\ud83d"``) and UTF-8 cannot.

    Parameters
    ----------
    value : Any
        Decoded JSON.

    Returns
    -------
    Any
        The same, with U+FFFD in place of every lone surrogate.
    """
    if isinstance(value, str):
        # By way of UTF-16, where two halves that came in separate chunks make one character again.
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {storable(key): storable(item) for key, item in value.items()}
    return value
