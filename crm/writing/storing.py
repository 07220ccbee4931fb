"""Step 5 of a write: records and their indexes into the database, set by set."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm.catalog import Catalog, column_type, value_fields
from crm.entities import Entity
from crm.models import IndexedValue, Record
from crm.operators import as_key
from crm.writing.drafts import Draft
from customermates.kernel.folding import folded_key
from customermates.kernel.rows import insert_rows, update_rows


def index_row(record: Record, catalog: Catalog) -> None:
    """Bring the index columns on the record's own row in line with its values."""
    for own in catalog.entity.fields:
        if own.index == f"{own.attr}_key":
            setattr(record, own.index, folded_key(getattr(record, own.attr)) or None)
    for column in catalog.custom_columns:
        if column.slots:
            kind = column_type(column)
            stored = record.custom.get(str(column.number))
            empty = (None,) * len(column.slot_names)
            values = empty if stored is None else kind.index_values(kind.load(stored))
            for slot, value in zip(column.slot_names, values, strict=True):
                setattr(record, slot, value)


def insert(entity: Entity, records: Sequence[Record]) -> None:
    """Insert new records."""
    insert_rows(entity.model, records)


def update(entity: Entity, drafts: Sequence[Draft]) -> None:
    """Write what changed on stored records: one statement, whatever differs from row to row."""
    attrs = sorted(set().union(*(draft.changed_attrs for draft in drafts)))
    if len(drafts) == 1:
        record = drafts[0].record
        entity.model.objects.filter(pk=record.pk).update(**{attr: getattr(record, attr) for attr in attrs})
        return
    fields = {field.attname: field for field in entity.model._meta.concrete_fields}
    update_rows(entity.model, [fields[attr] for attr in attrs], [draft.record for draft in drafts])


def store_values(catalog: Catalog, drafts: Iterable[Draft]) -> None:
    """Bring IndexedValue in line with the fields that changed: lists, and columns beyond the slot pool."""
    gone, rows = list[tuple[Record, list[str]]](), list[IndexedValue]()
    for draft in drafts:
        wanted = _wanted_values(catalog, draft)
        if wanted and draft.before:
            gone.append((draft.record, list(wanted)))
        rows += [
            IndexedValue(
                company_id=draft.record.company_id,
                entity=catalog.entity.name,
                field=name,
                value=value,
                record_id=draft.record.pk,
            )
            for name, values in wanted.items()
            for value in dict.fromkeys(values)
        ]
    if gone:
        names = {name for _, fields in gone for name in fields}
        ids = [record.pk for record, _ in gone]
        if _same(gone):
            _forget(ids, names)
        else:
            for record, fields in gone:
                _forget([record.pk], set(fields))
    if rows:
        insert_rows(IndexedValue, rows)


def _wanted_values(catalog: Catalog, draft: Draft) -> dict[str, list[str]]:
    """The index rows of each field that changed, by the field's name there."""
    record, wanted = draft.record, dict[str, list[str]]()
    for own in catalog.entity.fields:
        value = getattr(record, own.attr)
        if own.index == "*" and draft.before.get(own.attr, []) != value:
            wanted[own.name] = list(own.type.index_values(value))
    was = draft.before.get("custom", {})
    for column in catalog.custom_columns:
        stored = record.custom.get(str(column.number))
        if column.slots or was.get(str(column.number)) == stored:
            continue
        kind = column_type(column)
        # A text of nothing but accents folds to nothing: there is no key to be found by.
        keys = () if stored is None else kind.index_values(kind.load(stored))
        values = [as_key(key) for key in keys if key is not None]
        names = value_fields(column, kind)
        if len(names) == 2:
            ends = zip(names, values, strict=True) if values else ()
            wanted |= {name: [] for name in names} | {name: [value] for name, value in ends}
        else:
            wanted[names[0]] = values
    return wanted


def _same(gone: Sequence[tuple[Record, list[str]]]) -> bool:
    return all(fields == gone[0][1] for _, fields in gone)


def _forget(ids: Sequence[UUID], fields: set[str]) -> None:
    IndexedValue.objects.filter(record_id__in=ids, field__in=fields).delete()
