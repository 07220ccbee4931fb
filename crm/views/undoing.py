"""Undo: the address behind every toast that offers it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from accounts.pages import PageRequest, page
from customermates.kernel.errors import Issue, NotFound


@require_POST
@page
def undo(request: PageRequest, change_set: UUID) -> HttpResponse:
    """What one change set did, taken back as far as it still stands."""
    raise NotFound(Issue("", "nothing_to_undo"))
