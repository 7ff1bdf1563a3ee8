"""Take the picture of the site that the README shows, ``docs/site.png``.

Run with ``python docs/picture_site.py`` after ``probe site``; the site's folder may be given. It
shows one attempt at one prompt.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
ATTEMPT = ("notes", "107-c4-piano", "builtin--programs", "0")
WIDTH, HEIGHT = 1200, 1120
MOST_BYTES = 300_000


def main() -> None:
    site = Path(sys.argv[1] if len(sys.argv) > 1 else "site").resolve()
    target = ROOT / "docs" / "site.png"
    with sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-background-networking"],
        )
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        page.goto(f"{site.as_uri()}/index.html#/{'/'.join(ATTEMPT)}")
        page.locator(f"html[data-ready='{'/'.join(ATTEMPT)}']").wait_for()
        page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
        page.screenshot(path=target)
        browser.close()
    size = target.stat().st_size
    if size > MOST_BYTES:
        raise SystemExit(f"{target} has {size} bytes; the README takes {MOST_BYTES} at most")
    print(f"{target.relative_to(ROOT)}: {size} bytes")


if __name__ == "__main__":
    main()
