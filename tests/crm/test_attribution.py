"""Who did something is called the same wherever it is told, and why in the reader's language."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from accounts.actor import Actor, user_actor
from accounts.models import Company, Event, User
from crm import services
from crm.attribution import attribution, who_did
from crm.entities import CONTACT, DEAL
from crm.undo import undo_change_set
from tests import people
from tests.crm.test_home import again

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def agent_of(user: User, client: str) -> Actor:
    key, _ = people.key_of(user, "*", name="Sales agent")
    return user_actor(user, via="mcp", api_key=key, client=client)


@pytest.mark.parametrize(
    ("client", "who"),
    [
        ("Claude/1.2 (desktop)", "Claude (key Sales agent)"),
        ("claude-code/2.0.1", "Claude Code (key Sales agent)"),
        ("Sales bot 1.4", "Sales bot (key Sales agent)"),
        # A library carries requests for anybody: the person whose key it is says more.
        ("python-httpx2/1.0", "Olivia Owner (key Sales agent)"),
        ("mcp 0.1.0", "Olivia Owner (key Sales agent)"),
        ("curl/8.5.0", "Olivia Owner (key Sales agent)"),
        ("", "Olivia Owner (key Sales agent)"),
    ],
)
def test_an_agent_is_called_the_same_in_timeline_home_and_notice(
    client: str, who: str, olivia: User, max_: User
):
    agent = agent_of(olivia, client)
    [deal] = services.create_records(agent, DEAL, [{"name": "Pilot"}]).records
    assert who_did(Event.objects.get(entity_id=deal.pk)) == who
    reading = browser(max_)
    name = who.partition(" (key")[0]
    timeline = reading.get(f"/deals/{deal.pk}/").text
    assert f"<b>{name}</b>" in timeline
    assert "via MCP · key “Sales agent”" in timeline
    assert f"<b>{who}</b>" in reading.get("/").text
    assert f"{who} changed 1 deal." in reading.get("/live/?since=0&entity=deal").text


def test_whose_key_an_agent_used_is_told_beside_its_name(olivia: User):
    agent = agent_of(olivia, "Claude/1.2")
    services.create_records(agent, DEAL, [{"name": "Pilot"}])
    by = attribution(Event.objects.get(name="deal.created"))
    assert (by.name, by.details) == ("Claude", "Olivia Owner · Claude/1.2")


def test_the_browser_of_a_person_is_no_agent(owner: Actor):
    services.create_records(replace(owner, client="Mozilla/5.0"), CONTACT, [{"firstName": "Ada"}])
    by = attribution(Event.objects.get(name="contact.created"))
    assert (by.who, by.is_agent, by.via, by.details) == ("Olivia Owner", False, "", "")


def test_the_reason_of_an_undo_is_told_in_the_readers_language(olivia: User, company: Company):
    agent = agent_of(olivia, "Claude/1.2")
    [ada] = services.create_records(agent, CONTACT, [{"firstName": "Ada"}]).records
    changed = again(agent)
    services.update_records(changed, CONTACT, {ada.pk: {"jobTitle": "Head"}})
    undo_change_set(again(people.signed_in(olivia)), changed.change_set)
    reason = Event.objects.order_by("-sequence").values_list("reason", flat=True)[0]
    assert reason == "Undo of a change by Claude (key Sales agent)"
    User.objects.filter(pk=olivia.pk).update(language="de")
    for address in ("/", f"/contacts/{ada.pk}/"):
        page = browser(olivia).get(address).text
        assert "Rücknahme einer Änderung von Claude (Schlüssel Sales agent)" in page


def test_a_reason_that_somebody_gave_stays_as_it_is(owner: Actor, olivia: User):
    services.create_records(replace(owner, reason="Undo of a change"), CONTACT, [{"firstName": "Ada"}])
    User.objects.filter(pk=olivia.pk).update(language="de")
    assert "Undo of a change" in browser(olivia).get("/").text


def test_days_in_a_timeline_stand_as_they_were(signed_in_client: Client, owner: Actor):
    pilot = {"name": "Pilot", "expectedCloseDate": "2026-01-01"}
    [deal] = services.create_records(owner, DEAL, [pilot]).records
    services.update_records(again(owner), DEAL, {deal.pk: {"expectedCloseDate": "2026-11-29"}})
    told = signed_in_client.get(f"/deals/{deal.pk}/").text.split('id="timeline"')[1]
    assert ">1 Jan 2026</time> → " in told
    assert ">29 Nov 2026</time>" in told
