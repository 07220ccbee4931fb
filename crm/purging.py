"""The end of the trash: what nobody can bring back any more leaves the database, piece by piece.

No writes in the sense of `crm.services`: nothing visible changes, so there is no actor, event or version.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.events import forget_changes
from crm.catalog import column_type, value_fields
from crm.entities import ENTITIES, Entity
from crm.models import RESTORABLE_FOR, CustomColumn, IndexedValue
from customermates.kernel.rows import update_rows

PIECE = 200  # records that go, or lose a value, in one transaction


def purge_records() -> bool:
    """Up to PIECE records of one entity are gone, with their links, lines and what events told of them.

    A deal's lines stay when their service goes: they have its name and price (crm.models.DealLine).
    """
    return any(_purge(entity) for entity in ENTITIES.values())


def purge_columns() -> bool:
    """Up to PIECE records have no value any more in a column that was deleted; True until none has.

    The column's slots are free then. Its row stays, so that nothing new ever gets its number or key.
    """
    past = CustomColumn.objects.filter(purged_at=None, deleted_at__lte=timezone.now() - RESTORABLE_FOR)
    with transaction.atomic():
        column = past.select_for_update(skip_locked=True, of=("self",)).order_by("pk").first()
        if column is None:
            return False
        if ids := _having(column):
            _clear(column, ids)
        else:
            column.slots, column.purged_at = "", timezone.now()
            column.save(update_fields=["slots", "purged_at"])
    return True


@transaction.atomic
def _purge(entity: Entity) -> bool:
    past = entity.model.objects.filter(deleted_at__lte=timezone.now() - RESTORABLE_FOR).order_by("pk")
    rows = past.select_for_update(skip_locked=True, of=("self",)).values_list("pk", "company_id")[:PIECE]
    companies: dict[UUID, list[UUID]] = {}
    for pk, company_id in rows:
        companies.setdefault(company_id, []).append(pk)
    for company_id, ids in companies.items():
        IndexedValue.objects.filter(record_id__in=ids).delete()
        entity.model.objects.filter(pk__in=ids).delete()
        forget_changes(company_id, ids)
    return bool(companies)


def _having(column: CustomColumn) -> list[UUID]:
    """Some records that have a value in the column, those in the trash included."""
    records = ENTITIES.get(column.entity).model.objects.filter(company_id=column.company_id)
    if column.slots:
        filled = records.filter((f"{column.slot_names[0]}__isnull", False))
        indexed = list(filled.values_list("pk", flat=True)[:PIECE])
    else:
        indexed = list(_index_rows(column).values_list("record_id", flat=True).distinct()[:PIECE])
    # What folds to nothing has no index; such values are looked for when all others are gone.
    unindexed = records.filter(custom__has_key=str(column.number)).values_list("pk", flat=True)
    return indexed or list(unindexed[:PIECE])


def _clear(column: CustomColumn, ids: Iterable[UUID]) -> None:
    model, number = ENTITIES.get(column.entity).model, str(column.number)
    records = list(model.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",)))
    for record in records:
        record.custom = {name: stored for name, stored in record.custom.items() if name != number}
        for slot in column.slot_names:
            setattr(record, slot, None)
    fields = {field.attname: field for field in model._meta.concrete_fields}
    update_rows(model, [fields[attr] for attr in ("custom", *column.slot_names)], records)
    _index_rows(column).filter(record_id__in=ids).delete()


def _index_rows(column: CustomColumn) -> QuerySet[IndexedValue]:
    names = value_fields(column, column_type(column))
    return IndexedValue.objects.filter(company_id=column.company_id, entity=column.entity, field__in=names)
