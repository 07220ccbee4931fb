"""Yes or no, one of several options, several of them, and a colleague."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, NoReturn, Self
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rapidfuzz import process

from crm.field_types.field_type import Context, FieldType, Gathered, Json, Order, refuse, refuse_unknown
from crm.field_types.settings import OptionsSetting, Setting, Words
from crm.field_types.text import clean_text
from customermates.kernel.errors import Issue, ValidationFailed
from customermates.kernel.folding import folded
from customermates.kernel.ids import find_uuid, uuid7

PALETTE = ("violet", "blue", "indigo", "teal", "green", "amber", "orange", "rose", "pink", "slate")
# Names of the palette that clients of the reference product send.
REFERENCE_COLORS = {
    "default": "slate",
    "secondary": "indigo",
    "destructive": "rose",
    "success": "green",
    "warning": "amber",
    "info": "blue",
}
OPTIONS_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Option:
    """One choice: what is stored, what people read, how it looks."""

    value: str
    label: str
    color: str = "slate"
    is_default: bool = False


def find_option(options: Sequence[Option], raw: Json) -> Option | None:
    """The option that a value or a label means; a label in any case and accent."""
    if not isinstance(raw, str):
        return None
    identity = find_uuid(raw)
    text, key = (str(identity) if identity else raw), folded(raw.strip())
    return next((o for o in options if o.value == text), None) or next(
        (o for o in options if folded(o.label) == key), None
    )


def required_option(options: Sequence[Option], raw: Json) -> Option:
    """The option that `raw` means; ValidationFailed names all there are."""
    if option := find_option(options, raw):
        return option
    refuse_option([option.label for option in options], raw)


def refuse_option(labels: Sequence[str], raw: Json) -> NoReturn:
    """Refuse `raw`, naming every option and the one that was most likely meant."""
    text = raw[:80] if isinstance(raw, str) else ""
    near = process.extractOne(folded(text), labels, processor=folded, score_cutoff=60) if text else None
    refuse("unknown_choice", value=text, allowed=list(labels), **({"nearest": near[0]} if near else {}))


@dataclass(frozen=True)
class BooleanType(FieldType):
    """Yes or no; indexed as 1 and 0."""

    name: ClassVar[str] = "boolean"
    operators: ClassVar[tuple[str, ...]] = ("equals", "isNull", "isNotNull")
    slots: ClassVar[str] = "n"
    expected: ClassVar[Words] = _("true or false")
    label: ClassVar[Words] = _("Yes or no")
    about: ClassVar[Words] = _("A question with two answers.")
    icon: ClassVar[str] = "toggle-left"

    def parse(self, raw: Json, context: Context) -> bool | None:
        if raw is None or raw == "":
            return None
        if isinstance(raw, bool):
            return raw
        if isinstance(raw, str) and raw.strip().lower() in ("true", "false"):
            return raw.strip().lower() == "true"
        refuse("wrong_type", expected=self.expected, example=True)

    def index_values(self, value: bool) -> tuple[Decimal, ...]:
        return (Decimal(int(value)),)

    def json_schema(self) -> dict[str, Json]:
        return {"type": "boolean"}

    def example(self) -> bool:
        return True


@dataclass(frozen=True)
class ChoiceType(FieldType):
    """One of a field's own fixed values, in their order."""

    name: ClassVar[str] = "choice"
    operators: ClassVar[tuple[str, ...]] = ("equals", "in", "notIn", "isNull", "isNotNull")
    expected: ClassVar[Words] = _("one of the options")
    icon: ClassVar[str] = "tag"

    options: tuple[Option, ...] = ()

    @classmethod
    def of(cls, values: Iterable[str]) -> Self:
        """A choice of plain words."""
        return cls(tuple(Option(value, value) for value in values))

    def parse(self, raw: Json, context: Context) -> Any:
        if raw is None or raw == "":
            return None
        return self.stored(required_option(self.options, raw))

    def stored(self, option: Option) -> Any:
        """What a record keeps of an option."""
        return option.value

    def index_values(self, value: Any) -> tuple[Any, ...]:
        return (value,)

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return Order(slots[0], [self.stored(option) for option in self.options]) if slots else None

    def present(self, value: Any) -> Json:
        return str(value)

    def format(self, value: Any, context: Context) -> str:
        return next((o.label for o in self.options if o.value == str(value)), "")

    def json_schema(self) -> dict[str, Json]:
        return {"type": "string", "enum": [option.label for option in self.options]}

    def example(self) -> str:
        return self.options[0].label if self.options else "…"


