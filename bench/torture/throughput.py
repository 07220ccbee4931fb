"""How fast deliveries are, and how small the worker stays."""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median

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

ENDPOINTS = 10
RATE_BAR = 300  # deliveries per second
DELAY_BAR = 2.0  # seconds from commit to the first attempt, 99th percentile
CHANGES_PER_SECOND = 50
PACE_SHARE = 0.9  # of it that must be reached
MEMORY_BAR = 120 * 2**20
GROWTH_BAR = 0.1


def rate(size: Size, receivers: Receivers) -> Iterator[Row]:
    """A full queue over ten endpoints, one worker; its memory from the first round to the last."""
    actor = northwind("Throughput")
    for number in range(ENDPOINTS):
        endpoint(actor, receivers.url("ok", number))
    rates: list[float] = []
    memory: list[int] = []
    with Workers(1) as workers:
        for _ in range(size.rounds):
            receivers.forget()
            with workers.paused():
                change(actor, size.deliveries_per_round // ENDPOINTS)
            wait_until(lambda: pending(actor) == 0, "the queue is empty")
            times = [arrival.at for arrival in receivers.arrivals()]
            rates.append(len(times) / (times[-1] - times[0]))
            memory.append(workers.memory())
    yield Row(
        f"1 worker, {ENDPOINTS} endpoints, queue of {size.deliveries_per_round:,}",
        f"{median(rates):.0f}/s ({min(rates):.0f} to {max(rates):.0f} in {len(rates)} rounds)",
        f"≥ {RATE_BAR}/s in the median round",
        median(rates) >= RATE_BAR,
    )
    growth = memory[-1] / memory[0] - 1
    yield Row(
        f"the worker's memory after {size.rounds * size.deliveries_per_round:,} deliveries",
        f"{memory[-1] / 2**20:.0f} MB, {growth:+.0%} since the first {size.deliveries_per_round:,}",
        f"≤ {MEMORY_BAR // 2**20} MB, ≤ +{GROWTH_BAR:.0%}",
        memory[-1] <= MEMORY_BAR and growth <= GROWTH_BAR,
    )


def delay(size: Size, receivers: Receivers) -> Iterator[Row]:
    """From commit to the first attempt, while changes come at a steady pace."""
    from accounts.models import Event

    actor = northwind("Delay")
    endpoint(actor, receivers.url("ok"))
    receivers.forget()
    with Workers(1):
        change(actor, 1)
        wait_until(lambda: pending(actor) == 0, "the worker has started")
        receivers.forget()
        started = time.monotonic()
        for number in range(size.paced_changes):
            time.sleep(max(0.0, started + number / CHANGES_PER_SECOND - time.monotonic()))
            change(actor, 1)
        took = time.monotonic() - started
        wait_until(lambda: pending(actor) == 0, "the queue is empty")
    events = Event.objects.filter(company_id=actor.company_id, entity="contact")
    made = {str(pk): moment.timestamp() for pk, moment in events.values_list("pk", "created_at")}
    delays = [arrival.at - made[arrival.message] for arrival in receivers.arrivals()]
    p99, pace = percentile(delays, 0.99), size.paced_changes / took
    yield Row(
        f"first attempt after commit, {size.paced_changes:,} changes to one endpoint",
        f"p50 {percentile(delays, 0.5):.2f} s, p99 {p99:.2f} s at {pace:.0f} changes/s",
        f"p99 ≤ {DELAY_BAR:.0f} s at ≥ {PACE_SHARE * CHANGES_PER_SECOND:.0f}/s",
        # A machine that is too busy to make so many changes has shown nothing.
        p99 <= DELAY_BAR and pace >= PACE_SHARE * CHANGES_PER_SECOND and len(delays) == size.paced_changes,
    )
