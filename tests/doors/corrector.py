"""A caller that mends a wrong call by rule, seeing nothing but the error's structured issues.

It knows no tool, no schema and no record: a path is walked, and what `nearest`, `example`, `limit` or
`allowed` offers is put there. Where the hint is another call, that call is made and gives an id. What
nothing is offered for is taken away, a record that cannot be named together with its row.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from typing import Any

_STEP = re.compile(r"\[(\d+)\]|([^.\[\]]+)")
_CALL = re.compile(r"(\w+) (\{.*?\})")
_VALUE_IS_A_NAME = ("field", "columnId")
_UNKNOWN_NAMES = ("unknown_column", "unknown_argument", "unknown_field", "unknown_option")
_MISSING: Any = object()


Ask = Callable[[str, dict[str, Any]], str]  # a tool and its arguments → the first id of its answer


def mended(arguments: Mapping[str, Any], issues: Sequence[Mapping[str, Any]], ask: Ask) -> dict[str, Any]:
    """The arguments with every issue followed, the last one first so that positions stay what they were."""
    fixed = deepcopy(dict(arguments))
    for issue in sorted(issues, key=lambda issue: _order(issue["path"]), reverse=True):
        if found := _CALL.match(issue.get("hint", "")):
            issue = {**issue, "nearest": ask(found[1], json.loads(found[2]))}
        _follow(fixed, issue)
    return fixed


def _order(path: str) -> list[tuple[bool, int, str]]:
    return [(isinstance(s, int), s if isinstance(s, int) else 0, str(s)) for s in _steps(path)]


def _steps(path: str) -> list[str | int]:
    return [int(number) if number else name for number, name in _STEP.findall(path)]


def _follow(arguments: dict[str, Any], issue: Mapping[str, Any]) -> None:
    steps = _steps(issue["path"])
    if not steps:
        _take_form(arguments, issue)
        return
    parent = _at(arguments, steps[:-1])
    if parent is _MISSING or not isinstance(parent, dict | list):
        return
    last = steps[-1]
    given = _at(parent, [last])
    if (
        isinstance(parent, dict)
        and isinstance(last, str)
        and given is not _MISSING
        and _names_itself(issue, last)
    ):
        value = parent.pop(last)
        if nearest := issue.get("nearest"):
            parent.setdefault(nearest, value)
        return
    offered = _offered(issue, given)
    if offered is not _MISSING and (isinstance(parent, dict) or last < len(parent)):  # type: ignore[operator]
        parent[last] = offered  # type: ignore[index]
    elif given is not _MISSING:
        _take_away(arguments, steps)


def _take_away(arguments: dict[str, Any], steps: list[str | int]) -> None:
    """What the path leads to is gone; without its id, so is the whole row."""
    if str(steps[-1]).lower().endswith("id") and len(steps) > 1 and isinstance(steps[-2], int):
        steps = steps[:-1]
    parent = _at(arguments, steps[:-1])
    del parent[steps[-1]]


def _names_itself(issue: Mapping[str, Any], name: str) -> bool:
    """Whether what is wrong is the name at the end of the path, and not the value behind it."""
    return issue["code"] in _UNKNOWN_NAMES and name not in _VALUE_IS_A_NAME


def _offered(issue: Mapping[str, Any], given: Any) -> Any:
    limit = issue.get("limit")
    if isinstance(limit, int) and isinstance(given, str | list) and len(given) > limit:
        return given[:limit]
    for name in ("nearest", "example"):
        if name in issue:
            return issue[name]
    return issue["allowed"][0] if issue.get("allowed") else _MISSING


def _take_form(arguments: dict[str, Any], issue: Mapping[str, Any]) -> None:
    """The example of a whole call: its names decide what stays, its values fill what is missing."""
    if isinstance(example := issue.get("example"), dict):
        kept = {name: arguments.get(name, value) for name, value in example.items()}
        arguments.clear()
        arguments.update(kept)


def _at(value: Any, steps: Sequence[str | int]) -> Any:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value
