"""Generators of random weights, written once for all tests that load them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from probe.models.base import DoorOptions
from probe.models.neural.door import Generator, open_generator
from tests.fakes import generators

Open = Callable[..., Generator]
Folder = Callable[[str], Path]

QUICK = {
    "audioldm": ("steps=2",),
    "audioldm2": ("steps=2",),
    "stable-audio": ("steps=2",),
}
"""Settings without which a test would wait."""


@pytest.fixture(scope="package", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small are slower on several threads, and far slower on a busy machine."""
    torch = pytest.importorskip("torch")
    pytest.importorskip("diffusers", reason="needs pip install 'probe[generators]'")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="session")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Folder:
    """The folder of one of `tests.fakes.generators.MAKERS`, written when it is first wanted."""
    root = tmp_path_factory.mktemp("generators")
    makers = generators.MAKERS | generators.BESIDE

    def folder(name: str) -> Path:
        if not (root / name).exists():
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # weight_norm, of diffusers' own
                makers[name](root / name)
        return root / name

    return folder


@pytest.fixture(scope="session")
def settings_of(weights: Folder) -> Callable[[str], tuple[str, ...]]:
    """What a generator must be told so that it is quick and finds what goes with it."""

    def settings(name: str) -> tuple[str, ...]:
        if name == "dia":
            return (f"codec={weights('dac')}",)
        if name == "speecht5":
            voice = generators.speaker(weights("speecht5").parent / "voice.npy")
            return (f"vocoder={weights('hifigan')}", f"speaker={voice}")
        return QUICK.get(name, ())

    return settings


@pytest.fixture
def opened(weights: Folder, settings_of: Callable[[str], tuple[str, ...]]) -> Open:
    """Open a generator by the name of its maker, with further settings."""

    def door(name: str, *settings: str) -> Generator:
        given = {setting.partition("=")[0] for setting in settings}
        rest = [s for s in settings_of(name) if s.partition("=")[0] not in given]
        return open_generator(str(weights(name)), DoorOptions((*rest, *settings)))

    return door
