"""Deliveries: what was sent to whom, what came back, and one of them once more."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from accounts.api.calls import Answer, Call, moment_of
from accounts.api.paging import size_issues
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from webhooks import queries, services
from webhooks.models import Attempt, Delivery
from webhooks.queries import DeliveryQuery

Json = Any
PAGE = 25


def listed(call: Call) -> Answer:
    """`{items, nextCursor}`: deliveries, newest first."""
    page = queries.list_deliveries(call.actor, _read(call))
    answer = {
        "items": [delivery_json(delivery) for delivery in page.rows],
        "nextCursor": page.next_before and str(page.next_before),
    }
    return Answer(body=answer)


def get(call: Call) -> Answer:
    """One delivery with its body and every attempt."""
    return _details(call, _delivery_id(call))


def resend(call: Call) -> Answer:
    """The delivery, on its way again byte for byte."""
    delivery_id = _delivery_id(call)
    services.resend_delivery(call.actor, delivery_id)
    return Answer(body=_details(call, delivery_id).body, status=202)


def delivery_json(delivery: Delivery) -> dict[str, Json]:
    """Where a delivery stands."""
    return {
        "id": delivery.pk,
        "webhookId": delivery.endpoint_id,
        "event": delivery.event,
        "entityId": None if delivery.is_test else delivery.entity_id,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "statusCode": delivery.status_code,
        "error": delivery.error or None,
        "createdAt": delivery.created_at,
        "nextAttemptAt": delivery.due_at,
        "finishedAt": delivery.finished_at,
    }


def _details(call: Call, delivery_id: UUID) -> Answer:
    delivery = queries.get_delivery(call.actor, delivery_id)
    attempts = queries.list_attempts(call.actor, delivery)
    more = {
        "url": delivery.endpoint.url,
        "body": queries.body_of(call.actor, delivery),
        "log": _log(attempts),
    }
    return Answer(body=delivery_json(delivery) | more)


def _log(attempts: Sequence[Attempt]) -> list[dict[str, Json]]:
    """The attempts, oldest first; what came back are words of strangers."""
    return [
        {
            "number": attempt.number,
            "startedAt": attempt.started_at,
            "durationMs": attempt.duration_ms,
            "statusCode": attempt.status_code,
            "error": attempt.error or None,
            "requestHeaders": attempt.request_headers,
            "responseHeaders": attempt.response_headers,
            "responseExcerpt": attempt.response_excerpt or None,
        }
        for attempt in attempts
    ]


def _read(call: Call) -> DeliveryQuery:
    asked, issues = call.query, list[Issue]()
    size = asked.get("pageSize", PAGE)
    issues += size_issues(size)
    expected = {"webhookId": "an id", "entityId": "an id", "cursor": "nextCursor of an answer"}
    ids = {name: find_uuid(asked.get(name)) for name in expected}
    issues += [
        Issue(name, "wrong_type", {"expected": expected[name]})
        for name, found in ids.items()
        if name in asked and found is None
    ]
    since = moment_of(asked.get("since"))
    if "since" in asked and since is None:
        issues.append(Issue("since", "wrong_type", {"expected": "a time with its zone"}))
    status = asked.get("status", "")
    if "status" in asked and status not in Delivery.Status.values:
        issues.append(Issue("status", "invalid_choice", {"allowed": Delivery.Status.values}))
    if "\0" in asked.get("event", ""):
        issues.append(Issue("event", "wrong_type", {"expected": "a name"}))
    ValidationFailed.raise_if(issues)
    return DeliveryQuery(
        endpoint_id=ids["webhookId"],
        entity_id=ids["entityId"],
        before=ids["cursor"],
        status=status,
        event=asked.get("event", ""),
        since=since,
        size=size,
    )


def _delivery_id(call: Call) -> UUID:
    if (pk := find_uuid(call.path["id"])) is None:
        raise NotFound(Issue("id", "unknown_delivery", {"id": call.path["id"][:80]}))
    return pk
