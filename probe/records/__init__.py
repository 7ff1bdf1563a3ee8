"""The whole vocabulary of a run, on one page.

Records are frozen, refuse unknown fields and refuse non-finite numbers. They know nothing of how
they are made or stored. Times are seconds, sizes are bytes, sample rates are hertz.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from probe.records.record import Record
from probe.records.truths import NoteEvent, NotesTruth, SoundEvent, SoundsTruth, SpeechTruth, Truth

__all__ = [
    "SCHEMA",
    "Accepted",
    "Answer",
    "Completion",
    "Extraction",
    "Hearing",
    "Limits",
    "Message",
    "ModelKind",
    "NoteEvent",
    "NotesTruth",
    "Outcome",
    "Part",
    "Place",
    "Prompt",
    "Record",
    "Rendering",
    "Run",
    "Score",
    "SoundEvent",
    "SoundsTruth",
    "Spec",
    "SpeechTruth",
    "Tier",
    "Truth",
    "Verification",
]

SCHEMA = 1
"""Version of the run folder's format; a folder with a larger one is refused."""


class Outcome(StrEnum):
    """How one attempt ended. A failure has an owner: the model, or us."""

    OK = "ok"
    REFUSED = "refused"
    NO_CODE = "no_code"
    RUNTIME_ERROR = "runtime_error"
    CRASHED = "crashed"
    TIMEOUT = "timeout"
    MEMORY_LIMIT = "memory_limit"
    PROCESS_LIMIT = "process_limit"
    OUTPUT_LIMIT = "output_limit"
    NO_OUTPUT = "no_output"
    INVALID_AUDIO = "invalid_audio"
    PROVIDER_ERROR = "provider_error"
    SANDBOX_ERROR = "sandbox_error"
    SCORER_ERROR = "scorer_error"

    @property
    def ours(self) -> bool:
        """Whether the failure is probe's or a service's: never scored, refilled by a next run."""
        return self in _OURS


_OURS = frozenset({Outcome.PROVIDER_ERROR, Outcome.SANDBOX_ERROR, Outcome.SCORER_ERROR})


# --- what is asked -------------------------------------------------------------------------------


class Limits(Record):
    """What one program may use."""

    wall_s: float = Field(default=30.0, gt=0, le=600, description="time on the clock")
    cpu_s: float = Field(default=10.0, gt=0, le=600, description="time on the processor")
    memory_bytes: int = Field(default=512 << 20, ge=32 << 20, description="with its files in /tmp")
    processes: int = Field(default=64, ge=4, le=4096, description="and threads, at once")
    audio_bytes: int = Field(
        default=24 << 20, ge=1 << 10, le=30 << 20, description="size of output.wav"
    )
    text_bytes: int = Field(
        default=64 << 10, ge=1 << 10, le=1 << 20, description="kept of what it prints"
    )
    length_tolerance_s: float = Field(
        default=0.25, ge=0, description="by which a clip may be too long or too short"
    )
    reply_tokens: int = Field(default=16384, ge=256, description="a model may answer with")


class Tier(Record):
    """A folder of prompts that are measured the same way."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$", description="of the folder its runs go to")
    version: str = Field(description="changes whenever a text or a truth does")
    title: str = Field(description="for people")
    digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    duration_s: float = Field(gt=0, le=60, description="length of a clip that names none")
    sample_rate: int = Field(ge=8000, le=192_000, description="of every clip, in Hz")
    languages: tuple[str, ...] = Field(
        min_length=1, description="programs may be written in, as `--language` names them"
    )
    truth: Literal["notes", "sounds", "speech"] = Field(description="kind of its prompts' truths")
    groups: dict[str, str] = Field(description="name to one line of description, in order")
    metrics: tuple[str, ...] = Field(min_length=1, description="in the order of the board")
    primary_metric: str = Field(description="models are ranked by; it must apply to every prompt")
    limits: Limits = Field(description="table of what one program may use")
    seed: int | None = Field(default=None, description="of generated prompts, None of written ones")


class Prompt(Record):
    """One thing a model is asked to make audible."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$", description="names the program too")
    group: str = Field(description="one of the tier's")
    level: int = Field(ge=1, le=5, description="of difficulty")
    text: str = Field(min_length=1, description="what is asked, in words")
    duration_s: float = Field(gt=0, le=60, description="length of the clip; else the tier's")
    truth: Truth = Field(description="what must be heard, of the tier's kind")


