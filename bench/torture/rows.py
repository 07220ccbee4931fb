"""What a scenario found, beside what it was to find."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    found: str
    bar: str
    is_met: bool


def table(rows: Sequence[Row]) -> str:
    """The rows as a table in Markdown, which reads well in a terminal too."""
    head = ("scenario", "found", "bar", "")
    lines = [head, *((row.what, row.found, row.bar, "met" if row.is_met else "MISSED") for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    shown = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |"
        for line in lines
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([shown[0], rule, *shown[1:]])
