"""The tools: each declared once with `@tool`, listed in one fixed order, callable by old names too."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast

from customermates.kernel.nearest import nearest
from mcp_gateway import protocol
from mcp_gateway.arguments import Arguments
from mcp_gateway.schema import full_schema, slim_schema
from mcp_gateway.toolsets import TOOLSETS

if TYPE_CHECKING:
    from accounts.actor import Actor
    from accounts.permissions import Verb
    from mcp_gateway.answers import Content

A = TypeVar("A", bound=Arguments)
Run = Callable[["Actor", A], "Mapping[str, Any] | Content"]


_RANK = {toolset.name: rank for rank, toolset in enumerate(TOOLSETS)}


@dataclass(frozen=True, slots=True)
class ScopeRule:
    """The scopes a tool can need (`resource:verb`), and those that one call does need.

    The tool is listed for a key that has at least one of `possible`; a call needs all of
    `needed(arguments)`.
    """

    possible: tuple[str, ...]
    needed: Callable[[Any], Iterable[str]]


def always(*scopes: str) -> ScopeRule:
    """A rule that needs all of `scopes` for every call; without any, every key may call."""
    return ScopeRule(scopes[:1], lambda _arguments: scopes)


def one_of(possible: Iterable[str], needed: Callable[[Any], Iterable[str]]) -> ScopeRule:
    """A rule where the arguments decide, e.g. `entity` names the resource."""
    return ScopeRule(tuple(possible), needed)


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: what is listed of it, what it needs, and the function behind it.

    `rows` names the list argument whose positions the services' row numbers count, so that an
    issue of row 3 is told as `contacts[3].…`; a function picks it when the call decides.
    `client_capability` is what a modern client must declare before it may call.
    """

    name: str
    toolset: str
    scope: ScopeRule
    arguments: type[Arguments]
    run: Callable[[Actor, Any], Mapping[str, Any] | Content]
    description: str
    annotations: Mapping[str, Any]
    schema: Mapping[str, Any]
    full_schema: Mapping[str, Any]
    rows: str | Callable[[Any], str | None] | None = None
    output_schema: Mapping[str, Any] | None = None
    mirrors_arguments: bool = False
    client_capability: str | None = None

    @property
    def read_only(self) -> bool:
        """True when no call can change anything."""
        return bool(self.annotations["readOnlyHint"])

    def row_argument(self, arguments: Any) -> str | None:
        """The list argument that row numbers count in this call, or None."""
        if callable(self.rows):
            return self.rows(arguments) if arguments is not None else None
        return self.rows

    def may_be_used_by(self, actor: Actor) -> bool:
        """True when at least one call of this tool can be allowed to `actor`."""
        return not self.scope.possible or any(actor.can(*_parts(scope)) for scope in self.scope.possible)

    def is_listed_for(self, granted: frozenset[str]) -> bool:
        """True when a key that is granted these scopes sees this tool."""
        return not self.scope.possible or not granted.isdisjoint(self.scope.possible)

    def listing(self) -> dict[str, Any]:
        """The tool as `tools/list` shows it."""
        entry: dict[str, Any] = {
            "name": self.name,
            "description": self.description,
            "inputSchema": self.schema,
        }
        if self.output_schema is not None:
            entry["outputSchema"] = self.output_schema
        return {**entry, "annotations": self.annotations}


def _parts(scope: str) -> tuple[Verb, str]:
    resource, verb = scope.split(":")
    return cast("Verb", verb), resource


def require(actor: Actor, scopes: Iterable[str]) -> None:
    """NotAllowed, naming the first scope of `scopes` that is missing, unless all are there."""
    for scope in scopes:
        actor.require(*_parts(scope))


@dataclass(frozen=True, slots=True)
class Alias:
    """An old name of a tool; `translate` turns the old arguments into today's."""

    name: str
    tool: str
    translate: Callable[[dict[str, Any]], dict[str, Any]] = field(default=dict)


