"""The WAV container: bytes nobody vouches for, taken apart without believing a word of them.

Everything a header says is checked against the bytes that are really there before anything is
allocated, so no header can make probe allocate more than a small multiple of what it holds.

Accepted are RIFF/WAVE and RF64 with PCM of 8, 16, 24 or 32 bits or IEEE float of 32 or 64 bits,
plain or as WAVE_FORMAT_EXTENSIBLE [1]_ [2]_. Chunks without samples (LIST, fact, PEAK, bext…) are
passed over wherever they stand; a missing pad byte at the very end and bytes after the RIFF form
are forgiven, as every player forgives them. Sizes left at a streaming placeholder (0 or 0xFFFFFFFF)
are not: a program that can seek in its own output finished the header, or it did not finish.

.. [1] IBM and Microsoft, *Multimedia Programming Interface and Data Specifications 1.0*, 1991.
.. [2] EBU Tech 3306, *MBWF / RF64: an extended file format for audio*, 2009.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

MAX_CHANNELS = 8
MIN_RATE = 8_000
MAX_RATE = 192_000
MAX_CHUNKS = 1_000
MAX_PEAK = 100.0
"""Float samples beyond +40 dB of full scale are no loud sound but a wrong scale."""
SILENCE = 1e-4
"""Half the peak-to-peak range (-80 dBFS, three 16-bit steps) below which nothing is heard."""

_PCM, _FLOAT, _EXTENSIBLE = 0x0001, 0x0003, 0xFFFE
_TAGS = {0x02: "ADPCM", 0x06: "A-law", 0x07: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM", 0x55: "MP3"}
_GUID_TAIL = bytes.fromhex("000000001000800000aa00389b71")
"""The last 14 bytes of every KSDATAFORMAT_SUBTYPE that stands for a classic format tag."""
_WIDTHS = {_PCM: (8, 16, 24, 32), _FLOAT: (32, 64)}
_PLACEHOLDER = 0xFFFFFFFF


class InvalidAudio(ValueError):  # noqa: N818 - a verdict on a file, named as the outcome is
    """The bytes are no usable audio; the message is one line saying why."""


@dataclass(frozen=True)
class Format:
    """What a checked ``fmt`` chunk says."""

    floating: bool
    bits: int
    channels: int
    sample_rate: int

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of every channel."""
        return self.channels * self.bits // 8

    def __str__(self) -> str:
        """Say it as a person would, such as ``44100 Hz, 1 channel, PCM 16-bit``."""
        channels = "1 channel" if self.channels == 1 else f"{self.channels} channels"
        return f"{self.sample_rate} Hz, {channels}, {self.encoding}"

    @property
    def encoding(self) -> str:
        """How samples are stored, such as ``float 32-bit``."""
        return f"{'float' if self.floating else 'PCM'} {self.bits}-bit"


@dataclass(frozen=True)
class Wav:
    """A WAV file that is consistent with itself; its samples are still untouched bytes."""

    format: Format
    data: memoryview
    trailing: int
    """Bytes after the end of the RIFF form."""

    @property
    def frames(self) -> int:
        """Samples per channel."""
        return len(self.data) // self.format.frame_bytes

    @property
    def seconds(self) -> float:
        """Length in s."""
        return self.frames / self.format.sample_rate


def open_wav(data: bytes) -> Wav:
    """Take a WAV file apart and check all it says against the bytes it has.

    Parameters
    ----------
    data : bytes
        The file, whole.

    Returns
    -------
    Wav
        Format and a view of the sample bytes, at least one frame.

    Raises
    ------
    InvalidAudio
        Whatever is wrong with it.
    """
    view = memoryview(data)
    if len(view) == 0:
        _no("the file is empty")
    magic = bytes(view[:4])
    if magic not in (b"RIFF", b"RF64"):
        _no("not a WAV file: it does not begin with RIFF")
    if len(view) < 12:
        _no("truncated: the RIFF header is incomplete")
    if bytes(view[8:12]) != b"WAVE":
        _no("a RIFF file, but not of the form WAVE")
    large = _ds64(view) if magic == b"RF64" else None
    declared = large[0] if large else _u32(view, 4)
    if not large and declared in (0, _PLACEHOLDER):
        _no(f"the RIFF size was left at {declared:#x}: the header was never finished")
    end = 8 + declared
    if end > len(view):
        # A pad byte that is counted but not written is the one shortage that loses nothing.
        if end != len(view) + 1:
            _no(f"the RIFF header says {end} bytes, the file has {len(view)}")
        end = len(view)
    fmt, samples = _chunks(view, end, large[1] if large else None)
    return Wav(fmt, samples, max(0, len(view) - end))


