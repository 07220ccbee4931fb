"""API keys: made, renamed, rotated and revoked by people; each act is an event."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actor import Actor
from accounts.events import EventDraft, difference, record
from accounts.key_format import current_pepper, digest, new_key
from accounts.models import ApiKey
from accounts.permissions import scopes_beyond, validate_scopes, validate_toolsets
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ValidationFailed
from customermates.kernel.jsontext import utc_text

LIFETIME = timedelta(days=365)  # when nobody chooses; a key that lives for ever is forgotten for ever
OVERLAPS = {
    "0": timedelta(0),
    "1h": timedelta(hours=1),
    "24h": timedelta(hours=24),
    "7d": timedelta(days=7),
}
NAME_LENGTH = 255
LIST_LENGTH = 50


@transaction.atomic
def create_key(
    actor: Actor,
    *,
    name: str,
    scopes: Sequence[str],
    expires_at: datetime | None = None,
    toolsets: Sequence[str] = (),
    allowed_ips: Sequence[str] = (),
) -> tuple[ApiKey, str]:
    """A key of the actor, and its plaintext: the only time anyone sees it.

    `expires_at` None is in a year. The scopes must lie within the owner's role; `*` always does, it
    means "all I may do". An empty list means no rights.
    """
    _require_person(actor)
    name = name.strip()
    networks, network_issues = _parse_networks(allowed_ips)
    now = timezone.now()
    issues = [
        *_name_issues(name),
        *validate_scopes(list(scopes)),
        *(_list_issues("toolsets", toolsets) or validate_toolsets(toolsets)),
        *_list_issues("allowedIps", allowed_ips),
        *network_issues,
    ]
    if expires_at is not None and expires_at <= now:
        issues.append(Issue("expiresAt", "not_in_future"))
    beyond = {} if issues else {scope: scope for scope in scopes_beyond(scopes, actor.access)}
    issues += [Issue("scopes", "scope_beyond_role", {"scope": scope}) for scope in beyond]
    ValidationFailed.raise_if(issues)
    key, plaintext = _new_row(actor, name=name, created_at=now, expires_at=expires_at or now + LIFETIME)
    key.scopes = list(dict.fromkeys(scopes))
    key.toolsets = list(dict.fromkeys(toolsets))
    key.allowed_ips = networks
    key.save(force_insert=True)
    _record(actor, "apiKey.created", key, difference({}, _described(key)))
    return key, plaintext


@transaction.atomic
def rename_key(actor: Actor, key_id: UUID, *, name: str) -> ApiKey:
    """The actor's own key has another name."""
    _require_person(actor)
    name = name.strip()
    ValidationFailed.raise_if(_name_issues(name))
    key = _get_key(actor, key_id, own=True)
    changes = difference({"name": key.name}, {"name": name})
    if changes:
        key.name = name
        key.save(update_fields=["name"])
        _record(actor, "apiKey.renamed", key, changes)
    return key


@transaction.atomic
def rotate_key(actor: Actor, key_id: UUID, *, overlap: timedelta = OVERLAPS["24h"]) -> tuple[ApiKey, str]:
    """A successor of the actor's own key, and its plaintext.

    The successor has the old key's scopes, toolsets and networks and a full lifetime; the old key
    keeps working for `overlap` (none, 1 hour, 24 hours, 7 days) so that no running program breaks.
    """
    _require_person(actor)
    if overlap not in OVERLAPS.values():
        raise ValidationFailed(Issue("overlap", "invalid_choice", {"allowed": list(OVERLAPS)}))
    key = _get_key(actor, key_id, own=True)
    now = timezone.now()
    if not key.is_usable(now) or ApiKey.objects.filter(replaces=key).exists():
        raise Conflict(Issue("", "api_key_not_usable"))
    lifetime = key.expires_at - key.created_at
    successor, plaintext = _new_row(actor, name=key.name, created_at=now, expires_at=now + lifetime)
    successor.scopes, successor.toolsets, successor.allowed_ips = key.scopes, key.toolsets, key.allowed_ips
    successor.replaces = key
    successor.save(force_insert=True)
    before = _described(key)
    key.expires_at = min(key.expires_at, now + overlap)
    key.save(update_fields=["expires_at"])
    changes = difference({**before, "replacedBy": None}, {**_described(key), "replacedBy": str(successor.pk)})
    created = difference({}, {**_described(successor), "replaces": str(key.pk)})
    record(actor, [_draft("apiKey.rotated", key, changes), _draft("apiKey.created", successor, created)])
    return successor, plaintext