class ToolRegistry:
    """All tools and their old names."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool] = {}
        self._aliases: dict[str, Alias] = {}
        self._ordered: tuple[Tool, ...] = ()
        self._scopes: dict[str, tuple[Verb, str]] = {}
        self.generation = 0  # counts changes, so that cached listings know their age

    def add(self, tool: Tool) -> Tool:
        """Make `tool` callable and listed; a name can be taken only once."""
        if tool.name in self._tools or tool.name in self._aliases:
            raise ValueError(f"tool {tool.name!r} is registered already")
        if tool.toolset not in _RANK:
            raise ValueError(f"{tool.name}: there is no toolset {tool.toolset!r}")
        self._tools[tool.name] = tool
        self._changed()
        return tool

    def add_alias(self, alias: Alias) -> Alias:
        """Keep an old name callable, unlisted."""
        if alias.name in self._tools or alias.name in self._aliases:
            raise ValueError(f"tool {alias.name!r} is registered already")
        if alias.tool not in self._tools:
            raise ValueError(f"alias {alias.name!r} points to {alias.tool!r}, which is no tool")
        self._aliases[alias.name] = alias
        return alias

    def remove(self, name: str) -> None:
        """Take a tool or alias out again; only tests need this."""
        self._tools.pop(name, None)
        self._aliases.pop(name, None)
        self._changed()

    def _changed(self) -> None:
        self._ordered = tuple(sorted(self._tools.values(), key=lambda tool: _RANK[tool.toolset]))
        self._scopes = {scope: _parts(scope) for tool in self._ordered for scope in tool.scope.possible}
        self.generation += 1

    def tools(self) -> tuple[Tool, ...]:
        """Every tool in listing order: by toolset, then as declared."""
        return self._ordered

    def scopes(self) -> Mapping[str, tuple[Verb, str]]:
        """Every scope that decides about a listing, with its verb and resource."""
        return self._scopes

    def aliases(self) -> tuple[Alias, ...]:
        """Every old name."""
        return tuple(self._aliases.values())

    def find(self, name: str, arguments: dict[str, Any]) -> tuple[Tool, dict[str, Any]] | None:
        """The tool of this name, old or new, and the arguments in today's form; None when unknown."""
        if tool := self._tools.get(name):
            return tool, arguments
        if alias := self._aliases.get(name):
            return self._tools[alias.tool], alias.translate(dict(arguments))
        return None

    def read_only(self, name: object) -> bool:
        """True when calling `name` cannot change anything (unknown names included)."""
        found = self.find(name, {}) if isinstance(name, str) and name in self else None
        return found is None or found[0].read_only

    def nearest(self, name: str) -> list[str]:
        """Up to three listed names a caller who wrote `name` may have meant, best first."""
        left = [tool.name for tool in self.tools()]
        found: list[str] = []
        while len(found) < 3 and (near := nearest(name, left)):
            found.append(near)
            left.remove(near)
        return found

    def __contains__(self, name: object) -> bool:
        return name in self._tools or name in self._aliases


TOOLS = ToolRegistry()


def tool(
    *,
    name: str,
    toolset: str,
    scope: str | ScopeRule | None,
    arguments: type[A],
    read_only: bool,
    destructive: bool = False,
    idempotent: bool = False,
    rows: str | Callable[[A], str | None] | None = None,
    output_schema: Mapping[str, Any] | None = None,
    client_capability: str | None = None,
    registry: ToolRegistry = TOOLS,
) -> Callable[[Run[A]], Run[A]]:
    """Register the decorated `(actor, arguments) -> dict`; its docstring is what the agent reads."""

    def declare(run: Run[A]) -> Run[A]:
        whole = full_schema(arguments)
        listed = _listed(whole)
        rule = scope if isinstance(scope, ScopeRule) else always(*([scope] if scope else []))
        registry.add(
            Tool(
                name=name,
                toolset=toolset,
                scope=rule,
                arguments=arguments,
                run=run,
                description=_one_paragraph(run),
                annotations=_hints(read_only, destructive, idempotent or read_only),
                schema=listed,
                full_schema=whole,
                rows=rows,
                output_schema=output_schema,
                mirrors_arguments=protocol.mirrors_arguments(listed),
                client_capability=client_capability,
            )
        )
        return run

    return declare


def _hints(read_only: bool, destructive: bool, idempotent: bool) -> dict[str, bool]:
    return {
        "readOnlyHint": read_only,
        "destructiveHint": destructive,
        "idempotentHint": idempotent,
        "openWorldHint": False,
    }


def _one_paragraph(run: Callable[..., Any]) -> str:
    text = " ".join((inspect.getdoc(run) or "").split())
    if not text:
        raise ValueError(f"{run.__name__} needs a docstring: it is the description agents read")
    return text


def _listed(whole: Mapping[str, Any]) -> dict[str, Any]:
    listed = slim_schema(whole)
    listed.pop("description", None)  # the model's own docstring is for us, not for agents
    listed.setdefault("properties", {})
    listed["additionalProperties"] = False
    return listed
