"""Programs that a key can be given to, and the lines that set each of them up.

Which address they call is known to upper packages, which register their clients in `AppConfig.ready()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from customermates.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy, and what to do with it."""

    told: str | Promise
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One program. `snippets` takes the key; `is_brief` ones are shown right beside a new key."""

    name: str
    label: str | Promise
    snippets: Callable[[str], list[Snippet]]
    is_brief: bool = False


# {how a client's User-Agent begins, in small letters: its name}; longer beginnings first
CLIENT_NAMES = {
    "claude-code": "Claude Code",
    "claude-user": "Claude",
    "claude": "Claude",
    "cursor": "Cursor",
    "vscode": "VS Code",
    "visual studio code": "VS Code",
    "mcp-remote": "mcp-remote",
    "mcporter": "mcporter",
    "curl": "curl",
    "codex": "Codex",
}

_VERSION = re.compile(r"\s*/| v?\d+\.\d")  # where a name ends and its version begins

CLIENTS: Registry[Client] = Registry("client")


def set_up_with(key: str, *, brief: bool = False) -> list[tuple[Client, list[Snippet]]]:
    """Each client with its lines for `key`; with `brief`, the few that fit beside a new key."""
    chosen = [client for client in CLIENTS.values() if client.is_brief or not brief]
    return [(client, client.snippets(key)) for client in chosen]


def client_name(user_agent: str) -> str:
    """What people call the program that sends this User-Agent."""
    text = user_agent.lower()
    for beginning, name in CLIENT_NAMES.items():
        if text.startswith(beginning):
            return name
    return _VERSION.split(user_agent.strip(), maxsplit=1)[0][:60] or _("A program")
