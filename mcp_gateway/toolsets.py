"""The groups that tools come in, apart from the tools, so that other processes know their names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Toolset:
    """A named group of tools; `default` ones are listed when nobody asks for others."""

    name: str
    title: str
    default: bool = False


# The order in which tools are listed (mcp.md §2): a stable list keeps the hosts' prompt caches warm.
TOOLSETS: tuple[Toolset, ...] = (
    Toolset("core", "Read records", default=True),
    Toolset("records", "Create and change records", default=True),
    Toolset("danger", "Delete and restore records", default=True),
    Toolset("history", "Changes and undo"),
    Toolset("columns", "Custom columns"),
    Toolset("dashboards", "Dashboards"),
    Toolset("webhooks", "Webhooks"),
    Toolset("admin", "Company and users"),
    Toolset("research", "Search and fetch for deep research"),
)
DEFAULT_TOOLSETS = frozenset(toolset.name for toolset in TOOLSETS if toolset.default)
