"""Works measured in turns: each round runs every work once, and right after it the same SQL bare.

Machines are shared and uneven, so only what ran side by side is compared, and only medians.
"""

from __future__ import annotations

import gc
import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from bench.statements import bare_seconds, taken_down

WARM_UP = 2  # rounds that nobody counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One piece of work. `undo` takes a write back, so that bare SQL can write the same rows again."""

    name: str
    run: Callable[[], object]
    bar: float | None = None  # the ratio that it may reach
    against: str = ""  # the work it is compared with; "" = its own SQL
    undo: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one work afterwards, named as in the result files."""

    work: str
    database: str
    records: int
    p50Ms: float  # noqa: N815 - the file's names
    p95Ms: float  # noqa: N815
    sqlP50Ms: float  # noqa: N815
    ratio: float
    bar: float | None

    @property
    def verdict(self) -> str:
        """Whether the bar is met; "" when there is none."""
        return "" if self.bar is None else "met" if self.ratio <= self.bar else "MISSED"


@dataclass(slots=True)
class _Times:
    work: list[float] = field(default_factory=list)
    sql: list[float] = field(default_factory=list)


def measure(works: Sequence[Work], *, rounds: int, database: str, records: int) -> list[Row]:
    """One row for each work, after `rounds` rounds of all of them."""
    times: Mapping[str, _Times] = defaultdict(_Times)
    for number in range(-WARM_UP, rounds):
        gc.collect()
        for work in works:
            seconds, sql_seconds = _once(work)
            if number >= 0:
                times[work.name].work.append(seconds)
                times[work.name].sql.append(sql_seconds)
    return [_row(work, times, database, records) for work in works]


def _once(work: Work) -> tuple[float, float]:
    with taken_down() as statements:
        started = perf_counter()
        work.run()
        seconds = perf_counter() - started
    if work.undo:
        work.undo()
    return seconds, bare_seconds(statements)


def _row(work: Work, times: Mapping[str, _Times], database: str, records: int) -> Row:
    mine = times[work.name]
    p50, sql_p50 = median(mine.work), median(mine.sql)
    other = median(times[work.against].work) if work.against else sql_p50
    p95 = quantiles(mine.work, n=20, method="inclusive")[-1]
    p50_ms, p95_ms, sql_ms = (round(seconds * 1000, 3) for seconds in (p50, p95, sql_p50))
    name = f"{work.name} (against {work.against})" if work.against else work.name
    return Row(name, database, records, p50_ms, p95_ms, sql_ms, round(p50 / other, 2), work.bar)


def write(rows: Sequence[Row], path: Path) -> None:
    """The rows as a result file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n")


def table(rows: Sequence[Row]) -> str:
    """The rows as people read them."""
    head = ("work", "p50 ms", "p95 ms", "SQL p50", "ratio", "bar", "")
    lines = [head, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    times = (f"{value:.2f}" for value in (row.p50Ms, row.p95Ms, row.sqlP50Ms, row.ratio))
    return row.work, *times, "" if row.bar is None else f"{row.bar:.1f}", row.verdict
