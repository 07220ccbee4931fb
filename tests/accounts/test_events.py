from __future__ import annotations

import pytest
from django.db import transaction

from accounts.actor import Actor
from accounts.events import EventDraft, record
from accounts.models import Event
from customermates.kernel.ids import uuid7


def draft(**changes: object) -> EventDraft:
    return EventDraft(
        name="contact.updated",
        entity="contact",
        entity_id=uuid7(),
        changes={name: {"previous": None, "current": value} for name, value in changes.items()},
    )


def test_an_event_names_who_did_what_through_which_door(owner: Actor) -> None:
    with transaction.atomic():
        [event] = record(owner, [draft(firstName="Ada")])
    event.refresh_from_db()
    assert (event.user_id, event.via, event.name) == (owner.user_id, "web", "contact.updated")
    assert event.change_set == owner.change_set
    assert event.changes == {"firstName": {"previous": None, "current": "Ada"}}


def test_numbers_continue_without_gaps(owner: Actor) -> None:
    with transaction.atomic():
        record(owner, [draft(), draft()])
        record(owner, [draft()])
    numbers = list(Event.objects.filter(company_id=owner.company_id).values_list("sequence", flat=True))
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


@pytest.mark.django_db(transaction=True)
def test_recording_outside_a_transaction_is_refused(owner: Actor) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(owner, [draft()])


def test_what_happened_cannot_be_changed_or_removed(owner: Actor) -> None:
    with transaction.atomic():
        [event] = record(owner, [draft()])
    for tamper in (
        event.save,
        event.delete,
        Event.objects.all().delete,
        lambda: Event.objects.update(name="x"),
    ):
        with pytest.raises(TypeError, match="append-only"):
            tamper()


def test_a_secret_never_enters_an_event(owner: Actor) -> None:
    leak = EventDraft(
        name="user.updated",
        entity="user",
        entity_id=uuid7(),
        changes={"password": {"previous": None, "current": "hunter2"}},
    )
    with pytest.raises(RuntimeError, match="secrets"), transaction.atomic():
        record(owner, [leak])
