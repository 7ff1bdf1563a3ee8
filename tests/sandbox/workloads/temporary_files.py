"""Files as programs use them: tempfile, pathlib, shutil, links, times, locks, and atomic moves."""

import fcntl
import os
import shutil
import struct
import tempfile
import wave
import zipfile
from pathlib import Path

with tempfile.TemporaryDirectory() as name:
    folder = Path(name)
    take = folder / "takes" / "one.wav"
    take.parent.mkdir(parents=True)
    with wave.open(str(take), "wb") as out:
        out.setparams((1, 2, 8000, 0, "NONE", ""))
        for n in range(8000):
            out.writeframesraw(struct.pack("<h", (n * 200) % 20000 - 10000))
    take.chmod(0o640)
    os.utime(take, (1e9, 1e9))
    os.chown(take, os.getuid(), os.getgid())

    copied = Path(shutil.copy2(take, folder / "two.wav"))
    assert copied.stat().st_mtime == 1e9
    shutil.copytree(take.parent, folder / "copies")
    (folder / "link").symlink_to(copied)
    os.link(copied, folder / "hard")
    assert (folder / "link").resolve() == copied
    assert copied.stat().st_nlink == 2
    assert sorted(path.name for path in folder.rglob("*.wav")) == ["one.wav", "one.wav", "two.wav"]

    with copied.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.posix_fallocate(file.fileno(), 0, 20000)
        file.truncate(16044)
        os.fsync(file.fileno())
    with zipfile.ZipFile(folder / "takes.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(copied, "two.wav")
    assert shutil.disk_usage(folder).total > 1 << 20

    with tempfile.NamedTemporaryFile(dir="/out", delete=False) as partial:
        shutil.copyfileobj(copied.open("rb"), partial)
    Path(partial.name).replace("/out/output.wav")

assert not folder.exists()
