"""Examples of what accounts' routes answer, with the schemas they are examples of."""

from __future__ import annotations

from typing import Any

from accounts.api.schemas import (
    EXAMPLE_ID,
    EXAMPLE_TIME,
    ID,
    TEXT,
    TIME,
    TRUTH,
    Schema,
    listing,
    nullable,
    ref,
    shape,
)
from accounts.permissions import REACHES

Json = Any
LATER = "2027-11-22T09:30:00Z"

USER: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "email": "olivia@northwind.example",
    "firstName": "Olivia",
    "lastName": "Owner",
    "roleId": EXAMPLE_ID,
    "roleName": "Admin",
    "status": "active",
    "country": "de",
    "avatarUrl": None,
    "createdAt": EXAMPLE_TIME,
    "updatedAt": EXAMPLE_TIME,
}
ROLE: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "name": "Member",
    "isShipped": True,
    "permissions": {"contacts": {"read": "all", "manage": True}},
    "createdAt": EXAMPLE_TIME,
}
COMPANY: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "name": "Northwind Trading",
    "street": None,
    "postalCode": None,
    "city": None,
    "country": None,
    "currency": "EUR",
    "vatNumber": None,
    "website": None,
    "phone": None,
    "email": None,
    "timeZone": "Europe/Berlin",
    "createdAt": EXAMPLE_TIME,
    "updatedAt": EXAMPLE_TIME,
}
EVENT: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "sequence": 42,
    "name": "deal.updated",
    "entity": "deal",
    "entityId": EXAMPLE_ID,
    "changeSetId": EXAMPLE_ID,
    "user": {"id": EXAMPLE_ID, "name": "Olivia Owner"},
    "apiKey": None,
    "via": "rest",
    "client": "n8n",
    "requestId": "4f1c",
    "reason": None,
    "changes": {"stage": {"previous": "Proposal", "current": "Won"}},
    "createdAt": EXAMPLE_TIME,
}
KEY: dict[str, Json] = {
    "id": EXAMPLE_ID,
    "name": "Nightly export",
    "prefix": "cm4Tq8Zw",
    "suffix": "x7Lp",
    "state": "active",
    "user": {"id": EXAMPLE_ID, "name": "Olivia Owner"},
    "scopes": ["contacts:read"],
    "toolsets": [],
    "allowedIps": [],
    "createdAt": EXAMPLE_TIME,
    "expiresAt": LATER,
    "revokedAt": None,
    "lastUsedAt": None,
    "lastUsedClient": None,
    "replaces": None,
}
NEW_KEY: dict[str, Json] = {**KEY, "key": "cm4Tq8Zw…x7Lp"}


def components() -> dict[str, Schema]:
    """The components of accounts' own routes."""
    named = shape({"id": ID, "name": TEXT})
    user = {name: nullable(TEXT) if name in ("country", "avatarUrl") else TEXT for name in USER}
    user |= {"id": ID, "roleId": ID, "createdAt": TIME, "updatedAt": TIME}
    own_key = shape({"id": ID, "name": TEXT, "scopes": listing(TEXT), "expiresAt": TIME})
    current = {
        "company": shape({"id": ID, "name": TEXT, "currency": TEXT}),
        "language": TEXT,
        "timeZone": TEXT,
        "apiKey": {"anyOf": [own_key, {"type": "null"}]},
    }
    always = ("id", "name", "currency", "timeZone", "createdAt", "updatedAt")
    company = {name: TEXT if name in always else nullable(TEXT) for name in COMPANY}
    access = shape({"read": {"enum": list(REACHES)}, "manage": TRUTH})
    key = _key(named)
    return {
        "User": shape(user),
        "CurrentUser": shape(user | current),
        "Role": shape(
            {
                "id": ID,
                "name": TEXT,
                "isShipped": TRUTH,
                "permissions": {"type": "object", "additionalProperties": access},
                "createdAt": TIME,
            }
        ),
        "Company": shape(company | {"id": ID, "createdAt": TIME, "updatedAt": TIME}),
        "Event": _event({"anyOf": [named, {"type": "null"}]}),
        "ApiKey": shape(key),
        "NewApiKey": shape(key | {"key": TEXT}),
    }


def _key(named: Schema) -> dict[str, Schema]:
    listed = {name: listing(TEXT) for name in ("scopes", "toolsets", "allowedIps")}
    times = {name: nullable(TIME) for name in ("revokedAt", "lastUsedAt")}
    found = dict.fromkeys(KEY, TEXT) | {"id": ID, "user": named} | listed | times
    return found | {
        "createdAt": TIME,
        "expiresAt": TIME,
        "lastUsedClient": nullable(TEXT),
        "replaces": nullable(ID),
    }


def _event(somebody: Schema) -> Schema:
    found = dict.fromkeys(EVENT, TEXT) | dict.fromkeys(("id", "entityId", "changeSetId"), ID)
    found |= {name: nullable(TEXT) for name in ("client", "requestId", "reason")}
    found |= {
        "sequence": {"type": "integer", "minimum": 1, "description": "Counted without gaps in each company."},
        "user": somebody,
        "apiKey": somebody,
        "changes": ref("Changes"),
        "createdAt": TIME,
    }
    return shape(found)
