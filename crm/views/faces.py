"""How values look on pages: one function for each kind of field, short enough for a table cell.

Cells are the hottest part of a page, so they are made in Python: an included template costs five
times as much. Everything a person typed is escaped by `format_html`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import singledispatch
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.catalog import Field
from crm.entities import ENTITIES
from crm.field_types import (
    BooleanType,
    ChoiceType,
    CurrencyType,
    DateTimeType,
    DateType,
    EmailType,
    FieldType,
    LinkType,
    MultiSelectType,
    NotesType,
    NumberType,
    PhoneType,
    UserType,
)
from crm.field_types.addresses import AddressType, spaced_phone
from crm.field_types.choices import CodeType, Option
from crm.field_types.dates import DATED_FORMATS, RangeType
from crm.field_types.identifiers import IdentifiersType
from crm.presenters import Row
from crm.setup import CompanySetup
from customermates.kernel.ids import find_uuid
from customermates.kernel.ui.formats import Formats
from customermates.kernel.ui.icons import icon
from customermates.kernel.ui.template_tags import avatar_html, moment_html

EMPTY = SafeString("")
SHOWN_LINKS = 2  # of a relation in a cell; the rest is a number
NOTE_START = 120  # characters

# The product's own choices, whose values are words of the contract: how people read and see them.
WORDS: Mapping[str, str | Promise] = {
    "open": gettext_lazy("Open"),
    "won": gettext_lazy("Won"),
    "lost": gettext_lazy("Lost"),
    "done": gettext_lazy("Done"),
    "low": gettext_lazy("Low"),
    "normal": gettext_lazy("Normal"),
    "high": gettext_lazy("High"),
    "custom": gettext_lazy("Task of ours"),
    "system": gettext_lazy("System task"),
}
COLORS = {"open": "blue", "won": "green", "lost": "rose", "done": "green", "high": "orange", "low": "slate"}


@dataclass(frozen=True, slots=True)
class Look:
    """Who looks, and what the company has set up."""

    setup: CompanySetup
    formats: Formats


def label_of(field: Field) -> str:
    """What people call a field."""
    if field.own:
        return str(field.own.label)
    if field.relation:
        target = ENTITIES.find(field.relation.target)
        return str(target.label) if target else _("Assignees")
    return field.label


def field_html(
    look: Look, field: Field, row: Row, links: Mapping[str, Sequence[Any]] | None = None
) -> SafeString:
    """The value of `field` in `row`; `links` are the row's references by relation name. "" when empty."""
    if field.relation:
        return links_html(field.relation.target, (links or {}).get(field.relation.name, ()))
    value = value_in(field, row)
    if value is None or value in ("", []):
        return EMPTY
    assert field.type is not None
    if field.own and isinstance(field.type, CurrencyType):
        return money_html(look.formats, value, row["currency"])
    shown = value_html(field.type, value, look)
    return _late(shown) if _is_late(look, field, value, row) else shown


def value_in(field: Field, row: Row) -> Any:
    """The Python value of an own or custom field in a row of attributes; None when there is none."""
    if field.own:
        return row[field.own.attr]
    assert field.column is not None
    assert field.type is not None
    stored = row["custom"].get(str(field.column.number))
    return None if stored is None else field.type.load(stored)


@singledispatch
def value_html(kind: FieldType, value: Any, look: Look) -> SafeString:
    """A value that is there, as a person reads it."""
    return SafeString(conditional_escape(kind.format(value, look.setup.context)))


@value_html.register
def _notes(kind: NotesType, value: str, look: Look) -> SafeString:
    first = next((line.strip("#>*- ") for line in value.splitlines() if line.strip("#>*- ")), "")
    return format_html('<span class="muted">{}</span>', first[:NOTE_START])


@value_html.register
def _number(kind: NumberType, value: Any, look: Look) -> SafeString:
    text = look.formats.number(value)
    return format_html("{} {}", text, kind.unit) if kind.unit else SafeString(conditional_escape(text))


@value_html.register
def _currency(kind: CurrencyType, value: Any, look: Look) -> SafeString:
    return money_html(look.formats, value, kind.currency)


def money_html(formats: Formats, amount: Decimal, currency: str) -> SafeString:
    """An amount. A whole one knows its zeros: style sheets show them in a column where another has cents."""
    shown = formats.money(amount, currency)
    if amount != int(amount):
        return format_html('<span class="cents">{}</span>', shown)
    full = formats.money(amount, currency, cents=True)
    pairs = enumerate(zip(shown, full, strict=False))
    start = next((place for place, (one, other) in pairs if one != other), len(shown))
    zeros = full[start : len(full) - len(shown) + start]
    return format_html('{}<span class="zeros" data-zeros="{}"></span>{}', shown[:start], zeros, shown[start:])


