"""How the programs people use are set up to call this endpoint; every line works as it stands."""

from __future__ import annotations

import json

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.clients import Client, Snippet

PATH = "/api/v1/mcp"
SERVER = "customermates"


def endpoint_url() -> str:
    """Where clients call."""
    return f"{settings.BASE_URL}{PATH}"


def _bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def _config(root: str, server: dict[str, object]) -> str:
    return json.dumps({root: {SERVER: server}}, indent=2)


def _claude_code(key: str) -> list[Snippet]:
    line = f"claude mcp add --transport http {SERVER} {endpoint_url()}"
    return [
        Snippet(
            _("Run this in your project, then start Claude Code."),
            f'{line} \\\n  --header "Authorization: Bearer {key}"',
        )
    ]


def _claude_desktop(key: str) -> list[Snippet]:
    # It starts programs rather than calling addresses; mcp-remote calls for it. No space in the argument:
    # on Windows it would be torn apart.
    server: dict[str, object] = {
        "command": "npx",
        "args": ["-y", "mcp-remote", endpoint_url(), "--header", "Authorization:${AUTH_HEADER}"],
        "env": {"AUTH_HEADER": f"Bearer {key}"},
    }
    told = _(
        "Put this into claude_desktop_config.json (Settings → Developer → Edit config) and restart. "
        "It needs Node.js."
    )
    return [Snippet(told, _config("mcpServers", server))]


def _cursor(key: str) -> list[Snippet]:
    told = _("Put this into ~/.cursor/mcp.json, or .cursor/mcp.json of one project.")
    return [Snippet(told, _config("mcpServers", {"url": endpoint_url(), "headers": _bearer(key)}))]


def _vs_code(key: str) -> list[Snippet]:
    told = _("Put this into .vscode/mcp.json, or run “MCP: Open User Configuration”.")
    server: dict[str, object] = {"type": "http", "url": endpoint_url(), "headers": _bearer(key)}
    return [Snippet(told, _config("servers", server))]


def _mcporter(key: str) -> list[Snippet]:
    server: dict[str, object] = {"baseUrl": endpoint_url(), "headers": _bearer(key)}
    return [
        Snippet(_("Put this into config/mcporter.json."), _config("mcpServers", server)),
        Snippet(_("Then count the contacts."), f"npx mcporter call {SERVER}.count_entity entity=contact"),
    ]


def _curl(key: str) -> list[Snippet]:
    wrong: dict[str, object] = {
        "entity": "contact",
        "filters": [{"field": "frstName", "operator": "equals", "value": "Ada"}],
    }
    return [
        Snippet(
            _("Count the contacts, as an agent would."), _call(key, "count_entity", {"entity": "contact"})
        ),
        Snippet(_("Make a mistake and read how to mend it."), _call(key, "filter_entity", wrong)),
    ]


def _call(key: str, tool: str, arguments: dict[str, object]) -> str:
    body = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "tools/call",
        "params": {"name": tool, "arguments": arguments},
    }
    return " \\\n  ".join(
        [
            f"curl -s {endpoint_url()}",
            f'-H "Authorization: Bearer {key}"',
            '-H "Content-Type: application/json"',
            '-H "Accept: application/json, text/event-stream"',
            f"-d '{json.dumps(body)}'",
        ]
    )


def _any(key: str) -> list[Snippet]:
    server: dict[str, object] = {"type": "http", "url": endpoint_url(), "headers": _bearer(key)}
    return [
        Snippet(_("Many clients take settings like these."), _config("mcpServers", server)),
        Snippet(_("Others ask for the address; the kind is “Streamable HTTP”."), endpoint_url()),
        Snippet(_("And for a header to send with every request."), f"Authorization: Bearer {key}"),
    ]


KNOWN = (
    Client(name="claude-code", label="Claude Code", snippets=_claude_code, is_brief=True),
    Client(name="claude-desktop", label="Claude Desktop", snippets=_claude_desktop),
    Client(name="cursor", label="Cursor", snippets=_cursor),
    Client(name="vs-code", label="VS Code", snippets=_vs_code),
    Client(name="mcporter", label="mcporter", snippets=_mcporter, is_brief=True),
    Client(name="curl", label="curl", snippets=_curl, is_brief=True),
    Client(name="other", label=_("Another client"), snippets=_any),
)
