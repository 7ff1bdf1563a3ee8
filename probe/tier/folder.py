"""Read and check a tier: a folder of data that says what is asked and how it is measured.

::

    tiers/<name>/tier.toml       what a `Tier` record holds, less the digest
                 prompt.md       the words around each prompt; prompt.csound.md those for Csound
                 prompts.jsonl   one `Prompt` a line
                 programs/       <prompt id>.py, written by hand: the ceiling of code

Reading goes on after a fault, so that all of them can be told at once.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from probe.errors import UsageError, unknown
from probe.paths import data_folder
from probe.records import Prompt, Tier
from probe.records.languages import LANGUAGES
from probe.records.metrics import OF_TRUTH, Metric, about
from probe.records.truths import KINDS
from probe.tier.template import check_template

R = TypeVar("R", bound=BaseModel)

_ASKED = ("tier.toml", "prompt.md", "prompts.jsonl")


@dataclass(frozen=True)
class LoadedTier:
    """A tier that has been read and checked."""

    tier: Tier
    prompts: tuple[Prompt, ...]
    templates: Mapping[str, str]
    """The words around each prompt, by file name; ``prompt.md`` for Python."""
    folder: Path


@dataclass(frozen=True)
class Said:
    """What a line of prompts.jsonl says of itself, whatever else is wrong with it."""

    line: int
    id: str | None = None
    group: str | None = None
    text: str | None = None


@dataclass
class Reading:
    """What a tier's files say, and everything that is wrong with them."""

    folder: Path
    faults: list[str] = field(default_factory=list)
    """One line each: file, line of prompts.jsonl, and what is wrong."""
    loaded: LoadedTier | None = None
    """None when there are faults."""
    groups: tuple[str, ...] = ()
    """Those that tier.toml names."""
    prompts: list[Prompt] = field(default_factory=list)
    """Those with nothing wrong in them."""
    said: list[Said] = field(default_factory=list)
    """Every line of prompts.jsonl."""
    lines: dict[str, int] = field(default_factory=dict)
    """Where in prompts.jsonl each id stands first."""

    def where(self, name: str, line: int | None = None) -> str:
        """Name a place in one of the files."""
        return f"{self.folder.name}/{name}" + (f" line {line}" if line else "")

    def text(self, name: str) -> str | None:
        """Read a file; one that cannot be read is a fault."""
        try:
            return (self.folder / name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self.faults.append(f"{self.where(name)} cannot be read: {error}")
            return None


def names() -> list[str]:
    """Names of the tiers that come with probe."""
    return sorted(path.parent.name for path in data_folder("tiers").glob("*/tier.toml"))


def load(name: str) -> LoadedTier:
    """Read one tier and check all of it.

    Parameters
    ----------
    name : str
        A tier that comes with probe, or the path of a folder that holds a ``tier.toml``.

    Raises
    ------
    UsageError
        The tier does not exist, or something in its files does not make sense; the message names
        the file and, where there is one, the line.
    """
    found = read(name)
    if found.loaded is None:
        more = len(found.faults) - 1
        rest = f" (and {more} more; `probe tiers validate {name}` tells all)" if more else ""
        raise UsageError(found.faults[0] + rest)
    return found.loaded


def read(name: str) -> Reading:
    """Read one tier and collect everything that is wrong with what it asks.

    Raises
    ------
    UsageError
        The tier does not exist.
    """
    found = Reading(_folder(name))
    others = sorted(path.name for path in found.folder.glob("prompt.*.md"))
    texts = {name: found.text(name) for name in (*_ASKED, *others)}
    raw, tier = _read_tier(found, texts)
    frame = _Frame.of(raw)
    found.groups = tuple(frame.groups or ())
    templates = {name: texts[name] or "" for name in ("prompt.md", *others)}
    for name in templates:
        _check_words(found, name, texts[name])
    _read_prompts(found, texts["prompts.jsonl"], frame)
    _check_primary(found, raw.get("primary_metric"))
    if not found.faults and tier is not None:
        found.loaded = LoadedTier(tier, tuple(found.prompts), templates, found.folder)
    return found


def _folder(name: str) -> Path:
    if name in names():
        return data_folder("tiers") / name
    if (Path(name) / "tier.toml").is_file():
        return Path(name)
    raise UsageError(unknown("tier", name, names()))


# --- what a tier has ------------------------------------------------------------------------------


def asked_by(prompt: Prompt, metric: Metric) -> bool:
    """Whether a prompt's truth has what a metric is measured against."""
    return metric.asks is None or bool(getattr(prompt.truth, metric.asks, None))


def programs_of(loaded: LoadedTier) -> dict[str, Path]:
    """The hand-written programs that are there, by prompt, in the tier's order."""
    paths = {prompt.id: loaded.folder / "programs" / f"{prompt.id}.py" for prompt in loaded.prompts}
    return {prompt: path for prompt, path in paths.items() if path.is_file()}


def programs_sha256(loaded: LoadedTier) -> str:
    """SHA-256 over the hand-written programs, which the tier's digest leaves out."""
    digest = hashlib.sha256()
    for prompt, path in programs_of(loaded).items():
        digest.update(f"{prompt} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


# --- tier.toml and prompt.md ---------------------------------------------------------------------


def _read_tier(found: Reading, texts: dict[str, str | None]) -> tuple[dict[str, Any], Tier | None]:
    """The table as it stands, and the record when nothing in it is wrong."""
    text = texts["tier.toml"]
    if text is None:
        return {}, None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found.faults.append(f"{found.where('tier.toml')}: {error}")
        return {}, None
    faults = ["the digest is computed, not written"] if "digest" in raw else []
    tier, wrong = _parse(Tier, raw | {"digest": _digest(texts)})
    faults += [message for message, _ in wrong]
    metrics, languages = _names_in(raw.get("metrics")), _names_in(raw.get("languages"))
    faults += filter(None, (_metric_problem(name, raw.get("truth")) for name in metrics))
    faults += filter(None, (_language_problem(name, texts) for name in languages))
    primary = raw.get("primary_metric")
    if isinstance(primary, str) and metrics and primary not in metrics:
        faults.append(unknown("primary metric", primary, metrics))
    found.faults += [f"{found.where('tier.toml')}: {fault}" for fault in faults]
    return raw, tier


def _names_in(value: Any) -> list[str]:
    """The names in a field that should be a list of them."""
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _metric_problem(name: str, kind: Any) -> str | None:
    """Why a tier with truths of `kind` cannot have a metric, or None."""
    try:
        about(name)
    except UsageError as error:
        return str(error)
    for other in KINDS if isinstance(kind, str) and kind in KINDS else ():
        if other != kind and name in {metric.name for metric in OF_TRUTH[other]}:
            return f"the metric {name!r} is for truths of kind {other!r}, this tier's are {kind!r}"
    return None


def _language_problem(name: str, texts: Mapping[str, str | None]) -> str | None:
    """Why a tier with these files cannot ask for a language, or None."""
    if name not in LANGUAGES:
        return unknown("language", name, LANGUAGES)
    template = LANGUAGES[name].template
    return None if template in texts else f"the language {name!r} needs a file {template}"


def _check_primary(found: Reading, name: Any) -> None:
    """The metric that models are ranked by must give every clip a value of its own."""
    try:
        metric = about(name if isinstance(name, str) else "")
    except UsageError:
        return
    where = found.where("tier.toml")
    if metric.scope != "clip":
        found.faults.append(f"{where}: the primary metric must be one that is measured per clip")
    if metric.needs:
        found.faults.append(f"{where}: the primary metric must not need {metric.needs}")
    for prompt in found.prompts:
        if not metric.applies_to(prompt):
            line = found.where("prompts.jsonl", found.lines[prompt.id])
            found.faults.append(
                f"{line}: the primary metric {metric.name!r} needs"
                f" {metric.asks!r}, which the truth of {prompt.id!r} leaves out"
            )


def _check_words(found: Reading, name: str, text: str | None) -> None:
    if text is None:
        return
    try:
        check_template(text)
    except UsageError as error:
        found.faults.append(f"{found.where(name)}: {error}")


def _digest(texts: dict[str, str | None]) -> str:
    """SHA-256 over the files that say what is asked; the programs are not among them."""
    digest = hashlib.sha256()
    for name, text in texts.items():
        data = (text or "").encode()
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


# --- prompts.jsonl -------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Frame:
    """What a prompt is checked against; None where tier.toml does not say it rightly."""

    truth: str | None
    groups: Sequence[str] | None
    duration_s: float | None

    @classmethod
    def of(cls, raw: dict[str, Any]) -> _Frame:
        truth, groups, duration = (raw.get(k) for k in ("truth", "groups", "duration_s"))
        number = float(duration) if isinstance(duration, int | float) else 0.0
        return cls(
            truth=truth if isinstance(truth, str) and truth in KINDS else None,
            groups=tuple(groups) if isinstance(groups, dict) else None,
            duration_s=number if 0 < number <= 60 else None,
        )


def _read_prompts(found: Reading, text: str | None, frame: _Frame) -> None:
    if text is None:
        return
    if not text.strip():
        found.faults.append(f"{found.where('prompts.jsonl')} holds no prompt")
    for number, line in enumerate(text.removesuffix("\n").split("\n") if text else (), start=1):
        try:
            data = json.loads(line, object_pairs_hook=_each_key_once)
        except json.JSONDecodeError as error:
            faults, prompt, said = [f"not JSON ({error})"], None, Said(number)
        except (ValueError, RecursionError) as error:
            faults, prompt, said = [str(error)], None, Said(number)
        else:
            faults, prompt = _read_prompt(data, frame)
            said = _said(number, data)
        found.said.append(said)
        if said.id is not None:
            if said.id in found.lines:
                faults.append(f"the id {said.id!r} is taken by line {found.lines[said.id]}")
            found.lines.setdefault(said.id, number)
        where = found.where("prompts.jsonl", number)
        found.faults += [f"{where}: {fault}" for fault in faults]
        if prompt is not None and not faults:
            found.prompts.append(prompt)


def _said(line: int, data: Any) -> Said:
    fields = data if isinstance(data, dict) else {}
    names = {key: fields.get(key) for key in ("id", "group", "text")}
    return Said(line, **{key: value for key, value in names.items() if isinstance(value, str)})


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the field {twice!r} is there twice")
    return table


def _read_prompt(data: Any, frame: _Frame) -> tuple[list[str], Prompt | None]:
    """Everything that is wrong with a line, and its prompt unless it cannot be made one."""
    if not isinstance(data, dict):
        return ["a prompt is a JSON object"], None
    faults: list[str] = []
    truth_is_wrong = False
    if isinstance(data.get("truth"), dict) and frame.truth is not None:
        truth, wrong = _parse(KINDS[frame.truth], data["truth"], "truth")
        faults += [message for message, _ in wrong]
        truth_is_wrong = truth is None
        data = data | {"truth": truth}
    if frame.duration_s is not None:
        data = {"duration_s": frame.duration_s} | data
    prompt, wrong = _parse(Prompt, data)
    for message, keys in wrong:
        unknowable = keys[:1] == ("duration_s",) and "duration_s" not in data
        if not (unknowable or (keys[:1] == ("truth",) and (truth_is_wrong or not frame.truth))):
            faults.append(message)
    group = data.get("group")
    if frame.groups is not None and isinstance(group, str) and group not in frame.groups:
        faults.append(unknown("group", group, frame.groups))
    if prompt is not None and (fault := prompt.truth.misfit(prompt.duration_s)):
        faults.append(f"{fault}, the clip of {prompt.id!r} ends at {prompt.duration_s:g} s")
    return faults, prompt


# --- records -------------------------------------------------------------------------------------

Place = tuple[str | int, ...]
"""Keys and indices that lead to a field."""


def _parse(
    kind: type[R], data: dict[str, Any], parent: str = ""
) -> tuple[R | None, list[tuple[str, Place]]]:
    """The record, or what is wrong with each field of it and where in `data` that stands."""
    try:
        return kind.model_validate(data), []
    except ValidationError as error:
        faults = [(_fault(kind, dict(one), parent), one["loc"]) for one in error.errors()]
        return None, faults


def _fault(kind: type[BaseModel], fault: dict[str, Any], parent: str) -> str:
    """Say what is wrong with a field, with the closest match when it is an unknown one."""
    path = ".".join(str(part) for part in ((parent,) if parent else ()) + fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] != "extra_forbidden":
        return f"{path}: {message}" if path else message
    *parents, name = fault["loc"]
    inside = path.rpartition(".")[0]
    return unknown("field", str(name), _fields(kind, parents)) + (
        f" (in {inside})" if inside else ""
    )


def _fields(kind: type[BaseModel], parents: Sequence[str | int]) -> list[str]:
    """Field names of the record that is reached from `kind` along `parents`."""
    for part in parents:
        if isinstance(part, int):
            continue
        if part not in kind.model_fields:
            return []
        inner = _record_in(kind.model_fields[part].annotation)
        if inner is None:
            return []
        kind = inner
    return list(kind.model_fields)


def _record_in(annotation: Any) -> type[BaseModel] | None:
    """The one kind of record that a field holds, alone, in a tuple or optional."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_record_in(part) for part in getattr(annotation, "__args__", ()))
    return next((record for record in inner if record is not None), None)
