"""The record of who did what, to be read from its start or followed from where one stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.api.calls import Answer, Call
from accounts.api.paging import size_issues
from accounts.event_feed import ASCENDING, DESCENDING, EventQuery, list_events
from accounts.models import Event
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid

Json = Any
PAGE = 25
NUMBERS_LIMIT = 2**63 - 1


def events(call: Call) -> Answer:
    """`{items, nextCursor, hasMore}`.

    Upwards, the cursor is always there: asked again with it, the answer holds what happened since.
    Downwards, it is null at the first event of the company.
    """
    query = _read(call)
    found = list_events(call.actor, query)
    last = found.events[-1].sequence if found.events else query.beyond
    cursor = last or 0 if query.order == ASCENDING else last if found.has_more else None
    answer = {
        "items": [event_json(event) for event in found.events],
        "nextCursor": None if cursor is None else str(cursor),
        "hasMore": found.has_more,
    }
    return Answer(body=answer)


def event_json(event: Event) -> dict[str, Json]:
    """An event with who did it, through which door, and before and after."""
    return {
        "id": event.pk,
        "sequence": event.sequence,
        "name": event.name,
        "entity": event.entity,
        "entityId": event.entity_id,
        "changeSetId": event.change_set,
        "user": event.user and {"id": event.user.pk, "name": event.user.name},
        "apiKey": event.api_key and {"id": event.api_key.pk, "name": event.api_key.name},
        "via": event.via,
        "client": event.client or None,
        "requestId": event.request_id or None,
        "reason": event.reason or None,
        "changes": event.changes,
        "createdAt": event.created_at,
    }


def _read(call: Call) -> EventQuery:
    asked = call.query
    size, order = asked.get("pageSize", PAGE), asked.get("order", ASCENDING)
    issues = size_issues(size)
    if order not in (ASCENDING, DESCENDING):
        issues.append(Issue("order", "invalid_choice", {"allowed": [ASCENDING, DESCENDING]}))
    ids = {name: _id(name, asked.get(name), issues) for name in ("entityId", "changeSetId", "userId")}
    cursor = asked.get("cursor")
    if cursor is not None and not (
        cursor.isascii() and cursor.isdecimal() and len(cursor) < 20 and int(cursor) <= NUMBERS_LIMIT
    ):
        issues.append(Issue("cursor", "wrong_type", {"expected": "nextCursor of an answer"}))
    issues += [
        Issue(name, "wrong_type", {"expected": "a name"})
        for name in ("name", "entity")
        if "\0" in asked.get(name, "")
    ]
    ValidationFailed.raise_if(issues)
    return EventQuery(
        order=order,
        beyond=None if cursor is None else int(cursor),
        size=size,
        name=asked.get("name"),
        entity=asked.get("entity"),
        entity_id=ids["entityId"],
        change_set=ids["changeSetId"],
        user_id=ids["userId"],
    )


def _id(name: str, text: str | None, issues: list[Issue]) -> UUID | None:
    if text is None or (found := find_uuid(text)):
        return None if text is None else found
    issues.append(Issue(name, "wrong_type", {"expected": "an id"}))
    return None
