"""Search over all five entities at once, for the palette and the search page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from crm.entities import ENTITIES, Entity
from crm.queries import search_condition
from customermates.kernel.folding import folded

CANDIDATES = 50  # looked at to find the best few of one entity


@dataclass(frozen=True, slots=True)
class Hit:
    """A record that was found."""

    entity: Entity
    id: UUID
    name: str


def search_everywhere(actor: Actor, text: str, *, limit: int) -> dict[str, list[Hit]]:
    """`{entity: hits}`, at most `limit` of each that the actor may read; names that start with `text` first.

    One query for each entity; entities without a hit are left out.
    """
    if not text.strip():
        return {}
    found = {}
    for entity in ENTITIES.values():
        if actor.reach(entity.resource) != "none" and (hits := _search(actor, entity, text, limit)):
            found[entity.name] = hits
    return found


def _search(actor: Actor, entity: Entity, text: str, limit: int) -> list[Hit]:
    rows = entity.model.objects.visible_to(actor).filter(search_condition(actor, entity, text))
    names = rows.order_by("name_key").values_list("id", "name")[:CANDIDATES]
    start = folded(text.strip())
    best = sorted(names, key=lambda row: not folded(row[1]).startswith(start))
    return [Hit(entity, pk, name) for pk, name in best[:limit]]
