"""The write path's only way out: what happened is put on record, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actor import Actor
from accounts.events import EventDraft, record_for_listeners
from accounts.models import Event
from webhooks.catalog import EVENTS
from webhooks.queueing import queue_deliveries


def emit(actor: Actor, drafts: Sequence[EventDraft]) -> list[Event]:
    """The events of `drafts`, recorded and queued for who wants them; the last statements of a write.

    An event that no package has registered is a programming error.
    """
    for draft in drafts:
        if draft.name not in EVENTS:
            raise RuntimeError(f"event {draft.name} is not in the catalogue")
    events, has_listeners = record_for_listeners(actor, drafts)
    if has_listeners:
        queue_deliveries(actor.company_id, events)
    return events
