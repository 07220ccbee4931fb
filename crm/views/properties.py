"""The properties of a record: own fields, people and custom columns, each edited where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import NotesType
from crm.field_types.addresses import AddressType
from crm.field_types.identifiers import IdentifiersType
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.presenters import Row
from crm.views.editors import is_editable
from crm.views.faces import Look, field_html, label_of, person_html, person_name, value_html, value_in
from crm.views.shown import Shown

_LAST = ("createdAt", "updatedAt")


class Property(NamedTuple):
    """One line of the properties."""

    name: str
    label: str
    icon: str
    value: SafeString
    is_editable: bool
    help: str = ""  # what belongs here


def properties(shown: Shown) -> list[Property]:
    """All lines in their order."""
    look, entity, row = shown.look, shown.entity, shown.row
    catalog = look.setup.catalog(entity)
    own = [field for field in catalog.own.values() if _is_shown(entity, field, row)]
    fields = [
        *(field for field in own if field.name not in _LAST),
        catalog.relations["userIds"],
        *catalog.custom.values(),
        *(field for field in own if field.name in _LAST),
    ]
    return [_yielding(shown, field) or _property(shown, field) for field in fields]


def _property(shown: Shown, field: Field) -> Property:
    return Property(
        field.name,
        label_of(field),
        field_icon(field),
        full_html(shown.look, field, shown.row, shown.links.get("users", ())),
        shown.may_write and is_editable(field),
        field.column.description if field.column else "",
    )


def _yielding(shown: Shown, field: Field) -> Property | None:
    """A field that counts for nothing while there are lines: it says what counts, and is not edited."""
    if not (field.own and field.own.yields_to_lines and shown.lines):
        return None
    worth = shown.look.setup.catalog(shown.entity).own[shown.entity.worth]
    value = format_html(
        '{} <span class="dim">{}</span>', field_html(shown.look, worth, shown.row), _("sum of the lines")
    )
    return Property(field.name, label_of(field), field_icon(field), value, is_editable=False)


def field_icon(field: Field) -> str:
    """The icon of a kind of field."""
    if field.relation:
        return "user"
    return field.type.icon if field.type else "text"


def full_html(look: Look, field: Field, row: Row, users: Sequence[Any] = ()) -> SafeString:
    """The value of a field with room for all of it: every address, every person."""
    if field.relation:
        return _lines(person_html(person_name(user)) for user in users)
    value, kind = value_in(field, row), field.type
    if isinstance(kind, AddressType) and isinstance(value, list):
        return _lines(value_html(kind, [item], look) for item in value)
    return field_html(look, field, row)


def _is_shown(entity: Entity, field: Field, row: Row) -> bool:
    """Names stand above, notes on the left; ids are for programs, and what only programs set is rare."""
    if field.name == "name" or field.name in entity.refs:
        return False
    if isinstance(field.type, NotesType | StageIdType | PipelineIdType):
        return False
    return is_editable(field) or not isinstance(field.type, IdentifiersType) or bool(value_in(field, row))


def _lines(parts: Any) -> SafeString:
    shown = [(part,) for part in parts]
    lines = format_html_join("", "<span>{}</span>", shown)
    return format_html('<span class="lines">{}</span>', lines) if len(shown) > 1 else lines
