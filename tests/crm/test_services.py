"""The write path: what it stores, tells and refuses."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from accounts.actor import Actor
from accounts.models import Event
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, SERVICE, TASK, Entity
from crm.models import Contact, Deal, DealLine, Organization
from customermates.kernel.errors import Conflict, NotAllowed, NotFound, ValidationFailed

pytestmark = pytest.mark.django_db


def create(actor: Actor, entity: Entity, *rows: dict[str, Any]) -> list[Any]:
    """Records of these rows."""
    return list(services.create_records(actor, entity, rows).records)


def told(actor: Actor) -> list[tuple[str, Any]]:
    """Name and changes of every event of records, in order."""
    events = Event.objects.filter(company_id=actor.company_id, entity__in=ENTITIES.names())
    return [(event.name, event.changes) for event in events.order_by("sequence")]


def test_a_contact_is_created_with_its_event(owner):
    create(owner, CONTACT, {"firstName": "Ada", "lastName": "Byron", "emails": ["ada@engines.example"]})
    stored = Contact.objects.get()
    assert (stored.name, stored.name_key, stored.version) == ("Ada Byron", "ada byron", 1)
    [(name, changes)] = told(owner)
    assert name == "contact.created"
    assert changes["emails"] == {"previous": [], "current": ["ada@engines.example"]}


def test_all_issues_of_all_rows_come_at_once(owner):
    with pytest.raises(ValidationFailed) as caught:
        create(owner, CONTACT, {"firstName": ""}, {"fistName": "Ada", "emails": ["nonsense"]})
    found = {(i.row, i.field, i.code) for i in caught.value.issues}
    assert found == {
        (0, "firstName", "required"),
        (1, "fistName", "unknown_field"),
        (1, "emails[0]", "wrong_email"),
        (1, "firstName", "required"),
    }
    assert not Contact.objects.exists()


def test_clearing_the_time_of_what_stays_closed_changes_nothing(owner):
    [call] = create(owner, TASK, {"name": "Call", "status": "done"})
    [pilot] = create(owner, DEAL, {"name": "Pilot", "stage": "Won"})
    for entity, record, name in ((TASK, call, "completedAt"), (DEAL, pilot, "closedAt")):
        [row] = services.update_records(owner, entity, {record.pk: {name: None}}).rows
        assert (row.outcome, row.changes) == ("unchanged", {})
    [row] = services.update_records(owner, DEAL, {pilot.pk: {"stage": "Lost", "closedAt": None}}).rows
    assert "closedAt" in row.changes


def test_links_change_both_sides(owner):
    [engines] = create(owner, ORGANIZATION, {"name": "Engines Ltd"})
    [ada] = create(owner, CONTACT, {"firstName": "Ada", "organizationIds": [str(engines.pk)]})
    engines.refresh_from_db()
    assert engines.version == 2
    assert [n for n, _ in told(owner)] == ["organization.created", "contact.created", "organization.updated"]
    assert told(owner)[-1][1] == {"contactIds": {"previous": [], "current": [str(ada.pk)]}}


def test_unchanged_rows_are_neither_written_nor_told(owner):
    [ada] = create(owner, CONTACT, {"firstName": "Ada"})
    receipt = services.update_records(owner, CONTACT, {ada.pk: {"firstName": "Ada"}})
    assert receipt.rows[0].outcome == "unchanged"
    assert len(told(owner)) == 1


def test_a_deal_starts_in_the_first_stage_and_closes_when_won(owner):
    [deal] = create(owner, DEAL, {"name": "Pilot", "amount": 1000})
    assert (deal.stage.name, deal.status, deal.currency, deal.total_value) == (
        "New",
        "open",
        "EUR",
        Decimal(1000),
    )
    services.update_records(owner, DEAL, {deal.pk: {"stage": "won"}})
    deal = Deal.objects.get()
    assert deal.status == "won"
    assert deal.closed_at is not None
    assert deal.weighted_value == Decimal(1000)
    changes = told(owner)[-1][1]
    assert changes["stage"] == {"previous": "New", "current": "Won"}
    assert changes["status"] == {"previous": "open", "current": "won"}


def test_lines_make_the_total(owner):
    [day, kit] = create(
        owner, SERVICE, {"name": "Workshop day", "amount": 1500}, {"name": "Kit", "amount": "99.50"}
    )
    [deal] = create(
        owner,
        DEAL,
        {
            "name": "Pilot",
            "amount": 5,
            "services": [
                {"serviceId": str(day.pk), "quantity": 2},
                {"serviceId": str(kit.pk), "unitPrice": 90},
            ],
        },
    )
    stored = Deal.objects.get()
    assert stored.total_value == Decimal(3090)
    assert stored.total_quantity == 3
    services.update_records(owner, DEAL, {deal.pk: {"services": [{"serviceId": str(day.pk), "quantity": 1}]}})
    stored.refresh_from_db()
    assert stored.total_value == Decimal(1500)
    assert DealLine.objects.count() == 1
    change = told(owner)[-2][1]["services"]
    assert [line["name"] for line in change["previous"]] == ["Workshop day", "Kit"]
    services.unlink_records(owner, SERVICE, day.pk, "dealIds", [str(deal.pk)])
    stored.refresh_from_db()
    assert stored.total_value == Decimal(5)
    assert not DealLine.objects.exists()
    services.link_records(owner, DEAL, deal.pk, "serviceIds", [str(kit.pk)])
    stored.refresh_from_db()
    assert stored.total_value == Decimal("99.5")


def test_open_deals_follow_a_price_only_when_asked(owner):
    [day] = create(owner, SERVICE, {"name": "Workshop day", "amount": 1000})
    lines = [{"serviceId": str(day.pk), "quantity": 2}]
    rows = ({"name": "Running", "services": lines}, {"name": "Won", "stage": "Won", "services": lines})
    running, won = create(owner, DEAL, *rows)
    services.update_records(owner, SERVICE, {day.pk: {"amount": 1200}})
    running.refresh_from_db()
    assert running.total_value == 2000
    services.update_records(owner, SERVICE, {day.pk: {"refreshPrices": True}})
    running.refresh_from_db()
    won.refresh_from_db()
    assert (running.total_value, running.version, won.total_value, won.version) == (2400, 2, 2000, 1)
    assert told(owner)[-1][0] == "deal.updated"
    assert told(owner)[-1][1]["totalValue"] == {"previous": 2000, "current": 2400}


def test_a_stale_version_is_a_conflict(owner):
    [ada] = create(owner, CONTACT, {"firstName": "Ada"})
    services.update_records(owner, CONTACT, {ada.pk: {"firstName": "Ida", "expectedVersion": 1}})
    with pytest.raises(Conflict):
        services.update_records(owner, CONTACT, {ada.pk: {"firstName": "Eda", "expectedVersion": 1}})


def test_a_dry_run_changes_nothing(owner):
    receipt = services.create_records(owner, CONTACT, [{"firstName": "Ada"}], dry_run=True)
    assert receipt.rows[0].changes["firstName"] == {"previous": None, "current": "Ada"}
    assert not Contact.objects.exists()
    assert not told(owner)


def test_strangers_and_readers_change_nothing(owner, stranger, reader):
    [ada] = create(owner, CONTACT, {"firstName": "Ada"})
    with pytest.raises(NotFound):
        services.update_records(stranger, CONTACT, {ada.pk: {"firstName": "X"}})
    with pytest.raises(NotFound):
        services.delete_records(stranger, CONTACT, [ada.pk, uuid4()])
    with pytest.raises(NotAllowed):
        services.update_records(reader, CONTACT, {ada.pk: {"firstName": "X"}})
    [mine] = create(stranger, CONTACT, {"firstName": "Sven"})
    with pytest.raises(ValidationFailed):
        create(owner, ORGANIZATION, {"name": "O", "contactIds": [str(mine.pk)]})
    assert not Organization.objects.exists()


def test_trash_and_back(owner):
    [engines] = create(owner, ORGANIZATION, {"name": "Engines Ltd"})
    create(owner, CONTACT, {"firstName": "Ada", "organizationIds": [str(engines.pk)]})
    services.delete_records(owner, ORGANIZATION, [engines.pk])
    assert not Organization.objects.visible_to(owner).exists()
    services.restore_records(owner, ORGANIZATION, [engines.pk])
    assert Organization.objects.visible_to(owner).exists()
    assert [n for n, _ in told(owner)][-2:] == ["organization.deleted", "organization.created"]


def test_updating_a_hundred_is_set_based(owner, django_assert_max_num_queries):
    people = create(
        owner, CONTACT, *({"firstName": f"P{n}", "emails": [f"p{n}@x.example"]} for n in range(100))
    )
    with django_assert_max_num_queries(16):
        services.update_records(
            owner, CONTACT, {p.pk: {"jobTitle": f"T{n}", "emails": []} for n, p in enumerate(people)}
        )
    assert Contact.objects.get(pk=people[7].pk).job_title == "T7"


def test_tasks_done_and_open_again(owner):
    [task] = create(owner, TASK, {"name": "Call", "dueAt": "2026-11-22", "status": "done", "userIds": ["me"]})
    assert task.completed_at is not None
    services.update_records(owner, TASK, {task.pk: {"status": "open"}})
    task.refresh_from_db()
    assert task.completed_at is None


def test_deals_with_and_without_lines_fit_into_one_batch(owner):
    [day] = create(owner, SERVICE, {"name": "Workshop day", "amount": 1500})
    lines = {"services": [{"serviceId": str(day.pk), "quantity": 2}]}
    create(owner, DEAL, {"name": "Pilot", **lines}, {"name": "Framework", "amount": 800})
    assert dict(Deal.objects.values_list("name", "total_value")) == {"Pilot": 3000, "Framework": 800}
