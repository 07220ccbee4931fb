"""Custom roles: what a company permits to a group of its people."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.actor import Actor
from accounts.events import EventDraft, difference, record
from accounts.models import Role
from accounts.permissions import parse_access
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ValidationFailed

NAME_LENGTH = 255


@transaction.atomic
def create_role(actor: Actor, *, name: str, permissions: Mapping[str, object]) -> Role:
    """A new role. It may permit no more than its maker may do."""
    actor.require("write", "users")
    name = name.strip()
    ValidationFailed.raise_if(_issues(name, permissions))
    role = Role(company_id=actor.company_id, name=name, permissions=dict(permissions))
    _require_may_grant(actor, role)
    _save(role)
    _record(actor, "role.created", role, difference({}, {"name": name, "permissions": role.permissions}))
    return role


@transaction.atomic
def update_role(actor: Actor, role_id: UUID, *, name: str, permissions: Mapping[str, object]) -> Role:
    """The role has this name and permits this, for its people from their next request on."""
    actor.require("write", "users")
    role = _get_custom_role(actor, role_id)
    name = name.strip()
    ValidationFailed.raise_if(_issues(name, permissions))
    _require_may_grant(actor, role)
    previous = {"name": role.name, "permissions": role.permissions}
    role.name, role.permissions = name, dict(permissions)
    _require_may_grant(actor, role)
    changes = difference(previous, {"name": role.name, "permissions": role.permissions})
    if changes:
        _save(role)
        _record(actor, "role.updated", role, changes)
    return role


@transaction.atomic
def delete_role(actor: Actor, role_id: UUID) -> None:
    """The role is gone; Conflict while somebody still has it."""
    actor.require("write", "users")
    role = _get_custom_role(actor, role_id)
    if count := role.users.count():
        raise Conflict(Issue("", "role_in_use", {"count": count}))
    previous = {"name": role.name, "permissions": role.permissions}
    changes = {name: {"previous": value, "current": None} for name, value in previous.items()}
    _record(actor, "role.deleted", role, changes)
    role.delete()


def _get_custom_role(actor: Actor, role_id: UUID) -> Role:
    role = Role.objects.select_for_update().filter(company_id=actor.company_id, pk=role_id).first()
    if role is None:
        raise NotFound(Issue("roleId", "unknown_role"))
    if role.shipped:
        raise NotAllowed(Issue("roleId", "role_shipped"))
    return role


def _require_may_grant(actor: Actor, role: Role) -> None:
    if not actor.may_grant(role.access()):
        raise NotAllowed(Issue("permissions", "role_beyond_yours"))


def _issues(name: str, permissions: Mapping[str, object]) -> list[Issue]:
    issues = parse_access(permissions)[1]
    if not name:
        issues.append(Issue("name", "required"))
    elif len(name) > NAME_LENGTH:
        issues.append(Issue("name", "too_long", {"limit": NAME_LENGTH}))
    return issues


def _save(role: Role) -> None:
    try:
        with transaction.atomic():  # a savepoint, so a taken name leaves the caller's transaction whole
            role.save()
    except IntegrityError as error:
        raise ValidationFailed(Issue("name", "role_name_taken")) from error


def _record(actor: Actor, name: str, role: Role, changes: Mapping[str, Mapping[str, object]]) -> None:
    record(actor, [EventDraft(name=name, entity="role", entity_id=role.pk, changes=changes)])
