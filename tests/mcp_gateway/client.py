"""A small MCP client over Django's test client: both eras, raw enough to send what is wrong."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, cast

from django.http import HttpResponse
from django.test import Client

PATH = "/api/v1/mcp"
MODERN = "2026-07-28"
LEGACY = "2025-11-25"
NAMES = {"tools/call": "name", "prompts/get": "name", "resources/read": "uri"}


@dataclass
class Mcp:
    """A client with a key, speaking one version of the protocol."""

    client: Client
    key: str | None
    version: str = MODERN
    name: str = "pytest"
    headers: dict[str, str] = field(default_factory=dict)

    def post(self, body: Any, **extra: Any) -> HttpResponse:
        """The raw answer to `body` (bytes as they are, anything else as JSON)."""
        headers = dict(self.headers)
        if self.key is not None:
            headers.setdefault("Authorization", f"Bearer {self.key}")
        headers |= extra.pop("headers", {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = extra.pop("content_type", "application/json")
        response: Any = self.client.post(PATH, data, content_type=kind, headers=headers, **extra)
        return cast("HttpResponse", response)

    def message(self, method: str, params: dict[str, Any] | None = None, identity: Any = 1) -> dict[str, Any]:
        """A request of this client's era."""
        params = dict(params or {})
        if self.version == MODERN:
            params["_meta"] = {
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": self.name, "version": "1.0"},
                "io.modelcontextprotocol/clientCapabilities": {},
            }
        return {"jsonrpc": "2.0", "id": identity, "method": method, "params": params}

    def routing(self, method: str, params: dict[str, Any]) -> dict[str, str]:
        """The headers that go with a request."""
        headers = {"MCP-Protocol-Version": self.version}
        if self.version == MODERN:
            headers["Mcp-Method"] = method
            if name := params.get(NAMES.get(method, "")):
                headers["Mcp-Name"] = name
        return headers

    def send(self, method: str, params: dict[str, Any] | None = None, identity: Any = 1) -> HttpResponse:
        """The raw answer to a well-formed request."""
        return self.post(self.message(method, params, identity), headers=self.routing(method, params or {}))

    def ask(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of a request that must succeed."""
        response = self.send(method, params)
        assert response.status_code == 200, (response.status_code, response.content)
        body = json.loads(response.content)
        assert body["id"] == 1
        assert "result" in body, body
        return body["result"]

    def call(self, tool: str, arguments: Any = None) -> dict[str, Any]:
        """The CallToolResult of a tool."""
        params = {"name": tool} | ({} if arguments is None else {"arguments": arguments})
        return self.ask("tools/call", params)

    def error(self, method: str, params: dict[str, Any] | None = None) -> dict[str, Any]:
        """The JSON-RPC error of a request that must fail."""
        return json.loads(self.send(method, params).content)["error"]
