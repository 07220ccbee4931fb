"""The JavaScript of docs/webhooks.md verifies deliveries; a browser runs it as Node.js does."""

from __future__ import annotations

import time

import pytest

from tests.browser.conftest import Opened
from tests.webhooks.test_docs import BODY, code, headers
from webhooks.signing import new_secret


@pytest.fixture
def verify(open_page: Opened):
    """Calls the function in a page of a trusted origin: only those have the cryptography that it uses."""
    window = open_page()
    window.goto("/account/sign-in/")
    script = (
        f"([secret, headers, body]) => {{ {code('js', 'standard')}; return verify(secret, headers, body) }}"
    )

    def call(secret: str, sent: dict[str, str], body: bytes) -> bool:
        return bool(window.evaluate(script, [secret, sent, body.decode()]))

    return call


@pytest.mark.parametrize("secret", [new_secret(), "typed by Ölivia"], ids=["made", "typed"])
def test_the_javascript_accepts_what_is_genuine_and_nothing_else(verify, secret):
    assert verify(secret, headers(secret), BODY)
    assert verify(secret, headers(secret, "another secret"), BODY)
    assert not verify(secret, headers(secret), BODY.replace(b"c", b"d", 1))
    assert not verify("another secret", headers(secret), BODY)
    assert not verify(secret, headers(secret, timestamp=int(time.time()) - 600), BODY)
    assert not verify(secret, headers(secret) | {"webhook-timestamp": "soon"}, BODY)
