"""E-mail addresses, phone numbers and links: one, or several where a field allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Self
from urllib.parse import urlsplit

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext_lazy as _

from crm.field_types.choices import PALETTE, REFERENCE_COLORS
from crm.field_types.field_type import Context, FieldType, Gathered, Json, Order, refuse, refuse_unknown
from crm.field_types.settings import ColorSetting, Setting, SwitchSetting, Words
from crm.field_types.text import clean_text
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.folding import folded, folded_key

ADDRESS_OPERATORS = ("equals", "contains", "isNull", "isNotNull")
SEVERAL_LIMIT = 50
_check_email = EmailValidator()


@dataclass(frozen=True)
class AddressType(FieldType):
    """Text that must have a form; a list of such texts when `several`."""

    operators: ClassVar[tuple[str, ...]] = ADDRESS_OPERATORS
    max_length: ClassVar[int] = 2_048
    settings: ClassVar[tuple[Setting, ...]] = (
        SwitchSetting(
            name="allowMultiple",
            label=_("Several per record"),
            help=_("Never changes once the column exists. A column of several cannot be sorted by."),
            is_fixed=True,
        ),
        ColorSetting(name="color", label=_("Colour")),
    )

    several: bool = False
    color: str = ""  # of the chip that a value is shown as; "" = as text, like the product's own addresses

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        return cls(several=options.get("allowMultiple", False), color=options.get("color", "slate"))

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        refuse_unknown(raw, allowed=("allowMultiple", "color"), path="options")
        several = raw.get("allowMultiple", previous.get("allowMultiple", False))
        if not isinstance(several, bool):
            refuse("wrong_type", at="options.allowMultiple", expected="true or false")
        if previous and several != previous["allowMultiple"]:
            refuse("never_changes", at="options.allowMultiple")
        color = raw.get("color", previous.get("color", "slate"))
        color = REFERENCE_COLORS.get(color, color) if isinstance(color, str) else color
        if color not in PALETTE:
            refuse("unknown_choice", at="options.color", allowed=list(PALETTE))
        return {"allowMultiple": several, "color": color}

    @property
    def multiple(self) -> bool:
        return self.several

    def read_one(self, text: str, context: Context) -> str:
        """One address in its kept form; ValidationFailed when it cannot be one."""
        raise NotImplementedError

    def parse(self, raw: Json, context: Context) -> Any:
        if raw is None or raw in ("", []):
            return None
        if self.several:
            return self._parse_several(raw.split(",") if isinstance(raw, str) else raw, context)
        if isinstance(raw, list):
            refuse("only_one_value", expected=self.expected)
        text = clean_text(raw, max_length=self.max_length, expected=self.expected)
        return self.read_one(text, context) if text else None

    def _parse_several(self, items: Json, context: Context) -> list[str] | None:
        if not isinstance(items, list):
            refuse("wrong_type", expected="a list of texts", example=[self.example_text()])
        values, gathered = dict[str, str](), Gathered()
        for position, item in enumerate(items):
            try:
                text = clean_text(item, max_length=self.max_length, expected=self.expected)
                if text:
                    value = self.read_one(text, context)
                    values.setdefault(folded(value), value)
            except ValidationFailed as error:
                gathered.issues += [issue.below(f"[{position}]") for issue in error.issues]
        gathered.done()
        if len(values) > SEVERAL_LIMIT:
            refuse("too_many_values", limit=SEVERAL_LIMIT)
        return list(values.values()) or None

    def operand(self, raw: Json, operator: str, context: Context) -> str:
        key = folded_key(clean_text(raw, max_length=65_535))
        if not key:
            refuse("empty_operand")
        return key

    def index_values(self, value: Any) -> tuple[str, ...]:
        return tuple(folded_key(text) for text in (value if self.several else [value]))

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return None if self.several else super().order(slots, context)

    def format(self, value: Any, context: Context) -> str:
        return ", ".join(value) if self.several else str(value)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "array", "items": {"type": "string"}} if self.several else {"type": "string"}

    def example_text(self) -> str:
        """One address of this kind."""
        raise NotImplementedError

    def example(self) -> Json:
        return [self.example_text()] if self.several else self.example_text()


@dataclass(frozen=True)
class EmailType(AddressType):
    """E-mail addresses, kept as typed."""

    name: ClassVar[str] = "email"
    expected: ClassVar[Words] = _("an e-mail address")
    label: ClassVar[Words] = _("E-mail")
    about: ClassVar[Words] = _("An address to write to, or several.")
    icon: ClassVar[str] = "mail"
    max_length: ClassVar[int] = 320

    def read_one(self, text: str, context: Context) -> str:
        try:
            _check_email(text)
        except ValidationError:
            refuse("wrong_email", value=text[:80], example=self.example_text())
        return text

    def example_text(self) -> str:
        return "ada@engines.example"


@dataclass(frozen=True)
class PhoneType(AddressType):
    """Phone numbers in E.164; what cannot be read as one is kept as typed."""

    name: ClassVar[str] = "phone"
    expected: ClassVar[Words] = _("a phone number")
    label: ClassVar[Words] = _("Phone")
    about: ClassVar[Words] = _("A number to call, or several.")
    icon: ClassVar[str] = "phone"
    max_length: ClassVar[int] = 255

    def read_one(self, text: str, context: Context) -> str:
        number = _e164(text, context.home.country or None)
        # Zeros that look like a trunk prefix would go one by one, each time the number is read again.
        return number if number and _e164(number, None) == number else text

    def operand(self, raw: Json, operator: str, context: Context) -> str:
        if operator == "equals" and isinstance(raw, str):
            raw = self.read_one(clean_text(raw, max_length=self.max_length), context)
        return super().operand(raw, operator, context)

    def example_text(self) -> str:
        return "+49 30 901820"


@dataclass(frozen=True)
class LinkType(AddressType):
    """Web, mail and phone links."""

    name: ClassVar[str] = "link"
    expected: ClassVar[Words] = _("a link")
    label: ClassVar[Words] = _("Link")
    about: ClassVar[Words] = _("A page on the web, or several.")
    icon: ClassVar[str] = "globe"
    schemes: ClassVar[tuple[str, ...]] = ("https", "http", "mailto", "tel")

    def read_one(self, text: str, context: Context) -> str:
        text = text if ":" in text.split("/")[0] or not _looks_like_host(text) else f"https://{text}"
        try:
            parts = urlsplit(text)
            host = parts.hostname
        except ValueError:
            refuse(
                "wrong_link", allowed=[f"{scheme}:" for scheme in self.schemes], example=self.example_text()
            )
        rest = host if parts.scheme in ("http", "https") else parts.path
        if parts.scheme not in self.schemes or not rest or any(c.isspace() or c < " " for c in text):
            refuse(
                "wrong_link", allowed=[f"{scheme}:" for scheme in self.schemes], example=self.example_text()
            )
        return text

    def example_text(self) -> str:
        return "https://engines.example"


def _e164(text: str, country: str | None) -> str | None:
    """The number that `text` spells, None when it spells none."""
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=4096)
def spaced_phone(text: str) -> str:
    """A number in E.164 as people read it, "+49 30 901820"; anything else as it is."""
    try:
        number = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException:
        return text
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != text:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


def _looks_like_host(text: str) -> bool:
    """Whether people mean a web address without saying https://."""
    host = text.split("/")[0]
    return "." in host and " " not in host
