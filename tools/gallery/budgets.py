"""What each page weighs and how long it takes, in docs/ui-budgets.md: `make budgets`.

Weights and queries are exact and must keep to their budget; times are those of one machine on one day.
"""

from __future__ import annotations

import gzip
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, sync_playwright

from tools.gallery.company import EMAIL, served
from tools.gallery.screenshots import FLAGS, find_chromium, open_window, sign_in

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "ui-budgets.md"
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
ROUNDS = 5  # of which the median counts
KB = 1024

CSS_BUDGET, JS_BUDGET, BOARD_JS_BUDGET = 15 * KB, 30 * KB, 42 * KB
LIST_QUERIES, RECORD_QUERIES, HOME_QUERIES = 14, 18, 12

HEAD = f"""# What pages cost

Made by `make budgets` on sample data, lists at 50 rows: bytes as compressed on the way to the
browser, queries with authentication included, and the medians of {ROUNDS} runs of the server's time
and of the time to the first paint in Chromium on the same machine (aims: 30 ms and 300 ms).

Budgets: css {CSS_BUDGET // KB} KB, js {JS_BUDGET // KB} KB ({BOARD_JS_BUDGET // KB} KB on boards),
{LIST_QUERIES} queries on lists, {RECORD_QUERIES} on records, {HOME_QUERIES} on home.

| page | css KB | js KB | queries | server ms | first paint ms | |
|---|--:|--:|--:|--:|--:|---|
"""


class Made(NamedTuple):
    """What a page costs the server."""

    queries: int
    ms: float


class Shown(NamedTuple):
    """What a page costs the browser: compressed bytes that it loads by itself, time to the first paint."""

    css: int
    js: int
    paint_ms: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What one page costs."""

    name: str
    made: Made
    shown: Shown

    @property
    def excess(self) -> str:
        """What is over its budget, "" when nothing is."""
        js_budget = BOARD_JS_BUDGET if "board" in self.name else JS_BUDGET
        over = {
            "css": self.shown.css > CSS_BUDGET,
            "js": self.shown.js > js_budget,
            "queries": self.made.queries > query_budget(self.name),
        }
        return ", ".join(what for what, is_over in over.items() if is_over)

    @property
    def line(self) -> str:
        """Its row of the table."""
        numbers = (f"{self.shown.css / KB:.1f}", f"{self.shown.js / KB:.1f}", str(self.made.queries))
        times = (f"{self.made.ms:.0f}", f"{self.shown.paint_ms:.0f}")
        verdict = f"over: {self.excess}" if self.excess else "within"
        return f"| {' | '.join((self.name, *numbers, *times, verdict))} |"


def query_budget(name: str) -> int:
    """How many queries the page of this name may send."""
    from crm.entities import ENTITIES

    if name == "home":
        return HOME_QUERIES
    is_record = name.split("-")[0] in ENTITIES
    return RECORD_QUERIES if is_record else LIST_QUERIES


def main() -> int:
    """0 when every page keeps to its budget."""
    with served() as product:
        ids = product.set_up()
        logging.getLogger("customermates.request").setLevel(logging.WARNING)
        from tools.gallery.places import pages

        addresses = {place.name: place.at(ids) for place in pages()}
        made = {name: serve(address) for name, address in addresses.items()}
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            window = open_window(browser, product.url, "light")
            sign_in(window, product)
            costs = [Cost(name, made[name], show(address, window)) for name, address in addresses.items()]
    write(costs)
    excessive = [cost.line for cost in costs if cost.excess]
    print("\n".join(excessive) or f"Every page keeps to its budget; {TABLE.relative_to(ROOT)} tells more.")
    return int(bool(excessive))


def write(costs: Sequence[Cost]) -> None:
    """The table, with the worst of each column at its end."""
    worst = [
        f"{max(cost.shown.css for cost in costs) / KB:.1f}",
        f"{max(cost.shown.js for cost in costs) / KB:.1f}",
        str(max(cost.made.queries for cost in costs)),
        f"{max(cost.made.ms for cost in costs):.0f}",
        f"{max(cost.shown.paint_ms for cost in costs):.0f}",
    ]
    rows = [*(cost.line for cost in costs), f"| **most** | {' | '.join(worst)} | |"]
    TABLE.write_text(HEAD + "\n".join(rows) + "\n")


def serve(address: str) -> Made:
    """Queries and milliseconds of the page in this process."""
    from django.contrib.auth import get_user_model
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(get_user_model().objects.get(email=EMAIL), backend="accounts.backends.EmailBackend")
    answer = client.get(address)  # what is loaded once is loaded now
    if answer.status_code in (301, 302):
        sys.exit(f"{address} leads away, to {answer.headers['Location']}.")
    with CaptureQueriesContext(connection) as captured:
        client.get(address)
    sent = [query["sql"] for query in captured.captured_queries]  # the next request forgets them
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    seconds = []
    for _ in range(ROUNDS):
        started = perf_counter()
        client.get(address)
        seconds.append(perf_counter() - started)
    return Made(sum(not sql.startswith(marks) for sql in sent), median(seconds) * 1000)


def show(address: str, window: BrowserContext) -> Shown:
    """The page in the browser, as often as its times are to be measured."""
    page = window.new_page()
    paints = []
    for _ in range(ROUNDS):
        page.goto(address)
        page.locator("html[data-ready], body.bare").wait_for(state="attached")
        paints.append(page.evaluate(FIRST_PAINT))
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate("performance.getEntriesByType('resource').map((entry) => entry.name)")
    page.close()
    paths = {urlsplit(url).path for url in loaded}
    return Shown(weight(paths, ".css"), weight(paths, ".js"), median(paints))


def weight(paths: set[str], suffix: str) -> int:
    """Compressed bytes of the files of this kind."""
    files = [ROOT / path.lstrip("/") for path in sorted(paths) if path.endswith(suffix)]
    return sum(len(gzip.compress(file.read_bytes(), 9)) for file in files)


if __name__ == "__main__":
    sys.exit(main())
