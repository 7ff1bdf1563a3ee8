"""A score kept in sqlite: in memory, in a file, and in a file with a write-ahead log."""

import sqlite3

import numpy as np
import soundfile as sf

notes = [(0.0, 60), (0.25, 64), (0.5, 67), (0.75, 72)]
for place in (":memory:", "/tmp/score.db", "/tmp/wal.db"):
    with sqlite3.connect(place) as score:
        if "wal" in place:
            assert score.execute("pragma journal_mode=wal").fetchone() == ("wal",)
        score.execute("create table notes (onset real, pitch int)")
        score.executemany("insert into notes values (?, ?)", notes)
        score.commit()
        read = score.execute("select onset, pitch from notes order by onset").fetchall()
        assert read == notes

clip = np.zeros(16000)
for onset, pitch in read:
    start = int(onset * 16000)
    frequency = 440 * 2 ** ((pitch - 69) / 12)
    clip[start : start + 4000] = 0.5 * np.sin(2 * np.pi * frequency * np.arange(4000) / 16000)
sf.write("output.wav", clip, 16000)
