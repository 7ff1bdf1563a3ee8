"""A folder of real recordings, described by its ``clips.csv``.

::

    <folder>/clips.csv     file, label, text, midi, sha256, and columns about origin and licence
             <file>        audio in any format that soundfile reads
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from probe.errors import UsageError

_COLUMNS = ("file", "label", "text", "midi", "sha256")


@dataclass(frozen=True, slots=True)
class Recording:
    """One row of clips.csv.

    Parameters
    ----------
    path : Path
        The audio file.
    label : str
        The class, instrument or speaker.
    text : str
        What is said; empty where nothing is.
    midi : float or None
        MIDI note number of the pitch (60 is middle C), where there is one.
    sha256 : str
        Of the file, in lower case.
    """

    path: Path
    label: str
    text: str
    midi: float | None
    sha256: str


@dataclass(frozen=True, slots=True)
class References:
    """Recordings whose files are all there and are the ones that clips.csv describes.

    Parameters
    ----------
    folder : Path
        The folder that holds clips.csv.
    clips : tuple of Recording
        In the order of the rows.
    digest : str
        SHA-256 of clips.csv, and so, through its checksums, of everything it describes.
    """

    folder: Path
    clips: tuple[Recording, ...]
    digest: str

    @classmethod
    def open(cls, path: str | Path) -> References:
        """Read a folder and check every file in it against its checksum.

        Parameters
        ----------
        path : str or Path
            The folder.

        Raises
        ------
        UsageError
            There is no clips.csv, or a row of it makes no sense; the message names file and line.
        """
        folder = Path(path)
        table = folder / "clips.csv"
        try:
            data = table.read_bytes()
        except OSError:
            raise UsageError(f"no references in {folder}: it has no readable clips.csv") from None
        try:
            rows = csv.DictReader(data.decode("utf-8-sig").splitlines(keepends=True), strict=True)
            clips = _read_rows(rows, table)
        except (UnicodeDecodeError, csv.Error) as error:
            raise UsageError(f"{table} is not CSV in UTF-8: {error}") from None
        return cls(folder=folder, clips=clips, digest=hashlib.sha256(data).hexdigest())


def _read_rows(rows: csv.DictReader[str], table: Path) -> tuple[Recording, ...]:
    missing = [name for name in _COLUMNS if name not in (rows.fieldnames or ())]
    if missing:
        raise UsageError(f"{table} lacks the column {missing[0]!r}")
    clips: dict[Path, Recording] = {}
    for row in rows:
        where = f"{table} line {rows.line_num}"
        if None in row or None in row.values():
            raise UsageError(f"{where}: not as many fields as there are columns")
        clip = _read_row(row, table.parent, where)
        if clip.path in clips:
            raise UsageError(f"{where}: {row['file']!r} is there twice")
        clips[clip.path] = clip
    if not clips:
        raise UsageError(f"{table} lists no recording")
    return tuple(clips.values())


def _read_row(row: dict[str, str], folder: Path, where: str) -> Recording:
    name = PurePosixPath(row["file"])
    if not row["file"] or name.is_absolute() or ".." in name.parts:
        raise UsageError(f"{where}: {row['file']!r} is not a path inside the folder")
    if not row["label"]:
        raise UsageError(f"{where}: {row['file']!r} has no label")
    path = folder / name
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise UsageError(f"{where}: {row['file']!r} is missing or cannot be read") from None
    if digest != row["sha256"].lower():
        raise UsageError(f"{where}: {row['file']!r} is not the recording whose sha256 is listed")
    return Recording(path, row["label"], row["text"], _midi(row, where), digest)


def _midi(row: dict[str, str], where: str) -> float | None:
    if not row["midi"]:
        return None
    try:
        number = float(row["midi"])
    except ValueError:
        number = -1.0
    if not 0 <= number <= 127:
        raise UsageError(f"{where}: {row['midi']!r} is not a MIDI note number")
    return number
