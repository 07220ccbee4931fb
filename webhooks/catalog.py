"""The events that can happen, as registered data: each with a sentence for people, and what tells of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from django.utils.functional import Promise

from accounts.actor import Actor
from accounts.models import Company, Event
from customermates.kernel.registry import Registry

Json = Any
EVERYTHING = "*"
TEST_EVENT = "webhook.test"  # tells of nothing that happened, only that deliveries arrive


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event, such as `deal.updated`."""

    name: str
    entity: str
    sentence: str | Promise
    subscribable: bool = True  # whether endpoints can ask for it; the others are on record only


class Source(Protocol):
    """What an upper package knows about one entity whose events endpoints can ask for.

    All of it speaks for the company itself, which sees everything: endpoints have no reach of their own.
    """

    @property
    def resource(self) -> str:
        """The permission resource: who makes an endpoint must read all of it."""

    def payloads(self, company: Company, events: Sequence[Event]) -> Mapping[UUID, Json]:
        """The payload of each event by its id, in as many queries for many events as for one."""

    def matching(self, company: Company, rules: Json, events: Sequence[Event]) -> set[UUID]:
        """The ids of those events whose record matches the filter `rules`; one query.

        Judged by the record as it is after the change, and by one that was deleted as it was.
        ValidationFailed when the rules speak of what is there no longer.
        """

    def check(self, company: Company, rules: Json) -> None:
        """Raise ValidationFailed with every issue of `rules`, at paths that start with "filters"."""

    def page_of(self, entity_id: UUID) -> str:
        """The address of the record's page."""


EVENTS: Registry[EventKind] = Registry("event")
SOURCES: Registry[Source] = Registry("source of events")  # by entity


def subscribable() -> list[EventKind]:
    """The kinds of events that endpoints can ask for."""
    return [kind for kind in EVENTS.values() if kind.subscribable]


def patterns() -> list[str]:
    """Everything that an endpoint's list of events may name: `*`, `deal.*`, `deal.created`, …"""
    entities = dict.fromkeys(kind.entity for kind in subscribable())
    return [EVERYTHING, *(f"{entity}.*" for entity in entities), *(kind.name for kind in subscribable())]


def wants(asked: Sequence[str], name: str) -> bool:
    """Whether an endpoint that asked for these patterns is told of the event `name`."""
    return name in asked or EVERYTHING in asked or f"{name.partition('.')[0]}.*" in asked


def entities_of(asked: Sequence[str]) -> list[str]:
    """The entities whose events these patterns ask for."""
    return list(dict.fromkeys(kind.entity for kind in subscribable() if wants(asked, kind.name)))


def permission_needed(actor: Actor, asked: Sequence[str]) -> str | None:
    """The permission that `actor` lacks to be told of these events, as `contacts:read`; None when none.

    An endpoint hands on whatever happens in the company: who does not see all must not make one.
    """
    for entity in entities_of(asked):
        resource = SOURCES.get(entity).resource
        if actor.reach(resource) != "all":
            return f"{resource}:read"
    return None
