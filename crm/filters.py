"""The one filter grammar of UI, REST and MCP: JSON rules and groups, checked all at once, as a condition.

A rule is `{"field", "operator", "value"}`; a list of rules is AND; `{"any": […]}` and `{"all": […]}`
nest. Everything wrong with a whole tree is raised together, each issue at its own path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Q
from rapidfuzz import process

from crm.catalog import Catalog, Field
from crm.entities import ENTITIES, Entity
from crm.field_types.base import Context, Json
from crm.field_types.choices import find_user
from crm.operators import OPERATORS, Takes, comparison
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.ids import find_uuid

DEPTH_LIMIT = 4
RULES_LIMIT = 50
OPERANDS_LIMIT = 500
DAYS_LIMIT = 36_500

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


def unknown_field(catalog: Catalog, name: Json, path: str) -> Issue:
    """The issue of a filter or sort that names no field, with the nearest names and their operators."""
    names = [field.name for field in catalog.fields.values() if field.operators]
    labels = {field.label: field.name for field in catalog.custom.values()}
    text = name if isinstance(name, str) else ""
    close = [labels.get(match, match) for match, _, _ in process.extract(text, [*names, *labels], limit=3)]
    near = list(dict.fromkeys(close)) if text else []
    hint = {n: list(catalog.fields[n].operators) for n in near if n in catalog.fields}
    return Issue(
        path, "unknown_field", {"field": text[:80], "allowed": names, "nearest": near[:1], "operators": hint}
    )


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
            for missing in ids.keys() - set(rows.values_list("pk", flat=True)):
                for path in ids[missing]:
                    self._refuse(path, "unknown_record", entity=target, id=str(missing))

    def _joined(self, items: Sequence[Json], path: str, kind: str, *, depth: int) -> Q:
        if not items:
            self._refuse(path, "empty_group", example={kind: EXAMPLE} if depth else EXAMPLE)
        condition = Q()
        for position, item in enumerate(items):
            part = self._node(item, f"{path}[{position}]", depth=depth + 1)
            condition = condition | part if kind == "any" else condition & part
        return condition

    def _node(self, raw: Json, path: str, *, depth: int) -> Q:
        if not isinstance(raw, dict):
            self._refuse(path, "wrong_type", expected="a rule or a group", example=EXAMPLE[0])
            return Q()
        for kind in ("any", "all"):
            if kind in raw:
                return self._group(raw, kind, path, depth=depth)
        return self._rule(raw, path)

    def _group(self, raw: dict[str, Json], kind: str, path: str, *, depth: int) -> Q:
        if depth > DEPTH_LIMIT:
            self._refuse(path, "filter_too_deep", limit=DEPTH_LIMIT)
            return Q()
        if len(raw) > 1 or not isinstance(raw[kind], list):
            self._refuse(path, "wrong_type", expected="one list of rules", example={kind: EXAMPLE})
            return Q()
        return self._joined(raw[kind], f"{path}.{kind}", kind, depth=depth)

    def _rule(self, raw: dict[str, Json], path: str) -> Q:
        self.rules += 1
        if self.rules > RULES_LIMIT:
            if self.rules == RULES_LIMIT + 1:
                self._refuse("filters", "too_many_rules", limit=RULES_LIMIT)
            return Q()
        for name in sorted(raw.keys() - {"field", "operator", "value"}):
            self._refuse(f"{path}.{name}", "unknown_argument", allowed=["field", "operator", "value"])
        named = raw.get("field")
        found = self.catalog.find(named) if isinstance(named, str) else None
        if found is None or not found.operators:
            self.issues.append(unknown_field(self.catalog, named, f"{path}.field"))
            return Q()
        operator = raw.get("operator")
        if operator not in found.operators:
            self._refuse_operator(found, operator, f"{path}.operator")
            return Q()
        return self._condition(found, operator, raw, f"{path}.value")

    def _refuse_operator(self, found: Field, operator: Json, path: str) -> None:
        text = operator if isinstance(operator, str) else ""
        near = process.extractOne(text, found.operators, score_cutoff=60) if text else None
        params = {"field": found.name, "operator": text[:40], "allowed": list(found.operators)}
        self.issues.append(Issue(path, "unknown_operator", params | ({"nearest": near[0]} if near else {})))

    def _condition(self, found: Field, operator: str, raw: dict[str, Json], path: str) -> Q:
        takes, value = OPERATORS[operator], raw.get("value")
        if not self._fits(takes, operator, value, path, given="value" in raw):
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
        return found.type.compare(found.index, operator, operands)

    def _fits(self, takes: Takes, operator: str, value: Json, path: str, *, given: bool) -> bool:
        many = isinstance(value, list)
        fits = {
            Takes.NOTHING: value is None,
            Takes.ONE: given and value is not None and not many,
            Takes.MANY: many and 0 < len(value or []) <= OPERANDS_LIMIT,
            Takes.TWO: many and len(value or []) == 2,
            Takes.DAYS: type(value) is int and 0 <= value <= DAYS_LIMIT,
            Takes.MAYBE_MANY: (value is None and not given)
            or (many and 0 < len(value or []) <= OPERANDS_LIMIT),
        }[takes]
        if not fits:
            code = "empty_list" if many and not value else "wrong_operand"
            self._refuse(path, code, operator=operator, expected=takes.value)
        return fits

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
