from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from typer.testing import CliRunner

from probe.cli.app import app
from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.score.weights import Weights, check, from_hub, known, named, require, state
from probe.score.weights.fetching import fetch
from probe.score.weights.store import LOCK

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Source(ThreadingHTTPServer):
    """Files by path on loopback, in the way that Hugging Face gives them too."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.files: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.cut = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Source

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        self.server.asked.append(path)
        if path.startswith("/api/models/"):
            repo, _, revision = path.removeprefix("/api/models/").partition("/revision/")
            start = f"/{repo}/resolve/{COMMIT}/"
            names = [name for name in self.server.files if name.startswith(start)]
            if not names or revision not in ("", "main", COMMIT):
                self.answer(404, b"{}")
                return
            siblings = [{"rfilename": name.removeprefix(start)} for name in names]
            body = {"_id": "1", "id": repo, "sha": COMMIT, "siblings": siblings}
            self.answer(200, json.dumps(body).encode(), "application/json")
        elif path in self.server.files:
            self.answer(200, self.server.files[path])
        else:
            self.answer(404, b"nothing here")

    do_HEAD = do_GET  # noqa: N815

    def answer(self, status: int, body: bytes, kind: str = "application/octet-stream") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", f'"{hashlib.sha256(body).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body[: len(body) // 2] if self.server.cut else body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def source() -> Iterator[Source]:
    with Source() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROBE_WEIGHTS", str(tmp_path / "weights"))
    return tmp_path / "weights"


def weights(source: Source, content: bytes = b"numbers", **more: object) -> Weights:
    source.files["/a%20b.pth"] = source.files["/a b.pth"] = content
    given = {
        "name": "small",
        "kind": "vggish",
        "about": "small weights",
        "files": ("a b.pth",),
        "urls": {"a b.pth": f"{source.url}/a%20b.pth"},
        "licence": "MIT",
    }
    return Weights.model_validate({**given, **more})


def test_the_table_is_whole() -> None:
    for name, entry in known().items():
        assert (entry.repo is None) == bool(entry.urls), name
        for names in entry.file_names:
            assert entry.repo or names[0] in entry.urls, name
            assert all(Path(file).name == file for file in names), name
        assert all(url.startswith("https://") for url in entry.urls.values()), name
        assert all(need in known() for need in entry.needs), name
        assert entry.licence, name
    assert not any("fusion" in file for entry in known().values() for file in entry.files)


def test_names_and_ids(home: Path) -> None:
    assert named("vggish") is known()["vggish"]
    assert from_hub("laion/clap-htsat-unfused") is known()["clap-htsat-unfused"]
    other = named("clap:owner/model.v1")
    assert (other.name, other.argument) == ("owner--model.v1", "clap:owner/model.v1")
    for name in ("vgish", "clap:", "clap:../x", "clap:a/b/c", "clap:a/.."):
        with pytest.raises(UsageError):
            named(name)


def test_fetched_weights_are_recorded_and_compared(source: Source, home: Path) -> None:
    entry = weights(source)
    assert state(entry) == "absent"
    with pytest.raises(PrerequisiteError, match="`probe weights fetch small`"):
        require(entry)
    heard: list[tuple[str, int, int | None]] = []
    assert fetch(entry, progress=lambda *now: heard.append(now)) == [entry]
    assert heard == [("a b.pth", 7, 7)]
    assert (require(entry) / "a b.pth").read_bytes() == b"numbers"
    lock = json.loads((home / LOCK).read_text())
    digest = hashlib.sha256(b"numbers").hexdigest()
    assert lock["small"]["files"] == {"a b.pth": {"sha256": digest, "size": 7}}
    assert check(entry) == "present"
    assert sorted(path.name for path in home.iterdir()) == ["small", LOCK]

    (home / "small" / "a b.pth").write_bytes(b"NUMBERS")
    assert check(entry) == "changed"
    (home / "small" / "a b.pth").write_bytes(b"longer than it was")
    assert state(entry) == "changed"
    fetch(entry)
    assert check(entry) == "present"


def test_what_is_there_is_not_fetched_again(source: Source) -> None:
    entry = weights(source)
    fetch(entry)
    source.asked.clear()
    assert fetch(entry) == []
    assert source.asked == []
    assert fetch(entry, again=True) == [entry]
    assert source.asked == ["/a%20b.pth"]


def test_a_source_that_changes_replaces_nothing(source: Source, home: Path) -> None:
    fetch(weights(source))
    other = weights(source, content=b"others!")
    with pytest.raises(ProbeError, match=f"another a b.pth than before .*{LOCK}"):
        fetch(other, again=True)
    assert (home / "small" / "a b.pth").read_bytes() == b"numbers"
    assert sorted(path.name for path in home.iterdir()) == ["small", LOCK]


def test_a_digest_known_beforehand_counts_at_the_first_fetch(source: Source, home: Path) -> None:
    with pytest.raises(ProbeError, match="gives another"):
        fetch(weights(source, sha256={"a b.pth": "0" * 64}))
    assert not (home / "small").exists()
    fetch(weights(source, sha256={"a b.pth": hashlib.sha256(b"numbers").hexdigest()}))


def test_sources_that_fail_are_errors_in_one_line(source: Source, home: Path) -> None:
    entry = weights(source)
    source.cut = True
    with pytest.raises(ProbeError, match=r"cannot fetch|ended after") as caught:
        fetch(entry)
    assert "\n" not in str(caught.value)
    source.cut = False
    source.files.clear()
    with pytest.raises(ProbeError, match="answers 404"):
        fetch(entry)
    nowhere = entry.model_copy(update={"urls": {"a b.pth": "http://127.0.0.1:1/x"}})
    with pytest.raises(ProbeError, match="cannot fetch"):
        fetch(nowhere)
    assert state(entry) == "absent"
    assert list(home.iterdir()) == []


def test_hugging_face_gives_a_commit_that_is_asked_for_again(
    source: Source, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    constants = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(constants, "ENDPOINT", source.url)
    template = source.url + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    start = f"/owner/model/resolve/{COMMIT}/"
    for name in ("config.json", "pytorch_model.bin", "vocab.json", "merges.txt", "README.md"):
        source.files[start + name] = f"content of {name}".encode()
    entry = from_hub("owner/model")
    fetch(entry)
    found = {path.name: path.read_text() for path in require(entry).iterdir()}
    expected = ("config.json", "merges.txt", "pytorch_model.bin", "vocab.json")
    assert found == {name: f"content of {name}" for name in expected}
    lock = json.loads((home / LOCK).read_text())
    assert lock["owner--model"]["revision"] == COMMIT
    source.asked.clear()
    fetch(entry, again=True)
    assert f"/api/models/owner/model/revision/{COMMIT}" in source.asked
    del source.files[start + "vocab.json"]
    with pytest.raises(ProbeError, match=r"owner/model on Hugging Face has no vocab\.json"):
        fetch(entry, again=True)
    with pytest.raises(ProbeError, match="cannot fetch owner/other from Hugging Face"):
        fetch(from_hub("owner/other"))


def test_an_offline_folder_serves_and_is_left_alone(tmp_path: Path, home: Path) -> None:
    shelf = tmp_path / "shelf"
    (shelf / "audioset-labels").mkdir(parents=True)
    (shelf / "audioset-labels" / "class_labels_indices.csv").write_text("labels")
    with pytest.raises(UsageError, match=r"has no Cnn14_mAP=0\.431\.pth for panns-cnn14"):
        fetch(known()["panns-cnn14"], offline=shelf)
    (shelf / "Cnn14_mAP=0.431.pth").write_text("weights")
    assert [each.name for each in fetch(known()["panns-cnn14"], offline=shelf)] == ["panns-cnn14"]
    assert (home / "panns-cnn14" / "Cnn14_mAP=0.431.pth").read_text() == "weights"
    assert (shelf / "Cnn14_mAP=0.431.pth").read_text() == "weights"
    assert state(known()["audioset-labels"]) == "present"


def test_a_lock_that_cannot_be_read_is_not_thrown_away(source: Source, home: Path) -> None:
    entry = weights(source)
    fetch(entry)
    for text in ("{", "[]", '{"small": {"files": 3}}'):
        (home / LOCK).write_text(text)
        with pytest.raises(UsageError, match="cannot be read"):
            state(entry)
        assert (home / LOCK).read_text() == text


def test_the_command_line(tmp_path: Path, home: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (shelf / "vocab.json").write_text("{}")
    (shelf / "merges.txt").write_text("#")
    runner = CliRunner()

    def line(*words: str) -> tuple[int, str]:
        got = runner.invoke(app, ["weights", *words])
        return got.exit_code, got.stdout

    def listed(name: str) -> str:
        _, text = line("list")
        return next(row for row in text.splitlines() if row.split()[0] == name).split()[1]

    assert listed("roberta-base") == "absent"
    assert line("check") == (0, "no weights are here\n")
    assert line("check", "vggish")[0] == 1
    assert line("fetch", "roberta-base", "--from", str(shelf)) == (
        0,
        f"roberta-base  {home / 'roberta-base'}\n",
    )
    assert line("fetch", "roberta-base") == (0, "roberta-base  is here already\n")
    assert listed("roberta-base") == "present"
    assert line("check") == (0, "roberta-base  is what it was\n")
    (home / "roberta-base" / "merges.txt").write_text("!")
    code, text = line("check")
    assert code == 1
    assert "has changed; `probe weights fetch roberta-base --again`" in text

    (home / "vggish").mkdir()
    (home / "vggish" / "vggish-10086976.pth").write_text("put here by hand")
    assert listed("vggish") == "unrecorded"
    assert line("check", "vggish") == (0, "vggish  is recorded now\n")
    assert listed("vggish") == "present"
