"""Both eras of the protocol on one address."""

from __future__ import annotations

import json
from typing import Any

import pytest
from mcp_types import methods as wire

from tests.mcp_gateway.client import LEGACY, MODERN, Mcp

pytestmark = pytest.mark.django_db

SERVER_INFO = "io.modelcontextprotocol/serverInfo"
LISTS = {
    "tools/list": "tools",
    "resources/list": "resources",
    "resources/templates/list": "resourceTemplates",
    "prompts/list": "prompts",
}
UNKNOWN_TEMPLATE = {"type": "ref/resource", "uri": "x"}
REQUESTS: dict[str, dict[str, Any]] = {
    **{method: {} for method in LISTS},
    "tools/call": {"name": "test_simple_text"},
    "resources/read": {"uri": "test://template/7/data"},
    "prompts/get": {"name": "test_prompt_with_arguments", "arguments": {"arg1": "a", "arg2": "b"}},
    "completion/complete": {
        "ref": {"type": "ref/prompt", "name": "test_prompt_with_arguments"},
        "argument": {"name": "arg1", "value": "par"},
    },
}


@pytest.mark.parametrize("method", REQUESTS)
def test_every_result_has_the_shape_of_its_version(any_mcp: Mcp, method: str):
    result = any_mcp.ask(method, REQUESTS[method])
    wire.validate_server_result(method, any_mcp.version, result)
    is_modern = any_mcp.version == MODERN
    assert ("resultType" in result) == (SERVER_INFO in result.get("_meta", {})) == is_modern
    cacheable = is_modern and (method in LISTS or method == "resources/read")
    assert ("ttlMs" in result) == cacheable
    assert result.get("cacheScope") == ("private" if cacheable else None)


def test_discover_names_versions_capabilities_and_rules(mcp: Mcp):
    result = mcp.ask("server/discover")
    wire.validate_server_result("server/discover", MODERN, result)
    assert result["supportedVersions"] == [MODERN]
    assert set(result["capabilities"]) == {"tools", "resources", "prompts", "completions"}
    assert len(result["instructions"].split()) <= 150
    assert "Validation error:" in result["instructions"]


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"])
def test_initialize_echoes_a_known_version_and_makes_no_session(mcp: Mcp, version: str):
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
    body = {"jsonrpc": "2.0", "id": "one", "method": "initialize", "params": params}
    response = mcp.post(body)
    result = json.loads(response.content)["result"]
    wire.validate_server_result("initialize", version, result)
    assert result["protocolVersion"] == version
    assert "Mcp-Session-Id" not in response.headers


@pytest.mark.parametrize("version", ["1999-01-01", "2026-07-28", "2030-01-01"])
def test_initialize_with_a_version_it_cannot_mean_gets_our_newest_legacy_one(mcp: Mcp, version: str):
    params = {"protocolVersion": version, "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}}
    response = mcp.post({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params})
    assert json.loads(response.content)["result"]["protocolVersion"] == LEGACY


def test_ping_is_empty_in_the_legacy_era_and_gone_in_the_modern_one(mcp: Mcp, old_mcp: Mcp):
    assert old_mcp.ask("ping") == {}
    response = mcp.send("ping")
    assert response.status_code == 404
    assert json.loads(response.content)["error"]["code"] == -32601


@pytest.mark.parametrize(
    "body",
    [
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}},
        {"jsonrpc": "2.0", "id": 9, "result": {}},
        {"jsonrpc": "2.0", "id": 9, "error": {"code": 1, "message": "no"}},
    ],
)
def test_legacy_notifications_and_responses_are_accepted_with_202(mcp: Mcp, body: dict[str, object]):
    response = mcp.post(body, headers={"MCP-Protocol-Version": LEGACY})
    assert (response.status_code, response.content) == (202, b"")


def test_modern_notifications_are_accepted_at_a_known_version_only(mcp: Mcp):
    body = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 1}}
    assert mcp.post(body, headers={"MCP-Protocol-Version": MODERN}).status_code == 202
    response = mcp.post(body, headers={"MCP-Protocol-Version": "2031-01-01"})
    assert response.status_code == 400
    assert json.loads(response.content)["error"]["code"] == -32022


