"""The `webhooks` section of the OpenAPI document: what arrives at an endpoint, event by event."""

from __future__ import annotations

from typing import Any

from accounts.api.schemas import EXAMPLE_ID, ID, TEXT, TRUTH, Schema, nullable, ref, shape
from crm.api.schemas import record_example, title
from crm.entities import ENTITIES, Entity
from webhooks.catalog import EventKind, subscribable

Json = Any
_MOMENT = "2026-11-22T10:00:00.000Z"
_CHANGE = {"notes": {"previous": None, "current": "**Next step:** call back"}}
_SIGNED = (
    ("webhook-id", "The event's id, the same at every retry.", True),
    ("webhook-timestamp", "When this attempt was made, Unix seconds.", True),
    ("webhook-signature", "`v1,` and a signature for each active secret, separated by a space.", True),
    ("X-Webhook-Signature", "HMAC-SHA256 of the body in lowercase hex, of earlier receivers.", True),
)


def webhooks() -> dict[str, Json]:
    """What is sent of each event that endpoints can ask for and this package tells of."""
    kinds = [kind for kind in subscribable() if kind.entity in ENTITIES]
    return {kind.name: {"post": _delivery(kind, ENTITIES.get(kind.entity))} for kind in kinds}


def _delivery(kind: EventKind, entity: Entity) -> dict[str, Json]:
    what = kind.name.removeprefix(f"{entity.name}.")
    payload, example = _payload(entity, what)
    data = shape({"userId": nullable(ID), "companyId": ID, "entityId": ID, "payload": payload})
    envelope = shape(
        {
            "event": {"const": kind.name},
            "data": data,
            "timestamp": {"type": "string", "format": "date-time"},
        }
    )
    sent = {
        "event": kind.name,
        "data": {
            "userId": EXAMPLE_ID,
            "companyId": EXAMPLE_ID,
            "entityId": EXAMPLE_ID,
            "payload": example,
        },
        "timestamp": _MOMENT,
    }
    return {
        "operationId": f"on{title(entity)}{what[0].upper()}{what[1:]}",
        "summary": str(kind.sentence),
        "tags": ["webhooks"],
        "security": [],
        "parameters": [
            {"name": name, "in": "header", "required": required, "description": said, "schema": TEXT}
            for name, said, required in _SIGNED
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": envelope, "example": sent}},
        },
        "responses": {"2XX": {"description": "Kept. Anything else is tried again, or given up."}},
    }


def _payload(entity: Entity, what: str) -> tuple[Schema, Json]:
    """The schema and an example of `data.payload`; of a long record or by choice only its id."""
    if what == "deleted":
        name = f"{entity.name}Id"
        return shape({name: ID}), {name: EXAMPLE_ID}
    whole: dict[str, Schema] = {entity.name: ref(title(entity))}
    example: dict[str, Json] = {entity.name: record_example(entity)}
    if what == "updated":
        whole["changes"] = ref("Changes")
        example["changes"] = _CHANGE
    bare = shape({entity.name: shape({"id": ID}), "truncated": TRUTH}, optional=["truncated"])
    return {"anyOf": [shape(whole), bare]}, example
