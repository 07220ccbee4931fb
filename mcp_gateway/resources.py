"""Resources and prompts that agents can read, each declared once in a registry."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from customermates.kernel.registry import Registry

if TYPE_CHECKING:
    from accounts.actor import Actor

# One content of a resource: `text`, or `blob` in base64, beside its MIME type.
Contents = Mapping[str, Any]
Complete = Callable[["Actor", str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A document at one address; `read` answers its text or `{"blob": …}`."""

    uri: str
    name: str
    description: str
    mime_type: str
    read: Callable[[Actor], Contents]

    def listing(self) -> dict[str, Any]:
        """The resource as `resources/list` shows it."""
        words = {"name": self.name, "description": self.description, "mimeType": self.mime_type}
        return {"uri": self.uri, **words}


@dataclass(frozen=True, slots=True)
class ResourceTemplate:
    """Documents whose addresses share a form such as `crm://schema/{entity}`."""

    uri_template: str
    name: str
    description: str
    mime_type: str
    read: Callable[[Actor, Mapping[str, str]], Contents]
    complete: Mapping[str, Complete] = field(default_factory=dict)

    def listing(self) -> dict[str, Any]:
        """The template as `resources/templates/list` shows it."""
        words = {"name": self.name, "description": self.description, "mimeType": self.mime_type}
        return {"uriTemplate": self.uri_template, **words}

    def matched(self, uri: str) -> Mapping[str, str] | None:
        """The variables that `uri` gives this template, or None when it has another form."""
        texts_and_names = enumerate(re.split(r"\{(\w+)\}", self.uri_template))  # RFC 6570 level 1
        pattern = "".join(f"(?P<{part}>[^/?#]+)" if i % 2 else re.escape(part) for i, part in texts_and_names)
        found = re.fullmatch(pattern, uri)
        return None if found is None else {name: unquote(value) for name, value in found.groupdict().items()}


@dataclass(frozen=True, slots=True)
class PromptArgument:
    """One blank in a prompt; `complete` suggests values for what was typed so far."""

    name: str
    description: str
    required: bool = False
    complete: Complete | None = None


@dataclass(frozen=True, slots=True)
class Prompt:
    """A ready task for an agent; `render` answers its messages."""

    name: str
    description: str
    arguments: tuple[PromptArgument, ...]
    render: Callable[[Actor, Mapping[str, str]], Sequence[Mapping[str, Any]]]

    def listing(self) -> dict[str, Any]:
        """The prompt as `prompts/list` shows it."""
        arguments = [
            {"name": argument.name, "description": argument.description, "required": argument.required}
            for argument in self.arguments
        ]
        return {"name": self.name, "description": self.description, "arguments": arguments}


RESOURCES: Registry[Resource] = Registry("resource")
TEMPLATES: Registry[ResourceTemplate] = Registry("resource template")
PROMPTS: Registry[Prompt] = Registry("prompt")


def find_contents(actor: Actor, uri: str) -> Contents | None:
    """What is at `uri` as one content item, or None when nothing is there for `actor`."""
    if resource := RESOURCES.find(uri):
        return {"uri": uri, "mimeType": resource.mime_type, **resource.read(actor)}
    for template in TEMPLATES.values():
        if (variables := template.matched(uri)) is not None:
            return {"uri": uri, "mimeType": template.mime_type, **template.read(actor, variables)}
    return None
