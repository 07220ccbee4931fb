"""Tools, resources and prompts with the names the official conformance suite asks for.

They are installed by tests, and by `make conformance` through `conformance_settings`; no other
process knows them.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from customermates.kernel.errors import Conflict, Issue, NotFound, ValidationFailed
from mcp_gateway.answers import Content, fenced, table
from mcp_gateway.arguments import Arguments
from mcp_gateway.registry import TOOLS, Alias, ToolRegistry, always, one_of, tool
from mcp_gateway.resources import (
    PROMPTS,
    RESOURCES,
    TEMPLATES,
    Prompt,
    PromptArgument,
    Resource,
    ResourceTemplate,
)

if TYPE_CHECKING:
    from accounts.actor import Actor

FIXTURES = ToolRegistry()

PNG = (  # one red pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg=="
)
WAV = b64encode(  # no sample at 8 kHz
    b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
).decode()
IMAGE = {"type": "image", "data": PNG, "mimeType": "image/png"}
AUDIO = {"type": "audio", "data": WAV, "mimeType": "audio/wav"}


def _text(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _embedded(uri: str, mime_type: str, text: str) -> dict[str, Any]:
    return {"type": "resource", "resource": {"uri": uri, "mimeType": mime_type, "text": text}}


class NoArguments(Arguments):
    """A tool without arguments."""


reading = partial(tool, toolset="core", scope=None, read_only=True, registry=FIXTURES)
simple = partial(reading, arguments=NoArguments)


@simple(name="test_simple_text")
def simple_text(_actor: Actor, _args: NoArguments) -> Content:
    """Answer one text block."""
    return Content((_text("This is a simple text response for testing."),))


@simple(name="test_image_content")
def image_content(_actor: Actor, _args: NoArguments) -> Content:
    """Answer one image block."""
    return Content((IMAGE,))


@simple(name="test_audio_content")
def audio_content(_actor: Actor, _args: NoArguments) -> Content:
    """Answer one audio block."""
    return Content((AUDIO,))


@simple(name="test_embedded_resource")
def embedded_resource(_actor: Actor, _args: NoArguments) -> Content:
    """Answer one embedded resource."""
    return Content(
        (_embedded("test://embedded-resource", "text/plain", "This is an embedded resource content."),)
    )


@simple(name="test_multiple_content_types")
def multiple_content_types(_actor: Actor, _args: NoArguments) -> Content:
    """Answer a text, an image and an embedded resource."""
    resource = _embedded("test://mixed-content-resource", "application/json", '{"test":"data","value":123}')
    return Content((_text("Multiple content types test:"), IMAGE, resource))


@simple(name="test_error_handling")
def error_handling(_actor: Actor, _args: NoArguments) -> Content:
    """Fail on purpose."""
    raise ValidationFailed(
        Issue("", "argument_value", {"problem": "This tool intentionally returns an error"})
    )


@simple(name="test_logging_tool")
def logging_tool(_actor: Actor, _args: NoArguments) -> Content:
    """Answer without a word in the log: this server never sends log messages."""
    return Content((_text("Done."),))


@simple(name="test_streaming_elicitation")
def streaming_elicitation(_actor: Actor, _args: NoArguments) -> Content:
    """Answer without asking back: this server never sends requests."""
    return Content((_text("Done."),))


@simple(name="test_missing_capability", client_capability="sampling")
def missing_capability(_actor: Actor, _args: NoArguments) -> Content:
    """Need a capability that few clients have."""
    return Content((_text("The client can sample."),))


class HeaderArguments(Arguments):
    """Arguments that clients repeat as headers, for routers on the way."""

    region: str = Field(json_schema_extra={"x-mcp-header": "Region"})
    priority: int = Field(0, json_schema_extra={"x-mcp-header": "Priority"})


@reading(name="test_custom_headers", arguments=HeaderArguments)
def custom_headers(_actor: Actor, args: HeaderArguments) -> Mapping[str, Any]:
    """Answer what was mirrored."""
    return {"region": args.region, "priority": args.priority}


@simple(name="test_crash")
def crash(_actor: Actor, _args: NoArguments) -> Content:
    """Raise something nobody expected."""
    raise RuntimeError("the secret is 4711")


@simple(name="test_who")
def who(actor: Actor, _args: NoArguments) -> Mapping[str, Any]:
    """Tell who calls, from which company, with which client."""
    return {
        "companyId": actor.company_id,
        "userId": actor.user_id,
        "client": actor.client,
        "reason": actor.reason,
    }


class Rule(Arguments):
    """One condition."""

    field: str
    operator: Literal["equals", "contains"]
    value: Any = None


class AnyRule(Arguments):
    """One of several conditions."""

    any: list[Rule] = Field(min_length=1)


class Row(Arguments):
    """One row of a write."""

    first_name: str = Field(max_length=10, examples=["Ada"])
    last_name: str = ""
    tags: list[str] = []


class RowsArguments(Arguments):
    """A write of rows."""

    entity: Literal["user", "company"]
    rows: list[Row] = Field(min_length=1, max_length=100)
    filters: list[Rule | AnyRule] = []
    dry_run: bool = False
    fail: Literal["", "not_found", "conflict"] = ""
    idempotency_key: str | None = None
    reason: str = ""


# Resources of accounts, so that these tests know nothing of the CRM above them.
_SCOPES = {"user": "users:write", "company": "company:write"}


@tool(
    name="test_rows",
    toolset="records",
    scope=one_of(_SCOPES.values(), lambda args: [_SCOPES[args.entity]]),
    arguments=RowsArguments,
    read_only=False,
    rows="rows",
    registry=FIXTURES,
)
def rows(actor: Actor, args: RowsArguments) -> Mapping[str, Any]:
    """Pretend to write rows."""
    if args.fail == "not_found":
        raise NotFound(Issue("organizationIds[2]", "required", row=3))
    if args.fail == "conflict":
        raise Conflict(Issue("expectedVersion", "required", row=1))
    return {"written": len(args.rows), "reason": actor.reason, "changeSetId": actor.change_set}


class DeleteArguments(Arguments):
    """A delete."""

    ids: list[str]


@tool(
    name="test_delete",
    toolset="danger",
    scope=always("users:write"),
    arguments=DeleteArguments,
    read_only=False,
    destructive=True,
    registry=FIXTURES,
)
def delete(_actor: Actor, args: DeleteArguments) -> Mapping[str, Any]:
    """Pretend to delete."""
    return {"deleted": len(args.ids)}


class TableArguments(Arguments):
    """How long a list should be."""

    length: int = Field(3, ge=0, le=1000)
    format: Literal["table", "records"] = "table"
    padding: int = 0


@tool(
    name="test_table", toolset="core", scope=None, arguments=TableArguments, read_only=True, registry=FIXTURES
)
def a_table(_actor: Actor, args: TableArguments) -> Mapping[str, Any]:
    """Answer a list."""
    records = [
        {"id": index, "name": "word " * args.padding, "notes": fenced("a\u200bb")}
        for index in range(args.length)
    ]
    return table(
        ["id", "name", "notes"],
        records,
        total=args.length,
        form=args.format,
        cursor_after=lambda index: f"after-{index}",
    )


@tool(
    name="test_hidden",
    toolset="webhooks",
    scope=None,
    arguments=NoArguments,
    read_only=True,
    registry=FIXTURES,
)
def hidden(_actor: Actor, _args: NoArguments) -> Mapping[str, Any]:
    """Belong to a toolset that is not listed by default."""
    return {}


FIXTURES.add_alias(
    Alias("test_old_rows", "test_rows", lambda old: {"entity": "user", "rows": old.get("people", [])})
)

_RESOURCES = (
    Resource(
        "test://static-text",
        "Static text",
        "A text that never changes.",
        "text/plain",
        lambda _actor: {"text": "This is the content of the static text resource."},
    ),
    Resource(
        "test://static-binary",
        "Static image",
        "An image that never changes.",
        "image/png",
        lambda _actor: {"blob": PNG},
    ),
)
_TEMPLATE = ResourceTemplate(
    "test://template/{id}/data",
    "Template",
    "A document by id.",
    "application/json",
    lambda _actor, variables: {"text": f'{{"id":"{variables["id"]}","templateTest":true}}'},
    {"id": lambda _actor, typed: [word for word in ("1", "12", "123") if word.startswith(typed)]},
)


def _user(content: Mapping[str, Any]) -> dict[str, Any]:
    return {"role": "user", "content": content}


_PROMPTS = (
    Prompt("test_simple_prompt", "A prompt.", (), lambda _a, _g: [_user(_text("This is a simple prompt."))]),
    Prompt(
        "test_prompt_with_arguments",
        "A prompt with arguments.",
        (
            PromptArgument(
                "arg1",
                "First",
                required=True,
                complete=lambda _a, t: [w for w in ("paris", "park") if w.startswith(t)],
            ),
            PromptArgument("arg2", "Second", required=True),
        ),
        lambda _a, given: [
            _user(_text(f"Prompt with arguments: arg1='{given['arg1']}', arg2='{given['arg2']}'"))
        ],
    ),
    Prompt(
        "test_prompt_with_embedded_resource",
        "A prompt with a document.",
        (PromptArgument("resourceUri", "The document", required=True),),
        lambda _a, given: [
            _user(_embedded(given["resourceUri"], "text/plain", "Embedded resource content for testing.")),
            _user(_text("Please process the embedded resource above.")),
        ],
    ),
    Prompt(
        "test_prompt_with_image",
        "A prompt with an image.",
        (),
        lambda _a, _g: [_user(IMAGE), _user(_text("Please analyze the image above."))],
    ),
)


def install() -> None:
    """The fixtures are among the tools, resources and prompts that the endpoint offers."""
    for fixture in FIXTURES.tools():
        TOOLS.add(fixture)
    for alias in FIXTURES.aliases():
        TOOLS.add_alias(alias)
    for resource in _RESOURCES:
        RESOURCES.register(resource.uri, resource)
    TEMPLATES.register(_TEMPLATE.uri_template, _TEMPLATE)
    for prompt in _PROMPTS:
        PROMPTS.register(prompt.name, prompt)


def remove() -> None:
    """The fixtures are gone again."""
    names = [each.name for each in FIXTURES.tools()] + [each.name for each in FIXTURES.aliases()]
    for name in names:
        TOOLS.remove(name)
    for resource in _RESOURCES:
        RESOURCES.unregister(resource.uri)
    TEMPLATES.unregister(_TEMPLATE.uri_template)
    for prompt in _PROMPTS:
        PROMPTS.unregister(prompt.name)
