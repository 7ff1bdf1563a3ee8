"""The door ``anthropic/<model>``: the messages interface, streamed.

Address and key are read from the environment as the SDK reads them (``ANTHROPIC_BASE_URL``,
``ANTHROPIC_API_KEY``, ``ANTHROPIC_AUTH_TOKEN``).
"""

from __future__ import annotations

import time

import anthropic
import httpx2
from anthropic.types import ParsedMessage

from probe.errors import PrerequisiteError
from probe.models.base import Reply, Request
from probe.models.retry import DEFAULT_POLICY, RetryPolicy
from probe.models.service import Service, storable

_FINISH_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "refusal",
}

_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
"""What an error's type would have been as a status, had the stream not begun.

https://docs.anthropic.com/en/api/errors
"""

_STUMBLES = (ValueError, TypeError, LookupError, AttributeError, AssertionError, RuntimeError)
"""What the SDK raises when events do not add up to a message: it takes them on trust."""


class AnthropicModel(Service):
    """A model behind the messages interface.

    Parameters
    ----------
    model : str
        The model's name, as the server knows it.
    policy : RetryPolicy
        How often and how patiently one request is tried.

    Raises
    ------
    PrerequisiteError
        No key is set, or key or address cannot be used.
    """

    def __init__(self, model: str, policy: RetryPolicy = DEFAULT_POLICY) -> None:
        try:
            self._client = anthropic.AsyncAnthropic(max_retries=0, timeout=policy.timeout_s)
        except anthropic.AnthropicError as error:
            raise PrerequisiteError(f"anthropic's credentials cannot be used: {error}") from None
        keys = tuple(filter(None, (self._client.api_key, self._client.auth_token)))
        if not keys and self._client.credentials is None:
            raise PrerequisiteError(
                "no key for anthropic; set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN"
                " (a local server behind ANTHROPIC_BASE_URL usually accepts any value)"
            )
        super().__init__(
            "anthropic",
            model,
            base_url=str(self._client.base_url),
            own_domain="anthropic.com",
            key_variable="ANTHROPIC_API_KEY",
            secrets=keys,
            policy=policy,
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _try(self, request: Request) -> Reply:
        began = time.monotonic()
        try:
            return await self._stream(request, began)
        except anthropic.APIStatusError as error:
            status = error.status_code
            if status < 400:
                status = _STATUSES.get(str(error.type), 500)
            raise self._failure(status, error.body, error.response.headers) from None
        except (anthropic.AnthropicError, httpx2.RequestError) as error:
            raise self._lost(error) from None
        except _STUMBLES as error:
            raise self._malformed(f"a broken stream ({type(error).__name__})") from None

    async def _stream(self, request: Request, began: float) -> Reply:
        # The interface refuses long answers that are not streamed.
        asking = self._client.messages.stream(
            model=self._model,
            messages=[{"role": "user", "content": request.text}],
            max_tokens=request.max_tokens,
        )
        async with asking as stream:
            finished = False
            async for event in stream:
                finished = finished or event.type == "message_stop"
            if not finished:
                raise self._malformed("a stream that ends before the message does")
            return self._read(
                stream.current_message_snapshot, stream.request_id, time.monotonic() - began
            )

    def _read(self, said: ParsedMessage[None], request_id: str | None, latency_s: float) -> Reply:
        if said.stop_reason is None:
            raise self._malformed("a message without a stop reason")
        return Reply(
            text=storable("".join(block.text for block in said.content if block.type == "text")),
            finish_reason=_FINISH_REASONS.get(said.stop_reason, "stop"),
            model_returned=storable(said.model),
            usage=storable(said.usage.to_dict(mode="json", warnings=False)),
            latency_s=latency_s,
            request_id=request_id,
        )
