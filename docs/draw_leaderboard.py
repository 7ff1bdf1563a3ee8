"""Draw the leaderboard of ``results/`` as the picture the README shows, ``docs/leaderboard.svg``.

Run with ``python docs/draw_leaderboard.py`` after ``probe leaderboard``. Bars are the primary
metric over all attempts, whiskers its 95 % interval; beside them the metric by level.
"""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ROW, HEAD, WIDTH = 28, 66, 860
BAR_LEFT, BAR_WIDTH = 180, 260
VALUE, COUNT = 495, 545
LEVELS = (600, 657, 714, 771, 828)

STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.head{fill:#59636e;font-size:12px}"
    ".title{font-weight:600;font-size:15px}.control{fill:#59636e}.track{fill:#eff2f5}"
    ".bar{fill:#7aa7e8}.quiet{fill:#b9c6d6}.whisker{stroke:#1f2328;fill:none}"
    ".value{font-weight:600}"
)


def text(x: float, y: float, words: str, *, anchor: str = "start", kind: str = "") -> str:
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}" class="{kind}">{escape(words)}</text>'


def row(y: float, run: dict[str, Any]) -> str:
    """One run: name, bar with its interval, n, and the metric at each level."""
    main = run["scores"][run["primary_metric"]]["all_attempts"]
    low, value, high = (BAR_LEFT + BAR_WIDTH * main[k] for k in ("low", "value", "high"))
    control = run["kind"] in ("control", "programs")
    levels = zip(LEVELS, "12345", strict=True)
    middle = y - 5
    return "\n".join(
        [
            text(16, y, run["model"], kind="control" if control else ""),
            f'<rect x="{BAR_LEFT}" y="{y - 14}" width="{BAR_WIDTH}" height="18" class="track"/>',
            f'<rect x="{BAR_LEFT}" y="{y - 14}" width="{max(value - BAR_LEFT, 0):.1f}" height="18"'
            f' class="{"bar quiet" if control else "bar"}"/>',
            f'<path d="M{low:.1f} {middle}H{high:.1f}M{low:.1f} {middle - 4}v8'
            f'M{high:.1f} {middle - 4}v8" class="whisker"/>',
            text(VALUE, y, f"{main['value']:.3f}", anchor="end", kind="value"),
            text(COUNT, y, str(run["prompts"]), anchor="end"),
            *(
                text(x, y, f"{run['levels'][level]['value']:.2f}", anchor="end")
                for x, level in levels
                if level in run["levels"]
            ),
        ]
    )


def table(top: float, board: dict[str, Any]) -> str:
    """One tier's board."""
    heads = [(COUNT, "n"), *zip(LEVELS, (f"level {n}" for n in range(1, 6)), strict=True)]
    metric = board["runs"][0]["primary_metric"]
    return "\n".join(
        [
            text(16, top + 26, f"{board['tier']}: {metric}, with 95 % intervals", kind="title"),
            *(text(x, top + 48, words, anchor="end", kind="head") for x, words in heads),
            *(row(top + HEAD + ROW * number + 12, run) for number, run in enumerate(board["runs"])),
        ]
    )


def draw(boards: list[dict[str, Any]]) -> str:
    """The boards of all tiers as one picture."""
    tops = [0]
    for board in boards:
        tops.append(tops[-1] + HEAD + ROW * len(board["runs"]) + 8)
    height = tops[-1] + 6
    tiers = ", ".join(board["tier"] for board in boards)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img"'
            f' aria-label="Leaderboard of the tiers {escape(tiers)}">',
            f"<style>{STYLE}</style>",
            f'<rect width="{WIDTH}" height="{height}" rx="8" fill="#fff"/>',
            *(table(top, board) for top, board in zip(tops, boards, strict=False)),
            "</svg>\n",
        ]
    )


def main() -> None:
    boards = json.loads((ROOT / "results" / "leaderboard.json").read_text())["tiers"]
    (ROOT / "docs" / "leaderboard.svg").write_text(draw(boards))


if __name__ == "__main__":
    main()
