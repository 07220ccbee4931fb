"""The configuration of an entity within the budget of an answer: options first, fields never in silence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from mcp_gateway.answers import DEFAULT_BUDGET, first_that_fit, tokens_of

_LABELS = 30  # of one column's options
_NOTE = (
    f"Shortened to keep to {DEFAULT_BUDGET} tokens. Where moreOptions is told, labels that are not shown can "
    "be used as well: a wrong one is answered with the nearest."
)
_GROUPED = (
    " filterableFields is grouped by operators; fields of a group with sortable: true are sortableFields too."
)
_LEFT_OUT = " Columns left out are told by key in filterableFields; customFields and filters take that key."

Answer = dict[str, Any]


def within_budget(whole: Mapping[str, Any]) -> Answer:
    """`whole` with as little shortened as the budget allows, from what can be asked again to what cannot."""
    answer = dict(whole)
    for shorten in _STEPS:
        if tokens_of(answer) <= DEFAULT_BUDGET:
            return answer
        answer = shorten(answer)
    return answer


def _with_labels(answer: Answer, *, longer_than: int, kept: int) -> Answer:
    """Options of selects as their first labels and the number of the others."""
    columns = [_labelled(column, longer_than, kept) for column in answer["customColumns"]]
    return {**answer, "customColumns": columns, "note": _NOTE}


def _fewer_choices(answer: Answer, *, kept: int) -> Answer:
    """The first options of own fields, and the number of the others."""
    fields = []
    for field in answer.get("writableFields", ()):
        options = field.get("options", ())
        more = {"options": options[:kept], "moreOptions": len(options) - kept}
        fields.append({**field, **more} if len(options) > kept else field)
    return {**answer, "writableFields": fields, "note": _NOTE}


def _labelled(column: Mapping[str, Any], longer_than: int, kept: int) -> Answer:
    options = column["options"]
    if "labels" in options:  # shortened before
        labels, more = options["labels"], options.get("moreOptions", 0)
    elif rows := options.get("options"):
        labels, more = [row["label"] for row in sorted(rows, key=lambda row: row["index"])], 0
    else:
        return dict(column)
    if len(labels) <= longer_than:
        return dict(column)
    more += max(0, len(labels) - kept)
    shown = {"labels": labels[:kept], **({"moreOptions": more} if more else {})}
    return {**column, "options": shown}


def _grouped(answer: Answer) -> Answer:
    """Fields with the same operators told together."""
    sortable = {field["field"] for field in answer["sortableFields"]}
    groups: dict[tuple[tuple[str, ...], bool, tuple[str, ...]], list[str]] = {}
    for field in answer["filterableFields"]:
        name = field["field"]
        alike = (tuple(field["operators"]), name in sortable, tuple(field.get("options", ())))
        groups.setdefault(alike, []).append(name)
        sortable.discard(name)
    told = [
        {"operators": list(operators), "sortable": can_sort, "fields": names}
        | ({"options": list(options)} if options else {})
        for (operators, can_sort, options), names in groups.items()
    ]
    # What can be sorted by but not filtered is left in its own list.
    return {
        **answer,
        "filterableFields": told,
        "sortableFields": [field for field in answer["sortableFields"] if field["field"] in sortable],
        "note": answer["note"] + _GROUPED,
    }


def _bare(answer: Answer) -> Answer:
    """Custom columns without descriptions and what every type has."""
    columns = []
    for column in answer["customColumns"]:
        bare = {name: column[name] for name in ("id", "key", "label", "type")}
        more = column["options"].get("moreOptions") if isinstance(column["options"], dict) else None
        required = {"required": True} if column["required"] else {}
        columns.append(bare | required | ({"moreOptions": more} if more else {}))
    return {**answer, "customColumns": columns}


def _with_fewer_columns(answer: Answer) -> Answer:
    """The first custom columns; filterableFields still names every one."""
    columns = answer["customColumns"]
    rest = {**answer, "customColumns": [], "customColumnsLeftOut": len(columns)}
    rest["note"] = answer["note"] + _LEFT_OUT
    kept = first_that_fit(columns, DEFAULT_BUDGET - tokens_of(rest))
    return {**rest, "customColumns": columns[:kept], "customColumnsLeftOut": len(columns) - kept}


_STEPS: tuple[Callable[[Answer], Answer], ...] = (
    partial(_fewer_choices, kept=_LABELS),
    partial(_with_labels, longer_than=_LABELS, kept=_LABELS),
    partial(_with_labels, longer_than=0, kept=_LABELS),
    _grouped,
    partial(_with_labels, longer_than=5, kept=5),
    partial(_with_labels, longer_than=0, kept=0),
    partial(_fewer_choices, kept=5),
    _bare,
    _with_fewer_columns,
)
