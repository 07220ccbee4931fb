"""What is done with the selected records of a list: set a field, assign, delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.pages import PageRequest, page
from crm import bulk
from crm.bulk import BulkResult
from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import Json
from crm.setup import CompanySetup
from crm.views.column_chooser import is_showable
from crm.views.editors import Control, field_control, is_editable, read_value
from crm.views.faces import Look, label_of
from crm.views.list_state import ListState
from crm.views.trash import trash_address
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from customermates.kernel.sentences import sentence
from customermates.kernel.ui.toasts import add_trigger, tell


@require_safe
@page
def bulk_form(request: PageRequest, entity: Entity) -> HttpResponse:
    """The fields that can be set on many records, or the control of the one that was chosen."""
    look = Look(CompanySetup(request.actor), request.formats)
    fields = bulk_fields(look, entity)
    chosen = fields.get(request.GET.get("field", ""))
    control = Control(look, entity, label=label_of(chosen)) if chosen else None
    context = {
        "entity": entity,
        "fields": [(name, label_of(field)) for name, field in fields.items()],
        "chosen": chosen,
        "label": label_of(chosen) if chosen else "",
        "control": field_control(chosen, None, control) if chosen and control else "",
        "url": reverse(f"{entity.name}_bulk_change"),
        "form_url": reverse(f"{entity.name}_bulk"),
    }
    return render(request, "crm/_bulk_form.html", context)


@require_POST
@page
def bulk_change(request: PageRequest, entity: Entity) -> HttpResponse:
    """One action on the selected records; the answer says how many it changed and can be undone."""
    look = Look(CompanySetup(request.actor), request.formats)
    ids = _selected(look, entity, request.POST)
    run, said = _action(request, look, entity)
    result = run(ids)
    _tell(request, entity, result, said)
    if not request.htmx:
        return redirect(entity.plural)
    response = HttpResponse()
    add_trigger(response, "records:changed")
    return response


def bulk_fields(look: Look, entity: Entity) -> dict[str, Field]:
    """The fields that one value can be written to on many records, by name."""
    fields = look.setup.catalog(entity).fields
    return {
        name: field
        for name, field in fields.items()
        if is_editable(field)
        and is_showable(field)
        and not (field.own and field.own.required and name == "name")
    }


def _selected(look: Look, entity: Entity, posted: QueryDict) -> list[UUID]:
    """The ids that were ticked, or those of all records that the list in `query` finds."""
    if "query" in posted:
        state = ListState(look, entity, QueryDict(posted.get("query", "").lstrip("?")))
        return bulk.matching_ids(look.setup, entity, state.query())
    ids = [pk for text in posted.getlist("ids") if (pk := find_uuid(text))]
    if not ids:
        raise ValidationFailed(Issue("ids", "required"))
    return ids[: bulk.RECORDS_LIMIT]


def _action(
    request: PageRequest, look: Look, entity: Entity
) -> tuple[Callable[[list[UUID]], BulkResult], Callable[[int], str]]:
    """What is to be done with the ids, and how to say that it was."""
    if request.POST.get("action") == "delete":
        return lambda ids: bulk.delete_many(request.actor, entity, ids), _deleted
    field = bulk_fields(look, entity).get(request.POST.get("field", ""))
    if field is None:
        raise NotFound(Issue("field", "unknown_record", {"entity": entity.name, "id": ""}))
    value = read_value(field, request.POST, look)
    if field.relation and request.POST.get("how") != "replace":
        relation = field.relation
        return lambda ids: bulk.link_many(look.setup, entity, ids, relation, value), _changed
    return lambda ids: bulk.update_many(request.actor, entity, ids, _values(field, value)), _changed


def _values(field: Field, value: Json) -> dict[str, Any]:
    if field.relation:
        return {field.relation.written_as: value}
    if field.column:
        return {"customFields": {field.name: None if value == [] else value}}
    return {field.name: value}


def _tell(request: PageRequest, entity: Entity, result: BulkResult, said: Callable[[int], str]) -> None:
    """How many were changed, with the way back; how many were not, and why."""
    if result.changed:
        tell(
            request,
            said(result.changed),
            undo=reverse("undo", args=[request.actor.change_set]),
            link=trash_address(entity.name) if said is _deleted else "",
            link_label=_("Trash"),
        )
    elif not result.refused:
        tell(request, _("Nothing to change: all of them have this value already."))
    if result.refused:
        reasons = dict.fromkeys(sentence(issue) for issues in result.refused.values() for issue in issues)
        count = len(result.refused)
        words = ngettext(
            "%(count)d record was left as it is:", "%(count)d records were left as they are:", count
        )
        tell(request, f"{words % {'count': count}} {' '.join(list(reasons)[:3])}", "error")


def _changed(count: int) -> str:
    return ngettext("%(count)d record changed.", "%(count)d records changed.", count) % {"count": count}


def _deleted(count: int) -> str:
    words = ngettext("%(count)d record moved to the trash.", "%(count)d records moved to the trash.", count)
    return words % {"count": count}
