"""Read and check a tier: a folder of data that says what is asked and how it is measured.

::

    tiers/<name>/tier.toml       what a `Tier` record holds, less the digest
                 prompt.md       the words around each prompt
                 prompts.jsonl   one `Prompt` a line
                 programs/       <prompt id>.py, written by hand: the ceiling of code
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from probe.errors import UsageError, unknown
from probe.metrics import METRICS
from probe.paths import data_folder
from probe.prompting import check_template
from probe.records import Prompt, Tier
from probe.truths import KINDS

R = TypeVar("R", bound=BaseModel)

_ASKED = ("tier.toml", "prompt.md", "prompts.jsonl")


@dataclass(frozen=True)
class LoadedTier:
    """A tier that has been read and checked."""

    tier: Tier
    prompts: tuple[Prompt, ...]
    template: str
    folder: Path


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
    folder = _folder(name)
    tier = _read_tier(folder)
    template = _read(folder / "prompt.md")
    try:
        check_template(template)
    except UsageError as error:
        raise UsageError(f"{folder.name}/prompt.md: {error}") from None
    prompts = _read_prompts(folder / "prompts.jsonl", tier)
    return LoadedTier(tier=tier, prompts=prompts, template=template, folder=folder)


def _folder(name: str) -> Path:
    if name in names():
        return data_folder("tiers") / name
    if (Path(name) / "tier.toml").is_file():
        return Path(name)
    raise UsageError(unknown("tier", name, names()))


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path.parent.name}/{path.name} cannot be read: {error}") from None


def _read_tier(folder: Path) -> Tier:
    where = f"{folder.name}/tier.toml"
    try:
        data = tomllib.loads(_read(folder / "tier.toml"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where}: {error}") from None
    if "digest" in data:
        raise UsageError(f"{where}: the digest is computed, not written")
    tier = _parse(Tier, data | {"digest": _digest(folder)}, where)
    for metric in tier.metrics:
        if metric not in METRICS:
            raise UsageError(f"{where}: {unknown('metric', metric, METRICS)}")
    if tier.primary_metric not in tier.metrics:
        raise UsageError(f"{where}: {unknown('primary metric', tier.primary_metric, tier.metrics)}")
    if METRICS[tier.primary_metric].scope != "clip":
        raise UsageError(f"{where}: the primary metric must be one that is measured per clip")
    return tier


def _digest(folder: Path) -> str:
    """SHA-256 over the files that say what is asked; the programs are not among them."""
    digest = hashlib.sha256()
    for name in _ASKED:
        data = _read(folder / name).encode()
        digest.update(f"{name} {len(data)}\n".encode())
        digest.update(data)
    return digest.hexdigest()


def _read_prompts(path: Path, tier: Tier) -> tuple[Prompt, ...]:
    prompts: dict[str, Prompt] = {}
    for number, line in enumerate(_read(path).splitlines(), start=1):
        where = f"{path.parent.name}/{path.name} line {number}"
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            raise UsageError(f"{where}: not JSON ({error})") from None
        if not isinstance(data, dict):
            raise UsageError(f"{where}: a prompt is a JSON object")
        if isinstance(data.get("truth"), dict):
            data["truth"] = _parse(KINDS[tier.truth], data["truth"], where, "truth.")
        prompt = _parse(Prompt, {"duration_s": tier.duration_s} | data, where)
        if prompt.id in prompts:
            raise UsageError(f"{where}: the id {prompt.id!r} is taken by an earlier line")
        _check_prompt(prompt, tier, where)
        prompts[prompt.id] = prompt
    if not prompts:
        raise UsageError(f"{path.parent.name}/{path.name} holds no prompt")
    return tuple(prompts.values())


def _check_prompt(prompt: Prompt, tier: Tier, where: str) -> None:
    if prompt.group not in tier.groups:
        raise UsageError(f"{where}: {unknown('group', prompt.group, tier.groups)}")
    if fault := prompt.truth.misfit(prompt.duration_s):
        raise UsageError(
            f"{where}: {fault}, the clip of {prompt.id!r} ends at {prompt.duration_s:g} s"
        )


def _parse(kind: type[R], data: dict[str, Any], where: str, parent: str = "") -> R:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        raise UsageError(f"{where}: {_first_fault(kind, error, parent)}") from None


def _first_fault(kind: type[BaseModel], error: ValidationError, parent: str) -> str:
    """Say the first thing that is wrong, with the closest match when it is an unknown field."""
    fault = error.errors()[0]
    path = ".".join(str(part) for part in fault["loc"])
    if fault["type"] != "extra_forbidden":
        return f"{parent}{path}: {fault['msg']}" if path else f"{parent[:-1]}: {fault['msg']}"
    *parents, name = fault["loc"]
    inside = (parent + ".".join(map(str, parents))).rstrip(".")
    return unknown("field", str(name), _fields(kind, parents)) + (
        f" (in {inside})" if inside else ""
    )


def _fields(kind: type[BaseModel], parents: list[str | int]) -> list[str]:
    """Field names of the record that is reached from `kind` along `parents`."""
    for part in parents:
        if isinstance(part, int):
            continue
        annotation = kind.model_fields[part].annotation
        inner = next(iter(getattr(annotation, "__args__", ())), annotation)
        if not (isinstance(inner, type) and issubclass(inner, BaseModel)):
            return []
        kind = inner
    return list(kind.model_fields)
