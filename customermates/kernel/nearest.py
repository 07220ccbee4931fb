"""What somebody who mistyped a name most likely meant."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz import fuzz, process

from customermates.kernel.ids import find_uuid

NEAR_ENOUGH = 60  # rapidfuzz WRatio; below it a suggestion misleads more often than it helps
LONGEST_NAME = 100  # characters; matching takes time in proportion, and no name of ours is longer


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that a caller who wrote `word` most likely meant, or None.

    An id is never near to a name: whoever sent one did not mistype.
    """
    if not word or len(word) > LONGEST_NAME or find_uuid(word):
        return None
    found = process.extractOne(
        word, list(choices), scorer=fuzz.WRatio, processor=str.casefold, score_cutoff=NEAR_ENOUGH
    )
    return found[0] if found else None
