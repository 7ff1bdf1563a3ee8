from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probe.errors import UsageError
from probe.records.references import Recording, References

SHARED = Path(__file__).parents[3] / "shared" / "references"
HEADER = "file,label,text,midi,licence,sha256"
DIGEST = hashlib.sha256(b"sound").hexdigest()


def folder(path: Path, *rows: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    """A folder with one file, ``a.wav``, that need not be audio here."""
    (path / "deep").mkdir(parents=True)
    (path / "deep" / "a.wav").write_bytes(b"sound")
    (path / "a.wav").write_bytes(b"sound")
    (path / "clips.csv").write_text("\r\n".join([header, *rows, ""]), encoding=encoding)
    return path


def test_clips_are_read_in_order(tmp_path: Path) -> None:
    path = folder(
        tmp_path / "r",
        f"deep/a.wav,piano,,60.5,CC0,{DIGEST}",
        f'a.wav,ann,"yes, ""ja"", да",,CC0,{DIGEST.upper()}',
        encoding="utf-8-sig",
    )
    references = References.open(str(path))
    assert references.clips == (
        Recording(path / "deep" / "a.wav", "piano", "", 60.5, DIGEST),
        Recording(path / "a.wav", "ann", 'yes, "ja", да', None, DIGEST),
    )
    assert references.digest == hashlib.sha256((path / "clips.csv").read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (f"b.wav,piano,,60,CC0,{DIGEST}", r"line 2: 'b\.wav' is missing"),
        (f"deep,piano,,60,CC0,{DIGEST}", "line 2: 'deep' is missing or cannot be read"),
        (f"../r/a.wav,piano,,60,CC0,{DIGEST}", "line 2: .* not a path inside the folder"),
        (f"/a.wav,piano,,60,CC0,{DIGEST}", "not a path inside the folder"),
        (f",piano,,60,CC0,{DIGEST}", "not a path inside the folder"),
        (f"a.wav,,,60,CC0,{DIGEST}", r"line 2: 'a\.wav' has no label"),
        (f"a.wav,piano,,sixty,CC0,{DIGEST}", "line 2: 'sixty' is not a MIDI note number"),
        (f"a.wav,piano,,128,CC0,{DIGEST}", "'128' is not a MIDI note number"),
        (f"a.wav,piano,,nan,CC0,{DIGEST}", "'nan' is not a MIDI note number"),
        ("a.wav,piano,,60,CC0,0123", r"line 2: 'a\.wav' is not the recording whose sha256"),
        ("a.wav,piano", "line 2: not as many fields"),
        (f"a.wav,piano,,60,CC0,{DIGEST},more", "line 2: not as many fields"),
        (f"a.wav,piano,,,,{DIGEST}\r\na.wav,piano,,,,{DIGEST}", r"line 3: 'a\.wav' is there twice"),
        ('a.wav,"piano', "is not CSV in UTF-8"),
    ],
)
def test_a_row_that_makes_no_sense_is_named(row: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=complaint):
        References.open(folder(tmp_path / "r", row))


def test_a_table_that_makes_no_sense_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no readable clips\.csv"):
        References.open(tmp_path)
    with pytest.raises(UsageError, match="lists no recording"):
        References.open(folder(tmp_path / "empty"))
    with pytest.raises(UsageError, match="lacks the column 'midi'"):
        References.open(folder(tmp_path / "short", header="file,label,text,sha256"))
    with pytest.raises(UsageError, match="not CSV in UTF-8"):
        References.open(folder(tmp_path / "latin", "ä", encoding="latin-1"))


@pytest.mark.parametrize(("name", "count"), [("notes", 110), ("sounds", 150), ("speech", 46)])
def test_real_references_are_read(name: str, count: int) -> None:
    if not (SHARED / name).is_dir():
        pytest.skip("the real recordings are not beside the checkout")
    assert len(References.open(SHARED / name).clips) == count