def _ds64(view: memoryview) -> tuple[int, int]:
    """RIFF and data sizes of an RF64 file, in bytes."""
    if len(view) < 48 or bytes(view[12:16]) != b"ds64" or _u32(view, 16) < 28:
        _no("an RF64 file without a complete ds64 chunk")
    riff, data = struct.unpack_from("<QQ", view, 20)
    return riff, data


def _chunks(view: memoryview, end: int, large_data: int | None) -> tuple[Format, memoryview]:
    """Walk the chunks up to `end`; the one format and the one run of samples."""
    fmt: Format | None = None
    samples: memoryview | None = None
    at, seen = 12, 0
    while end - at >= 8:
        seen += 1
        if seen > MAX_CHUNKS:
            _no(f"more than {MAX_CHUNKS} chunks")
        name, size = bytes(view[at : at + 4]), _u32(view, at + 4)
        at += 8
        if name == b"data" and large_data is not None and size == _PLACEHOLDER:
            size = large_data
        elif name == b"data" and (size == _PLACEHOLDER or (size == 0 and at < end)):
            _no(f"the data size was left at {size:#x}: the header was never finished")
        if size > end - at:
            _no(f"truncated: chunk {_name(name)} says {size} bytes, {end - at} are left")
        body = view[at : at + size]
        if name == b"fmt ":
            if fmt is not None:
                _no("two fmt chunks")
            fmt = _format(body)
        elif name == b"data":
            if fmt is None:
                _no("samples before the fmt chunk")
            if samples is not None:
                _no("two data chunks")
            samples = body
        at += size + size % 2
    if fmt is None:
        _no("no fmt chunk")
    if samples is None:
        _no("no data chunk")
    if len(samples) == 0:
        _no("no samples: the data chunk is empty")
    if len(samples) % fmt.frame_bytes:
        _no(f"the data ends inside a frame: {len(samples)} bytes, {fmt.frame_bytes} per frame")
    return fmt, samples


def _format(body: memoryview) -> Format:
    """Read a ``fmt`` chunk."""
    if len(body) < 16:
        _no(f"the fmt chunk has {len(body)} bytes, at least 16 are needed")
    tag, channels, rate, byte_rate, align, bits = struct.unpack_from("<HHIIHH", body)
    if tag == _EXTENSIBLE:
        tag = _subformat(body, bits)
    if tag not in _WIDTHS:
        kind = _TAGS.get(tag, f"format tag {tag:#06x}")
        _no(f"samples are {kind}, only PCM and IEEE float are read")
    if bits not in _WIDTHS[tag]:
        _no(f"{bits}-bit {'float' if tag == _FLOAT else 'PCM'} samples are not read")
    if not 1 <= channels <= MAX_CHANNELS:
        _no(f"{channels} channels, 1 to {MAX_CHANNELS} are read")
    if not MIN_RATE <= rate <= MAX_RATE:
        _no(f"a sample rate of {rate} Hz, {MIN_RATE} to {MAX_RATE} are read")
    fmt = Format(tag == _FLOAT, bits, channels, rate)
    if align != fmt.frame_bytes:
        _no(f"the header says {align} bytes per frame, {fmt} makes {fmt.frame_bytes}")
    if byte_rate != rate * align:
        _no(f"the header says {byte_rate} bytes/s, {fmt} makes {rate * align}")
    return fmt


def _subformat(body: memoryview, bits: int) -> int:
    """Format tag inside a WAVE_FORMAT_EXTENSIBLE chunk."""
    if len(body) < 40 or struct.unpack_from("<H", body, 16)[0] < 22:
        _no("an extensible fmt chunk without its extension")
    valid_bits, _mask, tag = struct.unpack_from("<HIH", body, 18)
    if bytes(body[26:40]) != _GUID_TAIL:
        _no("an extensible fmt chunk with an unknown sub-format GUID")
    if not 1 <= valid_bits <= bits:
        _no(f"{valid_bits} valid bits in samples of {bits}")
    return int(tag)


