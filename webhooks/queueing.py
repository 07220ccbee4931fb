"""Deliveries join the queue: which endpoints want which events, the bodies, and a row for each of both."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Company, Event
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ids import uuid7
from customermates.kernel.rows import insert_rows
from webhooks.bodies import body_text, full_body, ids_body
from webhooks.catalog import EVENTS, SOURCES, TEST_EVENT, Json, wants
from webhooks.models import Delivery, Endpoint, Message

Wanted = Mapping[UUID, Sequence[Endpoint]]  # by the event's id


def queue_deliveries(company_id: UUID, events: Sequence[Event]) -> None:
    """A delivery of each event waits for each endpoint that wants it.

    Runs in the transaction of the change, so it is queued if and only if the change happened. The
    number of queries does not grow with the number of events; nothing is built that nobody wants.
    """
    told = [event for event in events if EVENTS.get(event.name).subscribable]
    if not told:
        return
    # While an endpoint fails, what happens waits for it; one that is gone for good has nothing to wait for.
    live = Endpoint.objects.filter(company_id=company_id, deleted_at=None, enabled=True)
    live = live.exclude(pause=Endpoint.Pause.GONE)
    endpoints = list(live.select_related("company").order_by("id"))
    wanted = _wanted(endpoints, told)
    events = [event for event in told if wanted.get(event.pk)]
    if not events:
        return
    messages = _messages(endpoints[0].company, events, wanted)
    deliveries = [
        _delivery(endpoint, event, messages[event.pk, endpoint.ids_only])
        for event in events
        for endpoint in wanted[event.pk]
    ]
    insert_rows(Message, list(messages.values()))
    insert_rows(Delivery, deliveries)


def queue_test(endpoint: Endpoint, *, user_id: UUID | None) -> Delivery:
    """The delivery of a body that says what it is: a test; it is sent even while the endpoint is paused."""
    now = timezone.now()
    shown: Json = {"id": str(endpoint.pk), "url": endpoint.url, "description": endpoint.description}
    body = body_text(
        TEST_EVENT,
        user_id=user_id,
        company_id=endpoint.company_id,
        entity_id=endpoint.pk,
        payload={"webhook": shown},
        moment=now,
    )
    message = Message(company_id=endpoint.company_id, body=body)
    delivery = Delivery(
        company_id=endpoint.company_id,
        endpoint_id=endpoint.pk,
        message_id=message.pk,
        event=TEST_EVENT,
        entity_id=endpoint.pk,
        is_test=True,
        created_at=now,
        due_at=now,
    )
    insert_rows(Message, [message])
    insert_rows(Delivery, [delivery])
    return delivery


def queue_again(deliveries: QuerySet[Delivery]) -> int:
    """How many of these now wait to be sent again, from the first step of the ladder.

    Not those being sent at this moment: their lease would be given away.
    """
    return deliveries.filter(lease_token=None).update(
        status=Delivery.Status.PENDING, due_at=timezone.now(), retries=0, finished_at=None
    )


def _wanted(endpoints: Sequence[Endpoint], events: Sequence[Event]) -> Wanted:
    found: dict[UUID, list[Endpoint]] = defaultdict(list)
    for endpoint in endpoints:
        for event in _passing(endpoint, [event for event in events if wants(endpoint.events, event.name)]):
            found[event.pk].append(endpoint)
    return found


def _passing(endpoint: Endpoint, events: Sequence[Event]) -> Iterable[Event]:
    """Those of `events` that pass the endpoint's filters."""
    for entity, some in _by_entity(events).items():
        rules = endpoint.filters.get(entity)
        if not rules:
            yield from some
            continue
        try:
            matching = SOURCES.get(entity).matching(endpoint.company, rules, some)
        except ValidationFailed:  # it speaks of a column that is gone: rather too much than something lost
            yield from some
        else:
            yield from (event for event in some if event.pk in matching)


def _messages(company: Company, events: Sequence[Event], wanted: Wanted) -> dict[tuple[UUID, bool], Message]:
    """One message for each event and variant that somebody wants, by event id and "ids only"."""
    full = [event for event in events if not all(endpoint.ids_only for endpoint in wanted[event.pk])]
    messages: dict[tuple[UUID, bool], Message] = {}
    for entity, some in _by_entity(full).items():
        payloads = SOURCES.get(entity).payloads(company, some)
        for event in some:
            body, variant = full_body(event, payloads[event.pk])
            messages[event.pk, False] = _message(event, body, variant)
    for event in events:
        if any(endpoint.ids_only for endpoint in wanted[event.pk]):
            messages[event.pk, True] = _message(event, ids_body(event), Message.Variant.IDS)
    return messages


def _message(event: Event, body: str, variant: Message.Variant) -> Message:
    return Message(company_id=event.company_id, event_id=event.pk, variant=variant, body=body)


def _delivery(endpoint: Endpoint, event: Event, message: Message) -> Delivery:
    return Delivery(
        id=uuid7(),
        company_id=event.company_id,
        endpoint_id=endpoint.pk,
        message_id=message.pk,
        event=event.name,
        entity_id=event.entity_id,
        sequence=event.sequence,
        lane=event.entity_id if endpoint.ordered else None,
        created_at=event.created_at,
        due_at=event.created_at,
    )


def _by_entity(events: Iterable[Event]) -> dict[str, list[Event]]:
    found: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        found[event.entity].append(event)
    return found
