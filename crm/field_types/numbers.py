"""Exact numbers and amounts of money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import ClassVar, Self

from django.utils.translation import gettext_lazy as _

from crm.field_types.currencies import CURRENCIES
from crm.field_types.field_type import Context, FieldType, Json, refuse, refuse_unknown
from crm.field_types.settings import CurrencySetting, NumberSetting, Setting, TextSetting, Words
from customermates.kernel.jsontext import decimal_text

NUMBER_OPERATORS = ("equals", "gt", "gte", "lt", "lte", "between", "in", "isNull", "isNotNull")
TEXT_LIMIT = 60  # characters of a number sent as text
MOST_DECIMALS = 4
UNIT_LENGTH = 20
LIMIT = Decimal(10) ** 11  # 15 digits, 4 of them after the point: what a double and SQLite keep exactly


def clean_number(raw: Json, *, decimals: int = MOST_DECIMALS) -> Decimal:
    """`raw`, a JSON number or its text, as an exact number; ValidationFailed when it is none."""
    if isinstance(raw, bool) or not isinstance(raw, int | float | str | Decimal):
        refuse("wrong_type", expected=_("a number"), example=1500.5)
    if isinstance(raw, str) and (len(raw) > TEXT_LIMIT or "_" in raw):  # 1_000 is Python's spelling
        refuse("wrong_type", expected=_("a number"), example=1500.5)
    try:
        # repr gives the shortest text of a float, which is the number that the sender wrote.
        number = Decimal(repr(raw) if isinstance(raw, float) else raw)
    except (InvalidOperation, ValueError):
        refuse("wrong_type", expected=_("a number"), example=1500.5)
    # The exponent tells the size without computing, which an exponent of millions would overflow.
    if not number.is_finite() or (number and number.adjusted() >= LIMIT.adjusted()):
        refuse("number_out_of_range", limit=decimal_text(LIMIT))
    if number != (rounded := number.quantize(Decimal(1).scaleb(-decimals))):
        refuse("too_many_decimals", decimals=decimals, nearest=decimal_text(rounded))
    return rounded + 0  # no negative zero


@dataclass(frozen=True)
class NumberType(FieldType):
    """A number with up to four decimals."""

    name: ClassVar[str] = "number"
    operators: ClassVar[tuple[str, ...]] = NUMBER_OPERATORS
    slots: ClassVar[str] = "n"
    expected: ClassVar[Words] = _("a number")
    label: ClassVar[Words] = _("Number")
    about: ClassVar[Words] = _("Exact, with a unit if you like.")
    icon: ClassVar[str] = "hash"
    settings: ClassVar[tuple[Setting, ...]] = (
        NumberSetting(
            name="decimals",
            label=_("Decimals"),
            help=_("How many are kept at most. A column can get more later, never fewer."),
            limit=MOST_DECIMALS,
            start=2,
        ),
        TextSetting(name="unit", label=_("Unit"), max_length=UNIT_LENGTH, example="kg"),
    )

    decimals: int = MOST_DECIMALS
    unit: str = ""
    minimum: Decimal | None = None
    above: Decimal | None = None
    sample: float = 12.5

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        return cls(decimals=options.get("decimals", MOST_DECIMALS), unit=options.get("unit", ""))

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        refuse_unknown(raw, allowed=("decimals", "unit"), path="options")
        merged = {"decimals": MOST_DECIMALS, "unit": "", **previous, **raw}
        if type(merged["decimals"]) is not int or not 0 <= merged["decimals"] <= MOST_DECIMALS:
            expected = f"a whole number from 0 to {MOST_DECIMALS}"
            refuse("wrong_type", at="options.decimals", expected=expected)
        if merged["decimals"] < previous.get("decimals", 0):
            refuse("fewer_decimals", at="options.decimals", decimals=previous["decimals"])
        if not isinstance(merged["unit"], str) or len(merged["unit"]) > UNIT_LENGTH:
            expected = f"a text of at most {UNIT_LENGTH} characters"
            refuse("wrong_type", at="options.unit", expected=expected)
        return merged

    def parse(self, raw: Json, context: Context) -> Decimal | None:
        if raw is None or raw == "":
            return None
        number = clean_number(raw, decimals=self.decimals)
        if self.minimum is not None and number < self.minimum:
            refuse("too_small", limit=decimal_text(self.minimum))
        if self.above is not None and number <= self.above:
            refuse("not_above", limit=decimal_text(self.above))
        return number

    def operand(self, raw: Json, operator: str, context: Context) -> Decimal:
        return clean_number(raw)

    def dump(self, value: Decimal) -> Json:
        # At most 15 digits: a double holds them exactly, so JSON numbers on both databases do.
        return int(value) if value == value.to_integral_value() else float(value)

    def load(self, stored: Json) -> Decimal:
        return Decimal(repr(stored))

    def present(self, value: Decimal) -> Decimal:
        return value

    def format(self, value: Decimal, context: Context) -> str:
        return f"{value:,.{self.decimals}f}{' ' + self.unit if self.unit else ''}"

    def json_schema(self) -> dict[str, Json]:
        schema: dict[str, Json] = {"type": "number"}
        if self.minimum is not None:
            schema["minimum"] = float(self.minimum)
        if self.above is not None:
            schema["exclusiveMinimum"] = float(self.above)
        return schema

    def example(self) -> float:
        return round(self.sample, self.decimals)


@dataclass(frozen=True)
class CurrencyType(NumberType):
    """An amount of money in the column's one currency."""

    name: ClassVar[str] = "currency"
    label: ClassVar[Words] = _("Money")
    about: ClassVar[Words] = _("An amount in one currency.")
    icon: ClassVar[str] = "circle-dollar-sign"
    settings: ClassVar[tuple[Setting, ...]] = (CurrencySetting(name="currency", label=_("Currency")),)

    currency: str = "EUR"
    sample: float = 1500.5

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        return cls(currency=options["currency"])

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        refuse_unknown(raw, allowed=("currency",), path="options")
        currency = raw.get("currency", previous.get("currency"))
        if currency is None:
            refuse("required", at="options.currency", example="EUR")
        if not isinstance(currency, str) or currency.upper() not in CURRENCIES:
            refuse("unknown_choice", at="options.currency", allowed=list(CURRENCIES))
        return {"currency": currency.upper()}

    def format(self, value: Decimal, context: Context) -> str:
        return f"{value:,.2f} {self.currency}"
