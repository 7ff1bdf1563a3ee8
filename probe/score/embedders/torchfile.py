"""Read PyTorch checkpoints without running what is in them.

A checkpoint is a pickle, and a pickle is a program: loading one can call anything. The public
weights need five things of it: dicts, tensors, numpy scalars, numpy arrays, plain values. This
reader knows stand-ins for those and nothing else, calls nothing of torch or numpy while it reads,
and takes tensors only out of the file itself. `torch.load(weights_only=True)` would refuse LAION's
files, which hold numpy scalars in pickle protocol 4.

Both formats are read: the zip archives of today, and the pickles one after another of torch < 1.6,
which the weights of VGGish and PANNs are in.
"""

from __future__ import annotations

import io
import math
import pickle
import re
import struct
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

from probe.errors import UsageError

if TYPE_CHECKING:
    import torch

MOST_PICKLE_BYTES = 64 << 20
"""LAION's largest, with the state of its optimizer, has less than 1 MB."""
_LEGACY_MAGIC = 0x1950A86A20F9469CFC6C
_LEGACY_PROTOCOL = 1001

_STORAGES = {
    "DoubleStorage": ("float64", 8),
    "FloatStorage": ("float32", 4),
    "HalfStorage": ("float16", 2),
    "BFloat16Storage": ("bfloat16", 2),
    "LongStorage": ("int64", 8),
    "IntStorage": ("int32", 4),
    "ShortStorage": ("int16", 2),
    "CharStorage": ("int8", 1),
    "ByteStorage": ("uint8", 1),
    "BoolStorage": ("bool", 1),
}


class _Refused(Exception):  # noqa: N818
    """What is in the file is not what a checkpoint needs."""


class _Sealed:
    """What a pickle may hold but not change: pickles can write past ``frozen``."""

    def __setstate__(self, state: object) -> None:
        raise _Refused("it changes what was built")


@dataclass(frozen=True)
class _Storage(_Sealed):
    """Where the numbers of tensors lie."""

    path: Path
    offset: int
    """In the file, in bytes."""
    dtype: str
    item: int
    """Bytes of a number."""
    count: int


@dataclass(frozen=True)
class StoredTensor(_Sealed):
    """A tensor that is still in its file."""

    storage: _Storage
    offset: int
    """In the storage, in numbers."""
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return math.prod(self.shape) * self.storage.item

    def load(self) -> torch.Tensor:
        """Read it; a tensor of its own, contiguous."""
        import torch

        with self.storage.path.open("rb") as file:
            file.seek(self.storage.offset)
            data = bytearray(file.read(self.storage.count * self.storage.item))
        if not math.prod(self.shape):
            return torch.empty(self.shape, dtype=getattr(torch, self.storage.dtype))
        flat = torch.frombuffer(data, dtype=getattr(torch, self.storage.dtype))
        return flat.as_strided(self.shape, self.stride, self.offset).clone().contiguous()


def read_checkpoint(path: Path) -> Any:
    """Read a checkpoint of PyTorch.

    Parameters
    ----------
    path : Path
        A file that `torch.save` wrote.

    Returns
    -------
    object
        Dicts, lists, tuples, strings and numbers as they were saved, with a `StoredTensor` for each
        tensor or parameter and a `StoredArray` for each array of numpy.

    Raises
    ------
    UsageError
        The file cannot be read, is damaged, or holds anything that a checkpoint does not need.
    """
    try:
        with path.open("rb") as file:
            zipped = file.read(4) == b"PK\x03\x04"
            file.seek(0)
            return _read_zip(path, file) if zipped else _read_legacy(path, file)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except _Refused as error:
        raise UsageError(f"{path} is not read, since it could be harmful: {error}") from None
    except Exception as error:  # a damaged pickle can raise nearly anything
        raise UsageError(f"{path} is no checkpoint of PyTorch, or damaged: {error}") from error


def state_dict(path: Path) -> dict[str, StoredTensor]:
    """Read the weights in a checkpoint, whichever of the usual wrappings they are in.

    Parameters
    ----------
    path : Path
        See `read_checkpoint`. The weights may lie under ``state_dict`` or ``model``, and every
        name may begin with ``module.``.

    Returns
    -------
    dict of str to StoredTensor
        Without ``module.``.

    Raises
    ------
    UsageError
        As `read_checkpoint`, or there are no weights.
    """
    tree = read_checkpoint(path)
    for wrapping in ("state_dict", "model"):
        if isinstance(tree, Mapping) and isinstance(tree.get(wrapping), Mapping):
            tree = tree[wrapping]
    if not isinstance(tree, Mapping):
        raise UsageError(f"{path} holds no weights")
    found = {
        name.removeprefix("module."): tensor
        for name, tensor in tree.items()
        if isinstance(name, str) and isinstance(tensor, StoredTensor)
    }
    if not found:
        raise UsageError(f"{path} holds no weights")
    # Many tensors can share one storage: a small file could ask for endless memory.
    if sum(tensor.size for tensor in found.values()) > 2 * path.stat().st_size:
        raise UsageError(f"{path} is not read: its tensors are larger than the file")
    return found


