"""Chores about accounts."""

from __future__ import annotations

from django.contrib.sessions.backends.db import SessionStore


def delete_expired_sessions() -> bool:
    """Sessions whose time is over are gone; a signed-in browser keeps its own alive by use."""
    SessionStore.clear_expired()
    return False
