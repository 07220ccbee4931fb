"""The properties of a record: own fields, people and custom columns, each edited where it stands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from crm.catalog import Field
from crm.entities import Entity
from crm.field_types import NotesType
from crm.field_types.addresses import AddressType
from crm.field_types.identifiers import IdentifiersType
from crm.field_types.stages import PipelineIdType, StageIdType
from crm.presenters import Row
from crm.views.editors import is_editable
from crm.views.faces import Look, field_html, label_of, person_html, person_name, value_html, value_in

_LAST = ("createdAt", "updatedAt")


class Property(NamedTuple):
    """One line of the properties."""

    name: str
    label: str
    icon: str
    value: SafeString
    is_editable: bool
    help: str = ""  # what belongs here


def properties(
    look: Look, entity: Entity, row: Row, users: Sequence[Any], *, may_write: bool
) -> list[Property]:
    """All lines in their order."""
    catalog = look.setup.catalog(entity)
    own = [field for field in catalog.own.values() if _is_shown(entity, field, row)]
    fields = [
        *(field for field in own if field.name not in _LAST),
        catalog.relations["userIds"],
        *catalog.custom.values(),
        *(field for field in own if field.name in _LAST),
    ]
    return [
        Property(
            field.name,
            label_of(field),
            field_icon(field),
            full_html(look, field, row, users),
            may_write and is_editable(field),
            field.column.description if field.column else "",
        )
        for field in fields
    ]


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
