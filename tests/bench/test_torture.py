"""Nothing that is done to them makes deliveries get lost: the small run of `make torture`, each database.

What a scenario finds about times depends on who else uses the machine, so only right and wrong count here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from bench.torture.rows import Row, table

ROOT = Path(__file__).resolve().parents[2]
SCENARIOS = {  # and what the row is called that tells right from wrong
    "workers": "kill -9 of",
    "web": "kill -9 of",
    "busy": "writers and",
    "hostile": "hostile receivers, each",
    "addresses": "forbidden addresses",
}


def run_small() -> list[Row]:
    """What the scenarios found, on the kind of database that this run of the tests uses."""
    database = "sqlite" if settings.IS_SQLITE else "postgresql"
    words = [part for name in SCENARIOS for part in ("--only", name)]
    command = [sys.executable, "-m", "bench.torture", "--rows", "--size", "small", "--database", database]
    # Without the database that the tests have put there.
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(
        [*command, *words], cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout.splitlines()[-1])
    return [Row(**row) for several in found.values() for row in several]


def test_nothing_is_lost_and_nothing_goes_astray() -> None:
    """One test: shared out over several processes, each of them would run all scenarios for its share."""
    rows = run_small()
    for name in sorted(set(SCENARIOS.values())):
        counted = [row for row in rows if name in row.what]
        assert counted, name
        assert not [row for row in counted if not row.is_met]


def test_a_missed_bar_stands_out() -> None:
    met, missed = Row("one", "1", "≥ 1", is_met=True), Row("another", "0", "≥ 1", is_met=False)
    assert [line.split()[-2] for line in table([met, missed]).splitlines()[-2:]] == ["met", "MISSED"]
