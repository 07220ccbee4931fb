"""One value of one record, edited where it stands: in a cell of a list or among a record's properties.

GET gives the control, POST saves and gives what has to be drawn anew. Whoever opens the control on a
page that shows an older value (of the version `seen`) is told, so that nobody edits what they did not
see. Whoever saves what somebody else has changed meanwhile is asked (409): the form then shows the newer
value and saves over it only when sent again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.pages import PageRequest, page
from crm import queries, services
from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import Json, MultiSelectType
from crm.history import last_change_of
from crm.presenters import Presenter, Row
from crm.relations import has_lines
from crm.setup import CompanySetup
from crm.views.editors import Control, field_control, is_editable, read_value
from crm.views.faces import Look, field_html, label_of, value_in
from crm.views.list_state import ListState
from crm.views.parts import redrawn_part
from crm.views.shown import load
from crm.views.table import Table
from customermates.kernel.errors import Conflict, Issue, NotFound, ValidationFailed
from customermates.kernel.jsontext import dumps_text
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import add_trigger


@dataclass(frozen=True)
class Editing:
    """A record's field, or the parts of its name, being edited by somebody."""

    look: Look
    entity: Entity
    fields: Sequence[Field]
    row: Row
    links: Mapping[str, Sequence[Any]]

    @property
    def label(self) -> str:
        """What is being edited."""
        return label_of(self.fields[0]) if len(self.fields) == 1 else _("Name")

    def value(self, field: Field) -> Any:
        """The stored value of a field, or the references of a relation."""
        return self.links.get(field.relation.name, ()) if field.relation else value_in(field, self.row)

    def state(self) -> str:
        """All values as text, to notice that somebody else has changed them meanwhile."""
        return dumps_text([_plain(field, self.value(field)) for field in self.fields])


