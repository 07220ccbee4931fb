"""Records and receipts as agents read them: flat, labelled, notes fenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from crm.catalog import Field, column_type
from crm.entities import ENTITIES, Entity, Relation
from crm.presenters import Presenter, Row, present, readable
from crm.services import Receipt, Written
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.nearest import nearest
from mcp_gateway.answers import DEFAULT_BUDGET, clipped, fenced, tokens_of
from mcp_gateway.arguments import BadArguments
from mcp_gateway.record_arguments import CALL_ROWS_LIMIT
from mcp_gateway.undo import line_changes, needs_values, way_back

_ALWAYS = ("id", "version")
_CELL = 300  # characters of a text in a list
_LINKS = 50  # linked records of one relation, and items of one cell
_IN_RECEIPT = 200  # characters


class Columns:
    """The columns of a list: chosen by name, rendered cell by cell."""

    def __init__(self, setup: CompanySetup, entity: Entity, names: Sequence[str] | None) -> None:
        self.setup, self.entity = setup, entity
        self.presenter = Presenter(setup, entity)
        self._catalog = setup.catalog(entity)
        self._relations = {
            field.relation.name: field for field in self._catalog.relations.values() if field.relation
        }
        # A relation that the key may not read is no column of a default list either.
        self.names = self._checked(names) if names else [n for n in entity.columns if self._known(n)]

    def attrs(self) -> list[str]:
        """The model attributes that these columns need."""
        own = [found.own.attr for name in self.names if (found := self._catalog.own.get(name)) and found.own]
        return ["id", "version", *own, "custom"]

    def records(self, rows: Sequence[Row]) -> list[dict[str, Any]]:
        """One dict for each row, by column."""
        wanted = {name for name in self.names if name in self._relations}
        wanted |= {
            f.relation.name for name in self.names if (f := self._catalog.relations.get(name)) and f.relation
        }
        references = self.presenter.references(rows, wanted) if wanted else {}
        return [
            {
                name: clipped(self._cell(name, row, references.get(row["id"], {})), _CELL, _LINKS)
                for name in self.names
            }
            for row in rows
        ]

    def _cell(self, name: str, row: Row, references: Mapping[str, Any]) -> Any:
        if name in _ALWAYS:
            return row[name]
        if own := self._catalog.own.get(name):
            value = present(own, row)
            return fenced(value) if name == "notes" and value else value
        if name in self._relations:
            return [_named(reference) for reference in references[name]]
        if (found := self._catalog.relations.get(name)) and found.relation:
            return [reference["id"] for reference in references[found.relation.name]]
        return self._custom(self._catalog.find_custom(name), row)

    def _custom(self, found: Field | None, row: Row) -> Any:
        assert found is not None
        assert found.column is not None
        stored = row["custom"].get(str(found.column.number))
        return None if stored is None else readable(self.setup, found, column_type(found.column).load(stored))

    def _known(self, name: str) -> bool:
        return name in _ALWAYS or name in self._relations or self._catalog.find(name) is not None

    def _checked(self, names: Sequence[str]) -> list[str]:
        allowed = [
            *_ALWAYS,
            *self._catalog.own,
            *self._relations,
            *self._catalog.relations,
            *self._catalog.custom,
        ]
        issues = []
        for position, name in enumerate(names):
            if not self._known(name):
                params = {"allowed": allowed, "nearest": nearest(name, allowed)}
                issues.append(Issue(f"fields[{position}]", "unknown_field", params))
        if issues:
            raise BadArguments(*issues)
        return list(dict.fromkeys(names))


def details(setup: CompanySetup, entity: Entity, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Everything about each row: own fields flat, references, custom values by label and by id."""
    presenter = Presenter(setup, entity)
    references = presenter.references(rows)
    return [
        {
            "entity": entity.name,
            **_with_fenced_notes(presenter.own(row)),
            **_few_references(entity, row, references[row["id"]]),
            "custom": presenter.custom_by_label(row),
            "customFieldValues": presenter.custom_values(row),
        }
        for row in rows
    ]


