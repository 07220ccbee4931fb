"""The official Python client over a real socket, in both modes, and many callers at once."""

from __future__ import annotations

import asyncio
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from httpx2 import AsyncClient
from mcp import Client
from mcp.client.streamable_http import streamable_http_client
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from tests import people
from tests.mcp_gateway.client import LEGACY, MODERN, PATH, Mcp

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16


async def _session(url: str, key: str, mode: Any) -> dict[str, Any]:
    seen: dict[str, Any] = {}
    async with (
        AsyncClient(headers={"Authorization": f"Bearer {key}"}) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode) as client,
    ):
        seen["version"] = client.protocol_version
        seen["instructions"] = client.instructions
        seen["tools"] = [tool.name for tool in (await client.list_tools()).tools]
        seen["who"] = (await client.call_tool("test_who", {})).structured_content
        seen["wrong"] = await client.call_tool("test_rows", {"entity": "users"})
        seen["right"] = await client.call_tool(
            "test_rows", {"entity": "user", "rows": [{"firstName": "Ada"}]}
        )
        seen["image"] = await client.call_tool("test_image_content", {})
        seen["resource"] = await client.read_resource("test://static-text")
        seen["prompts"] = [prompt.name for prompt in (await client.list_prompts()).prompts]
    return seen


@pytest.mark.parametrize(("mode", "version"), [("auto", MODERN), (MODERN, MODERN), ("legacy", LEGACY)])
def test_the_python_client_lists_calls_and_sees_a_validation_error(
    live_server: LiveServer, fixture_tools: None, owner_key: str, olivia: User, mode: str, version: str
):
    seen = asyncio.run(_session(live_server.url + PATH, owner_key, mode))
    assert seen["version"] == version
    if mode != MODERN:  # a pinned version asks for no discovery
        assert "Validation error:" in seen["instructions"]
    assert {"test_rows", "test_who"} <= set(seen["tools"])
    assert seen["who"]["userId"] == str(olivia.pk)
    assert seen["who"]["client"]
    assert seen["wrong"].is_error
    assert seen["wrong"].content[0].text.startswith("Validation error:\n- entity:")
    assert seen["right"].structured_content["written"] == 1
    assert seen["image"].content[0].mime_type == "image/png"
    assert seen["resource"].contents[0].text.startswith("This is")
    assert "test_simple_prompt" in seen["prompts"]


def _post(url: str, key: str | None, identity: int, mcp: Mcp) -> tuple[int, dict[str, Any]]:
    message = mcp.message("tools/call", {"name": "test_who"}, identity)
    headers = mcp.routing("tools/call", {"name": "test_who"})
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    response = httpx.post(url, json=message, headers=headers, timeout=30)
    return response.status_code, response.json()


def test_equal_ids_at_the_same_time_never_mix_companies(
    live_server: LiveServer, mcp: Mcp, olivia: User, sven: User, settings
):
    settings.API_CALLS_PER_MINUTE = 0
    url = live_server.url + PATH
    keys = {str(user.company_id): people.key_of(user, "*")[1] for user in (olivia, sven)}
    callers: list[tuple[str | None, str | None]] = [*keys.items(), (None, None)]
    start = threading.Barrier(THREADS)

    def run(number: int) -> list[tuple[str | None, int, dict[str, Any]]]:
        company, key = callers[number % len(callers)]
        start.wait()
        return [(company, *_post(url, key, identity % 3, mcp)) for identity in range(12)]

    with ThreadPoolExecutor(THREADS) as pool:
        answers = [answer for part in pool.map(run, range(THREADS)) for answer in part]
    assert len(answers) == THREADS * 12
    for company, status, body in answers:
        if company is None:
            assert (status, body["error"]) == (401, "invalid_token")
        else:
            assert status == 200
            assert body["result"]["structuredContent"]["companyId"] == company


def test_sixteen_callers_with_one_key_each_get_their_own_answer(
    live_server: LiveServer, mcp: Mcp, owner_key: str, settings
):
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    url = live_server.url + PATH
    headers = {"Authorization": f"Bearer {owner_key}"} | mcp.routing("tools/call", {"name": "test_rows"})
    start = threading.Barrier(THREADS)

    def run(number: int) -> None:
        start.wait()
        with httpx.Client(headers=headers, timeout=30) as client:
            for count in range(1, 9):
                rows = [{"firstName": "Ada"}] * count
                arguments = {"entity": "user", "rows": rows, "reason": f"{number}/{count}"}
                message = mcp.message(
                    "tools/call", {"name": "test_rows", "arguments": arguments}, f"{number}"
                )
                body = client.post(url, json=message).json()
                assert body["id"] == f"{number}"
                answer = body["result"]["structuredContent"]
                assert (answer["written"], answer["reason"]) == (count, f"{number}/{count}")

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def test_the_list_differs_by_key_even_when_asked_at_once(
    live_server: LiveServer, mcp: Mcp, olivia: User, settings
):
    settings.API_CALLS_PER_MINUTE = 0
    keys = {
        people.key_of(olivia, scope)[1]: scope for scope in ("users:write", "company:write", "users:read")
    }
    expected = {
        "users:write": {"test_rows", "test_delete"},
        "company:write": {"test_rows"},
        "users:read": set(),
    }
    start = threading.Barrier(6)

    def run(number: int) -> None:
        key, scope = list(keys.items())[number % 3]
        start.wait()
        for _ in range(5):
            headers = {"Authorization": f"Bearer {key}"} | mcp.routing("tools/list", {})
            body = httpx.post(live_server.url + PATH, json=mcp.message("tools/list"), headers=headers).json()
            names = {tool["name"] for tool in body["result"]["tools"]}
            assert names & {"test_rows", "test_delete"} == expected[scope], json.dumps(sorted(names))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(run, range(6)))
