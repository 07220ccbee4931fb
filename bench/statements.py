"""The SQL of a piece of work: taken down while it runs, and run again with nothing around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from django.db import connection
from django.db.backends.sqlite3.base import FORMAT_QMARK_REGEX


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as the driver takes it."""

    sql: str
    params: Any


@contextmanager
def taken_down() -> Iterator[list[Statement]]:
    """The statements that run within the block, in their order."""
    found: list[Statement] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if many:
            raise NotImplementedError("no request of the product sends several sets of parameters")
        found.append(Statement(sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        yield found


def bare_seconds(statements: Sequence[Statement]) -> float:
    """How long the statements take on the driver's own cursor, all rows read, committed at the end."""
    connection.ensure_connection()
    driver = connection.connection
    cursor, is_sqlite = driver.cursor(), connection.vendor == "sqlite"
    ready = [_for_sqlite(statement) for statement in statements] if is_sqlite else statements
    started = perf_counter()
    # On SQLite BEGIN is one of the statements; psycopg sends it by itself.
    with nullcontext() if is_sqlite else driver.transaction():
        for statement in ready:
            cursor.execute(statement.sql, () if statement.params is None else statement.params)
            if cursor.description:
                cursor.fetchall()
    if is_sqlite:
        driver.commit()
    return perf_counter() - started


def _for_sqlite(statement: Statement) -> Statement:
    if statement.params is None:
        return statement
    return Statement(FORMAT_QMARK_REGEX.sub("?", statement.sql).replace("%%", "%"), statement.params)
