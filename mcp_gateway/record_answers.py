"""Records and receipts as agents read them: flat, labelled, notes fenced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm.catalog import Field
from crm.entities import Entity
from crm.presenters import Presenter, Row, present, readable
from crm.services import Receipt, Written
from crm.setup import CompanySetup, column_type
from customermates.kernel.errors import Issue
from customermates.kernel.jsontext import dumps
from customermates.kernel.nearest import nearest
from mcp_gateway.answers import DEFAULT_BUDGET, estimated_tokens, fenced, fitted
from mcp_gateway.arguments import BadArguments

_ALWAYS = ("id", "version")


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
            {name: self._cell(name, row, references.get(row["id"], {})) for name in self.names}
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
            **references[row["id"]],
            "custom": presenter.custom_by_label(row),
            "customFieldValues": presenter.custom_values(row),
        }
        for row in rows
    ]


def receipt(done: Receipt, *, undo: str) -> dict[str, Any]:
    """What a write did, row by row, with the change set that holds it together and the way back."""
    answer: dict[str, Any] = {"records": [_written(row, done) for row in done.rows]}
    if done.dry_run:
        answer |= {"dryRun": True, "note": "Nothing was changed."}
    elif all(row.outcome == "unchanged" for row in done.rows):
        answer |= {"note": "Nothing differed from what is stored, so nothing was written."}
    else:
        answer |= {"changeSetId": done.change_set, "undo": undo}
    return fitted(answer if _fits(answer) else _without_values(answer), "records")


def _fits(answer: Mapping[str, Any]) -> bool:
    return estimated_tokens(dumps(answer)) <= DEFAULT_BUDGET


def _without_values(answer: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt of many rows: each still has its id and version, which nothing else would tell."""
    records = [{**row, "changed": list(row["changed"])} for row in answer["records"]]
    said = f"{answer['note']} " if "note" in answer else ""
    note = f"{said}Values are left out to keep to {DEFAULT_BUDGET} tokens; fewer rows show them."
    return {**answer, "records": records, "note": note}


def _written(row: Written, done: Receipt) -> dict[str, Any]:
    changed = {
        name: {"before": _cut(change["previous"]), "after": _cut(change["current"])}
        for name, change in row.changes.items()
    }
    invented = done.dry_run and row.outcome == "created"  # an id that will never exist would mislead
    shown = {
        "id": None if invented else row.record.pk,
        "name": row.record.title,
        "version": row.record.version,
    }
    return {**shown, "outcome": row.outcome, "changed": changed}


def _cut(value: Any) -> Any:
    """Long texts end early in a receipt: whoever wrote them knows them, and the record has them."""
    return (
        f"{value[:200]}… ({len(value)} characters)" if isinstance(value, str) and len(value) > 240 else value
    )


def _with_fenced_notes(own: dict[str, Any]) -> dict[str, Any]:
    return {**own, "notes": fenced(own["notes"])} if own.get("notes") else own


def _named(reference: Mapping[str, Any]) -> str:
    if "firstName" in reference:
        return f"{reference['firstName']} {reference['lastName']}".strip() or str(reference.get("email", ""))
    return str(reference["name"])
