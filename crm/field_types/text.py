"""Plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from crm.field_types.field_type import Context, FieldType, Json, Order, refuse
from crm.field_types.settings import Words
from customermates.kernel.folding import folded_key

A_TEXT = _("a text")
TEXT_OPERATORS = ("equals", "contains", "startsWith", "in", "notIn", "isNull", "isNotNull")


def clean_text(raw: Json, *, max_length: int, expected: Words = A_TEXT, strip: bool = True) -> str:
    """`raw` as text that both databases can keep; ValidationFailed when it is none or too long."""
    if not isinstance(raw, str):
        refuse("wrong_type", expected=expected)
    if "\0" in raw:
        refuse("nul_character")
    if not raw.isascii() and any("\ud800" <= c <= "\udfff" for c in raw):
        refuse("lone_surrogate")
    text = raw.strip() if strip else raw
    if len(text) > max_length:
        refuse("too_long", limit=max_length)
    return text


@dataclass(frozen=True)
class PlainType(FieldType):
    """One text. Filters and sorting compare its first 200 characters after folding."""

    name: ClassVar[str] = "plain"
    operators: ClassVar[tuple[str, ...]] = TEXT_OPERATORS
    expected: ClassVar[Words] = A_TEXT
    label: ClassVar[Words] = _("Text")
    about: ClassVar[Words] = _("Words, on one line or several.")

    max_length: int = 10_000
    sample: str = "Follow up in spring"

    def parse(self, raw: Json, context: Context) -> str | None:
        if raw is None:
            return None
        return clean_text(raw, max_length=self.max_length) or None

    def operand(self, raw: Json, operator: str, context: Context) -> str:
        """A folded key; a longer operand than a field can hold simply matches nothing."""
        key = folded_key(clean_text(raw, max_length=65_535, strip=operator in ("equals", "in", "notIn")))
        if not key:
            refuse("empty_operand")
        return key

    def index_values(self, value: str) -> tuple[str | None, ...]:
        return (folded_key(value) or None,)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "maxLength": self.max_length}

    def example(self) -> str:
        return self.sample


@dataclass(frozen=True)
class NotesType(FieldType):
    """The Markdown notes of a record: kept as written, neither filtered nor sorted by."""

    name: ClassVar[str] = "notes"
    operators: ClassVar[tuple[str, ...]] = ()
    expected: ClassVar[Words] = _("Markdown text")

    max_length: int = 65_535

    def parse(self, raw: Json, context: Context) -> str | None:
        if raw is None:
            return None
        if isinstance(raw, dict | list):
            refuse("notes_want_markdown", example="**Next step:** send the offer")
        return (
            clean_text(raw, max_length=self.max_length, expected=self.expected, strip=False).rstrip() or None
        )

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return None

    def operand(self, raw: Json, operator: str, context: Context) -> Any:
        raise NotImplementedError("notes have no operators")

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "maxLength": self.max_length}

    def example(self) -> str:
        return "**Next step:** send the offer"
