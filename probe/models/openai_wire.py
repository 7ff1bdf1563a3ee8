"""What is read of the bodies that OpenAI and compatible servers answer with.

Only what is needed is checked and anything else let pass: servers add fields of their own.
https://platform.openai.com/docs/api-reference/chat/object and .../responses/object
"""

from __future__ import annotations

from typing import Any, NamedTuple

from pydantic import BaseModel, Field

STATUSES = {
    "insufficient_quota": 402,
    "invalid_prompt": 400,
    "rate_limit_exceeded": 429,
    "server_error": 500,
}
"""What the code of an error in a body of status 200 would have been as a status."""


class NoReplyError(Exception):
    """A well-formed body that holds nothing to take for a reply."""


class Said(NamedTuple):
    """A reply's words, and how it ended."""

    text: str
    finish_reason: str


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class Completion(BaseModel):
    """A chat completion."""

    choices: list[_Choice] = Field(min_length=1)
    model: str | None = None
    usage: dict[str, Any] | None = None

    def said(self) -> Said:
        """What the first choice says.

        Raises
        ------
        NoReplyError
            It says nothing.
        """
        choice = self.choices[0]
        said = choice.message
        if said.refusal:
            return Said(said.content or said.refusal, "refusal")
        if choice.finish_reason == "content_filter":
            return Said(said.content or "", "refusal")
        if choice.finish_reason == "length":
            # Without content when the whole budget went into reasoning.
            return Said(said.content or "", "length")
        if said.content is None:
            raise NoReplyError("a message without content")
        return Said(said.content, "stop")


class _Part(BaseModel):
    type: str = ""
    text: str | None = None
    refusal: str | None = None


class _Item(BaseModel):
    type: str = ""
    content: list[_Part] | None = None


class _Details(BaseModel):
    reason: str | None = None


class Response(BaseModel):
    """An object of the responses interface."""

    output: list[_Item]
    status: str | None = None
    incomplete_details: _Details | None = None
    model: str | None = None
    usage: dict[str, Any] | None = None

    def said(self) -> Said:
        """What its messages say, joined.

        Raises
        ------
        NoReplyError
            They say nothing, or the response is not at its end.
        """
        parts = [p for item in self.output if item.type == "message" for p in item.content or ()]
        text = "".join(part.text or "" for part in parts if part.type == "output_text")
        refusal = "".join(part.refusal or "" for part in parts if part.type == "refusal")
        if refusal:
            return Said(text or refusal, "refusal")
        if self.status == "incomplete":
            reason = self.incomplete_details.reason if self.incomplete_details else None
            if reason == "content_filter":
                return Said(text, "refusal")
            if reason == "max_output_tokens":
                return Said(text, "length")
            raise NoReplyError(f"incomplete: {reason}")
        if self.status not in (None, "completed"):
            raise NoReplyError(f"status {self.status}")
        if not parts:
            raise NoReplyError("a response without a message")
        return Said(text, "stop")
