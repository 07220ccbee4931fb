"""Who may do what with endpoints, what is on record of it, and what never comes out again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Company, Event
from accounts.permissions import FULL_ACCESS, Access
from crm import services as records
from crm.entities import CONTACT
from customermates.kernel.errors import Conflict, NotAllowed, NotFound, ProductError, ValidationFailed
from customermates.kernel.ids import uuid7
from customermates.kernel.sealing import unseal
from customermates.kernel.sentences import sentence
from tests import people
from webhooks import queries, services
from webhooks.models import Delivery, Endpoint, Secret
from webhooks.queries import DeliveryQuery

pytestmark = pytest.mark.django_db

URL = "https://receiver.example/hook"
ADA = {"firstName": "Ada"}
MINE = {"field": "userIds", "operator": "in", "value": ["me"]}  # an endpoint is nobody


def refused(actor, values, **options) -> dict[str, str]:
    """What was wrong, by field."""
    with pytest.raises(ProductError) as error:
        services.create_endpoint(actor, {"url": URL, "events": ["*"], **values}, **options)
    return {issue.field: sentence(issue) for issue in error.value.issues}


def told() -> list[tuple[str, dict]]:
    return list(Event.objects.filter(entity="webhook").order_by("sequence").values_list("name", "changes"))


def test_an_endpoint_comes_with_a_secret_that_is_shown_this_once(owner):
    made = services.create_endpoint(owner, {"url": URL, "events": ["deal.*", "contact.created", "deal.*"]})
    assert made.secret is not None
    assert made.secret.startswith("whsec_")
    assert made.endpoint.events == ["deal.*", "contact.created"]
    assert unseal(Secret.objects.get().sealed) == made.secret
    [(name, changes)] = told()
    assert name == "webhook.created"
    assert changes["url"] == {"previous": None, "current": URL}
    assert made.secret not in json.dumps(changes)


def test_a_typed_secret_is_not_given_back(owner):
    made = services.create_endpoint(owner, {"url": URL, "events": ["*"], "secret": "glass otter hums"})
    assert made.secret is None
    assert unseal(Secret.objects.get().sealed) == "glass otter hums"


def test_what_is_wrong_is_told_all_at_once(owner):
    wrong = {
        "url": "http://10.0.0.1:22/",
        "events": ["deal.make", "contact.created"],
        "idsOnly": "yes",
        "description": "x" * 300,
        "headers": {"Host": "a", "X-Key": "ä", "bad name": "a", "webhook-id": "a"},
        "secret": "short",
        "colour": "red",
    }
    issues = refused(owner, wrong)
    assert set(issues) == {
        *("url", "events[0]", "idsOnly", "description", "secret", "colour"),
        *("headers.Host", "headers.X-Key", "headers.bad name", "headers.webhook-id"),
    }
    assert "Did you mean" in issues["events[0]"]
    assert "short" not in issues["secret"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"events": []}, "events"),
        ({"events": "deal.created"}, "events"),
        ({"events": ["customColumn.created"]}, "events[0]"),  # on record, but nobody can ask for it
        ({"events": ["webhook.created"]}, "events[0]"),
        ({"secret": "whsec_no base64"}, "secret"),
        ({"secret": 12345678}, "secret"),
        ({"headers": {f"X-{n}": "a" for n in range(21)}}, "headers"),
        ({"headers": {f"X-{n}": "a" * 2048 for n in range(5)}}, "headers"),
        ({"headers": {"X-Key": "a", "x-key": "b"}}, "headers.x-key"),
        ({"headers": {"X-Key": "a\r\nX-Other: b"}}, "headers.X-Key"),
        ({"headers": {"X-Key": None}}, "headers.X-Key"),
        ({"headers": {"Proxy-Authorization": "a"}}, "headers.Proxy-Authorization"),
        ({"headers": ["X-Key"]}, "headers"),
        ({"filters": {"deal": [{"field": "nmae", "operator": "isNull"}]}}, "filters.deal[0].field"),
        ({"events": ["deal.*"], "filters": {"contact": []}}, "filters.contact"),
        ({"filters": []}, "filters"),
        (
            {"filters": {"task": [{"field": "userIds", "operator": "in", "value": ["me"]}]}},
            "filters.task[0].value[0]",
        ),
        ({"url": None}, "url"),
        ({"enabled": 1}, "enabled"),
        ({"expectedVersion": 1}, "expectedVersion"),
    ],
)
def test_wrong_values_are_refused_where_they_are(owner, values, field):
    issues = refused(owner, values)
    assert list(issues) == [field]
    assert issues[field][0].isupper(), "a sentence, not a code"


WRITES: list[Callable[[Actor, UUID], object]] = [
    lambda actor, pk: services.update_endpoint(actor, pk, {"url": URL}),
    lambda actor, pk: services.delete_endpoint(actor, pk),
    lambda actor, pk: services.rotate_secret(actor, pk),
    lambda actor, pk: services.end_overlap(actor, pk),
    lambda actor, pk: services.resume_endpoint(actor, pk),
    lambda actor, pk: services.send_test(actor, pk),
    lambda actor, pk: services.replay_failed(actor, pk, since=timezone.now()),
    lambda actor, pk: queries.get_endpoint(actor, pk),
]


@pytest.mark.parametrize("attempt", WRITES, ids=range(len(WRITES)))
def test_only_who_may_manage_webhooks_does_and_strangers_find_nothing(
    member, reader, stranger, endpoint, attempt
):
    made = endpoint()
    for actor in (member, reader):
        with pytest.raises(NotAllowed):
            attempt(actor, made.pk)
    with pytest.raises(NotFound):
        attempt(stranger, made.pk)


def test_lists_are_for_who_may_read_webhooks(member, stranger, endpoint):
    endpoint()
    for read in (queries.list_endpoints, lambda actor: queries.list_deliveries(actor, DeliveryQuery())):
        with pytest.raises(NotAllowed):
            read(member)
    assert queries.list_endpoints(stranger) == []
    assert "webhooks:write" in refused(member, {})[""]


def test_a_stranger_sees_no_delivery(owner, stranger, endpoint):
    endpoint()
    records.create_records(owner, CONTACT, [ADA])
    delivery = Delivery.objects.get()
    assert queries.list_deliveries(stranger, DeliveryQuery()).rows == []
    for attempt in (queries.get_delivery, services.resend_delivery):
        with pytest.raises(NotFound):
            attempt(stranger, delivery.pk)


def test_a_key_that_may_not_read_contacts_cannot_have_them_sent_to_itself(olivia, owner, endpoint):
    key = people.with_key(olivia, "webhooks:read", "webhooks:write", "deals:read")
    assert services.create_endpoint(key, {"url": URL, "events": ["deal.*"]}).secret
    assert "contacts:read is missing" in refused(key, {"events": ["contact.created"]})["events"]
    assert "is missing" in refused(key, {"events": ["*"]})["events"]
    made = endpoint(URL, "contact.*")
    for attempt in (
        lambda: services.update_endpoint(key, made.pk, {"url": "https://attacker.example/"}),
        lambda: services.send_test(key, made.pk),
    ):
        with pytest.raises(NotAllowed):
            attempt()
    records.create_records(owner, CONTACT, [ADA])
    delivery = queries.get_delivery(key, Delivery.objects.get().pk)
    assert queries.body_of(key, delivery) is None
    assert "Ada" in (queries.body_of(owner, delivery) or "")
    with pytest.raises(NotAllowed):
        services.resend_delivery(key, delivery.pk)


def test_who_sees_only_their_own_records_cannot_have_all_of_them_sent(owner):
    access = dict.fromkeys(owner.access, FULL_ACCESS) | {"contacts": Access("own", manage=True)}
    assert "contacts:read" in refused(replace(owner, access=access), {})["events"]


def test_an_update_changes_what_it_names_and_tells_only_that(owner, endpoint):
    made = endpoint(URL, "deal.*", description="Old")
    receipt = services.update_endpoint(owner, made.pk, {"description": "New", "events": ["deal.*"]})
    assert receipt.changes == {"description": {"previous": "Old", "current": "New"}}
    assert receipt.endpoint.version == 2
    assert told()[-1] == ("webhook.updated", receipt.changes)
    assert services.update_endpoint(owner, made.pk, {"description": "New"}).changes == {}
    assert len(told()) == 2


def test_an_update_of_what_somebody_else_changed_is_a_conflict(owner, endpoint):
    made = endpoint()
    services.update_endpoint(owner, made.pk, {"description": "New", "expectedVersion": 1})
    with pytest.raises(Conflict):
        services.update_endpoint(owner, made.pk, {"description": "Newer", "expectedVersion": 1})


def test_a_dry_run_leaves_nothing(owner, endpoint):
    dry = services.create_endpoint(owner, {"url": URL, "events": ["*"]}, dry_run=True)
    assert (dry.secret, Endpoint.objects.count(), told()) == (None, 0, [])
    assert dry.changes["url"]["current"] == URL
    made = endpoint()
    services.update_endpoint(owner, made.pk, {"description": "New"}, dry_run=True)
    services.delete_endpoint(owner, made.pk, dry_run=True)
    services.rotate_secret(owner, made.pk, dry_run=True)
    assert queries.get_endpoint(owner, made.pk).description == ""
    assert Secret.objects.count() == 1
    assert len(told()) == 1


def test_header_values_go_in_and_never_come_out(owner, endpoint):
    made = endpoint(headers={"Authorization": "Bearer of Olivia", "X-Team": "Sales"})
    assert "Bearer of Olivia" not in made.headers_sealed
    assert made.header_names == ["Authorization", "X-Team"]
    services.update_endpoint(owner, made.pk, {"headers": {"Authorization": None, "X-Team": "Support"}})
    made.refresh_from_db()
    stored = json.loads(unseal(made.headers_sealed))
    assert stored == {"Authorization": "Bearer of Olivia", "X-Team": "Support"}
    assert "Bearer of Olivia" not in json.dumps(told())
    services.update_endpoint(owner, made.pk, {"headers": {}})
    made.refresh_from_db()
    assert (made.headers_sealed, made.header_names) == ("", [])


def test_header_values_do_not_follow_to_another_host_unseen(owner, endpoint):
    made = endpoint("https://receiver.example/a", headers={"Authorization": "Bearer of Olivia"})
    services.update_endpoint(owner, made.pk, {"url": "https://receiver.example/b"})
    for values in ({}, {"headers": {"Authorization": None}}):
        with pytest.raises(ValidationFailed, match="header_for_other_host"):
            services.update_endpoint(owner, made.pk, {"url": "https://attacker.example/", **values})
    other = {"url": "https://other.example/", "headers": {"Authorization": "Bearer of the other"}}
    assert services.update_endpoint(owner, made.pk, other).changes


def test_rotating_keeps_two_secrets_at_most(owner, endpoint):
    made = endpoint()
    first = services.rotate_secret(owner, made.pk)
    second = services.rotate_secret(owner, made.pk, secret="a new secret of Olivia")
    assert second.secret is None
    active = [unseal(row.sealed) for row in Secret.objects.order_by("id")]
    assert active == [first.secret, "a new secret of Olivia"]
    services.end_overlap(owner, made.pk)
    assert [unseal(row.sealed) for row in Secret.objects.all()] == ["a new secret of Olivia"]
    with pytest.raises(Conflict):
        services.end_overlap(owner, made.pk)
    assert [name for name, _ in told()[1:]] == [
        *("webhook.secretRotated", "webhook.secretRotated", "webhook.overlapEnded"),
    ]
    with pytest.raises(ValidationFailed, match="secret_by_rotation"):
        services.update_endpoint(owner, made.pk, {"secret": "another secret"})


def test_deleting_cancels_what_waited_and_keeps_the_log(owner, endpoint):
    made = endpoint()
    records.create_records(owner, CONTACT, [ADA])
    services.delete_endpoint(owner, made.pk)
    [delivery] = queries.list_deliveries(owner, DeliveryQuery()).rows
    assert (delivery.status, delivery.due_at) == ("cancelled", None)
    assert not Secret.objects.exists()
    assert queries.list_endpoints(owner) == []
    with pytest.raises(NotFound):
        queries.get_endpoint(owner, made.pk)
    with pytest.raises(NotFound):
        services.resend_delivery(owner, delivery.pk)
    records.create_records(owner, CONTACT, [ADA])
    assert Delivery.objects.count() == 1


def test_a_company_knows_whether_anybody_listens(owner, stranger, endpoint):
    def listens():
        return dict(Company.objects.values_list("name", "has_listeners"))

    assert listens() == {"Northwind Trading": False, "Southwind": False}
    first, second = endpoint(), endpoint(URL, enabled=False)
    assert listens() == {"Northwind Trading": True, "Southwind": False}
    services.delete_endpoint(owner, first.pk)
    assert not listens()["Northwind Trading"]
    services.update_endpoint(owner, second.pk, {"enabled": True})
    assert listens()["Northwind Trading"]


def test_there_is_an_end_to_endpoints(owner, endpoint, monkeypatch):
    monkeypatch.setattr(services, "ENDPOINTS_LIMIT", 2)
    endpoint()
    endpoint()
    assert "at most 2 webhooks" in refused(owner, {})[""]


def test_what_cannot_be_resumed_or_resent_says_why(owner, endpoint):
    made = endpoint()
    with pytest.raises(Conflict, match="not_paused"):
        services.resume_endpoint(owner, made.pk)
    records.create_records(owner, CONTACT, [ADA])
    delivery = Delivery.objects.get()
    Delivery.objects.update(lease_token=uuid7())
    with pytest.raises(Conflict, match="being_sent"):
        services.resend_delivery(owner, delivery.pk)
    services.update_endpoint(owner, made.pk, {"enabled": False})
    with pytest.raises(Conflict, match="webhook_not_sending"):
        services.resend_delivery(owner, delivery.pk)
    with pytest.raises(Conflict, match="webhook_not_sending"):
        services.replay_failed(owner, made.pk, since=timezone.now())


def test_replay_takes_what_failed_since_then_and_nothing_else(owner, endpoint):
    made = endpoint()
    records.create_records(owner, CONTACT, [ADA] * 4)
    now = timezone.now()
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    for pk, status, ago in zip(ids, ("failed", "failed", "success", "cancelled"), (1, 50, 1, 1), strict=True):
        finished = now - timedelta(hours=ago)
        Delivery.objects.filter(pk=pk).update(status=status, due_at=None, finished_at=finished, retries=10)
    assert services.replay_failed(owner, made.pk, since=now - timedelta(hours=24)) == 1
    again = Delivery.objects.get(status="pending")
    assert (again.pk, again.retries, again.finished_at) == (ids[0], 0, None)
    assert told()[-1] == ("webhook.replayed", {"deliveries": {"previous": None, "current": 1}})


def test_deliveries_are_listed_page_by_page_and_by_what_is_asked(owner, endpoint):
    first = endpoint()
    endpoint("https://receiver.example/other", "contact.deleted")
    made = records.create_records(owner, CONTACT, [ADA] * 5).records
    records.delete_records(owner, CONTACT, [made[0].pk])
    page = queries.list_deliveries(owner, DeliveryQuery(size=4))
    rest = queries.list_deliveries(owner, DeliveryQuery(size=4, before=page.next_before))
    seen = [row.pk for row in (*page.rows, *rest.rows)]
    assert len(seen) == len(set(seen)) == 7
    assert seen == sorted(seen, reverse=True)
    assert rest.next_before is None
    for query, count in (
        (DeliveryQuery(endpoint_id=first.pk), 6),
        (DeliveryQuery(event="contact.deleted"), 2),
        (DeliveryQuery(entity_id=made[0].pk), 3),
        (DeliveryQuery(status="success"), 0),
    ):
        assert len(queries.list_deliveries(owner, query).rows) == count
    with pytest.raises(ValidationFailed):
        queries.list_deliveries(owner, DeliveryQuery(status="lost"))


def test_each_period_is_counted(owner, endpoint):
    made = endpoint()
    records.create_records(owner, CONTACT, [ADA] * 3)
    first, second, _ = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(status="success")
    Delivery.objects.filter(pk=second.pk).update(status="failed")
    starts = [timezone.now() - timedelta(days=days) for days in (1, 0)]
    before, after = queries.tallies(owner, starts, endpoint_id=made.pk)[made.pk]
    assert (before.delivered, before.failed, before.waiting) == (1, 1, 1)
    assert (after.delivered, after.failed, after.waiting) == (0, 0, 0)
