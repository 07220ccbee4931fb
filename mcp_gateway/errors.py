"""Results for calls that went wrong: text a model can act on, and the same issues as data.

A tool's failure is a result with `isError` (MCP 2026-07-28, server/tools "Error handling"), so the
model sees it and can mend its arguments; JSON-RPC errors are for protocol faults only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from customermates.kernel.errors import Issue, NotAllowed, ProductError, RateLimited
from customermates.kernel.sentences import corrections, sentence
from mcp_gateway.answers import DEFAULT_BUDGET, Content, first_that_fit, shortened
from mcp_gateway.arguments import BadArguments
from mcp_gateway.registry import Tool
from mcp_gateway.schema import property_names, schema_at
from mcp_gateway.ways_on import with_way_on

_PATH = 320  # characters; a name of the caller's own can be as long as the whole body
_TOLD_AT_MOST = 100  # issues; a batch of 100 rows with one fault each is told in full
_ALLOWED_AT_MOST = 40  # values of one list, as in sentences
_ROOM = DEFAULT_BUDGET - 200  # tokens for issues, beside the advice

_WHAT_NOW = {
    "validation": "Fix the arguments and call again.",
    "not_found": "Use ids of records that exist; filter_entity finds them.",
    "not_allowed": "An admin changes roles; `customermates key create --email … --name … --preset …` makes "
    "a key with other scopes.",
    "outside_surface": "No role is in the way: the key offers some groups of tools, and others lack.",
    "conflict": "Read the current state, then decide whether to call again.",
    "rate_limited": "Wait, then call again.",
}


def failure(error: ProductError, tool: Tool, arguments: Any) -> Content:
    """The result that tells `error`: `Validation error:` and one line per issue."""
    known: set[object] = set()
    told = [
        _told(issue, error, tool, arguments, known)
        for issue in map(with_way_on, error.issues[:_TOLD_AT_MOST])
    ]
    told = told[: first_that_fit(told, _ROOM)] or [shortened(issue, _ROOM) for issue in told[:1]]
    lines = [f"- {issue['path'] or 'request'}: {issue['message']}" for issue in told]
    kind = "outside_surface" if error.issues[0].code == "outside_surface" else error.code
    advice = _WHAT_NOW.get(kind, _WHAT_NOW["validation"])
    left_out = len(error.issues) - len(told)
    if left_out > 0:
        lines.append(f"- and {left_out} more issues")
    text = "\n".join(["Validation error:", *lines, advice])
    body: dict[str, Any] = {
        "code": error.code,
        "message": f"Validation error: {len(error.issues)} issue(s). {advice}",
        "issues": told,
    }
    if left_out > 0:
        body["issuesLeftOut"] = left_out
    if isinstance(error, RateLimited):
        body["retryAfterSeconds"] = error.retry_after_seconds
    return Content.failed(text, {"error": body})


def internal(reference: str) -> Content:
    """The result for an unexpected exception: a reference for the log, and nothing else."""
    text = f"Error: internal error, reference {reference}"
    return Content.failed(
        text, {"error": {"code": "internal", "message": text, "reference": reference, "issues": []}}
    )


def _told(
    issue: Issue, error: ProductError, tool: Tool, arguments: Any, known: set[object]
) -> dict[str, Any]:
    """One issue as data. Allowed values that an issue of another row told already are `known`."""
    path = _path(issue, error, tool, arguments)[:_PATH]
    allowed = list(cast("Iterable[object]", issue.params.get("allowed") or ()))
    lesson = (issue.code, _POSITION.sub("[]", path), tuple(map(str, allowed)))
    if allowed and lesson in known:
        issue = replace(issue, params={**issue.params, "allowed": None})
    known.add(lesson)
    told: dict[str, Any] = {"path": path, "code": issue.code, "message": sentence(issue)}
    if (rows := tool.row_argument(arguments)) and path.startswith(f"{rows}["):
        told["row"] = issue.row
    told |= corrections(issue)
    if len(told.get("allowed", ())) > _ALLOWED_AT_MOST:
        told["allowed"] = allowed[:_ALLOWED_AT_MOST]
        told["allowedLeftOut"] = len(allowed) - _ALLOWED_AT_MOST
    return told


_POSITION = re.compile(r"\[\d+\]")


def _path(issue: Issue, error: ProductError, tool: Tool, arguments: Any) -> str:
    """The issue's path from the top of the call; services tell it from the top of the row."""
    rows = tool.row_argument(arguments)
    if rows is None or isinstance(error, BadArguments | NotAllowed | RateLimited):
        return issue.field
    if _is_top_level(issue.field, tool.full_schema, rows):
        return issue.field
    return issue.below(f"{rows}[{issue.row}]").field


def _is_top_level(path: str, schema: Mapping[str, Any], rows: str) -> bool:
    head = path.split(".", 1)[0].split("[", 1)[0]
    own = property_names(schema_at(schema, (rows, 0)))
    return head in property_names(schema) and head not in own
