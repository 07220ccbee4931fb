"""Company settings: the custom columns of each entity, made, changed, ordered, deleted and restored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.pages import PageRequest, page
from accounts.settings_pages import show, show_dialog
from crm import field_services
from crm.column_list import (
    count_columns,
    count_values,
    get_column,
    list_columns,
    list_deleted,
)
from crm.columns import free_key
from crm.entities import ENTITIES, Entity
from crm.field_services import ColumnReceipt
from crm.field_types import CUSTOM_TYPES, FieldType, Json
from crm.models import RESTORABLE_FOR, CustomColumn
from crm.setup import CompanySetup
from crm.views.column_form import ColumnForm
from crm.views.column_history import changed_meanwhile
from crm.views.column_settings import settings_html
from crm.views.faces import Look
from customermates.kernel.errors import Conflict, ValidationFailed
from customermates.kernel.ui.toasts import add_trigger, tell

HEAD = "head"  # the place of the page's heading among what can get the focus
Save = Callable[[dict[str, Json]], ColumnReceipt]


@require_safe
@page
def columns(request: PageRequest) -> HttpResponse:
    """The columns of the entity in the address."""
    request.actor.require("read", "columns")
    return _list(request, _entity(request), focus=request.GET.get("focus", ""))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def create(request: PageRequest) -> HttpResponse:
    """The choice of a type, then the form for a column of it; sent, the list with the new column."""
    request.actor.require("write", "columns")
    entity, kind = _entity(request), CUSTOM_TYPES.get(request.GET.get("type", ""))
    if kind is None:
        context = {
            "entity": entity,
            "entities": list(ENTITIES.values()),
            "types": list(CUSTOM_TYPES.values()),
        }
        return show_dialog(request, "crm/column_types.html", _("New column"), context)
    fixed = {"entityType": entity.name, "type": kind.name}
    editing = Editing(request, _look(request), entity, kind)
    if answer := editing.step():
        return answer
    return editing.finish(lambda values: field_services.create_column(request.actor, fixed | values))


@require_http_methods(["GET", "HEAD", "POST"])
@page
def edit(request: PageRequest, column_id: UUID) -> HttpResponse:
    """The form of a column; sent, the list with the column as it is now."""
    request.actor.require("write", "columns")
    column = get_column(request.actor, column_id)
    entity, kind = ENTITIES.get(column.entity), CUSTOM_TYPES[column.type]
    editing = Editing(request, _look(request), entity, kind, column)
    if answer := editing.step():
        return answer
    version = {"expectedVersion": editing.version}
    return editing.finish(
        lambda values: field_services.update_column(request.actor, column_id, values | version)
    )


@require_http_methods(["GET", "HEAD", "POST"])
@page
def delete(request: PageRequest, column_id: UUID) -> HttpResponse:
    """The question whether this column shall go; sent, it is hidden, and can be restored."""
    request.actor.require("write", "columns")
    column = get_column(request.actor, column_id)
    entity = ENTITIES.get(column.entity)
    if request.method == "POST":
        field_services.delete_column(request.actor, column_id)
        text = _("“%(label)s” was deleted.") % {"label": column.label}
        tell(request, text, undo=reverse("column_restore", args=[column.pk]))
        return _done(request, entity, HEAD)
    setup = CompanySetup(request.actor)
    used = count_values(setup, setup.catalog(entity), column.pk).get(column.pk, 0)
    context = {"column": column, "entity": entity, "used": used, "days": RESTORABLE_FOR.days}
    heading = _("Delete “%(label)s”") % {"label": column.label}
    return show_dialog(request, "crm/column_delete.html", heading, context)


@require_POST
@page
def restore(request: PageRequest, column_id: UUID) -> HttpResponse:
    """The deleted column is back, with its values."""
    column = field_services.restore_column(request.actor, column_id).column
    tell(request, _("“%(label)s” is back, with its values.") % {"label": column.label})
    if request.htmx and request.htmx.target != "div#settings":  # undone in a toast, on whatever page
        response = HttpResponse(status=HTTPStatus.NO_CONTENT)
        add_trigger(response, "columns:changed")
        return response
    return _done(request, ENTITIES.get(column.entity), str(column.pk))


@require_POST
@page
def move(request: PageRequest, column_id: UUID) -> HttpResponse:
    """The column one place up or down, or at the place that it was dragged to."""
    request.actor.require("write", "columns")
    column = get_column(request.actor, column_id)
    entity = ENTITIES.get(column.entity)
    order = [row.pk for row in CompanySetup(request.actor).columns(entity)]
    here, to = (order.index(column.pk) if column.pk in order else 0), request.POST.get("to", "")
    steps = {"up": here - 1, "down": here + 1}
    place = int(to) if to.isascii() and to.isdigit() and len(to) < 6 else steps.get(to, here)
    field_services.move_column(request.actor, column_id, place)
    way_back = {"up": "down", "down": "up"}  # at an end, the button pressed cannot be pressed again
    focus_on = to if 0 < place < len(order) - 1 else way_back.get(to, "")
    return _done(request, entity, str(column.pk), focus_on if to in steps else "")


@dataclass
class Editing:
    """A column that somebody makes or changes: the steps on the way, and saving."""

    request: PageRequest
    look: Look
    entity: Entity
    kind: type[FieldType]
    column: CustomColumn | None = None

    @property
    def version(self) -> int:
        """The version of the column that the form was made of."""
        sent = self.request.POST.get("version", "")
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 10 else 0

    @property
    def address(self) -> str:
        """Where the form is sent to."""
        if self.column:
            return reverse("column_edit", args=[self.column.pk])
        given = urlencode({"entity": self.entity.name, "type": self.kind.name})
        return f"{reverse('column_create')}?{given}"

    def step(self) -> HttpResponse | None:
        """The form at first, or after a step that is no saving; None when it is to be saved."""
        what = self.request.POST.get("do", "")
        if self.request.method == "POST" and not what:
            return None
        form = self._form(is_step=True)
        if what == "preview":
            return render(self.request, "crm/_column_preview.html", self._preview(form))
        if what and form.options:
            form.fields["label"].widget.attrs.pop("autofocus")
            form.options.do(what, form.count)
        return self._show(form)

    def finish(self, save: Save) -> HttpResponse:
        """The list after `save` has taken what was sent, or the form saying what is wrong."""
        form = self._form()
        if form.options:
            form.options.take_pasted()
        if form.is_valid():
            try:
                receipt = save(form.values())
            except ValidationFailed as error:
                form.tell(error.issues)
            except Conflict:
                return self._conflict()
            else:
                _tell(self.request, receipt, self.entity)
                return _done(self.request, self.entity, str(receipt.column.pk))
        form.fields["label"].widget.attrs.pop("autofocus", None)
        return self._show(form)

    def _conflict(self) -> HttpResponse:
        """The form over the column as it is by now, and what was done to it meanwhile."""
        assert self.column is not None
        self.column = get_column(self.request.actor, self.column.pk)
        form = self._form(is_step=True)
        if form.options:
            form.options.add_unseen()
        changes = changed_meanwhile(self.look, self.column, self.version)
        return self._show(form, status=HTTPStatus.CONFLICT, changes=changes)

    def _form(self, *, is_step: bool = False) -> ColumnForm:
        sent = self.request.POST if self.request.method == "POST" else None
        return ColumnForm(self.look, self.kind, column=self.column, sent=sent, is_step=is_step)

    def _show(self, form: ColumnForm, *, status: int = HTTPStatus.OK, **more: Any) -> HttpResponse:
        context = {
            "form": form,
            "column": self.column,
            "entity": self.entity,
            "kind": self.kind,
            "action": self.address,
            "back": _address(self.entity),
            **self._preview(form),
            **more,
        }
        heading = _("Edit “%(label)s”") % {"label": self.column.label} if self.column else _("New column")
        return show_dialog(self.request, "crm/column_form.html", heading, context, status=status)

    def _preview(self, form: ColumnForm) -> dict[str, Any]:
        label = str(form["label"].value() or "").strip()
        key = self.column.key if self.column else ""
        if label and not key:
            key = free_key(self.entity, label, field_services.columns_ever(self.request.actor, self.entity))
        return {"kind": self.kind, "label": label, "key": key, "example": form.example(self.look)}


def _tell(request: PageRequest, receipt: ColumnReceipt, entity: Entity) -> None:
    is_new, label = receipt.changes.get("key") is not None, receipt.column.label
    text = (_("“%(label)s” was added.") if is_new else _("“%(label)s” is saved.")) % {"label": label}
    if receipt.records:
        many = receipt.records
        text += " " + ngettext("%(n)d record changed with it.", "%(n)d records changed with it.", many) % {
            "n": many
        }
    tell(request, text, link=reverse(entity.plural) if is_new else "")


def _entity(request: PageRequest) -> Entity:
    """The entity that the address names, else the first."""
    return ENTITIES.find(request.GET.get("entity", "")) or next(iter(ENTITIES.values()))


def _look(request: PageRequest) -> Look:
    return Look(CompanySetup(request.actor), request.formats)


def _address(entity: Entity) -> str:
    return f"{reverse('columns')}?{urlencode({'entity': entity.name})}"


def _done(request: PageRequest, entity: Entity, focus: str, focus_on: str = "") -> HttpResponse:
    """The list of `entity` with the focus where the person was at work."""
    if not request.htmx:
        return redirect(_address(entity))
    response = _list(request, entity, focus=focus, focus_on=focus_on)
    response["HX-Replace-Url"] = _address(entity)  # the form may have been for another entity
    return response


def _list(request: PageRequest, entity: Entity, *, focus: str = "", focus_on: str = "") -> HttpResponse:
    look, may_write = _look(request), request.actor.can("write", "columns")
    counts = count_columns(request.actor)
    context = {
        "entity": entity,
        "tabs": [(tab, _address(tab), counts[tab.name]) for tab in ENTITIES.values()],
        "here": _address(entity),
        "rows": [
            {"row": row, "settings": settings_html(row.kind.settings, row.column.options, look)}
            for row in list_columns(look.setup, entity)
        ],
        "deleted": list_deleted(request.actor, entity) if may_write else [],
        "days": RESTORABLE_FOR.days,
        "may_write": may_write,
        "focus": focus,
        "focus_on": focus_on or "label",
    }
    return show(request, "crm/columns.html", context)
