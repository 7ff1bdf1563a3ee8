"""The door ``openai/<model>``: OpenAI, or any server that speaks its format.

Address and key are read from the environment as the SDK reads them (``OPENAI_BASE_URL``,
``OPENAI_API_KEY``, ``OPENAI_ORG_ID``, ``OPENAI_PROJECT_ID``), or the address is given with
``--base-url``; so Ollama, vLLM and others serve too.
"""

from __future__ import annotations

import json
import os
import re
import time
from typing import Any

import httpx2
import openai
from openai import omit
from openai._legacy_response import LegacyAPIResponse
from pydantic import ValidationError

from probe.errors import PrerequisiteError, UsageError
from probe.models import openai_wire as wire
from probe.models.base import DoorOptions, Reply, Request
from probe.models.options import choice, extra_body, number, whole
from probe.models.reach import no_json, opened
from probe.models.retry import DEFAULT_POLICY, RetryPolicy
from probe.models.service import COMMON, HEADERS, Service, bounded, storable

OPTIONS = COMMON | {
    "api": choice("chat", "responses"),
    "reasoning_effort": choice("none", "minimal", "low", "medium", "high", "xhigh", "max"),
    "seed": whole(-(2**63), 2**63 - 1),
    "temperature": number(0, 2),
    "top_p": number(0, 1),
}
"""What ``--set`` takes, with the ranges of the interface."""

_SET_HERE = frozenset(OPTIONS) | {
    "input",
    "instructions",
    "max_completion_tokens",
    "max_output_tokens",
    "messages",
    "model",
    "n",
    "reasoning",
    "store",
    "stream",
}
"""Fields of a request that ``extra.…`` cannot be."""

_OWN_MODELS = re.compile(r"gpt-\d|o\d(-|$)|chatgpt-")
_ALWAYS_REASONS = re.compile(r"(o1|o3|o4|gpt-5(-mini|-nano)?)(-mini|-pro|-preview)?(-\d{4}-.*)?")
_NEVER_REASONS = re.compile(r"(gpt-3\.5|gpt-4|chatgpt-4o).*")
"""OpenAI's own models whose parameters its reference names; of others the service is asked.

https://platform.openai.com/docs/guides/reasoning
"""


