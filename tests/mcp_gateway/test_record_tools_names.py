"""Old names of the record tools, with the arguments that the seed and the reference product document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crm import services
from crm.entities import CONTACT, ORGANIZATION
from crm.models import Contact
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from tests.doors.worlds import House, agent, northwind

catalogue.load()

Arguments = Callable[[str, str, str], dict[str, Any]]  # contact, organization, column → arguments

OLD_CALLS: dict[str, Arguments] = {
    "get_entities": lambda contact, organization, _column: {
        "items": [
            {"entity": "contact", "id": contact, "include": "withNotes"},
            {"entity": "organization", "id": organization},
        ]
    },
    "batch_get_entity_details": lambda contact, _organization, _column: {
        "items": [{"entity": "contact", "id": contact, "include": "masterData"}]
    },
    "update_entity_notes": lambda contact, _organization, _column: {
        "entity": "contact",
        "items": [{"id": contact, "notes": "Told by an old name"}],
    },
    "batch_set_entity_notes": lambda contact, _organization, _column: {
        "entity": "contact",
        "items": [{"id": contact, "notes": "Told by an older name"}],
    },
    "update_entity_custom_fields": lambda contact, _organization, column: {
        "entity": "contact",
        "items": [{"id": contact, "customFieldValues": [{"columnId": column, "value": "Told"}]}],
    },
    "delete_entities": lambda contact, _organization, _column: {"entity": "contact", "ids": [contact]},
    "batch_delete_entity": lambda contact, _organization, _column: {"entity": "contact", "ids": [contact]},
}


@pytest.fixture
def house(db: None) -> House:
    return northwind()


def _call(house: House, tool: str) -> dict[str, Any]:
    [contact] = services.create_records(house.actor, CONTACT, [{"firstName": "Ada", "notes": "Old"}]).records
    [organization] = services.create_records(house.actor, ORGANIZATION, [{"name": "Engines"}]).records
    column = str(house.columns["plain"].pk)
    answer = agent(house.admin, "*").call(
        tool, OLD_CALLS[tool](str(contact.pk), str(organization.pk), column)
    )
    assert not answer["isError"], answer
    return {**answer["structuredContent"], "contact": Contact.objects.get(pk=contact.pk)}


def test_every_old_name_is_called_here():
    assert set(OLD_CALLS) == {alias.name for alias in TOOLS.aliases()}
    assert not set(OLD_CALLS) & {tool.name for tool in TOOLS.tools()}


def test_get_entities_reads_records_of_several_entities(house: House):
    contact, organization = _call(house, "get_entities")["records"]
    assert (contact["entity"], contact["notes"]["text"]) == ("contact", "Old")
    assert (organization["entity"], organization["name"]) == ("organization", "Engines")


def test_batch_get_entity_details_reads_records(house: House):
    assert [record["firstName"] for record in _call(house, "batch_get_entity_details")["records"]] == ["Ada"]


def test_update_entity_notes_replaces_notes(house: House):
    assert _call(house, "update_entity_notes")["contact"].notes == "Told by an old name"


def test_batch_set_entity_notes_replaces_notes(house: House):
    assert _call(house, "batch_set_entity_notes")["contact"].notes == "Told by an older name"


def test_update_entity_custom_fields_sets_the_named_columns(house: House):
    number = str(house.columns["plain"].number)
    assert _call(house, "update_entity_custom_fields")["contact"].custom[number] == "Told"


@pytest.mark.parametrize("name", ["delete_entities", "batch_delete_entity"])
def test_delete_by_an_old_name_moves_to_the_trash(house: House, name: str):
    assert _call(house, name)["contact"].deleted_at is not None


def test_old_names_are_not_listed(house: House):
    listed = {tool["name"] for tool in agent(house.admin, "*").ask("tools/list")["tools"]}
    assert not listed & set(OLD_CALLS)
