from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from probe.errors import PrerequisiteError, UsageError
from probe.score.embedders import embedder_names, open_embedder
from probe.score.embedders.base import TextEmbedder
from probe.score.weights import known


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROBE_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def test_logmel_needs_nothing() -> None:
    assert open_embedder("logmel").name == "logmel"


@pytest.mark.parametrize("name", [name for name in embedder_names() if name != "logmel"])
def test_absent_weights_come_with_the_command(home: Path, name: str) -> None:
    with pytest.raises(PrerequisiteError, match=f"`probe weights fetch {name}`") as caught:
        open_embedder(name)
    assert str(home) in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("clap:owner/model", "fetch clap:owner/model"),
        ("clap:laion/larger_clap_general", "fetch clap-larger_clap_general"),
        ("clap:630k-audioset-best", "fetch clap-630k-audioset-best"),
    ],
)
def test_ids_of_hugging_face_come_with_the_command(home: Path, name: str, command: str) -> None:
    with pytest.raises(PrerequisiteError, match=command):
        open_embedder(name)


@pytest.mark.parametrize(
    "name", ["vgish", "roberta-base", "", "clap:", "clap:/absent.pt", "clap:a/b/c", "clap:x.pt"]
)
def test_unknown_names_are_usage_errors(home: Path, name: str) -> None:
    with pytest.raises(UsageError, match=r"unknown embedder|there is no file"):
        open_embedder(name)


def test_clap_opens_from_every_place(home: Path, tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tests.fakes import checkpoints

    checkpoints.tokenizer(home / "roberta-base")
    checkpoints.laion_file(tmp_path / "630k-tiny.pt")
    (home / "clap-630k-audioset-best").mkdir()
    checkpoints.laion_file(home / "clap-630k-audioset-best" / "630k-audioset-best.pt")
    checkpoints.clap_folder(tmp_path / "clap-mine")
    checkpoints.clap_folder(home / "owner--model")
    checkpoints.clap_folder(home / "clap-larger_clap_general")
    names = {
        f"clap:{tmp_path / '630k-tiny.pt'}": "clap-630k-tiny",
        f"clap:{tmp_path / 'clap-mine'}": "clap-mine",
        "clap:owner/model": "clap-model",
        "clap:laion/larger_clap_general": "clap-larger_clap_general",
        "clap-larger_clap_general": "clap-larger_clap_general",
        "clap-630k-audioset-best": "clap-630k-audioset-best",
        "clap:630k-audioset-best": "clap-630k-audioset-best",
    }
    clip = 0.1 * np.random.default_rng(0).standard_normal(48000)
    rows = []
    for name, expected in names.items():
        embedder = open_embedder(name, device="cpu")
        assert embedder.name == expected
        assert isinstance(embedder, TextEmbedder)
        assert embedder.embed_text(["a dog"]).shape == (1, embedder.dimension)
        rows.append(embedder.embed([clip])[0])
    np.testing.assert_allclose(rows, np.tile(rows[0], (len(rows), 1)), atol=1e-6)


def test_changed_weights_are_not_opened(home: Path) -> None:
    from probe.score.weights import check

    entry = known()["vggish"]
    file = home / "vggish" / entry.files[0]
    file.parent.mkdir(parents=True)
    file.write_bytes(b"weights")
    check(entry)
    file.write_bytes(b"other weights")
    with pytest.raises(PrerequisiteError, match="`probe weights fetch vggish --again`"):
        open_embedder("vggish")


def test_devices_that_are_not_there_are_named(home: Path, tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from tests.fakes import checkpoints

    folder = checkpoints.clap_folder(tmp_path / "x")
    with pytest.raises(UsageError, match="unknown device 'tpu'"):
        open_embedder(f"clap:{folder}", device="tpu")
    beyond = f"cuda:{torch.cuda.device_count()}"
    with pytest.raises(PrerequisiteError, match=f"has no {beyond}"):
        open_embedder(f"clap:{folder}", device=beyond)


def test_without_torch_there_is_a_command_and_logmel() -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from probe.score.embedders import open_embedder\n"
        "from probe.errors import PrerequisiteError\n"
        "open_embedder('logmel')\n"
        "try: open_embedder('clap:' + sys.argv[1])\n"
        "except PrerequisiteError as error: print(error)"
    )
    got = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert "pip install 'probe[score]'" in got.stdout
