"""What a set of events did to each record, and what has to be written to take that back.

Only what still stands is taken back: a field that somebody has changed since keeps its newer value.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder

from accounts.models import Event
from crm.entities import ENTITIES, Entity, Relation
from crm.field_types import Json
from crm.presenters import Presenter, Row, present
from crm.setup import CompanySetup
from crm.writing.drafts import as_json

Change = dict[str, Json]  # {"previous": …, "current": …}
Key = tuple[str, UUID]  # (entity, id)

CHANGED_SINCE = "field_changed_since"
GONE = "record_gone"


@dataclass(slots=True)
class Past:
    """The net effect of some events on one record."""

    entity: Entity
    record_id: UUID
    was_alive: bool | None = None  # None while no event said so
    is_alive: bool = True
    fields: dict[str, Change] = field(default_factory=dict)
    custom: dict[str, Change] = field(default_factory=dict)  # by column id
    lines: dict[str, Change] = field(default_factory=dict)  # by service id
    added: dict[str, set[str]] = field(default_factory=dict)  # relation → ids
    removed: dict[str, set[str]] = field(default_factory=dict)

    @property
    def is_born(self) -> bool:
        """Whether the record was created, or came back from the trash."""
        return self.was_alive is False and self.is_alive

    @property
    def is_dead(self) -> bool:
        """Whether the record went into the trash."""
        return self.was_alive is True and not self.is_alive

    @property
    def is_nothing(self) -> bool:
        """Whether everything is as it was before."""
        changes = (*self.fields.values(), *self.custom.values(), *self.lines.values())
        links = (*self.added.values(), *self.removed.values())
        moved = self.was_alive is not None and self.was_alive != self.is_alive
        return not moved and not any(links) and all(same(c["previous"], c["current"]) for c in changes)

    def take(self, event: Event) -> None:
        """Add what one more event did."""
        what = event.name.rpartition(".")[2]
        if what in ("created", "deleted"):
            # A record back from the trash is told as created, with all it has: nothing of it is new.
            self.was_alive = (what == "deleted") if self.was_alive is None else self.was_alive
            self.is_alive = what == "created"
            return
        for name, change in event.changes.items():
            self._take_change(name, change)

    def _take_change(self, name: str, change: Change) -> None:
        owner = next((r for r in self.entity.relations.values() if r.owns_lines and r.name == name), None)
        if owner:
            _merge(self.lines, _by(change, "id"))
        elif name in self.entity.relations:
            self._relink(name, change)
        elif name == "customFieldValues":
            pairs = _by(change, "columnId")
            _merge(self.custom, {pk: {k: v and v["value"] for k, v in c.items()} for pk, c in pairs.items()})
        else:
            _merge(self.fields, {name: change})

    def _relink(self, name: str, change: Change) -> None:
        added, removed = self.added.setdefault(name, set()), self.removed.setdefault(name, set())
        for pk in change["current"]:
            (removed.discard if pk in removed else added.add)(pk)
        for pk in change["previous"]:
            (added.discard if pk in added else removed.add)(pk)


@dataclass(slots=True)
class Reversal:
    """What to write to one record, and which fields keep their newer values."""

    values: dict[str, Json] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)  # names of fields, ids of columns


@dataclass(frozen=True, slots=True)
class State:
    """A record as it is now."""

    row: Row
    fields: Mapping[str, Json]
    custom: Mapping[str, Json]
    links: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # references by relation name


def fold(events: Iterable[Event]) -> dict[Key, Past]:
    """What `events`, in their order, did to each record."""
    pasts: dict[Key, Past] = {}
    for event in events:
        if entity := ENTITIES.find(event.entity):
            key = (event.entity, event.entity_id)
            pasts.setdefault(key, Past(entity, event.entity_id)).take(event)
    return pasts


def state_of(
    setup: CompanySetup, entity: Entity, row: Row, links: Mapping[str, Sequence[Any]] | None = None
) -> State:
    """The state of a row that has the attributes of `Presenter.attrs()`."""
    fields = {
        name: plain(present(found, row))
        for name, found in setup.catalog(entity).own.items()
        if found.own and found.own.tracked
    }
    values = Presenter(setup, entity).custom_values(row)
    return State(row, fields, {str(v["columnId"]): plain(v["value"]) for v in values}, links or {})


def reversal_of(past: Past, now: State, *, leaving: frozenset[str] = frozenset()) -> Reversal:
    """What takes `past` back; links to the records of `leaving` are left alone, since those go."""
    found = Reversal()
    _reverse_fields(past, now, found)
    _reverse_custom(past, now, found)
    for relation in past.entity.relations.values():
        if relation.owns_lines:
            _reverse_lines(relation, past, now, found)
        elif not relation.has_lines:  # seen from a service: its deals tell of their lines themselves
            _reverse_links(relation, past, now, found, leaving)
    return found


def still_stands(past: Past, now: State) -> bool:
    """Whether there is anything that taking `past` back would change, as far as the row can tell."""
    if past.is_born or past.is_dead or any(past.added.values()) or any(past.removed.values()):
        return True
    found = Reversal()
    _reverse_fields(past, now, found)
    _reverse_custom(past, now, found)
    return bool(found.values or past.lines)


def same(one: Json, other: Json) -> bool:
    """Whether two values mean the same in events: nothing, an empty text and an empty list are one."""
    empty: tuple[Json, ...] = (None, "", [])
    return plain(one) == plain(other) or (one in empty and other in empty)


def plain(value: Any) -> Json:
    """`value` as it comes back out of a stored event."""
    return json.loads(json.dumps(as_json(value), cls=DjangoJSONEncoder))


def _reverse_fields(past: Past, now: State, found: Reversal) -> None:
    for name, change in past.fields.items():
        own = past.entity.by_name.get(name)
        if own is None or not own.writable or _has_twin(past, name):
            continue
        if same(now.fields.get(name), change["current"]):
            if not same(change["previous"], change["current"]):
                found.values[name] = change["previous"]
        elif name == "notes" and (text := _without_addition(change, now.fields["notes"])) is not None:
            found.values[name] = text
        elif not same(now.fields.get(name), change["previous"]):
            found.kept.append(name)


def _has_twin(past: Past, name: str) -> bool:
    """Whether a later field writes the same attribute: an id, which is never ambiguous as a name can be."""
    fields = past.entity.fields
    place = next(n for n, own in enumerate(fields) if own.name == name)
    return any(own.attr == fields[place].attr and own.name in past.fields for own in fields[place + 1 :])


def _without_addition(change: Change, now: Json) -> str | None:
    """Notes without the paragraph that was added then, when more has been added since; else None."""
    before, after, text = str(change["previous"] or ""), str(change["current"] or ""), str(now or "")
    if not (after.startswith(before) and text.startswith(after)):
        return None
    rest = text[len(after) :]
    return before + rest if before else rest.lstrip()


def _reverse_custom(past: Past, now: State, found: Reversal) -> None:
    for column, change in past.custom.items():
        value = now.custom.get(column)
        if same(value, change["current"]):
            if not same(change["previous"], change["current"]):
                item = {"columnId": column, "value": change["previous"]}
                found.values.setdefault("customFieldValues", []).append(item)
        elif not same(value, change["previous"]):
            found.kept.append(column)


def _reverse_links(
    relation: Relation, past: Past, now: State, found: Reversal, leaving: frozenset[str]
) -> None:
    name = relation.ids_name
    linked = [str(item["id"]) for item in now.links.get(relation.name, ())]
    gone = past.added.get(name, set()) - leaving
    back = sorted(past.removed.get(name, set()) - leaving - set(linked))
    if back or gone & set(linked):
        found.values[name] = [pk for pk in linked if pk not in gone] + back


def _reverse_lines(relation: Relation, past: Past, now: State, found: Reversal) -> None:
    lines = {str(line["id"]): _line(line) for line in now.links.get(relation.name, ()) if line["id"]}
    wanted = dict(lines)
    for pk, change in past.lines.items():
        before, after, line = change["previous"], change["current"], lines.get(pk)
        if _equal_line(line, after):
            wanted[pk] = before and _line(before)
        elif not _equal_line(line, before):
            found.kept.append(relation.name)
    kept = sorted((line for line in wanted.values() if line), key=lambda line: line["position"])
    if kept != sorted(lines.values(), key=lambda line: line["position"]):
        found.values[relation.written_as] = kept


def _line(told: Mapping[str, Any]) -> dict[str, Json]:
    """A line as events and presenters tell it, as the write path takes it."""
    return {
        "serviceId": str(told["id"]),
        "quantity": plain(told["quantity"]),
        "unitPrice": plain(told["amount"]),
        "position": told["position"],
    }


def _equal_line(line: Mapping[str, Any] | None, told: Mapping[str, Any] | None) -> bool:
    """Whether a line is what an event told, wherever it stands by now."""
    if line is None or told is None:
        return line is None and told is None
    other = _line(told)
    return all(line[name] == other[name] for name in ("quantity", "unitPrice"))


def _by(change: Change, key: str) -> dict[str, Change]:
    """A change of a list of objects as changes of its members, by what identifies them."""
    sides = {
        side: {str(item[key]): item for item in change[side] if item[key]} for side in ("previous", "current")
    }
    keys = dict.fromkeys([*sides["previous"], *sides["current"]])
    return {pk: {side: items.get(pk) for side, items in sides.items()} for pk in keys}


def _merge(known: dict[str, Change], changes: Mapping[str, Change]) -> None:
    for name, change in changes.items():
        first = known.get(name, change)
        known[name] = {"previous": first["previous"], "current": change["current"]}
