from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probe.errors import UsageError  # noqa: E402
from probe.score.embedders.base import Tagger  # noqa: E402
from probe.score.embedders.melspec import CLAP, PANNS_16K, PANNS_32K  # noqa: E402
from probe.score.embedders.panns import Cnn14  # noqa: E402
from tests.fakes import checkpoints  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, network: Any) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("panns")
    checkpoints.class_names(folder / "class_labels_indices.csv")
    checkpoints.cnn14_file(folder / "Cnn14_mAP=0.431.pth", PANNS_32K, network)
    yield folder
    shutil.rmtree(folder)  # 330 MB


@pytest.fixture(scope="module")
def embedder(folder: Path) -> Cnn14:
    return Cnn14(
        folder / "Cnn14_mAP=0.431.pth",
        class_names=folder / "class_labels_indices.csv",
        device="cpu",
    )


@pytest.fixture(scope="module")
def network() -> Any:
    return checkpoints.cnn14_network()


def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    time = np.arange(32000) / 32000
    return [
        0.1 * rng.standard_normal(16000),
        0.5 * np.sin(2 * np.pi * 440 * time),
        0.1 * rng.standard_normal(16000),
        np.zeros(100),
    ]


def expected(network: Any, clip: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The original's steps with the matrices of its own front end."""
    matrices = checkpoints.front_end(PANNS_32K)
    real, imaginary = (
        matrices[f"spectrogram_extractor.stft.conv_{part}.weight"][:, 0].double().numpy()
        for part in ("real", "imag")
    )
    mirrored = np.pad(np.pad(clip, (0, max(0, 31 * 320 - len(clip)))), 512, mode="reflect")
    starts = range(0, len(mirrored) - 1023, 320)
    frames = np.array([mirrored[start : start + 1024] for start in starts])
    power = (frames @ real.T) ** 2 + (frames @ imaginary.T) ** 2
    bands = power @ matrices["logmel_extractor.melW"].double().numpy()
    levels = 10 * np.log10(np.maximum(bands, 1e-10))
    with torch.no_grad():
        hidden, classes = network(torch.from_numpy(levels)[None, None].float())
    return hidden[0].numpy(), classes[0].numpy()


def test_it_is_the_original(embedder: Cnn14, network: Any) -> None:
    assert isinstance(embedder, Tagger)
    rows, classes = embedder.embed(clips()), embedder.probabilities(clips())
    assert rows.shape == (4, 2048)
    assert classes.shape == (4, 527) == (4, len(embedder.labels))
    assert classes.std() > 0.01
    for clip, row, chances in zip(clips(), rows, classes, strict=True):
        hidden, theirs = expected(network, clip)
        np.testing.assert_allclose(row, hidden, atol=1e-3 * hidden.max())
        np.testing.assert_allclose(chances, theirs, atol=1e-4)
    assert embedder.embed([]).shape == (0, 2048)


def test_classes_have_names_where_the_list_is_there(folder: Path, embedder: Cnn14) -> None:
    assert embedder.labels[3] == "Sound, no. 3"
    assert embedder.sample_rate == 32000
    bare = Cnn14(folder / "Cnn14_mAP=0.431.pth", device="cpu")
    assert bare.labels[526] == "audioset/526"
    assert bare.fingerprint == embedder.fingerprint
    short = checkpoints.class_names(folder / "short.csv", classes=10)
    for wrong in (short, folder / "absent.csv", Path(__file__)):
        with pytest.raises(UsageError, match=r"classes 0 to 526|no list of AudioSet's classes"):
            Cnn14(folder / "Cnn14_mAP=0.431.pth", class_names=wrong, device="cpu")


def test_bfloat16_stays_within_its_bound(folder: Path, embedder: Cnn14) -> None:
    rounded = Cnn14(folder / "Cnn14_mAP=0.431.pth", device="cpu", precision="bfloat16")
    exact, near = embedder.embed(clips()[:1]), rounded.embed(clips()[:1])
    assert 0 < np.linalg.norm(exact - near) < 0.02 * np.linalg.norm(exact)
    assert rounded.fingerprint != embedder.fingerprint


def resave(path: Path, **changed: Any) -> Path:
    """The weights without the 80 M that no check of the front end gets to."""
    torch.save({"model": {**checkpoints.front_end(PANNS_16K), **changed}}, path)
    return path


def test_the_front_end_is_the_one_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"lacks bn0"):
        Cnn14(resave(tmp_path / "16k.pth"), device="cpu")
    filters = checkpoints.front_end(PANNS_16K)["logmel_extractor.melW"]
    with pytest.raises(UsageError, match="another front end than 16000 Hz"):
        Cnn14(resave(tmp_path / "x.pth", **{"logmel_extractor.melW": filters * 2}), device="cpu")
    torch.save({"w": torch.ones(1)}, tmp_path / "y.pth")
    with pytest.raises(UsageError, match=r"no CNN14 of PANNs at 16 or 32 kHz"):
        Cnn14(tmp_path / "y.pth", device="cpu")
    torch.save({"model": checkpoints.front_end(CLAP)}, tmp_path / "z.pth")
    with pytest.raises(UsageError, match="another front end than 32000 Hz"):
        Cnn14(tmp_path / "z.pth", device="cpu")


def test_16_khz_is_told_from_the_file(tmp_path: Path, network: Any) -> None:
    path = checkpoints.cnn14_file(tmp_path / "Cnn14_16k_mAP=0.438.pth", PANNS_16K, network)
    small = Cnn14(path, name="panns-cnn14-16k", device="cpu")
    path.unlink()
    assert (small.sample_rate, small.name) == (16000, "panns-cnn14-16k")
    assert small.probabilities([np.zeros(8000)]).shape == (1, 527)
