"""What receivers get is exactly what they were promised, for all fifteen events."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from accounts.actor import system_actor
from accounts.models import Event
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION
from crm.presenters import Presenter
from crm.setup import CompanySetup
from customermates.kernel.jsontext import dumps_text
from webhooks import bodies
from webhooks.catalog import subscribable
from webhooks.models import Delivery, Message

pytestmark = pytest.mark.django_db

NEW: dict[str, dict[str, Any]] = {
    "contact": {"firstName": "Ada", "lastName": "Byron", "emails": ["ada@engines.example"]},
    "organization": {"name": "Engines Ltd"},
    "deal": {"name": "Pilot", "amount": 1500.5},
    "service": {"name": "Workshop day", "amount": 1500},
    "task": {"name": "Call back"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "contact": {"jobTitle": "Buyer"},
    "organization": {"name": "Engines & Co"},
    "deal": {"name": "Pilot of engines"},
    "service": {"name": "Workshop week"},
    "task": {"name": "Write back"},
}


def sent() -> list[dict[str, Any]]:
    rows = Delivery.objects.order_by("sequence").select_related("message")
    return [json.loads(row.message.body) for row in rows]


def shown(actor: Any, entity: Any, pk: Any) -> dict[str, Any]:
    """The record as the product shows it, in JSON."""
    presenter = Presenter(CompanySetup(actor), entity)
    rows = entity.model.objects.reached_by(actor).filter(pk=pk).values(*presenter.attrs())
    return json.loads(dumps_text(presenter.full(list(rows))[0]))


@pytest.mark.parametrize("name", list(NEW))
def test_the_three_events_of_each_entity_have_their_promised_bodies(owner, olivia, endpoint, name):
    endpoint()
    entity = ENTITIES.get(name)
    [record] = services.create_records(owner, entity, [NEW[name]]).records
    as_created = shown(owner, entity, record.pk)
    services.update_records(owner, entity, {record.pk: CHANGED[name]})
    as_updated = shown(owner, entity, record.pk)
    services.delete_records(owner, entity, [record.pk])
    created, updated, deleted = sent()

    data = {"userId": str(olivia.pk), "companyId": str(olivia.company_id), "entityId": str(record.pk)}
    field, value = next(iter(CHANGED[name].items()))
    previous = as_created[field]
    for body in (created, updated, deleted):
        assert list(body) == ["event", "data", "timestamp"]
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", body.pop("timestamp"))
    assert created == {"event": f"{name}.created", "data": {**data, "payload": {name: as_created}}}
    changes = {field: {"previous": previous, "current": value}}
    if name == "contact":
        assert as_updated["firstName"] == "Ada"
        assert as_updated["customFieldValues"] == []
        assert {"organizations", "deals", "tasks", "users"} <= as_updated.keys()
    payload = {name: as_updated, "changes": changes}
    assert updated == {"event": f"{name}.updated", "data": {**data, "payload": payload}}
    assert deleted == {"event": f"{name}.deleted", "data": {**data, "payload": {f"{name}Id": str(record.pk)}}}


def test_there_are_fifteen_events_to_ask_for():
    kinds = ("created", "updated", "deleted")
    assert {kind.name for kind in subscribable()} == {
        f"{entity}.{kind}" for entity in ENTITIES for kind in kinds
    }
    assert len(subscribable()) == 15


def test_numbers_in_a_body_are_exact(owner, endpoint):
    endpoint()
    services.create_records(owner, DEAL, [{"name": "Pilot", "amount": "12345678901.2345"}])
    assert '"amount":12345678901.2345,' in Message.objects.get().body


def test_a_change_that_changes_nothing_sends_nothing(owner, endpoint):
    [record] = services.create_records(owner, CONTACT, [NEW["contact"]]).records
    endpoint()
    services.update_records(
        owner, CONTACT, {record.pk: {"firstName": "Ada", "emails": ["ada@engines.example"]}}
    )
    assert not Delivery.objects.exists()


def test_a_link_tells_of_both_ends(owner, endpoint):
    [ada] = services.create_records(owner, CONTACT, [NEW["contact"]]).records
    [engines] = services.create_records(owner, ORGANIZATION, [NEW["organization"]]).records
    endpoint()
    services.link_records(owner, CONTACT, ada.pk, "organizationIds", [str(engines.pk)])
    assert {body["event"] for body in sent()} == {"contact.updated", "organization.updated"}
    for body in sent():
        payload = body["data"]["payload"]
        if "contact" in payload:
            assert payload["contact"]["organizations"] == [{"id": str(engines.pk), "name": "Engines Ltd"}]
            assert payload["changes"]["organizationIds"] == {"previous": [], "current": [str(engines.pk)]}


def test_what_comes_back_from_the_trash_is_told_like_something_new(owner, endpoint):
    [ada] = services.create_records(owner, CONTACT, [NEW["contact"]]).records
    services.delete_records(owner, CONTACT, [ada.pk])
    endpoint()
    services.restore_records(owner, CONTACT, [ada.pk])
    [body] = sent()
    assert body["event"] == "contact.created"
    assert body["data"]["payload"]["contact"]["firstName"] == "Ada"


def test_ids_only_says_which_record_and_no_more(owner, endpoint):
    endpoint(idsOnly=True)
    [ada] = services.create_records(owner, CONTACT, [NEW["contact"]]).records
    services.update_records(owner, CONTACT, {ada.pk: CHANGED["contact"]})
    services.delete_records(owner, CONTACT, [ada.pk])
    payloads = [body["data"]["payload"] for body in sent()]
    assert payloads == [
        {"contact": {"id": str(ada.pk)}},
        {"contact": {"id": str(ada.pk)}},
        {"contactId": str(ada.pk)},
    ]


def test_a_body_that_is_too_large_says_only_which_record(owner, endpoint, monkeypatch):
    monkeypatch.setattr(bodies, "BODY_LIMIT", 2_000)
    endpoint()
    [ada] = services.create_records(owner, CONTACT, [{**NEW["contact"], "notes": "x" * 2_000}]).records
    [body] = sent()
    assert body["data"]["payload"] == {"contact": {"id": str(ada.pk)}, "truncated": True}
    assert Message.objects.get().variant == "cut"


def test_the_product_itself_has_no_user_id(company, endpoint):
    endpoint()
    services.create_records(system_actor(company), CONTACT, [NEW["contact"]])
    assert sent()[0]["data"]["userId"] is None


def test_one_body_serves_all_endpoints_that_want_it(owner, endpoint):
    for number in range(3):
        endpoint(f"https://receiver.example/{number}", "contact.*")
    endpoint("https://receiver.example/ids", "contact.created", idsOnly=True)
    services.create_records(owner, CONTACT, [NEW["contact"]] * 2)
    assert Message.objects.count() == 4
    assert Delivery.objects.count() == 8
    assert {row.event_id for row in Message.objects.all()} == set(
        Event.objects.filter(entity="contact").values_list("pk", flat=True)
    )
