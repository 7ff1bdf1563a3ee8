"""Figures that others published: shown in tables of their own, never beside or ranked against ours.

::

    results/published/<name>.toml    one table of one source:
        title, source, dataset, n, checkpoint    what was measured, on what, with which weights
        why                                      what stands between these figures and ours
        [metrics]                                label = "higher" or "lower", in order
        [[system]]  name, values                 one value a metric, or "–"
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from probe.board.markdown import ARROWS, inline, table
from probe.errors import UsageError
from probe.records.record import Record

FOLDER = "published"

Value = Annotated[float, Field(strict=True)] | Annotated[int, Field(strict=True)] | Literal["–"]

INTRODUCTION = """\
## Published elsewhere

What papers and model cards report of other systems. **Not comparable with the tables above, nor
these tables with one another**: prompts, reference recordings, number of clips and checkpoints
differ, and each of them moves the numbers by more than systems differ. To compare a system, render
the prompts with it (`probe prompts export`) and take the audio back (`probe import`).
"""


class System(Record):
    """One row."""

    name: str = Field(min_length=1, description="as its authors call it")
    values: tuple[Value, ...] = Field(description="one for each metric, – where none is reported")


class Figures(Record):
    """One table of one source."""

    title: str = Field(min_length=1, description="of the table")
    source: str = Field(min_length=1, description="paper or model card")
    dataset: str = Field(min_length=1, description="prompts and recordings")
    n: str = Field(min_length=1, description="clips; 'not stated' where the source does not say")
    checkpoint: str = Field(min_length=1, description="what the metrics were measured with")
    why: str = Field(min_length=1, description="why the figures are not comparable with ours")
    metrics: dict[str, Literal["higher", "lower"]] = Field(
        min_length=1, description="label to which is better"
    )
    system: tuple[System, ...] = Field(min_length=1, description="the rows")

    @model_validator(mode="after")
    def _is_a_table(self) -> Figures:
        for row in self.system:
            if len(row.values) != len(self.metrics):
                raise ValueError(
                    f"{row.name!r} has {len(row.values)} values for {len(self.metrics)} metrics"
                )
        if len({row.name for row in self.system}) < len(self.system):
            raise ValueError("a system is listed twice")
        return self


def read(results: Path) -> list[Figures]:
    """Every table under ``published/`` of a results folder, in the order of the file names.

    Raises
    ------
    UsageError
        A file is no TOML, lacks a field, has an unknown one, or its rows do not fit its metrics.
    """
    found = []
    for path in sorted((results / FOLDER).glob("*.toml")):
        try:
            found.append(Figures.model_validate(tomllib.loads(path.read_text(encoding="utf-8"))))
        except ValidationError as error:
            fault = error.errors()[0]
            where = ".".join(map(str, fault["loc"]))
            said = fault["msg"].removeprefix("Value error, ")
            raise UsageError(f"{path}: {f'{where}: ' if where else ''}{said}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}") from None
    return found


def markdown(tables: Sequence[Figures]) -> list[str]:
    """The part of the leaderboard that shows them; nothing where there are none."""
    if not tables:
        return []
    parts = [INTRODUCTION]
    for each in tables:
        parts.append(f"### {inline(each.title)}\n")
        about = f"{each.source}; {each.dataset}; n {each.n}; {each.checkpoint}."
        parts.append(f"{inline(about)} Not comparable with ours: {inline(each.why)}.\n")
        metrics = (f"{inline(name)} {ARROWS[better]}" for name, better in each.metrics.items())
        columns = [_column(column) for column in zip(*(s.values for s in each.system), strict=True)]
        names = [inline(row.name) for row in each.system]
        rows = [list(row) for row in zip(names, *columns, strict=True)]
        parts.append(table(["system", *metrics], rows))
    return parts


def _column(values: Sequence[float | int | str]) -> list[str]:
    """Values with as many decimals as the one that has the most."""
    decimals = max(len(str(value).partition(".")[2]) for value in values)
    return [value if isinstance(value, str) else f"{value:.{decimals}f}" for value in values]
