"""After 30 days in the trash a thing leaves the database, and what events told of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Event
from crm import field_services, purging, services
from crm.catalog import column_type
from crm.columns import free_slots
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, SERVICE, Entity
from crm.models import (
    RESTORABLE_FOR,
    Contact,
    ContactOrganization,
    ContactUser,
    CustomColumn,
    Deal,
    DealLine,
    IndexedValue,
    Service,
)
from crm.purging import purge_columns, purge_records
from tests.crm.columns import column, contact
from tests.crm.test_home import again

pytestmark = pytest.mark.django_db
PAST = RESTORABLE_FOR + timedelta(minutes=1)


def create(actor: Actor, entity: Entity, **values: Any) -> Any:
    return services.create_records(actor, entity, [values]).records[0]


def delete(actor: Actor, entity: Entity, pk: UUID, *, ago: timedelta = PAST) -> None:
    """In the trash, since `ago`."""
    services.delete_records(again(actor), entity, [pk])
    entity.model.objects.filter(pk=pk).update(deleted_at=timezone.now() - ago)


def drop(actor: Actor, made: CustomColumn, *, ago: timedelta = PAST) -> CustomColumn:
    """A column in the trash, since `ago`."""
    field_services.delete_column(again(actor), made.pk)
    CustomColumn.objects.filter(pk=made.pk).update(deleted_at=timezone.now() - ago)
    made.refresh_from_db()
    return made


def purge_all() -> None:
    for chore in (purge_records, purge_columns):
        while chore():
            pass


# --- records -----------------------------------------------------------------------------------------


def test_what_can_come_back_stays_and_what_cannot_goes_with_all_that_hung_on_it(owner: Actor):
    mills = create(owner, ORGANIZATION, name="Mills & Co")
    ada = create(
        owner,
        CONTACT,
        firstName="Ada",
        emails=["ada@example.com"],
        organizationIds=[str(mills.pk)],
        userIds=[str(owner.user_id)],
    )
    grace = create(owner, CONTACT, firstName="Grace")
    delete(owner, CONTACT, ada.pk)
    delete(owner, CONTACT, grace.pk, ago=RESTORABLE_FOR - timedelta(minutes=1))
    purge_all()
    assert list(Contact.objects.all()) == [grace]
    assert not ContactOrganization.objects.exists()
    assert not ContactUser.objects.exists()
    assert not IndexedValue.objects.filter(record_id=ada.pk).exists()
    services.restore_records(again(owner), CONTACT, [grace.pk])


def test_events_tell_still_who_did_what_and_when_but_no_values(owner: Actor):
    asked = replace(owner, reason="Ada wants to be forgotten")
    ada, grace = (create(asked, CONTACT, firstName=name) for name in ("Ada", "Grace"))
    delete(asked, CONTACT, ada.pk)
    numbers = list(Event.objects.order_by("sequence").values_list("sequence", "name", "user_id"))
    purge_all()
    assert list(Event.objects.order_by("sequence").values_list("sequence", "name", "user_id")) == numbers
    of_ada = Event.objects.filter(entity_id=ada.pk)
    assert [(event.changes, event.reason) for event in of_ada] == [({}, "")] * 2
    of_grace = Event.objects.get(entity_id=grace.pk)
    assert (of_grace.changes["firstName"]["current"], of_grace.reason) == ("Grace", asked.reason)


def test_a_sold_service_goes_and_the_deal_keeps_its_line_and_its_total(
    owner: Actor, signed_in_client: Client
):
    day = create(owner, SERVICE, name="Training day", amount=1200)
    pilot = create(owner, DEAL, name="Pilot", services=[{"serviceId": str(day.pk), "quantity": 2}])
    delete(owner, SERVICE, day.pk)
    purge_all()
    assert not Service.objects.exists()
    line = DealLine.objects.get(deal=pilot)
    assert (line.service_id, line.service_name) == (None, "Training day")
    assert (line.quantity, line.unit_price) == (2, 1200)
    assert Deal.objects.get().total_value == 2400
    services.update_records(again(owner), DEAL, {pilot.pk: {"name": "Fleet"}})
    assert DealLine.objects.count() == 1
    page = signed_in_client.get(f"/deals/{pilot.pk}/")
    assert page.status_code == 200
    assert "Training day" in page.content.decode()


def test_pages_and_undo_know_what_is_gone(owner: Actor, signed_in_client: Client):
    actor = again(owner)
    ada = create(actor, CONTACT, firstName="Ada")
    delete(owner, CONTACT, ada.pk)
    purge_all()
    assert signed_in_client.get(f"/contacts/{ada.pk}/").status_code == 404
    assert signed_in_client.get(f"/changes/{actor.change_set}/").status_code == 200
    assert signed_in_client.get("/").status_code == 200
    answer = signed_in_client.post(f"/undo/{actor.change_set}/", headers={"HX-Request": "true"})
    assert answer.status_code < 500
    assert not Contact.objects.exists()


def test_it_goes_in_pieces_and_keeps_companies_apart(
    owner: Actor, stranger: Actor, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(purging, "PIECE", 2)
    for actor, number in ((owner, 3), (stranger, 2)):
        for _ in range(number):
            delete(actor, CONTACT, create(actor, CONTACT, firstName="Ada").pk)
    kept = create(stranger, CONTACT, firstName="Grace")
    assert [purge_records() for _ in range(4)] == [True, True, True, False]
    assert list(Contact.objects.all()) == [kept]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=str)
def test_every_kind_of_record_goes(owner: Actor, entity: Entity):
    needed = {"firstName": "Ada"} if entity is CONTACT else {"name": "Gone"}
    made = create(owner, entity, **needed, **({"amount": 5} if entity is SERVICE else {}))
    delete(owner, entity, made.pk)
    purge_all()
    assert not entity.model.objects.exists()


# --- custom columns ----------------------------------------------------------------------------------


def test_values_of_a_deleted_column_go_and_its_slot_is_free_while_its_number_is_not(owner: Actor):
    tier, region = column(owner, "Tier"), column(owner, "Region")
    ada, trashed = contact(owner, tier="Gold", region="North"), contact(owner, tier="Silver")
    services.delete_records(again(owner), CONTACT, [trashed.pk])
    slot = tier.slots
    version = Contact.objects.get(pk=ada.pk).version
    drop(owner, tier)
    purge_all()
    ada = Contact.objects.get(pk=ada.pk)
    assert (ada.custom, getattr(ada, slot), ada.version) == ({str(region.number): "North"}, None, version)
    assert Contact.objects.get(pk=trashed.pk).custom == {}
    tier.refresh_from_db()
    assert tier.slots == ""
    assert tier.purged_at
    assert free_slots(column_type(region), field_services.columns_ever(owner, CONTACT)) == slot
    assert column(owner, "Tier").number == region.number + 1


def test_columns_that_hold_several_values_are_cleared_from_their_index(owner: Actor):
    tags = column(owner, "Tags", "email", options={"allowMultiple": True})
    contact(owner, tags=["a@example.com", "b@example.com"])
    assert IndexedValue.objects.filter(field=str(tags.number)).count() == 2
    drop(owner, tags)
    purge_all()
    assert Contact.objects.get().custom == {}
    assert not IndexedValue.objects.filter(field=str(tags.number)).exists()


def test_a_value_without_an_index_is_found_as_well(owner: Actor):
    tier = column(owner, "Tier")
    contact(owner, tier="\u0301")
    Contact.objects.update(**{tier.slots: None})
    drop(owner, tier)
    purge_all()
    assert Contact.objects.get().custom == {}


def test_a_column_that_can_come_back_keeps_its_values(owner: Actor, monkeypatch: pytest.MonkeyPatch):
    tier = column(owner, "Tier")
    ada = contact(owner, tier="Gold")
    drop(owner, tier, ago=RESTORABLE_FOR - timedelta(minutes=1))
    purge_all()
    field_services.restore_column(again(owner), tier.pk)
    assert Contact.objects.get(pk=ada.pk).custom == {str(tier.number): "Gold"}


def test_values_go_in_pieces(owner: Actor, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(purging, "PIECE", 2)
    tier = column(owner, "Tier")
    for _ in range(3):
        contact(owner, tier="Gold")
    drop(owner, tier)
    assert [purge_columns() for _ in range(4)] == [True, True, True, False]
    assert {str(made.custom) for made in Contact.objects.all()} == {"{}"}