@value_html.register
def _boolean(kind: BooleanType, value: bool, look: Look) -> SafeString:
    return format_html('<span class="yes">{}{}</span>', icon("check", "s"), _("Yes")) if value else _no()


def _no() -> SafeString:
    return format_html('<span class="dim">{}</span>', _("No"))


@value_html.register
def _date(kind: DateType, value: date, look: Look) -> SafeString:
    style, formats = kind.display_format, look.formats
    shown = formats.styled(value, style) if style else formats.day(value)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)


@value_html.register
def _date_time(kind: DateTimeType, value: datetime, look: Look) -> SafeString:
    style, formats = kind.display_format, look.formats
    return moment_html(formats, value, formats.styled_moment(value, style) if style else "")


@value_html.register
def _range(kind: RangeType, value: tuple[Any, Any], look: Look) -> SafeString:
    # Never by distance: "Tomorrow – 3d ago" would be no range anybody reads.
    style = kind.display_format if kind.display_format in DATED_FORMATS else "descriptiveShort"
    shown = look.formats.days if kind.name == "dateRange" else look.formats.moments
    # Where it takes two lines, they part at the dash.
    return SafeString(conditional_escape(shown(*value, style).replace(" ", "\N{NO-BREAK SPACE}")))


@value_html.register
def _choice(kind: ChoiceType, value: Any, look: Look) -> SafeString:
    option = next((option for option in kind.options if option.value == str(value)), None)
    return option_html(option) if option else EMPTY


@value_html.register
def _code(kind: CodeType, value: str, look: Look) -> SafeString:
    return SafeString(conditional_escape(value))


@value_html.register
def _multi_select(kind: MultiSelectType, value: list[str], look: Look) -> SafeString:
    chosen = (option for option in kind.options if option.value in value)
    return _joined((option_html(option) for option in chosen), " ")


@value_html.register
def _user(kind: UserType, value: str, look: Look) -> SafeString:
    return person_html(look.setup.people.name(UUID(value)))


@value_html.register
def _email(kind: EmailType, value: Any, look: Look) -> SafeString:
    return _first_of(value, lambda text: _address_link(kind, f"mailto:{text}", text))


@value_html.register
def _phone(kind: PhoneType, value: Any, look: Look) -> SafeString:
    return _first_of(value, lambda text: _address_link(kind, f"tel:{text}", spaced_phone(text)))


@value_html.register
def _link(kind: LinkType, value: Any, look: Look) -> SafeString:
    return _first_of(value, lambda text: web_link(text, kind.color))


def _address_link(kind: AddressType, url: str, text: str) -> SafeString:
    return format_html('<a class="{}" href="{}">{}</a>', _link_class(kind.color), url, text)


def _link_class(color: str) -> str:
    """A link in the text, or a chip in the colour of its column."""
    return f"chip out h-{color}" if color else "out"


@value_html.register
def _identifiers(kind: IdentifiersType, value: list[Mapping[str, Any]], look: Look) -> SafeString:
    return _first_of([f"{item['provider']}: {item['value']}" for item in value], conditional_escape)


def web_link(address: str, color: str = "") -> SafeString:
    """An address as a link when it is one to a web page, perhaps as a chip; anything else is text."""
    shown = address.removeprefix("https://").removeprefix("http://").removesuffix("/")
    if not address.lower().startswith(("http://", "https://")):
        text = SafeString(conditional_escape(address))
        return format_html('<span class="{}">{}</span>', _link_class(color), text) if color else text
    return format_html(
        '<a class="{}" href="{}" target="_blank" rel="noopener noreferrer">{}</a>',
        *(_link_class(color), address, shown),
    )


def option_html(option: Option) -> SafeString:
    """A choice as a chip in its colour."""
    color = COLORS.get(option.value, option.color)
    return format_html('<span class="chip h-{}">{}</span>', color, option_label(option))


def option_label(option: Option) -> str:
    """A choice in words."""
    return str(WORDS.get(option.value, option.label)) if option.value == option.label else option.label


def person_html(name: str) -> SafeString:
    """Somebody of the company."""
    return (
        format_html('<span class="ref">{}<span>{}</span></span>', avatar_html(name), name) if name else EMPTY
    )


