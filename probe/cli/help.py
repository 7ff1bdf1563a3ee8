"""Help in sections: commands in the order they are used, the many options of one by what they do.

Plain text: rich's panels take as long to load as all the rest of ``probe --help``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from typer.core import TyperCommand, TyperGroup

Row = tuple[str, str]

COMMANDS = {
    "To begin": ("doctor", "sandbox", "tiers", "prompts"),
    "To run": ("run", "list", "score", "import", "rename", "remove", "mend"),
    "To look": ("show", "play", "leaderboard", "compare", "site"),
    "To check": ("verify", "ci"),
    "Metrics alone": ("fad", "clap", "weights"),
    "What is kept": ("cache",),
}

RUN_OPTIONS = {
    "What is asked": (
        *("--tier", "--model", "--config", "--prompt", "--group", "--level", "--limit"),
        *("--samples", "--strategy", "--language"),
    ),
    "The model": (
        *("--set", "--base-url", "--name", "--concurrency", "--retries", "--max-cost"),
        *("--no-cache", "--accept-missing"),
    ),
    "What is measured": ("--references", "--measure", "--check-determinism"),
    "Where": ("--results", "--fresh", "--sandbox", "--runtime"),
    "What is said": ("--dry-run", "--json"),
}

RUN_EXAMPLES = """\b
Examples:
  probe run --tier notes --model openai/gpt-4o --limit 6 --dry-run
  probe run --tier notes --model openai/gpt-4o --limit 6
  probe run --tier sounds --model anthropic/claude-sonnet-4-5 --max-cost 5
  probe run --tier speech --model openai/llama3.3 --name lab/llama \\
      --base-url http://localhost:11434/v1 --set temperature=0.7
"""


class Commands(TyperGroup):
    """Commands under the headings of `COMMANDS`, in that order; others come last."""

    def list_commands(self, ctx: Any) -> list[str]:
        """Names of the commands, in order."""
        order = [name for names in COMMANDS.values() for name in names]
        there = super().list_commands(ctx)
        known = [name for name in order if name in there]
        return known + [name for name in there if name not in known]

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write them, each with the beginning of what it says of itself."""
        found = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        room = formatter.width - 6 - max(map(len, found))
        rows = {
            name: (name, command.get_short_help_str(room))
            for name, command in found.items()
            if command is not None and not command.hidden
        }
        _write(formatter, rows, COMMANDS, "Others")


class RunCommand(TyperCommand):
    """Options under the headings of `RUN_OPTIONS`, in that order; others come last."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write them."""
        rows = {
            parameter.opts[0]: record
            for parameter in self.get_params(ctx)
            if (record := parameter.get_help_record(ctx)) is not None
        }
        _write(formatter, rows, RUN_OPTIONS, "Others")


def _write(
    formatter: Any, rows: Mapping[str, Row], sections: Mapping[str, Iterable[str]], rest: str
) -> None:
    """Rows in sections, in columns that all of them share."""
    listed = {name for names in sections.values() for name in names}
    others = [name for name in rows if name not in listed]
    widest = max(len(first) for first, _ in rows.values())
    for heading, names in {**sections, rest: others}.items():
        chosen = [rows[name] for name in names if name in rows]
        if chosen:
            with formatter.section(heading):
                formatter.write_dl(
                    [(first.ljust(min(widest, 24)), said) for first, said in chosen], col_max=24
                )