@dataclass(frozen=True)
class CodeType(ChoiceType):
    """One of many codes, sorted by the code itself."""

    def parse(self, raw: Json, context: Context) -> Any:
        return super().parse(raw.strip().upper() if isinstance(raw, str) else raw, context)

    def operand(self, raw: Json, operator: str, context: Context) -> Any:
        return super().operand(raw.strip().upper() if isinstance(raw, str) else raw, operator, context)

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return Order(slots[0]) if slots else None


@dataclass(frozen=True)
class SingleSelectType(ChoiceType):
    """One of the options that people defined; stores the option's id."""

    name: ClassVar[str] = "singleSelect"
    label: ClassVar[Words] = _("Single select")
    about: ClassVar[Words] = _("One of several coloured options.")
    settings: ClassVar[tuple[Setting, ...]] = (OptionsSetting(name="options", label=_("Options")),)

    @classmethod
    def from_options(cls, options: Mapping[str, Json]) -> Self:
        rows = sorted(options["options"], key=lambda row: row["index"])
        return cls(tuple(Option(r["value"], r["label"], r["color"], r["isDefault"]) for r in rows))

    @classmethod
    def read_options(cls, raw: Mapping[str, Json], previous: Mapping[str, Json]) -> dict[str, Json]:
        refuse_unknown(raw, allowed=("options",), path="options")
        rows = raw.get("options", previous.get("options"))
        if not isinstance(rows, list) or not 1 <= len(rows) <= OPTIONS_LIMIT:
            refuse("options_wanted", at="options.options", limit=OPTIONS_LIMIT, example=[{"label": "Gold"}])
        known = {row["value"]: row for row in previous.get("options", [])}
        return {"options": _read_rows(rows, known, single=cls.name == "singleSelect")}

    @property
    def default(self) -> Json:
        """What new records get, None when they get nothing."""
        return next((option.value for option in self.options if option.is_default), None)


@dataclass(frozen=True)
class MultiSelectType(SingleSelectType):
    """Any number of the options that people defined."""

    name: ClassVar[str] = "multiSelect"
    operators: ClassVar[tuple[str, ...]] = ("in", "notIn", "hasSome", "hasNone", "isNull", "isNotNull")
    expected: ClassVar[Words] = _("a list of options")
    label: ClassVar[Words] = _("Multi-select")
    about: ClassVar[Words] = _("Any number of coloured options.")
    icon: ClassVar[str] = "tags"
    settings: ClassVar[tuple[Setting, ...]] = (
        OptionsSetting(name="options", label=_("Options"), several_defaults=True),
    )

    @property
    def multiple(self) -> bool:
        return True

    @property
    def default(self) -> list[str] | None:
        return [option.value for option in self.options if option.is_default] or None

    def parse(self, raw: Json, context: Context) -> list[str] | None:
        if raw is None or raw in ("", []):
            return None
        values, gathered = [], Gathered()
        for position, item in enumerate(raw if isinstance(raw, list) else [raw]):
            try:
                values.append(required_option(self.options, item).value)
            except ValidationFailed as error:
                gathered.issues += [issue.below(f"[{position}]") for issue in error.issues]
        gathered.done()
        chosen = set(values)
        return [option.value for option in self.options if option.value in chosen]

    def operand(self, raw: Json, operator: str, context: Context) -> str:
        return required_option(self.options, raw).value

    def index_values(self, value: list[str]) -> tuple[str, ...]:
        return tuple(value)

    def present(self, value: list[str]) -> Json:
        return value

    def format(self, value: list[str], context: Context) -> str:
        return ", ".join(option.label for option in self.options if option.value in value)

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return None

    def json_schema(self) -> dict[str, Json]:
        return {"type": "array", "items": super().json_schema()}

    def example(self) -> list[str]:  # type: ignore[override]  # several of what a single select has one of
        return [self.options[0].label] if self.options else []


