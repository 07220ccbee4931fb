"""What the MCP specification says, in both its eras; the only module that imports the SDK.

Modern: revision 2026-07-28, stateless, each request carries its protocol fields in `params._meta`
and repeats its routing fields as headers. Legacy: 2024-11-05 … 2025-11-25, opened by `initialize`;
we answer it without a session, as those revisions allow (basic/transports, "Session Management").
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from mcp_types import (
    CLIENT_CAPABILITIES_META_KEY,
    CLIENT_INFO_META_KEY,
    DEFAULT_NEGOTIATED_VERSION,
    PROTOCOL_VERSION_META_KEY,
    SERVER_INFO_META_KEY,
)
from mcp_types.jsonrpc import (
    HEADER_MISMATCH,
    INTERNAL_ERROR,
    INVALID_PARAMS,
    INVALID_REQUEST,
    METHOD_NOT_FOUND,
    MISSING_REQUIRED_CLIENT_CAPABILITY,
    PARSE_ERROR,
)
from mcp_types.methods import validate_client_request
from mcp_types.version import (
    HANDSHAKE_PROTOCOL_VERSIONS,
    LATEST_HANDSHAKE_VERSION,
    LATEST_MODERN_VERSION,
    MODERN_PROTOCOL_VERSIONS,
)
from pydantic import ValidationError

from customermates.kernel.jsonin import BadJson, parsed_json

if TYPE_CHECKING:
    from mcp.shared import inbound
else:

    def _inbound_module() -> ModuleType:
        """The SDK's pure request ladder, loaded without its package.

        `import mcp.shared.inbound` runs `mcp/__init__`, which loads the client, an HTTP stack and a
        web framework: 24 MiB that each web process would keep for four pure functions (measured).
        """
        if loaded := sys.modules.get("mcp.shared.inbound"):
            return loaded
        package = find_spec("mcp")
        assert package is not None
        assert package.origin is not None
        path = Path(package.origin).parent / "shared" / "inbound.py"
        spec = spec_from_file_location("mcp_gateway._sdk_inbound", path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up while they are made
        spec.loader.exec_module(module)
        return module

    inbound = _inbound_module()

# What other modules of the gateway take from the SDK through this one.
__all__ = [
    "INTERNAL_ERROR",
    "INVALID_PARAMS",
    "METHOD_NOT_FOUND",
    "MODERN_PROTOCOL_VERSIONS",
    "SERVER_INFO_META_KEY",
]

# Retired by 2026-07-28 (basic/index "Error Codes") and therefore told to legacy clients only.
LEGACY_RESOURCE_NOT_FOUND: Final = -32002

_MAX_ID = 2**63 - 1  # what JSON readers of other languages still take for an integer
_SHOWN = 100  # characters of the caller's own words that an error repeats


class Era(Enum):
    """Which of the two protocols a request speaks."""

    MODERN = "modern"
    LEGACY = "legacy"


class Fault(Exception):
    """A protocol fault: answered as a JSON-RPC error, never as a tool result."""

    def __init__(self, code: int, message: str, data: Any = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.data = data


@dataclass(frozen=True, slots=True)
class Message:
    """One posted JSON-RPC message; `fault` is set when it can only be answered by an error.

    `needs_answer` is False for notifications and for responses to requests we never make.
    """

    era: Era
    version: str
    id: str | int | None = None
    method: str = ""
    params: Mapping[str, Any] | None = None
    needs_answer: bool = True
    fault: Fault | None = None

    @property
    def meta(self) -> Mapping[str, Any]:
        """`params._meta`, empty when there is none."""
        found = (self.params or {}).get("_meta")
        return found if isinstance(found, dict) else {}


def read(body: bytes, headers: Mapping[str, str]) -> Message:
    """The message in `body`; `headers` by lower-case name. Never raises for what a client sent."""
    stated = headers.get(inbound.MCP_PROTOCOL_VERSION_HEADER)
    try:
        content = parsed_json(body)
    except BadJson as error:
        return Message(*_era_of(stated, None), fault=Fault(PARSE_ERROR, f"Parse error: {error}"))
    era, version = _era_of(stated, content)
    if not isinstance(content, dict):
        return Message(era, version, fault=Fault(INVALID_REQUEST, _ONE_MESSAGE))
    if era is Era.LEGACY and "method" not in content and ("result" in content or "error" in content):
        return Message(era, version, needs_answer=False)
    try:
        method, params = _envelope(content)
        if "id" not in content:
            _check_notification(era, version)
            return Message(era, version, None, method, params, needs_answer=False)
        identity = _identity(content["id"])
    except Fault as fault:
        return Message(era, version, _identity_or_none(content), fault=fault)
    try:
        if era is Era.MODERN:
            _check_ladder(content, headers)
    except Fault as fault:
        return Message(era, version, identity, method, params, fault=fault)
    return Message(era, version, identity, method, params)


_ONE_MESSAGE = "The body must be one JSON-RPC request or notification object; batches are not supported"


def _era_of(stated: str | None, content: Any) -> tuple[Era, str]:
    """The era and version of a request: what its body claims, else its header, else the oldest default.

    A header that names no known legacy version belongs to the modern era, whose errors can say
    which versions are served (2026-07-28 basic/versioning).
    """
    body = content if isinstance(content, dict) else {}
    params = body.get("params")
    meta = params.get("_meta") if isinstance(params, dict) else None
    claimed = meta.get(PROTOCOL_VERSION_META_KEY) if isinstance(meta, dict) else None
    if claimed is not None or body.get("method") == "server/discover":
        return Era.MODERN, claimed if isinstance(claimed, str) else LATEST_MODERN_VERSION
    if stated is None:
        return Era.LEGACY, DEFAULT_NEGOTIATED_VERSION
    return (Era.LEGACY if stated in HANDSHAKE_PROTOCOL_VERSIONS else Era.MODERN), stated


def _envelope(content: Mapping[str, Any]) -> tuple[str, Mapping[str, Any] | None]:
    if content.get("jsonrpc") != "2.0":
        raise Fault(INVALID_REQUEST, 'Invalid request: "jsonrpc" must be "2.0"')
    method = content.get("method")
    if not isinstance(method, str):
        raise Fault(INVALID_REQUEST, 'Invalid request: "method" must be a string')
    params = content.get("params")
    if params is not None and not isinstance(params, dict):
        raise Fault(INVALID_REQUEST, 'Invalid request: "params" must be an object')
    return method, params


def _identity(value: Any) -> str | int:
    """The JSON-RPC id; the specification allows strings and integers, never null."""
    if isinstance(value, str):
        if value.isascii() or value.encode("utf-8", "replace").decode() == value:
            return value
    elif isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _MAX_ID:
        return value
    raise Fault(INVALID_REQUEST, 'Invalid request: "id" must be a string or an integer')


def _identity_or_none(content: Mapping[str, Any]) -> str | int | None:
    try:
        return _identity(content.get("id"))
    except Fault:
        return None


def _check_notification(era: Era, version: str) -> None:
    if era is Era.MODERN and (rejection := inbound.unsupported_protocol_version_rejection(version)):
        raise Fault(rejection.code, rejection.message, rejection.data)


def _check_ladder(content: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """Protocol fields and routing headers agree (2026-07-28 basic/transports, "Standard Headers")."""
    # WSGI joins repeated headers with commas, which neither a version nor a method ever contains.
    lines = [
        (name, part)
        for name in (inbound.MCP_PROTOCOL_VERSION_HEADER, inbound.MCP_METHOD_HEADER)
        for part in headers.get(name, "").split(",")
    ]
    if repeated := inbound.find_duplicated_routing_header(lines):
        raise Fault(HEADER_MISMATCH, f"{repeated} header appears more than once")
    verdict = inbound.classify_inbound_request(content, headers=headers)
    if isinstance(verdict, inbound.InboundLadderRejection):
        raise Fault(verdict.code, verdict.message, verdict.data)


def check_params(message: Message) -> Mapping[str, Any]:
    """The request's params; Fault when the method does not exist in its version or they do not fit."""
    version = message.version if message.version in _KNOWN_VERSIONS else LATEST_HANDSHAKE_VERSION
    try:
        validate_client_request(message.method, version, message.params)
    except KeyError:
        raise Fault(METHOD_NOT_FOUND, f"Method not found: {message.method[:_SHOWN]}") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
        where = ".".join(str(step) for step in first["loc"])
        raise Fault(INVALID_PARAMS, f"Invalid params: {where}: {first['msg']}") from None
    return message.params or {}


