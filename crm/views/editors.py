"""The controls that edit a value: one function for each kind of field, and the way back from a form to JSON.

The same controls serve table cells, properties, the create form, bulk edits and filters. Their values
are posted under one name (`value` for a single field); dates and numbers are written as the person
writes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import singledispatch
from typing import Any

from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from crm.catalog import Field
from crm.entities import ENTITIES, Entity
from crm.field_types import (
    BooleanType,
    ChoiceType,
    CurrencyType,
    DateTimeType,
    DateType,
    FieldType,
    Json,
    MultiSelectType,
    NotesType,
    NumberType,
    PhoneType,
    PlainType,
    UserType,
)
from crm.field_types.addresses import AddressType
from crm.field_types.dates import RangeType
from crm.field_types.identifiers import IdentifiersType
from crm.views.faces import Look, face_html, names_of, option_label, person_name, reference_name
from customermates.kernel.errors import Issue
from customermates.kernel.ui.typed_numbers import number_text, read_number

LONG_TEXT = 256  # a text that may be longer gets several lines


@dataclass(frozen=True, slots=True)
class Control:
    """Where a control stands: the name its values are posted under, and what it is called aloud."""

    look: Look
    entity: Entity
    name: str = "value"
    label: str = ""
    id: str = ""
    is_invalid: bool = False
    described_by: str = ""
    required: bool = False
    posted: QueryDict | None = None  # what was sent and could not be saved: shown again instead of the value

    def texts(self, stored: Sequence[str]) -> list[str]:
        """The texts to show: those just posted, else those of the stored value."""
        return list(stored) if self.posted is None else self.posted.getlist(self.name)

    def text(self, stored: str) -> str:
        """The one text to show."""
        return stored if self.posted is None else self.posted.get(self.name, "")

    @property
    def attributes(self) -> SafeString:
        """The attributes that every control carries."""
        pairs = [("name", self.name)]
        pairs += [("id", self.id)] if self.id else [("aria-label", self.label)]
        pairs += [("aria-invalid", "true")] if self.is_invalid else []
        pairs += [("aria-describedby", self.described_by)] if self.described_by else []
        return format_html_join("", ' {}="{}"', pairs)


def field_control(field: Field, value: Any, control: Control) -> SafeString:
    """The control of `field` with its value: a Python value, or a relation's references."""
    if field.relation:
        names = {str(item["id"]): _linked_name(field, item) for item in value or () if item["id"]}
        ids = control.texts(list(names))
        names |= names_of(control.look, field.relation.target, [pk for pk in ids if pk not in names])
        chosen = [(pk, names.get(pk, pk)) for pk in ids]
        return picker(control, relation=field.relation.ids_name, chosen=chosen)
    assert field.type is not None
    return value_control(field.type, value, control)


def is_editable(field: Field) -> bool:
    """Whether a person can write `field` in one control."""
    if field.relation:
        return not field.relation.has_lines
    if field.own and not field.own.writable:
        return False
    return not isinstance(field.type, NotesType | IdentifiersType)


@singledispatch
def value_control(kind: FieldType, value: Any, control: Control) -> SafeString:
    """The control of one kind of value; `value` None is an empty one."""
    return text_input(control, "" if value is None else str(value))


@value_control.register
def _plain(kind: PlainType, value: str | None, control: Control) -> SafeString:
    if kind.max_length < LONG_TEXT:
        return text_input(control, value or "", maxlength=str(kind.max_length))
    return format_html(
        '<textarea class="in" rows="3" maxlength="{}"{}>{}</textarea>',
        kind.max_length,
        control.attributes,
        control.text(value or ""),
    )


@value_control.register
def _number(kind: NumberType, value: Decimal | None, control: Control) -> SafeString:
    locale, is_money = control.look.formats.locale, isinstance(kind, CurrencyType)
    text = "" if value is None else number_text(value, locale, is_money=is_money)
    return text_input(control, text, inputmode="decimal")


@value_control.register
def _boolean(kind: BooleanType, value: bool | None, control: Control) -> SafeString:
    choices = [("", "–"), ("true", _("Yes")), ("false", _("No"))]
    return _select(control, choices, "" if value is None else str(value).lower())


@value_control.register
def _date(kind: DateType, value: date | None, control: Control) -> SafeString:
    return text_input(control, value.isoformat() if value else "", type="date")


@value_control.register
def _date_time(kind: DateTimeType, value: datetime | None, control: Control) -> SafeString:
    return text_input(control, local_text(value, control.look) if value else "", type="datetime-local")


@value_control.register
def _range(kind: RangeType, value: tuple[Any, Any] | None, control: Control) -> SafeString:
    ends = [(_("From"), "start"), (_("Until"), "end")]
    controls = (
        (
            label,
            value_control(
                kind.ends(),
                value[place] if value else None,
                replace(control, name=f"{control.name}.{end}", id="", label=f"{control.label}: {label}"),
            ),
        )
        for place, (label, end) in enumerate(ends)
    )
    shown = format_html_join("", '<span class="end"><span class="dim">{}</span>{}</span>', controls)
    return format_html('<span class="ends">{}</span>', shown)


@value_control.register
def _choice(kind: ChoiceType, value: Any, control: Control) -> SafeString:
    choices = [(option.value, option_label(option)) for option in kind.options]
    if not control.required:
        choices.insert(0, ("", "–"))
    return _select(control, choices, "" if value is None else str(value))


@value_control.register
def _multi_select(kind: MultiSelectType, value: Sequence[str] | None, control: Control) -> SafeString:
    return choice_boxes(control, [(o.value, option_label(o), o.color) for o in kind.options], value or ())


