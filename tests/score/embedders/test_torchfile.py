from __future__ import annotations

import io
import os
import pickle
import subprocess
import sys
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from probe.errors import UsageError  # noqa: E402
from probe.score.embedders.torchfile import (  # noqa: E402
    StoredArray,
    StoredTensor,
    read_checkpoint,
    state_dict,
)

TOUCHED = "touched-by-a-pickle"


def tree() -> dict[str, Any]:
    torch.manual_seed(0)
    base = torch.randn(6, 5)
    return {
        "epoch": np.int64(45),
        "loss": np.float32(0.25),
        "best": True,
        "note": ("a", [1, 2.5, None]),
        "array": np.arange(6.0).reshape(2, 3).T,
        "state_dict": OrderedDict(
            plain=base,
            turned=base.T,
            part=base[2:4, 1:],
            parameter=torch.nn.Parameter(torch.ones(3)),
            half=torch.randn(4).half(),
            brain=torch.randn(4).bfloat16(),
            whole=torch.arange(3),
            truth=torch.tensor([True, False]),
            number=torch.tensor(2.5),
            nothing=torch.zeros(0, 3),
        ),
    }


@pytest.mark.parametrize("protocol", [2, 3, 4])
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
def test_what_torch_saved_comes_back(tmp_path: Path, protocol: int, zipped: bool) -> None:
    path = tmp_path / "x.pt"
    torch.save(tree(), path, pickle_protocol=protocol, _use_new_zipfile_serialization=zipped)
    got = read_checkpoint(path)
    assert (got["epoch"], got["loss"], got["best"]) == (45, 0.25, True)
    assert got["note"] == ("a", [1, 2.5, None])
    assert isinstance(got["array"], StoredArray)
    np.testing.assert_array_equal(got["array"].value, tree()["array"])
    expected = tree()["state_dict"]
    assert list(got["state_dict"]) == list(expected)
    for name, stored in got["state_dict"].items():
        assert isinstance(stored, StoredTensor)
        tensor = stored.load()
        assert tensor.dtype == expected[name].dtype
        assert tensor.is_contiguous()
        assert torch.equal(tensor, expected[name].detach())


def test_weights_are_found_in_the_usual_wrappings(tmp_path: Path) -> None:
    weights = {"a.weight": torch.ones(2), "a.bias": torch.zeros(1)}
    wrapped = {"module." + name: tensor for name, tensor in weights.items()}
    for content in (weights, {"state_dict": wrapped, "epoch": 1}, {"model": weights}):
        torch.save(content, tmp_path / "x.pt")
        assert set(state_dict(tmp_path / "x.pt")) == set(weights)
    for content in ([1, 2], {"epoch": 1}, {"model": {}}):
        torch.save(content, tmp_path / "x.pt")
        with pytest.raises(UsageError, match="holds no weights"):
            state_dict(tmp_path / "x.pt")


