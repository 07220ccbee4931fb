"""The page of one change set: what it lists, who may see it, and that it can be undone from there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from crm import changes, services
from crm.entities import CONTACT, DEAL
from customermates.kernel.ids import uuid7
from tests import people
from tests.crm.test_home import again, own_only

pytestmark = pytest.mark.django_db


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_it_tells_who_did_what_to_each_record(olivia: User, owner: Actor, signed_in_client: Client):
    deals = services.create_records(owner, DEAL, [{"name": "<b>A</b>", "amount": 5}, {"name": "B"}]).records
    agent = replace(people.with_key(olivia, "*"), client="Claude/1.2", reason="Trade fair")
    services.update_records(agent, DEAL, {deal.pk: {"amount": 7} for deal in deals})
    page = signed_in_client.get(f"/changes/{agent.change_set}/").text
    assert "<b>Claude</b>" in page
    assert "via MCP · key “Laptop”" in page
    assert "2 deals" in page
    assert "<q>Trade fair</q>" in page
    assert "&lt;b&gt;A&lt;/b&gt;" in page
    assert "changed <b>Amount</b> €5 → €7" in page
    assert "set <b>Amount</b> to €7" in page


def test_new_records_and_those_that_came_back_are_told_apart(owner: Actor, signed_in_client: Client):
    old = services.create_records(owner, CONTACT, [{"firstName": "Old"}]).records[0]
    services.delete_records(again(owner), CONTACT, [old.pk])
    both = again(owner)
    services.restore_records(both, CONTACT, [old.pk])
    services.create_records(both, CONTACT, [{"firstName": "New"}])
    page = signed_in_client.get(f"/changes/{both.change_set}/").text
    assert page.count("took this record out of the trash") == 1
    assert page.count("created this record") == 1


def test_pages_follow_each_other(owner: Actor, signed_in_client: Client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(changes, "PAGE", 2)
    services.create_records(owner, CONTACT, [{"firstName": f"Nr {n}"} for n in range(5)])
    address, seen, page = f"/changes/{owner.change_set}/", "", ""
    for _ in range(3):
        page = signed_in_client.get(address).text
        assert "5 contacts" in page
        seen += page
        onwards = page.split('rel="next"')[0].rpartition('href="')[2].split('"')[0]
        address = f"/changes/{owner.change_set}/{onwards}"
    assert [seen.count(f">Nr {n}<") for n in range(5)] == [1] * 5
    assert 'rel="next"' not in page


def test_nobody_reads_of_what_they_may_not_see(owner: Actor, max_: User, sven: User):
    his = {"firstName": "His", "userIds": [str(max_.pk)]}
    services.create_records(owner, CONTACT, [his, {"firstName": "Hidden"}])
    address = f"/changes/{owner.change_set}/"
    own_only(max_)
    page = browser(max_).get(address).text
    assert "1 contact" in page
    assert "His" in page
    assert "Hidden" not in page
    assert browser(sven).get(address).status_code == 404
    assert browser(max_).get(f"/changes/{uuid7()}/").status_code == 404


def test_all_of_it_can_be_undone_by_who_may_write(owner: Actor, rita: User, signed_in_client: Client):
    services.create_records(owner, CONTACT, [{"firstName": "A"}, {"firstName": "B"}])
    address = f"/changes/{owner.change_set}/"
    assert "Undo all" not in browser(rita).get(address).text
    assert "Undo all" in signed_in_client.get(address).text
    came_from = {"Referer": f"http://testserver{address}"}
    page = signed_in_client.post(f"/undo/{owner.change_set}/", headers=came_from, follow=True).text
    assert page.count("in the trash") == 2
