"""Step 3 of a write: what callers sent, read and checked into records that are not saved yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm.catalog import Field, column_type
from crm.entities import Entity
from crm.field_types import Json, NumberType, SingleSelectType
from crm.models import CustomColumn, Record
from crm.presenters import present
from crm.setup import CompanySetup
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.nearest import nearest

Values = Mapping[str, Json]  # one row as a caller sent it, by JSON names
Change = dict[str, Json]  # {"previous": …, "current": …}

LABEL_LENGTH = 255  # characters of a column's label, by which a row may name it
LINKS_LIMIT = 500  # ids in one relation array of one row
CUSTOM = ("customFieldValues", "customFields")


@dataclass(slots=True)
class Draft:
    """One record on its way into the database."""

    record: Record
    row: int
    before: dict[str, Any] = field(default_factory=dict)  # stored attributes; empty for a new record
    given: set[str] = field(default_factory=set)  # JSON names that the caller sent
    relations: dict[str, Json] = field(default_factory=dict)  # raw arrays by the name that writes use
    changes: dict[str, Change] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)

    @classmethod
    def of(cls, record: Record, row: int) -> Draft:
        """A draft of a stored record, remembering how it was."""
        record.stored = {f.attname: getattr(record, f.attname) for f in record._meta.concrete_fields}
        return cls(record, row, dict(record.stored))

    @property
    def changed_attrs(self) -> set[str]:
        """Attributes that differ from what is stored."""
        return {name for name, value in self.before.items() if getattr(self.record, name) != value}

    def check_version(self, expected: int | None) -> None:
        """Note it when the record is no longer what the caller saw."""
        current = self.before["version"]
        if expected is not None and expected != current:
            self.refuse("expectedVersion", "stale_version", current=current, sent=expected, example=current)

    def refuse(self, path: str, code: str, **params: object) -> None:
        """Note one issue of this row."""
        self.issues.append(Issue(path, code, params, self.row))


class RowReader:
    """Reads rows into drafts of one entity; everything wrong is noted on the draft."""

    def __init__(self, setup: CompanySetup, entity: Entity) -> None:
        self.setup, self.entity = setup, entity
        self.catalog = setup.catalog(entity)

    def read(self, drafts: Sequence[Draft], rows: Sequence[Values]) -> None:
        """Assign each row to its draft, with defaults and derived fields settled."""
        self.setup.people.prefetch(self._named_people(rows))
        for draft, row in zip(drafts, rows, strict=True):
            self._read_row(draft, row)
            self._settle(draft)

    def _read_row(self, draft: Draft, row: Values) -> None:
        draft.record.custom = dict(draft.record.custom)
        for name, raw in row.items():
            if own := self.catalog.own.get(name):
                self._read_own(draft, own, raw)
            elif name in self.entity.writes:
                self._read_relation(draft, name, raw)
            elif name in CUSTOM:
                self._read_custom(draft, name, raw)
            elif name == "expectedVersion" and draft.before:
                self._read_version(draft, raw)
            elif name in self.entity.switches and draft.before:
                self._read_switch(draft, name, raw)
            else:
                draft.issues.append(self._unknown(name, draft.row))

    def _read_own(self, draft: Draft, found: Field, raw: Json) -> None:
        own, kind = found.own, found.type
        assert own is not None
        assert kind is not None
        if not own.writable:
            draft.refuse(own.name, "read_only", hint=own.advice or None)
            return
        if raw is None and own.empty == []:
            draft.refuse(own.name, "null_list", example=kind.example())
            return
        try:
            value = kind.parse(raw, self.setup.context)
        except ValidationFailed as error:
            draft.issues += [issue.below(own.name).at(row=draft.row) for issue in error.issues]
            draft.given.add(own.name)
            return
        if value is None and own.required:
            draft.refuse(own.name, "required", example=kind.example())
        twin = next(
            (f.name for f in self.entity.fields if f.attr == own.attr and f.name in draft.given), None
        )
        if twin and getattr(draft.record, own.attr) != value:
            draft.refuse(own.name, "contradicts", other=twin)
        setattr(draft.record, own.attr, own.empty if value is None else value)
        draft.given.add(own.name)

    def _read_relation(self, draft: Draft, name: str, raw: Json) -> None:
        if raw is None:
            draft.refuse(name, "null_list", example=[])
        elif not isinstance(raw, list):
            draft.refuse(name, "wrong_type", expected="a list", example=[])
        elif len(raw) > LINKS_LIMIT:
            draft.refuse(name, "too_many_values", limit=LINKS_LIMIT)
        else:
            draft.relations[name] = raw

    def _read_version(self, draft: Draft, raw: Json) -> None:
        if type(raw) is not int:
            draft.refuse("expectedVersion", "wrong_type", expected="a whole number")
        else:
            draft.check_version(raw)

    def _read_switch(self, draft: Draft, name: str, raw: Json) -> None:
        if not isinstance(raw, bool):
            draft.refuse(name, "wrong_type", expected="true or false")
        elif raw:
            draft.given.add(name)

    def _read_custom(self, draft: Draft, name: str, raw: Json) -> None:
        for path, reference, value in self._custom_pairs(draft, name, raw):
            found = self.catalog.find_custom(reference) if isinstance(reference, str) else None
            if found is None or found.column is None:
                where = f"{path}.columnId" if name == "customFieldValues" else path
                draft.refuse(where, "unknown_column", **self._near_columns(reference))
                continue
            try:
                self._assign_custom(draft, found.column, value, path)
            except ValidationFailed as error:
                where = f"{path}.value" if name == "customFieldValues" else path
                draft.issues += [issue.below(where).at(row=draft.row) for issue in error.issues]

    def _custom_pairs(self, draft: Draft, name: str, raw: Json) -> Iterable[tuple[str, Json, Json]]:
        """(path, column, value) of each custom value that a row sends, in either of the two forms."""
        if name == "customFields":
            if isinstance(raw, dict):
                return [(f"customFields.{key[:LABEL_LENGTH]}", key, value) for key, value in raw.items()]
            draft.refuse(name, "wrong_type", expected="an object of values by key or label")
            return ()
        example = [{"columnId": "…", "value": "…"}]
        if not isinstance(raw, list):
            draft.refuse(name, "wrong_type", expected="a list of columnId and value", example=example)
            return ()
        pairs = []
        for position, item in enumerate(raw):
            path = f"{name}[{position}]"
            if not isinstance(item, dict) or item.keys() - {"columnId", "value"} or "columnId" not in item:
                draft.refuse(path, "wrong_type", expected="a columnId and a value", example=example[0])
            else:
                pairs.append((path, item["columnId"], item.get("value")))
        return pairs

    def _assign_custom(self, draft: Draft, column: CustomColumn, raw: Json, path: str) -> None:
        kind = column_type(column)
        value = kind.parse(raw, self.setup.context)
        custom, number = draft.record.custom, str(column.number)
        if number in draft.given and custom.get(number) != (None if value is None else kind.dump(value)):
            draft.refuse(path, "contradicts", other=column.label)
        draft.given.add(number)
        if value is not None:
            custom[number] = kind.dump(value)
        elif column.required:
            draft.refuse(path, "required", example=kind.example())
        else:
            custom.pop(number, None)

    def _settle(self, draft: Draft) -> None:
        if not draft.before:
            self._complete(draft)
        if not draft.issues:
            draft.issues += [
                issue.at(row=draft.row) for issue in draft.record.settle(draft.given, self.setup)
            ]

    def _complete(self, draft: Draft) -> None:
        """Defaults of a new record, and what it may not lack."""
        for own in self.entity.fields:
            if own.required and own.writable and own.name not in draft.given:
                draft.refuse(own.name, "required", example=own.type.example())
        for column in self.catalog.custom_columns:
            number, kind = str(column.number), column_type(column)
            if number in draft.record.custom or number in draft.given:
                continue
            if isinstance(kind, SingleSelectType) and kind.default:
                draft.record.custom[number] = kind.dump(kind.parse(kind.default, self.setup.context))
            elif column.required:
                draft.refuse(f"customFields.{column.key}", "required", example=kind.example())

    def _unknown(self, name: str, row: int) -> Issue:
        writable = [f.name for f in self.entity.fields if f.writable]
        allowed = [*writable, *self.entity.writes, *CUSTOM, *self.entity.switches]
        labels = {field.label: field.name for field in self.catalog.custom.values()}
        near = nearest(name, [*allowed, *labels, *self.catalog.custom])
        params: dict[str, object] = {"field": name[:80], "allowed": allowed}
        if near and near not in allowed:
            params["hint"] = f'Custom columns go below customFields: {{"{labels.get(near, near)}": …}}.'
        elif near:
            params["nearest"] = near
        return Issue(name[:80], "unknown_field", params, row)

    def _near_columns(self, reference: Json) -> dict[str, object]:
        names = [column.key for column in self.catalog.custom_columns]
        labels = {column.label: column.key for column in self.catalog.custom_columns}
        text = reference if isinstance(reference, str) else ""
        near = nearest(text, [*names, *labels])
        found: dict[str, object] = {"column": text[:80], "allowed": names}
        return {**found, "nearest": labels.get(near, near)} if near else found

    def _named_people(self, rows: Iterable[Values]) -> Iterable[str]:
        """Everybody whom the rows name, so that one query finds them all."""
        columns = {c.key: c for c in self.catalog.custom_columns if c.type == "user"}
        for row in rows:
            ids = row.get("userIds")
            yield from (item for item in ids if isinstance(item, str)) if isinstance(ids, list) else ()
            if columns and isinstance(values := row.get("customFields"), dict):
                yield from (
                    value for value in values.values() if isinstance(value, str) and len(value) <= 320
                )
            if columns and isinstance(pairs := row.get("customFieldValues"), list):
                yield from (
                    p["value"] for p in pairs if isinstance(p, dict) and isinstance(p.get("value"), str)
                )


def note_changes(setup: CompanySetup, entity: Entity, draft: Draft) -> None:
    """Add to the draft what differs from before, field by field, in JSON."""
    now = vars(draft.record)
    for name, found in setup.catalog(entity).own.items():
        own = found.own
        assert own is not None
        was = draft.before.get(own.attr, own.empty)
        if own.tracked and now[own.attr] != was:
            previous = present(found, {own.attr: was})
            draft.changes[name] = {"previous": as_json(previous), "current": as_json(present(found, now))}
    _note_custom(setup, entity, draft)


def _note_custom(setup: CompanySetup, entity: Entity, draft: Draft) -> None:
    """Custom values that differ, as `customFieldValues` with only the changed members."""
    was, now = draft.before.get("custom", {}), draft.record.custom
    if was == now:
        return
    change: Change = {"previous": [], "current": []}
    for column in setup.columns(entity):
        number, kind = str(column.number), column_type(column)
        if was.get(number) == now.get(number):
            continue
        for side, values in (("previous", was), ("current", now)):
            if number in values:
                value = as_json(kind.present(kind.load(values[number])))
                change[side].append({"columnId": str(column.pk), "value": value})
    draft.changes["customFieldValues"] = change


def as_json(value: Any) -> Json:
    """`value` with exact decimals as plain JSON numbers, which hold them: they have 15 digits at most."""
    if isinstance(value, Decimal):
        return NumberType().dump(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, list):
        return [as_json(item) for item in value]
    if isinstance(value, dict):
        return {key: as_json(item) for key, item in value.items()}
    return value


def new_draft(entity: Entity, company_id: UUID, row: int, setup: CompanySetup) -> Draft:
    """A draft of a record that does not exist yet."""
    now = setup.context.now
    record = entity.model(company_id=company_id, created_at=now, updated_at=now)
    return Draft(record, row)
