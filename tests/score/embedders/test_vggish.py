from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from probe.errors import UsageError  # noqa: E402
from probe.score.embedders.base import FrameEmbedder  # noqa: E402
from probe.score.embedders.vggish import VGGish  # noqa: E402
from tests.fakes import checkpoints  # noqa: E402
from tests.score.embedders.test_melspec import vggish_by_hand  # noqa: E402

RATE = 16000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory, network: Any) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("vggish")
    yield checkpoints.vggish_files(folder, network)
    shutil.rmtree(folder)  # 290 MB


@pytest.fixture(scope="module")
def embedder(files: tuple[Path, Path]) -> VGGish:
    return VGGish(files[0], device="cpu")


@pytest.fixture(scope="module")
def network() -> Any:
    return checkpoints.vggish_network()


def clips() -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    time = np.arange(round(2.5 * RATE)) / RATE
    return [0.1 * rng.standard_normal(RATE), 0.5 * np.sin(2 * np.pi * 440 * time), np.zeros(100)]


def expected(network: Any, clip: np.ndarray, *, last: int) -> np.ndarray:
    """The original's steps on the layers of torch, up to layer `last` of the embedding."""
    bands = vggish_by_hand(np.pad(clip, (0, max(0, 15600 - len(clip)))))
    examples = bands[: len(bands) // 96 * 96].reshape(-1, 1, 96, 64)
    with torch.no_grad():
        x = network["features"](torch.from_numpy(examples).float())
        x = x.transpose(1, 3).transpose(1, 2).reshape(len(x), -1)
        return network["embeddings"][:last](x).numpy()


def test_it_is_the_original_up_to_its_last_activation(embedder: VGGish, network: Any) -> None:
    assert isinstance(embedder, FrameEmbedder)
    frames = embedder.embed_frames(clips())
    assert [rows.shape for rows in frames] == [(1, 128), (2, 128), (1, 128)]
    for clip, rows in zip(clips(), frames, strict=True):
        theirs = expected(network, clip, last=5)
        np.testing.assert_allclose(rows, theirs, rtol=1e-4, atol=1e-4 * np.abs(theirs).max())
    assert min(rows.min() for rows in frames) < 0
    means = np.array([rows.mean(axis=0) for rows in frames])
    np.testing.assert_array_equal(embedder.embed(clips()), means)
    assert embedder.embed([]).shape == (0, 128)


def test_with_its_pca_it_is_what_audioset_publishes(
    files: tuple[Path, Path], network: Any, embedder: VGGish
) -> None:
    whitened = VGGish(files[0], name="vggish-pca", pca=files[1], device="cpu")
    parameters = torch.load(files[1], weights_only=False)
    matrix, means = parameters["pca_eigen_vectors"], parameters["pca_means"]
    clip = clips()[1]
    raw = expected(network, clip, last=6).astype(np.float64)
    steps = np.clip((matrix @ (raw.T - means)).T, -2, 2)
    (rows,) = whitened.embed_frames([clip])
    assert set(np.unique(rows % 1)) == {0.0}
    assert rows.min() >= 0
    assert rows.max() <= 255
    np.testing.assert_allclose(rows, (steps + 2) * 255 / 4, atol=0.51)
    assert whitened.fingerprint != embedder.fingerprint


def test_bfloat16_stays_within_its_bound(files: tuple[Path, Path], embedder: VGGish) -> None:
    rounded = VGGish(files[0], device="cpu", precision="bfloat16")
    exact, near = embedder.embed(clips()[:1]), rounded.embed(clips()[:1])
    assert 0 < np.linalg.norm(exact - near) < 0.02 * np.linalg.norm(exact)
    assert rounded.fingerprint != embedder.fingerprint


def test_other_files_are_refused_with_the_reason(tmp_path: Path, files: tuple[Path, Path]) -> None:
    weights, pca = files
    torch.save({"x": torch.ones(1)}, tmp_path / "other.pth")
    torch.save({"features.0.weight": torch.ones(1)}, tmp_path / "small.pth")
    with pytest.raises(UsageError, match=r"lacks features\.0\.weight"):
        VGGish(tmp_path / "other.pth", device="cpu")
    with pytest.raises(UsageError, match=r"features\.0\.weight has shape \(1,\), not"):
        VGGish(tmp_path / "small.pth", device="cpu")
    with pytest.raises(UsageError, match="no parameters of VGGish's PCA"):
        VGGish(weights, pca=tmp_path / "other.pth", device="cpu")
    with pytest.raises(UsageError, match="holds no weights"):
        VGGish(pca, device="cpu")
