"""What the five entities have in common, and the one way to read any of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.actor import Actor
from customermates.kernel.errors import Issue
from customermates.kernel.fields import KeyField
from customermates.kernel.ids import uuid7

if TYPE_CHECKING:
    from crm.setup import CompanySetup

# Index columns for custom values, a fixed pool on every record's own row. Measured against
# value tables, GIN and expression indexes at 1 M rows: see docs/decisions/003-custom-values.md.
TEXT_SLOTS = tuple(f"t{n}" for n in range(1, 13))
NUMBER_SLOTS = tuple(f"n{n}" for n in range(1, 9))
TIME_SLOTS = tuple(f"d{n}" for n in range(1, 9))
ALL_SLOTS = TEXT_SLOTS + NUMBER_SLOTS + TIME_SLOTS

# How long what was deleted, a record or a column, can come back; then it is gone for good (domain §2).
RESTORABLE_FOR = timedelta(days=30)


class RecordQuerySet(models.QuerySet["Record"]):
    """Records of one entity."""

    def visible_to(self, actor: Actor) -> Self:
        """Only the rows `actor` may see. Every read of records starts here."""
        return self.reached_by(actor).filter(deleted_at=None)

    def in_trash_of(self, actor: Actor) -> Self:
        """Deleted rows that `actor` could see before, and can still come back."""
        return self.reached_by(actor).filter(deleted_at__gt=timezone.now() - RESTORABLE_FOR)

    def reached_by(self, actor: Actor) -> Self:
        """Rows within the actor's company and reach, deleted or not."""
        reach = actor.reach(self.model.resource)
        if reach == "none":
            return self.none()
        rows = self.filter(company_id=actor.company_id)
        if reach == "own":
            rows = rows.filter(assignees__user_id=actor.user_id)
        return rows


class Record(models.Model):
    """One row of an entity: own fields, notes, custom values with their index columns."""

    resource: ClassVar[str]  # the permission resource, the entity's plural
    # Attributes as the database has them, while a write changes them; empty for a new record.
    stored: Mapping[str, Any] = MappingProxyType({})

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    company = models.ForeignKey("accounts.Company", on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    deleted_at = models.DateTimeField(null=True)
    notes = models.TextField(default="")
    # {column number as text: stored value}. The truth; slots and IndexedValue are its index.
    custom = models.JSONField(default=dict)

    objects: ClassVar[RecordQuerySet] = RecordQuerySet.as_manager()  # type: ignore[assignment]  # a manager made of it

    class Meta:
        abstract = True
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["company", "created_at", "id"], name="%(class)s_created"),
            models.Index(fields=["company", "updated_at", "id"], name="%(class)s_updated"),
            models.Index(
                fields=["company", "deleted_at", "id"],
                name="%(class)s_deleted",
                condition=Q(deleted_at__isnull=False),
            ),
            *(
                models.Index(
                    fields=["company", slot, "id"],
                    name=f"%(class)s_{slot}",
                    condition=Q((f"{slot}__isnull", False)),
                )
                for slot in ALL_SLOTS
            ),
        ]

    @property
    def title(self) -> str:
        """What people call this record."""
        return str(getattr(self, "name"))  # noqa: B009 - a column on four entities, a property on contacts

    def settle(self, given: Set[str], setup: CompanySetup) -> Iterable[Issue]:
        """Bring defaults and derived fields in line once `given` is set; yields what may not be.

        `given` holds JSON names. On a record that is not stored yet, `_state.adding` is true.
        """
        return ()

    def deletion_issues(self) -> Iterable[Issue]:
        """Why this record may not be deleted, if so."""
        return ()


def _add_slots() -> None:
    for slot in TEXT_SLOTS:
        Record.add_to_class(slot, KeyField(null=True))
    for slot in NUMBER_SLOTS:
        Record.add_to_class(slot, models.DecimalField(max_digits=15, decimal_places=4, null=True))
    for slot in TIME_SLOTS:
        Record.add_to_class(slot, models.DateTimeField(null=True))


_add_slots()  # before any entity inherits: a loop, since 28 equal lines would say no more


def key(*, null: bool = True) -> KeyField:
    """The folded companion of a text column, kept by the write path."""
    return KeyField(null=null, default=None if null else "")


def money(*, null: bool = False) -> models.DecimalField[Any, Any]:
    """An amount: 15 digits, 4 of them after the point, exact on both databases."""
    return models.DecimalField(max_digits=15, decimal_places=4, null=null, default=None if null else 0)


class IndexedValue(models.Model):
    """One value of a field that can hold several, or of a column beyond the slot pool: the index of both.

    `field` is an own field's JSON name or a custom column's number; ranges add ".start" and ".end".
    `value` is a folded text, or a number or time in a text form that sorts as the value does.
    """

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey("accounts.Company", on_delete=models.CASCADE, related_name="+")
    entity = models.CharField(max_length=40)
    field = models.CharField(max_length=60)
    value = KeyField()
    record_id: models.UUIDField[UUID, UUID] = models.UUIDField()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(
                fields=["company", "entity", "field", "value", "record_id"], name="indexedvalue_lookup"
            ),
            models.Index(fields=["record_id", "field"], name="indexedvalue_record"),
        ]
