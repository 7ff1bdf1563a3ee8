"""How every command ends: the table of exit codes, one line for each error, nothing that is paid
for lost."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from probe.cli import crash
from probe.cli.app import main
from probe.errors import BUG, EXIT_CODES, INTERRUPTED, OtherSourceError, ProbeError, UsageError
from probe.records import Outcome
from probe.records.run_folder import read_completions
from probe.sandbox import Execution
from tests.fakes.providers import PROGRAM, Answer, ProviderServer
from tests.fakes.sandbox import FakeSandbox

ROOT = Path(__file__).parents[2]

Probe = Callable[..., tuple[int, str, str]]


@pytest.fixture
def probe(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Probe:
    """Run the command line in this process: exit code, standard output, standard error."""
    monkeypatch.setenv("PROBE_CACHE", str(tmp_path / "cache"))

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["probe", *arguments])
        with pytest.raises(SystemExit) as ending:
            main()
        said = capsys.readouterr()
        return int(ending.value.code or 0), said.out, said.err

    return run


def failing(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `probe doctor` end in an error of any kind."""

    def examine() -> None:
        raise error

    monkeypatch.setattr("probe.cli.doctor.examine", examine)


# --- the table -----------------------------------------------------------------------------------


def rows(path: Path) -> dict[int, str]:
    """Codes and meanings of the table in a page."""
    cells = [line.split("|") for line in path.read_text(encoding="utf-8").splitlines()]
    return {
        int(row[1]): row[2].strip() for row in cells if len(row) > 3 and row[1].strip().isdigit()
    }


def test_the_table_of_exit_codes_is_the_readmes() -> None:
    assert rows(ROOT / "README.md") == EXIT_CODES


def test_every_error_of_ours_has_a_code_of_the_table() -> None:
    kinds = [ProbeError]
    for kind in kinds:
        kinds += kind.__subclasses__()
        assert kind.exit_code in EXIT_CODES, kind


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (None, 0),
        (ProbeError("half of it"), 1),
        (UsageError("no such thing"), 2),
        (OSError(errno.EROFS, "Read-only file system", "/x"), 3),
        (OtherSourceError("another image"), 4),
        (SystemExit(5), 5),
        (SystemExit(6), 6),
        (KeyError("prompt"), BUG),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), BUG),
        (KeyboardInterrupt(), INTERRUPTED),
    ],
)
def test_commands_end_with_the_codes_of_the_table(
    error: BaseException | None, code: int, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert code in EXIT_CODES
    if error is not None:
        failing(monkeypatch, error)
    found, _, said = probe("doctor" if error is not None else "--version")
    assert found == code
    assert "Traceback" not in said
    assert said.count("\n") == (0 if error is None or isinstance(error, SystemExit) else 1)


# --- paths of the person's -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("run", "--tier", "notes", "--model", "builtin/noise", "--results", "file/x"),
            "Not a dir",
        ),
        (
            ("run", "--tier", "notes", "--model", "builtin/noise", "--results", "n" * 300),
            "File name too long; give a shorter name",
        ),
        (("prompts", "export", "--tier", "notes", "--out", "no/p.csv"), "no/p.csv: No such file"),
        (("prompts", "export", "--tier", "notes", "--out", "."), "Is a directory"),
        (
            ("tiers", "generate", "notes", "--seed", "1", "--n", "5", "--out", "file/x"),
            "file/x: File exists; a file stands where a folder is needed",
        ),
        (("site", "--results", ".", "--no-audio", "--out", "file/site"), "Not a directory"),
    ],
)
def test_a_path_that_cannot_be_is_one_line_and_three(
    arguments: tuple[str, ...],
    said: str,
    probe: Probe,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("x")
    code, _, line = probe(*arguments)
    assert code == 3, line
    assert line.startswith("probe: ")
    assert said in line
    assert line.count("\n") == 1


@pytest.mark.parametrize("full", ["LEADERBOARD.md", "leaderboard.json"])
def test_a_full_disk_is_told_with_the_file(full: str, probe: Probe, tmp_path: Path) -> None:
    (tmp_path / full).symlink_to("/dev/full")
    code, _, said = probe("leaderboard", "--results", str(tmp_path))
    assert code == 3
    way_on = "No space left on device; make room; the same command goes on from here"
    assert said == f"probe: {tmp_path / full}: {way_on}\n"


def test_standard_output_that_takes_nothing_is_one_line() -> None:
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONUNBUFFERED"}
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "probe", "--version"],
            stdout=full, stderr=subprocess.PIPE, text=True, env=environment,
        )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.startswith("probe: standard output: No space left on device")
    assert done.stderr.count("\n") == 1


