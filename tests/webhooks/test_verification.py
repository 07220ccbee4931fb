"""The code that the page offers to receivers accepts what is sent, and nothing that was changed."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webhooks.signing import new_secret, signatures
from webhooks.verification import BODY_ALONE, JAVASCRIPT, PYTHON, RECIPES

BODY = '{"event":"deal.created","name":"größer"}'.encode()
SECRETS = ["a secret that Olivia typed", new_secret()]
Check = Callable[[str, dict[str, str], bytes], bool]


def sent(*secrets: str, age: int = 0) -> dict[str, str]:
    moment = int(time.time()) - age
    found = signatures(secrets, message_id="01a2221d", timestamp=moment, body=BODY)
    return {name.lower(): value for name, value in found.items()}


def in_python(text: str) -> Check:
    names: dict[str, Any] = {}
    exec(text, names)  # noqa: S102 - the recipe itself
    found: Check = names["is_genuine"]
    return found


@pytest.fixture
def in_javascript(tmp_path: Path) -> Check:
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine")
    ask = (
        "const [secret, headers, body] = JSON.parse(process.argv[2]);"
        "console.log(isGenuine(secret, headers, Buffer.from(body, 'base64')));"
    )
    (tmp_path / "check.mjs").write_text(JAVASCRIPT + ask)

    def check(secret: str, headers: dict[str, str], body: bytes) -> bool:
        question = json.dumps([secret, headers, base64.b64encode(body).decode()])
        done = subprocess.run(
            [node, tmp_path / "check.mjs", question], capture_output=True, text=True, check=True
        )
        return done.stdout.strip() == "true"

    return check


def judge(check: Check) -> None:
    for secret in SECRETS:
        assert check(secret, sent(secret), BODY)
        assert check(secret, sent("the old one of two", secret), BODY)
        assert not check(secret, sent(secret), BODY + b" ")
        assert not check(secret, sent("another secret"), BODY)
        assert not check(secret, sent(secret, age=600), BODY)
        assert not check(secret, {**sent(secret), "webhook-id": "01a2221e"}, BODY)


def test_the_python_lines_tell_genuine_from_false():
    judge(in_python(PYTHON))


def test_the_javascript_lines_tell_genuine_from_false(in_javascript):
    judge(in_javascript)


def test_the_older_header_is_checked_in_three_lines():
    check = in_python(BODY_ALONE)
    for secret in SECRETS:
        assert check(secret, sent(secret), BODY)
        assert not check(secret, sent(secret), BODY + b" ")


@pytest.mark.django_db
def test_the_page_shows_every_recipe(signed_in_client):
    page = signed_in_client.get("/settings/webhooks/verifying/").text
    assert all(f'<pre id="recipe-{recipe.name}"' in page for recipe in RECIPES)