def _few_references(entity: Entity, row: Row, references: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """The first references of each relation, the number of the others, and how to list them."""
    shown: dict[str, Any] = {}
    hints = []
    for relation in entity.relations.values():
        linked = references.get(relation.name)
        if linked is None:
            continue
        shown[relation.name] = linked[:_LINKS]
        if len(linked) > _LINKS:
            shown[f"{relation.name}LeftOut"] = len(linked) - _LINKS
            hints += _way_to_all(entity, row, relation)
    return {**shown, "note": " ".join(hints)} if hints else shown


def _way_to_all(entity: Entity, row: Row, relation: Relation) -> list[str]:
    target = ENTITIES.find(relation.target)
    back = [name for name, r in target.relations.items() if r.target == entity.name] if target else []
    if not target or not back:
        return []
    rule = {"field": back[0], "operator": "in", "value": [row["id"]]}
    return [f"All {relation.name}: filter_entity {dumps_text({'entity': target.name, 'filters': [rule]})}."]


def receipt(done: Receipt, actor: Actor, entity: Entity) -> dict[str, Any]:
    """What a write did, row by row, with the change set that holds it together and the way back.

    Every row stays, however many there are: nothing else would tell the ids of new records. What was
    there before is told in full as long as it fits: nothing else would bring it back.
    """
    custom = _CustomChanges(CompanySetup(actor), entity, done.rows)
    answer = _receipt(done, entity, custom, before=None)
    if tokens_of(answer) <= DEFAULT_BUDGET:
        return answer
    answer = _receipt(done, entity, custom, before=_IN_RECEIPT)
    if needs_values(done):
        shorter = {**answer, "note": f"{answer.get('note', '')} {_SHORTENED}".lstrip()}
        if tokens_of(shorter) <= DEFAULT_BUDGET:
            return shorter
        answer.pop("undo", None)  # it speaks of values that are left out now
    brief = _without_values(answer)
    return brief if tokens_of(brief) <= DEFAULT_BUDGET else _without_names(answer)


_SHORTENED = "Long texts under before are shortened (… (n characters)): do not write those back."


def _receipt(done: Receipt, entity: Entity, custom: _CustomChanges, *, before: int | None) -> dict[str, Any]:
    """A receipt with all values; texts that were there before end after `before` characters."""
    answer: dict[str, Any] = {"records": [_written(row, done, custom, before) for row in done.rows]}
    lines = line_changes(done, entity)
    if lines and lines.owner is not entity:
        name = lines.relation.written_as
        answer[lines.owner.plural] = [
            {
                "id": row.record.pk,
                "version": row.record.version,
                name: _sides(name, row.changes[name], before),
            }
            for row in lines.rows
        ]
    if done.dry_run:
        return {**answer, "dryRun": True, "note": "Nothing was changed."}
    if not lines and all(row.outcome == "unchanged" for row in done.rows):
        return {**answer, "note": "Nothing differed from what is stored, so nothing was written."}
    return {**answer, "changeSetId": done.change_set, "undo": way_back(done, entity)}


def _without_values(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt of many rows: each with its id, version, outcome and the names of what changed."""
    records = [{**row, "changed": list(row["changed"])} for row in answer["records"]]
    return {**_counted(answer), "records": records, "note": _shortened_note(answer, "Values")}


def _without_names(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt of very many rows: each with its id, version and outcome."""
    records = [{name: row[name] for name in ("id", "version", "outcome")} for row in answer["records"]]
    return {
        **_counted(answer),
        "records": records,
        "note": _shortened_note(answer, "Names and changes"),
    }


def _counted(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt with only the number of the records whose lines changed with its own."""
    lists = [name for name, value in answer.items() if isinstance(value, list) and name != "records"]
    rest = {name: value for name, value in answer.items() if name not in lists}
    return rest | {f"{name}LeftOut": len(answer[name]) for name in lists}


def _shortened_note(answer: Mapping[str, Any], what: str) -> str:
    said = f"{answer['note']} " if "note" in answer else ""
    return f"{said}{what} are left out to keep to {DEFAULT_BUDGET} tokens; fewer rows show them."


class _CustomChanges:
    """Custom values of a receipt by label, with the labels of options and the names of people."""

    def __init__(self, setup: CompanySetup, entity: Entity, rows: Sequence[Written]) -> None:
        self._setup = setup
        self._fields: dict[str, Field] = {}
        pairs = [
            pair
            for row in rows
            if (change := row.changes.get(_CUSTOM))
            for side in ("previous", "current")
            for pair in change[side]
        ]
        if pairs:  # else no column needs to be read
            fields = setup.catalog(entity).custom.values()
            self._fields = {str(field.column.pk): field for field in fields if field.column}
            people = (pair["value"] for pair in pairs if self._is_person(pair["columnId"]))
            setup.people.get_many(UUID(value) for value in people)

    def by_label(self, change: Mapping[str, Any], before: int | None) -> dict[str, dict[str, Any]]:
        """`{label: {before, after}}`; what had no value, or has none, is null."""
        told: dict[str, dict[str, Any]] = {}
        for side, name in (("previous", "before"), ("current", "after")):
            for pair in change[side]:
                field = self._fields.get(pair["columnId"])
                label = field.label if field else pair["columnId"]
                sides = told.setdefault(label, {"before": None, "after": None})
                value = self._readable(field, pair["value"]) if field else pair["value"]
                limit = before if name == "before" else _IN_RECEIPT
                sides[name] = value if limit is None else clipped(value, limit, CALL_ROWS_LIMIT)
        return told

    def _readable(self, field: Field, value: Any) -> Any:
        """Ids as labels and e-mail addresses, which can be written back; the rest as events tell it."""
        if _is_of_people(field):
            users = self._setup.people.get_many([UUID(value)]).values()
            return next((user.email for user in users), value)
        return readable(self._setup, field, value) if hasattr(field.type, "options") else value

    def _is_person(self, column_id: str) -> bool:
        field = self._fields.get(column_id)
        return bool(field and _is_of_people(field))


def _is_of_people(field: Field) -> bool:
    return bool(field.type and field.type.name == "user")


_CUSTOM = "customFieldValues"


def _written(row: Written, done: Receipt, custom: _CustomChanges, before: int | None) -> dict[str, Any]:
    changed = {name: _sides(name, change, before) for name, change in row.changes.items() if name != _CUSTOM}
    if _CUSTOM in row.changes:
        changed["custom"] = custom.by_label(row.changes[_CUSTOM], before)
    invented = done.dry_run and row.outcome == "created"  # an id that will never exist would mislead
    shown = {
        "id": None if invented else row.record.pk,
        "name": row.record.title,
        "version": row.record.version,
    }
    return {**shown, "outcome": row.outcome, "changed": changed}


def _sides(name: str, change: Mapping[str, Any], before: int | None) -> dict[str, Any]:
    """`{before, after}`: whoever wrote a long text knows it, so what it is now ends early."""
    return {
        "before": _told(name, change["previous"], before),
        "after": _told(name, change["current"], _IN_RECEIPT),
    }


def _told(name: str, value: Any, limit: int | None) -> Any:
    """A value before or after; notes are fenced here as everywhere."""
    if isinstance(value, str):
        value = value if limit is None else clipped(value, limit, 0)
        return fenced(value) if name == "notes" and value else value
    return value


def _with_fenced_notes(own: dict[str, Any]) -> dict[str, Any]:
    return {**own, "notes": fenced(own["notes"])} if own.get("notes") else own


def _named(reference: Mapping[str, Any]) -> str:
    if "firstName" in reference:
        return f"{reference['firstName']} {reference['lastName']}".strip() or str(reference.get("email", ""))
    return str(reference["name"])