_KNOWN_VERSIONS = frozenset((*HANDSHAKE_PROTOCOL_VERSIONS, *MODERN_PROTOCOL_VERSIONS))


def check_param_headers(
    schema: Mapping[str, Any], arguments: Mapping[str, Any], headers: Mapping[str, str]
) -> None:
    """`Mcp-Param-*` headers agree with the arguments that `schema` mirrors into them, else Fault."""
    if rejection := inbound.validate_mcp_param_headers(schema, arguments, headers):
        raise Fault(rejection.code, rejection.message, rejection.data)


def mirrors_arguments(schema: Mapping[str, Any]) -> bool:
    """True when `schema` asks for `Mcp-Param-*` headers, so that most calls skip checking them."""
    return bool(inbound.x_mcp_header_map(schema))


def check_capability(message: Message, name: str) -> None:
    """The client declared this capability in its request, else Fault (2026-07-28 basic/index)."""
    declared = message.meta.get(CLIENT_CAPABILITIES_META_KEY)
    if not isinstance(declared, dict) or not isinstance(declared.get(name), dict):
        needed: dict[str, dict[str, object]] = {"requiredCapabilities": {name: {}}}
        raise Fault(MISSING_REQUIRED_CLIENT_CAPABILITY, f"This needs a client with {name}", needed)


def negotiated(asked: object) -> str:
    """The version a legacy client will speak: the one it asked for when we know it, else our newest."""
    known = isinstance(asked, str) and asked in HANDSHAKE_PROTOCOL_VERSIONS
    return str(asked) if known else LATEST_HANDSHAKE_VERSION


def client_name(message: Message) -> str:
    """The client's own name and version, when this message carries them; else ""."""
    source = message.meta.get(CLIENT_INFO_META_KEY) or (message.params or {}).get("clientInfo")
    if not isinstance(source, dict):
        return ""
    parts = [part for part in (source.get("name"), source.get("version")) if isinstance(part, str)]
    return "".join(character for character in " ".join(parts) if character.isprintable())


def fault_status(era: Era, code: int) -> int:
    """The HTTP status for a JSON-RPC error; the legacy era keeps 200 for all but unreadable requests."""
    if era is Era.LEGACY and code not in (PARSE_ERROR, INVALID_REQUEST):
        return 200
    return inbound.ERROR_CODE_HTTP_STATUS.get(code, 200)
