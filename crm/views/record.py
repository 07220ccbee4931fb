"""The page of one record: the same view for every entity, whole or only the parts that changed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import PageRequest, page
from crm import queries, services
from crm.entities import Entity
from crm.setup import CompanySetup
from crm.views.faces import Look
from crm.views.lines import lines_context
from crm.views.list_state import ListState
from crm.views.notes import notes_context
from crm.views.parts import PARTS, base_context, hero_context, properties_context, redrawn_part
from crm.views.relations import sections
from crm.views.shown import Shown, load
from crm.views.timeline import timeline_context
from crm.views.trash import trash_address, trashed_context
from customermates.kernel.ui.toasts import tell


@require_safe
@page
def record_page(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The page; htmx gets the parts that a change may have touched, or the one that it names."""
    shown = load(request, entity, pk)
    part = request.GET.get("part", "")
    if part == "older":
        return render(request, "crm/_record_older.html", {**base_context(shown), **timeline_context(shown)})
    if part in PARTS:
        return redrawn_part(shown, part)
    template = "crm/_record_parts.html" if request.htmx else "crm/record.html"
    return render(request, template, page_context(shown))


def page_context(shown: Shown) -> dict[str, Any]:
    """What all parts of the page need."""
    tab = "notes" if shown.request.GET.get("tab") == "notes" else "timeline"
    return {
        **base_context(shown),
        **hero_context(shown),
        **properties_context(shown),
        **lines_context(shown),
        **trashed_context(shown),
        "sections": sections(shown),
        "tab": tab,
        **(notes_context(shown) if tab == "notes" else {}),
        **(timeline_context(shown) if tab == "timeline" else {}),
    }


@require_safe
@page
def step(request: PageRequest, entity: Entity, pk: UUID, direction: str) -> HttpResponse:
    """On to the record after this one in the list it was opened from, or back to the one before."""
    look = Look(CompanySetup(request.actor), request.formats)
    query = ListState(look, entity, request.GET).query()
    found = queries.neighbour(look.setup, entity, query, pk, forward=direction == "next")
    if found is None:
        last = _("This is the last one in the list.")
        tell(request, last if direction == "next" else _("This is the first one in the list."))
    kept = request.GET.urlencode()
    return redirect(reverse(entity.name, args=[found or pk]) + (f"?{kept}" if kept else ""))


@require_POST
@page
def delete(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The record into the trash, and back to its list."""
    done = services.delete_records(request.actor, entity, [pk])
    name = done.records[0].title
    text = _("%(name)s was moved to the trash.") % {"name": name}
    tell(
        request,
        text,
        undo=reverse("undo", args=[done.change_set]),
        link=trash_address(entity.name),
        link_label=_("Trash"),
    )
    kept = request.GET.urlencode()
    return redirect(reverse(entity.plural) + (f"?{kept}" if kept else ""))


@require_POST
@page
def restore(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The record back out of the trash."""
    done = services.restore_records(request.actor, entity, [pk])
    text = _("%(name)s is back.") % {"name": done.records[0].title}
    tell(request, text, undo=reverse("undo", args=[done.change_set]))
    return redirect(entity.name, pk)
