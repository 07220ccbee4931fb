"""Webhooks of the sample company with a week behind them: one that is well, and some that are not."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

from django.utils import timezone

from accounts.actor import Actor
from crm.models import Deal
from customermates.kernel.ids import first_id_of
from webhooks import services
from webhooks.bodies import body_text
from webhooks.models import Attempt, Delivery, Endpoint, Message

WEEK = ((38, 0), (41, 1), (44, 0), (12, 0), (9, 0), (47, 3), (21, 0))  # delivered, failed; today last
PAGE = b"<html>\n<head><title>503 Service Temporarily Unavailable</title></head>\n<body>nginx</body>\n</html>"
CHANCE = random.Random(7)  # noqa: S311  # the same week each time


def sample_webhooks(actor: Actor) -> dict[str, str]:
    """Ids of a webhook that is well, of one that is paused, and of a delivery that failed."""
    well = _endpoint(
        actor, "https://ledger.northwind.example/hooks/crm", "Ledger", "deal.*", "contact.created"
    )
    busy = _endpoint(actor, "https://flows.example/in/7f3a9c", "Automations", "*")
    old = _endpoint(
        actor, "https://old-shop.example/webhook", "Shop of last year", "service.*", "deal.updated"
    )
    off = _endpoint(actor, "https://staging.example/in", "", "task.created", enabled=False)
    now = timezone.now()
    deals = list(Deal.objects.filter(company_id=actor.company_id).order_by("pk").values_list("pk", flat=True))
    for endpoint, part in ((well, 1.0), (busy, 0.6)):
        _store(list(_week(endpoint, part, deals, now)))
    failed = _failed(busy, deals[0], now)
    _store([_delivery(old, deals[0], now - timedelta(days=6), Delivery.Status.FAILED)])
    _set(well, last_success_at=now)
    _set(busy, last_success_at=now - timedelta(hours=2), failing_since=now - timedelta(hours=1), failures=4)
    _set(old, pause="failing", paused_at=now - timedelta(hours=20), failing_since=now - timedelta(days=6))
    _set(off, last_success_at=now - timedelta(days=30))
    return {"webhook": str(well.pk), "webhook_paused": str(old.pk), "delivery": str(failed.pk)}


def _endpoint(actor: Actor, url: str, description: str, *events: str, enabled: bool = True) -> Endpoint:
    headers = {"Authorization": "Bearer of Northwind"} if events == ("*",) else {}
    values = {"url": url, "description": description, "events": list(events), "headers": headers}
    return services.create_endpoint(actor, {**values, "enabled": enabled}).endpoint


def _set(endpoint: Endpoint, **values: object) -> None:
    Endpoint.objects.filter(pk=endpoint.pk).update(**values)


def _week(
    endpoint: Endpoint, part: float, deals: list[UUID], now: datetime
) -> Iterator[tuple[Message, Delivery]]:
    for back, counts in enumerate(reversed(WEEK)):
        for count, status in zip(counts, (Delivery.Status.SUCCESS, Delivery.Status.FAILED), strict=True):
            for _ in range(round(count * part)):
                age = timedelta(days=back, seconds=CHANCE.uniform(0, 20_000))
                yield _delivery(endpoint, CHANCE.choice(deals), now - age, status)


def _delivery(
    endpoint: Endpoint, deal: UUID, moment: datetime, status: Delivery.Status
) -> tuple[Message, Delivery]:
    body = body_text(
        "deal.updated",
        user_id=endpoint.created_by_id,
        company_id=endpoint.company_id,
        entity_id=deal,
        payload={
            "deal": {"id": str(deal), "name": "Yearly plan", "amount": 4800},
            "changes": {"amount": {"previous": 4200, "current": 4800}},
        },
        moment=moment,
    )
    pk = UUID(int=first_id_of(moment).int | 0x7000_8000_0000_0000_0000 | CHANCE.getrandbits(60))
    message = Message(id=pk, company_id=endpoint.company_id, body=body)
    is_well = status == Delivery.Status.SUCCESS
    delivery = Delivery(
        id=pk,
        company_id=endpoint.company_id,
        endpoint=endpoint,
        message=message,
        event="deal.updated",
        entity_id=deal,
        status=status,
        attempts=1 if is_well else 11,
        created_at=moment,
        finished_at=moment,
        status_code=200 if is_well else None,
        error="" if is_well else "timeout",
    )
    return message, delivery


def _store(pairs: list[tuple[Message, Delivery]]) -> None:
    Message.objects.bulk_create([message for message, _ in pairs])
    Delivery.objects.bulk_create([delivery for _, delivery in pairs])


def _failed(endpoint: Endpoint, deal: UUID, now: datetime) -> Delivery:
    """A delivery that is tried again and again, with what came back."""
    message, delivery = _delivery(endpoint, deal, now - timedelta(minutes=50), Delivery.Status.PENDING)
    delivery.attempts, delivery.retries, delivery.status_code, delivery.error = 3, 3, 503, ""
    delivery.due_at, delivery.finished_at = now + timedelta(minutes=22), None
    _store([(message, delivery)])
    for number, (code, error, minutes) in enumerate(((None, "timeout", 50), (502, "", 49), (503, "", 35)), 1):
        Attempt.objects.create(
            company_id=endpoint.company_id,
            delivery=delivery,
            number=number,
            started_at=now - timedelta(minutes=minutes),
            duration_ms=10_000 if error else 84 + number,
            status_code=code,
            error=error,
            request_headers={
                "Authorization": "••••",
                "Content-Type": "application/json",
                "User-Agent": "Customermates-Webhooks/0.1.0",
                "X-Customermates-Delivery-Id": str(delivery.pk),
                "X-Customermates-Attempt": str(number),
                "webhook-id": str(message.pk),
                "webhook-timestamp": str(int(now.timestamp())),
                "webhook-signature": "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
                "X-Webhook-Signature": "9c1d6f0b" * 8,
            },
            response_headers={} if error else {"server": "nginx", "content-type": "text/html"},
            response_excerpt="" if error else PAGE.decode(),
        )
    return delivery
