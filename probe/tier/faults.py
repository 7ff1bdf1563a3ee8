"""What can be said about a tier's folder beyond whether it can be read: for who writes one.

A fault is wrong whatever was meant; a remark is worth a look, and may be right.
"""

from __future__ import annotations

import ast
import difflib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from probe.errors import unknown
from probe.records import Prompt
from probe.records.code import OUTPUT_PATH
from probe.records.metrics import about
from probe.tier.folder import LoadedTier, Reading, Said, asked_by, programs_of, read

INSTALLED = frozenset({"numpy", "scipy", "soundfile", "pyo"})
"""What programs may import beside the standard library; it is in the sandbox's image."""

USELESS = frozenset({"socket", "socketserver", "ssl", "urllib", "http", "ftplib", "smtplib"})
"""Modules of the standard library that serve no program in the sandbox: there is no network."""

NAMED = ("label", "instrument", "sound", "emotion")
"""Fields of truths that hold a name."""

ALIKE = 0.85
"""Share of letters in common (difflib's ratio) from which one of two names may be a slip.

``dog_brak`` and ``dog_bark`` have .88, ``door_wood_knock`` and ``door_wood_creaks`` .77.
"""


@dataclass(frozen=True)
class Findings:
    """Everything there is to say about a tier."""

    faults: tuple[str, ...]
    remarks: tuple[str, ...]
    loaded: LoadedTier | None
    """None when what it asks cannot be read."""


def check(name: str) -> Findings:
    """Check a tier and its programs, and go on after every fault.

    Parameters
    ----------
    name : str
        A tier that comes with probe, or the path of a folder that holds a ``tier.toml``.

    Raises
    ------
    UsageError
        The tier does not exist.
    """
    found = read(name)
    faults = [*found.faults, *_same_texts(found)]
    used = {said.group for said in found.said}
    if found.said and None not in used:
        empty = [group for group in found.groups if group not in used]
        where = found.where("tier.toml")
        faults += [f"{where}: the group {group!r} has no prompt" for group in empty]
    faults += _program_faults(found)
    loaded = None if faults else found.loaded
    remarks = _remarks(found, found.loaded) if found.loaded else ()
    return Findings(tuple(faults), tuple(remarks), loaded)


# --- what is asked -------------------------------------------------------------------------------


def _same_texts(found: Reading) -> Iterator[str]:
    """Prompts that say the same, whatever their punctuation, are one prompt counted twice."""
    first: dict[tuple[str, ...], Said] = {}
    for said in found.said:
        words = tuple(re.findall(r"[\w.#-]*\w", (said.text or "").lower()))
        if not words:
            continue
        other = first.setdefault(words, said)
        if other is not said and (said.id != other.id or said.id is None):
            name, first_name = (repr(s.id or f"line {s.line}") for s in (said, other))
            yield f"{found.where('prompts.jsonl', said.line)}: {name} has the text of {first_name}"


def _remarks(found: Reading, loaded: LoadedTier) -> Iterator[str]:
    there = programs_of(loaded)
    missing = [prompt.id for prompt in loaded.prompts if prompt.id not in there]
    if missing:
        yield (
            f"{found.folder.name}/programs: {len(missing)} of {len(loaded.prompts)} prompts have no"
            f" program ({_listed(missing)})"
        )
    for metric in map(about, loaded.tier.metrics):
        if metric.scope == "clip" and not any(asked_by(p, metric) for p in loaded.prompts):
            yield f"{found.where('tier.toml')}: the metric {metric.name!r} applies to no prompt"
    if not (found.folder / "README.md").is_file():
        yield f"{found.folder.name}/README.md is missing: nobody is told what is asked and how"
    yield from _slips(found, loaded.prompts)


def _listed(names: Sequence[str], most: int = 3) -> str:
    more = f", … {names[-1]}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def _slips(found: Reading, prompts: Sequence[Prompt]) -> Iterator[str]:
    """Names in the truths that occur once and look like one that occurs more often."""
    uses: defaultdict[str, list[Prompt]] = defaultdict(list)
    for prompt in prompts:
        for name in sorted(set(_names(prompt.truth.model_dump(exclude_defaults=True)))):
            uses[name].append(prompt)
    common = [name for name, users in uses.items() if len(users) > 1]
    for name, users in uses.items():
        close = difflib.get_close_matches(name, common, n=1, cutoff=ALIKE)
        if len(users) == 1 and close:
            where = found.where("prompts.jsonl", found.lines[users[0].id])
            yield f"{where}: only this truth says {name!r}; is {close[0]!r} meant?"


def _names(value: object) -> Iterator[str]:
    """Every name in a truth; what is said is no name."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in NAMED and isinstance(inner, str):
                yield inner
            else:
                yield from _names(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _names(inner)


# --- programs ------------------------------------------------------------------------------------


def _program_faults(found: Reading) -> Iterator[str]:
    """Files that are no prompt's program, and programs that cannot run."""
    ids = {said.id for said in found.said if said.id is not None}
    every_line = found.said and all(said.id is not None for said in found.said)
    folder = found.folder / "programs"
    for path in sorted(folder.iterdir() if folder.is_dir() else ()):
        where = found.where(f"programs/{path.name}")
        if path.name.startswith(".") or path.name == "__pycache__":
            continue
        if path.suffix != ".py" or not path.is_file():
            yield f"{where} is no Python program"
            continue
        if every_line and path.stem not in ids:
            yield f"{where}: {unknown('prompt', path.stem, ids)}"
        for line, fault in _source_faults(path):
            yield f"{where}{f' line {line}' if line else ''}: {fault}"


def _source_faults(path: Path) -> Iterator[tuple[int | None, str]]:
    """What would fail in the sandbox or breaks its rules, with its line."""
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
    except SyntaxError as error:
        yield error.lineno, error.msg
        return
    except (OSError, ValueError) as error:  # among them text that is not UTF-8, and null bytes
        yield None, f"cannot be read ({error})"
        return
    for node in ast.walk(tree):
        line = getattr(node, "lineno", None)
        for module in _imported(node):
            if module in USELESS:
                yield line, f"imports {module!r}, and there is no network"
            elif module not in INSTALLED and module not in sys.stdlib_module_names:
                yield line, f"imports {module!r}, which the sandbox does not have"
    if Path(OUTPUT_PATH).name not in source:
        yield None, f"does not mention {OUTPUT_PATH}, where its audio is looked for"


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [name.name.partition(".")[0] for name in node.names]
    if isinstance(node, ast.ImportFrom):
        return ["." if node.level else (node.module or "").partition(".")[0]]
    return []
