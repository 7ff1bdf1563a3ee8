"""What the pages are given: a record for every chunk, and so one schema for both sides.

Who writes a chunk makes its record, which checks it; the tests hold what the pages read against
the JSON schema of the same records.

::

    data/board.js              BoardPage
         <tier>/_index.js      TierIndex
         <tier>/<prompt>.js    PromptPage
"""

from __future__ import annotations

from pydantic import Field

from probe.board.entries import Estimate, Spent
from probe.board.leaderboard import Places
from probe.board.published import Figures
from probe.models.usage import Tokens
from probe.records import ModelKind
from probe.records.record import Record

# --- the leaderboard -----------------------------------------------------------------------------


class MetricColumn(Record):
    """A metric of a tier."""

    name: str = Field(description="with its embedder")
    unit: str = Field(description="empty for a ratio")
    higher: bool = Field(description="whether that is better")
    about: str = Field(description="one line")


class Group(Record):
    """A group of prompts."""

    name: str = Field(description="as the tier has it")
    about: str = Field(description="empty where this version of the tier is not known here")


class Scored(Record):
    """One metric of one run."""

    all_attempts: Estimate = Field(description="a failed attempt takes the floor")
    valid_only: Estimate | None = Field(description="None where no attempt is valid")


class RunRow(Record):
    """A run on the board, and how it was made."""

    key: str = Field(description="in addresses")
    model: str = Field(description="name on the board")
    model_version: str = Field(description="what answered; empty where nobody says")
    kind: ModelKind = Field(description="what was probed")
    prompts: int = Field(description="that were asked")
    samples: int = Field(description="attempts a prompt")
    marks: tuple[str, ...] = Field(
        description="why it is not held against the others, such as ``3 of 125 prompts``"
    )
    rendered: float = Field(description="share of the attempts that gave valid audio")
    reproduces: bool | None = Field(description="what `probe verify` found; None: nobody looked")
    main: Estimate | None = Field(
        description="primary metric over all attempts; None where it was never measured"
    )
    scores: dict[str, Scored] = Field(description="by metric")
    groups: dict[str, Estimate] = Field(description="primary metric, by group")
    levels: dict[str, Estimate] = Field(description="primary metric, by level")
    ranks: Places | None = Field(description="None where it is not ranked")
    funnel: tuple[int, ...] = Field(description="attempts that came to each stage")
    spent: Spent | None = Field(description="None for what nobody is asked for")
    date: str = Field(description="when it began, UTC")
    command: str = Field(description="that makes it again")
    strategy: str = Field(description="how it was asked")
    language: str = Field(description="of the programs")
    settings: str = Field(description="as JSON")
    sandbox: str = Field(description="empty: no programs")
    image: str | None = Field(description="content id of the sandbox image")
    started: str = Field(description="ISO 8601")
    revision: str = Field(description="of probe's source; empty where it is not known")


class TierBoard(Record):
    """The board of one version of one tier."""

    key: str = Field(description="in addresses")
    title: str = Field(description="of the tier")
    version: str | None = Field(description="None where it is not known here")
    digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    primary: str = Field(description="metric that models are ranked by")
    metrics: tuple[MetricColumn, ...] = Field(description="the primary one first")
    groups: tuple[Group, ...] = Field(description="in the tier's order")
    levels: tuple[str, ...] = Field(description="from easy to hard")
    whole: int = Field(description="the most prompts that any run was asked")
    faults: tuple[str, ...] = Field(description="controls that are out of order")
    not_comparable: tuple[str, ...] = Field(description="what must not be compared, and why")
    smallest_difference: float | None = Field(description="that two models show")
    runs: tuple[RunRow, ...] = Field(description="best first, incomplete ones last")


class BoardPage(Record):
    """The first page, and all that every page needs."""

    funnel: tuple[str, ...] = Field(description="stages an attempt can come to")
    tiers: tuple[TierBoard, ...] = Field(description="one for each version of each tier")
    published: tuple[Figures, ...] = Field(description="what others reported")


# --- a tier --------------------------------------------------------------------------------------


