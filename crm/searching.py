"""Search over all five entities at once, for the palette and the search page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from crm.entities import ENTITIES, Entity
from crm.filters import filter_condition
from crm.queries import search_condition
from crm.setup import CompanySetup
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.folding import folded

CANDIDATES = 50  # looked at to find the best few of one entity
SIMILAR_VALUES = 10  # of one field that are compared
SIMILAR_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found."""

    entity: Entity
    id: UUID
    name: str
    row: Mapping[str, Any] = field(default_factory=dict)  # the attributes that were asked for


def search_everywhere(
    actor: Actor, text: str, *, limit: int, attrs: Mapping[str, Sequence[str]] | None = None
) -> dict[str, list[Hit]]:
    """`{entity: hits}`, at most `limit` of each that the actor may read; names that start with `text` first.

    One query for each entity; entities without a hit are left out.
    """
    if not text.strip():
        return {}
    found = {}
    for entity in ENTITIES.values():
        if hits := search_entity(actor, entity, text, limit, (attrs or {}).get(entity.name, ())):
            found[entity.name] = hits
    return found


def search_entity(
    actor: Actor, entity: Entity, text: str, limit: int, attrs: Sequence[str] = ()
) -> list[Hit]:
    """Records of one entity that the actor may see, best first; without words the first by name."""
    if actor.reach(entity.resource) == "none":
        return []
    rows = entity.model.objects.visible_to(actor).filter(search_condition(actor, entity, text))
    name = entity.by_name["name"].attr
    found = rows.order_by(f"{name}_key").values("id", name, *attrs)[:CANDIDATES]
    start = folded(text.strip())
    best = sorted(found, key=lambda row: not folded(row[name]).startswith(start))
    return [Hit(entity, row["id"], row[name], row) for row in best[:limit]]


def find_similar(setup: CompanySetup, entity: Entity, given: Mapping[str, Sequence[str]]) -> list[Hit]:
    """Records that agree with one of these values in a field that tells records of `entity` apart."""
    rules = [
        {"field": name, "operator": "equals", "value": text}
        for name in entity.told_apart_by
        for text in given.get(name, ())[:SIMILAR_VALUES]
        if text.strip()
    ]
    if not rules or setup.actor.reach(entity.resource) == "none":
        return []
    try:
        alike = filter_condition(setup, entity, {"any": rules})
    except ValidationFailed:  # half typed
        return []
    rows = entity.model.objects.visible_to(setup.actor).filter(alike).order_by("-updated_at", "id")
    name = entity.by_name["name"].attr
    return [Hit(entity, pk, shown) for pk, shown in rows.values_list("id", name)[:SIMILAR_SHOWN]]
