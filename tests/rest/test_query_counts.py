"""How many queries each operation costs: a number on file, the same for one record and for thirty.

An operation that needs more or fewer than before fails here; UPDATE_QUERY_COUNTS=1 writes the file
anew, and the difference is reviewed like any other change.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import system_actor
from crm.entities import ENTITIES
from customermates.api import all_routes
from tests.rest.client import Rest
from tests.test_query_counts import CHANGED, MANY, NEW

FILE = Path(__file__).with_name("query_counts.json")
MARKS = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
# Linking locks what the organization's contacts are linked to first; SQLite has one writer anyway.
LOCKS = {"linkOrganization": 1, "unlinkOrganization": 1}

Asked = tuple[str, str, str, Any]  # (operation id, method, path, body)

pytestmark = pytest.mark.django_db


@pytest.fixture
def seeded(company, owner_key) -> Rest:
    """Olivia's program, in a company of generated data."""
    amounts = {f"--{entity.plural}": "80" for entity in ENTITIES.values()}
    call_command("seed", *(word for pair in amounts.items() for word in pair), "--company", company.name)
    rest = Rest(owner_key)
    rest.ok("GET", "users/me")  # notes the key's first use
    return rest


@pytest.fixture
def ids(company, seeded) -> dict[str, list[str]]:
    """Ids of records, by the entity's name."""
    actor = system_actor(company)
    return {
        entity.name: [
            str(pk)
            for pk in entity.model.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)
        ]
        for entity in ENTITIES.values()
    }


def asked(ids: dict[str, list[str]], size: int) -> Iterator[Asked]:
    """Calls about `size` records, reads before writes; other records for each size."""
    page = 5 if size == 1 else 50
    for entity in ENTITIES.values():
        one, many, root = _title(entity.name), _title(entity.plural), entity.plural
        yield f"get{many}", "POST", f"{root}/search", {"pagination": {"page": 1, "pageSize": page}}
        yield f"list{many}", "GET", f"{root}?pageSize={page}", None
        yield f"get{one}ById", "GET", f"{root}/{ids[entity.name][0]}", None
        keys = [{"field": "userIds"}, {"field": "createdAt", "bucket": "day"}]
        yield f"aggregate{many}", "POST", f"{root}/aggregate", {"groupBy": keys[: 1 if size == 1 else 2]}
        yield f"get{one}Configuration", "GET", f"{root}/configuration", None
    yield from (
        ("getUsers", "POST", "users/search", {}),
        ("getCurrentUser", "GET", "users/me", None),
        ("getRoles", "GET", "roles", None),
        ("getCompany", "GET", "company", None),
        ("getEvents", "GET", f"events?pageSize={page}", None),
        ("getCustomColumns", "GET", "custom-columns", None),
        ("getPipelines", "GET", "pipelines", None),
        ("getWebhooks", "GET", "webhooks", None),
        ("getWebhookDeliveries", "GET", f"webhook-deliveries?pageSize={page}", None),
    )
    mine = {name: some[:1] if size == 1 else some[1 : size + 1] for name, some in ids.items()}
    for entity in ENTITIES.values():
        yield from _writes(entity, mine[entity.name], size)
    link = f"organizations/{ids['organization'][-1]}/links/contacts"
    for verb, method in (("unlink", "DELETE"), ("link", "POST"), ("unlink", "DELETE")):
        yield f"{verb}Organization", method, link, {"ids": mine["contact"]}


def _writes(entity: Any, mine: list[str], size: int) -> Iterator[Asked]:
    one, many, root = _title(entity.name), _title(entity.plural), entity.plural
    new, changed = NEW[entity.name], CHANGED[entity.name]
    yield f"create{one}", "POST", root, new
    yield f"createMany{many}", "POST", f"{root}/many", {root: [new] * size}
    rows = [{"id": pk, **changed, "notes": "Many"} for pk in mine]
    yield f"updateMany{many}", "PUT", f"{root}/many", {root: rows}
    whole = {**new, "amount": None} if entity.name == "deal" else new  # lines decide what a deal is worth
    yield f"update{one}", "PUT", f"{root}/{mine[0]}", {**whole, "notes": f"One of {size}"}
    yield f"deleteMany{many}", "DELETE", f"{root}/many", {"ids": mine}
    yield f"restore{one}", "POST", f"{root}/{mine[0]}/restore", None
    yield f"delete{one}", "DELETE", f"{root}/{mine[0]}", None
    for pk in mine:
        yield f"restore{one}", "POST", f"{root}/{pk}/restore", None


def _title(name: str) -> str:
    return name[0].upper() + name[1:]


def counts(rest: Rest, ids: dict[str, list[str]], size: int) -> dict[str, int]:
    """Queries by operation; of one that is called several times, the last."""
    found = {}
    for name, method, path, body in asked(ids, size):
        with CaptureQueriesContext(connection) as captured:
            response = rest.send(method, path, body)
        assert response.status_code in (200, 201), (name, response.content)
        found[name] = sum(not query["sql"].startswith(MARKS) for query in captured.captured_queries)
    locks = LOCKS if connection.features.has_select_for_update else {}
    return {name: number - locks.get(name, 0) for name, number in sorted(found.items())}


def test_each_operation_needs_the_queries_on_file_however_many_records(seeded: Rest, ids):
    one, many = counts(seeded, ids, 1), counts(seeded, ids, MANY)
    assert one == many
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        FILE.write_text(json.dumps(one, indent=2) + "\n")
    assert one == json.loads(FILE.read_text())


def test_every_operation_that_asks_much_has_a_number_on_file():
    counted = json.loads(FILE.read_text())
    of_records = {
        operation.id
        for route in all_routes()
        for operation in route.operations.values()
        if operation.tag in {entity.plural for entity in ENTITIES.values()}
    }
    # PATCH is PUT, and links are counted from organizations, which have the most of them.
    alike = ("patch", "link", "unlink")
    assert not {name for name in of_records - counted.keys() if not name.startswith(alike)}


def test_reading_less_asks_less(seeded: Rest, ids):
    def queries(path: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            seeded.ok("GET", path)
        return len(captured.captured_queries)

    assert queries("contacts?fields=name") <= queries("contacts") - 4


def test_a_client_without_a_key_costs_nothing(seeded: Rest):
    with CaptureQueriesContext(connection) as captured:
        Rest(None, Client()).fails(401, "GET", "contacts")
        Rest("cm" + "x" * 62, Client()).fails(401, "GET", "contacts")
    assert captured.captured_queries == []
