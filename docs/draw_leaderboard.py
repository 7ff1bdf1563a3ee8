"""Draw the leaderboard of ``results/`` as the picture the README shows, ``docs/leaderboard.svg``.

Run with ``python docs/draw_leaderboard.py`` after ``probe leaderboard``. Bars are the primary
metric over all attempts, whiskers its 95 % interval.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROW, TOP, WIDTH = 30, 62, 860
BAR_LEFT, BAR_WIDTH = 170, 260
VALUE = 485
COLUMNS = {"n": 530, "rendered": 610, "pitch": 685, "onset": 755, "duration": 835}


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def row(y: float, run: dict[str, Any]) -> str:
    """One run: name, bar with its interval, and the other metrics as numbers."""
    scores = {name: found["all_attempts"] for name, found in run["scores"].items()}
    main = scores[run["primary_metric"]]
    low, value, high = (BAR_LEFT + BAR_WIDTH * main[k] for k in ("low", "value", "high"))
    control = run["kind"] in ("control", "programs")
    numbers = {
        "n": str(run["prompts"]),
        "rendered": f"{run['rendered']:.0%}",
        "pitch": f"{scores['pitch_cents']['value']:.1f}",
        "onset": f"{scores['onset_ms']['value']:.0f}",
        "duration": f"{scores['duration_error']['value']:.2f}",
    }
    middle = y - 5
    return "\n".join(
        [
            text(16, y, run["model"], kind="control" if control else ""),
            f'<rect x="{BAR_LEFT}" y="{y - 14}" width="{BAR_WIDTH}" height="18" class="track"/>',
            f'<rect x="{BAR_LEFT}" y="{y - 14}" width="{value - BAR_LEFT:.1f}" height="18"'
            f' class="{"bar quiet" if control else "bar"}"/>',
            f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
            f'M{high:.1f} {middle - 4}v8" class="whisker"/>',
            text(VALUE, y, f"{main['value']:.3f}", anchor="end", kind="value"),
            *(text(COLUMNS[key], y, words, anchor="end") for key, words in numbers.items()),
        ]
    )


def draw(board: dict[str, Any]) -> str:
    """One tier's board as a whole picture."""
    runs = board["runs"]
    heads = {"n": "n", "rendered": "rendered", "pitch": "cents", "onset": "ms", "duration": "dur."}
    height = TOP + ROW * len(runs) + 14
    metric = runs[0]["primary_metric"]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' aria-label="Leaderboard of the tier {escape(board["tier"])}">',
            "<style>text{font:13px system-ui,sans-serif;fill:#1f2328}.head{fill:#59636e;"
            "font-size:12px}.title{font-weight:600;font-size:15px}.control{fill:#59636e}"
            ".track{fill:#eff2f5}.bar{fill:#7aa7e8}.quiet{fill:#b9c6d6}"
            ".whisker{stroke:#1f2328;fill:none}.value{font-weight:600}</style>",
            f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>',
            text(16, 26, f"{board['tier']}: {metric}, with 95 % intervals", kind="title"),
            *(text(COLUMNS[k], 50, words, anchor="end", kind="head") for k, words in heads.items()),
            *(row(TOP + ROW * number + 14, run) for number, run in enumerate(runs)),
            "</svg>\n",
        ]
    )


def main() -> None:
    board = json.loads((ROOT / "results" / "leaderboard.json").read_text())["tiers"][0]
    (ROOT / "docs").mkdir(exist_ok=True)
    (ROOT / "docs" / "leaderboard.svg").write_text(draw(board))


if __name__ == "__main__":
    main()
