"""Write the tables of ``docs/results.md`` and ``docs/leaderboard.schema.json`` from the records.

Run with ``python docs/result_fields.py`` after a record of a run or of the leaderboard has changed;
``--check`` writes nothing and fails when one of them is stale.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pydantic import BaseModel
from tier_fields import about, records_in, table

from probe import records
from probe.board.leaderboard import Leaderboard

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "results.md"
SCHEMA = DOCS / "leaderboard.schema.json"
BEGIN = "<!-- written by docs/result_fields.py: {} -->\n"
END = "<!-- end of what docs/result_fields.py writes -->\n"

FILES: dict[str, type[BaseModel]] = {
    "run.json": records.Run,
    "completions.jsonl, a line": records.Completion,
    "messages.jsonl, a line": records.Message,
    "hearings.jsonl, a line": records.Hearing,
    "answers.jsonl, a line": records.Answer,
    "renderings.jsonl, a line": records.Rendering,
    "scores.jsonl, a line": records.Score,
    "verification.json": records.Verification,
    "accepted.json": records.Accepted,
}


def run_folder() -> str:
    return "\n".join(part for name, record in FILES.items() for part in tables(name, record))


def leaderboard() -> str:
    return "\n".join(tables("leaderboard.json", Leaderboard))


def tables(name: str, record: type[BaseModel]) -> list[str]:
    """A file's record and those within it."""
    parts = [f"### {name}\n", about(record), table(record)]
    for inner in records_in(record):
        parts += [f"#### {inner.__name__}\n", about(inner), table(inner)]
    return parts


def filled(text: str) -> str:
    """The page with its tables as the records are now."""
    for name, write in (("json", leaderboard), ("run", run_folder)):
        begin = BEGIN.format(name)
        head, _, rest = text.partition(begin)
        _, _, tail = rest.partition(END)
        text = f"{head}{begin}\n{write()}\n{END}{tail}"
    return text


def schema() -> str:
    found = Leaderboard.model_json_schema(mode="serialization")
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    wanted = {PAGE: filled(PAGE.read_text(encoding="utf-8")), SCHEMA: schema()}
    if "--check" in sys.argv[1:]:
        old = [p.name for p, text in wanted.items() if not p.exists() or p.read_text() != text]
        if old:
            sys.exit(f"{' and '.join(old)}: not what the records say; run docs/result_fields.py")
        return
    for path, text in wanted.items():
        path.write_text(text, encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()