# --- what happened -------------------------------------------------------------------------------


class Message(Record):
    """Something that was said to a model, kept once however often it was said."""

    digest: str = Field(description="SHA-256 of the text")
    text: str = Field(description="what was said, whole")


class Extraction(Record):
    """How a program was taken out of a reply."""

    how: Literal["fenced", "extended", "joined", "bare"] = Field(
        description="what it took; see docs/replies.md"
    )
    block: int = Field(default=1, ge=1, description="it ended with, of those that could hold it")
    blocks: int = Field(default=1, ge=1, description="that could hold it")

    @property
    def words(self) -> str:
        """It in words, for people."""
        return self.how if self.blocks == 1 else f"{self.how}, block {self.block} of {self.blocks}"


class Completion(Record):
    """A model's raw reply to one turn of an attempt, or why there is none."""

    prompt: str = Field(description="its id")
    sample: int = Field(ge=0, description="number of the attempt, from 0")
    turn: int = Field(default=0, ge=0, description="of the talk, from 0")
    sent: str | None = Field(
        default=None, description="digest of the `Message` it answers; None: the tier's own words"
    )
    open: bool = Field(
        default=False, description="a turn of a longer talk; an `Answer` says which of them count"
    )
    outcome: Outcome = Field(description="ok, refused, or a failure of the service")
    text: str = Field(default="", description="the reply, verbatim and whole")
    extraction: Extraction | None = Field(
        default=None, description="how its program was found; None: no program, or an old log"
    )
    finish_reason: str | None = Field(default=None, description="stop, length or refusal")
    model_returned: str | None = Field(default=None, description="the model the service says it is")
    usage: dict[str, Any] | None = Field(default=None, description="token counts as reported")
    latency_s: float = Field(ge=0, description="of the try that answered")
    request_id: str | None = Field(default=None, description="as the service names it")
    error: str | None = Field(default=None, description="why there is no reply")
    tries: int = Field(default=1, ge=1, description="until there was an answer")
    discarded: tuple[dict[str, Any], ...] = Field(
        default=(), description="usage of tries that were billed and gave no reply"
    )
    from_cache: bool = Field(default=False, description="given again without asking the service")

    @property
    def failure(self) -> str | None:
        """The kind of `error`, by which reasons are counted: what stands before its details."""
        if self.error is None:
            return None
        return re.sub(r"^gave up after \d+ tr(y|ies): ", "", self.error).partition(": ")[0]


class Part(Record):
    """A turn whose program sounds in the answer, and when."""

    turn: int = Field(ge=0, description="whose program it is")
    onset_s: float = Field(default=0.0, ge=0, description="where it begins in the clip")
    duration_s: float | None = Field(default=None, gt=0, description="None: as long as was asked")


class Hearing(Record):
    """What came of programs that ran on the way to an answer, as the model was told it."""

    prompt: str = Field(description="its id")
    sample: int = Field(ge=0, description="number of the attempt, from 0")
    parts: tuple[Part, ...] = Field(min_length=1, description="whose programs ran")
    outcome: Outcome = Field(description="how it ended")
    detail: str | None = Field(default=None, description="which limit, signal or exception")
    stderr_tail: str = Field(default="", description="end of what the program said on it")
    description: str = Field(default="", description="of the audio, where it was asked for")


class Answer(Record):
    """Which of an attempt's turns are the model's answer, where a strategy chose."""

    prompt: str = Field(description="its id")
    sample: int = Field(ge=0, description="number of the attempt, from 0")
    parts: tuple[Part, ...] = Field(min_length=1, description="that sound in it")
    judge: str | None = Field(default=None, description="who chose among several, if any")
    judged: tuple[float, ...] = Field(default=(), description="what it gave each candidate")


class Rendering(Record):
    """What came out of one attempt: audio, or the reason why not."""

    prompt: str = Field(description="its id")
    sample: int = Field(ge=0, description="number of the attempt, from 0")
    outcome: Outcome = Field(description="how it ended")
    detail: str | None = Field(default=None, description="which limit, signal or exception")
    notes: tuple[str, ...] = Field(default=(), description="conversions that were applied")
    program_sha256: str | None = Field(
        default=None, description="of the program; of several, of their digests in order"
    )
    audio_sha256: str | None = Field(default=None, description="of the 16-bit PCM samples")
    repeatable: bool | None = Field(
        default=None, description="whether a second rendering gave the same samples, if tried"
    )
    exit_code: int | None = Field(default=None, description="of the program, if it exited")
    signal: int | None = Field(default=None, description="that ended the program, if one did")
    cpu_s: float = Field(default=0.0, ge=0, description="time on the processor")
    wall_s: float = Field(default=0.0, ge=0, description="time on the clock")
    peak_memory_bytes: int = Field(default=0, ge=0, description="the most at once")
    stderr_tail: str = Field(default="", description="end of what the program said on it")


