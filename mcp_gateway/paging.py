"""Pages of the protocol's own lists, by opaque cursors that need no memory."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Sequence

from mcp_gateway.protocol import INVALID_PARAMS, Fault

PAGE_SIZE = 100  # items; more than any surface lists, so clients that ignore cursors miss nothing


def page_of(names: Sequence[str], cursor: str | None, size: int = PAGE_SIZE) -> tuple[slice, str | None]:
    """Which of `names` this page shows, and the cursor of the next one; Fault for a bad cursor."""
    start = 0 if cursor is None else _after(names, cursor)
    end = start + size
    return slice(start, end), (_cursor(names[end - 1]) if end < len(names) else None)


def _cursor(last: str) -> str:
    return urlsafe_b64encode(last.encode()).decode()


def _after(names: Sequence[str], cursor: str) -> int:
    # The cursor is the last name shown: it stays right when the list changes between two pages.
    try:
        return names.index(urlsafe_b64decode(cursor).decode()) + 1
    except ValueError:
        raise Fault(INVALID_PARAMS, "Invalid cursor: start again without one") from None
