"""`python -m bench.torture`: kill, starve and flood deliveries, print a table, and write docs/torture.md.

Each database runs in a process of its own, because Django is bound to one. Everything happens on
loopback; the exit code is 1 when a bar is missed. What full runs found is kept in results.json, from which
the document is made, so that `--only` does a scenario again without doing all of them.
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
RESULTS = Path(__file__).with_name("results.json")
DATABASES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

Scenario = Callable[[Size, Receivers], Iterator[Row]]
Found = dict[str, dict[str, list[Row]]]  # by database and scenario

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
    parser.add_argument("--rows", action="store_true", help="print rows as JSON, for the process above")
    options = parser.parse_args()
    chosen = options.only or list(SCENARIOS)
    databases = options.database or list(DATABASES)
    if options.rows:
        return _print_rows(SIZES[options.size], databases[0], chosen)
    found = {database: _run(options.size, database, chosen) for database in databases}
    print(report(options.size, found))
    if options.size == "full":
        kept = _keep(found)
        DOCUMENT.write_text(report(options.size, kept))
    rows = [row for scenarios in found.values() for several in scenarios.values() for row in several]
    return int(any(not row.is_met for row in rows))


def report(size: str, found: Found) -> str:
    """The document."""
    parts = [HEAD.format(size="" if size == "full" else f" SIZE={size}")]
    for database, scenarios in found.items():
        rows = [row for name in SCENARIOS for row in scenarios.get(name, ())]
        parts.append(f"## {DATABASES[database]}\n\n{table(rows)}\n")
        if size == "full" and (missing := [name for name in SCENARIOS if name not in scenarios]):
            parts.append(f"Not in this table: {', '.join(missing)}.\n")
    return "\n".join(parts)


def _keep(found: Found) -> Found:
    """All that full runs have found by now, in the file as well."""
    kept: Found = {database: {} for database in DATABASES}
    stored = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for database, scenarios in stored.items():
        kept[database] = {name: [Row(**row) for row in rows] for name, rows in scenarios.items()}
    for database, fresh in found.items():
        kept[database] |= fresh
    RESULTS.write_text(_as_json(kept) + "\n")
    return kept


def _as_json(found: object) -> str:
    return json.dumps(found, default=asdict, indent=1, ensure_ascii=False)


HEAD = """# Deliveries under torture

What `make torture{size}` found. Everything runs on loopback, in real processes: workers are \
`customermates worker`, receivers a process of their own. After a kill, others wait for the lease of what \
the dead worker held; where workers are killed here, leases last 3 seconds instead of 30, so that the run \
is short. Times depend on the machine (two shared cores) and on who else uses it.
"""


def _run(size: str, database: str, chosen: list[str]) -> dict[str, list[Row]]:
    words = [part for name in chosen for part in ("--only", name)]
    command = [sys.executable, "-m", "bench.torture", "--rows", "--size", size, "--database", database]
    done = subprocess.run([*command, *words], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(f"The run on {database} came to no end.")
    found = json.loads(done.stdout.splitlines()[-1])
    return {name: [Row(**row) for row in rows] for name, rows in found.items()}


def _print_rows(size: Size, database: str, chosen: list[str]) -> int:
    found: dict[str, list[Row]] = {}
    with installation(database), receivers() as there:
        for name in chosen:
            started = time.monotonic()
            try:
                found[name] = list(SCENARIOS[name](size, there))
            except Failed as failure:
                found[name] = [Row(name, str(failure), "an end", is_met=False)]
            print(f"{database}: {name} took {time.monotonic() - started:.0f} s", file=sys.stderr)
    print(json.dumps(found, default=asdict))
    return 0


if __name__ == "__main__":
    sys.exit(main())
