"""Rules that every registered tool keeps, and what the lists cost in tokens."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field

from mcp_gateway import catalogue
from mcp_gateway.arguments import Arguments
from mcp_gateway.registry import TOOLS, Alias, Tool, ToolRegistry, tool
from mcp_gateway.schema import full_schema, slim_schema
from mcp_gateway.toolsets import DEFAULT_TOOLSETS, TOOLSETS
from tests.mcp_gateway import tokens
from tests.mcp_gateway.fixtures import FIXTURES

catalogue.load()
EVERY_TOOL = [pytest.param(each, id=each.name) for each in (*TOOLS.tools(), *FIXTURES.tools())]
BUDGETS = {"core": 2_000, "records": 6_000} | {
    s.name: 2_500 for s in TOOLSETS if s.name not in ("core", "records")
}
DEFAULT_BUDGET = 7_000


def _nodes(node: Any, path: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            yield from _nodes(value, f"{path}.{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{path}[{index}]")


def _tokens(value: object) -> int:
    return tokens.count(json.dumps(value, separators=(",", ":"), ensure_ascii=False))


@pytest.mark.parametrize("each", EVERY_TOOL)
def test_schemas_hold_nothing_that_hosts_stumble_over(each: Tool):
    assert each.schema["type"] == "object"
    assert each.schema["additionalProperties"] is False
    for path, node in _nodes(each.schema):
        if path.endswith(".properties"):
            continue
        assert not {"$ref", "$defs", "oneOf", "allOf", "const", "examples", "discriminator"} & node.keys(), (
            path
        )
        assert node.get("type") != "null", path
        assert not isinstance(node.get("title"), str), path
        if "properties" in node:
            assert node.get("additionalProperties") is False, path


@pytest.mark.parametrize("each", EVERY_TOOL)
def test_every_tool_is_described_and_annotated(each: Tool):
    assert 10 <= len(each.description) <= 1_000
    assert "\n" not in each.description
    assert set(each.annotations) == {"readOnlyHint", "destructiveHint", "idempotentHint", "openWorldHint"}
    assert all(isinstance(value, bool) for value in each.annotations.values())
    assert each.annotations["openWorldHint"] is False
    assert not (each.annotations["readOnlyHint"] and each.annotations["destructiveHint"])
    assert each.name.replace("_", "").isalnum()
    assert len(each.name) <= 64


@pytest.mark.parametrize("toolset", [toolset.name for toolset in TOOLSETS])
def test_a_toolset_keeps_to_its_tokens(toolset: str):
    listed = [
        each.listing() for each in TOOLS.tools() if each.toolset == toolset and each.name not in FIXTURES
    ]
    assert _tokens(listed) <= BUDGETS[toolset]


def test_the_default_list_keeps_to_its_tokens():
    listed = [each.listing() for each in TOOLS.tools() if each.toolset in DEFAULT_TOOLSETS]
    assert _tokens(listed) <= DEFAULT_BUDGET


def test_a_slim_schema_reads_as_written_here():
    class Inner(BaseModel):
        kind: Literal["a"] = "a"
        count: int | None = Field(None, ge=1)

    class Outer(Arguments):
        entity_type: Literal["contact", "deal"] = Field(description="What.")
        inner: Inner | None = None
        many: list[Inner] = []
        either: str | list[str] | None = None
        page_size: int = 25
        dry_run: bool = False

    inner = {
        "type": "object",
        "properties": {
            "kind": {"type": "string", "enum": ["a"], "default": "a"},
            "count": {"type": "integer", "minimum": 1},
        },
        "additionalProperties": False,
    }
    assert slim_schema(full_schema(Outer)) == {
        "type": "object",
        "properties": {
            "entityType": {"type": "string", "enum": ["contact", "deal"], "description": "What."},
            "inner": inner,
            "many": {"type": "array", "items": inner},
            "either": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
            "pageSize": {"type": "integer", "default": 25},
            "dryRun": {"type": "boolean"},
        },
        "required": ["entityType"],
        "additionalProperties": False,
    }


class Branch(Arguments):
    """A model that contains itself."""

    branches: list[Branch] = []


def test_a_recursive_model_is_refused_when_it_is_declared():
    with pytest.raises(TypeError, match="recursive"):
        full_schema(Branch)


class Nothing(Arguments):
    """No arguments."""


def _declare(registry: ToolRegistry, name: str, toolset: str = "core") -> None:
    @tool(name=name, toolset=toolset, scope=None, arguments=Nothing, read_only=True, registry=registry)
    def run(_actor: Any, _args: Nothing) -> dict[str, Any]:
        """Answer nothing."""
        return {}


def test_names_are_taken_once_and_tools_are_listed_by_toolset_then_declaration():
    registry = ToolRegistry()
    for name, toolset in (("z", "danger"), ("b", "core"), ("a", "core"), ("c", "records")):
        _declare(registry, name, toolset)
    registry.add_alias(Alias("old", "a"))
    assert [each.name for each in registry.tools()] == ["b", "a", "c", "z"]
    for name in ("a", "old"):
        with pytest.raises(ValueError, match="registered already"):
            _declare(registry, name)
        with pytest.raises(ValueError, match="registered already"):
            registry.add_alias(Alias(name, "a"))
    with pytest.raises(ValueError, match="no tool"):
        registry.add_alias(Alias("older", "nowhere"))
    with pytest.raises(ValueError, match="toolset"):
        _declare(registry, "d", "nonsense")


def test_the_listing_of_a_tool_is_this():
    listing = {each.name: each.listing() for each in FIXTURES.tools()}["test_delete"]
    assert listing == {
        "name": "test_delete",
        "description": "Pretend to delete.",
        "inputSchema": {
            "type": "object",
            "properties": {"ids": {"type": "array", "items": {"type": "string"}}},
            "required": ["ids"],
            "additionalProperties": False,
        },
        "annotations": {
            "readOnlyHint": False,
            "destructiveHint": True,
            "idempotentHint": False,
            "openWorldHint": False,
        },
    }
