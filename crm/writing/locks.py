"""One order in which all writers lock records, so that none waits for another that waits for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.db import connection

from crm.entities import ENTITIES, REFRESH_PRICES, Entity, Relation
from crm.setup import CompanySetup
from crm.writing.drafts import CUSTOM, Values
from customermates.kernel.ids import find_uuid


def hold_columns(setup: CompanySetup, entity: Entity, rows: Sequence[Values], *, new: bool) -> None:
    """The custom columns that a write of `rows` stores values of stay as they are until it ends.

    Else an option could go between the look at it and the storing of it. Columns come before all
    records, as they do when a column is changed and its records with it.
    """
    if not connection.features.has_select_for_update:
        return  # SQLite has one writer at a time
    if new or any(name in row for row in rows for name in CUSTOM):
        # Several writers may hold a column, and none change it: the ORM has no word for that.
        columns = setup.column_rows(entity)
        sql, params = columns.query.sql_with_params()
        setup.read_columns(entity, columns.raw(f"{sql} FOR SHARE", params))


def lock_earlier(
    setup: CompanySetup,
    entity: Entity,
    ids: Sequence[UUID],
    rows: Sequence[Values],
    *,
    replacing: bool = True,
) -> None:
    """Linked records that a write of `rows` to `ids` may touch are locked, those that come before `entity`.

    Not `replacing`, the write touches only the records that it names, however many others are linked.

    The order is that of (entity, id). The write locks its own records next and those of later
    entities last, in the order of its relations; without this, two writers of one link from its two
    ends could wait for each other. Links made between this and the next lock are left to chance.
    """
    if not connection.features.has_select_for_update:
        return  # SQLite has one writer at a time
    for relation in _earlier(entity):
        touched = set(_named(relation, rows))
        if not (touched or _replaces(relation, rows)):
            continue
        if replacing:
            linked = relation.through._default_manager.filter((f"{relation.source_key}__in", ids))
            touched.update(linked.values_list(relation.target_key, flat=True))
        seen = ENTITIES.get(relation.target).model.objects.visible_to(setup.actor)
        rows_of_it = seen.filter(pk__in=touched).order_by("pk").select_for_update(of=("self",))
        list(rows_of_it.values_list("pk"))


def _earlier(entity: Entity) -> Iterator[Relation]:
    order = ENTITIES.names()
    before = order[: order.index(entity.name)]
    return (relation for relation in entity.relations.values() if relation.target in before)


def _named(relation: Relation, rows: Sequence[Values]) -> Iterator[UUID]:
    for row in rows:
        named = row.get(relation.written_as)
        for item in named if isinstance(named, list) else ():
            if identity := find_uuid(item):
                yield identity


def _replaces(relation: Relation, rows: Sequence[Values]) -> bool:
    """Whether a row may change links without naming their other end: by clearing them, or by a new price."""
    return any(
        row.get(relation.written_as) == [] or (relation.has_lines and row.get(REFRESH_PRICES)) for row in rows
    )
