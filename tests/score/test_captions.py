from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import UsageError
from probe.score.captions import Captioned, read_captions


def table(folder: Path, text: str | bytes, name: str = "captions.csv") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_csv_and_json_lines_say_the_same(tmp_path: Path) -> None:
    csv = 'caption,file,by\n"Rain, heavy",a.wav,me\n Wind ,b/c.wav,me\nMore rain,a.wav,you\n'
    lines = (
        '{"file": "a.wav", "caption": "Rain, heavy"}\n\n'
        '{"file": "b/c.wav", "caption": "Wind", "by": "me"}\n'
        '{"file": "a.wav", "caption": "More rain"}'
    )
    want = [
        Captioned("a.wav", "Rain, heavy"),
        Captioned("b/c.wav", "Wind"),
        Captioned("a.wav", "More rain"),
    ]
    assert read_captions(table(tmp_path, csv)) == want
    assert read_captions(table(tmp_path, lines, "captions.jsonl")) == want


def test_what_spreadsheets_write_is_read(tmp_path: Path) -> None:
    data = b'\xef\xbb\xbffile,caption\r\n"a.wav","two\r\nlines"\r\n'
    assert read_captions(table(tmp_path, data)) == [Captioned("a.wav", "two\nlines")]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "lacks the column 'file'"),
        ("file,text\na.wav,Rain\n", "lacks the column 'caption'; its first line names columns"),
        ("file,caption\n", "has no captions"),
        ("file,caption\na.wav\n", "line 2 has no caption"),
        ("file,caption\na.wav,  \n", "line 2 has no caption"),
        ("file,caption\n,Rain\n", "line 2 has no file"),
        ("file,caption\n/etc/a.wav,Rain\n", "line 2: '/etc/a.wav' is not a path inside"),
        ("file,caption\n../a.wav,Rain\n", "line 2: '../a.wav' is not a path inside"),
        ("file,caption\na.wav,Rain\na.wav,Rain\n", "line 3: 'a.wav' is there twice"),
        ('file,caption\n"a.wav,Rain\n', "is not CSV"),
        (b"file,caption\n\xff,Rain\n", "is not UTF-8"),
    ],
)
def test_csv_that_makes_no_sense_is_said_with_its_line(
    tmp_path: Path, text: str | bytes, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_captions(table(tmp_path, text))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("nonsense", "line 1 is not JSON"),
        ("[1]", "line 1 is not an object"),
        ('{"file": "a.wav"}', "line 1 has no caption"),
        ('{"file": 3, "caption": "Rain"}', "line 1 has no file"),
        ("[" * 100_000, "line 1 is not JSON"),
    ],
)
def test_json_that_makes_no_sense_is_said_with_its_line(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        read_captions(table(tmp_path, text, "captions.jsonl"))


def test_a_table_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot read"):
        read_captions(tmp_path / "nowhere.csv")


@given(st.text(max_size=60), st.sampled_from(["captions.csv", "captions.jsonl"]))
def test_any_text_is_captions_or_one_line_of_refusal(
    tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    folder = tmp_path_factory.getbasetemp()
    path = table(folder, ("file,caption\n" + text).encode("utf-8", "surrogatepass"), name)
    refused = ""
    try:
        assert read_captions(path)
    except UsageError as error:
        refused = str(error)
    assert "\n" not in refused
