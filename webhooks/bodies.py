"""What is sent: the envelope and payload of an event, exactly as receivers have been promised it."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from accounts.models import Event
from customermates.kernel.jsontext import dumps_text
from webhooks.catalog import Json
from webhooks.models import Message

BODY_LIMIT = 256 * 1024  # bytes; a longer one says only which record it is about

Variant = Message.Variant


def full_body(event: Event, payload: Json) -> tuple[str, Variant]:
    """The body with everything about the record; with ids only, and marked so, when it is too large."""
    body = envelope(event, payload)
    if len(body.encode()) <= BODY_LIMIT:
        return body, Variant.FULL
    return envelope(event, ids_payload(event) | {"truncated": True}), Variant.TRUNCATED


def ids_body(event: Event) -> str:
    """The body for receivers who want to fetch the record themselves."""
    return envelope(event, ids_payload(event))


def ids_payload(event: Event) -> dict[str, Json]:
    """`{"deal": {"id": …}}`, or `{"dealId": …}` of one that is gone, as in the full payloads."""
    if event.name.endswith(".deleted"):
        return {f"{event.entity}Id": str(event.entity_id)}
    return {event.entity: {"id": str(event.entity_id)}}


def envelope(event: Event, payload: Json) -> str:
    """The whole body of an event."""
    return body_text(
        event.name,
        user_id=event.user_id,
        company_id=event.company_id,
        entity_id=event.entity_id,
        payload=payload,
        moment=event.created_at,
    )


def body_text(
    name: str, *, user_id: UUID | None, company_id: UUID, entity_id: UUID, payload: Json, moment: datetime
) -> str:
    """`{event, data: {userId, companyId, entityId, payload}, timestamp}`; `userId` null is the product."""
    data = {
        "userId": user_id and str(user_id),
        "companyId": str(company_id),
        "entityId": str(entity_id),
        "payload": payload,
    }
    return dumps_text({"event": name, "data": data, "timestamp": _to_the_millisecond(moment)})


def _to_the_millisecond(moment: datetime) -> str:
    """As receivers know it from JavaScript: `2026-11-22T10:00:00.000Z`."""
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='milliseconds')}Z"