@require_http_methods(["GET", "POST"])
@page
def edit_field(request: PageRequest, entity: Entity, pk: UUID, name: str) -> HttpResponse:
    """The control of a field, and its saving."""
    request.actor.require("write", entity.resource)
    look = Look(CompanySetup(request.actor), request.formats)
    editing = _load(look, entity, pk, name)
    if request.method == "GET":
        return _form(request, editing, stale=_said_if_stale(request, editing))
    if request.POST.get("was", editing.state()) != editing.state():
        return _form(request, editing, conflict=_who_changed(editing), status=HTTPStatus.CONFLICT)
    try:
        values = {**_given(editing, request.POST), "expectedVersion": editing.row["version"]}
        services.update_records(request.actor, entity, {pk: values})
    except ValidationFailed as error:
        return _form(request, editing, issues=error.issues, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except Conflict:  # between our reading and our writing: ask like for any other change
        return _form(
            request, _load(look, entity, pk, name), conflict=_("Somebody"), status=HTTPStatus.CONFLICT
        )
    return redrawn(request, entity, pk)


@require_http_methods(["GET"])
@page
def record_row(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The record as what is around it shows it: a row of the list, or a `part` of its page."""
    return redrawn(request, entity, pk)


def redrawn(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """What has to be drawn anew after a change: the row, or the part of the record's page that was edited."""
    if not request.htmx:
        return redirect(entity.name, pk)
    part = request.GET.get("part", "")
    if part == "none":
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
    else:
        response = redrawn_part(load(request, entity, pk), part) if part else redrawn_row(request, entity, pk)
    if part and request.method == "POST":
        add_trigger(response, "records:changed")  # the other parts of the page tell of it as well
    return response


def redrawn_row(request: PageRequest, entity: Entity, pk: UUID) -> HttpResponse:
    """The row, with the columns of the list that the request came from."""
    query = urlsplit(request.htmx.current_url or "").query if request.htmx else ""
    look = Look(CompanySetup(request.actor), request.formats)
    state = ListState(look, entity, QueryDict(query))
    table = Table(look, entity, state.fields, state.url().removesuffix("?"))
    rows = queries.get_records(request.actor, entity, [(str(pk), "")], table.attrs())
    return HttpResponse(table.rows(rows))


def _load(look: Look, entity: Entity, pk: UUID, name: str) -> Editing:
    """The record and the field named `name`; NotFound when there is none that can be edited here."""
    catalog = look.setup.catalog(entity)
    field = catalog.find(name)
    if field is None:
        raise NotFound(Issue("field", "unknown_record", {"entity": entity.name, "id": name[:80]}))
    fields = _parts(look, entity, field)
    presenter = Presenter(look.setup, entity)
    attrs = list({*presenter.attrs(), *(field.own.attr for field in fields if field.own)})
    (row,) = queries.get_records(look.setup.actor, entity, [(str(pk), "")], attrs)
    if entity.lines and field.own and field.own.yields_to_lines and has_lines(entity.lines, pk):
        raise ValidationFailed(Issue(field.name, "follows_lines"))
    names = {part.relation.name for part in fields if part.relation}
    links = presenter.references([row], names)[row["id"]] if names else {}
    return Editing(look, entity, fields, row, links)


def _parts(look: Look, entity: Entity, field: Field) -> list[Field]:
    """What is edited under one name: the field, or for a name made of parts, these."""
    if field.name == "name" and not is_editable(field):
        return [look.setup.catalog(entity).own[part] for part in entity.refs]
    if not is_editable(field):
        raise NotFound(Issue("field", "unknown_record", {"entity": entity.name, "id": field.name}))
    return [field]


def _given(editing: Editing, posted: QueryDict) -> dict[str, Json]:
    """The values as the write path takes them."""
    values: dict[str, Json] = {}
    for field in editing.fields:
        name, currency = _name_of(editing, field), editing.row.get("currency", "")
        value = read_value(field, posted, editing.look, name, currency=currency)
        if field.relation:
            values[field.relation.written_as] = value
        elif field.column:
            values["customFields"] = {field.name: None if value == [] else value}
        else:
            values[field.name] = value
    return values


def _name_of(editing: Editing, field: Field) -> str:
    return "value" if len(editing.fields) == 1 else field.name


def _form(
    request: PageRequest,
    editing: Editing,
    *,
    issues: Sequence[Issue] = (),
    conflict: str = "",
    stale: str = "",
    status: HTTPStatus = HTTPStatus.OK,
) -> HttpResponse:
    posted = request.POST if issues or conflict else None
    context = {
        "stale": stale,
        "editing": editing,
        "controls": [_control(editing, field, posted, bad=bool(issues)) for field in editing.fields],
        "messages_id": "edit-message",
        "takes_several": any(_takes_several(field) for field in editing.fields),
        "sentences": list(dict.fromkeys(sentence(issue) for issue in issues)),
        "conflict": conflict,
        "now": [field_html(editing.look, f, editing.row, editing.links) or "–" for f in editing.fields],
    }
    template = "crm/_field_form.html" if request.htmx else "crm/record_field.html"
    return render(request, template, context, status=status)


def _control(editing: Editing, field: Field, posted: QueryDict | None, *, bad: bool) -> SafeString:
    """The control with the stored value, or with what was just posted and could not be saved."""
    control = Control(
        look=editing.look,
        entity=editing.entity,
        name=_name_of(editing, field),
        label=label_of(field),
        is_invalid=bad,
        described_by="edit-message" if bad or posted is not None else "",
        required=bool(field.own and field.own.required),
        posted=posted,
    )
    return field_control(field, editing.value(field), control)


def _takes_several(field: Field) -> bool:
    """Whether a choice is not all there is to say, so that a button has to end it."""
    return field.relation is not None or isinstance(field.type, MultiSelectType)


def _said_if_stale(request: PageRequest, editing: Editing) -> str:
    """What to tell whose page shows another version of the record, in case it shows another value too."""
    if request.GET.get("seen", "") in ("", str(editing.row["version"])):
        return ""
    return _("%(who)s changed this meanwhile: you see it as it is now.") % {"who": _who_changed(editing)}


def _who_changed(editing: Editing) -> str:
    names = [f.relation.ids_name if f.relation else f.name for f in editing.fields]
    return last_change_of(editing.look.setup, editing.row["id"], names)


def _plain(field: Field, value: Any) -> Json:
    if field.relation:
        return sorted(str(item["id"]) for item in value)
    return None if value in (None, "", []) else json.loads(dumps_text(_presented(field, value)))


def _presented(field: Field, value: Any) -> Json:
    assert field.type is not None
    return field.type.present(value)
