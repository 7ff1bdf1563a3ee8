"""The table of weights that probe knows, ``known.toml`` beside this file."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from probe.errors import UsageError, unknown

Kind = Literal["clap", "vggish", "vggish-pca", "panns", "tokenizer", "labels"]

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_CLAP_FILES = ("config.json", "model.safetensors|pytorch_model.bin", "vocab.json", "merges.txt")


class Weights(BaseModel):
    """One entry of the table."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][\w.-]*$")
    """Of its folder, too."""
    kind: Kind
    about: str
    files: tuple[str, ...] = Field(min_length=1)
    """``a|b`` stands for whichever the source has, the first preferred."""
    repo: str | None = None
    """A model on Hugging Face."""
    revision: str | None = None
    """Its commit; None until the first fetch records one."""
    urls: dict[str, str] = {}
    """File to address, where there is no `repo`."""
    sha256: dict[str, str] = {}
    """File to digest, where it is known beforehand."""
    megabytes: int | None = None
    """About; None if unknown."""
    licence: str
    needs: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where it comes from, for people."""
        return self.repo or next(iter(self.urls.values()))

    @property
    def argument(self) -> str:
        """How the command line names it."""
        return f"clap:{self.repo}" if self.repo and "--" in self.name else self.name

    @property
    def file_names(self) -> tuple[tuple[str, ...], ...]:
        """For each file, the names it may have."""
        return tuple(tuple(file.split("|")) for file in self.files)


@cache
def known() -> dict[str, Weights]:
    """Read the table; every entry by its name."""
    text = resources.files("probe.score.weights").joinpath("known.toml").read_text(encoding="utf-8")
    return {name: Weights(name=name, **entry) for name, entry in tomllib.loads(text).items()}


def named(name: str) -> Weights:
    """Find an entry by its name, or make one for ``clap:<owner>/<model>`` on Hugging Face.

    Raises
    ------
    UsageError
        There is no such entry.
    """
    if name in known():
        return known()[name]
    if name.startswith("clap:") and _HUB_ID.fullmatch(name[5:]):
        return from_hub(name[5:])
    raise UsageError(unknown("weights", name, known()))


def from_hub(repo: str) -> Weights:
    """Describe a CLAP checkpoint in transformers' form, by its id ``owner/model``.

    Raises
    ------
    UsageError
        That is no id.
    """
    if not _HUB_ID.fullmatch(repo):
        raise UsageError(f"{repo!r} is no model on Hugging Face; owner/model is the form")
    for entry in known().values():
        if entry.repo == repo and entry.kind == "clap" and entry.files[0] == _CLAP_FILES[0]:
            return entry
    return Weights(
        name=repo.replace("/", "--"),
        kind="clap",
        about="a CLAP checkpoint in transformers' form",
        files=_CLAP_FILES,
        repo=repo,
        licence="as its page says",
    )
