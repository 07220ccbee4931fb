"""Runs the test suite on SQLite and, where a server can be had, on PostgreSQL: `make test`.

``--quick`` leaves PostgreSQL out. ``--complete`` allows nothing to be left out: a missing server or a
skipped test is a failure. Everything else is passed on to pytest. What cannot depend on the database (looks,
the text of the repository; marked `one_database`) runs once, on SQLite.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools import postgres

ROOT = Path(__file__).resolve().parent.parent
WORKERS = "2"


def main(arguments: list[str]) -> int:
    """0 when every part that ran passed (and, with ``--complete``, nothing was left out)."""
    quick, complete = "--quick" in arguments, "--complete" in arguments
    passed_on = [argument for argument in arguments if argument not in ("--quick", "--complete")]
    with tempfile.TemporaryDirectory(prefix="customermates-tests-") as directory:
        data = Path(directory)
        failed = not run_suite("SQLite", {}, data, passed_on, complete=complete)
        if quick:
            print("PostgreSQL skipped: this is the quick run; make test includes it.")
            return int(failed)
        try:
            with postgres_url() as url:
                chosen = ["-m", "not one_database", *passed_on]
                failed |= not run_suite("PostgreSQL", {"DATABASE_URL": url}, data, chosen, complete=complete)
        except postgres.Unavailable as reason:
            print(f"PostgreSQL skipped: {reason}.")
            failed |= complete
    return int(failed)


@contextlib.contextmanager
def postgres_url() -> Iterator[str]:
    """The server that DATABASE_URL_POSTGRES names, else one of our own that ends with the block."""
    if given := os.environ.get("DATABASE_URL_POSTGRES"):
        yield given
        return
    with postgres.running() as url:
        yield url


def run_suite(
    name: str, settings: Mapping[str, str], data: Path, arguments: list[str], *, complete: bool
) -> bool:
    """Whether pytest passed on this database; with ``complete`` also whether it skipped nothing."""
    print(f"Tests on {name}", flush=True)
    report = data / f"{name}.xml"
    command = [sys.executable, "-m", "pytest", "-n", WORKERS, f"--junit-xml={report}", *arguments]
    environment = {**base_environment(), "CUSTOMERMATES_DATA_DIR": str(data), **settings}
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    skipped = skipped_tests(report) if complete else []
    if skipped:
        print(f"Nothing may be skipped here, but on {name} these were: {', '.join(skipped)}.")
    return code == 0 and not skipped


def base_environment() -> dict[str, str]:
    """Our environment without a database: each part names its own."""
    return {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}


def skipped_tests(report: Path) -> list[str]:
    """Names of the tests that pytest skipped; an expected failure is not a skip."""
    cases = ElementTree.parse(report).iter("testcase")
    return [
        f"{case.get('classname')}::{case.get('name')}"
        for case in cases
        if any(mark.get("type") == "pytest.skip" for mark in case.iter("skipped"))
    ]


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
