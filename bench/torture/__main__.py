"""`python -m bench.torture`: kill, starve and flood deliveries, print a table, and write docs/torture.md.

Each database runs in a process of its own, because Django is bound to one. Everything happens on
loopback; the exit code is 1 when a bar is missed.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

from bench.torture import crashes, crowds, hostile, throughput
from bench.torture.rows import Row, table
from bench.torture.sizes import SIZES, Size
from bench.torture.stage import ROOT, Failed, Receivers, installation, receivers

DOCUMENT = ROOT / "docs" / "torture.md"
DATABASES = ("sqlite", "postgresql")

Scenario = Callable[[Size, Receivers], Iterator[Row]]

SCENARIOS: dict[str, Scenario] = {
    "workers": crashes.workers_killed,
    "web": crashes.web_killed,
    "busy": crowds.busy,
    "hostile": hostile.receivers_of_all_kinds,
    "healthy": crowds.healthy_among_dead,
    "addresses": hostile.addresses,
    "throughput": throughput.rate,
    "delay": throughput.delay,
}


def main() -> int:
    """0 when every bar is met."""
    parser = ArgumentParser(prog="python -m bench.torture", description="Torture deliveries.")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument("--database", choices=DATABASES, action="append", help="default: both")
    parser.add_argument("--only", choices=SCENARIOS, action="append", help="default: all scenarios")
    parser.add_argument("--document", type=Path, default=DOCUMENT, help="where the table is written")
    parser.add_argument("--rows", action="store_true", help="print rows as JSON, for the process above")
    options = parser.parse_args()
    chosen = options.only or list(SCENARIOS)
    databases = options.database or DATABASES
    if options.rows:
        return _print_rows(SIZES[options.size], databases[0], chosen)
    found = {database: _run(options.size, database, chosen) for database in databases}
    text = report(options.size, found)
    print(text)
    if not options.only and options.size == "full":
        options.document.write_text(text)
    return int(any(not row.is_met for rows in found.values() for row in rows))


def report(size: str, found: dict[str, list[Row]]) -> str:
    """The document."""
    parts = [HEAD.format(size="" if size == "full" else f" SIZE={size}")]
    titles = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
    for database, rows in found.items():
        parts.append(f"## {titles[database]}\n\n{table(rows)}\n")
    return "\n".join(parts)


HEAD = """# Deliveries under torture

What `make torture{size}` found. Everything runs on loopback, in real processes: workers are \
`customermates worker`, receivers a process of their own. After a kill, others wait for the lease of what \
the dead worker held; where workers are killed here, leases last 3 seconds instead of 30, so that the run \
is short. Times depend on the machine (two shared cores) and on who else uses it.
"""


def _run(size: str, database: str, chosen: list[str]) -> list[Row]:
    words = [part for name in chosen for part in ("--only", name)]
    command = [sys.executable, "-m", "bench.torture", "--rows", "--size", size, "--database", database]
    done = subprocess.run([*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"The run on {database} came to no end.")
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def _print_rows(size: Size, database: str, chosen: list[str]) -> int:
    rows: list[Row] = []
    with installation(database), receivers() as found:
        for name in chosen:
            started = time.monotonic()
            try:
                rows += SCENARIOS[name](size, found)
            except Failed as failure:
                rows.append(Row(name, str(failure), "an end", is_met=False))
            print(f"{database}: {name} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(json.dumps([asdict(row) for row in rows]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
