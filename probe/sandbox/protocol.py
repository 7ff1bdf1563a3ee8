"""The words exchanged with the supervisor (see ``sandbox/supervisor.py``), seen from the host.

The container's end may be hostile: whatever arrives is bounded before it is kept, and anything but
the agreed frames is a `ProtocolError`.
"""

from __future__ import annotations

import struct
from typing import Literal

from pydantic import Field, ValidationError

from probe.errors import ProbeError
from probe.records import Limits, Record

NONCE_BYTES = 16
MAX_PROGRAM_BYTES = 1 << 20
"""Longer programs are not run: the container keeps the program in 2 MiB of tmpfs."""

_JOB = struct.Struct(">16sddIII")
_FRAME = struct.Struct(">16scI")
_MULTIPLEX = struct.Struct(">B3xI")
READY = _FRAME.pack(bytes(NONCE_BYTES), b"r", 0)
"""What the supervisor says when it waits for its job."""
_STDOUT = 1
_MAX_PIECE_BYTES = 64 << 10
_MAX_VERDICT_BYTES = 16 << 10
_MAX_DIAGNOSIS_BYTES = 4 << 10


class ProtocolError(ProbeError):
    """The container said something that the supervisor never says."""


class Evidence(Record):
    """What the supervisor saw, none of it in the program's hands."""

    reason: Literal["exit", "wall", "cpu", "flood"]
    status: int | None = Field(description="wait status of the program itself")
    wall_s: float = Field(ge=0)
    cpu_s: float = Field(ge=0)
    peak_memory_bytes: int = Field(ge=0)
    oom_kills: int = Field(description="processes killed for memory")
    memory_hits: int = Field(description="times memory was at its limit")
    process_hits: int = Field(description="times a process was refused")
    strays: int = Field(ge=0, description="processes still there when the program had ended")
    stdout_bytes: int = Field(ge=0)
    stderr_bytes: int = Field(ge=0)
    audio: Literal[
        "ok", "missing", "symlink", "not a file", "hard links", "too large", "unreadable"
    ]
    audio_bytes: int = Field(ge=0)
    files: tuple[str, ...] = Field(max_length=8, description="escaped names of what lies in /out")
    full: tuple[str, ...] = Field(max_length=2, description="folders without room")


class Result(Record):
    """Everything that came back."""

    evidence: Evidence
    stdout: bytes
    stderr: bytes
    audio: bytes


def encode_program(program: str) -> bytes:
    """A program as bytes; a lone surrogate becomes bytes Python refuses, as it is no text."""
    return program.encode("utf-8", "surrogatepass")


def encode_job(nonce: bytes, program: bytes, limits: Limits) -> bytes:
    """What the supervisor is sent, in one piece."""
    sizes = limits.text_bytes, limits.audio_bytes, len(program)
    return _JOB.pack(nonce, limits.wall_s, limits.cpu_s, *sizes) + program


class Demultiplexer:
    """Takes apart the engine's stream of an attached container: stdout, and the rest.

    Nothing is kept but a header that is not complete and a short piece of stderr, on which the
    supervisor says what went wrong with itself.
    """

    def __init__(self) -> None:
        self.diagnosis = b""
        self._header = b""
        self._stream = 0
        self._left = 0

    def feed(self, data: bytes) -> bytes:
        """Take what arrived; returns the part of it that is stdout."""
        stdout, rest = bytearray(), memoryview(data)
        while rest:
            if not self._left:
                missing = _MULTIPLEX.size - len(self._header)
                self._header, rest = self._header + bytes(rest[:missing]), rest[missing:]
                if len(self._header) == _MULTIPLEX.size:
                    self._stream, self._left = _MULTIPLEX.unpack(self._header)
                    self._header = b""
                continue
            piece, rest = rest[: self._left], rest[self._left :]
            self._left -= len(piece)
            if self._stream == _STDOUT:
                stdout += piece
            else:
                self.diagnosis = (self.diagnosis + bytes(piece))[-_MAX_DIAGNOSIS_BYTES:]
        return bytes(stdout)


class Receiver:
    """Puts a result together from the supervisor's frames.

    Parameters
    ----------
    nonce : bytes
        What every frame must begin with.
    limits : Limits
        They bound what is accepted.

    Attributes
    ----------
    began : bool
        Whether the supervisor has taken the job: from then on, the program may have run.
    """

    def __init__(self, nonce: bytes, limits: Limits) -> None:
        self.began = False
        self._nonce = nonce
        self._room = {
            b"b": 0,
            b"o": limits.text_bytes,
            b"e": limits.text_bytes,
            b"a": limits.audio_bytes,
            b"v": _MAX_VERDICT_BYTES,
        }
        self._parts = {kind: bytearray() for kind in self._room}
        self._pending = bytearray()

    def feed(self, data: bytes) -> Result | None:
        """Take what arrived; the result, once the verdict is in.

        Raises
        ------
        ProtocolError
            Not a frame, not this job's, larger than agreed, or a verdict that makes no sense.
        """
        self._pending += data
        while len(self._pending) >= _FRAME.size:
            nonce, kind, length = _FRAME.unpack_from(self._pending)
            if nonce != self._nonce or kind not in self._room or length > _MAX_PIECE_BYTES:
                raise ProtocolError("the container sent what is no frame of this job")
            end = _FRAME.size + length
            if len(self._pending) < end:
                break
            self._room[kind] -= length
            if self._room[kind] < 0:
                raise ProtocolError("the container sent more than was agreed")
            self.began = True
            self._parts[kind] += self._pending[_FRAME.size : end]
            del self._pending[:end]
            if kind == b"v":
                return self._result()
        return None

    def _result(self) -> Result:
        try:
            evidence = Evidence.model_validate_json(bytes(self._parts[b"v"]))
        except ValidationError as error:
            raise ProtocolError("the container sent a verdict that makes no sense") from error
        return Result(
            evidence=evidence,
            stdout=bytes(self._parts[b"o"]),
            stderr=bytes(self._parts[b"e"]),
            audio=bytes(self._parts[b"a"]),
        )
