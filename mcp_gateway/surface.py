"""Which tools one request may see: what the key allows, narrowed by what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mcp_gateway.registry import Tool
from mcp_gateway.toolsets import DEFAULT_TOOLSETS, TOOLSETS


@dataclass(frozen=True, slots=True)
class Surface:
    """A narrowing of the tools, hashable so that listings can be cached by it.

    It never widens what the key's scopes allow. Narrowing by URL, header or intent makes another
    value of this class; everything below only asks `allows`.
    """

    toolsets: frozenset[str] = DEFAULT_TOOLSETS

    @classmethod
    def of_key(cls, toolsets: Iterable[str]) -> Surface:
        """The surface a key carries; a key without toolsets has the default ones."""
        return cls(frozenset(toolsets) or DEFAULT_TOOLSETS)

    def allows(self, tool: Tool) -> bool:
        """True when `tool` belongs to this surface."""
        return tool.toolset in self.toolsets

    def way_to(self, tool: Tool) -> str:
        """One sentence that tells how to widen this surface to `tool`."""
        without = ", or one without a list of toolsets" if tool.toolset in DEFAULT_TOOLSETS else ""
        wanted = {*self.toolsets, tool.toolset}
        options = " ".join(f"--toolset {known.name}" for known in TOOLSETS if known.name in wanted)
        return (
            f"Use an API key whose toolsets include {tool.toolset}{without}: "
            f"`customermates key create --email … --name … {options}` makes one."
        )
