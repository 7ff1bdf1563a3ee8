"""The site of a large board: how long it takes to build, to open, and to scroll.

Run with ``python -m benchmarks.site [models] [prompts]`` from the root of the repository. Runs are
synthetic (`tests.fakes.boards`), without audio. The browser is Chromium, driven by Playwright.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from probe.board.leaderboard import write
from probe.board.markdown import table
from probe.site import Options, build
from probe.tier.folder import load
from tests.fakes.boards import fill

OPENINGS = 5

READY = """() => {
    const marks = performance.getEntriesByName("ready");
    return marks.length ? marks[0].startTime : null;
}"""
MARK_READY = """
new MutationObserver((_, self) => {
    if (!document.documentElement.dataset.ready) return;
    performance.mark("ready");
    self.disconnect();
}).observe(document, { attributes: true, subtree: true, attributeFilter: ["data-ready"] });
"""
SCROLL = """async () => {
    const box = document.querySelector(".tall");
    box.scrollIntoView();
    const gaps = [];
    let last = performance.now();
    for (let at = 0; at + box.clientHeight < box.scrollHeight; at += 60) {
        box.scrollTop = at;
        await new Promise(requestAnimationFrame);
        gaps.push(performance.now() - last);
        last = performance.now();
    }
    return gaps;
}"""


def opened(page: Any, address: str) -> float:
    """Milliseconds from the navigation's begin until the page is drawn and answers."""
    page.goto("about:blank")
    page.goto(address)
    page.locator("html[data-ready]").wait_for()
    return float(page.evaluate(READY))


def in_browser(out: Path) -> tuple[list[float], list[float], list[float]]:
    """Openings of the first page and of the tier's, and times between frames of scrolling."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page()
        page.add_init_script(MARK_READY)
        first = [opened(page, f"{out.as_uri()}/index.html") for _ in range(OPENINGS)]
        tier = [opened(page, f"{out.as_uri()}/index.html#/sounds") for _ in range(OPENINGS)]
        frames = page.evaluate(SCROLL)
        browser.close()
    return first, tier, frames


def timed(act: Any) -> str:
    """Seconds on the clock, and on the processors: those other load changes less."""
    began, before = time.monotonic(), time.process_time()
    act()
    return f"{time.monotonic() - began:.1f} s, {time.process_time() - before:.1f} s of processors"


def main() -> None:
    models, prompts = (int(word) for word in (sys.argv[1:] + ["40", "130"][len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as folder:
        results, out = Path(folder) / "results", Path(folder) / "site"
        loaded = load("sounds")
        prompts = min(prompts, len(loaded.prompts))
        fill(results, loaded, models - 2, prompts)
        board = timed(lambda: write(results))
        site = timed(lambda: build(Options(results, out, audio=False)))
        size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
        first, tier, frames = in_browser(out)
    frames.sort()
    version = subprocess.run(["chromium", "--version"], capture_output=True, text=True).stdout
    print(f"{models} runs × {prompts} prompts, without audio; {version.strip()}\n")
    rows = {
        "leaderboard written": board,
        "site built": site,
        "size": f"{size / 2**20:.1f} MiB",
        f"first page drawn, median of {OPENINGS}": f"{statistics.median(first):.0f} ms",
        "… slowest": f"{max(first):.0f} ms",
        f"page of the tier drawn, median of {OPENINGS}": f"{statistics.median(tier):.0f} ms",
        "frames while prompts scroll, median": f"{statistics.median(frames):.0f} ms",
        "… 95 % of them below": f"{frames[int(0.95 * len(frames))]:.0f} ms",
    }
    print(table(["what", "figure"], rows.items()), end="")


if __name__ == "__main__":
    main()
