"""docs/webhooks.md is true: its code runs, its names and numbers are those of the product."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from webhooks import claims, results, services, signing, transport
from webhooks.bodies import BODY_LIMIT
from webhooks.catalog import subscribable
from webhooks.definitions import HEADERS_LIMIT, NAMES
from webhooks.retrying import LADDER

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text()
BODY = '{"event":"contact.created","name":"Ådå"}'.encode()


def code(language: str, name: str) -> str:
    """The block of this name on the page."""
    [found] = re.findall(rf"^```{language} {name}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    return str(found)


def headers(*secrets: str, timestamp: int | None = None) -> dict[str, str]:
    moment = int(time.time()) if timestamp is None else timestamp
    return signing.signatures(secrets, message_id="0194c2a1", timestamp=moment, body=BODY)


@pytest.mark.parametrize("secret", [signing.new_secret(), "typed by Ölivia"], ids=["made", "typed"])
def test_the_python_code_accepts_what_is_genuine_and_nothing_else(secret):
    names: dict[str, Any] = {}
    exec(code("python", "standard"), names)  # noqa: S102 - what readers will run
    verify = names["verify"]
    assert verify(secret, headers(secret), BODY)
    assert verify(secret, headers(secret, "another secret"), BODY)
    assert verify(secret, headers("another secret", secret), BODY)
    assert not verify(secret, headers(secret), BODY.replace(b"c", b"d", 1))
    assert not verify("another secret", headers(secret), BODY)
    assert not verify(secret, headers(secret, timestamp=int(time.time()) - 600), BODY)
    assert not verify(secret, headers(secret, timestamp=int(time.time()) + 600), BODY)


@pytest.mark.parametrize("secret", [signing.new_secret(), "typed by Ölivia"], ids=["made", "typed"])
def test_three_lines_verify_the_older_header(secret):
    lines = code("python", "legacy")
    assert sum(bool(line) for line in lines.splitlines()) == 3
    for body, genuine in ((BODY, True), (BODY + b" ", False)):
        names: dict[str, Any] = {"secret": secret, "headers": headers(secret), "body": body}
        exec(lines, names)  # noqa: S102
        assert names["is_genuine"] is genuine


def test_every_event_and_option_is_on_the_page():
    for kind in subscribable():
        assert f"`{kind.name}`" in PAGE
    for name in NAMES:
        assert f"`{name}`" in PAGE or name == "secret"
    for header in headers("secret"):
        assert f"`{header}`" in PAGE


def test_the_numbers_on_the_page_are_those_of_the_product():
    units = {"s": 1, "min": 60, "h": 3600}
    [told] = re.findall(r"Retries come (.*?) after", PAGE)
    steps = [int(number) * units[unit] for number, unit in re.findall(r"(\d+) (s|min|h)\b", told)]
    assert steps == [step.total_seconds() for step in LADDER]
    assert BODY_LIMIT == 256 * 1024
    assert transport.DEADLINE_SECONDS == 10
    assert claims.CIRCUIT_FAILURES == 5
    assert claims.IN_FLIGHT_PER_ENDPOINT == 4
    assert (results.PAUSE_AFTER.days, results.PAUSE_FAILURES) == (5, 20)
    assert results.CIRCUIT_OPEN.total_seconds() == 10
    assert results.CIRCUIT_OPEN_LIMIT.total_seconds() == 600
    assert HEADERS_LIMIT == 20
    assert services.OVERLAP.total_seconds() == 24 * 3600
