"""The notes of a record and its timeline: what was written, by whom, and what it was before."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Event, User
from accounts.roles import create_role
from crm import services
from crm.entities import CONTACT, DEAL
from crm.views.notes import mark_of
from tests import people
from tests.crm.forms import text_of
from tests.crm.pages import HTMX, toast, triggers, url_of
from tests.crm.test_undo import create, fresh, now, update

pytestmark = pytest.mark.django_db


# --- Notes -------------------------------------------------------------------------------------------


def test_a_note_is_added_below_what_others_wrote(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", notes="first")
    answer = signed_in_client.post(url_of(CONTACT, ada) + "notes/add/", {"text": "second"}, headers=HTMX)
    assert answer.status_code == 200
    assert "records:changed" in triggers(answer)
    assert now(CONTACT, ada.pk).notes == "first\n\nsecond"
    assert "added a note" in signed_in_client.get(url_of(CONTACT, ada)).text


def test_a_task_in_a_note_is_ticked_in_the_text(signed_in_client: Client, owner: Actor):
    notes = "- [ ] one\n- [ ] two"
    ada = create(owner, CONTACT, firstName="Ada", notes=notes)
    url, values = url_of(CONTACT, ada) + "notes/tick/", {"task": "1", "done": "true", "mark": mark_of(notes)}
    assert signed_in_client.post(url, values, headers=HTMX).status_code == 204
    assert now(CONTACT, ada.pk).notes == "- [ ] one\n- [x] two"
    again = signed_in_client.post(url, values, headers=HTMX)
    assert again.status_code == 409
    assert "changed meanwhile" in toast(again)
    assert "ticked off <b>two</b>" in signed_in_client.get(url_of(CONTACT, ada)).text


@pytest.mark.parametrize("task", ["7", "-1", "x", "", "9" * 30])
def test_a_box_that_is_not_there_changes_nothing(signed_in_client: Client, owner: Actor, task: str):
    ada = create(owner, CONTACT, firstName="Ada", notes="- [ ] one")
    values = {"task": task, "done": "true", "mark": mark_of("- [ ] one")}
    assert signed_in_client.post(url_of(CONTACT, ada) + "notes/tick/", values).status_code == 409
    assert now(CONTACT, ada.pk).notes == "- [ ] one"


def test_who_saves_over_newer_notes_is_asked_and_loses_nothing(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada", notes="first")
    url = url_of(CONTACT, ada) + "notes/"
    update(owner, CONTACT, ada.pk, notes="newer")
    mine = {"text": "mine", "mark": mark_of("first")}
    answer = signed_in_client.post(url, mine, headers=HTMX)
    assert answer.status_code == 409
    assert "Olivia Owner changed the notes while you were writing." in answer.text
    assert ">mine</textarea>" in answer.text
    assert "<p>newer</p>" in answer.text
    assert now(CONTACT, ada.pk).notes == "newer"
    signed_in_client.post(url, {"text": "mine", "mark": mark_of("newer")}, headers=HTMX)
    assert now(CONTACT, ada.pk).notes == "mine"


def test_a_note_that_is_too_long_says_so_and_stays(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    long = "x" * 70_000
    answer = signed_in_client.post(url_of(CONTACT, ada) + "notes/", {"text": long, "mark": mark_of("")})
    assert answer.status_code == 422
    assert long in answer.text


# --- Timeline ----------------------------------------------------------------------------------------


def words(page: str) -> str:
    """The timeline's text without its tags."""
    return text_of(page, "timeline")


def test_the_timeline_tells_before_and_after_with_labels_and_names(
    signed_in_client: Client, owner: Actor, max_: User
):
    deal = create(owner, DEAL, name="Pilot")
    update(owner, DEAL, deal.pk, stage="Qualified")
    update(owner, DEAL, deal.pk, userIds=[str(max_.pk)])
    update(owner, DEAL, deal.pk, amount=1500)
    told = words(signed_in_client.get(url_of(DEAL, deal)).text)
    assert "changed Stage New → Qualified" in told
    assert "assigned Max Member" in told
    assert "set Amount to €1,500" in told
    assert str(max_.pk) not in told


