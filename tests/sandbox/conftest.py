"""The real engine and image, for tests marked ``docker``: without them these fail, not skip."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from docker.api.client import APIClient

from probe.errors import PrerequisiteError
from probe.sandbox.docker import engine, image
from probe.sandbox.docker.sandbox import DockerSandbox


@pytest.fixture(scope="session")
def client() -> Iterator[APIClient]:
    try:
        connected = engine.connect()
    except PrerequisiteError as error:
        pytest.fail(str(error))
    yield connected
    connected.close()


@pytest.fixture(scope="session")
def image_id(client: APIClient) -> str:
    try:
        return image.require(client)
    except PrerequisiteError as error:
        pytest.fail(str(error))


@pytest.fixture(scope="session")
def sandbox(client: APIClient, image_id: str) -> Iterator[DockerSandbox]:
    with DockerSandbox(client, image_id, slots=2) as opened:
        yield opened
