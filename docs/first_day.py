"""Write docs/first-day.md: a newcomer's first day, as it went on a model behind a server here.

``python docs/first_day.py`` writes it anew; a test runs the same commands and holds the page to
what they say, but for times, paths and digests.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "first-day.md"
ADDRESS = "http://localhost:8000/v1"
"""Of the server, as the page has it."""

MODEL = f"--model openai/small --base-url {ADDRESS} --name lab/small"
RUN = f"probe run --tier notes {MODEL} --limit 3 --results runs"

MINE = """\
import numpy as np
import soundfile as sf

time = np.arange(2 * 44100) / 44100
sf.write("output.wav", 0.5 * np.sin(2 * np.pi * 440 * time), 44100)
"""
"""A program of one's own, ``mine.py``."""

PAGE_BEGINS = f"""\
# A first day

From the clone to a board, with a model behind a server of your own. `docs/first_day.py` wrote this
page from what the commands said; a test holds it to them.

```sh
git clone <address of this repository> && cd probe
python3 -m venv .venv && . .venv/bin/activate && pip install .
probe doctor                  # says what is missing, and how to get it
probe sandbox start           # only where no Docker engine answers
probe sandbox build           # once: the image that programs run on
```

The model is called `small` by a server that speaks OpenAI's format (vLLM, Ollama, llama.cpp, …) at
{ADDRESS}. In the results it gets a name of its own, `lab/small`.
"""

STEPS = (
    (
        "What is asked, and what is true of it:",
        "probe tiers show notes 101-a4-sine",
    ),
    (
        "What a run would do and take. Nobody is asked:",
        f"{RUN} --dry-run",
    ),
    (
        "Three prompts first. Run again it goes on where it stopped; without `--limit` it is all of"
        " the tier:",
        RUN,
    ),
    (
        "One attempt: the program, what came of it, what the judges heard, the sound:",
        "probe show notes/lab/small 101-a4-sine --results runs",
    ),
    (
        "A program of your own, `mine.py`, held to the same measure:",
        "probe score mine.py --tier notes --prompt 101-a4-sine",
    ),
    (
        "The hand-written programs on the same prompts, which are the ceiling, and noise, which"
        " comes last:",
        "probe run --tier notes --model builtin/programs --limit 3 --results runs",
    ),
    (
        "",
        "probe run --tier notes --model builtin/noise --limit 3 --results runs",
    ),
    (
        "The two side by side, tested in pairs:",
        "probe compare lab/small builtin/programs --tier notes --results runs",
    ),
    (
        "And the board:",
        "probe leaderboard --results runs",
    ),
    (
        "",
        "head -n 24 runs/LEADERBOARD.md",
    ),
)

PAGE_ENDS = """\
`runs/LEADERBOARD.md` has more, `probe site --results runs` makes pages of it with every sound. More
prompts, other tiers, several samples, prices: [README](../README.md#run-a-model);
variables and formats: [formats.md](formats.md).
"""


def reply(body: dict[str, Any]) -> str:
    """What the model says: a plain sine for whatever is asked, and a slip where it is a square."""
    asked = body["messages"][-1]["content"]
    seconds = re.search(r"exactly ([\d.]+) s", asked)
    wave = "square(phase)" if "square" in asked.lower() else "np.sin(phase)"
    return f"""Here is the program.

```python
import numpy as np
import soundfile as sf

time = np.arange(round({seconds[1] if seconds else 2} * 44100)) / 44100
phase = 2 * np.pi * 440 * time
sf.write("/out/output.wav", 0.5 * {wave}, 44100)
```
"""


def transcript(address: str, folder: Path) -> str:
    """Run the commands in an empty folder, with the server at `address`; returns the page."""
    (folder / "mine.py").write_text(MINE, encoding="utf-8")
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "PROBE_PRICES"))},
        "PROBE_CACHE": str(folder / "cache"),
        "COLUMNS": "88",
        "PYTHONIOENCODING": "utf-8",
    }
    parts = [PAGE_BEGINS]
    for words, command in STEPS:
        program, *arguments = shlex.split(command.replace(ADDRESS, address))
        done = subprocess.run(
            [*([sys.executable, "-m", "probe"] if program == "probe" else [program]), *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            encoding="utf-8",
        )
        if done.returncode:
            raise RuntimeError(f"{command}: exit code {done.returncode}\n{done.stderr}")
        said = "\n".join(line.rstrip() for line in done.stdout.rstrip().splitlines())
        parts += [words, f"```console\n$ {command}\n{said.replace(address, ADDRESS)}\n```"]
    return "\n\n".join(part.rstrip() for part in (*parts, PAGE_ENDS) if part) + "\n"


MASKED = (
    (r"\d+\.\d+ s wall, \d+\.\d+ s CPU", "… s wall, … s CPU"),
    (r"\d{4}-\d\d-\d\d", "…"),
    (r"\d+\.\d+ MiB", "… MiB"),
    (r"(?m)\| \d+\.\d+ \|$", "| … |"),  # seconds a reply
    (r"\b[0-9a-f]{12,64}\b", "…"),
    (r"127\.0\.0\.1:\d+|localhost:8000", "…"),
    (r"(program  ).*/(tiers/)", r"\1\2"),
)
"""What differs from one machine, or one day, to the next."""


def masked(page: str) -> str:
    """A page without times, memory, paths, addresses and digests."""
    for pattern, instead in MASKED:
        page = re.sub(pattern, instead, page)
    return page


def main() -> None:
    sys.path.insert(0, str(ROOT))
    from tests.fakes.providers import Answer, ProviderServer

    with (
        ProviderServer(reply=lambda body: Answer(reply(body))) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        page = transcript(f"{server.url}/v1", Path(folder))
    PAGE.write_text(page.replace(f"{ROOT}/", ""), encoding="utf-8")
    print(PAGE.relative_to(ROOT))


if __name__ == "__main__":
    main()
