"""The outside client keeps working: every call that it makes, in the shapes that it makes and reads.

The client is an n8n node that was written for the reference product.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from uuid import uuid4

import pytest

from accounts.actor import system_actor
from accounts.models import Company, User
from crm.entities import ENTITIES
from crm.field_services import create_column
from tests.rest.client import Rest
from webhooks.claims import claim
from webhooks.parcels import load

pytestmark = pytest.mark.django_db
SORTED_BY = ("createdAt", "name", "updatedAt")


def search_all(rest: Rest, plural: str, **asked: object) -> list[dict]:
    """Pages of 100 until one is not full, as the client reads them."""
    items, page = [], 1
    while True:
        body = {"pagination": {"page": page, "pageSize": 100}, **asked}
        answer = rest.ok("POST", f"{plural}/search", body)
        assert isinstance(answer["customColumns"], list)
        items += answer["items"]
        if len(answer["items"]) < 100:
            return items
        page += 1


def test_its_credentials_are_good(rest: Rest, olivia: User):
    me = rest.ok("GET", "users/me")
    assert {name: me[name] for name in ("id", "firstName", "lastName", "country", "avatarUrl")} == {
        "id": str(olivia.pk),
        "firstName": "Olivia",
        "lastName": "Owner",
        "country": None,
        "avatarUrl": None,
    }
    assert (me["roleId"], me["roleName"]) == (str(olivia.role_id), "Admin")
    Rest("x" * 64).fails(401, "GET", "users/me")


def test_it_creates_and_reads_a_contact(rest: Rest, company: Company, olivia: User):
    column = create_column(
        system_actor(company), {"entityType": "contact", "type": "plain", "label": "Region"}
    ).column
    organization = rest.ok("POST", "organizations", {"name": "Engines Ltd"}, 201)
    body = {
        "firstName": "Ada",
        "lastName": "",
        "emails": ["ada@engines.example"],
        "notes": "Met at the fair",
        "identifiers": [
            {"provider": "mail", "value": "ada@home.example", "displayName": "Ada"},
            {"provider": "linkedin", "value": "ada", "profileUrl": "https://linkedin.example/ada"},
        ],
        "organizationIds": [organization["id"]],
        "userIds": [str(olivia.pk)],
        "dealIds": [],
        "taskIds": [],
        "customFieldValues": [{"columnId": str(column.pk), "value": "North"}],
    }
    made = rest.ok("POST", "contacts", body, 201)
    assert made["emails"] == ["ada@engines.example", "ada@home.example"]
    assert made["identifiers"] == body["identifiers"]
    assert made["organizations"] == [{"id": organization["id"], "name": "Engines Ltd"}]
    [user] = made["users"]
    assert user == {
        "id": str(olivia.pk),
        "firstName": "Olivia",
        "lastName": "Owner",
        "email": olivia.email,
        "avatarUrl": None,
    }
    assert made["customFieldValues"] == body["customFieldValues"]
    read = rest.ok("GET", f"contacts/{made['id']}")
    assert read.keys() == {"contact", "customColumns"}
    assert read["contact"] == made
    assert {"id": str(column.pk), "label": "Region"}.items() <= read["customColumns"][0].items()


def test_it_changes_and_deletes_a_contact(rest: Rest):
    made = rest.ok("POST", "contacts", {"firstName": "Ada", "lastName": ""}, 201)
    organization = rest.ok("POST", "organizations", {"name": "Engines", "contactIds": [made["id"]]}, 201)
    changed = rest.ok("PUT", f"contacts/{made['id']}", {"lastName": "Byron"})
    assert changed["organizations"] == [{"id": organization["id"], "name": "Engines"}]
    changed = rest.ok("PUT", f"contacts/{made['id']}", {"organizationIds": []})
    assert (changed["lastName"], changed["organizations"]) == ("Byron", [])
    assert rest.send("DELETE", f"contacts/{made['id']}").json() == made["id"]
    rest.fails(404, "GET", f"contacts/{made['id']}")
    rest.fails(404, "GET", f"contacts/{uuid4()}")


def test_it_sells_with_lines_and_plans_tasks(rest: Rest):
    service = rest.ok("POST", "services", {"name": "Workshop", "amount": 1500, "customFieldValues": []}, 201)
    deal = rest.ok(
        "POST", "deals", {"name": "Pilot", "services": [{"serviceId": service["id"], "quantity": 2}]}, 201
    )
    assert (deal["totalValue"], deal["totalQuantity"]) == (3000, 2)
    [line] = deal["services"]
    assert {"id": service["id"], "name": "Workshop", "amount": 1500, "quantity": 2}.items() <= line.items()
    deal = rest.ok("PUT", f"deals/{deal['id']}", {"services": [{"serviceId": service["id"], "quantity": 1}]})
    assert (deal["services"][0]["quantity"], deal["totalValue"]) == (1, 1500)
    task = rest.ok("POST", "tasks", {"name": "Call back", "dealIds": [deal["id"]]}, 201)
    assert (task["type"], task["deals"]) == ("custom", [{"id": deal["id"], "name": "Pilot"}])
    [shown] = rest.ok("GET", f"deals/{deal['id']}")["deal"]["tasks"]
    assert shown["id"] == task["id"]


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_it_reads_all_of_an_entity_in_any_of_its_orders(rest: Rest, entity):
    first = {"contact": {"firstName": "N"}, "service": {"name": "N", "amount": 1}}.get(
        entity.name, {"name": "N"}
    )
    for size in (100, 3):
        rest.ok("POST", f"{entity.plural}/many", {entity.plural: [first] * size}, 201)
    for field in SORTED_BY:
        for direction in ("asc", "desc"):
            sort = {"field": field, "direction": direction}
            found = search_all(rest, entity.plural, sortDescriptor=sort)
            assert len({record["id"] for record in found}) == 103
    assert search_all(rest, entity.plural, searchTerm="nothing like it") == []


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_it_reads_custom_columns_from_the_configuration(rest: Rest, company: Company, entity):
    create_column(system_actor(company), {"entityType": entity.name, "type": "number", "label": "Score"})
    [column] = rest.ok("GET", f"{entity.plural}/configuration")["customColumns"]
    assert (column["label"], column["type"], column["entityType"]) == ("Score", "number", entity.name)


def test_it_lists_users_to_choose_from(rest: Rest, olivia: User, max_: User):
    answer = rest.ok("POST", "users/search", {"pagination": {"page": 1, "pageSize": 100}})
    assert [(user["firstName"], user["email"]) for user in answer["items"]] == [
        ("Max", max_.email),
        ("Olivia", olivia.email),
    ]
    assert answer["items"][0].keys() >= {
        *("id", "email", "firstName", "lastName", "roleId", "status", "country", "avatarUrl"),
        *("createdAt", "updatedAt"),
    }


def test_it_comes_and_goes_as_a_webhook_whose_signature_it_can_check(rest: Rest):
    secret = "a secret that its workflow made"
    body = {
        "url": "https://flows.example/webhook/0b7e/customermates",
        "events": ["contact.created", "deal.updated"],
        "description": "",
        "secret": secret,
    }
    made = rest.ok("POST", "webhooks", body, 201)
    assert made["id"]
    assert secret not in json.dumps(made)
    read = rest.ok("GET", f"webhooks/{made['id']}")
    assert (read["id"], read["url"], read["events"]) == (made["id"], body["url"], body["events"])
    contact = rest.ok("POST", "contacts", {"firstName": "Ada", "lastName": "Byron"}, 201)
    [parcel] = load(claim(10, lambda _: 10, lease=timedelta(minutes=1)))
    expected = hmac.new(secret.encode(), parcel.body, hashlib.sha256).hexdigest()
    assert (parcel.url, parcel.headers()["X-Webhook-Signature"]) == (body["url"], expected)
    told = json.loads(parcel.body)
    assert told.keys() == {"event", "data", "timestamp"}
    assert (told["event"], told["data"]["entityId"]) == ("contact.created", contact["id"])
    assert rest.send("DELETE", f"webhooks/{made['id']}").status_code in range(200, 300)
    rest.fails(404, "GET", f"webhooks/{made['id']}")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "messaging/connected-accounts"),
        ("POST", "messaging/threads/search"),
        ("GET", "messaging/threads/x"),
        ("POST", "messaging/threads/x/messages"),
        ("POST", "messaging/send-email"),
        ("POST", "messaging/start-chat"),
        *(
            ("POST", f"messaging/social-relations/{what}")
            for what in ("search", "invite", "accept", "cancel")
        ),
    ],
)
def test_what_the_later_product_had_is_told_to_be_absent(rest: Rest, method, path):
    rest.fails(404, method, path, {} if method == "POST" else None)
