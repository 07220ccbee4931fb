"""The filter of a list: its rules as chips and as a form with a control for every kind of value."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.catalog import Field
from crm.field_types import BooleanType, ChoiceType, DateTimeType, DateType, NumberType, UserType
from crm.field_types.choices import CodeType, Option
from crm.field_types.dates import RangeType
from crm.operators import OPERATORS, Takes
from crm.views.column_chooser import is_showable
from crm.views.editors import Control, choice_boxes, picker, text_input
from crm.views.faces import label_of, names_of, option_label
from crm.views.list_state import ListState, Rule

# In words; where a kind of value has its own way to say an operator, "kind:operator" comes first.
OPERATOR_WORDS: dict[str, str | Promise] = {
    "equals": gettext_lazy("is"),
    "contains": gettext_lazy("contains"),
    "startsWith": gettext_lazy("starts with"),
    "gt": gettext_lazy("is more than"),
    "gte": gettext_lazy("is at least"),
    "lt": gettext_lazy("is less than"),
    "lte": gettext_lazy("is at most"),
    "between": gettext_lazy("is between"),
    "in": gettext_lazy("is any of"),
    "notIn": gettext_lazy("is none of"),
    "hasSome": gettext_lazy("has any of"),
    "hasNone": gettext_lazy("has none of"),
    "overlaps": gettext_lazy("overlaps"),
    "inLastDays": gettext_lazy("is in the last days"),
    "inNextDays": gettext_lazy("is in the next days"),
    "isNull": gettext_lazy("is empty"),
    "isNotNull": gettext_lazy("is not empty"),
    "time:equals": gettext_lazy("is on"),
    "time:gt": gettext_lazy("is after"),
    "time:gte": gettext_lazy("is on or after"),
    "time:lt": gettext_lazy("is before"),
    "time:lte": gettext_lazy("is on or before"),
    "range:contains": gettext_lazy("includes"),
    "range:gt": gettext_lazy("starts after"),
    "range:gte": gettext_lazy("starts on or after"),
    "range:lt": gettext_lazy("ends before"),
    "range:lte": gettext_lazy("ends on or before"),
    "range:between": gettext_lazy("lies between"),
}
LEADING = {"text": "contains", "options": "in", "relation": "hasSome", "time": "gte"}  # asked for most


class Chip(NamedTuple):
    """A rule in words, and the address without it."""

    text: str
    url: str


class RuleForm(NamedTuple):
    """One rule as it is edited."""

    number: int
    field: Field
    label: str
    operator: str
    operators: Sequence[tuple[str, str]]
    control: SafeString


def rule_chips(state: ListState) -> list[Chip]:
    """The rules that narrow the list, in words."""
    return [Chip(rule_words(state, rule), state.without_rule(rule)) for rule in state.rules]


def rule_words(state: ListState, rule: Rule) -> str:
    """A rule as people say it: "Stage is any of Won, Lost"."""
    field = state.setup.catalog(state.entity).find(rule.field)
    if field is None:
        return f"{rule.field} {rule.operator}"
    values = ", ".join(_value_words(state, field, rule.values))
    return " ".join(filter(None, (label_of(field), operator_words(field, rule.operator), values)))


def filter_context(state: ListState) -> dict[str, Any]:
    """What the filter form needs: the rules there are, the one being added, and the fields to add."""
    catalog = state.setup.catalog(state.entity)
    rules = list(state.rules)
    added = catalog.find(state.params.get("add", ""))
    if added and added.operators:
        number = max((rule.number for rule in rules), default=0) + 1
        rules.append(Rule(number, added.name, leading_operator(added), ()))
    fields = [f for f in catalog.fields.values() if f.operators and (is_showable(f) or f.name == "name")]
    return {
        "rules": [_rule_form(state, field, rule) for rule in rules if (field := catalog.find(rule.field))],
        "addable": [(field.name, label_of(field)) for field in fields],
        "carried": state.hidden("add", *(f"{part}{rule.number}" for rule in rules for part in "fov")),
    }


def leading_operator(field: Field) -> str:
    """The operator that a new rule of `field` starts with."""
    wanted = LEADING.get(_family(field), field.operators[0])
    return wanted if wanted in field.operators else field.operators[0]


def operator_words(field: Field, operator: str) -> str:
    """An operator as people say it of this kind of field."""
    return str(OPERATOR_WORDS.get(f"{_family(field)}:{operator}") or OPERATOR_WORDS.get(operator, operator))


def _family(field: Field) -> str:
    if field.relation:
        return "relation"
    match field.type:
        case RangeType():
            return "range"
        case DateType() | DateTimeType():
            return "time"
        case NumberType() | BooleanType():
            return "number"
        case CodeType():
            return "code"
        case ChoiceType() | UserType():
            return "options"
    return "text"


def _rule_form(state: ListState, field: Field, rule: Rule) -> RuleForm:
    operator = rule.operator if rule.operator in field.operators else leading_operator(field)
    control = Control(state.look, state.entity, name=f"v{rule.number}", label=label_of(field))
    return RuleForm(
        rule.number,
        field,
        label_of(field),
        operator,
        [(name, operator_words(field, name)) for name in field.operators],
        _rule_control(state, field, operator, rule.values, control),
    )


def _rule_control(
    state: ListState, field: Field, operator: str, values: Sequence[str], control: Control
) -> SafeString:
    """The control for the operand or operands of a rule."""
    takes = OPERATORS[operator]
    if takes is Takes.NOTHING:
        return SafeString("")
    if field.relation:
        chosen = list(zip(values, _value_words(state, field, values), strict=True))
        return picker(control, relation=field.relation.ids_name, chosen=chosen)
    if takes is Takes.DAYS:
        return text_input(control, values[0] if values else "7", type="number", min="0", max="36500")
    options = _options(state, field)
    if options and takes in (Takes.MANY, Takes.MAYBE_MANY):
        return choice_boxes(control, options, values)
    if options:
        return choice_boxes(control, options, values, single=True)
    type = "date" if _family(field) in ("time", "range") and all(_is_date(v) for v in values) else "text"
    if takes is Takes.TWO or operator == "overlaps":
        ends = [*values, "", ""][:2]
        return _joined(text_input(control, value, type=type) for value in ends)
    if takes is Takes.MANY:
        return _joined(text_input(control, value, type=type) for value in [*values, ""])
    return text_input(control, values[0] if values else "", type=type)


def _joined(controls: Iterable[SafeString]) -> SafeString:
    return format_html_join("", "{}", ((control,) for control in controls))


def _options(state: ListState, field: Field) -> list[tuple[str, str, str]]:
    """(value, words, colour) of all that a choice or a person can be; [] for any other kind."""
    if isinstance(field.type, BooleanType):
        return [("true", _("Yes"), "green"), ("false", _("No"), "slate")]
    if isinstance(field.type, UserType):
        people = state.setup.people
        return [(str(pk), people.name(pk), "slate") for pk in people.in_name_order()]
    if isinstance(field.type, ChoiceType) and not isinstance(field.type, CodeType):
        return [(option.value, option_label(option), option.color) for option in field.type.options]
    return []


def _value_words(state: ListState, field: Field, values: Sequence[str]) -> list[str]:
    """Operands as people read them: labels and names for ids."""
    if field.relation:
        names = names_of(state.look, field.relation.target, values)
        return [names.get(value, value) for value in values]
    words = {value: label for value, label, _ in _options(state, field)}
    options: Sequence[Option] = getattr(field.type, "options", ())
    words |= {option.label: option_label(option) for option in options}
    return [words.get(value, value) for value in values if value]


def _is_date(value: str) -> bool:
    return not value or (len(value) == 10 and value[4] == value[7] == "-")
