"""The door ``command/<template>`` with ``{out}`` in it: a generator in an environment of its own.

For whatever cannot be installed beside probe. The command line names ``{prompts}`` and ``{out}``;
it is run once a batch::

    probe run --tier sounds --name tango-2 \
        --model 'command/.venv/bin/python tango.py {prompts} {out}'

``{prompts}`` is a file of JSON lines, one an attempt::

    {"id": "101-dog", "sample": 0, "text": "A dog barks twice.", "say": null,
     "duration_s": 4.0, "sample_rate": 44100, "file": "101-dog-0.wav"}

and ``{out}`` an empty folder, into which the command writes each ``file`` (WAV, or FLAC, MP3 or OGG
under that suffix) at any sample rate and length. A line on standard output that is the name of a
file says that it is whole, so that it counts at once and is kept whatever happens later; a line of
JSON with "id", "sample" and "error" says that an attempt failed and will be tried again by the next
run. What is not spoken of is looked for when the command ends: an attempt without a file has given
no output where the exit code is 0, and is tried again by the next run where it is not.

A command without ``{out}`` is a language model's and answers in text (`probe.models.command`). The
program runs with the person's own rights.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from probe.errors import PrerequisiteError
from probe.models.base import BatchSource, DoorOptions, NoAudioError, Taken
from probe.models.command_line import CommandLine
from probe.models.leftover import SUFFIXES, clip_left
from probe.models.options import number, read_options
from probe.records import ModelKind, Outcome, Prompt
from probe.text import decoded, printable
from probe.tier.export import attempt_row, stem

OPTIONS = {"timeout": number(0.01, 7 * 86_400)}
"""What ``--set`` takes: the longest silence, in seconds."""

SILENCE_S = 1800.0
"""Without a new line or file for this long the command is killed; it may load weights first."""

BATCH = 64
"""Attempts that a command gets at once, unless ``--concurrency`` says otherwise."""

_GRACE_S = 10.0
"""What a command gets to end once every attempt is accounted for."""

_POLL_S = 0.2
_LINE_BYTES = 64 << 10
_TAIL_BYTES = 2000

_Attempt = tuple[Prompt, int]


class RenderCommand(BatchSource):
    """A generator behind a command line.

    Parameters
    ----------
    template : str
        The command line, with ``{prompts}`` and ``{out}`` in it.
    how : DoorOptions
        What the person wants of this door.

    Raises
    ------
    UsageError
        The command line or an option makes no sense.
    PrerequisiteError
        There is no such program.
    """

    kind: ModelKind = "generator"

    def __init__(self, template: str, how: DoorOptions = DoorOptions()) -> None:  # noqa: B008
        self._line = CommandLine(template, how.name, needs=("{prompts}", "{out}"))
        self.name = self._line.name
        self._options = read_options(how.settings, OPTIONS, "command")
        self._batch = how.concurrency or BATCH
        self._delivered = False

    def settings(self) -> dict[str, Any]:
        """The template, the options, and the digests of the files the template names."""
        return {**self._line.settings(), **self._options}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be asked."""
        return True

    def audios(self, attempts: Sequence[_Attempt], sample_rate: int) -> Iterator[Taken]:
        """Run the command for one batch after another.

        Raises
        ------
        PrerequisiteError
            It fails, or is silent, without having delivered a single clip.
        """
        for start in range(0, len(attempts), self._batch):
            batch = {stem(a[0].id, a[1]): a for a in attempts[start : start + self._batch]}
            with tempfile.TemporaryDirectory(prefix="probe-") as folder:
                running = _Running(self._line, Path(folder), batch, sample_rate)
                try:
                    yield from self._take(running, batch, sample_rate)
                finally:
                    running.end()

    def _take(
        self, running: _Running, batch: dict[str, _Attempt], sample_rate: int
    ) -> Iterator[Taken]:
        waiting = dict(batch)
        patience = float(self._options.get("timeout", SILENCE_S))

        def read(name: str) -> Taken:
            prompt, sample = waiting.pop(name)
            try:
                clip = clip_left(_file(running.out, name), sample_rate)
            except NoAudioError as error:
                return Taken(prompt, sample, error)
            self._delivered = True
            return Taken(prompt, sample, clip)

        for line in running.lines(patience, waiting):
            name, error = _understand(line)
            if name not in waiting:
                continue
            if error is not None:
                found = NoAudioError(Outcome.PROVIDER_ERROR, error)
                yield Taken(*waiting.pop(name), found)
            elif _file(running.out, name).is_file():
                yield read(name)
        # What was never spoken of: a command that was killed may have left a torn file last.
        newest = running.newest() if running.killed else None
        for name in list(waiting):
            path = _file(running.out, name)
            if path.is_file() and path.name != newest:
                yield read(name)
        if waiting and running.fault and not self._delivered:
            raise PrerequisiteError(f"{running.fault}; no clip yet")
        for name, (prompt, sample) in waiting.items():
            fault = NoAudioError(Outcome.NO_OUTPUT, f"the command left no {name}.wav")
            if running.fault:
                fault = NoAudioError(Outcome.PROVIDER_ERROR, running.fault)
            yield Taken(prompt, sample, fault)


