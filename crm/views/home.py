"""The first page: what is to be done, what happened, how sales stand."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page


@require_safe
@page
def home(request: PageRequest) -> HttpResponse:
    """The day of one person."""
    return render(request, "crm/home.html")
