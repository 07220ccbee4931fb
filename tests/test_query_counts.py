"""How many queries each tool costs: a number on file, the same for one row and for thirty.

A tool that needs more or fewer than before fails here; UPDATE_QUERY_COUNTS=1 writes the file anew,
and the difference is reviewed like any other change. Statements that only open, mark or end a
transaction are not counted: they depend on the test around them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor, system_actor
from accounts.permissions import TOOLSETS
from crm.entities import ENTITIES
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from tests import people
from tests.mcp_gateway.client import Mcp
from webhooks.services import create_endpoint, send_test

FILE = Path(__file__).with_name("query_counts.json")
MANY = 30
QUERIES_OF_ONE_UPDATE = 12  # authentication included
# Linking from an organization locks its contacts first (crm.writing.locks); SQLite has one writer anyway.
LOCKS = {"link_entities": 1, "unlink_entities": 1}

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(company, olivia) -> Mcp:
    """Olivia's agent, in a company of generated data."""
    amounts = {f"--{entity.plural}": "80" for entity in ENTITIES.values()}
    call_command("seed", *(word for pair in amounts.items() for word in pair), "--company", company.name)
    agent = Mcp(Client(), people.key_of(olivia, "*", toolsets=TOOLSETS.names())[1])
    agent.call("get_current_user")  # notes the key's first use
    return agent


@pytest.fixture
def ids(company, agent) -> dict[str, list[str]]:
    """Ids of records, by the entity's name."""
    actor = system_actor(company)
    return {
        entity.name: [
            str(pk)
            for pk in entity.model.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)
        ]
        for entity in ENTITIES.values()
    }


def queries_of(agent: Mcp, tool: str, arguments: dict) -> int:
    """How many queries a call of the tool sends, which must succeed."""
    with CaptureQueriesContext(connection) as captured:
        result = agent.call(tool, arguments)
    assert not result["isError"], (tool, result)
    marks = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
    return sum(not query["sql"].startswith(marks) for query in captured.captured_queries)


def reads(ids: dict[str, list[str]], size: int) -> Iterator[tuple[str, dict]]:
    """Calls of the tools that change nothing, about `size` records."""
    rule = {"field": "organizationIds", "operator": "in", "value": ids["organization"][:size]}
    wanted = {"entity": "contact", "ids": ids["contact"][:size]}
    yield "get_current_user", {}
    yield "get_entity_configuration", {"entity": "contact"}
    yield "filter_entity", {"entity": "contact", "pageSize": 5 if size == 1 else 50}
    yield "count_entity", {"entity": "contact", "filters": [rule]}
    yield "get_entity_details", wanted


NEW: dict[str, dict[str, Any]] = {
    "contact": {"firstName": "Ada", "emails": ["ada@engines.example"], "customFields": {"region": "Berlin"}},
    "organization": {"name": "Engines Ltd"},
    "deal": {"name": "Pilot", "amount": 1000},
    "service": {"name": "Workshop day", "amount": 1500},
    "task": {"name": "Call back", "dueAt": "2026-11-22"},
}
CHANGED: dict[str, dict[str, Any]] = {
    "contact": {"jobTitle": "Buyer of engines", "emails": ["ada@b.example"], "customFields": {"score": 7}},
    "organization": {"name": "Engines & Co"},
    "deal": {"name": "Pilot of engines"},
    "service": {"name": "Workshop week"},
    "task": {"name": "Write"},
}


def writes(ids: dict[str, list[str]], size: int) -> Iterator[tuple[str, dict]]:
    """Calls of the tools that change records; other ones for each `size`."""
    mine = {name: some[:1] if size == 1 else some[1 : size + 1] for name, some in ids.items()}
    for entity in ENTITIES.values():
        links = {"organizationIds": mine["organization"][:1]} if entity.name == "contact" else {}
        yield f"create_{entity.plural}", {entity.plural: [{**NEW[entity.name], **links}] * size}
    for entity in ENTITIES.values():
        rows = [{"id": pk, **CHANGED[entity.name]} for pk in mine[entity.name]]
        yield f"update_{entity.plural}", {entity.plural: rows}
    contacts = [{"id": pk} for pk in mine["contact"]]
    values = [{**contact, "customFields": {"region": "Anywhere"}} for contact in contacts]
    notes = [{**contact, "notes": "Called."} for contact in contacts]
    link = {"entity": "organization", "sourceId": ids["organization"][-1], "relation": "contacts"}
    yield "batch_update_entity_custom_field", {"entity": "contact", "items": values}
    yield "set_entity_notes", {"entity": "contact", "items": notes}
    yield "unlink_entities", {**link, "ids": mine["contact"]}
    yield "link_entities", {**link, "ids": mine["contact"]}
    yield "unlink_entities", {**link, "ids": mine["contact"]}
    yield "delete_entity", {"entity": "contact", "ids": mine["contact"]}
    yield "restore_entity", {"entity": "contact", "ids": mine["contact"]}


def webhook_calls(actor: Actor, size: int) -> Iterator[tuple[str, dict]]:
    """Calls of the tools of webhooks, in a company with about `size` more of them and of their deliveries."""
    values = {"url": "https://hooks.example/in", "events": ["deal.*"]}
    webhooks = [create_endpoint(actor, values).endpoint for _ in range(size)]
    deliveries = [send_test(actor, webhook.pk) for webhook in webhooks]
    one = {"id": str(webhooks[0].pk)}
    yield "list_webhooks", {}
    yield "get_webhook", one
    yield "list_webhook_deliveries", {"pageSize": size}
    yield "create_webhook", values
    yield "update_webhook", {**one, "description": "Ledger"}
    yield "test_webhook", one
    yield "resend_webhook_delivery", {"id": str(deliveries[0].pk)}
    yield "delete_webhook", one


def counts(agent: Mcp, calls: Iterable[tuple[str, dict]]) -> dict[str, int]:
    """Queries by tool as on SQLite; of a tool called twice, the last."""
    found = {tool: queries_of(agent, tool, arguments) for tool, arguments in calls}
    locks = LOCKS if connection.features.has_select_for_update else {}
    return {name: count - locks.get(name, 0) for name, count in found.items()}


def test_each_tool_needs_the_queries_on_file_however_many_rows(agent, ids, company):
    one, many = (counts(agent, chain(reads(ids, size), writes(ids, size))) for size in (1, MANY))
    # Last, because what happens where somebody listens costs a look at who does.
    actor = system_actor(company)
    one |= counts(agent, webhook_calls(actor, 1))
    many |= counts(agent, webhook_calls(actor, MANY))
    assert one == many
    listed = {tool.name: one[tool.name] for tool in TOOLS.tools() if tool.name in one}
    if os.environ.get("UPDATE_QUERY_COUNTS"):
        FILE.write_text(json.dumps(listed, indent=2) + "\n")
    assert listed == json.loads(FILE.read_text())


def test_every_tool_has_a_number_on_file():
    catalogue.load()
    assert [tool.name for tool in TOOLS.tools()] == list(json.loads(FILE.read_text()))


def test_changing_one_record_takes_a_dozen_queries_at_most(agent, ids):
    row = {"id": ids["contact"][0], **CHANGED["contact"]}
    assert queries_of(agent, "update_contacts", {"contacts": [row]}) <= QUERIES_OF_ONE_UPDATE