class Score(Record):
    """One value of one metric, for a clip or, with `prompt` None, for the whole set."""

    prompt: str | None = Field(description="its id; None: the whole set")
    sample: int = Field(default=0, ge=0, description="number of the attempt, from 0")
    metric: str = Field(description="its name")
    version: str = Field(description="of the metric, then the embedder, then the recordings")
    value: float = Field(description="in the metric's unit")
    extras: dict[str, Any] = Field(default_factory=dict, description="what else was found")


# --- what a run is -------------------------------------------------------------------------------

ModelKind = Literal["language model", "generator", "engine", "programs", "control"]


class Place(Record):
    """Where a prompt stands in its tier."""

    group: str = Field(description="one of the tier's")
    level: int = Field(ge=1, le=5, description="of difficulty")


class Spec(Record):
    """What makes two runs the same run; a folder holds one of them."""

    tier: str = Field(description="its name")
    tier_digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    prompt_digest: str = Field(description="SHA-256 over every opening, and all that is said later")
    model: str = Field(description="name of the door, or the one given to it")
    kind: ModelKind = Field(description="what is probed")
    strategy: str = Field(description="how it is asked, with its settings: direct, repair:3, …")
    language: str = Field(
        description="what programs are written in, a name of `probe.records.languages`"
    )
    settings: dict[str, Any] = Field(description="whatever changes the answers")
    metrics: tuple[str, ...] = Field(description="the tier's, in the order of the board")
    primary_metric: str = Field(description="models are ranked by")
    prompts: dict[str, Place] = Field(min_length=1, description="by id, in the tier's order")
    samples: int = Field(ge=1, description="attempts a prompt")
    image: str | None = Field(description="content id of the sandbox image, None without programs")

    @property
    def row(self) -> str:
        """Name on the board: the model, and how it is asked where that is not the plain way."""
        unlike = [
            asked
            for asked, plain in ((self.strategy, "direct"), (self.language, "python"))
            if asked != plain
        ]
        return "+".join([self.model, *unlike])


class Run(Record):
    """One model on one tier: what was asked for, and where it ran."""

    schema_version: Annotated[int, Field(ge=1, description="of the folder's format")] = SCHEMA
    spec: Spec = Field(description="what was asked for")
    sandbox: str | None = Field(description="engine and version that ran the programs")
    packages: dict[str, str] = Field(description="versions of what renders and measures")
    git_revision: str | None = Field(description="of probe's source, None when installed")
    started: str = Field(description="UTC, ISO 8601")
    options: dict[str, Any] = Field(
        default={}, description="flags it was asked with that `spec` does not say"
    )


class Accepted(Record):
    """That a run was closed with attempts missing: it is shown, and not ranked."""

    date: str = Field(description="UTC, ISO 8601")
    missing: int = Field(ge=1, description="attempts that nobody waits for; more make it void")
    reasons: dict[str, int] = Field(description="why replies are missing, by kind")


class Verification(Record):
    """Whether a run's audio and scores came out again when they were made anew."""

    date: str = Field(description="UTC, ISO 8601")
    probe: str = Field(description="version that made them anew")
    image: str | None = Field(description="content id of the image programs ran on this time")
    other_source: str | None = Field(
        description="how image or engine differ from the run's, None where they do not"
    )
    audio_digest: str = Field(description="of the clips it is about; another one makes it void")
    clips: int = Field(ge=0, description="attempts that were made anew")
    close: int = Field(ge=0, description="of these, not identical but within 1 LSB")
    by_score: bool = Field(
        default=False,
        description="clips with other samples count by their scores: image or engine were others",
    )
    differ: dict[str, str] = Field(description="`<prompt>.<sample>` to how it came out")
    scores: int = Field(ge=0, description="values that were measured anew")
    scores_differ: dict[str, str] = Field(description="`<prompt>.<sample> <metric>` to both values")

    @property
    def reproduces(self) -> bool:
        """Whether every clip and every score came out again."""
        return not self.differ and not self.scores_differ
