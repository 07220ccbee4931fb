"""Undo writes back what still stands, through the write path, and tells what it had to leave."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.actor import Actor
from accounts.models import Event
from crm import services
from crm.entities import ENTITIES
from crm.models import Record
from crm.presenters import Presenter
from crm.reversal import plain
from crm.setup import CompanySetup
from crm.undo import Undone, undo_change_set, undo_event
from customermates.kernel.errors import NotFound
from customermates.kernel.ids import uuid7
from tests import people
from tests.doors import truth
from tests.doors.test_random_writes import Writer
from tests.doors.worlds import House, agent, northwind
from tests.profiles import IS_DEEP

pytestmark = pytest.mark.django_db

CONTACT, DEAL = ENTITIES.get("contact"), ENTITIES.get("deal")
ORGANIZATION, SERVICE = ENTITIES.get("organization"), ENTITIES.get("service")
STEPS = 20 if IS_DEEP else 8
EXAMPLES = 40 if IS_DEEP else 3


def fresh(actor: Actor) -> Actor:
    """The same person, about to do something else."""
    return replace(actor, change_set=uuid7())


def create(actor: Actor, entity: Any, **row: Any) -> Record:
    [record] = services.create_records(fresh(actor), entity, [row]).records
    return record


def update(actor: Actor, entity: Any, pk: UUID, **row: Any) -> UUID:
    return services.update_records(fresh(actor), entity, {pk: row}).change_set


@contextmanager
def forgotten() -> Iterator[None]:
    """What happens inside is gone afterwards, so that each example finds the house in order."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def told(undone: Undone) -> list[tuple[str, str, str]]:
    """What an undo had to leave, in short."""
    return [(o.entity.name, o.field, o.issue.code) for o in undone.obstacles]


def undo(actor: Actor, change_set: UUID) -> Undone:
    return undo_change_set(fresh(actor), change_set)


def world(actor: Actor) -> dict[str, Any]:
    """Every visible record with all it has, but for versions, times and the order of its links."""
    found = {}
    for entity in ENTITIES.values():
        presenter = Presenter(CompanySetup(actor), entity)
        rows = list(entity.model.objects.visible_to(actor).values(*presenter.attrs()))
        for record in presenter.full(rows):
            shown = {k: v for k, v in record.items() if k not in ("version", "updatedAt")}
            found[str(record["id"])] = {name: _sorted(plain(value)) for name, value in shown.items()}
    return found


