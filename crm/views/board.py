"""The board: one pipeline's deals in lanes, moved by drag, by key or by menu."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import PageRequest, page
from crm import queries, services
from crm.board import CARDS_SHOWN, Lane, find_pipeline, lane_totals, read_lanes
from crm.entities import Entity
from crm.history import last_change_of
from crm.models import StageKind
from crm.presenters import Presenter, Row
from crm.queries import matching
from crm.setup import CompanySetup
from crm.views.faces import field_html, person_name, reference_name
from crm.views.filter_problems import list_problems
from crm.views.list_state import ListState
from crm.views.lists import frame, list_state
from customermates.kernel.errors import Conflict, Issue, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import tell

LINKS_OF_CARD = ("organizations", "users")


@require_safe
@page
def board(request: PageRequest, entity: Entity) -> HttpResponse:
    """The lanes of the chosen pipeline, with the records that search and filter find."""
    state = list_state(request, entity)
    context = {**frame(state, f"{entity.name}_board"), **_lanes(state)}
    return render(request, "crm/_board.html" if request.htmx else "crm/board.html", context)


@require_POST
@page
def move(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The record in another stage; the answer draws the heads of all lanes and the card anew.

    `was` is the stage in which the person saw it. When somebody has moved it meanwhile, it stays where
    they put it (409), and is drawn there.
    """
    try:
        receipt = services.update_records(request.actor, entity, {pk: _moved(request, entity, pk)})
    except Conflict as error:
        if not request.htmx:
            raise
        tell(request, " ".join(sentence(issue) for issue in error.issues), "error")
        return _redrawn(request, entity, pk, HTTPStatus.CONFLICT)
    if receipt.rows[0].outcome == "updated":
        stage = receipt.records[0].stage.name  # type: ignore[attr-defined]  # what has lanes has a stage
        text = _("%(name)s moved to %(stage)s.") % {"name": receipt.records[0].title, "stage": stage}
        tell(request, text, undo=reverse("undo", args=[request.actor.change_set]))
    if not request.htmx:
        return redirect(f"{entity.name}_board")
    return _redrawn(request, entity, pk)


def _moved(request: PageRequest, entity: Entity, pk: UUID) -> dict[str, Any]:
    """The values of a record in the stage that was asked for; Conflict when it is not where it was seen."""
    (row,) = queries.get_records(request.actor, entity, [(str(pk), "")], ["id", "version", "stage_id"])
    wanted, now = request.POST.get("stage", ""), str(row["stage_id"])
    if now not in (wanted, request.POST.get("was", now)):
        setup = CompanySetup(request.actor)
        who = last_change_of(setup, pk, [entity.lanes])
        stage = setup.stage_by_id[row["stage_id"]].name
        raise Conflict(Issue(entity.lanes, "moved_meanwhile", {"who": who, "stage": stage}))
    given = {name: request.POST[name] for name in ("closedAt", "lostReason") if request.POST.get(name)}
    if given.get("closedAt") == request.formats.today().isoformat():
        del given["closedAt"]  # today means now, not the midnight before
    return {entity.lanes: wanted, **given, "expectedVersion": row["version"]}


def _redrawn(
    request: PageRequest, entity: Entity, pk: UUID, status: HTTPStatus = HTTPStatus.OK
) -> HttpResponse:
    state = _state_of_page(request, entity)
    pipeline = find_pipeline(state.setup, _pipeline_id(state))
    found = matching(state.setup, entity, state.query())
    lanes = lane_totals(state.setup, entity, found, pipeline) if pipeline else []
    row = entity.model.objects.visible_to(request.actor).values(*_attrs(entity)).get(pk=pk)
    context = {"heads": [_head(state, lane) for lane in lanes], "card": _cards(state, [row])[0]}
    return render(request, "crm/_moved.html", context, status=status)


def _state_of_page(request: PageRequest, entity: Entity) -> ListState:
    """The state of the board that the move was made on."""
    state = list_state(request, entity)
    return ListState(state.look, entity, QueryDict(urlsplit(request.htmx.current_url or "").query))


def _pipeline_id(state: ListState) -> UUID | None:
    return find_uuid(state.params.get("pipeline", ""))


def _lanes(state: ListState) -> dict[str, Any]:
    """`{pipeline, pipelines, lanes, problems}` of the board."""
    setup, entity = state.setup, state.entity
    pipeline = find_pipeline(setup, _pipeline_id(state))
    context: dict[str, Any] = {
        "today": state.look.formats.today().isoformat(),
        "pipeline": pipeline,
        "pipelines": [(p.name, state.url(pipeline=str(p.pk)), p == pipeline) for p in setup.pipelines],
        "lanes": [],
        "problems": [],
    }
    if pipeline is None:
        return context
    try:
        shown = find_uuid(state.params.get("show", ""))
        lanes = read_lanes(setup, entity, state.query(), pipeline, _attrs(entity), show=shown)
    except ValidationFailed as error:
        return {**context, "problems": list_problems(state, error.issues)}
    cards = _cards(state, [row for lane in lanes for row in lane.rows])
    by_id = {card["id"]: card for card in cards}
    context["lanes"] = [
        {**_head(state, lane), "cards": [by_id[row["id"]] for row in lane.rows]} for lane in lanes
    ]
    return context


def _head(state: ListState, lane: Lane) -> dict[str, Any]:
    """A lane without its cards."""
    money = state.look.formats.short_money
    return {
        "stage": lane.stage,
        "is_closed": lane.stage.kind != StageKind.OPEN,
        "count": lane.count,
        "sums": [money(amount, currency) for currency, amount in lane.sums.items()],
        "more": max(0, lane.count - CARDS_SHOWN),
        "list_url": f"{reverse(state.entity.plural)}?f1={state.entity.lanes}&o1=in&v1={lane.stage.pk}",
    }


def _attrs(entity: Entity) -> list[str]:
    names = (entity.worth, "currency", "status", "name")
    dates = [own.attr for own in entity.fields if own.is_deadline]
    return ["id", "version", "custom", "stage_id", *(entity.by_name[name].attr for name in names), *dates]


def _cards(state: ListState, rows: Sequence[Row]) -> list[dict[str, Any]]:
    """What each card shows: name, first organization, worth, deadline, who it is assigned to."""
    entity, look = state.entity, state.look
    catalog = state.setup.catalog(entity)
    deadline = next(catalog.own[own.name] for own in entity.fields if own.is_deadline)
    linked = Presenter(state.setup, entity).references(rows, LINKS_OF_CARD)
    return [
        {
            "id": row["id"],
            "url": reverse(entity.name, args=[row["id"]]),
            "stage": row["stage_id"],
            "move_url": reverse(f"{entity.name}_move", args=[row["id"]]),
            "name": row["name"],
            "worth": field_html(look, catalog.own[entity.worth], row),
            "deadline": field_html(look, deadline, row),
            "organization": next(map(reference_name, linked[row["id"]]["organizations"]), ""),
            "people": [person_name(user) for user in linked[row["id"]]["users"]][:3],
        }
        for row in rows
    ]
