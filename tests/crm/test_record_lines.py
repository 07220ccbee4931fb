"""The grid of a deal's lines: saved as typed, told at the line, never over what others wrote."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.utils.html import strip_tags

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import DEAL, SERVICE
from crm.models import DealLine, Record, Service
from customermates.kernel.errors import ValidationFailed
from tests.crm.forms import fields_of
from tests.crm.pages import HTMX, toast, triggers, url_of
from tests.crm.test_undo import create, fresh, now, update

pytestmark = pytest.mark.django_db
WRITTEN = ("quantity", "price")


@pytest.fixture
def deal(owner: Actor) -> Record:
    day = create(owner, SERVICE, name="Day", amount=100)
    return create(owner, DEAL, name="Pilot", services=[{"serviceId": str(day.pk), "quantity": 2}])


def grid_of(client: Client, deal: Record) -> dict[str, Any]:
    """What the form of the lines would send."""
    return fields_of(client.get(url_of(DEAL, deal)).text, "lines")


def save(client: Client, deal: Record, values: dict[str, Any]) -> Any:
    return client.post(url_of(DEAL, deal) + "lines/", values, headers=HTMX)


def test_quantities_and_prices_are_saved_with_the_server_s_totals(signed_in_client: Client, deal: Record):
    values = grid_of(signed_in_client, deal)
    answer = save(signed_in_client, deal, {**values, "quantity": ["3"], "price": ["80.5"]})
    assert answer.status_code == 200
    assert "€241.50" in answer.text
    assert now(DEAL, deal.pk).total_value == pytest.approx(241.5)


def test_a_german_types_numbers_in_the_german_way(signed_in_client: Client, deal: Record, olivia: User):
    User.objects.filter(pk=olivia.pk).update(locale="de-DE")
    values = grid_of(signed_in_client, deal)
    save(signed_in_client, deal, {**values, "price": ["1.250,50"]})
    assert now(DEAL, deal.pk).total_value == pytest.approx(2501)


def test_a_line_comes_moves_up_and_goes(signed_in_client: Client, deal: Record, owner: Actor):
    kit = create(owner, SERVICE, name="Kit", amount=30)
    save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "add": str(kit.pk)})
    assert now(DEAL, deal.pk).total_value == 230
    save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "up": str(kit.pk)})
    assert grid_of(signed_in_client, deal)["service"][0] == str(kit.pk)
    answer = save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "remove": str(kit.pk)})
    assert toast(answer) == "The line was removed."
    assert now(DEAL, deal.pk).total_value == 200


def test_another_currency_is_told_at_the_line_and_a_price_settles_it(
    signed_in_client: Client, deal: Record, owner: Actor
):
    dollar = create(owner, SERVICE, name="Dollar day", amount=90, currency="USD")
    answer = save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "add": str(dollar.pk)})
    assert answer.status_code == 422
    assert "priced in USD" in answer.text
    values = fields_of(answer.text, "lines")
    assert values["service"][1] == str(dollar.pk)
    save(signed_in_client, deal, {**values, "price": ["100", "85"]})
    assert now(DEAL, deal.pk).total_value == 285


def test_what_is_no_number_stays_as_typed_beside_what_is_wrong(signed_in_client: Client, deal: Record):
    answer = save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "quantity": ["many"]})
    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert "This must be a number, such as 1,234.50." in answer.text


def test_services_are_offered_with_their_number_and_price(signed_in_client: Client, owner: Actor):
    create(owner, SERVICE, name="Audit", amount=1250.5, sku="A-17", currency="CHF")
    create(owner, SERVICE, name="Training", amount=50)
    offered = signed_in_client.get("/deals/options/serviceIds/", headers=HTMX).text
    told = unescape(strip_tags(offered.replace("<", " <"))).replace("\N{NO-BREAK SPACE}", "")
    assert told.split()[-5:] == ["Audit", "A-17", "CHF1,250.50", "Training", "€50"]


def test_the_amount_of_a_deal_with_lines_is_their_sum_and_says_so(
    signed_in_client: Client, deal: Record, owner: Actor
):
    [line] = DealLine.objects.all()
    update(owner, DEAL, deal.pk, services=[], amount=5)
    update(owner, DEAL, deal.pk, services=[{"serviceId": str(line.service_id), "quantity": 2}])
    page = signed_in_client.get(url_of(DEAL, deal)).text
    amount = page.partition('<dd data-field="amount">')[2].partition("</dd>")[0]
    assert strip_tags(amount) == "€200 sum of the lines"
    for ask in (signed_in_client.get, signed_in_client.post):
        answer = ask(url_of(DEAL, deal) + "fields/amount/", {"value": "7"}, headers=HTMX)
        assert answer.status_code == 422
        assert "sum of the lines" in toast(answer)
    assert now(DEAL, deal.pk).amount == 5
    update(owner, DEAL, deal.pk, services=[])
    assert 'data-field="amount" data-edit' in signed_in_client.get(url_of(DEAL, deal)).text


@pytest.mark.parametrize("row", [{"amount": 7}, {"amount": 7, "name": "Pilot two"}])
def test_nobody_writes_an_amount_that_would_count_for_nothing(
    owner: Actor, deal: Record, row: dict[str, Any]
):
    with pytest.raises(ValidationFailed) as refused:
        update(owner, DEAL, deal.pk, **row)
    assert [(issue.field, issue.code) for issue in refused.value.issues] == [("amount", "follows_lines")]
    update(owner, DEAL, deal.pk, amount=None)  # what is no amount misleads nobody
    update(owner, DEAL, deal.pk, services=[], amount=7)
    assert now(DEAL, deal.pk).total_value == 7


def test_many_amounts_at_once_leave_out_deals_with_lines_and_say_why(
    signed_in_client: Client, deal: Record, owner: Actor
):
    plain = create(owner, DEAL, name="Plain")
    sent = {"ids": [str(deal.pk), str(plain.pk)], "field": "amount", "value": "7"}
    answer = signed_in_client.post("/deals/bulk/change/", sent, headers=HTMX)
    assert "1 record was left as it is: The amount is the sum of the lines" in str(triggers(answer))
    assert [now(DEAL, pk).total_value for pk in (deal.pk, plain.pk)] == [200, 7]
    answer = signed_in_client.post("/deals/bulk/change/", {**sent, "value": "€7"}, headers=HTMX)
    assert "write the amount without “€”" in toast(answer)


def test_a_wrong_quantity_marks_the_quantity_and_leaves_the_totals(signed_in_client: Client, deal: Record):
    answer = save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "quantity": ["-1"]})
    assert answer.status_code == 422
    quantity, price = (re.findall(rf'<input class="in" name="{n}"[^>]*>', answer.text) for n in WRITTEN)
    assert "aria-invalid" in quantity[0]
    assert "aria-invalid" not in price[0]
    assert answer.text.count("€200") == 2  # of the line, and of all


def test_a_price_that_can_be_read_in_two_ways_is_told_beside_everything_else_that_is_wrong(
    signed_in_client: Client, deal: Record
):
    values = {**grid_of(signed_in_client, deal), "quantity": ["-1"], "price": ["1.500"]}
    answer = save(signed_in_client, deal, values)
    assert "“1.500” can be read in two ways: write 1.5 or 1500." in answer.text
    assert "at least 0" in answer.text
    assert answer.text.count("aria-invalid") == 2
    answer = save(signed_in_client, deal, {**values, "quantity": ["1"], "price": ["$1,500.00"]})
    assert now(DEAL, deal.pk).total_value == 200
    assert "This amount is in EUR, and “$” is another currency" in answer.text
    save(signed_in_client, deal, {**values, "quantity": ["1"], "price": ["€1,500.00"]})
    assert now(DEAL, deal.pk).total_value == 1500


def test_lines_that_others_changed_meanwhile_are_not_written_over(
    signed_in_client: Client, deal: Record, owner: Actor
):
    values = grid_of(signed_in_client, deal)
    update(owner, DEAL, deal.pk, services=[])
    answer = save(signed_in_client, deal, {**values, "quantity": ["9"]})
    assert answer.status_code == 409
    assert "Olivia Owner changed the lines meanwhile" in answer.text
    assert now(DEAL, deal.pk).total_value == 0


def test_a_deleted_service_is_marked_and_its_line_can_still_be_changed(
    signed_in_client: Client, deal: Record, owner: Actor
):
    service = Service.objects.get()
    services.delete_records(fresh(owner), SERVICE, [service.pk])
    assert '<span class="chip h-slate">deleted</span>' in signed_in_client.get(url_of(DEAL, deal)).text
    save(signed_in_client, deal, {**grid_of(signed_in_client, deal), "quantity": ["5"]})
    assert now(DEAL, deal.pk).total_value == 500
