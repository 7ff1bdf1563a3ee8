from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.errors import ProbeError
from probe.records.folder_names import old_slug, slug
from probe.records.run_folder import find_run, home
from probe.records.store import Store
from tests.fakes.runs import completion, run

LIKE = st.text(st.sampled_from("aZ0/-.%~+:é通 "), max_size=9)


@pytest.mark.parametrize(
    ("row", "folder"),
    [
        ("openai/gpt-4o", "openai--gpt-4o"),
        ("openai/gpt-4o+few-shot", "openai--gpt-4o+few-shot"),
        ("openai/gpt-4o+repair:2", "openai--gpt-4o+repair%3A2"),
        ("openai/meta-llama/Llama 3", "openai--meta-llama--Llama%203"),
        ("openai--x", "openai%2D%2Dx"),
        ("通义", "%E9%80%9A%E4%B9%89"),
        ("..", "%2E."),
        ("../../etc", "%2E.--..--etc"),
    ],
)
def test_a_rows_folder_is_a_plain_name(row: str, folder: str) -> None:
    assert slug(row) == folder


@given(LIKE, LIKE)
def test_no_two_rows_share_a_folder(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (one == other)


@given(st.text(st.characters(codec=None), max_size=400))
def test_any_name_is_one_that_a_folder_can_have(row: str) -> None:
    name = slug(row)
    assert name.isascii()
    assert 0 < len(os.fsencode(name)) <= 255
    assert "/" not in name
    assert not name.startswith((".", "-"))


def test_long_names_are_told_apart(tmp_path: Path) -> None:
    assert slug("x" * 300) != slug("x" * 301)
    assert home(tmp_path, "x" * 300) == tmp_path / slug("x" * 300)


def begin(folder: Path, model: str) -> None:
    with Store.open(folder, run(model=model)) as store:
        store.add_completion(completion("a"))


def test_a_run_under_its_old_name_is_found_and_goes_on(tmp_path: Path) -> None:
    tier = tmp_path / "notes"
    begin(tier / old_slug("通义"), "通义")
    assert home(tier, "通义") == tier / "model"
    assert home(tier, "文心") == tier / slug("文心"), "another's folder is left to it"
    assert find_run("notes/通义", tmp_path).folder == tier / "model"
    with pytest.raises(ProbeError, match="unknown run"):
        find_run("notes/文心", tmp_path)


def test_an_old_run_in_a_folder_that_is_anothers_now_is_left_to_it(tmp_path: Path) -> None:
    begin(tmp_path / "openai--a-b", "openai/a b")
    found = home(tmp_path, "openai/a-b")
    assert found.name.startswith("openai-a-b~")
    begin(found, "openai/a-b")
    assert home(tmp_path, "openai/a-b") == found
    assert home(tmp_path, "openai/a b") == tmp_path / "openai--a-b"


def test_a_damaged_run_is_not_passed_over(tmp_path: Path) -> None:
    begin(tmp_path / "openai--x", "openai/x")
    (tmp_path / "openai--x" / "run.json").write_text("{")
    assert home(tmp_path, "openai/x") == tmp_path / "openai--x"
