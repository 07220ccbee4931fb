"""Forms that make something, sent twice: by a double click, a second Enter, or after going back."""

from __future__ import annotations

import re
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from crm.entities import CONTACT
from crm.models import Organization
from tests.crm.pages import HTMX, toast, token, triggers, url_of
from tests.crm.test_undo import create, now

pytestmark = pytest.mark.django_db
FORM = "/organizations/new/"


@pytest.fixture
def form(signed_in_client: Client) -> dict[str, str]:
    """What Olivia sends from a form that she opened once."""
    return {"name": "Engines Ltd", "_once": token(signed_in_client.get(FORM).text)}


def test_a_form_sent_twice_makes_one_record_and_says_the_same_twice(
    signed_in_client: Client, form: dict[str, str]
):
    first, second = (signed_in_client.post(FORM, form, headers=HTMX) for _ in range(2))
    engines = Organization.objects.get()
    assert first.status_code == second.status_code == 204
    assert triggers(first) == triggers(second)
    assert triggers(second)["records:changed"]["ids"] == [str(engines.pk)]


def test_without_script_the_second_leads_to_the_page_of_the_first(
    signed_in_client: Client, form: dict[str, str]
):
    answers = [signed_in_client.post(FORM, form) for _ in range(2)]
    address = f"/organizations/{Organization.objects.get().pk}/"
    assert [answer.headers["Location"] for answer in answers] == [address, address]


def test_who_goes_back_and_changes_the_form_is_told_and_may_send_it_once_more(
    signed_in_client: Client, form: dict[str, str]
):
    signed_in_client.post(FORM, form)
    refused = signed_in_client.post(FORM, {**form, "name": "Mills & Co"})
    assert refused.status_code == 422
    assert "sent before with other values" in refused.text
    assert 'value="Mills &amp; Co"' in refused.text
    signed_in_client.post(FORM, {"name": "Mills & Co", "_once": token(refused.text)})
    assert set(Organization.objects.values_list("name", flat=True)) == {"Engines Ltd", "Mills & Co"}


def test_a_form_that_was_refused_can_be_sent_again(signed_in_client: Client, form: dict[str, str]):
    assert signed_in_client.post(FORM, {**form, "name": ""}).status_code == 422
    assert signed_in_client.post(FORM, form).status_code == 302
    assert Organization.objects.count() == 1


def test_the_form_after_create_another_makes_another(signed_in_client: Client, form: dict[str, str]):
    first = signed_in_client.post(FORM, {**form, "_another": "1"}, headers=HTMX)
    assert token(first.text) != form["_once"]
    signed_in_client.post(FORM, {**form, "_once": token(first.text)}, headers=HTMX)
    assert Organization.objects.count() == 2


def test_the_token_of_one_person_means_nothing_for_another(
    signed_in_client: Client, form: dict[str, str], sven: User
):
    signed_in_client.post(FORM, form)
    other = Client()
    other.force_login(sven)
    other.post(FORM, form)
    assert Organization.objects.values("company").distinct().count() == 2


def test_a_token_of_no_form_of_ours_is_refused(signed_in_client: Client):
    refused = signed_in_client.post(FORM, {"name": "Engines Ltd", "_once": "x" * 300})
    assert refused.status_code == 422
    assert "not one of ours" in refused.text
    assert not Organization.objects.exists()


def test_a_note_added_twice_stands_there_once(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    address = url_of(CONTACT, ada)
    note = {"text": "They want it", "_once": token(signed_in_client.get(address).text)}
    answers = [signed_in_client.post(f"{address}notes/add/", note, headers=HTMX) for _ in range(2)]
    assert now(CONTACT, ada.pk).notes == "They want it"
    again = {"text": "They want it", "_once": token(answers[1].text)}
    signed_in_client.post(f"{address}notes/add/", again, headers=HTMX)
    assert now(CONTACT, ada.pk).notes == "They want it\n\nThey want it"


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_another_text_in_a_note_that_was_sent_is_neither_added_nor_lost(
    signed_in_client: Client, owner: Actor, headers: dict[str, str]
):
    ada = create(owner, CONTACT, firstName="Ada")
    address = url_of(CONTACT, ada)
    note = {"text": "one", "_once": token(signed_in_client.get(address).text)}
    signed_in_client.post(f"{address}notes/add/", note)
    refused = signed_in_client.post(f"{address}notes/add/", {**note, "text": "two"}, headers=headers)
    assert refused.status_code == 422
    assert "sent before with other values" in refused.text
    assert ">two</textarea>" in refused.text
    assert token(refused.text) != note["_once"]
    assert now(CONTACT, ada.pk).notes == "one"


def test_the_whole_text_of_notes_saved_twice_asks_nobody(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", notes="old")
    address = f"{url_of(CONTACT, ada)}notes/"
    [mark] = re.findall(r'name="mark" value="(\w+)"', signed_in_client.get(address).text)
    for _ in range(2):
        answer = signed_in_client.post(address, {"text": "new", "mark": mark}, headers=HTMX)
        assert answer.status_code == 204
    assert now(CONTACT, ada.pk).notes == "new"


def test_a_record_created_by_its_typed_name_is_created_once_and_can_be_taken_back(
    signed_in_client: Client, owner: Actor
):
    ada = create(owner, CONTACT, firstName="Ada")
    address = f"{url_of(CONTACT, ada)}links/organizationIds/"
    offered = signed_in_client.get(address, {"q": "Engines Ltd"}, headers=HTMX)
    values = {"create": "Engines Ltd", "_once": token(offered.text)}
    answers = [signed_in_client.post(address, values, headers=HTMX) for _ in range(2)]
    assert Organization.objects.count() == 1
    assert toast(answers[0]) == toast(answers[1]) == "Engines Ltd was created and linked."
    [toasted] = triggers(answers[1])["toasts"]["items"]
    signed_in_client.post(toasted["undo"], headers=HTMX)
    assert not Organization.objects.visible_to(owner).exists()


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_the_same_moment_make_one_record(signed_in_client: Client, form: dict[str, str]):
    start, statuses = Barrier(2), []

    def send() -> None:
        start.wait()
        statuses.append(signed_in_client.post(FORM, form, headers=HTMX).status_code)
        connections.close_all()

    clicks = [Thread(target=send) for _ in range(2)]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert statuses == [204, 204]
    assert Organization.objects.count() == 1
