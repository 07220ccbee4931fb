"""A new record: in a sheet over the page, or on a page of its own."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.idempotency import Answer
from accounts.pages import PageRequest, page
from accounts.submissions import once_per_form
from crm import services
from crm.entities import Entity
from crm.field_types import Json
from crm.relations import named
from crm.searching import find_similar
from crm.setup import CompanySetup
from crm.views.create_form import CreateForm, starting_values
from crm.views.editors import told_once
from crm.views.faces import Look
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ui.toasts import add_trigger, tell

ANOTHER = "_another"  # no custom column has a key like this


@require_http_methods(["GET", "POST"])
@page
def create(request: PageRequest, entity: Entity) -> HttpResponse:
    """The form, filled as the address says, and its saving."""
    request.actor.require("write", entity.resource)
    look = Look(CompanySetup(request.actor), request.formats)
    if request.method == "GET":
        return _answer(request, CreateForm(look, entity, starting_values(look, entity, request.GET)))
    form = CreateForm(look, entity, request.POST)
    try:
        made = once_per_form(request, lambda: _made_of(request, form))
    except ValidationFailed as error:
        return _answer(request, form.with_issues(error.issues), HTTPStatus.UNPROCESSABLE_ENTITY)
    return _created(request, form, made)


@require_POST
@page
def quick_create(request: PageRequest, entity: Entity) -> HttpResponse:
    """A record of which nothing is known but the `name` that somebody typed into a picker."""
    values = {**named(entity, request.POST.get("name", "")), "userIds": [str(request.actor.user_id)]}
    return JsonResponse(_make(request, entity, values))


def _made_of(request: PageRequest, form: CreateForm) -> Answer:
    values, unread = form.read()
    if not unread:
        return _make(request, form.entity, values)
    try:  # what else would be wrong is told at the same time
        services.create_records(request.actor, form.entity, [values], dry_run=True)
    except ValidationFailed as error:
        raise ValidationFailed(*told_once(unread, error.issues)) from None
    raise ValidationFailed(*unread)


def _make(request: PageRequest, entity: Entity, values: dict[str, Json]) -> Answer:
    [record] = services.create_records(request.actor, entity, [values]).records
    return {"id": str(record.pk), "name": record.title}


@require_safe
@page
def similar(request: PageRequest, entity: Entity) -> HttpResponse:
    """A warning when what is being typed names a record that is there already; nothing otherwise."""
    request.actor.require("write", entity.resource)
    given = {name: request.GET.getlist(name) for name in entity.told_apart_by}
    if not entity.by_name["name"].writable:
        given["name"] = [" ".join(request.GET.get(part, "").strip() for part in entity.refs).strip()]
    hits = find_similar(CompanySetup(request.actor), entity, given)
    return render(request, "crm/_similar.html", {"entity": entity, "hits": hits})


def _answer(
    request: PageRequest, form: CreateForm, status: HTTPStatus = HTTPStatus.OK, *, another: bool = False
) -> HttpResponse:
    template = "crm/_create_form.html" if request.htmx else "crm/create.html"
    context = {"form": form, "entity": form.entity, "another": another or ANOTHER in request.POST}
    return render(request, template, context, status=status)


def _created(request: PageRequest, form: CreateForm, made: Answer) -> HttpResponse:
    """Back to work, saying so; or the next form, which keeps what the address gave."""
    entity, address = form.entity, reverse(form.entity.name, args=[made["id"]])
    tell(request, _("%(what)s created: %(name)s") % {"what": entity.one, "name": made["name"]}, link=address)
    if ANOTHER in request.POST:
        if not request.htmx:
            return redirect(request.get_full_path())
        start = starting_values(form.look, entity, request.GET)
        response = _answer(request, CreateForm(form.look, entity, start), another=True)
    elif request.htmx:
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        add_trigger(response, "sheet:done")
    else:
        return redirect(address)
    add_trigger(response, "records:changed", {"entity": entity.name, "ids": [made["id"]]})
    return response
