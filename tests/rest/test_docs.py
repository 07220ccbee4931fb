"""docs/rest.md is true: every call on it is made, and every answer is what it says."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tests.rest.client import ROOT, Rest
from tests.test_quickstart import Session

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).parents[2] / "docs" / "rest.md"
BLOCK = re.compile(
    r"^```(?P<kind>sh|json answer)(?: (?P<status>\d+))?\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL
)


def steps() -> list[tuple[str, int, Any]]:
    """(curl command, status, answer) of every call on the page."""
    blocks = list(BLOCK.finditer(PAGE.read_text()))
    assert [block["kind"] for block in blocks] == ["sh", "json answer"] * (len(blocks) // 2)
    return [
        (call["body"], int(answer["status"] or 200), json.loads(answer["body"]))
        for call, answer in zip(blocks[::2], blocks[1::2], strict=True)
    ]


def sent(command: str, key: str) -> tuple[str, str, dict[str, str], str | None]:
    """(method, path, headers, body) of a curl command."""
    words = shlex.split(command.replace("$KEY", key).replace("$URL", "").replace("\\\n", " "))
    assert words.pop(0) == "curl"
    method, path, headers, body = None, "", {}, None
    while words:
        match words.pop(0):
            case "-X":
                method = words.pop(0)
            case "-H":
                name, _, value = words.pop(0).partition(": ")
                headers[name] = value
            case "-d":
                body = words.pop(0)
            case word:
                assert not word.startswith("-"), word
                path = word
    return method or ("POST" if body else "GET"), path.removeprefix(ROOT), headers, body


def test_every_call_on_the_page_is_answered_as_it_says(owner_key: str):
    session = Session()
    for command, status, expected in steps():
        for name, meaning in session.bound.items():
            command = command.replace(name, meaning)
        method, path, headers, body = sent(command, owner_key)
        response = Rest(None).send(
            method,
            path,
            body.encode() if body else None,
            **headers,
        )
        assert response.status_code == status, (command, response.content)
        assert session.differences(expected, response.json()) == [], command


def test_the_page_shows_enough():
    assert len(steps()) >= 12
    assert {status for _, status, _ in steps()} >= {200, 201, 412, 422}