# --- what was paid for ---------------------------------------------------------------------------


@pytest.fixture
def full_after_two(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A disk that takes two replies and half of a third."""
    write, taken = os.write, []

    def short(descriptor: int, data: Any) -> int:
        if Path(f"/proc/self/fd/{descriptor}").readlink().name != "completions.jsonl":
            return write(descriptor, data)
        if len(taken) == 2:
            taken.append(1)
            return write(descriptor, bytes(data)[:20])
        if len(taken) > 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        taken.append(1)
        return write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr("os.write", short)
        yield


@pytest.fixture
def ask(probe: Probe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Probe]:
    """Ask a paid model behind a loopback server; every program fails."""
    failed = Execution(outcome=Outcome.RUNTIME_ERROR)
    venue = SimpleNamespace(open=lambda: FakeSandbox(lambda *_: failed))
    monkeypatch.setattr("probe.run.open_venue", lambda *_, **__: venue)
    monkeypatch.setattr("probe.run.preflight", lambda _: None)
    with ProviderServer(Answer(PROGRAM)) as server:

        def run(*more: str) -> tuple[int, str, str]:
            return probe(
                *("run", "--tier", "notes", "--limit", "6", "--model", "openai/llama"),
                *("--base-url", f"{server.url}/v1", "--name", "lab/llama"),
                *("--results", str(tmp_path / "r"), *more),
            )

        run.server = server  # type: ignore[attr-defined]
        yield run


LOG = Path("r", "notes", "lab--llama", "completions.jsonl")


@pytest.mark.usefixtures("full_after_two")
def test_a_reply_that_the_log_does_not_take_is_in_the_cache(ask: Probe, tmp_path: Path) -> None:
    code, _, said = ask()
    assert code == 3, said
    assert f"{LOG}: No space left on device; make room" in said.splitlines()[-1]
    assert "cannot be written (No space left on device); the cache of replies has it" in said
    assert len(list(read_completions((tmp_path / LOG).parent))) == 2, "and no half of a third"
    assert (tmp_path / LOG).read_bytes().endswith(b"\n")


def test_a_reply_that_is_kept_nowhere_is_printed(
    ask: Probe, full_after_two: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, said = ask("--no-cache")
    assert code == 3
    lines = [line for line in said.splitlines() if line.startswith('{"prompt"')]
    asked = ask.server.received  # type: ignore[attr-defined]
    assert len(lines) == asked - 2 > 0, "everything that was paid for is in the log or here"
    assert PROGRAM.strip() in json.loads(lines[0])["text"]
    monkeypatch.undo()
    with (tmp_path / LOG).open("a") as log:
        log.writelines(f"{line}\n" for line in lines)
    assert len(list(read_completions((tmp_path / LOG).parent))) == asked


# --- bugs ----------------------------------------------------------------------------------------


def test_a_bug_is_one_line_and_a_file_without_secrets(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "quite-secret-value")
    failing(monkeypatch, KeyError("quite-secret-value at http://me:pw@proxy:3128"))
    code, out, said = probe("doctor")
    assert (code, out) == (BUG, "")
    assert said.startswith(
        "probe: a bug in probe: KeyError: '*** at http://***@proxy:3128' in test_"
    )
    (file,) = (tmp_path / "cache" / "crashes").iterdir()
    assert str(file) in said
    text = file.read_text()
    assert "Traceback (most recent call last)" in text
    assert "command: probe doctor" in text
    assert "numpy 2" in text
    assert "quite-secret-value" not in text + said
    assert "pw" not in said
    assert "Traceback" not in said


def test_a_bug_is_told_where_nothing_can_be_written(
    probe: Probe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "cache").write_text("no folder")
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path / "cache"))
    failing(monkeypatch, KeyError("x"))
    assert "no folder takes the details" in probe("doctor")[2]


@pytest.mark.parametrize("error", [KeyError("x"), OSError(errno.EROFS, "Read-only", "/x")])
def test_a_traceback_is_shown_where_it_is_asked_for(
    error: Exception, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, error)
    _, _, said = probe("--traceback", "doctor")
    assert said.startswith("Traceback (most recent call last)")
    assert said.splitlines()[-1].startswith("probe: ")


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("run --set api_key=abc --tier notes", "run --set api_key=*** --tier notes"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        ("socks5://me:pw@host:1 and https://host/v1", "socks5://***@host:1 and https://host/v1"),
        ("no model sk-proj-0123456789abc", "no model ***"),
        ("a key is needed", "a key is needed"),
        ("max_tokens=2000", "max_tokens=2000"),
    ],
)
def test_what_looks_like_a_secret_is_left_out(text: str, safe: str) -> None:
    assert crash.without_secrets(text, {}) == safe
