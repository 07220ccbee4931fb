"""Reads of endpoints and deliveries, for who may read webhooks; secrets are in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from accounts.actor import Actor
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from webhooks.catalog import permission_needed
from webhooks.models import Attempt, Delivery, Endpoint

RESOURCE = "webhooks"
PAGE_LIMIT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryQuery:
    """Which deliveries are asked for; every part may be absent."""

    endpoint_id: UUID | None = None
    status: str = ""
    event: str = ""
    entity_id: UUID | None = None
    before: UUID | None = None  # the cursor: the last id of the page before
    size: int = 25


@dataclass(frozen=True, slots=True)
class DeliveryPage:
    """Deliveries, newest first, and the cursor of the next page."""

    rows: Sequence[Delivery]
    next_before: UUID | None


@dataclass(frozen=True, slots=True)
class Day:
    """How many deliveries of one day arrived, and how many did not."""

    day: date  # as the actor's days are
    delivered: int
    failed: int


def list_endpoints(actor: Actor) -> list[Endpoint]:
    """All endpoints of the company, oldest first."""
    actor.require("read", RESOURCE)
    rows = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None)
    return list(rows.select_related("created_by").order_by("id"))


def get_endpoint(actor: Actor, endpoint_id: UUID) -> Endpoint:
    """The endpoint, or NotFound."""
    actor.require("read", RESOURCE)
    found = Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None, pk=endpoint_id).first()
    if found is None:
        raise NotFound(Issue("id", "unknown_webhook", {"id": str(endpoint_id)}))
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
        "pk__lt": query.before,
    }
    rows = Delivery.objects.filter(
        company_id=actor.company_id, **{name: value for name, value in wanted.items() if value}
    )
    size = max(1, min(query.size, PAGE_LIMIT))
    found = list(rows.select_related("endpoint").order_by("-pk")[: size + 1])
    return DeliveryPage(found[:size], found[size - 1].pk if len(found) > size else None)


def get_delivery(actor: Actor, delivery_id: UUID) -> Delivery:
    """The delivery with its endpoint and message, or NotFound."""
    actor.require("read", RESOURCE)
    rows = Delivery.objects.filter(company_id=actor.company_id, pk=delivery_id)
    found = rows.select_related("endpoint", "message").first()
    if found is None:
        raise NotFound(Issue("id", "unknown_delivery", {"id": str(delivery_id)}))
    return found


def body_of(actor: Actor, delivery: Delivery) -> str | None:
    """The body that is sent; None for an actor who may not read all records that such bodies tell of."""
    return None if permission_needed(actor, [delivery.event]) else delivery.message.body


def list_attempts(actor: Actor, delivery: Delivery) -> list[Attempt]:
    """All attempts of the delivery, in their order."""
    actor.require("read", RESOURCE)
    return list(Attempt.objects.filter(company_id=actor.company_id, delivery=delivery).order_by("number"))


def days_of(actor: Actor, endpoint_id: UUID, *, since: datetime) -> list[Day]:
    """What became of the deliveries made since then, by day; days without any are left out."""
    actor.require("read", RESOURCE)
    rows = Delivery.objects.filter(
        company_id=actor.company_id, endpoint_id=endpoint_id, is_test=False, created_at__gte=since
    )
    status = Delivery.Status
    counted = (
        rows.annotate(day=TruncDate("created_at", tzinfo=ZoneInfo(actor.time_zone)))
        .values("day")
        .annotate(
            delivered=Count("pk", filter=Q(status=status.SUCCESS)),
            failed=Count("pk", filter=Q(status=status.FAILED)),
        )
    )
    return [Day(row["day"], row["delivered"], row["failed"]) for row in counted.order_by("day")]
