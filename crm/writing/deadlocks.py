"""Writes that PostgreSQL ended to free another one, started again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 5  # each costs the second after which PostgreSQL looks for deadlocks
_DEADLOCK_DETECTED = "40P01"  # SQLSTATE


def despite_deadlocks(write: Callable[P, T]) -> Callable[P, T]:
    """`write`, started again when the database broke a deadlock by undoing it.

    All writers lock in one order (`crm.writing.locks`), except for links that are made while they
    do. `write` opens the transaction, or the savepoint, that was undone.
    """

    @wraps(write)
    def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for _ in range(TRIES - 1):
            try:
                return write(*args, **kwargs)
            except OperationalError as error:
                if getattr(error.__cause__, "sqlstate", None) != _DEADLOCK_DETECTED:
                    raise
        return write(*args, **kwargs)

    return repeated
