"""The door ``command/<template>``: a program of the person's own that turns prompts into replies.

The template is a command line, such as ``command/python answer.py`` or ``command/./gen.sh {input}
{output}``. It is started for a batch of prompts (as many as ``--concurrency`` says) and gets one
JSON object a line, on standard input or in the file that stands for ``{input}``::

    {"id": "a4", "sample": 0, "turn": 0, "text": "…", "history": [], "max_tokens": 16384}

and writes one for each, in any order, to standard output or to the file ``{output}``::

    {"id": "a4", "sample": 0, "turn": 0, "reply": "…"}        or, instead of reply, "error": "…"

``sample`` and ``turn`` may be left out where they are 0; ``finish_reason``, ``usage`` and ``model``
may be added. A reply counts as soon as its line is there. The program runs with the person's own
rights: it is theirs, not a model's.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from probe.errors import PrerequisiteError, ProbeError
from probe.models.base import DoorOptions, ProviderError, Reply, Request, StoppedError
from probe.models.command_line import CommandLine
from probe.models.options import number, read_options, whole
from probe.models.service import storable
from probe.records import ModelKind, Prompt
from probe.text import decoded, printable

OPTIONS = {"max_tokens": whole(1), "timeout": number(0.01, 7 * 86_400)}
"""What ``--set`` takes; `timeout` is the longest silence, in seconds."""

SILENCE_S = 600.0
"""Without a new reply for this long the program is killed; models of some size load in minutes."""

BATCH = 64
"""Prompts a program gets at once, unless ``--concurrency`` says otherwise."""

_GRACE_S = 10.0
"""What a program gets to end after its last reply, and a pipe after its program."""

_LINE_BYTES = 8 << 20
_TAIL_BYTES = 2000
_GATHER_S = 0.01
_POLL_S = 0.1

_Key = tuple[str, int, int]
_Waiting = tuple[Request, asyncio.Future[Reply]]


class _Row(BaseModel):
    """A line of the program's; columns that say more are let pass."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    id: str
    sample: int = Field(default=0, ge=0)
    turn: int = Field(default=0, ge=0)
    reply: str | None = None
    error: str | None = None
    finish_reason: Literal["stop", "length", "refusal"] = "stop"
    usage: dict[str, Any] | None = None
    model: str | None = None


