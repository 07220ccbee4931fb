"""Other words for operators, so that whoever guesses one is led to the operator that means the same."""

from __future__ import annotations

from collections.abc import Sequence

from customermates.kernel.nearest import nearest

# What means the same, best first: a field has some of them. Words are without case, spaces and marks.
_MEANINGS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("equals equal eq is = ==", ("equals", "in", "hasSome")),
    ("notequals notequal doesnotequal isnot not ne neq != <> notin nin noneof", ("notIn", "hasNone")),
    ("contains like ilike includes has containsany anyof oneof hasany", ("contains", "hasSome", "in")),
    ("containsnot notcontains doesnotcontain hasno hasnone excludes", ("hasNone", "notIn")),
    ("beginswith startswith prefix", ("startsWith",)),
    ("gt greaterthan after > more morethan", ("gt",)),
    ("gte ge atleast since onorafter >= greaterthanorequal greaterthanorequals", ("gte",)),
    ("lt lessthan before < less", ("lt",)),
    ("lte le atmost until onorbefore <= lessthanorequal lessthanorequals", ("lte",)),
    ("range within inrange", ("between",)),
    ("isnull null isempty empty notexists isnone hasnovalue unset", ("isNull", "hasNone")),
    ("isnotnull notnull isnotempty notempty exists isset hasvalue", ("isNotNull", "hasSome")),
    ("in isin", ("in", "hasSome")),
    ("lastdays inlast inpastdays pastdays", ("inLastDays",)),
    ("nextdays innext incomingdays", ("inNextDays",)),
)
_MEANT = {word: operators for words, operators in _MEANINGS for word in words.split()}
_NEGATIONS = ("not", "none", "no", "without", "exclude", "!", "<>", "ne")
_NEGATIVE = frozenset({"notIn", "hasNone", "isNotNull"})
_WITHOUT_VALUE = {"isNull": "hasNone", "isNotNull": "hasSome"}


def meant(text: str, operators: Sequence[str]) -> str | None:
    """The one of `operators` that whoever wrote `text` meant, None rather than one that says the opposite."""
    word = "".join(text.lower().split()).replace("_", "").replace("-", "")
    known = _MEANT.get(word.removeprefix("$"))
    if known:
        return next((operator for operator in known if operator in operators), None)
    is_negative = word.startswith(_NEGATIONS) or "not" in word
    return nearest(text, [name for name in operators if (name in _NEGATIVE) == is_negative])


def asks_for_no_value(text: str, operator: str) -> bool:
    """Whether `text` asks whether there is any value, which `operator` answers when it gets no value."""
    known = _MEANT.get("".join(text.lower().split()).replace("_", "").removeprefix("$"), ())
    return any(_WITHOUT_VALUE.get(name) == operator for name in known)