def _read_rows(rows: list[Json], known: Mapping[str, Json], *, single: bool) -> list[dict[str, Json]]:
    gathered, labels, result = Gathered(), set[str](), []
    for position, row in enumerate(rows):
        path = f"options.options[{position}]"
        try:
            option = _read_row({"label": row} if isinstance(row, str) else row, known, position)
        except ValidationFailed as error:
            gathered.issues += [issue.below(path) for issue in error.issues]
            continue
        if folded(option["label"]) in labels:
            gathered.issues.append(Issue(f"{path}.label", "duplicate_label", {"label": option["label"]}))
        labels.add(folded(option["label"]))
        result.append(option)
    if single and sum(option["isDefault"] for option in result) > 1:
        gathered.issues.append(Issue("options.options", "one_default"))
    if len({option["value"] for option in result}) < len(result):
        gathered.issues.append(Issue("options.options", "duplicate_option"))
    gathered.done()
    return [
        {**option, "index": index} for index, option in enumerate(sorted(result, key=lambda o: o["index"]))
    ]


def _read_row(row: Json, known: Mapping[str, Json], position: int) -> dict[str, Json]:
    if not isinstance(row, dict):
        refuse("wrong_type", expected="an option", example={"label": "Gold", "color": "amber"})
    refuse_unknown(row, allowed=("value", "label", "color", "isDefault", "index"), path="")
    value = row.get("value")
    if value is not None and str(find_uuid(value)) not in known:
        refuse("unknown_option_value", at="value", allowed=[f"{o['label']} = {v}" for v, o in known.items()])
    before = known.get(str(find_uuid(value)), {}) if value else _same_label(known, row.get("label"))
    label = _read_label(row.get("label", before.get("label")))
    color = row.get("color", before.get("color", PALETTE[position % len(PALETTE)]))
    color = REFERENCE_COLORS.get(color, color) if isinstance(color, str) else color
    if color not in PALETTE:
        refuse("unknown_choice", at="color", allowed=list(PALETTE))
    default, index = row.get("isDefault", before.get("isDefault", False)), row.get("index", position)
    if not isinstance(default, bool):
        refuse("wrong_type", at="isDefault", expected="true or false")
    if type(index) is not int or index < 0:
        refuse("wrong_type", at="index", expected="a whole number from 0")
    return {
        "value": before.get("value") or str(uuid7()),
        "label": label,
        "color": color,
        "isDefault": default,
        "index": index,
    }


def _read_label(raw: Json) -> str:
    try:
        label = clean_text("" if raw is None else raw, max_length=255)
    except ValidationFailed as error:
        raise ValidationFailed(*(issue.below("label") for issue in error.issues)) from error
    if not label:
        refuse("required", at="label")
    return label


def _same_label(known: Mapping[str, Json], label: Json) -> Mapping[str, Json]:
    """The option of before that bears this label: sent without its id, it is still the same option."""
    key = folded(label.strip()) if isinstance(label, str) else None
    return next((option for option in known.values() if folded(option["label"]) == key), {})


@dataclass(frozen=True)
class UserType(FieldType):
    """A user of the company, by id, e-mail address or full name; `me` in filters and forms is the actor."""

    name: ClassVar[str] = "user"
    operators: ClassVar[tuple[str, ...]] = ("equals", "in", "notIn", "isNull", "isNotNull")
    expected: ClassVar[Words] = _("a user's id, e-mail address or full name")
    label: ClassVar[Words] = _("Person")
    about: ClassVar[Words] = _("Somebody of your company.")
    icon: ClassVar[str] = "circle-user"

    def parse(self, raw: Json, context: Context) -> str | None:
        if raw is None or raw == "":
            return None
        return str(find_user(raw, context))

    def order(self, slots: Sequence[str], context: Context) -> Order | None:
        return Order(slots[0], [str(user) for user in context.people.in_name_order()]) if slots else None

    def format(self, value: str, context: Context) -> str:
        return context.people.name(UUID(value))

    def example(self) -> str:
        return "me"


def find_user(raw: Json, context: Context) -> UUID:
    """The user that `raw` means: an id, an e-mail address, a full name that one alone has, or `me`.

    ValidationFailed when there is none, or several have the name.
    """
    if raw == "me" and context.me:
        return context.me
    text = raw if isinstance(raw, str) else str(raw) if isinstance(raw, UUID) else ""
    if text and (user := context.people.find(text)):
        return user
    namesakes = context.people.named(text)
    if len(namesakes) == 1:
        return namesakes[0]
    advice = dict(context.people.advice(text, namesakes))
    if namesakes:
        raise ValidationFailed(Issue("", "ambiguous_user", advice))
    if not advice:
        advice = {"example": "me"}
    advice.setdefault("hint", _("Send me, or a user's id, e-mail address or full name."))
    raise ValidationFailed(Issue("", "unknown_user", advice))
