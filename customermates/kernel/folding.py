"""Text folded so that equals, contains and sort agree on SQLite, PostgreSQL and Python."""

from __future__ import annotations

import unicodedata

KEY_LENGTH = 200  # characters of a folded text that are compared and indexed


def folded(text: str) -> str:
    """`text` without case and accents: casefold + NFKD, marks dropped. Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    # Case folding may compose and decomposition may bring capitals, hence both sides of it.
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(c for c in decomposed.casefold() if not unicodedata.combining(c))


def folded_key(text: str) -> str:
    """The first 200 characters of `text` after folding: what filters and sorting compare."""
    return folded(text[: KEY_LENGTH * 2] if text.isascii() else text)[:KEY_LENGTH]
