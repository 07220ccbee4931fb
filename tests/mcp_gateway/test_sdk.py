"""What we rely on from the SDK, so that an upgrade that changes it fails here with its name."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mcp_types
import pytest
from mcp.shared import inbound as packaged
from mcp_types import jsonrpc, methods, version

from mcp_gateway import protocol

ROOT = Path(__file__).resolve().parents[2]


def test_versions_are_the_ones_we_were_written_for():
    assert version.HANDSHAKE_PROTOCOL_VERSIONS == ("2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25")
    assert version.MODERN_PROTOCOL_VERSIONS == ("2026-07-28",)
    assert mcp_types.DEFAULT_NEGOTIATED_VERSION == "2025-03-26"


def test_error_codes_are_the_specified_ones():
    codes = {name: getattr(jsonrpc, name) for name in dir(jsonrpc) if isinstance(getattr(jsonrpc, name), int)}
    assert codes.items() >= {
        ("PARSE_ERROR", -32700),
        ("INVALID_REQUEST", -32600),
        ("METHOD_NOT_FOUND", -32601),
        ("INVALID_PARAMS", -32602),
        ("INTERNAL_ERROR", -32603),
        ("HEADER_MISMATCH", -32020),
        ("MISSING_REQUIRED_CLIENT_CAPABILITY", -32021),
        ("UNSUPPORTED_PROTOCOL_VERSION", -32022),
    }


def test_meta_keys_are_the_specified_ones():
    prefix = "io.modelcontextprotocol/"
    assert prefix + "protocolVersion" == mcp_types.PROTOCOL_VERSION_META_KEY
    assert prefix + "clientInfo" == mcp_types.CLIENT_INFO_META_KEY
    assert prefix + "clientCapabilities" == mcp_types.CLIENT_CAPABILITIES_META_KEY
    assert prefix + "serverInfo" == mcp_types.SERVER_INFO_META_KEY


@pytest.mark.parametrize(
    ("function", "parameters"),
    [
        (packaged.classify_inbound_request, ["body", "headers", "supported_modern_versions"]),
        (packaged.find_duplicated_routing_header, ["headers"]),
        (packaged.validate_mcp_param_headers, ["input_schema", "arguments", "headers"]),
        (packaged.unsupported_protocol_version_rejection, ["requested", "supported_modern_versions"]),
        (packaged.x_mcp_header_map, ["input_schema"]),
        (methods.validate_client_request, ["method", "version", "params", "surface"]),
    ],
)
def test_functions_take_what_we_give_them(function: Callable[..., Any], parameters: list[str]):
    assert list(inspect.signature(function).parameters) == parameters


def test_names_and_headers_are_there():
    assert packaged.MCP_PROTOCOL_VERSION_HEADER == "mcp-protocol-version"
    assert packaged.MCP_METHOD_HEADER == "mcp-method"
    assert packaged.ERROR_CODE_HTTP_STATUS[-32601] == 404
    assert set(packaged.InboundLadderRejection.__dataclass_fields__) == {
        "code",
        "message",
        "data",
    }


def test_the_ladder_we_load_by_path_is_the_packages_own():
    ours = protocol.inbound  # type: ignore[attr-defined]  # loaded by path, see there
    assert Path(str(ours.__file__)) == Path(str(packaged.__file__))


def test_the_endpoint_loads_neither_the_sdks_client_nor_its_web_framework():
    code = (
        "import sys, mcp_gateway.protocol\n"
        "print([m for m in ('mcp', 'starlette', 'anyio', 'httpx2', 'jsonschema') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_only_one_module_imports_the_sdk():
    imports = re.compile(r"^\s*(?:from|import) mcp(?:_types|\.|\s)", re.MULTILINE)
    modules = (ROOT / "mcp_gateway").rglob("*.py")
    assert [path.name for path in modules if imports.search(path.read_text())] == ["protocol.py"]
