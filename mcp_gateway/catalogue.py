"""Brings every tool into the registry once, when the endpoint is first needed."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from mcp_gateway import tools


def load() -> None:
    """All tools are registered: one module per topic in `mcp_gateway.tools`, in alphabetical order.

    `MCP_FIXTURES` names a module with an `install()` that adds what the conformance suite asks for;
    a production process refuses it.
    """
    for module in sorted(found.name for found in iter_modules(tools.__path__)):
        import_module(f"{tools.__name__}.{module}")
    if fixtures := getattr(settings, "MCP_FIXTURES", ""):
        if not settings.DEBUG:
            raise ImproperlyConfigured("MCP_FIXTURES is for tests: it is refused unless DEBUG is on.")
        import_module(fixtures).install()
