from __future__ import annotations

from pathlib import Path

import pytest

from probe import paths
from probe.errors import PrerequisiteError


def test_in_a_source_tree_the_data_lies_beside_the_package() -> None:
    assert (paths.data_folder("sandbox") / "supervisor.py").is_file()


def test_an_installed_package_carries_its_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("probe/_data/tiers", "tiers"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.setattr(paths, "__file__", str(tmp_path / "probe" / "paths.py"))
    assert paths.data_folder("tiers") == tmp_path / "probe" / "_data" / "tiers"


def test_an_incomplete_installation_is_said_in_one_line() -> None:
    with pytest.raises(PrerequisiteError, match="lacks its folder 'nowhere'"):
        paths.data_folder("nowhere")
