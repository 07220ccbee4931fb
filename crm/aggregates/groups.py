"""Aggregates: visible records that match a filter, grouped and measured in one query.

The ORM selects the records, from `visible_to` on, and each set of links. What is written here joins and
groups them, which it cannot do over links that no field of a record leads to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from accounts.actor import Actor
from crm.aggregates.keys import GroupKey, Shown
from crm.aggregates.measures import Measure
from crm.aggregates.reading import read_keys, read_measures
from crm.entities import Entity
from crm.field_types import Json
from crm.field_types.field_type import Gathered
from crm.queries import ListQuery, matching
from crm.setup import CompanySetup
from customermates.kernel.folding import folded_key

GROUPS_LIMIT = 1_000

_CURRENCY = "currency"

Cells = Sequence[Any]  # one row of the answer


@dataclass(frozen=True, slots=True, kw_only=True)
class AggregateQuery:
    """What is asked, as JSON brought it; every part may be absent."""

    filters: Json = None
    search: Json = None
    group_by: Json = None
    measures: Json = None


@dataclass(frozen=True, slots=True)
class Group:
    """Records that have the same keys."""

    keys: Sequence[Shown | None]  # None where they have no value
    currency: str | None  # of their own amounts; None when none of these is asked for
    values: Sequence[Decimal | int | None]  # of each measure; None for the average or extreme of nothing


@dataclass(frozen=True, slots=True)
class Aggregate:
    """Groups in the order of their keys: the values' own where they have one, else the largest first."""

    keys: Sequence[GroupKey]
    measures: Sequence[Measure]
    groups: Sequence[Group]
    is_complete: bool  # else these are the GROUPS_LIMIT groups whose first measure is largest


def aggregate_records(
    actor: Actor, entity: Entity, query: AggregateQuery, *, setup: CompanySetup | None = None
) -> Aggregate:
    """Visible records that match, grouped and measured.

    A record that has several values of a key is in the group of each. Amounts are never added up across
    currencies: a measure of own money makes the currency one more key. ValidationFailed tells all that
    is wrong at once, below "filters", "searchTerm", "groupBy" and "measures".
    """
    actor.require("read", entity.resource)
    setup, gathered = setup or CompanySetup(actor), Gathered()
    catalog = setup.catalog(entity)
    found = ListQuery(filters=query.filters, search=query.search)
    rows = gathered.read(lambda: matching(setup, entity, found))
    keys = gathered.read(lambda: read_keys(setup, catalog, query.group_by), [])
    measures = gathered.read(lambda: read_measures(catalog, query.measures), [])
    gathered.done()
    question = _Question(keys, measures)
    cells = question.ask(rows)
    groups = question.groups(cells[:GROUPS_LIMIT])
    return Aggregate(keys, measures, _in_order(groups), len(cells) <= GROUPS_LIMIT)


class _Question:
    """The query of an aggregate, and what its cells mean."""

    def __init__(self, keys: Sequence[GroupKey], measures: Sequence[Measure]) -> None:
        self.keys, self.measures = keys, measures
        is_named = any(key.field == _CURRENCY for key in keys)
        self.by_currency = not is_named and any(measure.is_own_money for measure in measures)

    def ask(self, rows: Any) -> list[Cells]:
        """The cells of up to GROUPS_LIMIT + 1 groups, those with the largest first measure."""
        joins = [self._join(n, key) for n, key in enumerate(self.keys) if key.pairs is not None]
        try:
            base, params = self._selected(rows).query.sql_with_params()
        except EmptyResultSet:  # the filter cannot match: no database needs to be asked
            return [] if self._by() else [self._nothing()]
        sql = (
            f"SELECT {', '.join([*self._by(), *self._measured()])} FROM ({base}) r"  # noqa: S608 - names of ours
            f"{''.join(sql for sql, _ in joins)}"
            f"{' GROUP BY ' + ', '.join(self._by()) if self._by() else ''}"
            f" ORDER BY {self.measures[0].largest_first('r.m0')} LIMIT {GROUPS_LIMIT + 1}"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*params, *(param for _, those in joins for param in those)])
            return list(cursor.fetchall())

    def groups(self, found: Sequence[Cells]) -> list[Group]:
        """The groups that the cells tell."""
        shown = [key.show({cells[n] for cells in found} - {None}) for n, key in enumerate(self.keys)]
        return [self._group(cells, shown) for cells in found]

    def _selected(self, rows: Any) -> Any:
        """Of each record what keys and measures need: k0, s0, m0 and so on."""
        wanted = {f"k{n}": key.value for n, key in enumerate(self.keys) if key.value is not None}
        wanted |= {f"s{n}": key.spelling for n, key in enumerate(self.keys) if key.spelling is not None}
        wanted |= {f"m{n}": measure.value() for n, measure in enumerate(self.measures) if measure.field}
        more = [_CURRENCY] if self.by_currency else []
        return rows.order_by().annotate(**wanted).values("id", *wanted, *more)

    @staticmethod
    def _join(n: int, key: GroupKey) -> tuple[str, Sequence[Any]]:
        sql, params = key.pairs.query.sql_with_params()
        return f" LEFT JOIN ({sql}) j{n} ON j{n}.source = r.id", params

    def _by(self) -> list[str]:
        """The columns of keys and currency."""
        keys = [f"j{n}.target" if key.pairs is not None else f"r.k{n}" for n, key in enumerate(self.keys)]
        return [*keys, *([f"r.{_CURRENCY}"] if self.by_currency else [])]

    def _measured(self) -> list[str]:
        """The columns of spellings and measures."""
        spellings = [f"MIN(r.s{n})" for n, key in enumerate(self.keys) if key.spelling is not None]
        return [
            *spellings,
            *(cell for n, measure in enumerate(self.measures) for cell in measure.cells(f"r.m{n}")),
        ]

    def _nothing(self) -> Cells:
        """What a database says of no records, when it is not asked for groups."""
        return [0 if cell.startswith("COUNT") else None for cell in self._measured()]

    def _group(self, cells: Cells, shown: Sequence[Mapping[Any, Shown]]) -> Group:
        rest = iter(cells)
        raws = [next(rest) for _ in self.keys]
        currency = next(rest) if self.by_currency else None
        keys: list[Shown | None] = []
        for key, raw, names in zip(self.keys, raws, shown, strict=True):
            spelling = next(rest) if key.spelling is not None else None
            found = None if raw is None else names[raw]
            keys.append(Shown(spelling, spelling) if found and spelling else found)
        values = [measure.read([next(rest) for _ in measure.cells("")]) for measure in self.measures]
        return Group(keys, currency, values)


def _in_order(groups: Sequence[Group]) -> list[Group]:
    """Key after key; a group without a value comes last among its kind."""
    largest: dict[tuple[int, Json], Decimal | int] = {}
    for group in groups:
        size = Decimal("-Infinity") if group.values[0] is None else group.values[0]
        for n, key in enumerate(group.keys):
            if key:
                largest[n, key.value] = max(size, largest.get((n, key.value), size))

    def place(n: int, key: Shown | None) -> tuple[Any, ...]:
        if key is None:
            return (True,)
        if key.rank is not None:
            return False, key.rank
        return False, -largest[n, key.value], folded_key(key.label), key.value

    return sorted(groups, key=lambda g: ([place(n, key) for n, key in enumerate(g.keys)], g.currency or ""))
