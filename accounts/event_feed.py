"""Events in the order of their numbers: the audit log, and the feed of changes for those who follow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Event

ASCENDING, DESCENDING = "asc", "desc"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventQuery:
    """Which events are wanted; None is any."""

    order: str = ASCENDING
    beyond: int | None = None  # a sequence number: those after it, in the order asked for
    size: int = 25
    name: str | None = None
    entity: str | None = None
    entity_id: UUID | None = None
    change_set: UUID | None = None
    user_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class EventPage:
    """One page of events, and whether there are more by now."""

    events: Sequence[Event]
    has_more: bool


def list_events(actor: Actor, query: EventQuery) -> EventPage:
    """The wanted events of the company, with who did them; one query.

    A number stands for a commit, and commits happen in the order of numbers: who has read up to one
    has missed nothing below it.
    """
    actor.require("read", "auditLog")
    wanted = {
        "name": query.name,
        "entity": query.entity,
        "entity_id": query.entity_id,
        "change_set": query.change_set,
        "user_id": query.user_id,
    }
    events = Event.objects.filter(company_id=actor.company_id)
    events = events.filter(**{name: value for name, value in wanted.items() if value is not None})
    is_ascending = query.order == ASCENDING
    if query.beyond is not None:
        events = events.filter((f"sequence__{'gt' if is_ascending else 'lt'}", query.beyond))
    ordered = events.select_related("user", "api_key").order_by("sequence" if is_ascending else "-sequence")
    found = list(ordered[: query.size + 1])
    return EventPage(found[: query.size], len(found) > query.size)
