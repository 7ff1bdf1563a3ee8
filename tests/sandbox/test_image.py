from __future__ import annotations

import shutil
import tarfile
from pathlib import Path
from typing import Any

import docker.errors
import pytest
from docker.api.client import APIClient

from probe.errors import PrerequisiteError
from probe.paths import data_folder
from probe.sandbox.docker import image
from probe.sandbox.docker.debian import Mirror


class Shelf:
    """The part of an engine that knows images, with at most one image of ours on it."""

    def __init__(self, tag: str | None, digest: str = "") -> None:
        self._tag = tag
        self._digest = digest

    def inspect_image(self, tag: str) -> dict[str, Any]:
        if tag != self._tag:
            raise docker.errors.ImageNotFound("no")
        return {"Id": "sha256:1", "Config": {"Labels": {image.DIGEST_LABEL: self._digest}}}

    def images(self, name: str) -> list[str]:
        return [self._tag] if self._tag else []


def require(shelf: Shelf) -> str:
    return image.require(shelf)  # type: ignore[arg-type]


def test_the_image_of_this_version_is_used_by_its_content() -> None:
    assert require(Shelf(image.tag(), image.digest())) == "sha256:1"


@pytest.mark.parametrize(
    ("shelf", "why"),
    [
        (Shelf(None), "is missing; run `probe sandbox build`"),
        (Shelf("probe-sandbox:0123456789ab"), "another version of probe; run `probe sandbox bu"),
        (Shelf(image.tag(), "something else"), "not probe's own; run `probe sandbox build`"),
    ],
)
def test_any_other_is_refused_with_the_way_out(shelf: Shelf, why: str) -> None:
    with pytest.raises(PrerequisiteError, match=why):
        require(shelf)


def test_the_name_follows_what_the_image_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "sandbox"
    shutil.copytree(data_folder("sandbox"), copy)
    before = image.digest()
    assert image.tag() == f"probe-sandbox:{before[:12]}"
    monkeypatch.setattr(image, "data_folder", lambda _: copy)
    assert image.digest() == before
    (copy / "README.md").write_text("words")
    assert image.digest() == before
    for name in image.INPUTS:
        changed = copy / name
        changed.write_text(changed.read_text() + "\n")
        assert image.digest() != before
        before = image.digest()


def test_a_build_sees_the_inputs_and_the_way_to_the_mirror() -> None:
    mirror = Mirror(archive="http://mirror.example", options=('Acquire::http::Proxy "p";',))
    with tarfile.open(fileobj=image.context(mirror)) as tar:
        names = set(tar.getnames())
        sources, options = (tar.extractfile(n) for n in ("sources.list", "apt.conf"))
        assert sources
        assert options
        assert sources.read().startswith(b"deb http://mirror.example bookworm main\n")
        assert options.read() == b'Acquire::http::Proxy "p";\n'
    assert names == {"Dockerfile", "supervisor.py", "worker.py", "sources.list", "apt.conf"}


@pytest.mark.docker
def test_building_again_is_quick_and_changes_nothing(client: APIClient, image_id: str) -> None:
    said: list[str] = []
    assert image.build(client, said.append) == image_id
    assert said[0] == f"building {image.tag()} on {said[0].rpartition(' ')[2]}"
    assert said[-1] == f"Successfully tagged {image.tag()}"
