"""JSON Schemas and examples of endpoints and deliveries."""

from __future__ import annotations

from typing import Any

from accounts.api.schemas import (
    ANYTHING,
    COUNT,
    EXAMPLE_ID,
    EXAMPLE_TIME,
    ID,
    TEXT,
    TIME,
    TRUTH,
    Schema,
    listing,
    nullable,
    sent,
    shape,
)
from webhooks.catalog import patterns
from webhooks.definitions import DESCRIPTION_LENGTH, SECRET_LENGTHS
from webhooks.endpoint_list import STATES
from webhooks.models import Delivery

Json = Any
TYPED_SECRET: Schema = nullable(
    {
        **TEXT,
        "minLength": SECRET_LENGTHS[0],
        "maxLength": SECRET_LENGTHS[1],
        "description": "Your own; it is never answered.",
    }
)
WEBHOOK: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "url": "https://example.com/webhooks",
    "description": None,
    "events": ["deal.updated", "contact.*"],
    "filters": {},
    "idsOnly": False,
    "ordered": False,
    "headerNames": [],
    "enabled": True,
    "state": "healthy",
    "failures": 0,
    "failingSince": None,
    "nextTryAt": None,
    "pausedAt": None,
    "lastSuccessAt": EXAMPLE_TIME,
    "version": 1,
    "createdAt": EXAMPLE_TIME,
    "updatedAt": EXAMPLE_TIME,
}
WEEK_OF_WEBHOOK: dict[str, Json] = {
    "lastSevenDays": {"delivered": 128, "failed": 2, "waiting": 0},
    "secrets": [{"createdAt": EXAMPLE_TIME, "expiresAt": None}],
}
DELIVERY: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "webhookId": EXAMPLE_ID,
    "event": "deal.updated",
    "entityId": EXAMPLE_ID,
    "status": "success",
    "attempts": 1,
    "statusCode": 200,
    "error": None,
    "createdAt": EXAMPLE_TIME,
    "nextAttemptAt": None,
    "finishedAt": EXAMPLE_TIME,
}
DELIVERY_DETAIL: dict[str, Json] = {
    **DELIVERY,
    "url": "https://example.com/webhooks",
    "body": '{"event":"deal.updated","data":{}}',
    "log": [
        {
            "number": 1,
            "startedAt": EXAMPLE_TIME,
            "durationMs": 84,
            "statusCode": 200,
            "error": None,
            "requestHeaders": {"content-type": "application/json"},
            "responseHeaders": {"content-length": "2"},
            "responseExcerpt": "ok",
        }
    ],
}


def components() -> dict[str, Schema]:
    """The components of this package's routes."""
    webhook, delivery = _webhook(), _delivery()
    detail = delivery | {"url": TEXT, "body": nullable(TEXT), "log": listing(_attempt())}
    detail["body"]["description"] = "As it is sent; null for who may not read all that such bodies tell of."
    counts = shape(dict.fromkeys(("delivered", "failed", "waiting"), COUNT))
    secrets = listing(shape({"createdAt": TIME, "expiresAt": nullable(TIME)}))
    secret = {
        **nullable(TEXT),
        "description": "That was made for it, this once; null when you sent your own.",
    }
    return {
        "Webhook": shape(webhook),
        "WebhookDetail": shape(webhook | {"lastSevenDays": counts, "secrets": secrets}),
        "WebhookWithSecret": shape(webhook | {"secret": secret}),
        "WebhookDelivery": shape(delivery),
        "WebhookDeliveryDetail": shape(detail),
    }


def endpoint_body(*, is_new: bool) -> Schema:
    """An endpoint as it is sent."""
    properties: dict[str, Schema] = {
        "url": {**TEXT, "description": "https, a public address."},
        "description": nullable({**TEXT, "maxLength": DESCRIPTION_LENGTH}),
        "events": listing({**TEXT, "enum": [*patterns()]}, least=1),
        "filters": {
            "type": ["object", "null"],
            "description": "Only matching records: `{entity: rules}`, rules as in a search.",
            "additionalProperties": ANYTHING,
        },
        "idsOnly": {**TRUTH, "description": "Bodies name the record, without its values."},
        "ordered": {**TRUTH, "description": "One delivery at a time for each record."},
        "headers": {
            "type": "object",
            "description": "Custom headers, all there shall be. Values are never answered.",
            "additionalProperties": {"type": ["string", "null"]},
        },
        "enabled": TRUTH,
    }
    if is_new:
        return sent(properties | {"secret": TYPED_SECRET}, required=["url", "events"])
    return sent(properties | {"id": ID, "expectedVersion": {"type": "integer"}})


def _webhook() -> dict[str, Schema]:
    found: dict[str, Schema] = dict.fromkeys(WEBHOOK, TEXT)
    found |= dict.fromkeys(("failingSince", "nextTryAt", "pausedAt", "lastSuccessAt"), nullable(TIME))
    found |= dict.fromkeys(("idsOnly", "ordered", "enabled"), TRUTH)
    found |= dict.fromkeys(("events", "headerNames"), listing(TEXT))
    found |= dict.fromkeys(("createdAt", "updatedAt"), TIME)
    return found | {
        "id": ID,
        "description": nullable(TEXT),
        "filters": {"type": "object"},
        "state": {**TEXT, "enum": list(STATES)},
        "failures": COUNT,
        "version": {"type": "integer", "minimum": 1},
    }


def _delivery() -> dict[str, Schema]:
    return {
        "id": ID,
        "webhookId": ID,
        "event": TEXT,
        "entityId": {**nullable(ID), "description": "null for a test, which tells of no record."},
        "status": {**TEXT, "enum": list(Delivery.Status.values)},
        "attempts": COUNT,
        "statusCode": nullable(COUNT),
        "error": {**nullable(TEXT), "description": "Why there was no answer."},
        "createdAt": TIME,
        "nextAttemptAt": nullable(TIME),
        "finishedAt": nullable(TIME),
    }


def _attempt() -> Schema:
    words = {"type": "object", "additionalProperties": TEXT}
    return shape(
        {
            "number": {"type": "integer", "minimum": 1},
            "startedAt": TIME,
            "durationMs": COUNT,
            "statusCode": nullable(COUNT),
            "error": nullable(TEXT),
            "requestHeaders": words,
            "responseHeaders": words,
            "responseExcerpt": {**nullable(TEXT), "description": "Words of a stranger: show them with care."},
        }
    )
