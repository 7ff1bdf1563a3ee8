"""A tab that notes whatever a good page does not do."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.site.reading import GUARD

PATIENCE_S = 120.0
"""Only a test that fails waits so long."""


class Tab:
    """A page of the site in a browser.

    Parameters
    ----------
    browser : playwright Browser
        Where it opens.
    root : str
        Address of the site's folder.
    width, scheme
        Of the window, in CSS pixels; ``light`` or ``dark``.
    """

    def __init__(self, browser: Any, root: str, width: int = 1440, scheme: str = "light") -> None:
        self.root = root
        self.faults: list[str] = []
        self.context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        self.context.set_default_timeout(PATIENCE_S * 1000)
        self.page = self.context.new_page()
        self.page.add_init_script(GUARD)
        self.page.on("console", lambda said: self.faults.append(f"console: {said.text}"))
        self.page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        self.page.on("request", self._asked)
        self.page.on("requestfailed", self._failed)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith(self.root):
            self.faults.append(f"request: {request.url}")

    def _failed(self, request: Any) -> None:
        # What is not read to its end is aborted by the browser itself.
        if not request.url.endswith((".mp3", "/icon.svg")):
            self.faults.append(f"failed: {request.url}")

    def open(self, *keys: str) -> Any:
        """Open the page at an address and wait until it is drawn."""
        self.page.goto("about:blank")
        self.page.goto(f"{self.root}/index.html#/{'/'.join(keys)}")
        self.drawn(*keys)
        return self.page

    def drawn(self, *keys: str) -> None:
        """Wait until the page of an address is there."""
        self.page.locator(f"html[data-ready='{'/'.join(keys) or '/'}']").wait_for()

    def until(self, script: str) -> Any:
        """Wait until a script gives something that counts as true; returns it.

        The page's policy forbids what Playwright's own waiting does: to evaluate text in the page.
        """
        end = time.monotonic() + PATIENCE_S
        while not (found := self.page.evaluate(script)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.02)
        return found

    def close(self) -> None:
        """Leave, and insist that nothing was out of order."""
        self.context.close()
        assert not self.faults, "\n".join(self.faults)


def looked_at(browser: Any, root: Path | str, look: Callable[[Tab], None], **how: Any) -> None:
    """Open a tab, look, and check that nothing was out of order."""
    tab = Tab(browser, root.as_uri() if isinstance(root, Path) else root, **how)
    try:
        look(tab)
    except BaseException:
        tab.context.close()
        raise
    tab.close()
