"""The methods of the protocol: from a read message to the bytes of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from customermates.kernel.jsonin import parsed_json
from customermates.kernel.jsontext import dumps
from customermates.kernel.nearest import nearest
from customermates.kernel.release import product_version
from mcp_gateway import protocol, resources
from mcp_gateway.answers import cleaned
from mcp_gateway.calls import call
from mcp_gateway.instructions import INSTRUCTIONS
from mcp_gateway.paging import page_of
from mcp_gateway.protocol import Era, Fault, Message
from mcp_gateway.registry import TOOLS, ToolRegistry
from mcp_gateway.surface import Surface

if TYPE_CHECKING:
    from accounts.actor import Actor


@dataclass(frozen=True, slots=True)
class Call:
    """A checked request on its way to its method."""

    actor: Actor
    surface: Surface
    message: Message
    params: Mapping[str, Any]
    headers: Mapping[str, str]


# A method answers the members of its result without the braces; the envelope adds the era's own.
Method = Callable[[Call], bytes]

_LIST_TTL_MS = 300_000  # a key's rights rarely change; five minutes is how long a change may stay unseen
_DISCOVER_TTL_MS = 3_600_000
_READ_TTL_MS = 0  # records change at any moment

_TTL_MS: Mapping[str, int] = {
    "server/discover": _DISCOVER_TTL_MS,
    "tools/list": _LIST_TTL_MS,
    "prompts/list": _LIST_TTL_MS,
    "resources/list": _LIST_TTL_MS,
    "resources/templates/list": _LIST_TTL_MS,
    "resources/read": _READ_TTL_MS,
}


def answer(call_: Call) -> bytes:
    """The JSON-RPC answer to a checked request; Fault for what the protocol calls an error."""
    members = METHODS[call_.message.method](call_)
    tail = _modern_members(call_.message.method) if call_.message.era is Era.MODERN else b""
    result = b",".join(part for part in (members, tail) if part)
    return b'{"jsonrpc":"2.0","id":' + dumps(call_.message.id) + b',"result":{' + result + b"}}"


def fault_answer(message: Message, fault: Fault) -> bytes:
    """The JSON-RPC error for `fault`."""
    error: dict[str, Any] = {"code": fault.code, "message": fault.message}
    if fault.data is not None:
        error["data"] = fault.data
    return cleaned(dumps({"jsonrpc": "2.0", "id": message.id, "error": error}))


@cache
def server_info() -> Mapping[str, str]:
    """Who answers: name, title and version of this product."""
    return {"name": "customermates", "title": "Customermates", "version": product_version()}


@cache
def _modern_members(method: str) -> bytes:
    # 2026-07-28: `resultType` is required, the server SHOULD name itself in `_meta`, and lists carry
    # caching hints. Ours are private throughout: every list depends on the key.
    meta = {protocol.SERVER_INFO_META_KEY: server_info()}
    members: dict[str, Any] = {"resultType": "complete", "_meta": meta}
    if method in _TTL_MS:
        members |= {"ttlMs": _TTL_MS[method], "cacheScope": "private"}
    return _members(members)


def _members(value: Mapping[str, Any]) -> bytes:
    return dumps(value)[1:-1]


_CAPABILITIES: Mapping[str, Mapping[str, object]] = {
    "tools": {},
    "resources": {},
    "prompts": {},
    "completions": {},
}


def _discover(_call: Call) -> bytes:
    return _members(
        {
            "supportedVersions": list(protocol.MODERN_PROTOCOL_VERSIONS),
            "capabilities": _CAPABILITIES,
            "instructions": INSTRUCTIONS,
        }
    )


def _initialize(call_: Call) -> bytes:
    return _members(
        {
            "protocolVersion": protocol.negotiated(call_.params.get("protocolVersion")),
            "capabilities": _CAPABILITIES,
            "serverInfo": server_info(),
            "instructions": INSTRUCTIONS,
        }
    )


def _nothing(_call: Call) -> bytes:
    return b""


def _list_tools(call_: Call) -> bytes:
    scopes = TOOLS.scopes()
    granted = frozenset(scope for scope in scopes if call_.actor.can(*scopes[scope]))
    return _tools_page(TOOLS, TOOLS.generation, granted, call_.surface, call_.params.get("cursor"))


@lru_cache(maxsize=256)
def _tools_page(
    registry: ToolRegistry, _generation: int, granted: frozenset[str], surface: Surface, cursor: str | None
) -> bytes:
    """One page of tools as bytes; keys that may do the same share them."""
    shown = [tool for tool in registry.tools() if surface.allows(tool) and tool.is_listed_for(granted)]
    return _page("tools", [(tool.name, tool.listing()) for tool in shown], cursor)


def _page(key: str, items: Sequence[tuple[str, Mapping[str, Any]]], cursor: str | None) -> bytes:
    part, following = page_of([name for name, _ in items], cursor)
    page: dict[str, Any] = {key: [listing for _, listing in items[part]]}
    return _members(page | ({"nextCursor": following} if following else {}))


def _call_tool(call_: Call) -> bytes:
    name = call_.params["name"]
    found = TOOLS.find(name, _arguments(call_.params))
    if found is None:
        near = TOOLS.nearest(name)
        hint = f" Did you mean {', '.join(near)}?" if near else " tools/list names them all."
        raise Fault(protocol.INVALID_PARAMS, f"Unknown tool: {name[:100]}.{hint}", {"nearest": near})
    tool, arguments = found
    if call_.message.era is Era.MODERN:
        if tool.client_capability:
            protocol.check_capability(call_.message, tool.client_capability)
        if tool.mirrors_arguments:
            protocol.check_param_headers(tool.schema, arguments, call_.headers)
    return call(call_.actor, call_.surface, tool, arguments)


def _arguments(params: Mapping[str, Any]) -> dict[str, Any]:
    arguments = params.get("arguments")
    return dict(arguments) if isinstance(arguments, dict) else {}


def with_parsed_arguments(message_params: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Params of a tool call whose `arguments` came as a JSON text: a slip some hosts make."""
    text = (message_params or {}).get("arguments")
    if message_params is None or not isinstance(text, str):
        return message_params
    try:
        found = parsed_json((text or "{}").encode())
    except ValueError:
        return message_params
    return {**message_params, "arguments": found}


