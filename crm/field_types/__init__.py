"""The types of fields: the fourteen that custom columns offer, and what own fields add to them."""

from crm.field_types.addresses import EmailType, LinkType, PhoneType
from crm.field_types.choices import (
    BooleanType,
    ChoiceType,
    CodeType,
    MultiSelectType,
    SingleSelectType,
    UserType,
)
from crm.field_types.dates import DateRangeType, DateTimeRangeType, DateTimeType, DateType
from crm.field_types.field_type import Context, FieldType, Json, Order, People
from crm.field_types.numbers import CurrencyType, NumberType
from crm.field_types.text import NotesType, PlainType

CUSTOM_TYPES: dict[str, type[FieldType]] = {
    kind.name: kind
    for kind in (
        PlainType,
        NumberType,
        CurrencyType,
        BooleanType,
        DateType,
        DateTimeType,
        DateRangeType,
        DateTimeRangeType,
        SingleSelectType,
        MultiSelectType,
        UserType,
        EmailType,
        PhoneType,
        LinkType,
    )
}

__all__ = [
    "CUSTOM_TYPES",
    "BooleanType",
    "ChoiceType",
    "CodeType",
    "Context",
    "CurrencyType",
    "DateRangeType",
    "DateTimeRangeType",
    "DateTimeType",
    "DateType",
    "EmailType",
    "FieldType",
    "Json",
    "LinkType",
    "MultiSelectType",
    "NotesType",
    "NumberType",
    "Order",
    "People",
    "PhoneType",
    "PlainType",
    "SingleSelectType",
    "UserType",
]
