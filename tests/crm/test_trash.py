"""The trash: who finds what in it, who deleted it, until when, and how it comes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Company, Role, User
from crm import field_services, services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, Entity
from crm.models import RESTORABLE_FOR, CustomColumn, Record
from crm.trash import COLUMN, TrashQuery, list_trash, restore_from_trash
from customermates.kernel.errors import NotAllowed, NotFound, ValidationFailed
from tests import people
from tests.crm.pages import HTMX, toast
from tests.crm.test_home import again, own_only

pytestmark = pytest.mark.django_db
PAGE = "/settings/trash/"


def deleted(actor: Actor, entity: Entity, name: str, **more: Any) -> Record:
    """A record of this name that `actor` has moved to the trash."""
    named = "firstName" if entity is CONTACT else "name"
    needed = {"amount": 5} if entity.name == "service" else {}
    [record] = services.create_records(actor, entity, [{named: name, **needed, **more}]).records
    services.delete_records(again(actor), entity, [record.pk])
    return record


def names(actor: Actor, **query: Any) -> list[str]:
    return [row.name for row in list_trash(actor, TrashQuery(**query)).rows]


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


# --- what is in it -----------------------------------------------------------------------------------


def test_it_holds_what_was_deleted_of_every_kind_newest_first(owner: Actor, signed_in_client: Client):
    for number, entity in enumerate(ENTITIES.values()):
        deleted(owner, entity, f"Gone {number}")
    column = field_services.create_column(
        owner, {"entityType": "deal", "type": "plain", "label": "Region"}
    ).column
    field_services.delete_column(again(owner), column.pk)
    found = list_trash(owner, TrashQuery()).rows
    assert [row.kind for row in found] == [COLUMN, *reversed(ENTITIES.names())]
    assert [row.name for row in found] == ["Region", "Gone 4", "Gone 3", "Gone 2", "Gone 1", "Gone 0"]
    page = signed_in_client.get(PAGE).text
    assert all(row.name in page for row in found)


def test_it_says_who_deleted_through_what_and_until_when(olivia: User, signed_in_client: Client):
    agent = replace(people.with_key(olivia, "*"), client="Claude/1.2", reason="A duplicate")
    ada = deleted(agent, CONTACT, "Ada")
    [row] = list_trash(agent, TrashQuery()).rows
    assert row.until == row.deleted_at + timedelta(days=30)
    for address in (PAGE, f"/contacts/{ada.pk}/"):
        page = signed_in_client.get(address).text
        assert "by Claude (key Laptop)" in page
        assert "in 30 days" in page
    assert 'title="A duplicate"' in signed_in_client.get(PAGE).text


def test_the_last_deletion_counts_when_something_was_deleted_twice(owner: Actor, member: Actor):
    ada = deleted(owner, CONTACT, "Ada")
    services.restore_records(again(owner), CONTACT, [ada.pk])
    services.delete_records(again(member), CONTACT, [ada.pk])
    [row] = list_trash(owner, TrashQuery()).rows
    assert row.event
    assert row.event.user_id == member.user_id


def test_it_can_be_narrowed_and_searched(owner: Actor, signed_in_client: Client):
    deleted(owner, CONTACT, "Ängström", lastName="Jonas")
    deleted(owner, DEAL, "Angstrom pilot")
    deleted(owner, DEAL, "Other")
    assert names(owner, words="pilot ANGSTROM") == ["Angstrom pilot"]
    assert names(owner, words="jonas äng") == ["Ängström Jonas"]
    assert names(owner, kind="deal") == ["Other", "Angstrom pilot"]
    part = signed_in_client.get(f"{PAGE}?kind=deal&q=oth", headers=HTMX).text
    assert "Other" in part
    assert "Angstrom" not in part
    assert "<html" not in part
    assert "Nothing in the trash matches" in signed_in_client.get(f"{PAGE}?q=zzz").text


def test_pages_follow_each_other_also_through_what_was_deleted_at_once(owner: Actor):
    rows = [{"name": f"D {n}"} for n in range(7)]
    deals = services.create_records(owner, DEAL, rows).records
    services.delete_records(again(owner), DEAL, [deal.pk for deal in deals])
    found, below = [], None
    for _ in range(4):
        page = list_trash(owner, TrashQuery(below=below, size=2))
        found += [row.name for row in page.rows]
        below = page.next
    assert sorted(found) == [row["name"] for row in rows]
    assert below is None


def test_the_page_goes_on_where_its_link_says(owner: Actor, signed_in_client: Client):
    rows = [{"name": f"Deal no {n:02}"} for n in range(30)]
    deals = services.create_records(owner, DEAL, rows).records
    services.delete_records(again(owner), DEAL, [deal.pk for deal in deals])
    first = signed_in_client.get(PAGE).text
    older = first.split('rel="next"')[0].rpartition('href="')[2].split('"')[0].replace("&amp;", "&")
    second = signed_in_client.get(f"{PAGE}{older}").text
    assert first.count("Restore Deal no") == 25
    assert second.count("Restore Deal no") == 5
    assert "To the newest" in second
    assert signed_in_client.get(f"{PAGE}?before=nonsense").text.count("Restore Deal no") == 25


def test_it_is_empty_at_first_and_teaches(signed_in_client: Client):
    assert "The trash is empty" in signed_in_client.get(PAGE).text


def test_after_thirty_days_nobody_can_bring_it_back(owner: Actor, olivia: User):
    ada = deleted(owner, CONTACT, "Ada")
    with time_machine.travel(timezone.now() + RESTORABLE_FOR + timedelta(minutes=1), tick=False):
        assert names(owner) == []
        with pytest.raises(NotFound):
            services.restore_records(again(owner), CONTACT, [ada.pk])
        assert browser(olivia).get(f"/contacts/{ada.pk}/").status_code == 404


def test_a_column_is_gone_after_thirty_days_too(owner: Actor):
    column = field_services.create_column(
        owner, {"entityType": "deal", "type": "plain", "label": "Region"}
    ).column
    field_services.delete_column(again(owner), column.pk)
    later = timezone.now() + RESTORABLE_FOR + timedelta(minutes=1)
    with time_machine.travel(later, tick=False), pytest.raises(NotFound):
        field_services.restore_column(again(owner), column.pk)


# --- who sees what -----------------------------------------------------------------------------------


def test_nobody_finds_more_than_they_could_see(owner: Actor, max_: User, stranger: Actor):
    deleted(owner, CONTACT, "His", userIds=[str(max_.pk)])
    deleted(owner, CONTACT, "Hidden")
    deleted(stranger, CONTACT, "Sven's own")
    assert names(owner) == ["Hidden", "His"]
    assert names(own_only(max_)) == ["His"]
    assert names(stranger) == ["Sven's own"]


def test_who_may_not_delete_may_look_but_not_restore(owner: Actor, rita: User):
    ada = deleted(owner, CONTACT, "Ada")
    client = browser(rita)
    page = client.get(PAGE).text
    assert "Ada" in page
    assert "Restore" not in page
    assert client.post(f"{PAGE}restore/", {"only": f"contact:{ada.pk}"}).status_code == 403
    assert names(owner) == ["Ada"]


def test_who_may_read_nothing_is_not_shown_the_way(max_: User):
    role = Role.objects.create(company=max_.company, name="Nothing", permissions={})
    User.objects.filter(pk=max_.pk).update(role=role)
    assert PAGE not in browser(max_).get("/settings/profile/").text


def test_another_companys_trash_stays_closed(owner: Actor, stranger: Actor):
    theirs = deleted(stranger, CONTACT, "Sven's own")
    column = field_services.create_column(
        stranger, {"entityType": "deal", "type": "plain", "label": "Region"}
    ).column
    field_services.delete_column(again(stranger), column.pk)
    for picked in (("contact", theirs.pk), ("deal", theirs.pk), (COLUMN, column.pk), ("user", theirs.pk)):
        with pytest.raises(NotFound):
            restore_from_trash(again(owner), [picked])
    assert names(stranger) == ["Region", "Sven's own"]


# --- coming back -------------------------------------------------------------------------------------


def test_what_is_picked_comes_back_in_one_change_that_can_be_undone(
    owner: Actor, signed_in_client: Client, company: Company
):
    ada, deal = deleted(owner, CONTACT, "Ada"), deleted(owner, DEAL, "D")
    deleted(owner, ORGANIZATION, "A")
    sent = {"item": [f"contact:{ada.pk}", f"deal:{deal.pk}"]}
    answer = signed_in_client.post(f"{PAGE}restore/", sent, follow=True)
    assert "2 things are back." in answer.text
    assert names(owner) == ["A"]
    undo = answer.text.split('action="/undo/')[1].split('"')[0]
    signed_in_client.post(f"/undo/{undo}")
    assert sorted(names(owner)) == ["A", "Ada", "D"]


def test_the_button_of_a_row_restores_that_row_alone(owner: Actor, signed_in_client: Client):
    ada, eva = deleted(owner, CONTACT, "Ada"), deleted(owner, CONTACT, "Eva")
    sent = {"item": [f"contact:{eva.pk}"], "only": f"contact:{ada.pk}"}
    answer = signed_in_client.post(
        f"{PAGE}restore/", sent, headers={"Referer": f"http://testserver{PAGE}?kind=contact"}, follow=True
    )
    assert answer.request["QUERY_STRING"] == "kind=contact"
    assert "Ada is back." in answer.text
    assert names(owner) == ["Eva"]


def test_links_come_back_with_a_record(owner: Actor, signed_in_client: Client):
    [acme] = services.create_records(owner, ORGANIZATION, [{"name": "Acme"}]).records
    ada = deleted(owner, CONTACT, "Ada", organizationIds=[str(acme.pk)])
    linked = f"/contacts/?f1=organizationIds&o1=in&v1={acme.pk}"
    assert str(ada.pk) not in signed_in_client.get(linked).text
    restore_from_trash(again(owner), [("contact", ada.pk)])
    assert str(ada.pk) in signed_in_client.get(linked).text


def test_what_somebody_else_brought_back_meanwhile_is_no_trouble(owner: Actor, signed_in_client: Client):
    ada, eva = deleted(owner, CONTACT, "Ada"), deleted(owner, CONTACT, "Eva")
    services.restore_records(again(owner), CONTACT, [ada.pk])
    sent = {"item": [f"contact:{ada.pk}", f"contact:{eva.pk}"]}
    assert "Eva is back." in signed_in_client.post(f"{PAGE}restore/", sent, follow=True).text
    again_sent = signed_in_client.post(f"{PAGE}restore/", sent, follow=True).text
    assert "Nothing of it is in the trash any more." in again_sent


def test_a_column_whose_name_is_taken_keeps_everything_back_and_says_why(
    owner: Actor, signed_in_client: Client
):
    given = {"entityType": "deal", "type": "plain", "label": "Region"}
    column = field_services.create_column(owner, given).column
    field_services.delete_column(again(owner), column.pk)
    field_services.create_column(again(owner), given)
    ada = deleted(owner, CONTACT, "Ada")
    picked = [("contact", ada.pk), (COLUMN, column.pk)]
    with pytest.raises(ValidationFailed):
        restore_from_trash(again(owner), picked)
    sent = {"item": [f"{kind}:{pk}" for kind, pk in picked]}
    assert "toast bad" in signed_in_client.post(f"{PAGE}restore/", sent, follow=True).text
    assert names(owner) == ["Ada", "Region"]
    assert CustomColumn.objects.filter(deleted_at=None).count() == 1


def test_a_form_that_picks_nothing_is_told_so(signed_in_client: Client):
    for sent in ({}, {"item": "nonsense"}, {"item": "contact:1"}):
        answer = signed_in_client.post(f"{PAGE}restore/", sent, follow=True)
        assert "Pick what shall come back first." in answer.text


def test_restoring_needs_the_right_to_delete(reader: Actor, owner: Actor):
    ada = deleted(owner, CONTACT, "Ada")
    with pytest.raises(NotAllowed):
        restore_from_trash(reader, [("contact", ada.pk)])


# --- the way there -----------------------------------------------------------------------------------


def test_the_toast_of_a_deletion_and_the_deleted_record_lead_there(owner: Actor, signed_in_client: Client):
    deals = services.create_records(owner, DEAL, [{"name": "A"}, {"name": "B"}]).records
    way = f'href="{PAGE}?kind=deal"'
    assert way in signed_in_client.post(f"/deals/{deals[0].pk}/delete/", follow=True).text
    assert way in signed_in_client.get(f"/deals/{deals[0].pk}/").text
    sent = {"ids": str(deals[1].pk), "action": "delete"}
    answer = signed_in_client.post("/deals/bulk/change/", sent, headers=HTMX)
    assert toast(answer) == "1 record moved to the trash."
    assert f"{PAGE}?kind=deal" in answer.headers["HX-Trigger"]


def test_it_speaks_german(olivia: User, owner: Actor):
    User.objects.filter(pk=olivia.pk).update(language="de")
    deleted(owner, CONTACT, "Ada")
    page = browser(olivia).get(PAGE).text
    assert "Papierkorb" in page
    assert "Endgültig weg" in page
