"""Secrets at rest: what the database keeps of them is readable only with FIELD_KEYS.

`seal` uses the highest number; a sealed text names the number it was made with, so that older ones
stay readable for as long as theirs is in the list.
"""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


class Unreadable(Exception):
    """The key that sealed this is in FIELD_KEYS no longer, or the text was changed."""


def seal(text: str) -> str:
    """`text`, encrypted and authenticated: `<number of the key>:<Fernet token>`."""
    number = max(settings.FIELD_KEYS)
    return f"{number}:{_cipher(settings.FIELD_KEYS[number]).encrypt(text.encode()).decode()}"


def unseal(sealed: str) -> str:
    """What was sealed; Unreadable when it cannot be read any more."""
    number, _, token = sealed.partition(":")
    secret = settings.FIELD_KEYS.get(int(number)) if number.isdecimal() else None
    if secret is None:
        raise Unreadable(f"number {number} is not in FIELD_KEYS")
    try:
        return _cipher(secret).decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise Unreadable(f"not sealed with number {number} of FIELD_KEYS") from error


@lru_cache(maxsize=16)
def _cipher(secret: str) -> Fernet:
    # The secrets are long random texts (customermates.E001), so one hash makes a key of them.
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest()))
