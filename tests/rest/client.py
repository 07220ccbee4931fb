"""A small REST client over Django's test client."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from django.test import Client

ROOT = "/api/v1/"
NOBODYS_ID = "0194c2a1-0000-7000-8000-000000000000"  # the same in every process that names tests by it


@dataclass
class Rest:
    """A program with a key."""

    key: str | None
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The raw answer; header names are written with underscores."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.key is not None:
            sent.setdefault("x-api-key", self.key)
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        kind = sent.pop("Content-Type", "application/json") if data else ""
        return self.client.generic(method, f"{ROOT}{path}", data, content_type=kind, headers=sent)

    def ok(self, method: str, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        """The JSON of a call that must succeed."""
        response = self.send(method, path, body, **headers)
        assert response.status_code == status, (method, path, response.status_code, response.content[:2000])
        return json.loads(response.content)

    def fails(self, status: int, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The `error` of a call that must fail with this status, in the one form of errors."""
        response = self.send(method, path, body, **headers)
        assert response.status_code == status, (method, path, response.status_code, response.content[:2000])
        error = json.loads(response.content)["error"]
        assert error["requestId"] == response["X-Request-Id"]
        assert error["code"]
        assert error["message"]
        return error