def _read_zip(path: Path, file: IO[bytes]) -> Any:
    with zipfile.ZipFile(file) as archive:
        names = [name for name in archive.namelist() if name.count("/") == 1]
        (pickled,) = [name for name in names if name.endswith("/data.pkl")] or [""]
        if not pickled:
            raise _Refused("a zip archive without data.pkl")
        root = pickled.removesuffix("data.pkl")
        if f"{root}constants.pkl" in names:
            raise _Refused("a TorchScript program")
        if f"{root}byteorder" in names and _small(archive, f"{root}byteorder") != b"little":
            raise _Refused("not of little-endian byte order")
        size = path.stat().st_size

        def locate(key: str, dtype: str, item: int, count: int) -> _Storage:
            info = archive.getinfo(f"{root}data/{key}")
            _check_stored(info, size)
            if info.file_size != count * item:
                raise _Refused(f"storage {key} has {info.file_size} bytes, not {count} numbers")
            return _Storage(path, _data_offset(file, info), dtype, item, count)

        return _Unpickler(io.BytesIO(_small(archive, pickled)), _from_zip(locate)).load()


def _small(archive: zipfile.ZipFile, name: str) -> bytes:
    info = archive.getinfo(name)
    _check_stored(info, MOST_PICKLE_BYTES)
    return archive.read(info)


def _check_stored(info: zipfile.ZipInfo, most: int) -> None:
    """PyTorch compresses nothing; what is compressed could be a bomb."""
    if info.compress_type != zipfile.ZIP_STORED or info.compress_size != info.file_size:
        raise _Refused(f"{info.filename!r} is compressed")
    if info.file_size > most or info.flag_bits & 0x1:
        raise _Refused(f"{info.filename!r} is too large or encrypted")


def _data_offset(file: IO[bytes], info: zipfile.ZipInfo) -> int:
    """Where the bytes of a stored file begin: behind its local header and two varying fields."""
    file.seek(info.header_offset)
    header = file.read(30)
    if header[:4] != b"PK\x03\x04":
        raise _Refused(f"{info.filename!r} is not where the archive says")
    name, extra = struct.unpack("<HH", header[26:30])
    return int(info.header_offset + 30 + name + extra)


Locate = Callable[[str, str, int, int], _Storage]
PersistentLoad = Callable[[tuple[Any, ...]], _Storage]


def _from_zip(locate: Locate) -> PersistentLoad:
    def load(saved: tuple[Any, ...]) -> _Storage:
        kind, key, count = _storage_id(saved, 5)
        return locate(key, kind.dtype, kind.item, count)

    return load


def _read_legacy(path: Path, file: IO[bytes]) -> Any:
    """Magic number, protocol, machine, object, order of the storages; then each storage, raw.

    The object comes before it is known where its numbers lie, so it is read twice.
    """

    def nothing(_saved: tuple[Any, ...]) -> _Storage:
        raise _Refused("a tensor where none belongs")

    if _Unpickler(file, nothing).load() != _LEGACY_MAGIC:
        raise _Refused("neither a zip archive nor the older format of PyTorch")
    if _Unpickler(file, nothing).load() != _LEGACY_PROTOCOL:
        raise _Refused("an unknown version of the older format of PyTorch")
    _Unpickler(file, nothing).load()
    begin = file.tell()
    kinds: dict[str, tuple[_StorageKind, int]] = {}

    def note(saved: tuple[Any, ...]) -> _Storage:
        kind, key, count = _storage_id(saved, 6)
        kinds[key] = (kind, count)
        return _Storage(path, 0, kind.dtype, kind.item, count)

    _Unpickler(file, note).load()
    if file.tell() - begin > MOST_PICKLE_BYTES:
        raise _Refused("its pickle is too large")
    order = _Unpickler(file, nothing).load()
    places: dict[str, _Storage] = {}
    size = path.stat().st_size
    for key in order:
        kind, count = kinds[key]
        (stored,) = struct.unpack("<q", file.read(8))
        place = file.tell()
        if stored != count or place + count * kind.item > size:
            raise _Refused(f"storage {key} is not what the file says")
        places[key] = _Storage(path, place, kind.dtype, kind.item, count)
        file.seek(place + count * kind.item)
    file.seek(begin)
    return _Unpickler(file, lambda saved: places[_storage_id(saved, 6)[1]]).load()