class PromptLine(Record):
    """A prompt in a list."""

    key: str = Field(description="in addresses")
    id: str = Field(description="as the tier has it")
    group: str = Field(description="of the prompt")
    level: int = Field(description="of difficulty")
    text: str = Field(description="empty where this version of the tier is not known here")


class TierIndex(Record):
    """Every prompt of a tier, and how every run did on it."""

    prompts: tuple[PromptLine, ...] = Field(description="in the tier's order")
    scores: dict[str, tuple[float | None, ...]] = Field(
        description="primary metric by run and place of the prompt"
    )
    outcomes: dict[str, tuple[str | None, ...]] = Field(
        description="the worst of the attempts; None where the prompt was not asked"
    )


# --- a prompt ------------------------------------------------------------------------------------


class Clip(Record):
    """Audio that can be played, and its pictures in words."""

    key: str = Field(description="name of the files")
    seconds: float = Field(description="its length")
    rate: int = Field(description="in Hz")
    lufs: float | None = Field(description="None for what is too soft to have a loudness")
    gain_db: float = Field(description="that brought it to the site's loudness")
    outline: tuple[int, ...] = Field(description="least and most, in percent of the peak")
    same: bool = Field(description="whether these are the samples that were measured")
    peak_db: float | None = Field(description="dBFS; None for silence, as are the next three")
    from_s: float | None = Field(description="where something is first heard")
    to_s: float | None = Field(description="and last")
    centre_hz: float | None = Field(description="of the spectrum")


class Heard(Record):
    """The sound of an attempt; neither where the attempt has none."""

    clip: Clip | None = Field(default=None, description="to be played")
    silent: str | None = Field(default=None, description="why the site lacks the audio there was")


class Turn(Record):
    """What was said and replied."""

    said: str | None = Field(description="None where it is the prompt itself")
    reply: str = Field(description="all of it")
    finish: str = Field(description="how the reply ended, in the service's words")
    error: str = Field(description="why there is no reply")
    model: str = Field(description="as the service says")


class Program(Record):
    """A program: a stretch of a turn's reply, or else its text."""

    turn: int | None = Field(default=None, description="which reply it stands in")
    at: int = Field(default=0, description="where it begins there")
    length: int = Field(default=0, description="in characters")
    text: str | None = Field(default=None, description="where it stands in none")


class Rendered(Record):
    """How an attempt's program ran, and what it left."""

    detail: str = Field(default="", description="why it failed")
    notes: tuple[str, ...] = Field(default=(), description="conversions")
    stderr: str = Field(default="", description="its end")
    cpu_s: float | None = Field(default=None, description="of a processor")
    wall_s: float | None = Field(default=None, description="on the clock")
    memory: int | None = Field(default=None, description="at most, in bytes")
    exit: int | None = Field(default=None, description="the program's exit code")
    signal: int | None = Field(default=None, description="that ended it")
    repeatable: bool | None = Field(default=None, description="whether a second time gave the same")
    audio_sha256: str = Field(default="", description="of the samples")


class AttemptShown(Heard, Rendered):
    """Everything about one attempt."""

    outcome: str = Field(description="what became of it")
    scores: tuple[tuple[str, float, str], ...] = Field(description="metric, value, what else")
    turns: tuple[Turn, ...] = Field(description="empty where nobody was asked")
    programs: tuple[Program, ...] = Field(description="in their order")
    tokens: Tokens | None = Field(description="of all turns; None where the service does not say")
    dollars: float | None = Field(description="None where the price is unknown")
    latency_s: float | None = Field(description="of all turns")
    again: str | None = Field(description="command that renders it again; None: no program")


class RunOfPrompt(Record):
    """A run's attempts at a prompt."""

    run: str = Field(description="its key")
    samples: tuple[AttemptShown, ...] = Field(description="in their order")


class PromptPage(Record):
    """Everything about one prompt."""

    message: str | None = Field(description="as it was sent")
    seconds: float | None = Field(description="asked for")
    truth: str | None = Field(description="what must be heard, as JSON")
    runs: tuple[RunOfPrompt, ...] = Field(description="that were asked it")


Page = BoardPage | TierIndex | PromptPage
"""What a chunk may hold."""
