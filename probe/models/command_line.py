"""The command line of the doors ``command/...``: a program of the person's own, and its files."""

from __future__ import annotations

import hashlib
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from probe.errors import PrerequisiteError, UsageError

_NAME_LENGTH = 100


class CommandLine:
    """A template, split as a shell would, in whose words files are named when it is run.

    Parameters
    ----------
    template : str
        The command line; a place such as ``{out}`` stands for a file.
    name : str, optional
        What the model is called in the results, instead of the command line.
    needs : tuple of str, optional
        Places that its words must name.

    Raises
    ------
    UsageError
        It cannot be split, is empty, lacks a place, or is too long to be a name.
    PrerequisiteError
        There is no such program.
    """

    def __init__(self, template: str, name: str | None = None, needs: tuple[str, ...] = ()) -> None:
        try:
            self._words = shlex.split(template)
        except ValueError as error:
            raise UsageError(f"command/{template}: {error}") from None
        if not self._words:
            raise UsageError("command needs a command line after it")
        for place in needs:
            if not self.has(place):
                example = f"'command/python render.py {' '.join(needs)}'"
                raise UsageError(f"this command line needs {place}, as in {example}")
        if shutil.which(self._words[0]) is None:
            raise PrerequisiteError(f"there is no program {self._words[0]!r} to run")
        self.name = name or f"command/{' '.join(template.split())}"
        if len(self.name) > _NAME_LENGTH:
            raise UsageError("such a long command line needs a shorter name in the results: --name")
        self._template = template

    def has(self, place: str) -> bool:
        """Whether a word names this place."""
        return any(place in word for word in self._words)

    def filled(self, places: Mapping[str, Path]) -> list[str]:
        """The words, with files in their places."""
        words = []
        for word in self._words:
            for place, path in places.items():
                word = word.replace(place, str(path))
            words.append(word)
        return words

    def settings(self) -> dict[str, Any]:
        """The template, and the digests of the files that it names."""
        files = {
            word: hashlib.sha256(Path(word).read_bytes()).hexdigest()
            for word in self._words
            if Path(word).is_file()
        }
        return {"command": self._template} | ({"files": files} if files else {})
