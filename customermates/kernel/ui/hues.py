"""Colours of avatars and chips: ten names, never raw colours, so that contrast holds in every theme."""

from __future__ import annotations

import zlib

HUES = ("violet", "blue", "indigo", "teal", "green", "amber", "orange", "rose", "pink", "slate")


def hue_of(text: str) -> str:
    """The palette name that always goes with `text`."""
    return HUES[zlib.crc32(text.encode()) % len(HUES)]


def initials(name: str) -> str:
    """Up to two letters for an avatar: "Ada Byron" is AB."""
    words = [word for word in name.split() if word[0].isalnum()]
    chosen = [words[0], words[-1]] if len(words) > 1 else words
    return "".join(word[0] for word in chosen).upper() or "?"