class Command:
    """A language model behind a command line.

    Parameters
    ----------
    template : str
        The command line.
    how : DoorOptions
        What the person wants of this door.

    Raises
    ------
    UsageError
        The command line or an option makes no sense.
    PrerequisiteError
        There is no such program.
    """

    kind: ModelKind = "language model"

    def __init__(self, template: str, how: DoorOptions = DoorOptions()) -> None:  # noqa: B008
        self._line = CommandLine(template, how.name)
        self.name = self._line.name
        self.concurrency = how.concurrency or BATCH
        self._options = read_options(how.settings, OPTIONS, "command")
        self._waiting: list[_Waiting] = []
        self._runner: asyncio.Task[None] | None = None
        self._halted = False
        self._answered = False

    def settings(self) -> dict[str, Any]:
        """The template, the options, and the digests of the files the template names."""
        return {**self._line.settings(), **self._options}

    def covers(self, prompt: Prompt) -> bool:  # noqa: ARG002
        """Any prompt can be asked."""
        return True

    async def complete(self, request: Request) -> Reply:
        """Answer one request as part of the next batch.

        Raises
        ------
        ProviderError
            The program gave no reply to this prompt.
        PrerequisiteError
            It fails without a single reply.
        StoppedError
            `halt` came first.
        """
        if self._halted:
            raise StoppedError("stopped before it was asked")
        answer: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._waiting.append((request, answer))
        if self._runner is None:
            self._runner = asyncio.create_task(self._run())
        return await answer

    def halt(self) -> None:
        """Start no further batch."""
        self._halted = True

    async def aclose(self) -> None:
        """Kill what still runs."""
        if self._runner is not None:
            self._runner.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._runner

    async def _run(self) -> None:
        """Run batches until nobody waits."""
        try:
            while self._waiting:
                await asyncio.sleep(_GATHER_S)  # so that those who were just answered ask again
                if self._halted:
                    break
                batch = self._take()
                try:
                    await self._answer(batch)
                except ProbeError as error:
                    _fail(batch.values(), error)
        finally:
            _fail(self._waiting, StoppedError("stopped before it was asked"))
            self._waiting.clear()
            self._runner = None

    def _take(self) -> dict[_Key, _Waiting]:
        """As many as fit, each key once; a second of the same key waits for the next batch."""
        batch: dict[_Key, _Waiting] = {}
        later = []
        for waiting in self._waiting:
            key = _key(waiting[0])
            if waiting[1].done():
                continue
            if key in batch or len(batch) >= self.concurrency:
                later.append(waiting)
            else:
                batch[key] = waiting
        self._waiting = later
        return batch

    async def _answer(self, batch: dict[_Key, _Waiting]) -> None:
        with tempfile.TemporaryDirectory(prefix="probe-") as folder:
            await _Batch(self, batch, Path(folder)).run()

    def command(self, folder: Path) -> tuple[list[str], Path | None, Path | None]:
        """The command line with its files' names, and those files where it has them."""
        names = {"{input}": folder / "input.jsonl", "{output}": folder / "output.jsonl"}
        given, wanted = (path if self._line.has(name) else None for name, path in names.items())
        return self._line.filled(names), given, wanted

    @property
    def silence_s(self) -> float:
        """The longest silence."""
        return float(self._options.get("timeout", SILENCE_S))

    def line(self, request: Request) -> bytes:
        """What the program is told of one request."""
        prompt, sample, turn = _key(request)
        row = {
            "id": prompt,
            "sample": sample,
            "turn": turn,
            "text": request.text,
            "history": [turn.model_dump() for turn in request.history],
            "max_tokens": self._options.get("max_tokens", request.max_tokens),
        }
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def unanswered(self, ended: str, tail: str) -> ProbeError:
        """What to say of prompts without a reply; a program that never gave one is to blame."""
        said = f"the command {ended}" + (f": {tail}" if tail else "")
        return ProviderError(said) if self._answered else PrerequisiteError(f"{said}; no reply yet")

    def answered(self) -> None:
        """Note that the program works."""
        self._answered = True


