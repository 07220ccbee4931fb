"""Fields that every company's records have, each declared once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

from crm.field_types import FieldType, LinkType, NotesType, PhoneType, PlainType
from crm.field_types.identifiers import IdentifiersType


def snake(name: str) -> str:
    """`firstName` as Python writes it: `first_name`."""
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


@dataclass(frozen=True, kw_only=True)
class OwnField:
    """A field that every company's records have."""

    name: str  # the JSON name
    type: FieldType
    attr: str  # the model's attribute; "" for a name that is only read from other attributes
    label: str | Promise = ""  # as people call it
    index: str = ""  # the attribute that filters and sorting use; "" = neither, "*" = IndexedValue
    required: bool = False
    writable: bool = True
    tracked: bool = True  # whether a change of it is told in events
    empty: Any = None  # what the record stores when there is no value
    shown_empty: Any = None  # what readers get then
    advice: str | Promise = ""  # what to do instead of writing a field that is not writable
    yields_to_lines: bool = False  # whether it counts only while the record has no lines
    is_deadline: bool = False  # whether an open record whose time here has passed is late


def own(
    name: str,
    type: FieldType,
    *,
    label: str | Promise = "",
    attr: str = "",
    required: bool = False,
    writable: bool = True,
    tracked: bool = True,
    shown_empty: Any = None,
    advice: str | Promise = "",
    yields_to_lines: bool = False,
    is_deadline: bool = False,
) -> OwnField:
    """An own field; texts are indexed by their folded companion, everything else by its own column."""
    attr = attr or snake(name)
    index, empty = _storage(type, attr)
    return OwnField(
        name=name,
        type=type,
        attr=attr,
        label=label or snake(name).replace("_", " ").capitalize(),
        index=index,
        required=required,
        writable=writable,
        tracked=tracked,
        empty=empty,
        shown_empty=[] if empty == [] else shown_empty,
        advice=advice,
        yields_to_lines=yields_to_lines,
        is_deadline=is_deadline,
    )


def _storage(type: FieldType, attr: str) -> tuple[str, Any]:
    """Where a field of this type is looked up, and what stands for "no value" in its column."""
    if type.multiple:
        return "*", []
    match type:
        case IdentifiersType():
            return "", []
        case NotesType():
            return "", ""
        case PlainType() | PhoneType() | LinkType():
            return f"{attr}_key", ""
    return attr, None
