"""Chores about accounts."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction


def delete_expired_sessions() -> bool:
    """Sessions whose time is over are gone; a signed-in browser keeps its own alive by use."""
    with transaction.atomic():  # which waits its turn; a statement alone would only try its luck
        SessionStore.clear_expired()
    return False
