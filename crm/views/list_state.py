"""What a list shows, as its address says it: search, filters, sort, columns, page.

    ?q=ada&f1=stage&o1=in&v1=<id>&v1=<id>&sort=-totalValue&cols=name,stage&size=50&page=2

Plain form fields on purpose: a filter form works without JavaScript, and every state can be linked,
bookmarked and gone back to.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from crm.catalog import Catalog, Field
from crm.entities import Entity
from crm.field_types import ChoiceType, CurrencyType, Json, NumberType
from crm.field_types.choices import CodeType
from crm.field_types.dates import RangeType
from crm.operators import OPERATORS, Takes
from crm.queries import ListQuery
from crm.setup import CompanySetup
from crm.views.editors import currency_of, typed_number
from crm.views.faces import Look
from customermates.kernel.errors import ValidationFailed

SIZES = (25, 50, 100)
DEFAULT_SIZE = 50
CUSTOM_COLUMNS_SHOWN = 2  # of those a company added, while nobody chose columns
_RULE = re.compile(r"f([1-9]\d?)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One filter rule as the address has it."""

    number: int  # "f3" is number 3
    field: str
    operator: str
    values: tuple[str, ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The parameters that say this rule."""
        n = self.number
        return [(f"f{n}", self.field), (f"o{n}", self.operator), *((f"v{n}", value) for value in self.values)]


@dataclass(frozen=True)
class ListState:
    """The state of one list, read from an address."""

    look: Look
    entity: Entity
    params: QueryDict

    @property
    def setup(self) -> CompanySetup:
        """The company's setup."""
        return self.look.setup

    @property
    def search(self) -> str:
        """The words searched for."""
        return self.params.get("q", "").strip()[:1_000]

    @property
    def size(self) -> int:
        """Rows on a page."""
        text = self.params.get("size", "")
        return int(text) if text.isascii() and text.isdigit() and int(text) in SIZES else DEFAULT_SIZE

    @property
    def page(self) -> int:
        """The number of the page, from 1."""
        text = self.params.get("page", "")
        return max(1, int(text)) if text.isascii() and text.isdigit() and len(text) < 9 else 1

    @property
    def after(self) -> str:
        """The cursor to go on after, beyond numbered pages."""
        return self.params.get("after", "")

    @cached_property
    def sort(self) -> list[tuple[str, bool]]:
        """(field, whether descending), the first one first; empty is the entity's own order."""
        names = [name for name in self.params.get("sort", "").split(",") if name.strip("-")]
        return [(name.removeprefix("-"), name.startswith("-")) for name in names]

    @property
    def order(self) -> list[tuple[str, bool]]:
        """The sort in force: the one asked for, else the entity's own."""
        name, direction = self.entity.sort
        return self.sort or [(name, direction == "desc")]

    @cached_property
    def rules(self) -> list[Rule]:
        """The filter rules in the order of their numbers; a field without an operator is none yet."""
        numbers = sorted(int(found[1]) for name in self.params if (found := _RULE.fullmatch(name)))
        rules = (
            Rule(
                n,
                self.params.get(f"f{n}", ""),
                self.params.get(f"o{n}", ""),
                tuple(self.params.getlist(f"v{n}")),
            )
            for n in numbers
        )
        return [rule for rule in rules if rule.field and rule.operator]

    @cached_property
    def fields(self) -> list[Field]:
        """The columns shown after the name, in order; names that mean nothing any more are passed over."""
        catalog = self.setup.catalog(self.entity)
        if chosen := self.params.get("cols"):
            found = [catalog.find(name) or by_relation(catalog, name) for name in chosen.split(",")]
        else:
            found = self._usual_fields(catalog)
        return list({field.name: field for field in found if field and field.name != "name"}.values())

    def _usual_fields(self, catalog: Catalog) -> list[Field | None]:
        """What programs get by default, but for what a page shows anyway: a currency, a stage's kind."""
        names = [name for name in self.entity.columns if name != "id"]
        own = [catalog.find(name) or by_relation(catalog, name) for name in names]
        shown = [field for field in own if field and not _is_told_otherwise(field)]
        return [*shown[:-1], *list(catalog.custom.values())[:CUSTOM_COLUMNS_SHOWN], *shown[-1:]]

    def query(self) -> ListQuery:
        """The state as `queries.list_records` takes it."""
        sort = [{"field": name, "direction": "desc" if desc else "asc"} for name, desc in self.sort]
        return ListQuery(
            filters=[self._rule(rule, f"filters[{n}].value") for n, rule in enumerate(self.rules)] or None,
            search=self.search or None,
            sort=sort or None,
            page=None if self.after else self.page,
            page_size=self.size,
            cursor=self.after or None,
        )

    def url(self, **changes: str | None) -> str:
        """The address of this list with `changes`, back at page one."""
        pairs = self.hidden(*changes)
        pairs += [(name, value) for name, value in changes.items() if value]
        return f"?{urlencode(pairs)}" if pairs else "?"

    def sort_url(self, name: str) -> str:
        """The address that sorts by `name`, or the other way round when it does already."""
        return self.url(sort=f"-{name}" if self.order[0] == (name, False) else name)

    def without_rule(self, rule: Rule) -> str:
        """The address without one rule."""
        return self.url(**{f"{part}{rule.number}": None for part in "fov"})

    def without_rules(self) -> str:
        """The address without any rule."""
        return self.url(**{f"{part}{rule.number}": None for rule in self.rules for part in "fov"})

    def hidden(self, *left_out: str) -> list[tuple[str, str]]:
        """The parameters that a form of this list carries along, so that it changes only its own."""
        dropped = {"page", "after", "panel", *left_out}
        return [(k, v) for k in self.params for v in self.params.getlist(k) if v and k not in dropped]

    @property
    def hidden_for_search(self) -> list[tuple[str, str]]:
        """What the search form carries along."""
        return self.hidden("q")

    @property
    def hidden_for_columns(self) -> list[tuple[str, str]]:
        """What the column chooser carries along."""
        return self.hidden("cols")

    @property
    def default_columns_url(self) -> str:
        """The address with the usual columns."""
        return self.url(cols=None)

    @property
    def filter_url(self) -> str:
        """The address that shows the filter form."""
        return self.url(panel="filter")

    def _rule(self, rule: Rule, path: str) -> dict[str, Json]:
        takes = OPERATORS.get(rule.operator, Takes.ONE)
        field = self.setup.catalog(self.entity).find(rule.field)
        raw: dict[str, Any] = {"field": rule.field, "operator": rule.operator}
        try:
            values = [self._value(field, text) for text in rule.values if text.strip()]
        except ValidationFailed as error:
            raise ValidationFailed(*(issue.below(path) for issue in error.issues)) from error
        if takes is Takes.NOTHING or (takes is Takes.MAYBE_MANY and not values):
            return raw
        if takes is Takes.DAYS:
            return {**raw, "value": int(values[0]) if values and values[0].isdecimal() else None}
        if takes is Takes.ONE:
            one = (
                ",".join(values) if field and isinstance(field.type, RangeType) else next(iter(values), None)
            )
            return {**raw, "value": one}
        return {**raw, "value": values}

    def _value(self, field: Field | None, text: str) -> str:
        if field is None or not isinstance(field.type, NumberType):
            return text
        is_money = isinstance(field.type, CurrencyType)
        return typed_number(text, self.look, currency=currency_of(field, "") if is_money else None)


def _is_told_otherwise(field: Field) -> bool:
    is_derived = isinstance(field.type, ChoiceType) and field.own is not None and not field.own.writable
    return is_derived or isinstance(field.type, CodeType)


def by_relation(catalog: Catalog, name: str) -> Field | None:
    """The relation that answers call `name`: "organizations" for organizationIds."""
    return next((f for f in catalog.relations.values() if f.relation and f.relation.name == name), None)
