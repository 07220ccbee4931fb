"""What an API key looks like, and what is stored instead of it."""

from __future__ import annotations

import hmac
import secrets
import string
import zlib

from django.conf import settings

# `cm` + 56 random + 6 checksum characters, all base62: 333 random bits. The checksum (GitHub's way)
# tells typing mistakes and random probes without a query and makes leaked keys findable.
ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
KEY_PREFIX = "cm"
KEY_LENGTH = 64
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32: every CRC-32 fits


def new_key() -> str:
    """A new key; whoever calls this shows it once and stores its digest."""
    body = KEY_PREFIX + "".join(
        secrets.choice(ALPHABET) for _ in range(KEY_LENGTH - len(KEY_PREFIX) - _CHECKSUM_LENGTH)
    )
    return body + _checksum(body)


def is_well_formed(text: str) -> bool:
    """Whether `text` can be a key at all: length, alphabet and checksum are right."""
    return (
        len(text) == KEY_LENGTH
        and text.startswith(KEY_PREFIX)
        and text.isascii()
        and text.isalnum()
        and text[-_CHECKSUM_LENGTH:] == _checksum(text[:-_CHECKSUM_LENGTH])
    )


def current_pepper() -> int:
    """The number of the pepper that new keys are stored with: the highest."""
    return max(settings.API_KEY_PEPPERS)


def digest(key: str, pepper_number: int) -> str:
    """HMAC-SHA256 of `key` in hex.

    A fast hash suffices: guessing 333 random bits is infeasible at any speed, and a slow one would
    cap the API at a call per second.
    """
    return hmac.digest(settings.API_KEY_PEPPERS[pepper_number].encode(), key.encode(), "sha256").hex()


def digests(key: str) -> list[str]:
    """The digests of `key` under every pepper in use, to find it by one indexed lookup."""
    return [digest(key, number) for number in settings.API_KEY_PEPPERS]


def _checksum(body: str) -> str:
    number = zlib.crc32(body.encode())
    text = ""
    for _ in range(_CHECKSUM_LENGTH):
        number, rest = divmod(number, len(ALPHABET))
        text = ALPHABET[rest] + text
    return text
