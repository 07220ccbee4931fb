"""The palette (records, pages and actions by name) and the search page."""

from __future__ import annotations

from dataclasses import dataclass
from html import unescape
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import strip_tags
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm.activity import last_touched
from crm.entities import ENTITIES, Entity
from crm.own_fields import OwnField
from crm.searching import Hit, search_everywhere
from crm.setup import CompanySetup
from crm.views.faces import EMPTY, Look, face_html, field_html
from customermates.kernel.folding import folded
from customermates.kernel.ui.navigation import ACTIONS, NAVIGATION, SETTINGS, Page

PALETTE_HITS = 5  # of each entity
PAGE_HITS = 20
SHOWN_ACTIONS = 8
TOUCHED = 5


@dataclass(frozen=True, slots=True)
class Option:
    """One line of the palette."""

    url: str
    label: str
    icon: str = ""
    kind: str = ""  # what it is, at the end of the line
    is_form: bool = False
    face: SafeString = EMPTY  # of a record, instead of the icon


@require_safe
@page
def palette(request: PageRequest) -> HttpResponse:
    """What the palette offers for `q`: records found, then pages and actions of that name."""
    text = request.GET.get("q", "")[:200]
    if text.strip():
        found = _found(request, text, limit=PALETTE_HITS)
        groups = [(str(entity.label), options) for entity, options in found]
    else:
        groups = [(_("Changed by you lately"), _touched(request))]
    actions = sorted(ACTIONS.values(), key=lambda action: not action.is_form)  # what is made every day first
    groups += [(_("Actions"), _named(request, actions, text)[:SHOWN_ACTIONS])]
    groups += [(_("Go to"), _named(request, [*NAVIGATION.values(), *SETTINGS.values()], text))]
    shown = [(label, options) for label, options in groups if options]
    return render(request, "crm/_palette.html", {"groups": shown, "text": text.strip()})


@require_safe
@page
def search(request: PageRequest) -> HttpResponse:
    """The search page: the palette's records for browsers without JavaScript, and for long looks."""
    text = request.GET.get("q", "")[:200]
    groups = [
        {"entity": entity, "hits": hits, "is_cut": len(hits) == PAGE_HITS, "url": reverse(entity.plural)}
        for entity, hits in _found(request, text, limit=PAGE_HITS)
    ]
    context: dict[str, Any] = {"text": text, "groups": groups}
    return render(request, "crm/search.html", context)


def _found(request: PageRequest, text: str, *, limit: int) -> list[tuple[Entity, list[Option]]]:
    """Records by entity, each with what tells it from its namesakes."""
    look = Look(CompanySetup(request.actor), request.formats)
    look.setup.prefetch_catalogs()
    attrs = {entity.name: hint_attrs(entity) for entity in ENTITIES.values()}
    found = search_everywhere(request.actor, text, limit=limit, attrs=attrs)
    return [
        (ENTITIES.get(name), [_record_option(hit, hint_of(look, hit)) for hit in hits])
        for name, hits in found.items()
    ]


def _touched(request: PageRequest) -> list[Option]:
    """Where this person was at work. From the server, so that nothing is left in a shared browser."""
    newest = request.user.company.last_sequence
    touched = last_touched(request.actor, newest, limit=TOUCHED)
    return [_record_option(Hit(entity, pk, name), str(entity.one)) for entity, pk, name in touched]


def _hint_field(entity: Entity) -> OwnField:
    """The first own field that lists of `entity` show beside the name."""
    return next(entity.by_name[n] for n in entity.columns if n in entity.by_name and n != "name")


def hint_attrs(entity: Entity) -> list[str]:
    """What `hint_of` needs; money is shown in its currency, deadlines by status."""
    shown = [_hint_field(entity), *(f for f in entity.fields if f.name in ("currency", "status"))]
    return sorted({field.attr for field in shown})


def hint_of(look: Look, hit: Hit) -> str:
    """A second word about a record: the e-mail address of a contact, the stage of a deal."""
    field = look.setup.catalog(hit.entity).own[_hint_field(hit.entity).name]
    return unescape(strip_tags(field_html(look, field, hit.row)))


def _record_option(hit: Hit, kind: str = "") -> Option:
    url = reverse(hit.entity.name, args=[hit.id])
    return Option(url, hit.name, kind=kind, face=face_html(hit.entity.name, hit.name))


def _named(request: PageRequest, pages: list[Any], text: str) -> list[Option]:
    """Pages and actions whose name holds every word of `text`, as far as they are open to this person."""
    words = folded(text).split()
    return [
        Option(_address(page), str(page.label), page.icon, is_form=getattr(page, "is_form", False))
        for page in pages
        if all(word in folded(str(page.label)) for word in words) and page.is_open_to(request.actor)
    ]


def _address(page: Page) -> str:
    query = getattr(page, "query", "")
    return f"{page.url}?{query}" if query else page.url