def test_a_posted_response_is_no_message_in_the_modern_era(mcp: Mcp):
    response = mcp.post({"jsonrpc": "2.0", "id": 9, "result": {}}, headers={"MCP-Protocol-Version": MODERN})
    assert response.status_code == 400
    assert json.loads(response.content)["error"]["code"] == -32600


@pytest.mark.parametrize(
    ("method", "params", "code", "modern_status"),
    [
        ("no/such", {}, -32601, 404),
        ("resources/subscribe", {"uri": "test://static-text"}, -32601, 404),
        ("tools/call", {"name": "no_such_tool"}, -32602, 400),
        ("tools/call", {"name": 7}, -32602, 400),
        ("tools/list", {"cursor": "bad!"}, -32602, 400),
        ("tools/list", {"cursor": 7}, -32602, 400),
        ("prompts/get", {"name": "no_such_prompt"}, -32602, 400),
        ("prompts/get", {"name": "test_prompt_with_arguments"}, -32602, 400),
        (
            "completion/complete",
            {"ref": {"type": "ref/resource", "uri": "x"}, "argument": {"name": "a", "value": ""}},
            -32602,
            400,
        ),
    ],
)
def test_errors_keep_http_200_in_the_legacy_era_only(
    mcp: Mcp, old_mcp: Mcp, method: str, params: dict[str, object], code: int, modern_status: int
):
    for client, status in ((old_mcp, 200), (mcp, modern_status)):
        message = client.message(method, dict(params))
        routing = client.routing(method, params)
        routing = {name: str(value) for name, value in routing.items()}
        response = client.post(message, headers=routing)
        if params.get("name") == 7 and client is mcp:
            code = -32020  # a header cannot equal a number
        assert response.status_code == status, response.content
        assert json.loads(response.content)["error"]["code"] == code
        code = {-32020: -32602}.get(code, code)


def test_a_missing_resource_has_the_code_of_its_era(mcp: Mcp, old_mcp: Mcp):
    assert mcp.error("resources/read", {"uri": "test://nothing"})["code"] == -32602
    assert old_mcp.error("resources/read", {"uri": "test://nothing"})["code"] == -32002


def test_an_unknown_tool_is_a_protocol_error_that_names_the_nearest(mcp: Mcp, old_mcp: Mcp):
    for client in (mcp, old_mcp):
        error = client.error("tools/call", {"name": "test_row"})
        assert error["code"] == -32602
        assert "test_rows" in error["message"]
        assert error["data"]["nearest"][0] == "test_rows"


def test_lists_page_by_cursor_and_every_tool_is_seen_once(mcp: Mcp, monkeypatch: pytest.MonkeyPatch):
    whole = [tool["name"] for tool in mcp.ask("tools/list")["tools"]]
    monkeypatch.setattr("mcp_gateway.paging.page_of.__defaults__", (3,))
    seen: list[str] = []
    cursor: dict[str, str] = {}
    from mcp_gateway.methods import _tools_page

    _tools_page.cache_clear()
    while True:
        page = mcp.ask("tools/list", dict(cursor))
        seen += [tool["name"] for tool in page["tools"]]
        assert len(page["tools"]) <= 3
        if "nextCursor" not in page:
            break
        cursor = {"cursor": page["nextCursor"]}
    _tools_page.cache_clear()
    assert seen == whole


def test_completion_offers_values_that_begin_as_typed(any_mcp: Mcp):
    argument = {"name": "id", "value": "12"}
    ref = {"type": "ref/resource", "uri": "test://template/{id}/data"}
    completion = any_mcp.ask("completion/complete", {"ref": ref, "argument": argument})["completion"]
    assert completion == {"values": ["12", "123"], "total": 2, "hasMore": False}


@pytest.mark.parametrize("identity", [0, -5, 2**53, "", "a", "ü€😀", "x" * 500])
def test_the_answer_carries_exactly_the_id_that_was_asked(any_mcp: Mcp, identity: object):
    response = any_mcp.send("tools/list", {}, identity)
    assert json.loads(response.content)["id"] == identity
