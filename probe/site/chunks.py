"""Data as scripts: what a page opened from ``file://`` can load, and nothing in it can run.

A chunk is one call, ``probe.add("<name>", '<JSON>')``. The page parses the text as JSON, so no key
(``__proto__``) and no value means anything but itself.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from probe.paths import writing
from probe.site.schema import Page

_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_MEANINGFUL = {ord(c): f"\\\\u{ord(c):04x}" for c in "<>&'"}
"""Characters that could end a script element, open a comment or end the literal."""


def key(text: str) -> str:
    """A name that is safe in a path and an address: `text` itself where it is, else its digest."""
    if _PLAIN.fullmatch(text) and ".." not in text:
        return text
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def script(name: str, data: Any) -> str:
    """The chunk `name` that holds `data`, in ASCII.

    Parameters
    ----------
    name : str
        What the page asks for: keys joined by slashes.
    data : JSON
        Anything that `json` writes; text may be hostile.

    Raises
    ------
    ValueError
        A number is not finite.
    """
    text = json.dumps(data, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    literal = text.replace("\\", "\\\\").translate(_MEANINGFUL)
    return f"probe.add({json.dumps(name)}, '{literal}');\n"


def write(out: Path, name: str, page: Page) -> None:
    """Write the chunk `name` to ``data/<name>.js`` below `out`."""
    path = out / "data" / f"{name}.js"
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path):
        path.write_text(script(name, page.model_dump(mode="json")), encoding="ascii")
