"""Many rows in one statement, with only the columns that have something to say.

A record has some fifty columns, most of them index columns that its company has no use for. The
ORM's own bulk statements prepare and send them all, which made up half the time of a write.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction

Model = TypeVar("Model", bound=models.Model)
Column: TypeAlias = "models.Field[Any, Any]"

PIECE = 1_000  # rows that are deleted in one transaction, so that nobody waits for it
VALUES_LIMIT = 30_000  # in one statement; SQLite is built to take 32,766


def insert_rows(model: type[Model], rows: Sequence[Model], *, if_absent: bool = False) -> None:
    """The new `rows` are stored; columns that are empty in all of them are left to their NULL.

    `if_absent` passes over those that a unique rule of the table forbids: they are there already.
    """
    fields = [
        f for f in model._meta.concrete_fields if any(getattr(row, f.attname) is not None for row in rows)
    ]
    table, names = _quote(model._meta.db_table), ", ".join(_column(field) for field in fields)
    otherwise = " ON CONFLICT DO NOTHING" if if_absent else ""
    for marks, values in _statements(fields, rows):
        _execute(f"INSERT INTO {table} ({names}) VALUES {marks}{otherwise}", values)  # noqa: S608 - our own names
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias


def delete_some(rows: models.QuerySet[Any, Any]) -> bool:
    """The first PIECE of `rows` are gone; True when more may be left. For rows that nothing refers to."""
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:PIECE])
    if ids:
        with transaction.atomic():  # which waits its turn; a statement alone would only try its luck
            rows.model._default_manager.filter(pk__in=ids)._raw_delete(DEFAULT_DB_ALIAS)
    return len(ids) == PIECE


def update_rows(model: type[Model], fields: Sequence[Column], rows: Sequence[Model]) -> None:
    """Each of the stored `rows` has its values in `fields`, whatever differs from row to row."""
    key = model._meta.pk
    table = _quote(model._meta.db_table)
    # Both databases name the columns of a list of values column1, column2, …
    changes = ", ".join(
        f"{_column(field)} = {_typed(field, f'v.column{place}')}"
        for place, field in enumerate(fields, start=2)
    )
    for marks, values in _statements([key, *fields], rows):
        found = f"{table}.{_column(key)} = {_typed(key, 'v.column1')}"
        _execute(f"UPDATE {table} SET {changes} FROM (VALUES {marks}) AS v WHERE {found}", values)  # noqa: S608 - our own names


def _statements(fields: Sequence[Column], rows: Sequence[Model]) -> Iterator[tuple[str, list[Any]]]:
    """(placeholders, values) of as many statements as the rows need."""
    size = VALUES_LIMIT // len(fields)
    mark = f"({', '.join(['%s'] * len(fields))})"
    for start in range(0, len(rows), size):
        part = rows[start : start + size]
        columns = [_prepared(field, part) for field in fields]
        yield ", ".join([mark] * len(part)), [value for row in zip(*columns, strict=True) for value in row]


def _prepared(field: Column, rows: Sequence[Model]) -> list[Any]:
    """The column's values as the database takes them; one that several rows share is made ready once.

    Company, times and empty index columns are the same object in all rows: most of what a record has.
    """
    database = connections[DEFAULT_DB_ALIAS]  # itself, as `connection` looks it up at each of many uses
    values = [getattr(row, field.attname) for row in rows]
    different = {id(value): value for value in values}
    ready = {identity: field.get_db_prep_save(value, database) for identity, value in different.items()}
    return [ready[id(value)] for value in values]


def _typed(field: Column, value: str) -> str:
    """PostgreSQL reads an untyped list as text; SQLite's columns bring what is stored into their own type."""
    if connection.vendor == "sqlite":
        return value
    return f"CAST({value} AS {field.cast_db_type(connection)})"


def _column(field: Column) -> str:
    return _quote(str(field.column))


def _quote(name: str) -> str:
    return connection.ops.quote_name(name)


def _execute(sql: str, values: Iterable[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(values))
