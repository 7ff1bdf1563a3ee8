"""Write the tables of fields in ``tiers/README.md`` from the records themselves.

Run with ``python docs/tier_fields.py`` after a record of a tier has changed.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from probe.board import markdown
from probe.records import Limits, Prompt, Tier
from probe.records.truths import KINDS

README = Path(__file__).resolve().parent.parent / "tiers" / "README.md"
BEGIN = "<!-- written by docs/tier_fields.py -->\n"
END = "<!-- end of what docs/tier_fields.py writes -->\n"

PLAIN = {str: "text", float: "number", int: "whole number", bool: "true or false", Any: "any"}
BOUNDS = {"ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "pattern": "matches `{}`"}


def tables() -> str:
    """Everything between the two marks."""
    parts = ["### tier.toml\n", table(Tier, without={"digest"})]
    parts += ["### tier.toml, `[limits]`\n", table(Limits)]
    parts += ["### prompts.jsonl, a line\n", table(Prompt)]
    for kind, record in KINDS.items():
        parts += [f"### a truth of kind `{kind}`\n", about(record), table(record, without={"kind"})]
        for inner in records_in(record):
            parts += [f"#### {inner.__name__}\n", about(inner), table(inner)]
    return "\n".join(parts)


def about(record: type[BaseModel]) -> str:
    return (inspect.getdoc(record) or "") + "\n"


def table(record: type[BaseModel], without: frozenset[str] | set[str] = frozenset()) -> str:
    rows = []
    for name, field in record.model_fields.items():
        if name not in without:
            by_default = (
                "the tier's" if (record, name) == (Prompt, "duration_s") else default(field)
            )
            cells = (f"`{name}`", kind_of(field), by_default, field.description or "")
            rows.append([cell.replace("|", "¦") for cell in cells])
    return markdown.table(["field", "is", "default", "meaning"], rows)


def default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, bool):
        return str(value).lower()
    if value in (None, (), "", {}):
        return "none"
    return f"{value:,}" if isinstance(value, int) else str(value)


def kind_of(field: FieldInfo) -> str:
    words = words_of(field.annotation)
    bounds = [
        form.format(f"{value:,}" if isinstance(value, int) else value)
        for item in field.metadata
        for name, form in BOUNDS.items()
        if (value := getattr(item, name, None)) is not None
    ]
    return ", ".join([words, *bounds])


def words_of(annotation: Any) -> str:
    origin, inner = get_origin(annotation), get_args(annotation)
    if annotation in PLAIN:
        return PLAIN[annotation]
    if origin is Annotated:
        return words_of(inner[0])
    if origin is Literal:
        return "one of " + ", ".join(f"`{value}`" for value in inner)
    if origin in (tuple, list):
        return f"list of {words_of(inner[0])}"
    if origin is dict:
        return f"table of {words_of(inner[1])}"
    if origin in (Union, UnionType):
        kinds = [part for part in inner if part is not NoneType]
        return " or ".join(map(words_of, kinds))
    return f"`{annotation.__name__}`"


def records_in(record: type[BaseModel]) -> list[type[BaseModel]]:
    """Records that are reached from one, each once, in the order in which they are met."""
    found: dict[type[BaseModel], None] = {}

    def look(annotation: Any) -> None:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            if annotation not in found:
                found[annotation] = None
                for field in annotation.model_fields.values():
                    look(field.annotation)
        else:
            for part in get_args(annotation):
                look(part)

    for field in record.model_fields.values():
        look(field.annotation)
    return list(found)


def filled(text: str) -> str:
    """The README with its tables as the records are now."""
    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}\n{tables()}\n{END}{tail}"


def main() -> None:
    README.write_text(filled(README.read_text(encoding="utf-8")), encoding="utf-8")
    print(README)


if __name__ == "__main__":
    main()
