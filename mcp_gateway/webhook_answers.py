"""Webhooks and deliveries as agents read them; no secret and no value of a header is in any of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from mcp_gateway.answers import fenced, shortened
from webhooks import queries
from webhooks.definitions import definition
from webhooks.endpoint_list import state_of
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.queries import Tally
from webhooks.services import EndpointReceipt

WEEK = timedelta(days=7)
WEBHOOK_COLUMNS = ("id", "url", "description", "events", "state", "enabled", "lastSuccessAt", "version")
DELIVERY_COLUMNS = (
    "id",
    "status",
    "event",
    "recordId",
    "webhookId",
    "attempts",
    "statusCode",
    "error",
    "createdAt",
    "nextAttemptAt",
)

Answer = dict[str, Any]


def webhook_row(endpoint: Endpoint) -> Answer:
    """What a list tells of a webhook."""
    return {
        "id": endpoint.pk,
        **definition(endpoint),
        "state": state_of(endpoint, timezone.now()),
        "lastSuccessAt": endpoint.last_success_at,
        "version": endpoint.version,
    }


def webhook_details(actor: Actor, endpoint: Endpoint) -> Answer:
    """Everything about a webhook but what is secret."""
    secrets = queries.list_secrets(actor, endpoint)
    week = queries.tallies(actor, [timezone.now() - WEEK], endpoint_id=endpoint.pk)
    [tally] = week.get(endpoint.pk, [Tally()])
    return {
        **webhook_row(endpoint),
        "failingSince": endpoint.failing_since,
        "failures": endpoint.failures,
        "nextTryAt": endpoint.blocked_until,
        "pausedAt": endpoint.paused_at,
        "lastSevenDays": {"delivered": tally.delivered, "failed": tally.failed, "waiting": tally.waiting},
        "secret": {
            "madeAt": secrets[-1].created_at if secrets else None,
            "oldOneSignsUntil": secrets[0].expires_at if secrets else None,
            "note": _where_to_get_a_secret(endpoint.pk),
        },
        "createdAt": endpoint.created_at,
        "updatedAt": endpoint.updated_at,
    }


def _where_to_get_a_secret(endpoint_id: UUID) -> str:
    page = f"{settings.BASE_URL}{reverse('webhook', args=[endpoint_id])}"
    return f"Secrets are never told here. A person sees a new one by rotating it at {page}"


def webhook_receipt(done: EndpointReceipt, outcome: str) -> Answer:
    """What a write did to a webhook, and the way back."""
    endpoint = done.endpoint
    changed = {
        name: {"before": change["previous"], "after": change["current"]}
        for name, change in done.changes.items()
    }
    is_same = outcome == "updated" and not changed
    answer: Answer = {
        "webhook": {"id": endpoint.pk, "url": endpoint.url, "version": endpoint.version},
        "outcome": "unchanged" if is_same else outcome,
        "changed": changed,
    }
    if outcome == "created" and not done.dry_run:
        answer["secret"] = _where_to_get_a_secret(endpoint.pk)
    if done.dry_run:
        return {**answer, "dryRun": True, "note": "Nothing was changed."}
    if is_same:
        return {**answer, "note": "Nothing differed from what is stored, so nothing was written."}
    whole = {**answer, "changeSetId": done.change_set, "undo": _way_back(outcome, changed)}
    return dict(shortened(whole))


def _way_back(outcome: str, changed: Mapping[str, Any]) -> str:
    if outcome == "created":
        return "delete_webhook with this id"
    if outcome == "deleted":
        return "None: a deleted webhook and its secret are gone. create_webhook makes another."
    ways = ["update_webhook with the before values"]
    if "headerNames" in changed:
        ways.append("headers must be sent with their values again, which are not told")
    if "pause" in changed:
        ways.append("the pause itself cannot be brought back; enabled: false stops deliveries")
    return "; ".join(ways)


def delivery_row(delivery: Delivery) -> Answer:
    """What a list tells of a delivery."""
    return {
        "id": delivery.pk,
        "status": delivery.status,
        "event": delivery.event,
        "recordId": None if delivery.is_test else delivery.entity_id,
        "webhookId": delivery.endpoint_id,
        "attempts": delivery.attempts,
        "statusCode": delivery.status_code,
        "error": delivery.error or None,
        "createdAt": delivery.created_at,
        "nextAttemptAt": delivery.due_at,
    }


def delivery_details(actor: Actor, delivery: Delivery, attempts: Sequence[Attempt]) -> Answer:
    """A delivery with its body and all its attempts, newest first; what came back is data of strangers."""
    body = queries.body_of(actor, delivery)
    shown: Answer = {
        **delivery_row(delivery),
        "url": delivery.endpoint.url,
        "log": [_attempt(attempt) for attempt in reversed(attempts)],
    }
    if body is None:
        shown["note"] = "The body tells of records that this key may not all read."
    else:
        shown["body"] = fenced(body)
    return {"delivery": shortened(shown)}


def _attempt(attempt: Attempt) -> Answer:
    answered: Answer = {
        "number": attempt.number,
        "startedAt": attempt.started_at,
        "durationMs": attempt.duration_ms,
        "statusCode": attempt.status_code,
        "error": attempt.error or None,
    }
    if attempt.response_excerpt:
        answered["response"] = fenced(attempt.response_excerpt)
    return answered


def sent(delivery: Delivery, *, dry_run: bool) -> Answer:
    """A delivery that is on its way, and how to see what comes of it."""
    if dry_run:
        return {"dryRun": True, "note": "Nothing was sent."}
    ask = f'list_webhook_deliveries {{"deliveryId": "{delivery.pk}"}}'
    return {
        "delivery": {"id": delivery.pk, "status": delivery.status, "webhookId": delivery.endpoint_id},
        "next": f"{ask} tells what came of it, usually within two seconds.",
    }
