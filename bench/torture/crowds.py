"""Everybody at once: writers and workers on one SQLite file, dead receivers beside a healthy one."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

from bench.torture.rows import Row
from bench.torture.sizes import Size
from bench.torture.stage import (
    Receivers,
    Workers,
    change,
    endpoint,
    northwind,
    pending,
    percentile,
    wait_until,
)

WRITERS = 8
DEAD = ("silence", "drip-header", "drip-body", "error", "refused")
HEALTHY_BAR = 2.0  # seconds, 95th percentile
HEALTHY_PER_SECOND = 5


def busy(size: Size, receivers: Receivers) -> Iterator[Row]:
    """8 writers and 2 workers write to one database; nobody is turned away."""
    from django.db import DatabaseError, connection

    actor = northwind("Busy")
    for number in range(3):
        endpoint(actor, receivers.url("ok", number))
    errors: list[str] = []
    written = 0
    ends_at = time.monotonic() + size.busy_seconds

    def write() -> None:
        nonlocal written
        try:
            while time.monotonic() < ends_at:
                change(actor, 1)
                written += 1
        except DatabaseError as error:
            errors.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=write) for _ in range(WRITERS)]
    with Workers(2):
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        wait_until(lambda: pending(actor) == 0, "all deliveries are done with")
    yield Row(
        f"{WRITERS} writers and 2 workers for {size.busy_seconds} s",
        f"{len(errors)} errors in {written:,} changes",
        "0: nobody is told that the database is locked",
        not errors and written > 0,
    )


def healthy_among_dead(size: Size, receivers: Receivers) -> Iterator[Row]:
    """One that answers waits for nobody who does not."""
    from accounts.models import Event

    dead, alive = northwind("Dead"), northwind("Alive")
    for number in range(size.dead_endpoints):
        kind = DEAD[number % len(DEAD)]
        url = "http://127.0.0.1:1024/nobody" if kind == "refused" else receivers.url(kind, number)
        endpoint(dead, url)
    endpoint(alive, receivers.url("ok"))
    change(dead, size.queued_each)
    receivers.forget()
    with Workers(1) as workers:
        started = time.monotonic()
        for number in range(size.healthy_changes):
            time.sleep(max(0.0, started + number / HEALTHY_PER_SECOND - time.monotonic()))
            change(alive, 1)
        wait_until(lambda: pending(alive) == 0, "the healthy one is through", 120)
        memory = workers.memory()
    events = Event.objects.filter(company_id=alive.company_id, entity="contact")
    made = {str(pk): moment.timestamp() for pk, moment in events.values_list("pk", "created_at")}
    delays = [a.at - made[a.message] for a in receivers.arrivals() if a.message in made]
    p95 = percentile(delays, 0.95)
    yield Row(
        f"healthy beside {size.dead_endpoints} dead endpoints with {size.queued_each} queued each",
        f"p50 {percentile(delays, 0.5):.2f} s, p95 {p95:.2f} s ({memory / 2**20:.0f} MB)",
        f"p95 ≤ {HEALTHY_BAR:.0f} s",
        p95 <= HEALTHY_BAR and len(delays) == size.healthy_changes,
    )
