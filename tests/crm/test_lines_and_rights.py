"""Who may change what a deal sells, and what a write answers to a key that cannot read."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import Event, User
from crm import services
from crm.entities import CONTACT, DEAL, ORGANIZATION, SERVICE, Entity
from crm.models import Deal, DealLine
from crm.presenters import Presenter
from crm.setup import CompanySetup
from customermates.kernel.errors import Conflict, NotAllowed, ValidationFailed
from tests import people

pytestmark = pytest.mark.django_db


def create(actor: Actor, entity: Entity, row: dict[str, Any]) -> Any:
    """The record of this row."""
    return services.create_records(actor, entity, [row]).records[0]


@pytest.fixture
def sold(owner: Actor) -> tuple[Any, Any]:
    """A workshop day for 300, and a deal with one of it."""
    day = create(owner, SERVICE, {"name": "Workshop day", "amount": 300})
    return day, create(owner, DEAL, {"name": "Pilot", "services": [{"serviceId": str(day.pk)}]})


def test_a_key_that_reads_no_services_cannot_take_lines_away(olivia: User, sold: tuple[Any, Any]):
    agent = people.with_key(olivia, "deals:read", "deals:write")
    with pytest.raises(NotAllowed) as caught:
        services.update_records(agent, DEAL, {sold[1].pk: {"services": []}})
    assert caught.value.issues[0].params["scope"] == "services:read"
    assert DealLine.objects.count() == 1


@pytest.mark.parametrize("row", [{"dealIds": []}, {"amount": 1, "refreshPrices": True}])
def test_deals_change_from_the_service_only_for_who_writes_deals(
    olivia: User, sold: tuple[Any, Any], row: dict[str, Any]
):
    agent = people.with_key(olivia, "services:read", "services:write", "deals:read")
    with pytest.raises(NotAllowed) as caught:
        services.update_records(agent, SERVICE, {sold[0].pk: row})
    assert caught.value.issues[0].params["scope"] == "deals:write"
    assert Deal.objects.get().total_value == 300


def test_a_line_whose_service_is_in_the_trash_says_so_and_can_be_sent_back(
    owner: Actor, sold: tuple[Any, Any], django_assert_num_queries: Any
):
    day, pilot = sold
    kit = create(owner, SERVICE, {"name": "Kit", "amount": 90})
    services.link_records(owner, SERVICE, kit.pk, "dealIds", [str(pilot.pk)])
    services.delete_records(owner, SERVICE, [day.pk])

    def lines() -> list[Any]:
        rows = list(Deal.objects.values("id"))
        return list(Presenter(CompanySetup(owner), DEAL).references(rows, ["services"])[pilot.pk]["services"])

    with django_assert_num_queries(3):  # deals, their columns, their lines
        shown = lines()
    assert [(line["name"], line.get("deleted")) for line in shown] == [("Workshop day", True), ("Kit", None)]
    [row] = services.update_records(owner, DEAL, {pilot.pk: {"services": shown}}).rows
    assert row.outcome == "unchanged"
    services.restore_records(owner, SERVICE, [day.pk])
    assert not any("deleted" in line for line in lines())


def test_a_key_that_cannot_read_is_told_so_when_it_writes(olivia: User):
    agent = people.with_key(olivia, "contacts:write")
    with pytest.raises(NotAllowed) as caught:
        create(agent, CONTACT, {"firstName": "Ada"})
    assert caught.value.issues[0].params["scope"] == "contacts:read"


@pytest.mark.parametrize("amount", ["1e9999999", "0." + "0" * 70 + "1", "1e-9999999", 10**400, "nan"])
def test_numbers_out_of_this_world_are_refused(owner: Actor, amount: Any):
    with pytest.raises(ValidationFailed) as caught:
        create(owner, DEAL, {"name": "Pilot", "amount": amount})
    assert caught.value.issues[0].field == "amount"


def test_a_deal_worth_more_than_money_holds_is_refused(owner: Actor):
    most = Decimal("99999999999.9999")
    days = [create(owner, SERVICE, {"name": f"Day {n}", "amount": 1}) for n in range(3)]
    lines = [{"serviceId": str(day.pk), "quantity": most, "unitPrice": most} for day in days]
    with pytest.raises(ValidationFailed) as caught:
        create(owner, DEAL, {"name": "Pilot", "services": lines})
    assert caught.value.issues[0].code == "number_out_of_range"


def test_a_line_with_two_prices_is_refused_unless_they_are_equal(owner: Actor, sold: tuple[Any, Any]):
    line = {"serviceId": str(sold[0].pk), "amount": 300}
    with pytest.raises(ValidationFailed) as caught:
        create(owner, DEAL, {"name": "Fleet", "services": [{**line, "unitPrice": 250}]})
    [issue] = caught.value.issues
    assert (issue.field, issue.code, issue.params["other"]) == (
        "services[0].unitPrice", "contradicts", "amount",
    )  # fmt: skip
    assert create(owner, DEAL, {"name": "Fleet", "services": [{**line, "unitPrice": "300.0"}]})


def test_a_won_deal_has_no_reason_why_it_was_lost(owner: Actor):
    with pytest.raises(ValidationFailed) as caught:
        create(owner, DEAL, {"name": "Pilot", "stage": "Won", "lostReason": "Too dear"})
    assert [issue.code for issue in caught.value.issues] == ["only_for_lost_deals"]


def test_one_mistake_is_told_without_an_invented_second(owner: Actor, sold: tuple[Any, Any]):
    with pytest.raises(ValidationFailed) as caught:
        create(owner, DEAL, {"name": "", "services": [{"serviceId": str(sold[0].pk)}]})
    assert [(issue.field, issue.code) for issue in caught.value.issues] == [("name", "required")]


def test_identifiers_bring_no_more_e_mails_than_a_contact_can_have(owner: Actor):
    mails = [f"m{n}@engines.example" for n in range(50)]
    others = [{"provider": "mail", "value": f"o{n}@engines.example"} for n in range(2)]
    with pytest.raises(ValidationFailed) as caught:
        create(owner, CONTACT, {"firstName": "Ada", "emails": mails, "identifiers": others})
    assert [(i.field, i.code) for i in caught.value.issues] == [("identifiers", "too_many_values")]


def test_what_comes_back_from_the_trash_is_told_with_all_it_has(owner: Actor):
    ada = create(owner, CONTACT, {"firstName": "Ada", "jobTitle": "Countess"})
    services.delete_records(owner, CONTACT, [ada.pk])
    services.restore_records(owner, CONTACT, [ada.pk])
    told = Event.objects.filter(entity="contact").order_by("sequence").last()
    assert told is not None
    assert told.name == "contact.created"
    assert told.changes["jobTitle"] == {"previous": None, "current": "Countess"}


def test_linking_minds_the_expected_version(owner: Actor):
    ada, engines = create(owner, CONTACT, {"firstName": "Ada"}), create(owner, ORGANIZATION, {"name": "E"})
    ids = [str(engines.pk)]
    with pytest.raises(Conflict):
        services.link_records(owner, CONTACT, ada.pk, "organizationIds", ids, expected_version=7)
    services.link_records(owner, CONTACT, ada.pk, "organizationIds", ids, expected_version=1)


def test_linking_one_more_reads_none_of_the_others(owner: Actor, django_assert_max_num_queries: Any):
    rows = [{"firstName": f"P{n}"} for n in range(200)]
    ids = [str(r.pk) for r in services.create_records(owner, CONTACT, rows).records]
    engines = create(owner, ORGANIZATION, {"name": "E", "contactIds": ids[:199]})
    with django_assert_max_num_queries(14) as queries:
        services.link_records(owner, ORGANIZATION, engines.pk, "contactIds", ids[199:])
    assert not any(ids[0].replace("-", "") in query["sql"].replace("-", "") for query in queries)
