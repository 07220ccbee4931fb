"""A key that is narrowed to toolsets lists only theirs, and tells how to reach the others."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.api_keys import create_key
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db


def test_a_key_with_toolsets_lists_and_calls_only_those(owner: Actor):
    catalogue.load()
    _, plaintext = create_key(owner, name="Reader", scopes=["*"], toolsets=["core"])
    agent = Mcp(Client(), plaintext)
    listed = [tool["name"] for tool in agent.ask("tools/list")["tools"]]
    assert listed == [tool.name for tool in TOOLS.tools() if tool.toolset == "core"]
    refused = agent.call("create_contacts", {"contacts": [{"firstName": "Ada"}]})
    assert refused["isError"] is True
    said = "Use an API key whose toolsets include records, or one without a list of toolsets: "
    text = refused["content"][0]["text"]
    assert f"{said}`customermates key create --email … --name … --toolset core --toolset records`" in text
    assert "An admin changes roles" not in text  # none would help
    assert agent.call("get_current_user")["isError"] is False