def _list_resources(call_: Call) -> bytes:
    items = [(resource.uri, resource.listing()) for resource in resources.RESOURCES.values()]
    return _page("resources", items, call_.params.get("cursor"))


def _list_templates(call_: Call) -> bytes:
    items = [(template.uri_template, template.listing()) for template in resources.TEMPLATES.values()]
    return _page("resourceTemplates", items, call_.params.get("cursor"))


def _list_prompts(call_: Call) -> bytes:
    items = [(prompt.name, prompt.listing()) for prompt in resources.PROMPTS.values()]
    return _page("prompts", items, call_.params.get("cursor"))


def _read_resource(call_: Call) -> bytes:
    uri = call_.params["uri"]
    contents = resources.find_contents(call_.actor, uri)
    if contents is None:
        is_modern = call_.message.era is Era.MODERN
        code = protocol.INVALID_PARAMS if is_modern else protocol.LEGACY_RESOURCE_NOT_FOUND
        raise Fault(code, f"Resource not found: {uri[:200]}", {"uri": uri[:1000]})
    return cleaned(_members({"contents": [contents]}))


def _get_prompt(call_: Call) -> bytes:
    prompt = _prompt(call_.params["name"])
    given = {str(name): str(value) for name, value in (call_.params.get("arguments") or {}).items()}
    required = [argument.name for argument in prompt.arguments if argument.required]
    if missing := [name for name in required if not given.get(name)]:
        raise Fault(protocol.INVALID_PARAMS, f"Prompt {prompt.name} needs: {', '.join(missing)}")
    messages = prompt.render(call_.actor, given)
    return cleaned(_members({"description": prompt.description, "messages": messages}))


def _prompt(name: str) -> resources.Prompt:
    prompt = resources.PROMPTS.find(name)
    if prompt is None:
        near = nearest(name, resources.PROMPTS.names())
        hint = f" Did you mean {near}?" if near else ""
        raise Fault(protocol.INVALID_PARAMS, f"Unknown prompt: {name[:100]}.{hint}")
    return prompt


_COMPLETIONS_AT_MOST = 100  # the specification's limit (server/utilities/completion)


def _complete(call_: Call) -> bytes:
    ref, argument = call_.params["ref"], call_.params["argument"]
    complete = _completer(ref, argument["name"])
    values = list(complete(call_.actor, argument["value"])) if complete else []
    shown = values[:_COMPLETIONS_AT_MOST]
    found = {"values": shown, "total": len(values), "hasMore": len(values) > len(shown)}
    return cleaned(_members({"completion": found}))


def _completer(ref: Mapping[str, Any], name: str) -> resources.Complete | None:
    if ref["type"] == "ref/prompt":
        arguments = {argument.name: argument for argument in _prompt(ref["name"]).arguments}
        return arguments[name].complete if name in arguments else None
    template = resources.TEMPLATES.find(ref["uri"])
    if template is None:
        raise Fault(protocol.INVALID_PARAMS, f"Unknown resource template: {ref['uri'][:200]}")
    return template.complete.get(name)


METHODS: Mapping[str, Method] = {
    "server/discover": _discover,
    "initialize": _initialize,
    "ping": _nothing,
    "logging/setLevel": _nothing,  # accepted for old clients; this server sends no log messages
    "tools/list": _list_tools,
    "tools/call": _call_tool,
    "resources/list": _list_resources,
    "resources/templates/list": _list_templates,
    "resources/read": _read_resource,
    "prompts/list": _list_prompts,
    "prompts/get": _get_prompt,
    "completion/complete": _complete,
}
