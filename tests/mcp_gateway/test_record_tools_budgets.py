"""What the record tools cost in tokens on the sample data: lists of tools, configurations, default lists."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.actor import system_actor
from accounts.models import User
from crm.entities import ENTITIES
from crm.sample.loading import load_sample_data
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from mcp_gateway.toolsets import DEFAULT_TOOLSETS
from tests import people
from tests.mcp_gateway import tokens
from tests.mcp_gateway.client import Mcp

catalogue.load()
ANSWER = 6_000  # tokens


def _cost(value: object) -> int:
    return tokens.count(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


def test_the_tool_lists_keep_to_their_budgets(capsys: pytest.CaptureFixture[str]):
    budgets = {"core": 2_000, "records": 6_000, "danger": 2_500}
    cost = {name: _cost([t.listing() for t in TOOLS.tools() if t.toolset == name]) for name in budgets}
    whole = _cost([tool.listing() for tool in TOOLS.tools() if tool.toolset in DEFAULT_TOOLSETS])
    with capsys.disabled():
        print(f"\ntools/list: {whole} tokens; {', '.join(f'{name} {n}' for name, n in cost.items())}")  # noqa: T201
    assert whole <= 7_000
    assert all(cost[name] <= budgets[name] for name in budgets)


def test_sample_answers_fit_without_being_cut(olivia: User, capsys: pytest.CaptureFixture[str]):
    load_sample_data(system_actor(olivia.company))
    mcp = Mcp(Client(), people.key_of(olivia, "*")[1])
    cost = {}
    for entity in ENTITIES.names():
        configuration = mcp.call("get_entity_configuration", {"entity": entity})["structuredContent"]
        page = mcp.call("filter_entity", {"entity": entity})["structuredContent"]
        cost[entity] = (_cost(configuration), _cost(page))
        for answer in (configuration, page):
            assert "leftOut" not in answer, entity
            assert "note" not in answer, entity
        assert len(page["rows"]) == min(25, page["total"])
        assert {"id", "name"} <= set(page["columns"])
        used = [
            name
            for n, name in enumerate(page["columns"])
            if any(row[n] not in (None, [], "") for row in page["rows"])
        ]
        assert used == page["columns"], f"{entity}: a default column that the sample leaves empty"
    with capsys.disabled():
        print(f"\n(configuration, default list) in tokens: {cost}")  # noqa: T201
    assert max(max(pair) for pair in cost.values()) <= ANSWER