@transaction.atomic
def revoke_key(actor: Actor, key_id: UUID) -> ApiKey:
    """The key opens nothing from the next request on. Administrators can revoke everybody's."""
    _require_person(actor)
    key = _get_key(actor, key_id, own=False)
    if key.revoked_at is None:
        key.revoked_at = timezone.now()
        key.save(update_fields=["revoked_at"])
        _record(
            actor,
            "apiKey.revoked",
            key,
            difference({"revokedAt": None}, {"revokedAt": utc_text(key.revoked_at)}),
        )
    return key


def _require_person(actor: Actor) -> None:
    # A stolen key must not be able to make itself another one.
    if actor.via not in {"web", "rest", "system"} or actor.api_key_id is not None:
        raise NotAllowed(Issue("", "keys_not_by_key"))
    actor.require("write", "api")


def _get_key(actor: Actor, key_id: UUID, *, own: bool) -> ApiKey:
    keys = ApiKey.objects.select_for_update().filter(company_id=actor.company_id, pk=key_id)
    if own or actor.reach("api") != "all":
        keys = keys.filter(user=actor.user_id)
    key = keys.first()
    if key is None:
        raise NotFound(Issue("keyId", "api_key_not_found"))
    return key


def _new_row(actor: Actor, *, name: str, created_at: datetime, expires_at: datetime) -> tuple[ApiKey, str]:
    if actor.user_id is None:
        raise ValueError("a key belongs to a person; act as its owner")
    plaintext = new_key()
    pepper = current_pepper()
    key = ApiKey(
        company_id=actor.company_id,
        user_id=actor.user_id,
        name=name,
        digest=digest(plaintext, pepper),
        pepper_number=pepper,
        prefix=plaintext[:8],
        suffix=plaintext[-4:],
        created_at=created_at,
        expires_at=expires_at,
    )
    return key, plaintext


def _described(key: ApiKey) -> dict[str, object]:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "scopes": key.scopes,
        "toolsets": key.toolsets,
        "allowedIps": key.allowed_ips,
        "expiresAt": utc_text(key.expires_at),
    }


def _draft(name: str, key: ApiKey, changes: dict[str, dict[str, object]]) -> EventDraft:
    return EventDraft(name=name, entity="apiKey", entity_id=key.pk, changes=changes)


def _record(actor: Actor, name: str, key: ApiKey, changes: dict[str, dict[str, object]]) -> None:
    record(actor, [_draft(name, key, changes)])


def _name_issues(name: str) -> list[Issue]:
    if not name:
        return [Issue("name", "required")]
    return [Issue("name", "too_long", {"limit": NAME_LENGTH})] if len(name) > NAME_LENGTH else []


def _list_issues(field: str, values: Sequence[str]) -> list[Issue]:
    return [Issue(field, "too_many", {"limit": LIST_LENGTH})] if len(values) > LIST_LENGTH else []


def _parse_networks(values: Sequence[str]) -> tuple[list[str], list[Issue]]:
    networks: dict[str, None] = {}
    issues: list[Issue] = []
    for index, value in enumerate(values):
        try:
            networks[str(ipaddress.ip_network(value.strip(), strict=False))] = None
        except ValueError:
            issues.append(Issue(f"allowedIps[{index}]", "invalid_network", {"value": value}))
    return list(networks), issues