def test_the_timeline_names_the_key_the_reason_and_how_many_others(
    signed_in_client: Client, owner: Actor, olivia: User
):
    ada, bob = (create(owner, CONTACT, firstName=name) for name in ("Ada", "Bob"))
    agent = replace(fresh(people.with_key(olivia, "*")), reason="Spring cleaning")
    services.update_records(agent, CONTACT, {r.pk: {"jobTitle": "Clerk"} for r in (ada, bob)})
    told = words(signed_in_client.get(url_of(CONTACT, ada)).text)
    assert "via MCP · key “Laptop”" in told
    assert "“Spring cleaning”" in told
    assert "and 1 other record" in told


def test_what_still_stands_can_be_undone_from_the_timeline(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    first = update(owner, CONTACT, ada.pk, jobTitle="Clerk")
    second = update(owner, CONTACT, ada.pk, jobTitle="Head")
    page = signed_in_client.get(url_of(CONTACT, ada)).text
    assert f"/undo/{second}/?record={ada.pk}" in page
    assert f"/undo/{first}/" not in page
    signed_in_client.post(f"/undo/{second}/?record={ada.pk}")
    assert now(CONTACT, ada.pk).job_title == "Clerk"


def test_older_entries_come_page_by_page(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    for n in range(45):
        update(owner, CONTACT, ada.pk, jobTitle=f"Job {n}")
    page = signed_in_client.get(url_of(CONTACT, ada)).text
    assert page.count("data-entry") == 20
    before = Event.objects.filter(entity_id=ada.pk).order_by("-sequence")[19].sequence
    assert f"?part=older&amp;before={before}" in page
    older = signed_in_client.get(url_of(CONTACT, ada) + f"?part=older&before={before}", headers=HTMX).text
    assert older.count("data-entry") == 20
    assert signed_in_client.get(url_of(CONTACT, ada) + "?shown=45").text.count("data-entry") == 45
    for odd in ("x", "-1", "9" * 40, "²"):
        assert signed_in_client.get(url_of(CONTACT, ada), {"before": odd, "shown": odd}).status_code == 200


def test_many_links_made_at_once_fold_after_the_first_ones(signed_in_client: Client, owner: Actor):
    deals = [create(owner, DEAL, name=f"Deal {n}") for n in range(1, 8)]
    ada, bob = (create(owner, CONTACT, firstName=name) for name in ("Ada", "Bob"))
    update(owner, CONTACT, ada.pk, dealIds=[str(deal.pk) for deal in deals])
    update(owner, CONTACT, bob.pk, dealIds=[str(deal.pk) for deal in deals[:4]])
    page = signed_in_client.get(url_of(CONTACT, ada)).text
    assert "linked Deal 1, Deal 2, Deal 3 and 4 more: Deal 4, Deal 5, Deal 6, Deal 7" in words(page)
    [folded] = re.findall(r"<details class=\"unfold\">(.*?)</details>", page)
    assert [f"Deal {n}" in folded for n in range(1, 8)] == [n > 3 for n in range(1, 8)]
    assert "<details class" not in signed_in_client.get(url_of(CONTACT, bob)).text  # one more is no fold


def test_links_to_what_the_reader_cannot_see_are_told_without_a_name(owner: Actor, max_: User):
    secret = create(owner, DEAL, name="Secret deal")
    ada = create(owner, CONTACT, firstName="Ada")
    update(owner, CONTACT, ada.pk, dealIds=[str(secret.pk)])
    everything = {name: {"read": "all", "manage": True} for name in ("contacts", "organizations")}
    role = create_role(owner, name="Own deals", permissions={**everything, "deals": {"read": "own"}})
    User.objects.filter(pk=max_.pk).update(role=role)
    client = Client()
    client.force_login(max_)
    page = client.get(url_of(CONTACT, ada)).text
    assert "Secret deal" not in page
    assert "linked a record you cannot see" in words(page)
