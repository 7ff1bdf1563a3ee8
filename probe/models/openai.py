"""The door ``openai/<model>``: chat completions, at OpenAI or any server that speaks their format.

Address and key are read from the environment as the SDK reads them (``OPENAI_BASE_URL``,
``OPENAI_API_KEY``, ``OPENAI_ORG_ID``, ``OPENAI_PROJECT_ID``), so Ollama, vLLM and others serve too.
"""

from __future__ import annotations

import json
import time
from typing import Any

import httpx2
import openai
from openai import omit
from pydantic import BaseModel, Field, ValidationError

from probe.errors import PrerequisiteError
from probe.models.base import Reply, Request
from probe.models.retry import DEFAULT_POLICY, RetryPolicy
from probe.models.service import Service, storable


class OpenAIModel(Service):
    """A model behind the chat completions interface.

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
            self._client = openai.AsyncOpenAI(max_retries=0, timeout=policy.timeout_s)
        except openai.OpenAIError:
            raise _no_key() from None
        if not self._client.api_key:
            raise _no_key()
        super().__init__(
            "openai",
            model,
            base_url=str(self._client.base_url),
            own_domain="openai.com",
            key_variable="OPENAI_API_KEY",
            secrets=(self._client.api_key,),
            policy=policy,
        )

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _try(self, request: Request) -> Reply:
        # OpenAI's reasoning models refuse max_tokens; most compatible servers know only that.
        own = self.is_own_host
        began = time.monotonic()
        try:
            response = await self._client.chat.completions.with_raw_response.create(
                model=self._model,
                messages=[{"role": "user", "content": request.text}],
                max_completion_tokens=request.max_tokens if own else omit,
                max_tokens=omit if own else request.max_tokens,
            )
        except openai.APIStatusError as error:
            headers = error.response.headers
            raise self._failure(error.status_code, error.body, headers, code=error.code) from None
        except (openai.OpenAIError, httpx2.RequestError) as error:
            raise self._lost(error) from None
        latency_s = time.monotonic() - began
        answer = self._read(response.content, response.headers)
        text, finish_reason = self._text(answer.choices[0])
        return Reply(
            text=text,
            finish_reason=finish_reason,
            model_returned=answer.model,
            usage=answer.usage,
            latency_s=latency_s,
            request_id=response.headers.get("x-request-id"),
        )

    def _read(self, content: bytes, headers: httpx2.Headers) -> _Answer:
        """Check the little that is needed of the body; the SDK takes any JSON for an answer."""
        try:
            body = storable(json.loads(content))
        except (ValueError, RecursionError):
            raise self._malformed("no JSON") from None
        if isinstance(body, dict) and body.get("error"):
            # Some gateways report an error of the service behind them with status 200.
            code = body["error"].get("code") if isinstance(body["error"], dict) else None
            raise self._failure(code if isinstance(code, int) else 500, body, headers)
        try:
            return _Answer.model_validate(body)
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            where = ".".join(map(str, fault["loc"]))
            raise self._malformed(f"{where}: {fault['msg']}") from None

    def _text(self, choice: _Choice) -> tuple[str, str]:
        """The reply's words, and how it ended."""
        said = choice.message
        if said.refusal:
            return said.content or said.refusal, "refusal"
        if choice.finish_reason == "content_filter":
            return said.content or "", "refusal"
        if choice.finish_reason == "length":
            # Without content when the whole budget went into reasoning.
            return said.content or "", "length"
        if said.content is None:
            raise self._malformed("a message without content")
        return said.content, "stop"


def _no_key() -> PrerequisiteError:
    return PrerequisiteError(
        "no key for openai; set OPENAI_API_KEY"
        " (a local server behind OPENAI_BASE_URL usually accepts any value)"
    )


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Answer(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: dict[str, Any] | None = None
