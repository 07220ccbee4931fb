"""The page and the card through which sample data is removed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor, system_actor
from accounts.models import Company, User
from accounts.services import SAMPLE_DATA
from crm import services
from crm.entities import CONTACT, DEAL
from crm.models import RESTORABLE_FOR, Contact, CustomColumn, Deal
from customermates.kernel.ids import uuid7

pytestmark = pytest.mark.django_db
PAGE = "/settings/sample-data/"


@pytest.fixture(autouse=True)
def _sample(company: Company) -> None:
    for load in SAMPLE_DATA.values():
        load(system_actor(company))


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def own_deal(owner: Actor) -> Deal:
    """A deal of the sample that Olivia has made her own, with a name that wants escaping."""
    deal: Deal = Deal.objects.order_by("pk")[0]  # type: ignore[assignment]  # the manager says Record
    changed = {deal.pk: {"name": "Ours <b>& theirs</b>"}}
    services.update_records(replace(owner, change_set=uuid7()), DEAL, changed)
    return deal


def test_the_page_counts_what_goes_and_names_what_stays(signed_in_client: Client, owner: Actor) -> None:
    deal = own_deal(owner)
    text = signed_in_client.get(PAGE).text
    assert f'href="/deals/{deal.pk}/">Ours &lt;b&gt;&amp; theirs&lt;/b&gt;</a>' in text
    assert '<td class="num">119</td><td class="num">1</td>' in text
    assert "Mara Lindqvist, Tobias Falkenried, Priya Raman, who came with the sample data" in text
    assert Contact.objects.filter(deleted_at=None).count() == 250


def test_one_click_removes_it_and_one_more_brings_it_back(signed_in_client: Client) -> None:
    home = signed_in_client.get("/").text
    assert "Remove sample data" in home
    answer = signed_in_client.post(PAGE, headers={"Referer": "http://testserver/"}, follow=True)
    assert answer.request["PATH_INFO"] == "/"
    assert "532 sample records removed." in answer.text
    assert "Remove sample data" not in answer.text
    assert not Contact.objects.filter(deleted_at=None).exists()
    undo = answer.text.split('<form method="post" action="/undo/')[1].split('"')[0]
    back = signed_in_client.post(f"/undo/{undo}", follow=True)
    assert "Undone." in back.text
    assert Contact.objects.filter(deleted_at=None).count() == 250
    assert CustomColumn.objects.filter(deleted_at=None).count() == 20
    assert "Remove sample data" in signed_in_client.get("/").text


def test_what_stays_is_listed_after_it_went(signed_in_client: Client, owner: Actor) -> None:
    own_deal(owner)
    answer = signed_in_client.post(PAGE, headers={"Referer": "http://testserver/"}, follow=True)
    assert answer.request["PATH_INFO"] == PAGE
    assert "No sample data left to remove" in answer.text
    assert "Ours &lt;b&gt;" in answer.text
    assert f'href="{PAGE}"' in answer.text  # it can still be brought back


def test_a_second_click_does_no_harm(signed_in_client: Client) -> None:
    signed_in_client.post(PAGE)
    again = signed_in_client.post(PAGE, follow=True)
    assert "There was no sample data left to remove." in again.text


def test_members_and_readers_neither_see_nor_open_it(max_: User, rita: User) -> None:
    for user in (max_, rita):
        client = browser(user)
        assert "sample data" not in client.get("/").text
        assert PAGE not in client.get("/settings/profile/").text
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE).status_code == 403
    assert Contact.objects.filter(deleted_at=None).count() == 250


def test_the_way_there_stays_as_long_as_it_can_go_or_come_back(
    signed_in_client: Client, olivia: User
) -> None:
    assert PAGE in signed_in_client.get("/palette/?q=sample").text
    signed_in_client.post(PAGE)
    assert PAGE in signed_in_client.get("/palette/?q=sample").text
    with time_machine.travel(timezone.now() + RESTORABLE_FOR + timedelta(hours=1), tick=False):
        assert PAGE not in browser(olivia).get("/palette/?q=sample").text


def test_it_can_be_brought_back_long_after_the_toast(signed_in_client: Client, olivia: User) -> None:
    signed_in_client.post(PAGE)
    with time_machine.travel(timezone.now() + timedelta(days=20), tick=False):
        client = browser(olivia)
        page = client.get(PAGE).text
        assert "532 sample records are in the trash" in page
        assert "Removed by Olivia Owner" in page
        undo = page.split('action="/undo/')[1].split('"')[0]
        assert "Undone." in client.post(f"/undo/{undo}", follow=True).text
        assert Contact.objects.filter(deleted_at=None).count() == 250
        assert CustomColumn.objects.filter(deleted_at=None).count() == 20
        assert "Bring it back" not in client.get(PAGE).text


def test_a_sample_record_deleted_by_hand_is_no_removal(signed_in_client: Client, owner: Actor) -> None:
    services.delete_records(owner, CONTACT, [Contact.objects.order_by("pk")[0].pk])
    assert "Bring it back" not in signed_in_client.get(PAGE).text


def test_the_reason_of_a_removal_is_told_in_the_readers_language(
    signed_in_client: Client, olivia: User
) -> None:
    signed_in_client.post(PAGE)
    User.objects.filter(pk=olivia.pk).update(language="de")
    assert "Beispieldaten entfernt" in signed_in_client.get("/").text


def test_a_company_that_never_had_any_is_told_so(sven: User) -> None:
    client = browser(sven)
    assert "No sample data left to remove" in client.get(PAGE).text
    assert "sample data" not in client.get("/").text


def test_it_speaks_german(olivia: User, owner: Actor) -> None:
    User.objects.filter(pk=olivia.pk).update(language="de")
    own_deal(owner)
    text = browser(olivia).get(PAGE).text
    assert "Beispieldaten entfernen" in text
    assert "Deals: 1 bleibt" in text
