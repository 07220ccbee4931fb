"""Rows of a batch that each say by an id which record they change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from crm.entities import Entity
from crm.field_types import Json
from crm.missing import unknown_record
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid


def rows_by_id(entity: Entity, rows: Sequence[Mapping[str, Json]]) -> dict[UUID, dict[str, Json]]:
    """`{id: row without it}`, in order; an issue for each row without an id, and for an id that comes twice.

    NotFound when all that is wrong are ids that cannot be those of records.
    """
    changes: dict[UUID, dict[str, Json]] = {}
    unknown, issues = [], []
    for position, row in enumerate(rows):
        given, identity = row.get("id"), find_uuid(row.get("id"))
        if not given:
            issues.append(Issue("id", "required", row=position))
        elif identity is None:
            unknown.append(unknown_record(entity, str(given), "id").at(row=position))
        elif identity in changes:
            issues.append(Issue("id", "same_record_twice", {"id": str(identity)}, position))
        else:
            changes[identity] = {name: value for name, value in row.items() if name != "id"}
    if unknown and not issues:
        raise NotFound(*unknown)
    ValidationFailed.raise_if([*issues, *unknown])
    return changes
