"""How a delivery proves where it comes from: two signatures over the bytes that are sent.

`webhook-signature` is that of Standard Webhooks (1.0.0): base64 HMAC-SHA256 over `id.timestamp.body`,
one for each active secret. `X-Webhook-Signature` is the one that older receivers know: the
lowercase hex HMAC-SHA256 of the body alone.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"  # of secrets whose rest is the base64 of their key
KEY_BYTES = 32


def new_secret() -> str:
    """A secret as receivers configure it: `whsec_…`."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_usable(secret: str) -> bool:
    """Whether every verifier can make a key of it: after `whsec_` there must be base64."""
    if not secret.startswith(PREFIX):
        return True
    try:
        return bool(_decoded(secret))
    except binascii.Error:
        return False


def signatures(secrets: Sequence[str], *, message_id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that sign `body`; of several active secrets the newest is the last.

    The older header has room for one signature: that of the oldest secret, until its overlap ends.
    """
    signed = b".".join((message_id.encode(), str(timestamp).encode(), body))
    standard = [
        "v1," + base64.b64encode(hmac.digest(_key(secret), signed, "sha256")).decode()
        for secret in reversed(secrets)
    ]
    legacy = {"X-Webhook-Signature": hmac.digest(secrets[0].encode(), body, "sha256").hex()}
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(standard),
        **legacy,
    }


def _key(secret: str) -> bytes:
    return _decoded(secret) if secret.startswith(PREFIX) else secret.encode()


def _decoded(secret: str) -> bytes:
    return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