class Calls:
    """Pickles as a call of `function`."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = function, arguments

    def __reduce__(self) -> Any:
        return self._call


def archive(path: Path, pickled: bytes, *, root: str = "archive/", **entries: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        file.writestr(f"{root}data.pkl", pickled)
        for name, data in entries.items():
            file.writestr(f"{root}data/{name.removeprefix('_')}", data)
    return path


HOSTILE = {
    "os.system": lambda: Calls(os.system, f"touch {TOUCHED}"),
    "subprocess": lambda: Calls(subprocess.check_call, ["touch", TOUCHED]),
    "eval": lambda: Calls(eval, f"open({TOUCHED!r}, 'w')"),
    "exec": lambda: Calls(exec, f"open({TOUCHED!r}, 'w')"),
    "open": lambda: Calls(open, TOUCHED, "w"),
    "getattr": lambda: Calls(getattr, "x", "format"),
    "another pickle": lambda: Calls(pickle.loads, b"cos\nsystem\n."),
    "torch.load": lambda: Calls(torch.load, TOUCHED),
    "torch.hub.load": lambda: Calls(torch.hub.load, "owner/repo", "model"),
    "numpy.load": lambda: Calls(np.load, TOUCHED),
    "numpy's own loader": lambda: Calls(np.core.multiarray.scalar, np.dtype("O"), b"x"),
    "a class": lambda: Calls(type, "X", (), {}),
    "objects in numpy": lambda: np.array([{}], dtype=object),
    "text in numpy": lambda: np.str_("x"),
    "dates in numpy": lambda: np.datetime64("2026-11-21"),
    "other byte order": lambda: np.arange(3, dtype=">f4"),
    "a module": lambda: torch.nn.Linear(2, 2),
    "a device": lambda: torch.device("cpu"),
    "a complex tensor": lambda: torch.zeros(2, dtype=torch.complex64),
    "a sparse tensor": lambda: torch.eye(2).to_sparse(),
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])
@pytest.mark.parametrize("name", HOSTILE)
def test_anything_but_weights_is_refused_and_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, zipped: bool
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "hostile.pt"
    content = {"state_dict": {"w": torch.ones(2)}, "extra": HOSTILE[name]()}
    torch.save(content, path, pickle_protocol=4, _use_new_zipfile_serialization=zipped)
    with pytest.raises(UsageError, match="could be harmful"):
        read_checkpoint(path)
    assert not (tmp_path / TOUCHED).exists()


def opcodes(*parts: bytes) -> bytes:
    return b"\x80\x04" + b"".join(parts) + b"."


ORDERED = b"ccollections\nOrderedDict\n"
REBUILD = b"ctorch._utils\n_rebuild_tensor_v2\n"


def storage(key: bytes = b"0", kind: bytes = b"FloatStorage", count: bytes = b"4") -> bytes:
    return b"(Vstorage\nctorch\n" + kind + b"\nV" + key + b"\nVcpu\nI" + count + b"\nt" + b"Q"


def tensor(offset: bytes = b"0", shape: bytes = b"4", stride: bytes = b"1", **of: bytes) -> bytes:
    numbers = b"I%b\n(I%b\nt(I%b\nt" % (offset, shape, stride)
    return REBUILD + b"(" + storage(**of) + numbers + b"I00\n" + ORDERED + b")RtR"


HAND_WRITTEN = {
    "a path as storage": tensor(key=b"../../etc/passwd"),
    "an absolute path": tensor(key=b"/etc/passwd"),
    "another storage": tensor(kind=b"UntypedStorage"),
    "more numbers than there are": tensor(count=b"5"),
    "fewer numbers than there are": tensor(count=b"3"),
    "a negative count": tensor(count=b"-4"),
    "endless count": tensor(count=b"99999999999999999999"),
    "beyond its storage": tensor(offset=b"1"),
    "before its storage": tensor(offset=b"-1"),
    "a large stride": tensor(stride=b"2"),
    "expanded without end": tensor(shape=b"1000000000000", stride=b"0"),
    "a negative shape": tensor(shape=b"-4"),
    "a function changed": ORDERED + b"}(Vfunction\nVx\nub",
    "a function's attributes set": ORDERED + b"N}(Vfunction\nVx\nu\x86b",
    "a tensor changed": tensor() + b"}(Vshape\n(I9\ntub",
    "an unknown reference": b"(Vmodule\nVx\ntQ",
    "a reference that is text": b"Vx\nQ",
    "an extension": b"\x82\x01",
    "a buffer from outside": b"\x97",
}


@pytest.mark.parametrize("name", HAND_WRITTEN)
def test_pickles_by_hand_are_refused(tmp_path: Path, name: str) -> None:
    path = archive(tmp_path / "x.pt", opcodes(HAND_WRITTEN[name]), _0=bytes(16))
    with pytest.raises(UsageError):
        read_checkpoint(path)
    honest = archive(tmp_path / "y.pt", opcodes(tensor()), _0=np.arange(4.0, dtype="<f4").tobytes())
    assert read_checkpoint(honest).load().tolist() == [0, 1, 2, 3]


def test_a_hand_cannot_reach_what_stays_behind(tmp_path: Path) -> None:
    """A pickle that changes a stand-in would poison every later reading."""
    test_pickles_by_hand_are_refused(tmp_path, "a function changed")
    test_pickles_by_hand_are_refused(tmp_path, "a function's attributes set")
    torch.save({"state_dict": OrderedDict(w=torch.ones(1))}, tmp_path / "z.pt")
    assert set(state_dict(tmp_path / "z.pt")) == {"w"}


def test_compressed_archives_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    for name in ("archive/data.pkl", "archive/data/0", "archive/byteorder"):
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            for entry in ("archive/data.pkl", "archive/data/0", "archive/byteorder"):
                kind = zipfile.ZIP_DEFLATED if entry == name else zipfile.ZIP_STORED
                data = opcodes(tensor()) if entry.endswith("pkl") else b"little"
                file.writestr(entry, data if entry != name else bytes(1 << 24), kind)
        assert path.stat().st_size < 1 << 20
        with pytest.raises(UsageError, match=r"compressed|bytes, not 4 numbers"):
            read_checkpoint(path)


def test_many_tensors_of_one_storage_are_no_bomb(tmp_path: Path) -> None:
    shared = torch.zeros(1 << 16)
    torch.save({f"w{index}": shared for index in range(1000)}, tmp_path / "x.pt")
    with pytest.raises(UsageError, match="larger than the file"):
        state_dict(tmp_path / "x.pt")


def test_programs_of_torch_and_other_archives_are_refused(tmp_path: Path) -> None:
    script = archive(tmp_path / "script.pt", opcodes(b"N"))
    with zipfile.ZipFile(script, "a") as file:
        file.writestr("archive/constants.pkl", b"")
    with pytest.raises(UsageError, match="TorchScript"):
        read_checkpoint(script)
    with zipfile.ZipFile(tmp_path / "other.pt", "w") as file:
        file.writestr("a/b.txt", "x")
    with pytest.raises(UsageError, match=r"without data\.pkl"):
        read_checkpoint(tmp_path / "other.pt")


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\x80\x02.", b"<html>", bytes(999)])
def test_files_that_are_something_else_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.pt").write_bytes(content)
    with pytest.raises(UsageError):
        read_checkpoint(tmp_path / "x.pt")


def test_a_file_that_is_not_there_is_an_error_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_checkpoint(tmp_path / "x.pt")


@pytest.fixture(scope="module")
def honest() -> dict[bool, bytes]:
    files = {}
    for zipped in (True, False):
        buffer = io.BytesIO()
        torch.save(tree(), buffer, pickle_protocol=4, _use_new_zipfile_serialization=zipped)
        files[zipped] = buffer.getvalue()
    return files


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(zipped=st.booleans(), data=st.data())
def test_damaged_files_are_read_or_refused(
    tmp_path: Path, honest: dict[bool, bytes], zipped: bool, data: st.DataObject
) -> None:
    content = bytearray(honest[zipped])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    path = tmp_path / "x.pt"
    path.write_bytes(content)
    try:
        weights = state_dict(path)
    except UsageError:
        return
    for stored in weights.values():
        stored.load()


def test_reading_does_not_need_torch(tmp_path: Path) -> None:
    torch.save({"w": torch.ones(2), "n": np.float32(1)}, tmp_path / "x.pt", pickle_protocol=4)
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "from pathlib import Path\n"
        "from probe.score.embedders.torchfile import state_dict\n"
        "print(state_dict(Path(sys.argv[1]))['w'].shape)"
    )
    got = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "x.pt")],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert got.stdout.strip() == "(2,)"
