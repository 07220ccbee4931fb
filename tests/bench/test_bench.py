"""`make bench` measures every work and writes what it found in the form that readers of it rely on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_database

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = {"work", "database", "records", "p50Ms", "p95Ms", "sqlP50Ms", "ratio", "bar"}
WORKS = {
    *(f"page of 25, {rules}, {page}" for rules in ("1 rule", "3 rules") for page in ("first", "keyset")),
    *(f"filter_entity, {rules}, {page}" for rules in ("1 rule", "3 rules") for page in ("first", "keyset")),
    *("capped count, 3 rules", "count_entity, 3 rules", "empty view", "tools/list (against empty view)"),
    *("create 100", "update 100", "update 1", "update_contacts, 1 row"),
}
REST_WORKS = {
    *(
        "GET, page of 25",
        "GET, page of 100",
        "GET, one",
        "search, 1 rule",
        "search, 3 rules",
        "search by a word",
        "aggregate by option",
        "aggregate by month",
        "aggregate by link",
    ),
    *("filter_entity, 3 rules (against search, 3 rules)", "POST, 100", "PUT, 100", "PATCH, one"),
}


def check_rows(rows: list[dict], works: set[str]) -> None:
    """The rows have the form of a result file.

    How their two times compare, only a quiet machine can tell.
    """
    assert {row["work"] for row in rows} == works
    assert len(rows) == len(works)
    for row in rows:
        assert row.keys() == MEMBERS
        assert row["p95Ms"] >= row["p50Ms"] > 0 < row["sqlP50Ms"]
        assert row["ratio"] > 0
        assert row["bar"] is None or row["bar"] >= 1


def test_a_tiny_run_measures_every_work(tmp_path):
    """Other settings and another database than the tests': a process of its own."""
    command = [sys.executable, "-m", "bench", "--size", "tiny", "--results", str(tmp_path)]
    surroundings = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for name, works in (("sqlite-tiny", WORKS), ("sqlite-tiny-rest", REST_WORKS)):
        rows = json.loads((tmp_path / f"{name}.json").read_text())
        check_rows(rows, works)
        assert {(row["database"], row["records"]) for row in rows} == {("sqlite", 300)}
        assert all(row["work"] in done.stdout for row in rows)


@pytest.mark.parametrize("name", ["sqlite-small", "postgresql-small", "postgresql-full", "sqlite-small-rest"])
def test_committed_results_have_the_same_form_and_are_of_a_quiet_machine(name):
    rows = json.loads((ROOT / "bench" / "results" / f"{name}.json").read_text())
    check_rows(rows, REST_WORKS if name.endswith("-rest") else WORKS)
    # What we do holds the bare statement; yet a long one may take longer on its second run than on its first.
    assert all(row["p50Ms"] >= 0.9 * row["sqlP50Ms"] for row in rows)


def test_a_missed_bar_is_told_with_its_reason():
    """Whoever reads a result that misses its bar finds the work in the README."""
    told = (ROOT / "bench" / "README.md").read_text()
    for path in (ROOT / "bench" / "results").glob("*.json"):
        for row in json.loads(path.read_text()):
            if row["bar"] is not None and row["ratio"] > row["bar"]:
                assert row["work"] in told, f"{path.name}: {row['work']}"
