"""Requests as a server hands them in: whole, over WSGI, without a network in between."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from typing import Any

from django.core.wsgi import get_wsgi_application

MCP = "/api/v1/mcp"
VERSION = "2026-07-28"
_META = {
    "io.modelcontextprotocol/protocolVersion": VERSION,
    "io.modelcontextprotocol/clientInfo": {"name": "bench", "version": "1"},
    "io.modelcontextprotocol/clientCapabilities": {},
}


class Caller:
    """A program with an API key."""

    def __init__(self, key: str) -> None:
        self._application = get_wsgi_application()
        self._key = key

    def post(self, path: str, body: bytes, headers: Mapping[str, str] | None = None) -> bytes:
        """The body of the answer, which must be a success."""
        return self.send("POST", path, body, headers)

    def send(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> bytes:
        """The body of the answer, which must be a success."""
        path, _, query = path.partition("?")
        statuses: list[str] = []

        def start_response(
            status: str, _headers: object, _error: object = None, /
        ) -> Callable[[bytes], object]:
            statuses.append(status)
            return io.BytesIO().write

        response: Any = self._application(
            {
                "REQUEST_METHOD": method,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "SERVER_NAME": "localhost",
                "SERVER_PORT": "8000",
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "CONTENT_TYPE": "application/json",
                "CONTENT_LENGTH": str(len(body)),
                "HTTP_AUTHORIZATION": f"Bearer {self._key}",
                "wsgi.url_scheme": "http",
                "wsgi.input": io.BytesIO(body),
                **{f"HTTP_{name.upper().replace('-', '_')}": text for name, text in (headers or {}).items()},
            },
            start_response,
        )
        content = b"".join(response)
        response.close()
        if statuses[0][:3] not in ("200", "201"):
            raise RuntimeError(f"{path}: {statuses} {content[:500]!r}")
        return content

    def ask(self, method: str, params: Mapping[str, Any]) -> bytes:
        """The answer of the MCP endpoint."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": {**params, "_meta": _META}}
        headers = {"MCP-Protocol-Version": VERSION, "Mcp-Method": method}
        if "name" in params:
            headers["Mcp-Name"] = params["name"]
        return self.post(MCP, json.dumps(message).encode(), headers)

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers; RuntimeError when it refuses."""
        content = self.ask("tools/call", {"name": tool, "arguments": arguments})
        result = json.loads(content)["result"]
        if result["isError"]:
            raise RuntimeError(f"{tool}: {content[:500]!r}")
        found: dict[str, Any] = result["structuredContent"]
        return found