def decode(wav: Wav) -> NDArray[np.float64]:
    """Turn sample bytes into numbers where full scale is 1.

    Returns
    -------
    ndarray of float64, shape (frames,)
        The mean of the channels. Float samples may exceed 1 (by no more than `MAX_PEAK`).

    Raises
    ------
    InvalidAudio
        NaN, infinity or a peak that no scaling explains, in any channel.
    """
    fmt = wav.format
    mean = np.zeros(wav.frames)
    for channel in range(fmt.channels):
        mean += _channel(wav, channel)
    mean /= fmt.channels
    return mean


def _channel(wav: Wav, channel: int) -> NDArray[np.float64]:
    """One channel, shape (frames,)."""
    fmt = wav.format
    if fmt.bits == 24:
        octets = np.frombuffer(wav.data, np.uint8).reshape(-1, fmt.channels, 3)[:, channel]
        words = np.zeros((wav.frames, 4), np.uint8)
        words[:, 1:] = octets
        return words.view("<i4")[:, 0] / 2.0**31
    kind = "f" if fmt.floating else "u" if fmt.bits == 8 else "i"
    table = np.frombuffer(wav.data, f"<{kind}{fmt.bits // 8}").reshape(-1, fmt.channels)
    with np.errstate(invalid="ignore"):  # converting a signalling NaN warns; it is refused below
        samples = table[:, channel].astype(np.float64)
    if not fmt.floating:
        return (samples - 128) / 128 if fmt.bits == 8 else samples / 2.0 ** (fmt.bits - 1)
    if not np.isfinite(samples).all():
        bad = int(np.count_nonzero(~np.isfinite(samples)))
        _no(f"{bad} of {len(samples)} samples are NaN or infinite")
    peak = float(np.abs(samples).max())
    if peak > MAX_PEAK:
        _no(f"float samples reach {peak:.3g} where full scale is 1")
    return samples


def refuse_silence(samples: NDArray[np.float64], channels: int = 1) -> None:
    """Raise `InvalidAudio` when nothing in `samples`, shape (n,), could be heard."""
    low, high = float(samples.min()), float(samples.max())
    if (high - low) / 2 >= SILENCE:
        return
    if max(abs(low), abs(high)) >= SILENCE:
        _no(f"nothing but a constant level of {(low + high) / 2:.3f}")
    _no("silent" if channels == 1 else f"silent once its {channels} channels are averaged")


def describe_wav(data: bytes) -> str:
    """Say in one line what a WAV file is.

    Parameters
    ----------
    data : bytes
        The file, whole.

    Returns
    -------
    str
        Such as ``44100 Hz, 1 channel, PCM 16-bit, 2.000 s, peak -1.9 dBFS, rms -4.9 dBFS``.

    Raises
    ------
    InvalidAudio
        The file is malformed, or nothing in it could be heard.
    """
    wav = open_wav(data)
    samples = decode(wav)
    refuse_silence(samples, wav.format.channels)
    peak = 20 * np.log10(np.abs(samples).max())
    rms = 10 * np.log10(np.mean(np.square(samples)))
    return f"{wav.format}, {wav.seconds:.3f} s, peak {peak:.1f} dBFS, rms {rms:.1f} dBFS"


def pcm16_wav_bytes(pcm: NDArray[np.int16], sample_rate: int) -> bytes:
    """Mono 16-bit PCM, shape (n,), as the bytes of a canonical WAV file (44-byte header)."""
    body = np.ascontiguousarray(pcm, "<i2").tobytes()
    header = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        *(b"RIFF", 36 + len(body), b"WAVE", b"fmt ", 16),
        *(_PCM, 1, sample_rate, 2 * sample_rate, 2, 16),
        *(b"data", len(body)),
    )
    return header + body


def _u32(view: memoryview, at: int) -> int:
    return int.from_bytes(view[at : at + 4], "little")


def _name(name: bytes) -> str:
    return ascii(name.decode("latin-1"))


def _no(reason: str) -> NoReturn:
    raise InvalidAudio(reason)
