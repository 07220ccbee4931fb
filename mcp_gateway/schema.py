"""JSON Schemas for tool arguments, slimmed to what a model needs to read.

Every listed tool costs tokens in every conversation, and hosts differ in what they understand:
references, recursion and null unions are shown as "unknown" by some of them, so none leave here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

Schema = dict[str, Any]

_DROPPED = frozenset({"title", "$defs", "discriminator", "examples"})
_QUIET_DEFAULTS: tuple[object, ...] = (None, False, "", [], {})


def full_schema(model: type[BaseModel]) -> Schema:
    """The schema of `model` with references inlined; TypeError when it is recursive."""
    raw = model.model_json_schema(by_alias=True, mode="validation")
    inlined = _inlined(raw, raw.get("$defs", {}), ())
    assert isinstance(inlined, dict)
    return inlined


def slim_schema(schema: Mapping[str, Any]) -> Schema:
    """`schema` as it is listed: no titles, null unions, examples or defaults that say nothing."""
    node = {key: value for key, value in schema.items() if key not in _DROPPED}
    if "default" in node and node["default"] in _QUIET_DEFAULTS:
        del node["default"]
    if "const" in node:
        node["enum"] = [node.pop("const")]
    _slim_unions(node)
    if isinstance(properties := node.get("properties"), dict):
        node["properties"] = {name: slim_schema(sub) for name, sub in properties.items()}
        node.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), dict):
            node[key] = slim_schema(node[key])
    if not node.get("required", True):
        del node["required"]
    return node


def _slim_unions(node: Schema) -> None:
    branches = node.pop("anyOf", None) or node.pop("oneOf", None)
    if branches is None:
        if len(node.get("allOf", ())) == 1:
            node.update(slim_schema(node.pop("allOf")[0]))
        return
    kept = [slim_schema(branch) for branch in branches if branch.get("type") != "null"]
    if len(kept) == 1:
        for key, value in kept[0].items():
            node.setdefault(key, value)
    else:
        node["anyOf"] = kept


def _inlined(node: Any, definitions: Mapping[str, Any], open_names: tuple[str, ...]) -> Any:
    if isinstance(node, list):
        return [_inlined(item, definitions, open_names) for item in node]
    if not isinstance(node, dict):
        return node
    if isinstance(reference := node.get("$ref"), str):
        name = reference.rsplit("/", 1)[-1]
        if name in open_names:
            raise TypeError(f"{name} contains itself: tool schemas must not be recursive")
        target = _inlined(definitions[name], definitions, (*open_names, name))
        beside = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **beside}
    return {key: _inlined(value, definitions, open_names) for key, value in node.items() if key != "$defs"}


def branches(schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """`schema` itself, or each alternative of its union."""
    alternatives = schema.get("anyOf") or schema.get("oneOf")
    if not alternatives:
        yield schema
        return
    for alternative in alternatives:
        yield from branches(alternative)


def kinds(schema: Mapping[str, Any]) -> frozenset[str]:
    """The JSON types `schema` accepts; empty when it accepts anything."""
    found = {branch.get("type") for branch in branches(schema)}
    return frozenset() if None in found else frozenset(str(kind) for kind in found)


def schema_at(schema: Mapping[str, Any], path: Sequence[str | int]) -> Mapping[str, Any]:
    """The part of `schema` that describes `path`; empty when nothing does."""
    node: Mapping[str, Any] = schema
    for step in path:
        node = _child(node, step)
    return node


def _child(schema: Mapping[str, Any], step: str | int) -> Mapping[str, Any]:
    for branch in branches(schema):
        if isinstance(step, int):
            if isinstance(items := branch.get("items"), dict):
                return items
        elif isinstance(found := branch.get("properties", {}).get(step), dict):
            return found
    return {}


def property_names(schema: Mapping[str, Any]) -> list[str]:
    """All property names of an object schema or of the objects in its union."""
    names: dict[str, None] = {}
    for branch in branches(schema):
        names.update(dict.fromkeys(branch.get("properties", {})))
    return list(names)


def options(schema: Mapping[str, Any]) -> list[Any]:
    """The values an enumeration allows; empty when it is none."""
    found: list[Any] = []
    for branch in branches(schema):
        found.extend([branch["const"]] if "const" in branch else branch.get("enum", ()))
    return found
