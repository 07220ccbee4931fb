"""JSON Schemas that operations of all packages share, and examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from customermates.kernel.pages import PAGE_SIZES

Schema = dict[str, Any]

EXAMPLE_ID = "0190a7c2-5d3e-7b41-9c68-1f2e3d4c5b6a"  # the form of an id; nothing has it
EXAMPLE_TIME = "2026-11-22T09:30:00Z"
ID: Schema = {"type": "string", "format": "uuid"}
TIME: Schema = {"type": "string", "format": "date-time"}
TEXT: Schema = {"type": "string"}
TRUTH: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 0}
ANYTHING: Schema = {}
PAGE_SIZE: Schema = {"type": "integer", "enum": list(PAGE_SIZES)}


def ref(name: str) -> Schema:
    """A reference to the component of this name."""
    return {"$ref": f"#/components/schemas/{name}"}


def listing(items: Mapping[str, Any], *, least: int = 0, most: int | None = None) -> Schema:
    """An array of `items`."""
    limits = {"minItems": least} if least else {}
    limits |= {} if most is None else {"maxItems": most}
    return {"type": "array", "items": dict(items), **limits}


def nullable(schema: Mapping[str, Any]) -> Schema:
    """`schema`, or null."""
    if "type" not in schema:
        return {"anyOf": [dict(schema), {"type": "null"}]}
    kinds = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    enum = {"enum": [*schema["enum"], None]} if "enum" in schema else {}
    return {**schema, "type": [*kinds, "null"], **enum}


def shape(properties: Mapping[str, Any], *, optional: Sequence[str] = ()) -> Schema:
    """An object that is answered: members may be added by later releases, so others are allowed."""
    required = [name for name in properties if name not in optional]
    return {"type": "object", "properties": dict(properties), "required": required}


def sent(properties: Mapping[str, Any], *, required: Sequence[str] = ()) -> Schema:
    """An object that callers send: unknown members are refused."""
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), **needed, "additionalProperties": False}


def components() -> dict[str, Schema]:
    """The components that every package's operations refer to."""
    return {
        "ErrorAnswer": shape({"error": shape(_ERROR, optional=("issuesLeftOut",))}),
        "Issue": shape(_ISSUE, optional=("allowed", "nearest", "example", "hint", "limit")),
        "Pagination": shape(_PAGINATION),
        "DryRunAnswer": shape(
            {"dryRun": {"const": True}, "records": listing(_WOULD_BE), "recordsChanged": COUNT},
            optional=["recordsChanged"],
        ),
        "Changes": _CHANGES,
    }


_ERROR: Schema = {
    "code": {**TEXT, "description": "What kind of failure this is; it never changes."},
    "message": {**TEXT, "description": "The first issues in words, for logs and people."},
    "requestId": {**TEXT, "description": "As in X-Request-Id and in our logs."},
    "issues": listing(ref("Issue")),
    "issuesLeftOut": {**COUNT, "description": "How many more there are."},
}
_ISSUE: Schema = {
    "field": {**TEXT, "description": "The path from the top of the row, or the parameter or header."},
    "code": {**TEXT, "description": "What is wrong with it; it never changes."},
    "message": {**TEXT, "description": "What is wrong and what to send instead, in words."},
    "row": {**COUNT, "description": "The place in a batch, counted from 0."},
    "allowed": {**listing(ANYTHING), "description": "What may be sent."},
    "nearest": {"description": "What was most likely meant."},
    "example": {"description": "A value that is accepted."},
    "hint": TEXT,
    "limit": {"description": "The limit that was passed."},
}
_PAGINATION: Schema = {
    "page": {**nullable(COUNT), "description": "null on a page that a cursor led to."},
    "pageSize": PAGE_SIZE,
    "totalPages": {"type": "integer", "minimum": 1},
    "total": COUNT,
    "totalIsExact": {**TRUTH, "description": "false beyond 10,000, unless exactTotal was asked for."},
    "nextCursor": {**nullable(TEXT), "description": "null at the end."},
}
_CHANGES: Schema = {
    "type": "object",
    "description": "By field; of something new, what was set.",
    "additionalProperties": shape({"previous": ANYTHING, "current": ANYTHING}),
}
_WOULD_BE = shape(
    {
        "id": nullable(ID),
        "outcome": {"enum": ["created", "updated", "unchanged", "deleted", "restored"]},
        "changes": ref("Changes"),
    }
)
PAGINATION_EXAMPLE = {
    "page": 1,
    "pageSize": 25,
    "totalPages": 1,
    "total": 1,
    "totalIsExact": True,
    "nextCursor": None,
}
