"""The whole vocabulary of a run, on one page.

Records are frozen, refuse unknown fields and refuse non-finite numbers. They know nothing of how
they are made or stored. Times are seconds, sizes are bytes, sample rates are hertz.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field

from probe.record import Record
from probe.truths import NoteEvent, NotesTruth, SoundEvent, SoundsTruth, SpeechTruth, Truth

__all__ = [
    "SCHEMA",
    "Completion",
    "Limits",
    "ModelKind",
    "NoteEvent",
    "NotesTruth",
    "Outcome",
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

    wall_s: float = Field(default=30.0, gt=0, le=600)
    cpu_s: float = Field(default=10.0, gt=0, le=600)
    memory_bytes: int = Field(default=512 << 20, ge=32 << 20)
    processes: int = Field(default=64, ge=4, le=4096)
    audio_bytes: int = Field(default=24 << 20, ge=1 << 10, le=30 << 20)
    text_bytes: int = Field(default=64 << 10, ge=1 << 10, le=1 << 20)
    length_tolerance_s: float = Field(default=0.25, ge=0)
    reply_tokens: int = Field(default=16384, ge=256)


class Tier(Record):
    """A folder of prompts that are measured the same way."""

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: str
    title: str
    digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    duration_s: float = Field(gt=0, le=60, description="length of a clip that names none")
    sample_rate: int = Field(ge=8000, le=192_000)
    languages: tuple[str, ...] = Field(min_length=1)
    truth: Literal["notes", "sounds", "speech"] = Field(description="kind of its prompts' truths")
    groups: dict[str, str] = Field(description="name to one line of description, in order")
    metrics: tuple[str, ...] = Field(min_length=1)
    primary_metric: str
    limits: Limits


class Prompt(Record):
    """One thing a model is asked to make audible."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    group: str
    level: int = Field(ge=1, le=5)
    text: str = Field(min_length=1)
    duration_s: float = Field(gt=0, le=60)
    truth: Truth


# --- what happened -------------------------------------------------------------------------------


class Completion(Record):
    """A model's raw reply to one prompt, or why there is none."""

    prompt: str
    sample: int = Field(ge=0)
    outcome: Outcome
    text: str = Field(default="", description="the reply, verbatim and whole")
    finish_reason: str | None = Field(default=None, description="stop, length or refusal")
    model_returned: str | None = Field(default=None, description="the model the service says it is")
    usage: dict[str, Any] | None = Field(default=None, description="token counts as reported")
    latency_s: float = Field(ge=0)
    request_id: str | None = None
    error: str | None = None


class Rendering(Record):
    """What came out of one attempt: audio, or the reason why not."""

    prompt: str
    sample: int = Field(ge=0)
    outcome: Outcome
    detail: str | None = None
    notes: tuple[str, ...] = Field(default=(), description="conversions that were applied")
    program_sha256: str | None = None
    audio_sha256: str | None = Field(default=None, description="of the 16-bit PCM samples")
    repeatable: bool | None = Field(
        default=None, description="whether a second rendering gave the same samples, if tried"
    )
    exit_code: int | None = None
    signal: int | None = None
    cpu_s: float = Field(default=0.0, ge=0)
    wall_s: float = Field(default=0.0, ge=0)
    peak_memory_bytes: int = Field(default=0, ge=0)
    stderr_tail: str = ""


class Score(Record):
    """One value of one metric, for a clip or, with `prompt` None, for the whole set."""

    prompt: str | None
    sample: int = Field(default=0, ge=0)
    metric: str
    version: str
    value: float
    extras: dict[str, Any] = Field(default_factory=dict)


# --- what a run is -------------------------------------------------------------------------------

ModelKind = Literal["language model", "generator", "engine", "programs", "control"]


class Place(Record):
    """Where a prompt stands in its tier."""

    group: str
    level: int = Field(ge=1, le=5)


class Spec(Record):
    """What makes two runs the same run; a folder holds one of them."""

    tier: str
    tier_digest: str
    prompt_digest: str = Field(description="SHA-256 over every text sent")
    model: str
    kind: ModelKind
    settings: dict[str, Any]
    metrics: tuple[str, ...]
    primary_metric: str
    prompts: dict[str, Place] = Field(min_length=1, description="by id, in the tier's order")
    samples: int = Field(ge=1)
    image: str | None = Field(description="content id of the sandbox image, None without programs")


class Run(Record):
    """One model on one tier: what was asked for, and where it ran."""

    schema_version: Annotated[int, Field(ge=1)] = SCHEMA
    spec: Spec
    sandbox: str | None = Field(description="engine and version that ran the programs")
    packages: dict[str, str]
    git_revision: str | None
    started: str = Field(description="UTC, ISO 8601")
