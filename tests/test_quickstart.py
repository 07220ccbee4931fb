"""docs/quickstart.md is true: the official client replays it, in both protocol modes."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from httpx2 import AsyncClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pytest_django.live_server_helper import LiveServer

from accounts.actor import system_actor
from accounts.models import Event
from accounts.services import SAMPLE_DATA
from tests import people

pytestmark = pytest.mark.django_db(transaction=True)

PAGE = Path(__file__).parents[1] / "docs" / "quickstart.md"
BLOCK = re.compile(
    r"^```(json call (?P<tool>\w+)|json answer|text error)\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL
)
SEED_TOOLS = {
    "get_entity_configuration",
    "filter_entity",
    "count_entity",
    "get_entity_details",
    "batch_update_entity_custom_field",
    "set_entity_notes",
    "delete_entity",
}
ANYTHING = "…"


@dataclass
class Session:
    """What the page's placeholders have come to stand for."""

    bound: dict[str, str] = field(default_factory=dict)

    def fill(self, value: Any) -> Any:
        """`value` with every placeholder replaced by what it stands for."""
        text = json.dumps(value, ensure_ascii=False)
        for name, meaning in self.bound.items():
            text = text.replace(name, meaning)
        return json.loads(text)

    def differences(self, expected: Any, actual: Any, path: str = "$") -> list[str]:
        """Where `actual` is not what the page says; placeholders seen for the first time are bound."""
        if expected == ANYTHING:
            return []
        if isinstance(expected, str) and re.fullmatch(r"<[a-z ]+>", expected):
            self.bound.setdefault(expected, actual)
            return [] if self.bound[expected] == actual else [f"{path}: {actual} is not {expected}"]
        if isinstance(expected, dict) and isinstance(actual, dict):
            return self._objects(expected, actual, path)
        if isinstance(expected, list) and isinstance(actual, list):
            return self._lists(expected, actual, path)
        return [] if expected == actual else [f"{path}: {actual!r} is not {expected!r}"]

    def _objects(self, expected: dict[str, Any], actual: dict[str, Any], path: str) -> list[str]:
        named = {name: value for name, value in expected.items() if name != ANYTHING}
        found = [f"{path}: {name} is missing" for name in named if name not in actual]
        if ANYTHING not in expected:
            found += [f"{path}: the page does not tell of {name}" for name in actual if name not in named]
        for name, value in named.items():
            found += self.differences(value, actual[name], f"{path}.{name}") if name in actual else []
        return found

    def _lists(self, expected: list[Any], actual: list[Any], path: str) -> list[str]:
        more = expected[-1:] == [ANYTHING]
        items = expected[:-1] if more else expected
        if len(actual) < len(items) or (not more and len(actual) > len(items)):
            return [f"{path}: {len(actual)} items are not {len(items)}"]
        pairs = zip(items, actual[: len(items)], strict=True)
        return [line for n, pair in enumerate(pairs) for line in self.differences(*pair, f"{path}[{n}]")]


def steps() -> list[tuple[str, dict[str, Any], str, str]]:
    """(tool, arguments, kind of answer, answer) of every call on the page."""
    blocks = list(BLOCK.finditer(PAGE.read_text()))
    calls = [block for block in blocks if block["tool"]]
    answers = [block for block in blocks if not block["tool"]]
    assert [b["tool"] is not None for b in blocks] == [True, False] * len(calls), "each call has an answer"
    return [
        (call["tool"], json.loads(call["body"]), answer[1].split()[-1], answer["body"])
        for call, answer in zip(calls, answers, strict=True)
    ]


def text_of(result: Any) -> str:
    """The text that a model reads of a result."""
    return str(result.content[0].text)


async def replay(url: str, key: str, mode: Any) -> list[str]:
    """Where the answers of a session differ from the page."""
    session, found = Session(), list[str]()
    async with (
        AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        listed = {tool.name for tool in (await client.list_tools()).tools}
        found += [f"{name} is not listed" for name in SEED_TOOLS - listed]
        for number, (tool, arguments, kind, told) in enumerate(steps(), start=1):
            result = await client.call_tool(tool, session.fill(arguments))
            where = f"step {number} ({tool})"
            if result.is_error != (kind == "error"):
                found.append(f"{where}: {text_of(result)}")
            elif kind == "error":
                pattern = re.escape(told.strip()).replace(re.escape(ANYTHING), ".*")
                found += [] if re.match(pattern, text_of(result)) else [f"{where}: {text_of(result)}"]
            else:
                found += [
                    f"{where}: {line}"
                    for line in session.differences(json.loads(told), result.structured_content)
                ]
                assert json.loads(text_of(result)) == result.structured_content
    return found


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_the_quickstart_is_what_happens(live_server: LiveServer, mode: str):
    company, olivia = people.northwind()
    SAMPLE_DATA.get("crm")(system_actor(company))
    key, plaintext = people.key_of(olivia, "*", name="Quickstart")
    before = Event.objects.filter(company=company).count()
    assert asyncio.run(replay(f"{live_server.url}/api/v1/mcp", plaintext, mode)) == []
    events = list(Event.objects.filter(company=company).order_by("sequence")[before:])
    assert [event.name for event in events] == [
        *("deal.updated", "deal.updated", "deal.updated"),
        *("organization.deleted", "organization.created"),
    ]
    assert {(event.user_id, event.api_key_id, event.via) for event in events} == {(olivia.pk, key.pk, "mcp")}
    assert all(event.client for event in events)
    assert [event.reason for event in events][2:4] == ["Contract signed", "Trying the trash"]


def test_the_page_calls_all_seven_tools_of_the_agent_loop():
    assert {tool for tool, _, _, _ in steps()} >= SEED_TOOLS