def links_html(target: str, references: Sequence[Mapping[str, Any]]) -> SafeString:
    """The other ends of a relation: people as avatars, records as links; what does not fit is counted."""
    if not references:
        return EMPTY
    if target == "user":
        return people_html([person_name(user) for user in references])
    shown = _joined((reference_html(target, item) for item in references[:SHOWN_LINKS]), " ")
    return _with_rest(shown, len(references) - SHOWN_LINKS)


def people_html(names: Sequence[str]) -> SafeString:
    """One person by name; several as a row of avatars that say the names."""
    if len(names) == 1:
        return person_html(names[0])
    avatars = _joined((avatar_html(name) for name in names[:4]), "")
    listed = ", ".join(names)
    shown = format_html(
        '<span class="stack" title="{}">{}<span class="sr">{}</span></span>', listed, avatars, listed
    )
    return _with_rest(shown, len(names) - 4)


def reference_html(target: str, reference: Mapping[str, Any]) -> SafeString:
    """A record that is linked to another; one that is gone for good is text."""
    name = reference_name(reference)
    inner = format_html("{}<span>{}</span>", face_html(target, name), name)
    if not reference.get("id"):
        return format_html('<span class="ref">{}</span>', inner)
    return format_html('<a class="ref" href="{}">{}</a>', reverse(target, args=[reference["id"]]), inner)


def face_html(target: str, name: str) -> SafeString:
    """What stands beside the name of a record or person: initials, or the icon of what has no face."""
    entity = ENTITIES.find(target)
    if entity and not entity.face:
        return icon(entity.icon, "s")
    return avatar_html(name, avatar_shape(target))


def avatar_shape(target: str) -> str:
    """The kind of avatar that records of an entity, or people, have: "sq" or round."""
    entity = ENTITIES.find(target)
    return "sq" if entity and entity.face == "square" else ""


def reference_name(reference: Mapping[str, Any]) -> str:
    """What a reference to a record is called: its name, or the parts of it."""
    if "name" in reference:
        return str(reference["name"])
    return " ".join(str(value) for key, value in reference.items() if key != "id" and value)


def person_name(user: Mapping[str, Any]) -> str:
    """What a reference to a user is called."""
    return f"{user['firstName']} {user['lastName']}".strip() or str(user["email"])


def names_of(look: Look, target: str, ids: Sequence[str]) -> dict[str, str]:
    """Names of people or records by id, as far as they can be seen; "me" is the person who asks."""
    if not ids:
        return {}
    if target == "user":
        people = look.setup.people
        found = {text: people.find(text) for text in ids if text != "me"}
        return {"me": _("me"), **{text: people.name(pk) for text, pk in found.items() if pk}}
    entity = ENTITIES.get(target)
    rows = entity.model.objects.visible_to(look.setup.actor)
    rows = rows.filter(pk__in=[pk for text in ids if (pk := find_uuid(text))])
    return {str(pk): name for pk, name in rows.values_list("id", entity.by_name["name"].attr)}


def record_link(entity_name: str, row: Row, name: str, query: str = "") -> SafeString:
    """The name of a record as the way to its page, which knows by `query` the list it came from."""
    shape = avatar_shape(entity_name)
    url = reverse(entity_name, args=[row["id"]]) + query
    picture = avatar_html(name, shape) if ENTITIES.get(entity_name).face else EMPTY
    return format_html('<a class="ref name" href="{}">{}<span>{}</span></a>', url, picture, name)


def _first_of(value: Any, shown: Any) -> SafeString:
    items = value if isinstance(value, list) else [value]
    return _with_rest(SafeString(shown(items[0])), len(items) - 1)


def _with_rest(shown: SafeString, more: int) -> SafeString:
    return format_html('{} <span class="dim">+{}</span>', shown, more) if more > 0 else shown


def _joined(parts: Iterable[SafeString], separator: str) -> SafeString:
    return format_html_join(mark_safe(separator), "{}", ((part,) for part in parts))  # noqa: S308 - our own text


def _is_late(look: Look, field: Field, value: Any, row: Row) -> bool:
    """Whether a deadline has passed on a record that is still open."""
    if not (field.own and field.own.is_deadline and row["status"] == "open"):
        return False
    if isinstance(value, datetime):
        return value < datetime.now(UTC)
    return bool(value < look.formats.today())


def _late(shown: SafeString) -> SafeString:
    return format_html('<span class="late">{}</span>', shown)
