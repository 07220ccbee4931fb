"""Pages that show what is not so any more: nobody writes over what they did not see, and all are told."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import DEAL, SERVICE, TASK
from crm.models import Deal, Record, Stage
from tests.crm.forms import fields_of
from tests.crm.pages import HTMX, toast, triggers, url_of
from tests.crm.test_undo import create, now, update

pytestmark = pytest.mark.django_db


@pytest.fixture
def pilot(owner: Actor) -> Record:
    return create(owner, DEAL, name="Pilot", stage="New", amount=100)


def stage(name: str) -> str:
    return str(Stage.objects.get(name=name).pk)


def move(client: Client, deal: Record, *, was: str, to: str, **more: Any):
    headers = more.pop("headers", HTMX)
    return client.post(f"{url_of(DEAL, deal)}move/", {"stage": to, "was": was, **more}, headers=headers)


def stage_of(deal: Record) -> str:
    return str(Deal.objects.values_list("stage__name", flat=True).get(pk=deal.pk))


# --- The board ---------------------------------------------------------------------------------------


def test_a_card_is_moved_from_where_it_stands(signed_in_client: Client, pilot: Record, owner: Actor):
    update(owner, DEAL, pilot.pk, amount=700)  # of which the board says nothing
    answer = move(signed_in_client, pilot, was=stage("New"), to=stage("Proposal"))
    assert answer.status_code == 200
    assert stage_of(pilot) == "Proposal"


def test_a_card_that_others_moved_stays_there_and_is_shown_there(
    signed_in_client: Client, pilot: Record, member: Actor
):
    services.update_records(member, DEAL, {pilot.pk: {"stage": "Negotiation"}})
    answer = move(signed_in_client, pilot, was=stage("New"), to=stage("Qualified"))
    assert answer.status_code == 409
    assert toast(answer).startswith("Max Member moved this to Negotiation meanwhile.")
    assert f'data-stage="{stage("Negotiation")}"' in answer.text
    assert answer.text.count("data-lane-head") == Stage.objects.count()
    assert stage_of(pilot) == "Negotiation"


def test_who_moves_it_to_where_others_put_it_agrees(signed_in_client: Client, pilot: Record, member: Actor):
    services.update_records(member, DEAL, {pilot.pk: {"stage": "Negotiation"}})
    answer = move(signed_in_client, pilot, was=stage("New"), to=stage("Negotiation"))
    assert answer.status_code == 200
    assert "toasts" not in triggers(answer)


def test_without_script_a_conflict_is_a_page(signed_in_client: Client, pilot: Record, member: Actor):
    services.update_records(member, DEAL, {pilot.pk: {"stage": "Negotiation"}})
    answer = move(signed_in_client, pilot, was=stage("New"), to=stage("Qualified"), headers={})
    assert answer.status_code == 409
    assert "Max Member moved this to Negotiation meanwhile." in answer.text


def test_closing_today_is_closing_now_and_another_day_its_beginning(
    signed_in_client: Client, pilot: Record, olivia: User
):
    User.objects.filter(pk=olivia.pk).update(time_zone="Pacific/Kiritimati")  # 14 hours ahead
    today = timezone.now().astimezone(ZoneInfo("Pacific/Kiritimati")).date()
    assert f'name="closedAt" value="{today}"' in signed_in_client.get("/deals/board/").text
    move(signed_in_client, pilot, was=stage("New"), to=stage("Won"), closedAt=str(today))
    closed_at = now(DEAL, pilot.pk).closed_at
    assert abs(closed_at - timezone.now()) < timedelta(minutes=1)
    move(signed_in_client, pilot, was=stage("Won"), to=stage("Lost"), closedAt="2026-01-31")
    assert now(DEAL, pilot.pk).closed_at == datetime(2026, 1, 30, 10, tzinfo=UTC)


def test_a_card_of_strangers_is_not_found(sven: User, pilot: Record):
    stranger = Client()
    stranger.force_login(sven)
    assert move(stranger, pilot, was="", to=stage_of(pilot)).status_code == 404


# --- A value -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/deals/", "/deals/{pk}/"])
def test_what_can_be_edited_carries_the_version_it_shows(
    signed_in_client: Client, pilot: Record, address: str
):
    page = signed_in_client.get(address.format(pk=pilot.pk)).text
    assert re.findall(r'data-record="[^"]+"(?! data-version="1")', page) == []
    assert 'data-version="1"' in page


def test_who_opens_a_value_on_an_old_page_is_told_who_changed_it(
    signed_in_client: Client, pilot: Record, member: Actor
):
    services.update_records(member, DEAL, {pilot.pk: {"amount": 250}})
    address = f"{url_of(DEAL, pilot)}fields/amount/"
    old = signed_in_client.get(address, {"seen": 1}, headers=HTMX).text
    assert 'data-stale="Max Member changed this meanwhile: you see it as it is now."' in old
    assert "data-stale" not in signed_in_client.get(address, {"seen": 2}, headers=HTMX).text


# --- Lines and tasks ---------------------------------------------------------------------------------


def test_the_answer_to_lines_that_moved_on_shows_them_as_they_are(
    signed_in_client: Client, pilot: Record, owner: Actor, member: Actor
):
    [audit] = services.create_records(owner, SERVICE, [{"name": "Audit", "amount": 100}]).records
    update(owner, DEAL, pilot.pk, services=[{"serviceId": str(audit.pk), "quantity": 1}])
    address = url_of(DEAL, pilot)
    typed = fields_of(signed_in_client.get(address).text, "lines") | {"quantity": ["9"]}
    line = {"serviceId": str(audit.pk), "quantity": 3, "unitPrice": 80}
    services.update_records(member, DEAL, {pilot.pk: {"services": [line]}})
    answer = signed_in_client.post(f"{address}lines/", typed, headers=HTMX)
    assert answer.status_code == 409
    assert "Max Member changed the lines meanwhile." in answer.text
    shown = fields_of(answer.text, "lines")
    assert (shown["quantity"], shown["price"]) == (["3"], ["80"])
    again = signed_in_client.post(f"{address}lines/", shown | {"quantity": ["9"]}, headers=HTMX)
    assert again.status_code == 200
    assert now(DEAL, pilot.pk).total_value == 720


def test_a_task_that_others_ticked_off_offers_nothing_to_undo(
    signed_in_client: Client, owner: Actor, member: Actor
):
    call = create(owner, TASK, name="Call them")
    services.update_records(member, TASK, {call.pk: {"status": "done"}})
    answer = signed_in_client.post(f"{url_of(TASK, call)}tick/", headers=HTMX)
    [told] = triggers(answer)["toasts"]["items"]
    assert told == {"text": "Call them is done.", "kind": "ok"}
