"""Model fields that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from customermates.kernel.folding import KEY_LENGTH


class KeyField(models.CharField):  # type: ignore[type-arg]  # generic to mypy only
    """A folded text that is filtered and sorted by code point.

    SQLite compares bytes by default; PostgreSQL needs collation C for the same order.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("max_length", KEY_LENGTH)
        options.setdefault("editable", False)
        super().__init__(**options)

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters
