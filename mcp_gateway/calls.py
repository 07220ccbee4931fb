"""One tool call, from raw arguments to the members of its result."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
from django.utils.translation import gettext_lazy as _

from accounts import idempotency
from customermates.kernel import sentences
from customermates.kernel.errors import Issue, NotAllowed, ProductError
from customermates.kernel.jsontext import dumps
from mcp_gateway import errors
from mcp_gateway.answers import Content, result_members
from mcp_gateway.arguments import parsed
from mcp_gateway.registry import Tool, require

if TYPE_CHECKING:
    from accounts.actor import Actor
    from mcp_gateway.surface import Surface

logger = logging.getLogger(__name__)

sentences.register({"outside_surface": _("The tool %(tool)s is not among the tools of this connection.")})


def call(actor: Actor, surface: Surface, tool: Tool, raw: Mapping[str, Any]) -> bytes:
    """The members of the CallToolResult of `tool`; whatever goes wrong inside is told in it."""
    arguments: Any = None
    try:
        if not surface.allows(tool):
            raise NotAllowed(Issue("", "outside_surface", {"tool": tool.name, "hint": surface.way_to(tool)}))
        if not tool.may_be_used_by(actor):
            _refuse(actor, tool, raw)
        arguments = parsed(tool.arguments, tool.full_schema, raw)
        require(actor, tool.scope.needed(arguments))
        return result_members(_answer(_with_reason(actor, arguments), tool, arguments, raw))
    except ProductError as error:
        return result_members(errors.failure(error, tool, arguments))
    except Exception:
        logger.exception("tool %s failed", tool.name, extra={"request_id": actor.request_id})
        return result_members(errors.internal(actor.request_id))


def _refuse(actor: Actor, tool: Tool, raw: Mapping[str, Any]) -> None:
    """NotAllowed, naming the scope that this very call lacks; of wrong arguments, those that would do."""
    try:
        needed = list(tool.scope.needed(parsed(tool.arguments, tool.full_schema, raw)))
    except ProductError:
        needed = []
    require(actor, needed)
    lacks = {"scope": " or ".join(tool.scope.possible), "permission": " or ".join(tool.scope.possible)}
    try:
        require(actor, tool.scope.possible[:1])
    except NotAllowed as error:
        raise NotAllowed(*(replace(issue, params=lacks) for issue in error.issues)) from error


def _with_reason(actor: Actor, arguments: Any) -> Actor:
    """The actor carrying the call's own `reason`, which events then record."""
    reason = getattr(arguments, "reason", None)
    return replace(actor, reason=reason) if reason else actor


def _answer(actor: Actor, tool: Tool, arguments: Any, raw: Mapping[str, Any]) -> Mapping[str, Any] | Content:
    """What the tool answers; a write with an `idempotencyKey` happens once and is then replayed."""
    key = getattr(arguments, "idempotency_key", None)
    if key is None:
        return tool.run(actor, arguments)
    if getattr(arguments, "dry_run", False):  # uses up no key, but says what would be wrong with it
        idempotency.check_key(key)
        return tool.run(actor, arguments)

    def produce() -> dict[str, Any]:
        answer = tool.run(actor, arguments)
        if isinstance(answer, Content):
            raise TypeError(f"{tool.name} must answer one object, its idempotent answer is stored as JSON")
        found = orjson.loads(dumps(answer))
        assert isinstance(found, dict)
        return found

    body = {
        "tool": tool.name,
        "arguments": {name: raw[name] for name in sorted(raw) if name != "idempotencyKey"},
    }
    answer, replayed = idempotency.once(actor, key, body, produce)
    return {**answer, "replayed": True} if replayed else answer
