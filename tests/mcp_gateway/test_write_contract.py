"""What writes accept beyond the plain row: versions everywhere, custom values, lines as they are read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db


@pytest.fixture
def ids(mcp: Mcp) -> dict[str, str]:
    """Ada, and the company she works for."""
    made = {}
    for tool, rows in (
        ("create_contacts", {"contacts": [{"firstName": "Ada"}]}),
        ("create_organizations", {"organizations": [{"name": "Engines"}]}),
    ):
        made[tool] = mcp.call(tool, rows)["structuredContent"]["records"][0]["id"]
    return {"ada": made["create_contacts"], "engines": made["create_organizations"]}


def _stale(result: dict[str, Any]) -> list[str]:
    assert result["isError"] is True, json.dumps(result)
    issues = result["structuredContent"]["error"]["issues"]
    return [issue["path"] for issue in issues if issue["code"] == "stale_version"]


def test_notes_of_one_record_can_be_guarded_by_its_version(mcp: Mcp, ids: dict[str, str]):
    sent = {"entity": "contact", "id": ids["ada"], "notes": "Called"}
    assert _stale(mcp.call("set_entity_notes", {**sent, "expectedVersion": 7})) == ["expectedVersion"]
    done = mcp.call("set_entity_notes", {**sent, "expectedVersion": 1})
    assert done["structuredContent"]["records"][0]["version"] == 2


@pytest.mark.parametrize("tool", ["link_entities", "unlink_entities"])
def test_links_can_be_guarded_by_the_version_of_their_source(mcp: Mcp, ids: dict[str, str], tool: str):
    sent = {
        "entity": "contact",
        "sourceId": ids["ada"],
        "relation": "organizations",
        "ids": [ids["engines"]],
    }
    assert _stale(mcp.call(tool, {**sent, "expectedVersion": 7})) == ["expectedVersion"]
    assert mcp.call(tool, {**sent, "expectedVersion": 1})["isError"] is False


@pytest.mark.parametrize("verb", ["create", "update"])
def test_rows_list_custom_values_by_id_and_lines_as_they_are_read(mcp: Mcp, verb: str):
    listed = {tool["name"]: tool["inputSchema"] for tool in mcp.ask("tools/list")["tools"]}
    row = listed[f"{verb}_deals"]["properties"]["deals"]["items"]["properties"]
    assert set(row["customFieldValues"]["items"]["properties"]) == {"columnId", "value"}
    assert {"serviceId", "quantity", "unitPrice", "position"} <= set(row["services"]["items"]["properties"])
