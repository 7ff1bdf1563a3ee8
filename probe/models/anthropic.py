"""The door ``anthropic/<model>``: the messages interface, streamed.

Address and key are read from the environment as the SDK reads them (``ANTHROPIC_BASE_URL``,
``ANTHROPIC_API_KEY``, ``ANTHROPIC_AUTH_TOKEN``), or the address is given with ``--base-url``.
"""

from __future__ import annotations

import re
import time
from typing import Any

import anthropic
import httpx2
from anthropic import omit
from anthropic.types import ParsedMessage

from probe.errors import PrerequisiteError, UsageError
from probe.models.base import DoorOptions, Reply, Request
from probe.models.options import choice, extra_body, whole
from probe.models.reach import opened
from probe.models.retry import DEFAULT_POLICY, RetryPolicy
from probe.models.service import COMMON, HEADERS, Service, bounded, storable

OPTIONS = COMMON | {
    "effort": choice("low", "medium", "high", "xhigh", "max"),
    "prompt_cache": choice("on", "off"),
    "thinking": choice("adaptive", "disabled"),
    "thinking_budget": whole(1024),
}
"""What ``--set`` takes. The interface has no seed, and current models no temperature or top_p."""

_SET_HERE = frozenset(OPTIONS) | {"messages", "model", "output_config", "stream"}
"""Fields of a request that ``extra.…`` cannot be."""

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

_CACHED = {"cache_control": {"type": "ephemeral"}}
"""Kept for five minutes; what is too short to keep is passed over by the service.

https://platform.claude.com/docs/en/build-with-claude/prompt-caching
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
    how : DoorOptions
        What the person wants of this door.

    Raises
    ------
    UsageError
        An option makes no sense.
    PrerequisiteError
        No key is set, or key or address cannot be used.
    """

    irrelevant = Service.irrelevant | {"prompt_cache"}

    def __init__(
        self,
        model: str,
        policy: RetryPolicy = DEFAULT_POLICY,
        how: DoorOptions = DoorOptions(),  # noqa: B008
    ) -> None:
        try:
            hooks = {"response": [bounded]}
            self._client = anthropic.AsyncAnthropic(
                base_url=how.base_url,
                max_retries=0,
                timeout=None,
                default_headers=HEADERS,
                http_client=opened(lambda: anthropic.DefaultAsyncHttpxClient(event_hooks=hooks)),
            )
        except anthropic.AnthropicError as error:
            raise PrerequisiteError(f"anthropic's credentials cannot be used: {error}") from None
        keys = tuple(filter(None, (self._client.api_key, self._client.auth_token)))
        if not keys and self._client.credentials is None and how.asks:
            raise PrerequisiteError(
                "no key for anthropic; set ANTHROPIC_API_KEY or ANTHROPIC_AUTH_TOKEN"
                " (a local server behind ANTHROPIC_BASE_URL usually accepts any value)"
            )
        super().__init__(
            "anthropic",
            model,
            how=how,
            known=OPTIONS,
            base_url=str(self._client.base_url),
            own_domain="anthropic.com",
            key_variable="ANTHROPIC_API_KEY",
            secrets=keys,
            vendors=re.compile("claude-"),
            policy=policy,
        )
        self._extra = extra_body(self.options, _SET_HERE)
        self._thinking = self._choose_thinking()

    def _choose_thinking(self) -> Any:
        budget, mode = self.options.get("thinking_budget"), self.options.get("thinking")
        if budget and mode:
            raise UsageError("thinking and thinking_budget are two ways of one thing; give one")
        most = self.options.get("max_tokens")
        if budget and most and budget >= most:
            raise UsageError(
                "thinking_budget must be less than max_tokens, which it counts towards"
            )
        if budget:
            return {"type": "enabled", "budget_tokens": budget}
        return {"type": mode} if mode else omit

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _status_of_nothing(self, base_url: str) -> int:
        client = self._client.with_options(base_url=base_url)
        try:
            await client.post("/v1/messages", body={}, cast_to=object)
        except anthropic.APIStatusError as error:
            return error.status_code
        except anthropic.AnthropicError as error:
            raise httpx2.RequestError(str(error)) from None
        return 200

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
        effort = self.options.get("effort")
        asking = self._client.messages.stream(
            model=self._model,
            messages=self._messages(request),
            max_tokens=request.max_tokens,
            output_config={"effort": effort} if effort else omit,
            system=self._system(request),
            thinking=self._thinking,
            extra_body=self._extra,
        )
        async with asking as stream:
            finished = False
            async for event in stream:
                finished = finished or event.type == "message_stop"
            if not finished:
                page = "html" in stream.response.headers.get("content-type", "")
                what = "a web page" if page else "a stream that ends before the message does"
                raise self._malformed(what)
            return self._read(
                stream.current_message_snapshot, stream.request_id, time.monotonic() - began
            )

    def _messages(self, request: Request) -> list[Any]:
        """The conversation; what all requests begin with is marked for the prompt cache."""
        first, *later = ({"role": t.role, "content": t.text} for t in request.turns)
        head, tail = first["content"][: request.shared], first["content"][request.shared :]
        # A block of blanks is refused.
        if self._caches and head.strip() and (tail.strip() or not tail):
            blocks: list[dict[str, Any]] = [{"type": "text", "text": head, **_CACHED}]
            blocks += [{"type": "text", "text": tail}] if tail else []
            return [{"role": "user", "content": blocks}, *later]
        return [first, *later]

    def _system(self, request: Request) -> Any:
        system = self.options.get("system")
        if system is None:
            return omit
        # A mark further on covers what stands before it.
        marked = self._caches and not request.shared
        return [{"type": "text", "text": system, **_CACHED}] if marked else system

    @property
    def _caches(self) -> bool:
        return bool(self.options.get("prompt_cache") != "off")

    def _read(self, said: ParsedMessage[None], request_id: str | None, latency_s: float) -> Reply:
        if said.stop_reason is None:
            usage = said.usage.to_dict(mode="json", warnings=False)
            raise self._malformed("a message without a stop reason", usage)
        text = "".join(block.text for block in said.content if block.type == "text")
        if not text and said.stop_details:
            text = said.stop_details.explanation or ""
        return Reply(
            text=storable(text),
            finish_reason=_FINISH_REASONS.get(said.stop_reason, "stop"),
            model_returned=storable(said.model),
            usage=storable(said.usage.to_dict(mode="json", warnings=False)),
            latency_s=latency_s,
            request_id=request_id,
        )
