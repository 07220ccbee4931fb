"""The way back from a write, told with its receipt: calls that restore what was, from what it shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from crm.entities import ENTITIES, Entity, Relation
from crm.services import Receipt, Written

_DELETE = "delete_entity with these ids"
_RESTORE = "restore_entity with these ids, within 30 days"
_CUSTOM = "customFields {label: before}, null where before is null"
_LINES = (
    "%(lines)s: all lines of the %(owner)s, those under before included (in before, amount is the unit "
    "price: {%(id)s: id, quantity, unitPrice: amount, position}), without those that are only under after; "
    "get_entity_details shows the others"
)

_CURRENCY = "currency"  # with it, every line needs a price

Change = Mapping[str, Any]  # {"previous": …, "current": …}


@dataclass(frozen=True, slots=True)
class LineChanges:
    """What a write did to lines with quantity and price, from whichever end it came."""

    owner: Entity  # whose lines they are
    relation: Relation  # seen from the owner
    rows: tuple[Written, ...]  # of the owner; each has lines that went and came

    @property
    def lose_something(self) -> bool:
        """Whether any line changed or went; new lines alone are only to be unlinked."""
        return any(row.changes[self.relation.written_as]["previous"] for row in self.rows)

    def hint(self) -> str:
        """How whole lines are written back."""
        words = {
            "lines": self.relation.written_as,
            "owner": self.owner.name,
            "id": f"{self.relation.target}Id",
        }
        return _LINES % words


def line_changes(done: Receipt, entity: Entity) -> LineChanges | None:
    """The lines that `done` changed, None when it changed none."""
    relation = next((r for r in entity.relations.values() if r.has_lines), None)
    if relation is None:
        return None
    owner = entity if relation.owns_lines else ENTITIES.get(relation.target)
    owned = relation if relation.owns_lines else owner.relations[relation.inverse]
    written = done.rows if relation.owns_lines else done.led.get(owner.name, ())
    rows = tuple(row for row in written if owned.written_as in row.changes)
    return LineChanges(owner, owned, rows) if rows else None


def way_back(done: Receipt, entity: Entity) -> str:
    """What to call to take this write back, in words that fit what it changed."""
    outcomes = {row.outcome for row in done.rows}
    if "deleted" in outcomes:
        return _RESTORE
    lines = line_changes(done, entity)
    if outcomes & {"created", "restored"}:
        return _unlinked_first(lines, entity) + _DELETE
    names = {name for row in done.rows for name in row.changes}
    ways = [told] if (told := _fields(entity, names)) else []
    lost = lines and (lines.lose_something or {_CURRENCY, lines.relation.written_as} <= names)
    if lines and lost:
        update = f"update_{lines.owner.plural}"
        if lines.owner is not entity:
            ways.append(f"{update} (each of the {lines.owner.plural}) with {lines.hint()}")
        else:
            ways = [
                f"{ways[0]}, and in the same call {lines.hint()}" if ways else f"{update} with {lines.hint()}"
            ]
    for relation in entity.writes.values():
        changes = [row.changes[name] for row in done.rows if (name := relation.written_as) in row.changes]
        if changes and not (relation.has_lines and lost):
            ways.append(_links(relation, changes))
    return "; ".join(ways)


def _unlinked_first(lines: LineChanges | None, entity: Entity) -> str:
    """What goes before deleting a record whose lines others would keep."""
    if lines is None or lines.owner is entity:
        return ""
    ids = lines.relation.inverse
    return f"first unlink_entities with the ids under {ids} (a line outlives its {entity.name}), then "


def needs_values(done: Receipt) -> bool:
    """Whether the way back says to send what was there before."""
    return any(row.outcome in ("updated", "unchanged") for row in done.rows)


def _fields(entity: Entity, names: set[str]) -> str:
    """How own and custom values are written back; "" when none is to be."""
    own = [field for field in entity.fields if field.name in names]
    computed = [field.name for field in own if not field.writable]
    parts = []
    if len(own) > len(computed):
        parts.append("the before values of the writable fields")
    if "customFieldValues" in names:
        parts.append(_CUSTOM)
    if not parts:
        return ""
    told = f"update_{entity.plural} with {' and '.join(parts)}"
    if computed:
        told += f" ({', '.join(computed)} cannot be written and follow)"
    if "notes" in names:
        told += ", of notes the text"
    if names & {"stage", "pipeline"}:
        told += ", stageId and pipelineId instead of the names"
    for relation in entity.writes.values():
        if relation.owns_lines and _CURRENCY in names and relation.written_as not in names:
            told += f", and with {_CURRENCY} {relation.written_as}: all lines with their unitPrice"
    return told


def _links(relation: Relation, changes: Iterable[Change]) -> str:
    """How links that came and went are changed back."""
    changes = list(changes)
    calls = []
    if any(change["current"] for change in changes):
        calls.append("unlink_entities with the ids under after")
    if any(change["previous"] for change in changes):
        calls.append("link_entities with the ids under before")
    return f"{', '.join(calls)} (relation {relation.name})"
