"""What every field type can do: read, check, store, show, describe and compare its values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, NoReturn, Protocol, Self, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from crm.field_types.settings import Setting, Words
from crm.operators import Index, comparison
from customermates.kernel.errors import Issue, ValidationFailed

T = TypeVar("T")
Json = Any  # what JSON can hold: text, number, boolean, None, list or dict of these


class People(Protocol):
    """The users of the company, as far as values name them."""

    def find(self, reference: str) -> UUID | None: ...

    def named(self, name: str) -> Sequence[UUID]: ...

    def advice(self, text: str, candidates: Sequence[UUID]) -> Mapping[str, object]: ...

    def name(self, user_id: UUID) -> str: ...

    def in_name_order(self) -> Sequence[UUID]: ...


class Home(Protocol):
    """The company's own facts."""

    @property
    def country(self) -> str:
        """The ISO 3166 code that phone numbers without a prefix belong to; "" = none."""
        ...


@dataclass(frozen=True, slots=True)
class Context:
    """What the reading of a value may depend on."""

    now: datetime
    time_zone: ZoneInfo
    home: Home
    people: People
    me: UUID | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """How records are sorted by a field: along an index column, or value after value."""

    attr: str
    phases: Sequence[object] | None = None  # stored values in their order, where it is not the values' own


@dataclass(frozen=True)
class FieldType:
    """One kind of value. Instances carry the options of one field; values are plain Python.

    A type reads JSON and form text alike (`parse`), and None means "no value" everywhere.
    """

    name: ClassVar[str]
    operators: ClassVar[tuple[str, ...]]
    slots: ClassVar[str] = (
        "t"  # index columns of one value: t(ext), n(umber), d(ate and time), dd = two of them
    )
    expected: ClassVar[Words]  # "a text", for "This must be …"
    # How people choose it for a column of theirs; types of own fields only need the icon.
    label: ClassVar[Words] = ""
    about: ClassVar[Words] = ""  # one line
    icon: ClassVar[str] = "text"
    settings: ClassVar[tuple[Setting, ...]] = ()

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        """The type configured as a custom column's stored options say."""
        return cls()

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        """Options as they are stored, from what a caller sent; `previous` are those of before, or empty.

        Raises ValidationFailed with paths below "options".
        """
        refuse_unknown(raw, allowed=(), path="options")
        return {}

    @property
    def multiple(self) -> bool:
        """Whether a record can hold several values, which IndexedValue then indexes."""
        return False

    def parse(self, raw: Json, context: Context) -> Any:
        """The value that `raw` spells, None when it clears; ValidationFailed with paths below the field."""
        raise NotImplementedError

    def dump(self, value: Any) -> Json:
        """`value` as it is stored in JSON."""
        return value

    def load(self, stored: Json) -> Any:
        """The value that `dump` stored."""
        return stored

    def present(self, value: Any) -> Json:
        """`value` as REST, MCP and webhooks give it out."""
        return self.dump(value)

    def format(self, value: Any, context: Context) -> str:
        """`value` as a person reads it."""
        return str(value)

    def json_schema(self) -> dict[str, Json]:
        """A JSON Schema of what `parse` takes."""
        return {"type": "string"}

    def example(self) -> Json:
        """A value that `parse` accepts."""
        raise NotImplementedError

    def index_values(self, value: Any) -> tuple[Any, ...]:
        """What goes into the index: one for each slot, or one for each of several values."""
        return (value,)

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        """How records are sorted by this field, None when they cannot be."""
        return Order(slots[0]) if slots else None

    def operand(self, raw: Json, operator: str, context: Context) -> Any:
        """One value of a filter rule, ready for the index; ValidationFailed when it cannot be one."""
        value = self.parse(raw, context)
        if value is None:
            refuse("empty_operand", hint_operator="isNull")
        return self.index_values(value)[0]

    def operand_example(self, operator: str) -> Json:
        """One value of a filter rule that `operand` accepts."""
        example = self.example()
        return example[0] if isinstance(example, list) else example

    def compare(self, index: Index, operator: str, operand: Any) -> Q:
        """The condition of a rule on records; `operand` is what `operand()` made, or a list."""
        return comparison(operator)(index, operand)


def refuse(code: str, *, at: str = "", **params: object) -> NoReturn:
    """Raise the one issue that a value has."""
    raise ValidationFailed(Issue(at, code, params))


def refuse_unknown(raw: Mapping[str, Json], *, allowed: Sequence[str], path: str) -> None:
    """Refuse names in `raw` that mean nothing here."""
    ValidationFailed.raise_if(
        Issue(
            f"{path}.{name}" if path else name,
            "unknown_option",
            {"allowed": list(allowed)} if allowed else {},
        )
        for name in raw
        if name not in allowed
    )


@dataclass(slots=True)
class Gathered:
    """Issues collected while several values are read, raised at the end all at once."""

    issues: list[Issue] = field(default_factory=list)

    def read(self, read: Callable[[], T], default: Any = None) -> T:
        """What `read` makes, or `default` with its issues noted, so that all are told together."""
        try:
            return read()
        except ValidationFailed as error:
            self.issues += error.issues
            return default  # type: ignore[no-any-return]  # whatever stands in until `done` raises

    def done(self) -> None:
        """Raise what was gathered, if anything was."""
        ValidationFailed.raise_if(self.issues)
