"""How much is tortured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One amount of everything."""

    name: str
    rounds: int  # of a full queue
    deliveries_per_round: int
    paced_changes: int
    crash_deliveries: int
    worker_kills: int
    web_kills: int
    busy_seconds: int
    dead_endpoints: int
    queued_each: int
    healthy_changes: int


SIZES = {
    size.name: size
    for size in (
        Size(
            name="small",
            rounds=2,
            deliveries_per_round=1_000,
            paced_changes=100,
            crash_deliveries=300,
            worker_kills=4,
            web_kills=4,
            busy_seconds=5,
            dead_endpoints=5,
            queued_each=20,
            healthy_changes=20,
        ),
        Size(
            name="full",
            rounds=20,
            deliveries_per_round=5_000,
            paced_changes=1_500,
            crash_deliveries=10_000,
            worker_kills=50,
            web_kills=200,
            busy_seconds=60,
            dead_endpoints=20,
            queued_each=500,
            healthy_changes=300,
        ),
    )
}
