"""The one filter grammar of UI, REST and MCP: JSON rules and groups, checked all at once, as a condition.

A rule is `{"field", "operator", "value"}`; a list of rules is AND; `{"any": […]}` and `{"all": […]}`
nest. Everything wrong with a whole tree is raised together, each issue at its own path.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm.catalog import Catalog, Field
from crm.entities import ENTITIES, Entity
from crm.field_types.choices import find_user
from crm.field_types.field_type import Context, Json
from crm.missing import in_trash, unknown_record
from crm.operator_words import asks_for_no_value, meant
from crm.operators import OPERATORS, Takes, comparison
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.nearest import nearest

DEPTH_LIMIT = 4
RULES_LIMIT = 50
OPERANDS_LIMIT = 500
DAYS_LIMIT = 36_500
_DAYS = re.compile(r"\d{1,5}", re.ASCII)

_RULE = ("field", "operator", "value")
_GROUPS = {"or": "any", "anyof": "any", "some": "any", "and": "all", "allof": "all", "every": "all"}

EXAMPLE = [{"field": "name", "operator": "contains", "value": "engines"}]


def filter_condition(setup: CompanySetup, entity: Entity, raw: Json) -> Q:
    """The condition that `raw` puts on records of `entity`; ValidationFailed tells every issue.

    Paths start at "filters". None and [] are no condition.
    """
    if raw is None or raw == []:
        return Q()
    reader = _Reader(setup, setup.catalog(entity))
    condition = reader.tree(raw)
    reader.check_relations()
    ValidationFailed.raise_if(reader.issues)
    return condition


def filterable(catalog: Catalog) -> list[str]:
    """The names of all fields that rules may be about."""
    return [field.name for field in catalog.fields.values() if field.operators]


def unknown_field(catalog: Catalog, name: Json, path: str) -> Issue:
    """The issue of a filter or sort that names no field, with the nearest names and their operators."""
    names = filterable(catalog)
    labels = {field.label: field.name for field in catalog.custom.values()}
    text = name if isinstance(name, str) else ""
    near = nearest(text, [*names, *labels])
    params: dict[str, object] = {"field": text[:80], "allowed": names}
    if near and (found := catalog.fields.get(labels.get(near, near))):
        params |= {"nearest": found.name, "hint": f"Its operators: {', '.join(found.operators)}."}
    return Issue(path, "unknown_field", params)


@dataclass(slots=True)
class _Reader:
    """Walks a tree once, gathering issues and the relation ids to be checked."""

    setup: CompanySetup
    catalog: Catalog
    issues: list[Issue] = field(default_factory=list)
    rules: int = 0
    _targets: dict[str, dict[UUID, list[str]]] = field(default_factory=dict)  # entity → id → paths

    def tree(self, raw: Json) -> Q:
        """The condition of the whole tree."""
        if isinstance(raw, dict):
            return self._node(raw, "filters", depth=1)
        if not isinstance(raw, list):
            self._refuse("filters", "wrong_type", expected="a list of rules", example=EXAMPLE)
            return Q()
        return self._joined(raw, "filters", "all", depth=0)

    def check_relations(self) -> None:
        """Add an issue for each relation id that is absent or invisible: both look alike."""
        for target, ids in self._targets.items():
            entity = ENTITIES.get(target)
            rows = entity.model.objects.visible_to(self.setup.actor).filter(pk__in=ids)
            missing = ids.keys() - set(rows.values_list("pk", flat=True))
            trash = in_trash(self.setup.actor, entity, missing) if missing else ()
            for pk in missing:
                self.issues += [unknown_record(entity, str(pk), p, trash=pk in trash) for p in ids[pk]]

    def _joined(self, items: Sequence[Json], path: str, kind: str, *, depth: int) -> Q:
        if not items and self._counts():
            self._refuse(path, "empty_group", example=EXAMPLE)
        condition = Q()
        for position, item in enumerate(items):
            if self.rules > RULES_LIMIT:
                break
            part = self._node(item, f"{path}[{position}]", depth=depth + 1)
            condition = condition | part if kind == "any" else condition & part
        return condition

    def _node(self, raw: Json, path: str, *, depth: int) -> Q:
        kind = next((kind for kind in ("any", "all") if kind in raw), None) if isinstance(raw, dict) else None
        if kind and depth <= DEPTH_LIMIT and len(raw) == 1 and isinstance(raw[kind], list):
            return self._joined(raw[kind], f"{path}.{kind}", kind, depth=depth)
        if not self._counts():
            return Q()
        if kind and depth > DEPTH_LIMIT:
            self._refuse(path, "filter_too_deep", limit=DEPTH_LIMIT, example=EXAMPLE[0])
        elif kind:
            self._refuse(path, "wrong_type", expected="one list of rules", example={kind: EXAMPLE})
        elif isinstance(raw, dict):
            return self._rule(raw, path)
        else:
            self._refuse(path, "wrong_type", expected="a rule or a group", example=EXAMPLE[0])
        return Q()

    def _counts(self) -> bool:
        """Whether one more rule, or what stands in its place, is read: of a huge tree only the start is."""
        self.rules += 1
        if self.rules == RULES_LIMIT + 1:
            self._refuse("filters", "too_many_rules", limit=RULES_LIMIT)
        return self.rules <= RULES_LIMIT

    def _rule(self, raw: dict[str, Json], path: str) -> Q:
        unknown = sorted(raw.keys() - set(_RULE))
        for name in unknown:
            self._refuse_name(name, path)
        if unknown and not raw.keys() & set(_RULE):
            return Q()  # a group by another name, which is no rule without a field
        named = raw.get("field")
        found = self.catalog.find(named) if isinstance(named, str) else None
        if found is None:
            self.issues.append(unknown_field(self.catalog, named, f"{path}.field"))
            return Q()
        if not found.operators:
            allowed = filterable(self.catalog)
            self._refuse(f"{path}.field", "not_filterable", field=found.name, allowed=allowed)
            return Q()
        operator = raw.get("operator")
        if operator not in found.operators:
            self._refuse_operator(found, operator, f"{path}.operator")
            return Q()
        return self._condition(found, operator, raw, f"{path}.value")

    def _refuse_name(self, name: str, path: str) -> None:
        allowed = [*_RULE, "any", "all"]
        near = _GROUPS.get(name.lower().lstrip("$|&")) or nearest(name, allowed)
        hint = _("A rule has field, operator and value; a group has any or all, with a list of rules.")
        params: dict[str, object] = {"allowed": allowed, "hint": hint, **({"nearest": near} if near else {})}
        self._refuse(f"{path}.{name[:80]}", "unknown_argument", **params)

    def _refuse_operator(self, found: Field, operator: Json, path: str) -> None:
        text = operator if isinstance(operator, str) else ""
        params: dict[str, object] = {"field": found.name, "allowed": list(found.operators)}
        if near := meant(text, found.operators):
            params["nearest"] = near
            if asks_for_no_value(text, near):
                params["hint"] = _("Send %(operator)s without a value.") % {"operator": near}
        self.issues.append(Issue(path, "unknown_operator", params))

    def _condition(self, found: Field, operator: str, raw: dict[str, Json], path: str) -> Q:
        takes, value = OPERATORS[operator], raw.get("value")
        if takes is Takes.DAYS and isinstance(value, str) and _DAYS.fullmatch(value.strip()):
            value = int(value)  # a number is understood as text everywhere else, too
        if not _fits(takes, value, given="value" in raw):
            code = "empty_list" if value == [] else "wrong_operand"
            self._refuse(
                path, code, operator=operator, expected=takes.value, **_sample(found, operator, takes)
            )
            return Q()
        assert found.index is not None, "a field with operators has an index"
        if takes is Takes.NOTHING or value is None:
            kind = found.type
            return kind.compare(found.index, operator, None) if kind else _plain(found, operator, None)
        if found.relation:
            return _plain(found, operator, self._related(found, value, path))
        operands = self._operands(found, operator, value, path)
        if operands is None or found.type is None:
            return Q()
        try:
            return found.type.compare(found.index, operator, operands)
        except ValidationFailed as error:
            self.issues += [issue.below(path) for issue in error.issues]
            return Q()

    def _operands(self, found: Field, operator: str, value: Json, path: str) -> Any:
        """The rule's operand or operands as the index compares them; None when one is wrong."""
        many = isinstance(value, list)
        operands = []
        for position, item in enumerate(value if many else [value]):
            try:
                operands.append(found.type.operand(item, operator, self._context) if found.type else item)
            except ValidationFailed as error:
                below = f"{path}[{position}]" if many else path
                self.issues += [issue.below(below) for issue in error.issues]
        if len(operands) < (len(value) if many else 1):
            return None
        return operands if many else operands[0]

    def _related(self, found: Field, value: list[Json], path: str) -> list[UUID]:
        relation = found.relation
        assert relation is not None
        ids: list[UUID] = []
        for position, item in enumerate(value):
            below = f"{path}[{position}]"
            if relation.target == "user":
                ids += self._user(item, below)
            elif identity := find_uuid(item):
                ids.append(identity)
                self._targets.setdefault(relation.target, {}).setdefault(identity, []).append(below)
            else:
                self._refuse(below, "unknown_record", entity=relation.target, id=str(item)[:80])
        return ids

    def _user(self, item: Json, path: str) -> Iterator[UUID]:
        try:
            yield find_user(item, self._context)
        except ValidationFailed as error:
            self.issues += [issue.below(path) for issue in error.issues]

    @property
    def _context(self) -> Context:
        return self.setup.context

    def _refuse(self, path: str, code: str, **params: object) -> None:
        self.issues.append(Issue(path, code, params))


def _plain(found: Field, operator: str, operand: Any) -> Q:
    assert found.index is not None
    return comparison(operator)(found.index, operand)


def _fits(takes: Takes, value: Json, *, given: bool) -> bool:
    """Whether `value` has the shape that an operator takes; what it holds is the field type's to judge."""
    some = isinstance(value, list) and 0 < len(value) <= OPERANDS_LIMIT
    return {
        Takes.NOTHING: value is None,
        Takes.ONE: value is not None and not isinstance(value, list),
        Takes.MANY: some,
        Takes.TWO: some and len(value) == 2,
        Takes.DAYS: type(value) is int and 0 <= value <= DAYS_LIMIT,
        Takes.MAYBE_MANY: some or not given,
    }[takes]


def _sample(found: Field, operator: str, takes: Takes) -> dict[str, Json]:
    """`{"example": …}`: a value that this rule would accept; nothing where only ids of records would do."""
    if takes is Takes.DAYS:
        return {"example": 7}
    if takes is Takes.NOTHING or found.type is None:
        return {}
    one = found.type.operand_example(operator)
    return {"example": {Takes.ONE: one, Takes.TWO: [one, one]}.get(takes, [one])}