class _Batch:
    """One process and the prompts it was given."""

    def __init__(self, door: Command, waiting: dict[_Key, _Waiting], folder: Path) -> None:
        self._door = door
        self._waiting = waiting
        self._words, self._given, self._wanted = door.command(folder)
        self._began = self._heard = time.monotonic()
        self._over = asyncio.Event()
        self._odd = ""
        self._tail = b""

    async def run(self) -> None:
        """Run the process to its end and fail whatever it has not answered."""
        lines = b"".join(self._door.line(request) for request, _ in self._waiting.values())
        if self._given:
            self._given.write_bytes(lines)
        try:
            process = await asyncio.create_subprocess_exec(
                *self._words,
                stdin=asyncio.subprocess.DEVNULL if self._given else asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                start_new_session=True,
                limit=_LINE_BYTES,
            )
        except OSError as error:
            raise PrerequisiteError(f"the command cannot be run: {error.strerror}") from None
        pipes = [
            asyncio.create_task(self._feed(process, lines)),
            asyncio.create_task(self._keep_tail(process.stderr)),
        ]
        reading = asyncio.create_task(self._read(process))
        try:
            ended = await self._watch(process, reading)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if reading.done() and process.stdout:
                # What nobody reads would keep its pipe open, and the process unfinished, for ever.
                pipes.append(asyncio.create_task(_drain(process.stdout)))
            await process.wait()
            self._over.set()
            # Only a child that left the group can hold a pipe open now.
            await asyncio.wait([reading, *pipes], timeout=_GRACE_S)
            for task in (reading, *pipes):
                task.cancel()
            await asyncio.gather(reading, *pipes, return_exceptions=True)
            process._transport.close()  # type: ignore[attr-defined]  # a pipe may still be open
        tail = self._odd or decoded(self._tail).strip().rpartition("\n")[2]
        _fail(self._waiting.values(), self._door.unanswered(ended, tail[-300:]))

    async def _watch(self, process: asyncio.subprocess.Process, reading: asyncio.Task[None]) -> str:
        """Wait until the process is at its end, or is to be ended; says how."""
        ending = asyncio.create_task(process.wait())
        try:
            while True:
                done = all(answer.done() for _, answer in self._waiting.values())
                patience = _GRACE_S if done else self._door.silence_s
                left = self._heard + patience - time.monotonic()
                if left <= 0:
                    return f"said nothing for {patience:g} s"
                await asyncio.wait({ending}, timeout=min(left, 1.0 if done else _POLL_S))
                if ending.done():
                    return f"ended with exit code {ending.result()} and without a reply"
                if reading.done() and (error := reading.exception()):
                    return f"wrote what cannot be read ({error})"
        finally:
            ending.cancel()

    async def _feed(self, process: asyncio.subprocess.Process, lines: bytes) -> None:
        if process.stdin is None:
            return
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(lines)
            await process.stdin.drain()
        process.stdin.close()

    async def _keep_tail(self, stream: asyncio.StreamReader | None) -> None:
        while stream and (chunk := await stream.read(1 << 16)):
            self._tail = (self._tail + chunk)[-_TAIL_BYTES:]

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdout is not None
        if self._wanted is None:
            while line := await process.stdout.readline():
                self._take(line)
            return
        draining = asyncio.create_task(_drain(process.stdout))
        try:
            async for line in _follow(self._wanted, self._over):
                self._take(line)
        finally:
            draining.cancel()

    def _take(self, line: bytes) -> None:
        """Give a line to whoever waits for it; what is no reply is remembered, for the message."""
        if not line.strip():
            return
        try:
            data = storable(json.loads(line))
            row = _Row.model_validate(data | {"reply": data.get("reply", data.get("text"))})
        except (ValueError, ValidationError, RecursionError, TypeError, AttributeError):
            self._odd = self._odd or f"wrote {decoded(line[:80])}"
            return
        waiting = self._waiting.get((row.id, row.sample, row.turn))
        if waiting is None or waiting[1].done():
            self._odd = self._odd or f"answered {row.id!r}, sample {row.sample}, unasked"
            return
        if row.error is None and row.reply is None:
            self._odd = self._odd or f"wrote neither reply nor error for {row.id!r}"
            return
        self._heard = time.monotonic()
        self._door.answered()
        if row.reply is None:
            waiting[1].set_exception(ProviderError(printable(row.error or "")[:300]))
            return
        waiting[1].set_result(
            Reply(
                text=row.reply,
                finish_reason=row.finish_reason,
                model_returned=row.model,
                usage=row.usage,
                latency_s=self._heard - self._began,
            )
        )


def _key(request: Request) -> _Key:
    return request.prompt.id, request.sample, len(request.history) // 2


def _fail(waiting: Any, error: ProbeError) -> None:
    for _, answer in waiting:
        if not answer.done():
            answer.set_exception(error)


async def _drain(stream: asyncio.StreamReader) -> None:
    while await stream.read(1 << 16):
        pass


async def _follow(path: Path, over: asyncio.Event) -> AsyncIterator[bytes]:
    """Lines of a file while it grows; the last may lack its end once the writer is gone."""
    place, rest = 0, b""
    while True:
        last = over.is_set()
        with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
            file.seek(place)
            while chunk := file.read(1 << 20):
                place += len(chunk)
                *lines, rest = (rest + chunk).split(b"\n")
                for line in lines:
                    yield line
                if len(rest) > _LINE_BYTES:
                    raise ValueError("a line that does not end")
        if last:
            if rest:
                yield rest
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), _POLL_S)
