"""A tier to begin with: small, valid, and with every file that a tier has."""

from __future__ import annotations

import json
import re
from pathlib import Path

from probe.errors import UsageError
from probe.tier.folder import LoadedTier, load, names
from probe.tier.whole import written_whole

_NAME = re.compile(r"[a-z][a-z0-9-]*")

_TIER = """\
name = "{name}"
version = "0.1.0"
title = "{title}"
sample_rate = 44100
duration_s = 2
languages = ["python"]
truth = "notes"                       # or "sounds", "speech": what the truths in prompts.jsonl are
metrics = ["note_score", "note_f1", "onset_ms"]
primary_metric = "note_score"

[limits]
cpu_s = 5

[groups]
single = "One tone"
"""

_WORDS = """\
Write a complete Python 3 program that makes this sound with $libraries:

$text

It runs without network or input and saves a mono 16-bit WAV file of exactly $duration seconds at
$sample_rate Hz as $output. Answer with the program in one fenced code block that begins with
```python.
"""

_PROMPT = {
    "id": "first",
    "group": "single",
    "level": 1,
    "text": "A steady tone at A4 (440 Hz) that starts at half a second and lasts for one second.",
    "truth": {"notes": [{"midi": 69, "onset_s": 0.5, "offset_s": 1.5}]},
}

_PROGRAM = """\
import numpy as np
import soundfile as sf

rate = 44100
time = np.arange(2 * rate) / rate - 0.5
edges = np.clip(np.minimum(time, 1 - time) / 0.005, 0, 1)
sf.write("output.wav", 0.5 * edges * np.sin(2 * np.pi * 440 * time), rate)
"""

_README = """\
# {title}

What somebody needs who reads numbers of this tier: what is asked, how prompts and truths were
written and by whom, what groups and levels mean, what is not measured, how to cite it.

| file | holds |
| --- | --- |
| `tier.toml` | name, version, kind of truth, metrics, limits, groups |
| `prompt.md` | the words around each prompt |
| `prompts.jsonl` | one prompt a line: what is asked, and its truth |
| `programs/<prompt id>.py` | programs written by hand: the ceiling of code |

    probe tiers validate {folder}
    probe score {folder}/programs/first.py --tier {folder} --prompt first
    probe run --tier {folder} --model builtin/programs

probe's tiers/README.md has every field.
"""


def write_new(name: str, out: Path | None = None) -> LoadedTier:
    """Write a tier of one prompt, with a program for it.

    Parameters
    ----------
    name : str
        What the tier is to be called.
    out : Path, optional
        The folder; it must not exist yet, or be empty. A folder of the tier's name by default.

    Raises
    ------
    UsageError
        The name is none for a tier, or there is something in the folder.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(f"a tier's name is of small letters, digits and hyphens, not {name!r}")
    if name in names():
        raise UsageError(f"a tier {name!r} comes with probe; give yours a name of its own")
    folder = out or Path(name)
    title = name.replace("-", " ").capitalize()
    files = {
        "tier.toml": _TIER.format(name=name, title=title),
        "prompt.md": _WORDS,
        "prompts.jsonl": json.dumps(_PROMPT) + "\n",
        "programs/first.py": _PROGRAM,
        "README.md": _README.format(title=title, folder=folder),
    }
    with written_whole(folder) as half:
        (half / "programs").mkdir()
        for file, text in files.items():
            (half / file).write_text(text, encoding="utf-8")
    return load(str(folder))