class _Running:
    """One process and the files it was given."""

    def __init__(
        self, line: CommandLine, folder: Path, batch: dict[str, _Attempt], sample_rate: int
    ) -> None:
        self.out = folder / "out"
        self.out.mkdir()
        self.fault = ""
        self.killed = False
        prompts = folder / "prompts.jsonl"
        rows = (attempt_row(*attempt, sample_rate) for attempt in batch.values())
        lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        prompts.write_text("".join(lines), encoding="utf-8")
        try:
            self._process = subprocess.Popen(
                line.filled({"{prompts}": prompts, "{out}": self.out}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            raise PrerequisiteError(f"the command cannot be run: {error.strerror}") from None
        self._said: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._tail = b""
        assert self._process.stdout
        assert self._process.stderr
        self._threads = [
            threading.Thread(target=self._read, args=(self._process.stdout,), daemon=True),
            threading.Thread(target=self._keep_tail, args=(self._process.stderr,), daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def lines(self, patience: float, waiting: dict[str, _Attempt]) -> Iterator[bytes]:
        """What the command prints, until it is at its end or silent for too long."""
        heard, there = time.monotonic(), 0
        while True:
            with contextlib.suppress(queue.Empty):
                line = self._said.get(timeout=_POLL_S)
                heard = time.monotonic()
                yield line
                continue
            if self._process.poll() is not None:
                break
            now = time.monotonic()
            if there != (there := len(os.listdir(self.out))):  # noqa: PTH208
                heard = now
            left_s = patience if waiting else min(_GRACE_S, patience)
            if now - heard > left_s:
                self.killed = True
                self.fault = f"the command said nothing for {left_s:g} s" if waiting else ""
                break
        self.end()
        while not self._said.empty():
            yield self._said.get()
        if self._process.returncode and not self.killed:
            tail = decoded(self._tail).strip().rpartition("\n")[2][-300:]
            said = f"the command ended with exit code {self._process.returncode}"
            self.fault = said + (f": {tail}" if tail else "")
            self.killed = self._process.returncode < 0

    def newest(self) -> str | None:
        """Name of the file that was written to last."""
        files = [path for path in self.out.iterdir() if path.is_file()]
        return max(files, key=lambda path: path.stat().st_mtime_ns).name if files else None

    def end(self) -> None:
        """Kill what still runs of the command and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        # Only a child that left the group can hold a pipe open now.
        for thread in self._threads:
            thread.join(_GRACE_S)
        for stream in (self._process.stdout, self._process.stderr):
            if stream and not any(thread.is_alive() for thread in self._threads):
                stream.close()

    def _read(self, stream: IO[bytes]) -> None:
        while line := stream.readline(_LINE_BYTES):
            self._said.put(line)

    def _keep_tail(self, stream: IO[bytes]) -> None:
        while chunk := os.read(stream.fileno(), 1 << 16):
            self._tail = (self._tail + chunk)[-_TAIL_BYTES:]


def _file(folder: Path, name: str) -> Path:
    """The file of an attempt under whichever suffix it is there; WAV where there is none."""
    names = (folder / f"{name}{suffix}" for suffix in SUFFIXES)
    return next((path for path in names if path.is_file()), folder / f"{name}.wav")


def _understand(line: bytes) -> tuple[str, str | None]:
    """The attempt that a line speaks of, and the error it tells; any other talk is of nothing."""
    text = line.decode("utf-8", "replace").strip()
    if not text.startswith("{"):
        return Path(text).stem if "\0" not in text else "", None
    try:
        row = json.loads(text)
        return stem(row["id"], int(row.get("sample", 0))), printable(str(row["error"]))[:300]
    except (ValueError, KeyError, TypeError, RecursionError, OverflowError):
        return "", None
