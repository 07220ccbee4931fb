"""The palette (records, pages and actions by name) and the search page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.entities import ENTITIES
from crm.searching import Hit, search_everywhere
from customermates.kernel.folding import folded
from customermates.kernel.ui.navigation import ACTIONS, NAVIGATION, SETTINGS, Page

PALETTE_HITS = 5  # of each entity
PAGE_HITS = 20
SHOWN_ACTIONS = 8


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette."""

    url: str
    label: str
    icon: str = ""
    kind: str = ""  # what it is, at the end of the line
    is_record: bool = False


@require_safe
@page
def palette(request: PageRequest) -> HttpResponse:
    """What the palette offers for `q`: records found, then pages and actions of that name."""
    text = request.GET.get("q", "")[:200]
    groups = [
        (str(ENTITIES.get(name).label), [_record_option(hit) for hit in hits])
        for name, hits in search_everywhere(request.actor, text, limit=PALETTE_HITS).items()
    ]
    groups += [(_("Actions"), _named(request, ACTIONS.values(), text)[:SHOWN_ACTIONS])]
    groups += [(_("Go to"), _named(request, [*NAVIGATION.values(), *SETTINGS.values()], text))]
    shown = [(label, options) for label, options in groups if options]
    return render(request, "crm/_palette.html", {"groups": shown, "text": text.strip()})


@require_safe
@page
def search(request: PageRequest) -> HttpResponse:
    """The search page: the palette's records for browsers without JavaScript, and for long looks."""
    text = request.GET.get("q", "")[:200]
    found = search_everywhere(request.actor, text, limit=PAGE_HITS)
    context: dict[str, Any] = {
        "text": text,
        "groups": [
            {
                "entity": (entity := ENTITIES.get(name)),
                "hits": [_record_option(hit) for hit in hits],
                "is_cut": len(hits) == PAGE_HITS,
                "url": reverse(entity.plural),
            }
            for name, hits in found.items()
        ],
    }
    return render(request, "crm/search.html", context)


def _record_option(hit: Hit) -> Option:
    url = reverse(hit.entity.name, args=[hit.id])
    return Option(url, hit.name, hit.entity.icon, str(hit.entity.one), is_record=True)


def _named(request: PageRequest, pages: list[Any], text: str) -> list[Option]:
    """Pages and actions whose name holds every word of `text`, as far as they are open to this person."""
    words = folded(text).split()
    return [
        Option(_address(page), str(page.label), page.icon)
        for page in pages
        if page.is_open_to(request.actor) and all(word in folded(str(page.label)) for word in words)
    ]


def _address(page: Page) -> str:
    query = getattr(page, "query", "")
    return f"{page.url}?{query}" if query else page.url