def _sorted(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
        # A line that comes back has the service's name of today.
        return sorted(({**v, "name": ""} for v in value), key=lambda v: str(v["id"]))
    return value


def differences(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """What differs, record by record and field by field."""
    empty: dict[str, Any] = {}
    return {
        f"{pk} {name}": (was, other.get(pk, empty).get(name))
        for pk in one.keys() | other.keys()
        for name, was in (one.get(pk) or dict.fromkeys(other[pk])).items()
        if was != other.get(pk, empty).get(name)
    }


def now(entity: Any, pk: UUID) -> Any:
    return entity.model.objects.get(pk=pk)


# --- Everything comes back ----------------------------------------------------------------------------


@pytest.fixture
def house(db: None) -> House:
    return northwind()


@given(seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES)
def test_what_was_written_and_undone_is_as_before_and_an_undo_can_be_undone(house: House, seed: int):
    with forgotten():
        writer, mcp, olivia = (
            Writer(house, Random(seed)),
            agent(house.admin, "*"),
            people.signed_in(house.admin),
        )
        for _ in range(STEPS):
            writer.look()
            if not all(writer.alive.values()):
                break
            tool, arguments = writer.call()
            before, last = world(olivia), Event.objects.count()
            mcp.call(tool, arguments)
            if Event.objects.count() == last:
                continue
            done = Event.objects.order_by("-sequence")[0].change_set
            after = world(olivia)
            undone = undo(olivia, done)
            if ("deal", "services", "unknown_record") in told(undone):
                break  # a line of a service in the trash was taken off: it cannot come back alone
            assert (told(undone), differences(before, world(olivia))) == ([], {}), (tool, arguments)
            redone = undo(olivia, undone.change_set)
            assert (told(redone), differences(after, world(olivia))) == ([], {}), (tool, arguments)
        truth.check(house.actor)


@given(seed=st.integers(0, 2**32))
@settings(max_examples=EXAMPLES)
def test_a_day_of_changes_undone_from_the_last_to_the_first_leaves_the_morning(house: House, seed: int):
    with forgotten():
        writer, mcp, olivia = (
            Writer(house, Random(seed)),
            agent(house.admin, "*"),
            people.signed_in(house.admin),
        )
        morning, last = world(olivia), Event.objects.order_by("-sequence")[0].sequence
        for _ in range(STEPS):
            writer.look()
            if all(writer.alive.values()):
                mcp.call(*writer.call())
        events = Event.objects.filter(sequence__gt=last).order_by("-sequence")
        change_sets = dict.fromkeys(events.values_list("change_set", flat=True))
        kept = [told(undo(olivia, change_set)) for change_set in change_sets]
        if not any(kept):
            assert not differences(morning, world(olivia))
        assert {issue for found in kept for _, _, issue in found} <= {"unknown_record"}
        truth.check(house.actor)


# --- What stands in the way ---------------------------------------------------------------------------


def test_what_somebody_changed_since_stays_and_is_told(owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", jobTitle="Clerk", emails=["a@x.example"])
    done = update(owner, CONTACT, ada.pk, jobTitle="Head", lastName="Byron", emails=[])
    update(owner, CONTACT, ada.pk, jobTitle="Director")
    undone = undo(owner, done)
    ada = now(CONTACT, ada.pk)
    assert (ada.job_title, ada.last_name, ada.emails) == ("Director", "", ["a@x.example"])
    assert [(o.record_id, o.field, o.issue.code) for o in undone.obstacles] == [
        (ada.pk, "jobTitle", "field_changed_since")
    ]


def test_a_field_that_is_as_before_already_is_no_obstacle(owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", jobTitle="Clerk")
    done = update(owner, CONTACT, ada.pk, jobTitle="Head")
    update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    again = undo(owner, done)
    assert (again.count, again.obstacles) == (0, ())


def test_a_new_record_goes_to_the_trash_unless_somebody_has_worked_on_it(owner: Actor):
    made = services.create_records(fresh(owner), CONTACT, [{"firstName": "Ada"}, {"firstName": "Bob"}])
    ada, bob = made.records
    update(owner, CONTACT, bob.pk, jobTitle="Clerk")
    undone = undo(owner, made.change_set)
    assert now(CONTACT, ada.pk).deleted_at is not None
    assert now(CONTACT, bob.pk).deleted_at is None
    assert [o.record_id for o in undone.obstacles] == [bob.pk]
    assert told(undone) == [("contact", "", "field_changed_since")]


def test_a_paragraph_is_taken_out_of_notes_that_grew_since(owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", notes="first")
    done = update(owner, CONTACT, ada.pk, notes="first\n\nsecond")
    update(owner, CONTACT, ada.pk, notes="first\n\nsecond\n\nthird")
    undo(owner, done)
    assert now(CONTACT, ada.pk).notes == "first\n\nthird"


def test_lines_come_back_with_quantity_and_agreed_price(owner: Actor):
    service = create(owner, SERVICE, name="Day", amount=100)
    line = {"serviceId": str(service.pk), "quantity": 3, "unitPrice": 80}
    deal = create(owner, DEAL, name="Pilot", services=[line])
    gone = services.unlink_records(fresh(owner), DEAL, deal.pk, "serviceIds", [str(service.pk)])
    assert now(DEAL, deal.pk).total_value == 0
    undo(owner, gone.change_set)
    assert now(DEAL, deal.pk).total_value == 240


def test_a_line_lost_from_the_service_s_side_comes_back_with_the_service_s_event_alone(owner: Actor):
    service = create(owner, SERVICE, name="Day", amount=100)
    line = {"serviceId": str(service.pk), "quantity": 3, "unitPrice": 80}
    deal = create(owner, DEAL, name="Pilot", services=[line])
    gone = services.unlink_records(fresh(owner), SERVICE, service.pk, "dealIds", [str(deal.pk)])
    event = Event.objects.get(change_set=gone.change_set, entity="service")
    undo_event(fresh(owner), event.pk)
    assert now(DEAL, deal.pk).total_value == 240


def test_one_record_of_a_change_set_can_be_undone_alone(owner: Actor):
    ada, bob = (create(owner, CONTACT, firstName=name) for name in ("Ada", "Bob"))
    rows = {pk: {"jobTitle": "Clerk"} for pk in (ada.pk, bob.pk)}
    done = services.update_records(fresh(owner), CONTACT, rows).change_set
    undo_change_set(fresh(owner), done, record_id=ada.pk)
    assert (now(CONTACT, ada.pk).job_title, now(CONTACT, bob.pk).job_title) == ("", "Clerk")


def test_a_link_is_undone_from_one_side_for_both(owner: Actor):
    ada, org = create(owner, CONTACT, firstName="Ada"), create(owner, ORGANIZATION, name="Engines")
    done = update(owner, CONTACT, ada.pk, organizationIds=[str(org.pk)])
    event = Event.objects.get(change_set=done, entity="organization")
    undo_event(fresh(owner), event.pk)
    assert world(owner)[str(ada.pk)]["organizations"] == []


def test_a_link_to_what_is_deleted_by_now_is_told_and_the_rest_comes_back(owner: Actor):
    ada, org = create(owner, CONTACT, firstName="Ada"), create(owner, ORGANIZATION, name="Engines")
    update(owner, CONTACT, ada.pk, organizationIds=[str(org.pk)])
    done = update(owner, CONTACT, ada.pk, organizationIds=[], jobTitle="Clerk")
    services.delete_records(fresh(owner), ORGANIZATION, [org.pk])
    undone = undo(owner, done)
    assert now(CONTACT, ada.pk).job_title == ""
    assert ("organizationIds", "unknown_record") in [(o.field, o.issue.code) for o in undone.obstacles]


# --- Who may, and what is told ------------------------------------------------------------------------


def test_an_undo_needs_the_permission_of_the_writes_it_makes(owner: Actor, reader: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    done = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    undone = undo(reader, done)
    assert undone.count == 0
    assert [o.issue.code for o in undone.obstacles] == ["missing_permission"]
    assert now(CONTACT, ada.pk).job_title == "Clerk"


def test_strangers_find_nothing_to_undo(owner: Actor, stranger: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    done = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    for change_set in (done, uuid7()):
        with pytest.raises(NotFound):
            undo(stranger, change_set)
    with pytest.raises(NotFound):
        undo_event(fresh(stranger), Event.objects.get(change_set=done).pk)


def test_the_history_says_that_it_was_an_undo(owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    undone = undo(owner, update(owner, CONTACT, ada.pk, jobTitle="Clerk"))
    event = Event.objects.get(change_set=undone.change_set)
    assert event.reason == "Undo of a change by Olivia Owner"


def test_the_button_answers_with_a_toast_that_can_undo_it_again(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    done = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    answer = signed_in_client.post(f"/undo/{done}/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    triggers = json.loads(answer.headers["HX-Trigger"])
    assert "records:changed" in triggers
    again = triggers["toasts"]["items"][0]["undo"]
    signed_in_client.post(again, headers={"HX-Request": "true"})
    assert now(CONTACT, ada.pk).job_title == "Clerk"


def test_without_javascript_the_button_leads_back_to_its_page(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    done = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    there = f"http://testserver/contacts/{ada.pk}/"
    assert signed_in_client.post(f"/undo/{done}/", headers={"Referer": there}).headers["Location"] == there
    elsewhere = signed_in_client.post(f"/undo/{done}/", headers={"Referer": "https://evil.example/"})
    assert elsewhere.headers["Location"] == "/"


def test_the_toast_names_what_stays(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    done = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    update(owner, CONTACT, ada.pk, jobTitle="Head")
    answer = signed_in_client.post(f"/undo/{done}/", headers={"HX-Request": "true"})
    assert (
        "Job title of “Ada” was changed since."
        in json.loads(answer.headers["HX-Trigger"])["toasts"]["items"][0]["text"]
    )
