"""Deliveries are queued by the write itself: with it or not at all, for who wants them, in few queries."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Event
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION
from crm.field_services import create_column, delete_column
from webhooks import queueing
from webhooks.models import Delivery, Endpoint, Message

pytestmark = pytest.mark.django_db

ADA = {"firstName": "Ada"}
URL = "https://receiver.example/hook"


def events_of(endpoint: Endpoint) -> list[str]:
    rows = Delivery.objects.filter(endpoint=endpoint).order_by("sequence")
    return list(rows.values_list("event", flat=True))


def test_a_write_that_is_taken_back_sends_nothing(owner, endpoint):
    endpoint()
    with transaction.atomic():
        services.create_records(owner, CONTACT, [ADA])
        assert Delivery.objects.count() == 1
        transaction.set_rollback(True)
    services.create_records(owner, CONTACT, [ADA], dry_run=True)
    assert not Delivery.objects.exists()
    assert not Message.objects.exists()


def test_each_endpoint_gets_what_it_asked_for(owner, endpoint):
    all_, contacts, one, off = (
        endpoint(URL, "*"),
        endpoint(URL, "contact.*"),
        endpoint(URL, "contact.deleted", "deal.created"),
        endpoint(URL, "*", enabled=False),
    )
    [ada] = services.create_records(owner, CONTACT, [ADA]).records
    services.create_records(owner, DEAL, [{"name": "Pilot"}])
    services.delete_records(owner, CONTACT, [ada.pk])
    assert events_of(all_) == ["contact.created", "deal.created", "contact.deleted"]
    assert events_of(contacts) == ["contact.created", "contact.deleted"]
    assert events_of(one) == ["deal.created", "contact.deleted"]
    assert events_of(off) == []


def test_what_happens_to_columns_and_webhooks_is_on_record_but_not_sent(owner, endpoint):
    made = endpoint(URL, "*")
    create_column(owner, {"entityType": "contact", "type": "plain", "label": "Tier"})
    assert Event.objects.filter(name="customColumn.created").exists()
    assert events_of(made) == []


def test_another_company_is_told_nothing(owner, stranger, endpoint):
    made = endpoint(URL, "*")
    services.create_records(stranger, CONTACT, [ADA])
    assert events_of(made) == []


def test_a_filter_judges_what_is_after_the_change_and_what_was_before_a_deletion(owner, endpoint):
    rule = [{"field": "jobTitle", "operator": "equals", "value": "Buyer"}]
    made = endpoint(URL, "*", filters={"contact": rule})
    [ada] = services.create_records(owner, CONTACT, [ADA]).records
    assert events_of(made) == []
    services.update_records(owner, CONTACT, {ada.pk: {"jobTitle": "Buyer"}})
    assert events_of(made) == ["contact.updated"]
    services.update_records(owner, CONTACT, {ada.pk: {"jobTitle": "Seller"}})
    assert events_of(made) == ["contact.updated"]
    services.update_records(owner, CONTACT, {ada.pk: {"jobTitle": "Buyer"}})
    services.delete_records(owner, CONTACT, [ada.pk])
    services.create_records(owner, ORGANIZATION, [{"name": "Engines"}])  # not filtered
    assert events_of(made) == [
        *("contact.updated", "contact.updated", "contact.deleted", "organization.created"),
    ]


def test_a_filter_over_links_and_custom_columns_works_as_in_lists(owner, endpoint):
    column = create_column(owner, {"entityType": "contact", "type": "number", "label": "Score"}).column
    rules = {
        "any": [
            {"field": "organizationIds", "operator": "hasSome"},
            {"field": "score", "operator": "gte", "value": 5},
        ]
    }
    made = endpoint(URL, "contact.*", filters={"contact": rules})
    [engines] = services.create_records(owner, ORGANIZATION, [{"name": "Engines"}]).records
    services.create_records(
        owner,
        CONTACT,
        [ADA, {**ADA, "organizationIds": [str(engines.pk)]}, {**ADA, "customFields": {"score": 7}}],
    )
    assert len(events_of(made)) == 2
    delete_column(owner, column.pk)
    services.create_records(owner, CONTACT, [ADA])
    assert len(events_of(made)) == 3  # a filter that cannot be read any more loses nothing


def test_an_endpoint_that_is_gone_gets_nothing_and_one_that_fails_keeps_its_place(owner, endpoint):
    gone, failing = endpoint(), endpoint()
    Endpoint.objects.filter(pk=gone.pk).update(pause="gone")
    Endpoint.objects.filter(pk=failing.pk).update(pause="failing")
    services.create_records(owner, CONTACT, [ADA])
    assert (events_of(gone), events_of(failing)) == ([], ["contact.created"])


def queries_of(work) -> int:
    with CaptureQueriesContext(connection) as captured:
        work()
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not query["sql"].startswith(marks) for query in captured.captured_queries)


@pytest.mark.parametrize("entity", list(ENTITIES))
def test_many_records_for_many_endpoints_take_as_many_queries_as_one_for_one(owner, endpoint, entity):
    new = {"name": "New", "amount": 5} if entity in ("deal", "service") else {"name": "New"}
    row = {**ADA, "lastName": "Byron"} if entity == "contact" else new

    def create(count):
        return queries_of(lambda: services.create_records(owner, ENTITIES.get(entity), [row] * count))

    silent = create(1)
    endpoint()
    one = create(1)
    for number in range(4):
        endpoint(f"{URL}/{number}", idsOnly=number % 2 == 0)
    assert create(30) == one
    assert one - silent <= 13  # endpoints, two inserts, and what a record looks like
    assert create(1) == one


def test_without_endpoints_nothing_is_asked_and_nothing_built(owner, monkeypatch):
    monkeypatch.setattr("webhooks.emit.queue_deliveries", lambda *_: pytest.fail("nobody listens"))
    services.create_records(owner, CONTACT, [ADA])


def test_what_nobody_wants_is_not_built(owner, endpoint, monkeypatch):
    monkeypatch.setattr(queueing, "_messages", lambda *_: pytest.fail("nobody wants it"))
    endpoint(URL, "deal.*")
    services.create_records(owner, CONTACT, [ADA])
