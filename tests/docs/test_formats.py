"""docs/formats.md says what the code does: variables, price lists, the protocol of commands."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from probe.ask.prices import Price, read_prices
from probe.models.base import DoorOptions
from probe.models.command import Command, _Row
from tests.models.asking import ask

ROOT = Path(__file__).parents[2]
FORMATS = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
CODE = [*(ROOT / "probe").rglob("*.py"), *(ROOT / "probe").rglob("*.toml")]

OURS = re.compile(r"\bPROBE_[A-Z][A-Z_]*\b")
VENDORS = re.compile(r"\b(?:OPENAI|ANTHROPIC|GITHUB|DOCKER)_[A-Z]+(?:_[A-Z]+)*\b")


def blocks(language: str) -> list[str]:
    return [
        token.content
        for token in MarkdownIt("commonmark").parse(FORMATS)
        if token.type == "fence" and token.info == language
    ]


def table(heading: str) -> str:
    return FORMATS.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_every_variable_of_the_environment_is_in_the_table() -> None:
    said = set(re.findall(r"`([A-Za-z_]+)`", table("Variables of the environment")))
    used: dict[str, str] = {}
    for path in CODE:
        text = path.read_text(encoding="utf-8")
        asked = re.findall(r"environ(?:\.get\(|\[)\s*\"([A-Za-z_]+)\"", text)
        found = {*OURS.findall(text), *VENDORS.findall(text), *asked} - {"PATH", "XDG_CACHE_HOME"}
        used |= dict.fromkeys(found, str(path.relative_to(ROOT)))
    missing = {name: where for name, where in used.items() if name not in said}
    assert missing == {}


def test_a_price_has_the_keys_that_are_told(tmp_path: Path) -> None:
    (example,) = blocks("toml")
    assert len(tomllib.loads(example)["price"]) == 1
    (tmp_path / "prices.toml").write_text(example)
    (price,) = read_prices(tmp_path / "prices.toml")
    assert price.host == "localhost:11434"
    told = set(
        re.findall(r"`([a-z_]+)`", re.sub(r"\|[^|]*\|$", "|", table("Price lists"), flags=re.M))
    )
    assert told >= set(Price.model_fields)


def test_the_program_that_is_shown_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = blocks("python")
    (tmp_path / "answer.py").write_text(program)
    (tmp_path / "tone.py").write_text("print('hum')")
    monkeypatch.chdir(tmp_path)
    door = Command(f"{sys.executable} answer.py", DoorOptions(name="mine"))
    assert [reply.text for reply in ask(door, 2)] == ["```python\nprint('hum')\n```"] * 2


def test_lines_of_the_protocol_are_lines_of_it() -> None:
    asked, answers = blocks("json")
    assert set(json.loads(asked)) == {"id", "sample", "turn", "text", "history", "max_tokens"}
    for line in answers.splitlines():
        row: dict[str, Any] = json.loads(line)
        assert set(row) <= set(_Row.model_fields)
        _Row.model_validate(row)
    for name in _Row.model_fields:
        assert f"`{name}`" in table("`command/…`: a model of yours as a program")