def _storage_id(saved: tuple[Any, ...], length: int) -> tuple[_StorageKind, str, int]:
    """Check what a pickle says of a storage: ("storage", kind, key, device, count[, view])."""
    if not (isinstance(saved, tuple) and len(saved) == length and saved[0] == "storage"):
        raise _Refused("an unknown reference")
    _, kind, key, _, count, *view = saved
    if not isinstance(kind, _StorageKind) or view not in ([], [None]):
        raise _Refused("an unknown kind of storage")
    if not (isinstance(key, str) and re.fullmatch(r"[0-9]{1,20}", key)):
        raise _Refused(f"{str(key)[:80]!r} as the name of a storage")
    if not (type(count) is int and 0 <= count < 1 << 48):
        raise _Refused("an impossible size")
    return kind, key, count


class _Unpickler(pickle.Unpickler):
    """Unpickles with stand-ins; any other name in the pickle is refused before it is looked up."""

    def __init__(self, file: IO[bytes], persistent: PersistentLoad) -> None:
        super().__init__(file)
        self._persistent = persistent

    def find_class(self, module: str, name: str) -> Any:
        if module == "torch" and name in _STORAGES:
            return _StorageKind(*_STORAGES[name])
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise _Refused(f"it asks for {module}.{name}") from None

    def persistent_load(self, pid: Any) -> _Storage:
        return self._persistent(pid)


@dataclass(frozen=True)
class _StorageKind(_Sealed):
    dtype: str
    item: int


@dataclass(frozen=True)
class _Call(_Sealed):
    """A function for pickles to call, which a bare function would let them change."""

    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments)


class _Mapping(dict[Any, Any]):
    """An OrderedDict; the attributes that state dicts have (their versions) are dropped."""

    def __setstate__(self, state: object) -> None:
        pass


class _Number:
    """A numpy dtype of plain numbers."""

    def __init__(self, code: str) -> None:
        if not (isinstance(code, str) and re.fullmatch(r"b1|[iu][1248]|f[248]", code)):
            raise _Refused(f"numpy values of type {str(code)[:20]!r}")
        self.dtype = np.dtype(code)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        order = state[1]
        if order not in ("<", "|", "="):
            raise _Refused("numpy values of another byte order")


class StoredArray:
    """A numpy array; its numbers are `value`."""

    def __init__(self) -> None:
        self.value: np.ndarray[Any, Any] = np.empty(0)

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        _version, shape, number, fortran, data = state
        if not (isinstance(number, _Number) and isinstance(data, bytes)):
            raise _Refused("a numpy array of objects")
        flat = np.frombuffer(data, number.dtype)
        self.value = flat.reshape(shape, order="F" if fortran else "C")


def _scalar(number: _Number, data: bytes) -> int | float | bool:
    if not (isinstance(number, _Number) and isinstance(data, bytes)):
        raise _Refused("a numpy scalar of objects")
    (value,) = np.frombuffer(data, number.dtype).tolist()
    return value  # type: ignore[no-any-return]


def _tensor(storage: _Storage, offset: int, shape: Any, stride: Any, *_rest: Any) -> StoredTensor:
    """``torch._utils._rebuild_tensor_v2``, with the bounds that torch leaves to C++."""
    shape, stride = tuple(shape), tuple(stride)
    whole = all(type(n) is int and n >= 0 for n in (offset, *shape, *stride))
    if not isinstance(storage, _Storage) or not whole or len(shape) != len(stride):
        raise _Refused("an impossible tensor")
    last = offset + sum((n - 1) * step for n, step in zip(shape, stride, strict=True))
    if math.prod(shape) > storage.count or (math.prod(shape) and last >= storage.count):
        raise _Refused("a tensor that is larger than its storage")
    return StoredTensor(storage, offset, shape, stride)


def _parameter(tensor: StoredTensor, *_rest: Any) -> StoredTensor:
    return tensor


def _encode(text: str, encoding: str) -> bytes:
    """How pickles before protocol 3 write bytes."""
    if encoding != "latin1":
        raise _Refused("an unknown encoding")
    return text.encode("latin1")


_KNOWN: Mapping[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): _Call(lambda *items: _Mapping(*items)),
    ("torch._utils", "_rebuild_tensor_v2"): _Call(_tensor),
    ("torch._utils", "_rebuild_parameter"): _Call(_parameter),
    ("torch", "Size"): _Call(tuple),
    ("numpy", "dtype"): _Call(lambda code, *_: _Number(code)),
    ("numpy", "ndarray"): _Call(lambda *_: StoredArray()),
    ("numpy.core.multiarray", "scalar"): _Call(_scalar),
    ("numpy._core.multiarray", "scalar"): _Call(_scalar),
    ("numpy.core.multiarray", "_reconstruct"): _Call(lambda *_: StoredArray()),
    ("numpy._core.multiarray", "_reconstruct"): _Call(lambda *_: StoredArray()),
    ("_codecs", "encode"): _Call(_encode),
}
