"""The record of who did what: one append-only row per change, numbered without gaps per company."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Company, Event
from customermates.kernel.rows import insert_rows

# Fields whose values are secrets: naming one would put it into a table that is shown and exported.
SECRET_FIELDS = {"user": {"password"}, "apiKey": {"key", "digest"}, "webhook": {"secret"}}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDraft:
    """One change to be recorded.

    `changes` is `{field: {"previous": …, "current": …}}` in JSON names and values; for something
    created, the fields that were set.
    """

    name: str
    entity: str
    entity_id: UUID
    changes: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def record(actor: Actor, drafts: Sequence[EventDraft]) -> list[Event]:
    """The events of `drafts`, written and numbered; the last step of a write."""
    return record_for_listeners(actor, drafts)[0]


def record_for_listeners(actor: Actor, drafts: Sequence[EventDraft]) -> tuple[list[Event], bool]:
    """The events of `drafts`, written and numbered, and whether the company has listeners to tell of them.

    Taking the numbers locks the company's row until commit, so the order of sequence numbers is the
    order of commits and a reader who has seen number n has seen all below. RuntimeError outside a
    transaction: an event must stand or fall with its change.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() outside a transaction tells of a change that may not happen")
    if not drafts:
        return [], False
    for draft in drafts:
        if leaking := SECRET_FIELDS.get(draft.entity, set()) & draft.changes.keys():
            raise RuntimeError(f"secrets never enter events: {draft.entity} {', '.join(sorted(leaking))}")
    last, has_listeners = _take_numbers(actor.company_id, len(drafts))
    now = timezone.now()
    events = [
        Event(
            company_id=actor.company_id,
            sequence=sequence,
            name=draft.name,
            entity=draft.entity,
            entity_id=draft.entity_id,
            change_set=actor.change_set,
            user_id=actor.user_id,
            api_key_id=actor.api_key_id,
            via=actor.via,
            client=actor.client,
            request_id=actor.request_id,
            reason=actor.reason,
            changes=draft.changes,
            created_at=now,
        )
        for sequence, draft in enumerate(drafts, start=last - len(drafts) + 1)
    ]
    insert_rows(Event, events)
    return events, has_listeners


def forget_changes(company_id: UUID, entity_ids: Iterable[UUID]) -> None:
    """Blank what events tell of things that are gone for good; that it happened, who and when stay.

    Reasons go as well: in free text, they may name whom the record was about. The one change that an
    event ever sees.
    """
    events: QuerySet[Event] = QuerySet(Event).filter(company_id=company_id, entity_id__in=entity_ids)
    events.update(changes={}, reason="")


def difference(previous: Mapping[str, Any], current: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields that differ, as `{field: {"previous": …, "current": …}}`."""
    return {
        name: {"previous": previous.get(name), "current": value}
        for name, value in current.items()
        if previous.get(name) != value
    }


def _take_numbers(company_id: UUID, count: int) -> tuple[int, bool]:
    """The last of `count` sequence numbers, now taken, and the company's `has_listeners`.

    One statement, so no two writers share a number, and who becomes a listener before it is told.
    """
    table = connection.ops.quote_name(Company._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET last_sequence = last_sequence + %s WHERE id = %s "  # noqa: S608 - the table's own name
            "RETURNING last_sequence, has_listeners",
            [count, Company._meta.pk.get_db_prep_value(company_id, connection)],
        )
        row = cursor.fetchone()
    if row is None:
        raise RuntimeError(f"there is no company {company_id}")
    return int(row[0]), bool(row[1])
