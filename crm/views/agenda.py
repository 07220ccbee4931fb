"""Tasks by their deadlines, ticked off where they stand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import PageRequest, page
from crm import services
from crm.agenda import Group, deadline_of, read_agenda
from crm.entities import Entity, Relation
from crm.presenters import Presenter
from crm.views.faces import SHOWN_LINKS, field_html, links_html, people_html, person_name
from crm.views.filter_problems import list_problems
from crm.views.list_state import ListState
from crm.views.lists import frame, list_state
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ui.toasts import add_trigger, tell


@require_safe
@page
def agenda(request: PageRequest, entity: Entity) -> HttpResponse:
    """What is to be done, overdue first."""
    state = list_state(request, entity)
    context = {**frame(state, f"{entity.name}_agenda"), **_groups(state)}
    return render(request, "crm/_agenda.html" if request.htmx else "crm/agenda.html", context)


@require_POST
@page
def tick(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """A record ticked off, or with `status` open, back among what is to be done."""
    status = "open" if request.POST.get("status") == "open" else "done"
    receipt = services.update_records(request.actor, entity, {pk: {"status": status}})
    name = receipt.records[0].title
    words = _("%(name)s is done.") if status == "done" else _("%(name)s is open again.")
    is_changed = (
        receipt.rows[0].outcome == "updated"
    )  # else somebody was faster, and nothing is there to undo
    undo = reverse("undo", args=[request.actor.change_set]) if is_changed else ""
    tell(request, words % {"name": name}, undo=undo)
    if not request.htmx:
        return redirect(request.headers.get("Referer") or reverse(f"{entity.name}_agenda"))
    response = HttpResponse()
    add_trigger(response, "records:changed")
    return response


def _groups(state: ListState) -> dict[str, Any]:
    """`{groups, problems}` of the agenda."""
    entity, setup = state.entity, state.setup
    attrs = ["id", "custom", "version", "name", "status", "priority", deadline_of(entity).attr]
    try:
        groups = read_agenda(setup, entity, state.query(), attrs)
    except ValidationFailed as error:
        return {"groups": [], "problems": list_problems(state, error.issues)}
    rows = [row for group in groups for row in group.rows]
    linked = Presenter(setup, entity).references(rows)
    return {"groups": [_shown(state, group, linked) for group in groups], "problems": []}


def _shown(state: ListState, group: Group, linked: dict[Any, dict[str, Any]]) -> dict[str, Any]:
    catalog, entity = state.setup.catalog(state.entity), state.entity
    deadline, priority = catalog.own[deadline_of(entity).name], catalog.own["priority"]
    relations = [relation for relation in entity.relations.values() if relation.target != "user"]
    rows = [
        {
            "id": row["id"],
            "name": row["name"],
            "url": reverse(entity.name, args=[row["id"]]),
            "tick_url": reverse(f"{entity.name}_tick", args=[row["id"]]),
            "deadline": field_html(state.look, deadline, row),
            "priority": field_html(state.look, priority, row) if row["priority"] != "normal" else "",
            **_about(relations, linked[row["id"]]),
            "people": people_html([person_name(user) for user in linked[row["id"]]["users"]] or [""]),
        }
        for row in group.rows
    ]
    return {"name": group.name, "label": group.label, "count": group.count, "rows": rows, "more": group.more}


def _about(relations: Sequence[Relation], linked: dict[str, Any]) -> dict[str, Any]:
    """Whom and what a task is about, as much as one line has room for."""
    links = [
        links_html(relation.target, linked[relation.name])
        for relation in relations
        if linked.get(relation.name)
    ]
    return {"about": links[:SHOWN_LINKS], "about_more": len(links[SHOWN_LINKS:])}
