"""Both signatures verify with other people's verifiers, for whatever is in the body."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from customermates.kernel.jsontext import dumps
from webhooks.signing import is_usable, new_secret, signatures

BODIES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
).map(dumps)


def signed(secrets, body, timestamp=None):
    return signatures(
        secrets, message_id="evt_1", timestamp=int(time.time()) if timestamp is None else timestamp, body=body
    )


@given(BODIES)
def test_any_body_verifies_with_the_official_verifier(body):
    secret = new_secret()
    headers = signed([secret], body)
    Webhook(secret).verify(body, headers)
    assert headers["X-Webhook-Signature"] == hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@given(BODIES, st.data())
def test_a_changed_byte_is_refused(body, data):
    secret = new_secret()
    headers = signed([secret], body)
    place = data.draw(st.integers(0, len(body) - 1))
    changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(changed, headers)
    assert headers["X-Webhook-Signature"] != hmac.new(secret.encode(), changed, hashlib.sha256).hexdigest()


def test_a_timestamp_of_ten_minutes_ago_is_refused():
    secret = new_secret()
    with pytest.raises(WebhookVerificationError, match="too old"):
        Webhook(secret).verify(b"{}", signed([secret], b"{}", int(time.time()) - 600))


def test_another_id_is_refused():
    secret = new_secret()
    headers = signed([secret], b"{}") | {"webhook-id": "evt_2"}
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(b"{}", headers)


def test_two_secrets_both_verify_and_the_older_header_keeps_the_old_one():
    old, new = new_secret(), new_secret()
    headers = signed([old, new], b"{}")
    for secret in (old, new):
        Webhook(secret).verify(b"{}", headers)
    assert headers["webhook-signature"].count("v1,") == 2
    assert headers["X-Webhook-Signature"] == hmac.new(old.encode(), b"{}", hashlib.sha256).hexdigest()


def test_a_typed_secret_is_its_own_key_in_both_headers():
    secret = "ein Geheimnis für Ada"
    headers = signed([secret], b"{}")
    Webhook(secret.encode()).verify(b"{}", headers)
    assert headers["X-Webhook-Signature"] == hmac.new(secret.encode(), b"{}", hashlib.sha256).hexdigest()


def test_a_made_secret_has_256_bits():
    secret = new_secret()
    assert len(base64.b64decode(secret.removeprefix("whsec_"))) == 32
    assert new_secret() != secret


@pytest.mark.parametrize(
    ("secret", "usable"),
    [("whsec_AAAA", True), ("whsec_", False), ("whsec_not base64!", False), ("anything at all", True)],
)
def test_a_secret_that_verifiers_could_not_read_is_not_usable(secret, usable):
    assert is_usable(secret) is usable
