"""The events that can happen to records, as registered data: each with a sentence for people."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

from customermates.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class EventKind:
    """One kind of event, such as `deal.updated`."""

    name: str
    entity: str
    sentence: str | Promise
    subscribable: bool = True  # whether endpoints can ask for it; the others are on record only


EVENTS: Registry[EventKind] = Registry("event")
