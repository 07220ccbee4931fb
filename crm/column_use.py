"""Which custom columns hold values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Exists

from accounts.actor import Actor
from accounts.models import Company
from crm.catalog import column_type, custom_index
from crm.entities import ENTITIES
from crm.models import CustomColumn


def columns_in_use(
    actor: Actor, columns: Sequence[CustomColumn], *, beside: Collection[UUID] = ()
) -> set[UUID]:
    """The ids of those of `columns` in which a record that the actor sees has a value. One query.

    The records of `beside` do not count.
    """
    if not columns:
        return set()
    asked = {f"column_{place}": _has_values(actor, column, beside) for place, column in enumerate(columns)}
    [answers] = Company.objects.filter(pk=actor.company_id).values_list(*asked.values())
    return {column.pk for column, answer in zip(columns, answers, strict=True) if answer}


def _has_values(actor: Actor, column: CustomColumn, beside: Collection[UUID]) -> Exists:
    rows = ENTITIES.get(column.entity).model.objects.visible_to(actor)
    index = custom_index(column, column_type(column))
    return Exists(rows.exclude(pk__in=beside).filter(~index.missing()))
