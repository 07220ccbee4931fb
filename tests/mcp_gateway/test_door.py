"""What is let in: keys, origins, content, sizes and how often."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from tests.mcp_gateway.client import LEGACY, MODERN, PATH, Mcp

pytestmark = pytest.mark.django_db

GOOD = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.mark.parametrize("method", ["get", "delete", "put", "patch", "head", "options"])
def test_only_post_is_allowed(mcp: Mcp, method: str):
    response = getattr(mcp.client, method)(PATH, headers={"Authorization": f"Bearer {mcp.key}"})
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "method", ["tools/list", "initialize", "server/discover", "ping", "no/such", "tools/call"]
)
@pytest.mark.parametrize("key", [None, "", "nonsense", "cm" + "0" * 62])
def test_every_method_wants_a_key(mcp: Mcp, method: str, key: str | None):
    response = Mcp(mcp.client, key).send(method)
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="Customermates", error="invalid_token"'
    assert "API keys" in json.loads(response.content)["message"]


def test_a_session_cookie_is_no_key(fixture_tools: None, signed_in_client: Client):
    assert Mcp(signed_in_client, None).send("tools/list").status_code == 401


def test_a_key_may_come_in_either_header_but_not_two_keys(mcp: Mcp, stranger_key: str):
    assert Mcp(mcp.client, None, headers={"x-api-key": str(mcp.key)}).send("tools/list").status_code == 200
    assert Mcp(mcp.client, mcp.key, headers={"x-api-key": str(mcp.key)}).send("tools/list").status_code == 200
    assert Mcp(mcp.client, mcp.key, headers={"x-api-key": stranger_key}).send("tools/list").status_code == 401


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8000", 200),
        ("http://localhost:6274", 200),
        ("http://127.0.0.1:1", 200),
        ("http://[::1]:5173", 200),
        ("https://localhost", 200),
        ("http://evil.example.com", 403),
        ("http://localhost.evil.example", 403),
        ("http://evil.example/localhost", 403),
        ("null", 403),
        ("", 403),
        ("http://[::1", 403),
        ("file://localhost", 403),
    ],
)
def test_only_pages_of_this_machine_may_call_a_server_on_it(mcp: Mcp, origin: str, status: int):
    assert mcp.post(GOOD, headers={"Origin": origin}).status_code == status


def test_a_public_server_takes_only_its_own_and_named_origins(mcp: Mcp, settings: Settings):
    settings.BASE_URL, settings.BASE_URL_IS_LOOPBACK = "https://crm.example.com", False
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    origins = {
        "https://crm.example.com": 200,
        "https://app.example.com": 200,
        "http://localhost:6274": 403,
        "https://evil.example": 403,
    }
    for origin, status in origins.items():
        assert mcp.post(GOOD, headers={"Origin": origin}).status_code == status


def test_a_foreign_host_is_refused(mcp: Mcp):
    assert 400 <= mcp.post(GOOD, headers={"Host": "evil.example.com"}).status_code < 500


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200),
        ("application/json; charset=utf-8", 200),
        ("Application/JSON", 200),
        ("text/plain", 415),
        ("application/x-www-form-urlencoded", 415),
        ("multipart/form-data; boundary=x", 415),
        ("", 415),
    ],
)
def test_only_json_is_read(mcp: Mcp, content_type: str, status: int):
    assert mcp.post(GOOD, content_type=content_type).status_code == status


def test_compressed_bodies_are_refused(mcp: Mcp):
    assert mcp.post(GOOD, headers={"Content-Encoding": "gzip"}).status_code == 415


@pytest.mark.parametrize(
    "accept", ["application/json, text/event-stream", "application/json", "*/*", "text/event-stream", ""]
)
def test_any_accept_header_gets_json(mcp: Mcp, accept: str):
    response = mcp.post(GOOD, headers={"Accept": accept})
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")


def test_a_body_has_at_most_one_mebibyte(mcp: Mcp):
    message = json.dumps(GOOD | {"params": {"_meta": {"x": ""}}}).encode()
    room = 1024 * 1024 - len(message)
    assert mcp.post(message.replace(b'""', b'"' + b"a" * room + b'"')).status_code == 200
    response = mcp.post(message.replace(b'""', b'"' + b"a" * (room + 1) + b'"'))
    assert response.status_code == 413
    assert "1048576" in json.loads(response.content)["message"]


def test_answers_are_not_stored_and_carry_the_request_id(mcp: Mcp):
    response = mcp.post(GOOD, headers={"X-Request-Id": "abc-123"})
    assert (response["Cache-Control"], response["X-Request-Id"]) == ("no-store", "abc-123")


def test_limits_are_told_on_every_answer_and_refuse_with_a_time(mcp: Mcp, settings: Settings):
    settings.API_CALLS_PER_MINUTE = 2
    first, second, third = (mcp.post(GOOD) for _ in range(3))
    assert [first["RateLimit-Remaining"], second["RateLimit-Remaining"]] == ["1", "0"]
    assert (third.status_code, third["RateLimit-Remaining"], third["RateLimit-Limit"]) == (429, "0", "2")
    assert 0 < int(third["Retry-After"]) <= 60
    assert json.loads(third.content)["error"] == "rate_limited"


def test_only_calls_that_write_spend_the_write_limit(mcp: Mcp, settings: Settings):
    settings.API_WRITES_PER_MINUTE = 1
    write = {"name": "test_rows", "arguments": {"entity": "user", "rows": [{"firstName": "Ada"}]}}
    old_name = {"name": "test_old_rows", "arguments": {"people": [{"firstName": "Ada"}]}}
    for _ in range(3):
        assert mcp.send("tools/call", {"name": "test_who"}).status_code == 200
        assert mcp.send("tools/list").status_code == 200
    assert mcp.send("tools/call", write).status_code == 200
    assert mcp.send("tools/call", write).status_code == 429
    assert mcp.send("tools/call", old_name).status_code == 429
    assert mcp.send("tools/call", {"name": "test_who"}).status_code == 200


# --- Routing headers, 2026-07-28 basic/transports ---------------------------------------------------

CALL = {"name": "test_simple_text"}


def _modern(mcp: Mcp, **headers: str | None) -> Any:
    routing = mcp.routing("tools/call", CALL) | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    sent = {name: value for name, value in routing.items() if value is not None}
    return mcp.post(mcp.message("tools/call", CALL), headers=sent)


@pytest.mark.parametrize(
    "headers",
    [
        {"MCP_Protocol_Version": None},
        {"MCP_Protocol_Version": LEGACY},
        {"MCP_Protocol_Version": "2030-01-01"},
        {"MCP_Protocol_Version": f"{MODERN},{MODERN}"},
        {"Mcp_Method": None},
        {"Mcp_Method": "tools/list"},
        {"Mcp_Method": "TOOLS/CALL"},
        {"Mcp_Method": "tools/call, tools/call"},
        {"Mcp_Name": None},
        {"Mcp_Name": "test_who"},
        {"Mcp_Name": "test_simple_text,test_simple_text"},
        {"Mcp_Name": "=?base64?dGVzdF93aG8=?="},
        {"Mcp_Name": "=?base64?%%%?="},
        {"Mcp_Name": "=?base64?/w==?="},
    ],
)
def test_routing_headers_that_disagree_with_the_body_are_refused(mcp: Mcp, headers: dict[str, str | None]):
    response = _modern(mcp, **headers)
    assert response.status_code == 400
    body = json.loads(response.content)
    assert (body["error"]["code"], body["id"]) == (-32020, 1)


@pytest.mark.parametrize("name", ["test_simple_text", "=?base64?dGVzdF9zaW1wbGVfdGV4dA==?="])
def test_a_name_may_come_plain_or_in_base64(mcp: Mcp, name: str):
    assert _modern(mcp, Mcp_Name=name).status_code == 200


def test_an_unknown_version_is_told_which_ones_are_served(mcp: Mcp):
    message = mcp.message("tools/list")
    message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2031-01-01"
    response = mcp.post(message, headers={"MCP-Protocol-Version": "2031-01-01", "Mcp-Method": "tools/list"})
    error = json.loads(response.content)["error"]
    assert (response.status_code, error["code"]) == (400, -32022)
    assert error["data"] == {"supported": [MODERN], "requested": "2031-01-01"}


@pytest.mark.parametrize("missing", ["protocolVersion", "clientCapabilities"])
def test_protocol_fields_are_required_in_each_modern_request(mcp: Mcp, missing: str):
    message = mcp.message("tools/list")
    del message["params"]["_meta"][f"io.modelcontextprotocol/{missing}"]
    response = mcp.post(message, headers=mcp.routing("tools/list", {}))
    assert response.status_code == 400
    assert json.loads(response.content)["error"]["code"] == -32602


def test_a_tool_that_needs_a_capability_names_it_to_clients_without(mcp: Mcp, old_mcp: Mcp):
    response = mcp.send("tools/call", {"name": "test_missing_capability"})
    error = json.loads(response.content)["error"]
    assert (response.status_code, error["code"]) == (400, -32021)
    assert error["data"] == {"requiredCapabilities": {"sampling": {}}}
    assert not old_mcp.call("test_missing_capability")["isError"]


@pytest.mark.parametrize(
    ("header", "status"),
    [("north", 200), ("=?base64?bm9ydGg=?=", 200), ("south", 400), (None, 400), ("=?base64?bm9y?=?=", 400)],
)
def test_arguments_mirrored_in_headers_must_agree(mcp: Mcp, header: str | None, status: int):
    params = {"name": "test_custom_headers", "arguments": {"region": "north"}}
    mirrored = {} if header is None else {"Mcp-Param-Region": header}
    message = mcp.message("tools/call", params)
    response = mcp.post(message, headers=mcp.routing("tools/call", params) | mirrored)
    assert response.status_code == status
    if status == 400:
        assert json.loads(response.content)["error"]["code"] == -32020


# --- What a key may see -----------------------------------------------------------------------------


def _listed(mcp: Mcp) -> set[str]:
    return {tool["name"] for tool in mcp.ask("tools/list")["tools"]}


def test_tools_are_listed_only_for_keys_that_may_use_them(olivia: User, agent_of):
    assert {"test_rows", "test_delete"} <= _listed(agent_of(olivia, "*"))
    assert not {"test_rows", "test_delete"} & _listed(agent_of(olivia, "users:read"))
    assert {"test_rows", "test_delete"} & _listed(agent_of(olivia, "company:write")) == {"test_rows"}


def test_a_role_narrows_what_its_keys_list(rita: User, agent_of):
    assert "test_rows" not in _listed(agent_of(rita, "users:read"))


def test_calling_a_tool_beyond_the_scopes_names_the_missing_one(olivia: User, agent_of):
    agent = agent_of(olivia, "company:write")
    rows = [{"firstName": "Ada"}]
    assert not agent.call("test_rows", {"entity": "company", "rows": rows})["isError"]
    for call in (("test_rows", {"entity": "user", "rows": rows}), ("test_delete", {"ids": ["1"]})):
        result = agent.call(*call)
        text = result["content"][0]["text"]
        assert result["isError"]
        assert text.startswith("Validation error:")
        assert "users:write" in text
        assert result["structuredContent"]["error"]["code"] == "not_allowed"


def test_a_tool_outside_the_surface_is_unlisted_and_says_how_to_get_it(mcp: Mcp):
    assert "test_hidden" not in _listed(mcp)
    result = mcp.call("test_hidden")
    assert result["isError"]
    assert "webhooks" in result["content"][0]["text"]


def test_old_names_are_callable_and_unlisted(mcp: Mcp):
    assert "test_old_rows" not in _listed(mcp)
    assert mcp.call("test_old_rows", {"people": [{"firstName": "Ada"}]})["structuredContent"]["written"] == 1


def test_the_clients_own_name_is_known_in_the_modern_era(mcp: Mcp, old_mcp: Mcp):
    assert mcp.call("test_who")["structuredContent"]["client"] == "pytest 1.0"
    old_mcp.headers = {"User-Agent": "claude-code/2.1"}
    assert old_mcp.call("test_who")["structuredContent"]["client"] == "claude-code/2.1"


def test_lists_of_what_there_is_none_of_yet_are_empty(client: Client, owner_key: str):
    for version in (MODERN, LEGACY):
        agent = Mcp(client, owner_key, version)
        for method, name in (
            ("resources/list", "resources"),
            ("resources/templates/list", "resourceTemplates"),
            ("prompts/list", "prompts"),
        ):
            assert agent.ask(method)[name] == []
