"""The write path's only way out: what happened is put on record, in the transaction that did it."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.actor import Actor
from accounts.events import EventDraft, record
from accounts.models import Event
from webhooks.catalog import EVENTS


def emit(actor: Actor, drafts: Sequence[EventDraft]) -> list[Event]:
    """The events of `drafts`, recorded; the last statements of a write before its commit.

    An event that no package has registered is a programming error.
    """
    for draft in drafts:
        if draft.name not in EVENTS:
            raise RuntimeError(f"event {draft.name} is not in the catalogue")
    return record(actor, drafts)
