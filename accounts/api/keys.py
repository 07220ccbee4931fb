"""API keys: for who is signed in, never for a key. A new key is in one answer and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from accounts import api_keys, limits
from accounts.api.calls import Answer, Call, moment_of
from accounts.key_list import KeyRow, get_key_row, list_keys
from accounts.permissions import PRESETS, preset_scopes
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid

Json = Any
_LISTS = ("scopes", "toolsets", "allowedIps")


def listed(call: Call) -> Answer:
    """`{items}`: the keys that this person may see, newest first, those that no longer work last."""
    call.actor.require("read", "api")
    return Answer(body={"items": [key_json(row) for row in list_keys(call.actor)]})


def create(call: Call) -> Answer:
    """The new key, with its text in `key`: this once."""
    values = _read(call.only("name", "scopes", "preset", "toolsets", "allowedIps", "expiresAt"))
    if "preset" in values:
        values["scopes"] = preset_scopes(values["preset"], call.actor.access)
    _count_minting(call)
    key, plaintext = api_keys.create_key(
        call.actor,
        name=values["name"],
        scopes=values["scopes"],
        expires_at=values.get("expiresAt"),
        toolsets=values.get("toolsets", ()),
        allowed_ips=values.get("allowedIps", ()),
    )
    return Answer(body=key_json(get_key_row(call.actor, key.pk)) | {"key": plaintext}, status=201)


def rename(call: Call) -> Answer:
    """The key with another name."""
    name = call.only("name").get("name")
    if not isinstance(name, str):
        raise ValidationFailed(Issue("name", "wrong_type", {"expected": "a text"}))
    pk = _id(call)
    api_keys.rename_key(call.actor, pk, name=name)
    return Answer(body=key_json(get_key_row(call.actor, pk)))


def rotate(call: Call) -> Answer:
    """The successor of the key, with its text in `key`: this once."""
    overlap = call.only("overlap").get("overlap", "24h")
    if overlap not in list(api_keys.OVERLAPS):
        raise ValidationFailed(Issue("overlap", "invalid_choice", {"allowed": list(api_keys.OVERLAPS)}))
    _count_minting(call)
    key, plaintext = api_keys.rotate_key(call.actor, _id(call), overlap=api_keys.OVERLAPS[overlap])
    return Answer(body=key_json(get_key_row(call.actor, key.pk)) | {"key": plaintext}, status=201)


def revoke(call: Call) -> Answer:
    """The id of the key, which opens nothing from now on."""
    return Answer(body=str(api_keys.revoke_key(call.actor, _id(call)).pk))


def key_json(row: KeyRow) -> dict[str, Json]:
    """A key without its text."""
    key = row.key
    return {
        "id": key.pk,
        "name": key.name,
        "prefix": key.prefix,
        "suffix": key.suffix,
        "state": row.state,
        "user": {"id": key.user_id, "name": key.user.name},
        "scopes": key.scopes,
        "toolsets": key.toolsets,
        "allowedIps": key.allowed_ips,
        "createdAt": key.created_at,
        "expiresAt": key.expires_at,
        "revokedAt": key.revoked_at,
        "lastUsedAt": key.last_used_at,
        "lastUsedClient": key.last_used_client or None,
        "replaces": key.replaces_id,
    }


def _count_minting(call: Call) -> None:
    limits.count_try(limits.KEY_MINTING_BY_USER, str(call.actor.user_id))


def _id(call: Call) -> UUID:
    if (pk := find_uuid(call.path["id"])) is None:
        raise NotFound(Issue("id", "api_key_not_found"))
    return pk


def _read(body: Mapping[str, Json]) -> dict[str, Json]:
    """The body of a new key with all values of the right kind."""
    values, issues = dict(body), []
    if not isinstance(body.get("name"), str):
        issues.append(_issue("name", body, "a text"))
    if ("scopes" in body) == ("preset" in body):
        issues.append(Issue("scopes", "scopes_or_preset", {"allowed": list(PRESETS)}))
    elif "preset" in body and body["preset"] not in list(PRESETS):  # by equality: it may be a list itself
        issues.append(Issue("preset", "invalid_choice", {"allowed": list(PRESETS)}))
    for name in _LISTS:
        items = body.get(name, [])
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            issues.append(_issue(name, body, "a list of texts"))
    if "expiresAt" in body:
        values["expiresAt"] = moment_of(body["expiresAt"])
        if values["expiresAt"] is None:
            issues.append(_issue("expiresAt", body, "a time such as 2026-11-22T09:30:00Z"))
    ValidationFailed.raise_if(issues)
    return values


def _issue(name: str, body: Mapping[str, Json], expected: str) -> Issue:
    return Issue(name, "wrong_type" if name in body else "required", {"expected": expected})
