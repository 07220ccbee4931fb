"""`python -m bench`: measure, print a table, and write bench/results/<database>-<size>.json."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from bench.data import EMAIL, prepared
from bench.sizes import SIZES, Size

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """The table is printed and the result file written."""
    parser = ArgumentParser(prog="python -m bench", description="Measure the product beside bare SQL.")
    parser.add_argument("--size", choices=SIZES, default="full")
    parser.add_argument(
        "--database", choices=("sqlite", "postgresql"), help="default: what the size asks for"
    )
    parser.add_argument("--door", choices=("mcp", "rest"), help="default: both, the core with MCP first")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of the result files")
    parser.add_argument("--directory", type=Path, help="keep the data here, and use it again next time")
    options = parser.parse_args()
    size: Size = SIZES[options.size]
    database = options.database or size.database
    with prepared(size, database, options.directory):
        for door in (options.door,) if options.door else ("mcp", "rest"):
            end = "-rest" if door == "rest" else ""
            print(run(size, database, options.results / f"{database}-{size.name}{end}.json", door))


def run(size: Size, database: str, path: Path, door: str) -> str:
    """The table, after measuring everything and writing the file."""
    # Models can be imported only now.
    from bench import rest, works
    from bench.measuring import measure, table, write

    actor = works.person(EMAIL)
    caller = works.caller_of(actor)
    module: Any = rest if door == "rest" else works
    rows = [
        *measure(module.reads(actor, caller), rounds=size.reads, database=database, records=size.contacts),
        *measure(module.writes(actor, caller), rounds=size.writes, database=database, records=size.contacts),
    ]
    write(rows, path)
    return f"{database}, {size.contacts:,} contacts, {size.reads} rounds of reads\n{table(rows)}"


if __name__ == "__main__":
    main()
