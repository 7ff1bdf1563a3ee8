"""Audio that was rendered elsewhere, as a run.

The way in for every generator that probe has no door for: a folder of ``<prompt id>-<sample>.wav``
(or FLAC, MP3 or OGG; without a number it is sample 0), and perhaps a ``generator.json`` that says
what made them. There are as many samples as at least half of the prompts with a sample 0 have. A
folder that lacks clips is refused, or as a part taken for the prompts it has whole; what belongs to
no attempt is left out and named. A clip that could not be made is an empty file.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from probe.audio import Clip
from probe.errors import UsageError, unknown
from probe.models.base import NoAudioError
from probe.models.leftover import SUFFIXES, clip_left, native_rate
from probe.records import ModelKind, Prompt
from probe.tier.export import stem
from probe.tier.folder import LoadedTier

ABOUT = "generator.json"

BESIDE = ("prompts.csv", "prompts.jsonl", "prompts.txt")
"""What may lie beside the audio: the prompts as they were given out."""

_TOLD = 10
"""Names that a line lists."""


class Generator(BaseModel):
    """What ``generator.json`` says of whatever made the audio."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str | None = None
    version: str | None = None
    settings: dict[str, Any] = Field(default_factory=dict)
    licence: str | None = None


@dataclass
class Imported:
    """An audio source whose clips lie in a folder.

    Use `Imported.open`.
    """

    name: str
    files: dict[tuple[str, int], Path]
    """By prompt id and sample."""
    samples: int
    """Attempts per prompt."""
    generator: Generator
    left_out: tuple[str, ...] = ()
    """Names of files that are no part of the run."""
    kind: ModelKind = "generator"

    @classmethod
    def open(
        cls, folder: Path, loaded: LoadedTier, name: str, *, partial: bool = False
    ) -> Imported:
        """Find every attempt's file.

        Parameters
        ----------
        folder : Path
            Where the audio lies.
        loaded : LoadedTier
            The tier it was made for.
        name : str
            What the generator is called in the results.
        partial : bool
            Take the prompts that have all their samples, and no others.

        Raises
        ------
        UsageError
            There is no such folder, nothing in it is an attempt's, clips are missing, an attempt
            has two, samples do not begin at 0, or ``generator.json`` makes no sense.
        """
        if not folder.is_dir():
            raise UsageError(f"there is no folder {folder}")
        prompts = [prompt.id for prompt in loaded.prompts]
        there, strange = _attempts(folder, prompts)
        if not there:
            said = _strange(strange, prompts) if strange else "no audio"
            raise UsageError(f"{folder} holds {said} ({', '.join(SUFFIXES)})")
        numbers = Counter(sample for _, sample in there)
        if 0 not in numbers:
            raise UsageError(f"{folder} has no sample 0; number samples from 0")
        samples = next(n for n in count(1) if 2 * numbers[n] < numbers[0])
        missing = [(p, n) for p in prompts for n in range(samples) if (p, n) not in there]
        if missing and not partial:
            raise UsageError(_missing(folder, missing, len(prompts) * samples, strange, prompts))
        lacking = {prompt for prompt, _ in missing}
        files = {a: path for a, path in there.items() if a[0] not in lacking and a[1] < samples}
        if not files:
            raise UsageError(f"{folder} has no prompt with all of its {samples} samples")
        over = [path.name for attempt, path in there.items() if attempt not in files]
        left_out = tuple(sorted([*strange, *over]))
        return cls(name, files, samples, _read_about(folder / ABOUT), left_out)

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256()
        for attempt, path in sorted(self.files.items()):
            one = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{stem(*attempt)} {one}\n".encode())
        return digest.hexdigest()

    def settings(self) -> dict[str, Any]:
        """What is said of the generator, the lowest rate of its files, and their digest."""
        about = self.generator.model_dump(exclude_defaults=True)
        rates = []
        for path in self.files.values():
            with contextlib.suppress(NoAudioError):  # told of its attempt
                rates.append(native_rate(path))
        lowest = {"native_sample_rate": min(rates)} if rates else {}
        return about | lowest | {"files": len(self.files), "audio_sha256": self._digest}

    def covers(self, prompt: Prompt) -> bool:
        """Whether the folder has the prompt's clips."""
        return (prompt.id, 0) in self.files

    def audio(self, prompt: Prompt, sample: int, sample_rate: int) -> Clip:
        """The file of an attempt, as `probe.models.leftover.clip_left` reads it."""
        return clip_left(self.files[prompt.id, sample], sample_rate)


def _attempts(
    folder: Path, prompts: Iterable[str]
) -> tuple[dict[tuple[str, int], Path], list[str]]:
    """The file of each attempt, and names that are of none."""
    known = set(prompts)
    found: defaultdict[tuple[str, int], list[Path]] = defaultdict(list)
    strange = []
    for path in sorted(folder.iterdir()):
        if path.name in (ABOUT, *BESIDE) or path.name.startswith((".", "README", "LICENSE")):
            continue
        attempt = _attempt(path, known)
        if attempt is None or not path.is_file():
            strange.append(path.name)
        else:
            found[attempt].append(path)
    for paths in found.values():
        if len(paths) > 1:
            names = " and ".join(path.name for path in paths)
            raise UsageError(f"{folder}: {names} are the same attempt")
    return {attempt: paths[0] for attempt, paths in found.items()}, strange


def _attempt(path: Path, known: set[str]) -> tuple[str, int] | None:
    """Prompt and sample that a file is named after; a name that is a prompt's whole is sample 0."""
    if path.suffix.lower() not in SUFFIXES:
        return None
    if path.stem in known:
        return path.stem, 0
    prompt, _, number = path.stem.rpartition("-")
    if prompt in known and number.isascii() and number.isdigit() and len(number) <= 4:
        return prompt, int(number)
    return None


def _missing(
    folder: Path,
    missing: Sequence[tuple[str, int]],
    whole: int,
    strange: Sequence[str],
    prompts: Sequence[str],
) -> str:
    """Say which clips are not there, and what can be done."""
    beside = f"; it holds {_strange(strange, prompts)}" if strange else ""
    return (
        f"{folder} lacks {len(missing)} of {whole} clips:"
        f" {listed([stem(*attempt) for attempt in missing])}{beside}. --partial takes the prompts"
        " that are whole; an empty file stands for a clip that could not be made"
    )


def _strange(names: Sequence[str], known: Iterable[str]) -> str:
    """Say which files belong to no prompt."""
    hint = ""
    if len(names) == 1:
        said = unknown("prompt", Path(names[0]).stem, known)
        hint = said[said.index(";") :] if "did you mean" in said else ""
    return f"{len(names)} name{'s' if len(names) > 1 else ''} of no attempt: {listed(names)}{hint}"


def listed(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    rest = f" and {len(names) - _TOLD} more" if len(names) > _TOLD else ""
    return f"{', '.join(names[:_TOLD])}{rest}"


def _read_about(path: Path) -> Generator:
    if not path.exists():
        return Generator()
    try:
        return Generator.model_validate_json(path.read_bytes())
    except ValidationError as error:
        fault = error.errors()[0]
        where = ".".join(map(str, fault["loc"]))
        if fault["type"] == "extra_forbidden":
            raise UsageError(f"{path}: {unknown('field', where, Generator.model_fields)}") from None
        raise UsageError(f"{path}: {f'{where}: ' if where else ''}{fault['msg']}") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
