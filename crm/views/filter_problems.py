"""Why a list could not be narrowed or sorted as its address says, in the words of the page.

The query tells programs what to send instead. People see labels where programs have names, and change the
rule in its form.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from crm.catalog import Field
from crm.operators import OPERATORS, Takes
from crm.views.faces import label_of
from crm.views.filter_form import operator_words, rule_words
from crm.views.list_state import ListState, Rule
from customermates.kernel.errors import Issue
from customermates.kernel.sentences import sentence

_OF_RULE = re.compile(r"filters\[(\d+)\]")
# What is said of a value to people and programs alike.
_PLAIN = {
    *("no_number", "ambiguous_number", "other_currency", "number_out_of_range", "too_many_decimals"),
    *("no_such_day", "unknown_choice", "nul_character"),
}
_PLACES = ("page", "cursor")  # where a list goes on


def list_problems(state: ListState, issues: Sequence[Issue]) -> list[str]:
    """A sentence for each thing that is wrong, none of them twice."""
    return list(dict.fromkeys(_problem(state, issue) for issue in issues))


def _problem(state: ListState, issue: Issue) -> str:
    if found := _OF_RULE.match(issue.field):
        return _rule_problem(state, state.rules[int(found[1])], issue)
    if issue.field.startswith("sortDescriptor"):
        return _("The list cannot be sorted like that: choose the heading of a column.")
    if issue.field.startswith(_PLACES):
        return _("The list cannot go on from there: begin with its first page.")
    return sentence(issue)


def _rule_problem(state: ListState, rule: Rule, issue: Issue) -> str:
    field = state.setup.catalog(state.entity).find(rule.field)
    if field is None:
        return _("There is no field “%(field)s” here, or not any more.") % {"field": rule.field}
    if rule.operator not in field.operators:
        return _operator_problem(field, rule)
    said = {"rule": rule_words(state, rule)}
    if not any(value.strip() for value in rule.values):
        return _("The rule “%(rule)s” needs a value.") % said
    if OPERATORS[rule.operator] is Takes.DAYS:
        return _("The rule “%(rule)s” needs a number of days.") % said
    if issue.code == "range_reversed" or (OPERATORS[rule.operator] is Takes.TWO and len(rule.values) != 2):
        return _("The rule “%(rule)s” needs two values, the lower one first.") % said
    if issue.code in _PLAIN:
        return _("The rule “%(rule)s”: %(problem)s") % {**said, "problem": sentence(_without_advice(issue))}
    return _("The rule “%(rule)s” has a value that does not fit.") % said


def _operator_problem(field: Field, rule: Rule) -> str:
    label = label_of(field)
    if not field.operators:
        return _("Lists cannot be filtered by “%(field)s”.") % {"field": label}
    words = [operator_words(field, name) for name in (rule.operator, *field.operators)]
    return _("“%(operator)s” does not work with “%(field)s”. Choose one of: %(known)s.") % {
        "operator": words[0],
        "field": label,
        "known": ", ".join(words[1:]),
    }


def _without_advice(issue: Issue) -> Issue:
    """The issue without what is advice to programs."""
    programs = ("allowed", "nearest", "example", "hint")
    return Issue(issue.field, issue.code, {k: v for k, v in issue.params.items() if k not in programs})