@value_control.register
def _user(kind: UserType, value: str | None, control: Control) -> SafeString:
    people = control.look.setup.people
    choices = [(str(pk), people.name(pk)) for pk in people.in_name_order()]
    return _select(control, [("", "–"), *choices], value or "")


@value_control.register
def _address(kind: AddressType, value: Any, control: Control) -> SafeString:
    if not kind.multiple:
        return text_input(control, value or "", type=_input_type(kind))
    rows = [*filter(None, control.texts(value or ())), ""]
    inputs = (
        (
            text_input(
                replace(control, id=control.id if place == 0 else "", posted=None),
                text,
                type=_input_type(kind),
            ),
        )
        for place, text in enumerate(rows)
    )
    return format_html('<span class="several" data-several>{}</span>', format_html_join("", "{}", inputs))


def _input_type(kind: AddressType) -> str:
    # Not "email" and "url": browsers refuse what the product takes, such as an address without https://.
    return "tel" if isinstance(kind, PhoneType) else "text"


def picker(
    control: Control, *, relation: str, chosen: Sequence[tuple[str, str]], single: bool = False
) -> SafeString:
    """A field that searches records or people and holds those that were chosen."""
    target = control.entity.relations[relation].target
    context = {
        "control": control,
        "chosen": [(value, name, face_html(target, name)) for value, name in chosen],
        "single": single,
        "url": reverse(f"{control.entity.name}_options", args=[relation]),
        "what": _("People") if target == "user" else ENTITIES.get(target).label,
    }
    return SafeString(render_to_string("crm/_picker.html", context))


def choice_boxes(
    control: Control, choices: Sequence[tuple[str, str, str]], chosen: Sequence[str], *, single: bool = False
) -> SafeString:
    """Boxes for any number of choices, or for one of them; each is (value, label, colour)."""
    type, chosen = "radio" if single else "checkbox", control.texts(chosen)
    boxes = (
        (type, control.name, value, SafeString(" checked") if value in chosen else "", color, label)
        for value, label, color in choices
    )
    box = '<input type="{}" name="{}" value="{}"{}><span class="chip h-{}">{}</span>'
    rows = format_html_join("", f'<label class="opt">{box}</label>', boxes)
    return format_html('<span class="boxes" role="group" aria-label="{}">{}</span>', control.label, rows)


def read_value(
    field: Field, posted: QueryDict, look: Look, name: str = "value", *, currency: str = ""
) -> Json:
    """What a control of `field` posted, as the write path takes it; "" or [] clears.

    ValidationFailed for what cannot be read as this person's locale writes it. `currency` is the
    record's, where it is one record.
    """
    if field.relation:
        return [text for text in posted.getlist(name) if text]
    if isinstance(field.type, CurrencyType):
        return typed_number(posted.get(name, ""), look, currency=currency_of(field, currency))
    assert field.type is not None
    return _posted(field.type, posted, name, look)


def currency_of(field: Field, currency: str) -> str:
    """The currency of amounts in `field`: that of its column, or the record's `currency`."""
    return field.type.currency if field.column and isinstance(field.type, CurrencyType) else currency


@singledispatch
def _posted(kind: FieldType, posted: QueryDict, name: str, look: Look) -> Json:
    return posted.get(name, "")


@_posted.register
def _posted_number(kind: NumberType, posted: QueryDict, name: str, look: Look) -> Json:
    return typed_number(posted.get(name, ""), look)


@_posted.register
def _posted_many(kind: MultiSelectType, posted: QueryDict, name: str, look: Look) -> Json:
    return [text for text in posted.getlist(name) if text]


@_posted.register
def _posted_address(kind: AddressType, posted: QueryDict, name: str, look: Look) -> Json:
    if kind.multiple:
        return [text for text in posted.getlist(name) if text.strip()]
    return posted.get(name, "")


@_posted.register
def _posted_range(kind: RangeType, posted: QueryDict, name: str, look: Look) -> Json:
    ends = {end: posted.get(f"{name}.{end}", "") for end in ("start", "end")}
    return ends if any(ends.values()) else ""


def typed_number(text: str, look: Look, *, currency: str | None = None) -> str:
    """A number as this person's locale writes it, in JSON's way; ValidationFailed when it is none."""
    return f"{read_number(text, look.formats.locale, currency=currency):f}" if text.strip() else ""


def told_once(unread: Sequence[Issue], others: Sequence[Issue]) -> list[Issue]:
    """All that is wrong: what could not be read, and of the rest what is about other fields."""
    return [*unread, *(issue for issue in others if issue.field not in {one.field for one in unread})]


def local_text(value: datetime, look: Look) -> str:
    """A moment in the form of `datetime-local`, in the person's time zone."""
    return value.astimezone(look.formats.time_zone).strftime("%Y-%m-%dT%H:%M")


def _linked_name(field: Field, item: Mapping[str, Any]) -> str:
    assert field.relation is not None
    return person_name(item) if field.relation.target == "user" else reference_name(item)


def text_input(control: Control, value: str, *, type: str = "text", **more: str) -> SafeString:
    """A one-line field; `more` are further attributes."""
    extra, value = format_html_join("", ' {}="{}"', more.items()), control.text(value)
    return format_html(
        '<input class="in" type="{}" value="{}" autocomplete="off"{}{}>',
        type,
        value,
        control.attributes,
        extra,
    )


def _select(control: Control, choices: Sequence[tuple[str, str]], chosen: str) -> SafeString:
    chosen = control.text(chosen)
    rows = ((value, SafeString(" selected") if value == chosen else "", label) for value, label in choices)
    options = format_html_join("", '<option value="{}"{}>{}</option>', rows)
    return format_html('<select class="in"{}>{}</select>', control.attributes, options)
