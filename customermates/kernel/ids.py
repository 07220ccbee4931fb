"""Record ids: UUID version 7 (RFC 9562 §5.7), sortable by time of making."""

from __future__ import annotations

import os
import re
import threading
import time
from datetime import datetime
from uuid import UUID

_FORM = re.compile(
    r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII
)
_lock = threading.Lock()
_last = 0


def uuid7() -> UUID:
    """A new id, greater than every id this process made before."""
    global _last
    with _lock:
        stamp = time.time_ns() // 1_000_000 << 74 | int.from_bytes(os.urandom(10)) >> 6
        # 48 bits of milliseconds over 74 random bits; within one millisecond, count on instead.
        _last = stamp if stamp > _last else _last + 1
        stamp = _last
    high, low = stamp >> 62, stamp & (1 << 62) - 1
    return UUID(int=(high >> 12) << 80 | 0x7 << 76 | (high & 0xFFF) << 64 | 0b10 << 62 | low)


def first_id_of(moment: datetime) -> UUID:
    """The lowest id that can have been made at `moment`: ids in the order of time make ages of ranges."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def find_uuid(text: object) -> UUID | None:
    """The UUID that `text` spells in canonical or plain hex form, or None."""
    if isinstance(text, UUID):
        return text
    return UUID(text) if isinstance(text, str) and _FORM.fullmatch(text) else None
