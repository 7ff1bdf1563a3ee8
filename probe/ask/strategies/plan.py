"""First a plan of events with times, then one program for each event, mixed at its time.

The way of Audio-Agent (arXiv 2410.03335), with programs in place of a diffusion model.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from probe.ask.strategies import hearing
from probe.ask.strategies.base import Conversation, Step, Turns, opened, said
from probe.models.base import Reply, Turn
from probe.records import Completion, Outcome, Part, Prompt, Record
from probe.records.languages import Language
from probe.records.replies import last_block
from probe.text import printable
from probe.tier.folder import LoadedTier

MOST_EVENTS = 16
SHORTEST_S = 0.05
LONGEST_DESCRIPTION = 2000

ASK = """\
A sound is to be synthesized in parts, each by a program of its own. Make the plan.

The sound: {text}

Its length is {duration:.12g} seconds. Name the fewest events it consists of, each one sound of \
one kind. For each give a description that is complete in itself (whoever writes its program sees \
nothing else; times in it count from the event's own beginning), its start and its end in seconds \
from the beginning of the file. Events may overlap. Every event lies within 0 and {duration:.12g} \
seconds.

Answer with JSON alone, in one fenced block that begins with ```json:

[{{"description": "…", "start": 0.0, "end": {duration:.12g}}}]
"""

AGAIN = """\
That is not a plan: {fault}

Answer with the JSON alone, in one fenced block that begins with ```json.
"""

EDIT = """\
The programs of your plan were run and mixed. Measured, the audio is:

{description}

Compare this with what was asked. Answer with the whole plan again as JSON, changed where the \
sound should be better. An event whose description and length stay as they are keeps its program, \
also when it is moved. If nothing should change, answer with the same plan.
"""

_FAULT_LENGTH = 300


class Event(Record):
    """One step of a plan; what a model adds to it is let pass."""

    model_config = ConfigDict(extra="ignore")

    description: str = Field(min_length=1, max_length=LONGEST_DESCRIPTION)
    start: float = Field(ge=0)
    end: float = Field(gt=0)

    @model_validator(mode="after")
    def _lasts(self) -> Event:
        if self.end - self.start < SHORTEST_S:
            raise ValueError(f"an event must last at least {SHORTEST_S:g} s")
        return self

    @property
    def length_s(self) -> float:
        """How long it lasts, to the microsecond."""
        return round(self.end - self.start, 6)


Events = tuple[Event, ...]

_PLAN = TypeAdapter[Events](
    Annotated[Events, Field(min_length=1, max_length=MOST_EVENTS)],
)


class PlanError(ValueError):
    """A reply that is no plan; the message says why, for the model."""


def read_plan(text: str, duration_s: float, *, truncated: bool = False) -> Events:
    """Take the plan out of a reply.

    Parameters
    ----------
    text : str
        The reply: JSON in a fenced block, found by the rule for programs, or JSON alone.
    duration_s : float
        Length of the clip, which no event may pass.
    truncated : bool
        Whether the reply was cut off by the token limit.

    Raises
    ------
    PlanError
        It is not JSON, not of the form asked for, or an event does not fit.
    """
    block = last_block(text, truncated=truncated, labels=("json",))
    try:
        events = _PLAN.validate_json((text if block is None else block).strip())
    except ValidationError as error:
        fault = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in fault["loc"])
        why = fault["msg"].removeprefix("Value error, ")
        raise PlanError(printable(f"{where}: {why}" if where else why)[:_FAULT_LENGTH]) from None
    for number, event in enumerate(events):
        if event.end > duration_s + 1e-6:
            raise PlanError(f"{number}: ends at {event.end:g} s, after the file's {duration_s:g} s")
    return events


class Plan:
    """Plan, then write each event; with rounds, let the model change the plan afterwards.

    Parameters
    ----------
    edits : int
        How often the model is told what the mix is and may change the plan.
    """

    uses_sandbox = True
    words: tuple[str, ...] = (AGAIN, EDIT)

    def __init__(self, edits: int = 0) -> None:
        self._edits = edits
        self.name = f"plan:{edits}" if edits else "plan"

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """Any tier can be planned, in any language."""

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:  # noqa: ARG002
        """What asks for the plan."""
        return ASK.format(text=prompt.text, duration=prompt.duration_s)

    def turns(self, opening: int, first: int) -> Turns:
        """A plan and its events; a plan may need two tries, an edit may change every event."""
        longest = hearing.LONGEST + len(EDIT)
        event = first + 4 * LONGEST_DESCRIPTION
        expected, most = [Step(opening, brief=True), Step(first), Step(first)], list[Step]()
        for n in range(2 * (1 + self._edits)):
            most.append(Step(opening + n * longest, replies=n))
        most += [Step(event)] * (MOST_EVENTS * (1 + self._edits))
        for n in range(1, 1 + self._edits):
            expected += [Step(opening + n * longest // 2, replies=0, brief=True), Step(first)]
        return Turns((Step(opening, brief=True),), tuple(expected), tuple(most))

    async def answer(self, talk: Conversation) -> None:
        """Make a plan and its programs; without a plan there is no program."""
        reply, events, history = await self._plan(talk, opened(self, talk), [])
        if events is None:
            talk.answer(Part(turn=reply.turn))
            return
        written: dict[str, Completion] = {}
        answer = await self._write(talk, events, written)
        for _ in range(self._edits):
            heard = await talk.hear(*answer, described=True)
            if not heard.description:
                break
            text = EDIT.format(description=heard.description)
            _, changed, history = await self._plan(talk, text, history)
            if changed is None or changed == events:
                break
            events = changed
            answer = await self._write(talk, events, written)
        talk.answer(*answer)

    async def _plan(
        self, talk: Conversation, text: str, history: list[Turn]
    ) -> tuple[Completion, Events | None, list[Turn]]:
        """Ask for a plan, once more where the reply is none; the last reply, and the plan."""
        duration_s = talk.prompt.duration_s

        def reading(reply: Reply) -> Outcome:
            if reply.finish_reason == "refusal":
                return Outcome.REFUSED
            try:
                read_plan(reply.text, duration_s, truncated=reply.finish_reason == "length")
            except PlanError:
                return Outcome.NO_CODE
            return Outcome.OK

        for last in (False, True):
            reply = await talk.ask(text, history, reading=reading)
            history = [*history, *said(text, reply)]
            if reply.outcome is Outcome.REFUSED:
                break
            try:
                cut_off = reply.finish_reason == "length"
                return reply, read_plan(reply.text, duration_s, truncated=cut_off), history
            except PlanError as error:
                if not last:
                    text = AGAIN.format(fault=error)
        return reply, None, history

    async def _write(
        self, talk: Conversation, events: Events, written: dict[str, Completion]
    ) -> list[Part]:
        """Have written what is not yet, and say where each event's program goes in the mix.

        Events in the same words, as four knocks, share a program.
        """
        answer = []
        for event in events:
            words = talk.about(event.description, event.length_s)
            if words not in written:
                written[words] = await talk.ask(words)
            turn = written[words].turn
            answer.append(Part(turn=turn, onset_s=event.start, duration_s=event.length_s))
        return answer
