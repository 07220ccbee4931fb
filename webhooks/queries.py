"""Reads of endpoints and deliveries, for who may read webhooks; secrets are in none of them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils import timezone

from accounts.actor import Actor
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import first_id_of
from webhooks.catalog import permission_needed
from webhooks.models import Attempt, Delivery, Endpoint, Secret

RESOURCE = "webhooks"
PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuery:
    """Which deliveries are asked for; every part may be absent."""

    endpoint_id: UUID | None = None
    status: str = ""
    event: str = ""
    entity_id: UUID | None = None
    since: datetime | None = None
    before: UUID | None = None  # the cursor: the last id of the page before
    size: int = 25


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Deliveries, newest first, and the cursor of the next page."""

    rows: Sequence[Delivery]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many deliveries arrived, how many did not, how many are still to be tried."""

    delivered: int = 0
    failed: int = 0
    waiting: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(
            self.delivered + other.delivered, self.failed + other.failed, self.waiting + other.waiting
        )


@dataclass(frozen=True, slots=True)
class ActiveSecret:
    """When a secret came and when it goes; `expires_at` None is the one that stays."""

    created_at: datetime
    expires_at: datetime | None


def list_endpoints(actor: Actor) -> list[Endpoint]:
    """All endpoints of the company, oldest first."""
    actor.require("read", RESOURCE)
    rows = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None)
    return list(rows.select_related("created_by").order_by("id"))


def get_endpoint(actor: Actor, endpoint_id: UUID, *, path: str = "id") -> Endpoint:
    """The endpoint, or NotFound, told at `path`."""
    actor.require("read", RESOURCE)
    found = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None, pk=endpoint_id).first()
    if found is None:
        raise NotFound(Issue(path, "unknown_webhook", {"id": str(endpoint_id)}))
    return found


def list_deliveries(actor: Actor, query: DeliveryQuery) -> DeliveryPage:
    """A page of deliveries, newest first; ValidationFailed for a status that does not exist."""
    actor.require("read", RESOURCE)
    if query.status and query.status not in Delivery.Status.values:
        raise ValidationFailed(Issue("status", "invalid_choice", {"allowed": Delivery.Status.values}))
    wanted = {
        "endpoint_id": query.endpoint_id,
        "status": query.status,
        "event": query.event,
        "entity_id": query.entity_id,
        "pk__gte": query.since and first_id_of(query.since),
        "pk__lt": query.before,
    }
    rows = Delivery.objects.filter(
        company_id=actor.company_id, **{name: value for name, value in wanted.items() if value}
    )
    size = max(1, min(query.size, PAGE_LIMIT))
    found = list(rows.select_related("endpoint").order_by("-pk")[: size + 1])
    return DeliveryPage(found[:size], found[size - 1].pk if len(found) > size else None)


def get_delivery(actor: Actor, delivery_id: UUID, *, path: str = "id") -> Delivery:
    """The delivery with its endpoint and message, or NotFound, told at `path`."""
    actor.require("read", RESOURCE)
    rows = Delivery.objects.filter(company_id=actor.company_id, pk=delivery_id)
    found = rows.select_related("endpoint", "message").first()
    if found is None:
        raise NotFound(Issue(path, "unknown_delivery", {"id": str(delivery_id)}))
    return found


def body_of(actor: Actor, delivery: Delivery) -> str | None:
    """The body that is sent; None for an actor who may not read all records that such bodies tell of."""
    return None if permission_needed(actor, [delivery.event]) else delivery.message.body


def list_attempts(actor: Actor, delivery: Delivery) -> list[Attempt]:
    """All attempts of the delivery, in their order."""
    actor.require("read", RESOURCE)
    return list(Attempt.objects.filter(company_id=actor.company_id, delivery=delivery).order_by("number"))


def list_secrets(actor: Actor, endpoint: Endpoint) -> list[ActiveSecret]:
    """The secrets that deliveries are signed with now, the older first."""
    actor.require("read", RESOURCE)
    rows = Secret.objects.filter(company_id=actor.company_id, endpoint=endpoint)
    active = rows.filter(Q(expires_at=None) | Q(expires_at__gt=timezone.now())).order_by("pk")
    return [ActiveSecret(*row) for row in active.values_list("created_at", "expires_at")]


def last_deliveries(actor: Actor) -> Mapping[UUID, Delivery]:
    """The newest delivery of each endpoint that has any, tests aside; one query."""
    actor.require("read", RESOURCE)
    newest = Delivery.objects.filter(
        company_id=actor.company_id, endpoint_id=OuterRef("pk"), is_test=False
    ).order_by("-pk")
    endpoints = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None)
    ids = endpoints.annotate(newest=Subquery(newest.values("pk")[:1])).values("newest")
    rows = Delivery.objects.filter(company_id=actor.company_id, pk__in=ids)
    return {row.endpoint_id: row for row in rows}


def count_waiting(actor: Actor, *, endpoint_id: UUID | None = None) -> Mapping[UUID, int]:
    """How many deliveries are still to be sent, by endpoint, tests aside; one query."""
    actor.require("read", RESOURCE)
    rows = _deliveries(actor, endpoint_id).filter(is_test=False, due_at__isnull=False)
    return dict(rows.values_list("endpoint_id").annotate(count=Count("pk")))


def count_failed(actor: Actor, endpoint_id: UUID, *, since: datetime) -> int:
    """How many deliveries `services.replay_failed` would send again."""
    actor.require("read", RESOURCE)
    return failed_since(actor.company_id, endpoint_id, since).count()


def failed_since(company_id: UUID, endpoint_id: UUID, since: datetime) -> QuerySet[Delivery]:
    """The deliveries that failed for good since then, tests aside."""
    return Delivery.objects.filter(
        company_id=company_id,
        endpoint_id=endpoint_id,
        status=Delivery.Status.FAILED,
        is_test=False,
        finished_at__gte=since,
    )


def tallies(
    actor: Actor, starts: Sequence[datetime], *, endpoint_id: UUID | None = None
) -> Mapping[UUID, Sequence[Tally]]:
    """What became of the deliveries of each period, by endpoint, tests aside; one query for all of them.

    Periods begin at `starts`, and each ends where the next begins. Ids are made in the order of time, so
    a period is a range of ids: no database function has to look at every time.
    """
    actor.require("read", RESOURCE)
    bounds = [first_id_of(start) for start in starts]
    latest_first = reversed(list(enumerate(bounds)))
    period = Case(
        *(When(pk__gte=bound, then=Value(number)) for number, bound in latest_first),
        output_field=IntegerField(),
    )
    rows = _deliveries(actor, endpoint_id).filter(pk__gte=bounds[0], is_test=False)
    counted = rows.annotate(period=period).values_list("endpoint_id", "period", "status")
    found: dict[UUID, list[Counter[str]]] = defaultdict(lambda: [Counter() for _ in starts])
    for endpoint_id, number, status, count in counted.annotate(count=Count("pk")):
        found[endpoint_id][number][status] += count
    return {pk: [_tally(counts) for counts in periods] for pk, periods in found.items()}


def _tally(counts: Mapping[str, int]) -> Tally:
    status = Delivery.Status
    return Tally(counts[status.SUCCESS], counts[status.FAILED], counts[status.PENDING])


def _deliveries(actor: Actor, endpoint_id: UUID | None) -> QuerySet[Delivery]:
    """Those of one endpoint, or of all there are.

    Named one by one, so that each is a range of the index, however long the log of the company is.
    """
    rows = Delivery.objects.filter(company_id=actor.company_id)
    if endpoint_id:
        return rows.filter(endpoint_id=endpoint_id)
    endpoints = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None)
    return rows.filter(endpoint_id__in=endpoints.values("pk"))
