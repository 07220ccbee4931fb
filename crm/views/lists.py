"""The list of an entity: one view for all five, whole or only the part that changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.pages import PageRequest, page
from crm import queries
from crm.entities import Entity
from crm.paging import NUMBERED_ROWS_LIMIT
from crm.queries import RecordPage
from crm.setup import CompanySetup
from crm.views.column_chooser import column_choices
from crm.views.faces import Look
from crm.views.filter_form import filter_context, rule_chips
from crm.views.filter_problems import list_problems
from crm.views.list_state import SIZES, ListState
from crm.views.table import Table
from customermates.kernel.errors import ValidationFailed


@require_safe
@page
def record_list(request: PageRequest, entity: Entity) -> HttpResponse:
    """The list as the address says; htmx gets the part below the toolbar."""
    state = list_state(request, entity)
    context = list_context(state)
    return render(request, "crm/_list.html" if request.htmx else "crm/list.html", context)


@require_safe
@page
def filter_form(request: PageRequest, entity: Entity) -> HttpResponse:
    """The filter form for the rules in the address, with one more about `add`."""
    state = list_state(request, entity)
    context = {"state": state, "here": reverse(entity.plural), **filter_context(state)}
    return render(request, "crm/_filter.html", context)


def list_state(request: PageRequest, entity: Entity) -> ListState:
    """What the address of `request` says about the list of `entity`."""
    look = Look(CompanySetup(request.actor), request.formats)
    return ListState(look, entity, request.GET)


def list_context(state: ListState) -> dict[str, Any]:
    """What the templates of a list need."""
    entity, setup = state.entity, state.setup
    table = Table(state.look, entity, state.fields, state.url().removesuffix("?"))
    try:
        found = queries.list_records(setup.actor, entity, state.query(), table.attrs(), setup=setup)
        problems = []
    except ValidationFailed as error:
        found, problems = None, list_problems(state, error.issues)
    return {
        **frame(state, entity.plural),
        "problems": problems,
        "columns": [_heading(state, column) for column in table.columns()],
        "name_heading": _sort_state(state, "name"),
        "rows": table.rows(found.rows) if found else "",
        "is_empty": found is not None and not found.rows,
        "is_narrowed": bool(state.search or state.rules),
        "count": found.count if found else None,
        "pages": _pages(state, found) if found else None,
        "sizes": [(size, state.url(size=str(size))) for size in SIZES],
        "column_choices": column_choices(state),
        "may_set_up": setup.actor.can("write", "columns"),
        "may_delete": setup.actor.can("delete", entity.resource),
        "total_text": _total_text(state, found),
    }


def frame(state: ListState, url_name: str) -> dict[str, Any]:
    """What every layout of a list shows around it; `url_name` is that of the layout."""
    entity = state.entity
    return {
        "entity": entity,
        "state": state,
        "url": reverse(entity.plural),
        "here": reverse(url_name),
        "layouts": layouts(state, url_name),
        "chips": rule_chips(state),
        "may_write": state.setup.actor.can("write", entity.resource),
        **({"panel": True, **filter_context(state)} if state.params.get("panel") == "filter" else {}),
    }


def layouts(state: ListState, url_name: str) -> list[dict[str, Any]]:
    """The ways to look at the records of an entity, when there are several; each keeps search and filter."""
    entity = state.entity
    found = [(f"{entity.name}_board", _("Board"), "square-kanban")] if entity.lanes else []
    found += [(f"{entity.name}_agenda", _("To do"), "list-checks")] if entity.has_agenda else []
    if not found:
        return []
    return [
        {"url": f"{reverse(name)}{state.url()}", "label": label, "icon": icon, "is_here": name == url_name}
        for name, label, icon in [*found, (entity.plural, _("Table"), "table")]
    ]


def _total_text(state: ListState, found: RecordPage | None) -> str:
    if found is None:
        return ""
    total = state.look.formats.number(Decimal(found.count.total))
    return total if found.count.is_exact else f"{total}+"


def _heading(state: ListState, column: Any) -> dict[str, Any]:
    return {"column": column, **(_sort_state(state, column.field.name) if column.field.is_sortable else {})}


def _sort_state(state: ListState, name: str) -> dict[str, Any]:
    """`{url, direction}` of a sortable column; direction "" when the list is sorted by another."""
    sorted_by, is_descending = state.order[0]
    direction = ("descending" if is_descending else "ascending") if sorted_by == name else ""
    return {"url": state.sort_url(name), "direction": direction}


def _pages(state: ListState, found: RecordPage) -> dict[str, Any]:
    """`{first, last, number, of, previous, next, start}`: rows shown, and the ways on; None where none is."""
    count, size = found.count, state.size
    if state.after:
        onward = state.url(after=found.next_cursor) if found.next_cursor else None
        return {"start": state.url(), "next": onward, "previous": None, "number": None}
    number = state.page
    first = (number - 1) * size + 1
    last_numbered = NUMBERED_ROWS_LIMIT // size
    onward = None
    if found.next_cursor:
        is_numbered = number < last_numbered
        onward = state.url(page=str(number + 1)) if is_numbered else state.url(after=found.next_cursor)
    return {
        "first": first,
        "last": first + len(found.rows) - 1,
        "number": number,
        "of": -(-count.total // size) if count.is_exact else None,
        "previous": state.url(page=str(number - 1) if number > 2 else None) if number > 1 else None,
        "next": onward,
        "start": None,
    }
