"""Ids that name no record the actor can see: told alike, but for what lies in the actor's own trash."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from accounts.actor import Actor
from crm.entities import Entity
from customermates.kernel.errors import Issue


def in_trash(actor: Actor, entity: Entity, ids: Iterable[UUID | None]) -> frozenset[UUID]:
    """Those of `ids` that the actor could see before they were deleted."""
    wanted = {pk for pk in ids if pk}
    return frozenset(
        entity.model.objects.in_trash_of(actor).filter(pk__in=wanted).values_list("pk", flat=True)
    )


def unknown_record(entity: Entity, text: str, path: str, *, trash: bool = False) -> Issue:
    """The issue of an id that names no record the actor can see; `trash` when it could be restored."""
    params: dict[str, object] = {"entity": entity.name, "id": text[:80]}
    return Issue(path, "unknown_record", {**params, "trash": True} if trash else params)
