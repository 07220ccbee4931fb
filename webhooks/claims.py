"""Which deliveries a worker takes next: by lease and token, fairly, never more than an endpoint may have.

A claim moves a delivery's `due_at` to the end of the lease and marks it with the worker's token. A
worker that dies gives nothing back: when the lease ends, its deliveries are due again. A worker that
was only slow finds that the token is no longer its own.

Endpoints are locked before their deliveries are counted and taken, and whoever finds one locked passes
over it: so no two workers give one endpoint more than its share. The statements are SQL because the
ORM cannot walk an index from group to group, which is what keeps a claim cheap beside a long queue.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from customermates.kernel.ids import uuid7
from webhooks.models import Delivery

IN_FLIGHT_PER_ENDPOINT = 4
ENDPOINTS_LIMIT = 1_000  # looked at in one claim
PATIENCE = timedelta(minutes=1)  # by so much those that fail may wait longer than those that do not
CIRCUIT_FAILURES = 5  # attempts in a row without an answer, after which an endpoint is left alone


@dataclass(frozen=True, slots=True)
class Candidate:
    """An endpoint that has something due."""

    id: UUID
    company_id: UUID
    is_sending: bool  # else only its tests are sent
    is_probed: bool  # whether its circuit was open: then one at a time, to see
    is_failing: bool
    due_at: datetime  # of what has been waiting the longest


@dataclass(frozen=True, slots=True)
class Claim:
    """What was taken, to be finished before `until`."""

    token: UUID
    ids: Sequence[UUID]
    until: datetime


NOTHING = Claim(UUID(int=0), (), datetime.min)  # noqa: DTZ901 - never compared

# The recursion steps along the index of what is due, from one endpoint to the next: first to those of the
# same company, then to the next company. (One comparison of both columns would say the same, but SQLite
# would then use only the first of them.)
_STEP = """(SELECT n.id FROM webhooks_delivery n WHERE n.due_at IS NOT NULL {after}
    ORDER BY n.company_id, n.endpoint_id, n.due_at, n.id LIMIT 1)"""
_FIRST = _STEP.format(after="")
_NEXT = ", ".join(
    _STEP.format(after=f"AND {after}")
    for after in (
        "n.company_id = w.company_id AND n.endpoint_id > w.endpoint_id",
        "n.company_id > w.company_id",
    )
)
_SENDING = """(e.enabled AND e.pause = '' AND e.deleted_at IS NULL
    AND (e.blocked_until IS NULL OR e.blocked_until <= %(now)s))"""
_CANDIDATES = f"""
WITH RECURSIVE w (company_id, endpoint_id, due_at) AS (
    SELECT d.company_id, d.endpoint_id, d.due_at FROM webhooks_delivery d
    WHERE d.id = {_FIRST}
    UNION ALL
    SELECT d.company_id, d.endpoint_id, d.due_at FROM w JOIN webhooks_delivery d
    ON d.id = COALESCE({_NEXT})
)
SELECT e.id, e.company_id, {_SENDING}, e.unreached >= {CIRCUIT_FAILURES}, e.failures > 0, w.due_at
FROM w JOIN webhooks_endpoint e ON e.id = w.endpoint_id
WHERE w.due_at <= %(now)s AND ({_SENDING} OR EXISTS (
    SELECT 1 FROM webhooks_delivery t WHERE t.company_id = w.company_id AND t.endpoint_id = w.endpoint_id
    AND t.is_test AND t.due_at <= %(now)s
))
ORDER BY 5, w.due_at, e.id LIMIT {ENDPOINTS_LIMIT}"""  # noqa: S608 - no value of anybody's is in it

# Of one endpoint, as many as it has a share. In a lane nothing overtakes: what came earlier must be
# done with, not only be waiting for a retry.
_DUE = """SELECT * FROM (
    SELECT {number} AS n, d.id, d.due_at FROM webhooks_delivery d
    WHERE d.company_id = %s AND d.endpoint_id = %s AND d.due_at <= %s {only_tests}
    AND NOT EXISTS (
        SELECT 1 FROM webhooks_delivery b WHERE b.company_id = d.company_id
        AND b.endpoint_id = d.endpoint_id AND b.lane = d.lane
        AND b.due_at IS NOT NULL AND b.sequence < d.sequence
    )
    ORDER BY d.due_at, d.id LIMIT {share}
) AS p{number}"""

# How many more the worker that claims would give an endpoint, whatever other workers have of it.
Allowance = Callable[[Candidate], int]


def claim(free: int, allowance: Allowance, *, lease: timedelta, is_likely: bool = False) -> Claim:
    """Up to `free` due deliveries, now ours until the lease ends.

    Unless it `is_likely` that there are any, it is looked first: that costs no lock, while on SQLite a
    transaction holds back all writers, twice a second for nothing. Part of the caller's transaction, if
    there is one.
    """
    if not free or not (is_likely or _candidates(timezone.now(), lock=False)):
        return NOTHING
    with transaction.atomic(savepoint=False):
        now = timezone.now()  # after the wait for the transaction, which must not shorten the lease
        endpoints = _candidates(now, lock=True)
        taken = _taken(endpoints, now)
        shares = {endpoint: _share(endpoint, taken[endpoint.id], allowance) for endpoint in endpoints}
        ids = _round_robin(_due(shares, now, free), free)
        until = now + lease
        token = uuid7()
        if ids:
            Delivery.objects.filter(pk__in=ids).update(lease_token=token, due_at=until)
    return Claim(token, ids, until)


def _share(endpoint: Candidate, taken: int, allowance: Allowance) -> int:
    free = (1 if endpoint.is_probed else IN_FLIGHT_PER_ENDPOINT) - taken
    return min(free, allowance(endpoint)) if free > 0 else 0


def _candidates(now: datetime, *, lock: bool) -> list[Candidate]:
    """Endpoints with something due, the longest waiting first; locked until commit when `lock`."""
    locking = " FOR NO KEY UPDATE OF e SKIP LOCKED" if lock and connection.vendor == "postgresql" else ""
    found = [_candidate(*row) for row in _rows(_CANDIDATES + locking, {"now": _moment(now)})]
    return sorted(found, key=lambda c: (c.due_at + PATIENCE if c.is_failing else c.due_at, c.id))


def _candidate(pk: Any, company: Any, sending: Any, probed: Any, failing: Any, due_at: Any) -> Candidate:
    moment = due_at if isinstance(due_at, datetime) else datetime.fromisoformat(due_at)
    return Candidate(_uuid(pk), _uuid(company), bool(sending), bool(probed), bool(failing), moment)


def _taken(endpoints: Sequence[Candidate], now: datetime) -> Mapping[UUID, int]:
    """How many deliveries of each endpoint are being sent, by whatever worker.

    A statement of its own: it must see what was committed before the endpoints were locked.
    """
    leased = Delivery.objects.filter(
        company_id__in={endpoint.company_id for endpoint in endpoints},
        endpoint_id__in=[endpoint.id for endpoint in endpoints],
        lease_token__isnull=False,
        due_at__gt=now,
    )
    counts: dict[UUID, int] = defaultdict(int)
    for pk in leased.values_list("endpoint_id", flat=True):
        counts[pk] += 1
    return counts


def _due(shares: Mapping[Candidate, int], now: datetime, free: int) -> Sequence[Sequence[UUID]]:
    """For each endpoint the ids of as many due deliveries as it has a share, the longest waiting first."""
    asked = [(endpoint, share) for endpoint, share in shares.items() if share > 0][:free]
    if not asked:
        return ()
    parts: list[str] = []
    values: list[Any] = []
    for number, (endpoint, share) in enumerate(asked):
        only_tests = "" if endpoint.is_sending else "AND d.is_test"
        parts.append(_DUE.format(number=number, share=share, only_tests=only_tests))
        values += [_plain(endpoint.company_id), _plain(endpoint.id), _moment(now)]
    found: dict[int, list[tuple[Any, UUID]]] = defaultdict(list)
    for number, pk, due_at in _rows(" UNION ALL ".join(parts), values):
        found[number].append((due_at, _uuid(pk)))
    return [[pk for _, pk in sorted(found[number])] for number in sorted(found)]


def _round_robin(queues: Sequence[Sequence[UUID]], limit: int) -> list[UUID]:
    """Up to `limit` ids: everybody's first, then everybody's second, …"""
    longest = max(map(len, queues), default=0)
    return [queue[turn] for turn in range(longest) for queue in queues if turn < len(queue)][:limit]


# --- Values of raw statements, in the form that each database keeps them ------------------------------


def _rows(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall())


def _moment(moment: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


def _plain(pk: UUID) -> Any:
    return Delivery._meta.pk.get_db_prep_value(pk, connection)


def _uuid(value: Any) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