class OpenAIModel(Service):
    """A model behind the chat completions interface, or with ``api=responses`` the responses one.

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
        An option makes no sense, or is one that the model does not take.
    PrerequisiteError
        No key is set, or key or address cannot be used.
    """

    def __init__(
        self,
        model: str,
        policy: RetryPolicy = DEFAULT_POLICY,
        how: DoorOptions = DoorOptions(),  # noqa: B008
    ) -> None:
        # A server of one's own rarely wants a key, and the SDK does not begin without.
        keyless = how.base_url or not how.asks
        key = "none" if keyless and not os.environ.get("OPENAI_API_KEY") else None
        try:
            hooks = {"response": [bounded]}
            self._client = openai.AsyncOpenAI(
                api_key=key,
                base_url=how.base_url,
                max_retries=0,
                timeout=None,
                default_headers=HEADERS,
                http_client=opened(lambda: openai.DefaultAsyncHttpxClient(event_hooks=hooks)),
            )
        except openai.OpenAIError:
            raise _no_key() from None
        if not self._client.api_key:
            raise _no_key()
        super().__init__(
            "openai",
            model,
            how=how,
            known=OPTIONS,
            base_url=str(self._client.base_url),
            own_domain="openai.com",
            key_variable="OPENAI_API_KEY",
            secrets=(self._client.api_key,),
            vendors=_OWN_MODELS,
            policy=policy,
        )
        self._extra = extra_body(self.options, _SET_HERE)
        self._check_options()

    def _check_options(self) -> None:
        """Refuse what the model is known not to take: dropping it would measure something else."""
        if self.options.get("api") == "responses" and "seed" in self.options:
            raise UsageError("the responses interface takes no seed; leave it out, or api=chat")
        if not self.is_own_host:
            return
        sampling = sorted({"temperature", "top_p"} & self.options.keys())
        if sampling and _ALWAYS_REASONS.fullmatch(self._model):
            raise UsageError(f"{self._door} takes no {sampling[0]}: it always reasons")
        if "reasoning_effort" in self.options and _NEVER_REASONS.fullmatch(self._model):
            raise UsageError(f"{self._door} takes no reasoning_effort: it does not reason")

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.close()

    async def _status_of_nothing(self, base_url: str) -> int:
        client = self._client.with_options(base_url=base_url)
        path = "/responses" if self.options.get("api") == "responses" else "/chat/completions"
        try:
            await client.post(path, body={}, cast_to=object)
        except openai.APIStatusError as error:
            return error.status_code
        except openai.OpenAIError as error:
            raise httpx2.RequestError(str(error)) from None
        return 200

    async def _try(self, request: Request) -> Reply:
        ask = self._respond if self.options.get("api") == "responses" else self._chat
        began = time.monotonic()
        try:
            response = await ask(request)
        except openai.APIStatusError as error:
            headers = error.response.headers
            raise self._failure(error.status_code, error.body, headers, code=error.code) from None
        except (openai.OpenAIError, httpx2.RequestError) as error:
            raise self._lost(error) from None
        latency_s = time.monotonic() - began
        said, usage, model = self._read(response.content, response.headers)
        return Reply(
            text=said.text,
            finish_reason=said.finish_reason,
            model_returned=model,
            usage=usage,
            latency_s=latency_s,
            request_id=response.headers.get("x-request-id"),
        )

    async def _chat(self, request: Request) -> LegacyAPIResponse[Any]:
        # OpenAI's reasoning models refuse max_tokens; most compatible servers know only that.
        own, options = self.is_own_host, self.options
        messages: list[Any] = [{"role": t.role, "content": t.text} for t in request.turns]
        if "system" in options:
            messages.insert(0, {"role": "system", "content": options["system"]})
        return await self._client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=messages,
            max_completion_tokens=request.max_tokens if own else omit,
            max_tokens=omit if own else request.max_tokens,
            reasoning_effort=options.get("reasoning_effort", omit),
            seed=options.get("seed", omit),
            temperature=options.get("temperature", omit),
            top_p=options.get("top_p", omit),
            extra_body=self._extra,
        )

    async def _respond(self, request: Request) -> LegacyAPIResponse[Any]:
        options = self.options
        effort = options.get("reasoning_effort")
        turns: list[Any] = [{"role": t.role, "content": t.text} for t in request.turns]
        return await self._client.responses.with_raw_response.create(
            model=self._model,
            input=turns,
            instructions=options.get("system", omit),
            max_output_tokens=request.max_tokens,
            reasoning={"effort": effort} if effort else omit,
            store=False,
            temperature=options.get("temperature", omit),
            top_p=options.get("top_p", omit),
            extra_body=self._extra,
        )

    def _read(
        self, content: bytes, headers: httpx2.Headers
    ) -> tuple[wire.Said, dict[str, Any] | None, str | None]:
        """Check the little that is needed of the body; the SDK takes any JSON for an answer."""
        try:
            body = storable(json.loads(content))
        except (ValueError, RecursionError):
            raise self._malformed(no_json(content)) from None
        usage = body.get("usage") if isinstance(body, dict) else None
        if isinstance(body, dict) and body.get("error"):
            # Some gateways report an error of the service behind them with status 200.
            code = body["error"].get("code") if isinstance(body["error"], dict) else None
            status = code if isinstance(code, int) else wire.STATUSES.get(str(code), 500)
            raise self._failure(status, body, headers, code=str(code))
        form = wire.Response if self.options.get("api") == "responses" else wire.Completion
        try:
            answer = form.model_validate(body)
            return answer.said(), answer.usage, answer.model
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            where = ".".join(map(str, fault["loc"]))
            raise self._malformed(f"{where}: {fault['msg']}", usage) from None
        except wire.NoReplyError as error:
            raise self._malformed(str(error), usage) from None


def _no_key() -> PrerequisiteError:
    return PrerequisiteError(
        "no key for openai; set OPENAI_API_KEY"
        " (a local server behind OPENAI_BASE_URL usually accepts any value)"
    )
