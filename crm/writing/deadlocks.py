"""Writes that the database undid for the sake of another one, started again."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, IntegrityError, models

P = ParamSpec("P")
T = TypeVar("T")

TRIES = 5  # each costs the second after which PostgreSQL looks for deadlocks
_DEADLOCK_DETECTED = "40P01"  # SQLSTATE


def started_again(
    is_passing: Callable[[DatabaseError], bool], *, tries: int = TRIES
) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A write, started again as long as it fails for a reason that passes, `tries` times at most.

    The write opens the transaction, or the savepoint, that was undone.
    """

    def decorate(write: Callable[P, T]) -> Callable[P, T]:
        @wraps(write)
        def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
            for _ in range(tries - 1):
                try:
                    return write(*args, **kwargs)
                except DatabaseError as error:
                    if not is_passing(error):
                        raise
            return write(*args, **kwargs)

        return repeated

    return decorate


def is_deadlock(error: DatabaseError) -> bool:
    """Whether the database broke a deadlock by undoing this write."""
    return getattr(error.__cause__, "sqlstate", None) == _DEADLOCK_DETECTED


def is_collision(error: DatabaseError, model: type[models.Model]) -> bool:
    """Whether somebody else stored a row first that a unique rule of `model` lets be only once.

    PostgreSQL names the rule. On SQLite, which has one writer at a time, nobody is faster.
    """
    rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    return isinstance(error, IntegrityError) and rule in {rule.name for rule in model._meta.constraints}


# All writers lock in one order (`crm.writing.locks`), except for links that are made while they do.
despite_deadlocks = started_again(is_deadlock)
