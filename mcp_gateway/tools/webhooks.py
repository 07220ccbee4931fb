"""The webhook tools: who is told of what happens, and what became of each telling."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from pydantic import Field
from pydantic.config import JsonDict

from accounts.actor import Actor
from customermates.kernel.errors import Issue, NotFound
from customermates.kernel.ids import find_uuid
from mcp_gateway.answers import table
from mcp_gateway.arguments import Arguments, BadArguments
from mcp_gateway.record_arguments import EXAMPLE_ID, WriteArguments
from mcp_gateway.registry import tool
from mcp_gateway.webhook_answers import (
    DELIVERY_COLUMNS,
    WEBHOOK_COLUMNS,
    delivery_details,
    delivery_row,
    sent,
    webhook_details,
    webhook_receipt,
    webhook_row,
)
from webhooks import queries, services
from webhooks.catalog import patterns
from webhooks.models import Delivery

if TYPE_CHECKING:
    Status = str
else:
    Status = Literal[tuple(Delivery.Status.values)]

_CLEARED = ("description", "filters")  # by null
READ, WRITE = "webhooks:read", "webhooks:write"
EXAMPLE_URL = "https://example.com/webhooks"
EXAMPLE_TIME = "2026-11-22T10:00:00Z"
_FILTERS: JsonDict = {
    "additionalProperties": {"type": "array", "items": {"type": "object", "additionalProperties": True}}
}
_HEADERS: JsonDict = {"additionalProperties": {"type": ["string", "null"]}}


class CursorArguments(Arguments):
    """A list, from where the page before ended."""

    cursor: str | None = Field(None, description="nextCursor of the answer before.")

    def after(self) -> UUID | None:
        """The id that the page before ended with; BadArguments when this is no cursor."""
        if self.cursor is None:
            return None
        if found := find_uuid(self.cursor):
            return found
        raise BadArguments(Issue("cursor", "wrong_cursor"))


@tool(name="list_webhooks", toolset="webhooks", scope=READ, arguments=CursorArguments, read_only=True)
def list_webhooks(actor: Actor, args: CursorArguments) -> dict[str, Any]:
    """List the company's webhooks with their state: healthy, new, failing, retrying, paused, gone or off."""
    after = args.after()
    everything = queries.list_endpoints(actor)
    endpoints = [endpoint for endpoint in everything if after is None or endpoint.pk > after]
    return table(
        WEBHOOK_COLUMNS,
        [webhook_row(endpoint) for endpoint in endpoints],
        total=len(everything),
        cursor_after=lambda index: str(endpoints[index].pk),
    )


class WebhookArguments(Arguments):
    """One webhook."""

    id: str = Field(examples=[EXAMPLE_ID])


@tool(name="get_webhook", toolset="webhooks", scope=READ, arguments=WebhookArguments, read_only=True)
def get_webhook(actor: Actor, args: WebhookArguments) -> dict[str, Any]:
    """One webhook: its settings, how it fares, its last seven days. Neither secrets nor header values."""
    return webhook_details(actor, queries.get_endpoint(actor, _webhook_id(args.id)))


class WebhookValues(WriteArguments):
    """What a webhook can be set to; the services read and check all of it."""

    url: str | None = Field(None, description="https, a public address.", examples=[EXAMPLE_URL])
    description: str | None = None
    events: list[str] | None = Field(
        None,
        description='Of contact, organization, deal, service, task: "deal.created", "deal.*"; "*" is all.',
        examples=[["deal.updated", "contact.*"]],
    )
    filters: dict[str, Any] | None = Field(
        None,
        description='Only matching records: {"deal": [rules as in filter_entity]}.',
        json_schema_extra=_FILTERS,
    )
    ids_only: bool | None = Field(None, description="Bodies name the record, without its values.")
    ordered: bool | None = Field(None, description="One delivery at a time per record.")
    headers: dict[str, Any] | None = Field(
        None,
        description="Custom headers, all there shall be; null keeps a stored value.",
        json_schema_extra=_HEADERS,
    )
    enabled: bool | None = None

    def values(self) -> dict[str, Any]:
        """What was sent, by the services' names; null says nothing but where it clears."""
        own = set(type(self).model_fields) - set(WriteArguments.model_fields) - {"id"}
        sent = self.model_dump(by_alias=True, include=own & self.model_fields_set)
        return {name: value for name, value in sent.items() if value is not None or name in _CLEARED}


class CreateWebhookArguments(WebhookValues):
    """A new webhook."""

    url: str = Field(description="https, a public address.", examples=[EXAMPLE_URL])
    events: list[str] = Field(
        description="What to be told of.",
        examples=[["deal.updated", "contact.*"]],
        json_schema_extra={"items": {"type": "string", "enum": [*patterns()]}},
    )
    secret: str | None = Field(None, description="Your own, at least 8 characters; else one is made.")


@tool(
    name="create_webhook",
    toolset="webhooks",
    scope=WRITE,
    arguments=CreateWebhookArguments,
    read_only=False,
)
def create_webhook(actor: Actor, args: CreateWebhookArguments) -> dict[str, Any]:
    """Have an address outside told of changes, signed. The secret that is made for it is not told here: the
    answer says where a person gets one.
    """
    done = services.create_endpoint(actor, args.values(), dry_run=args.dry_run)
    return webhook_receipt(done, "created")


class UpdateWebhookArguments(WebhookValues):
    """Changes to a webhook."""

    id: str = Field(examples=[EXAMPLE_ID])
    expected_version: int | None = None


@tool(
    name="update_webhook",
    toolset="webhooks",
    scope=WRITE,
    arguments=UpdateWebhookArguments,
    read_only=False,
    idempotent=True,
)
def update_webhook(actor: Actor, args: UpdateWebhookArguments) -> dict[str, Any]:
    """Change a webhook: only what you send. enabled: true also resumes a paused one."""
    done = services.update_endpoint(actor, _webhook_id(args.id), args.values(), dry_run=args.dry_run)
    return webhook_receipt(done, "updated")


class OneWebhookArguments(WriteArguments):
    """A write to one webhook."""

    id: str = Field(examples=[EXAMPLE_ID])


@tool(
    name="delete_webhook",
    toolset="webhooks",
    scope=WRITE,
    arguments=OneWebhookArguments,
    read_only=False,
    destructive=True,
)
def delete_webhook(actor: Actor, args: OneWebhookArguments) -> dict[str, Any]:
    """Delete a webhook with its secret, for good; what still waits for it is cancelled. To stop for a while,
    update_webhook with enabled: false.
    """
    done = services.delete_endpoint(actor, _webhook_id(args.id), dry_run=args.dry_run)
    return webhook_receipt(done, "deleted")


class DeliveriesArguments(CursorArguments):
    """Which deliveries are wanted."""

    delivery_id: str | None = Field(None, description="One, with its body and every attempt.")
    webhook_id: str | None = None
    status: Status | None = None
    event: str | None = Field(None, examples=["deal.updated"])
    record_id: str | None = None
    since: str | None = Field(None, description=f'Like "{EXAMPLE_TIME}".')
    page_size: int = Field(25, ge=1, le=queries.PAGE_LIMIT)

    def query(self) -> queries.DeliveryQuery:
        """The question as the query layer takes it."""
        return queries.DeliveryQuery(
            endpoint_id=_webhook_id(self.webhook_id, "webhookId") if self.webhook_id else None,
            status=self.status or "",
            event=self.event or "",
            entity_id=_record_id(self.record_id),
            since=_moment(self.since),
            before=self.after(),
            size=self.page_size,
        )


@tool(
    name="list_webhook_deliveries",
    toolset="webhooks",
    scope=READ,
    arguments=DeliveriesArguments,
    read_only=True,
)
def list_webhook_deliveries(actor: Actor, args: DeliveriesArguments) -> dict[str, Any]:
    """Deliveries of webhooks, newest first (what was sent, what failed, why), or one of them in full by
    deliveryId.
    """
    if args.delivery_id is not None:
        path = "deliveryId"
        delivery = queries.get_delivery(actor, _delivery_id(args.delivery_id, path), path=path)
        return delivery_details(actor, delivery, queries.list_attempts(actor, delivery))
    query = args.query()
    if query.endpoint_id:
        queries.get_endpoint(actor, query.endpoint_id, path="webhookId")
    page = queries.list_deliveries(actor, query)
    answer = table(
        DELIVERY_COLUMNS,
        [delivery_row(delivery) for delivery in page.rows],
        total=0,
        next_cursor=str(page.next_before) if page.next_before else None,
        cursor_after=lambda index: str(page.rows[index].pk),
    )
    return {name: value for name, value in answer.items() if not name.startswith("total")}


@tool(
    name="resend_webhook_delivery",
    toolset="webhooks",
    scope=WRITE,
    arguments=OneWebhookArguments,
    read_only=False,
)
def resend_webhook_delivery(actor: Actor, args: OneWebhookArguments) -> dict[str, Any]:
    """Send one delivery again, byte for byte, with all its retries before it. id is the delivery's."""
    delivery = services.resend_delivery(actor, _delivery_id(args.id), dry_run=args.dry_run)
    return sent(delivery, dry_run=args.dry_run)


@tool(name="test_webhook", toolset="webhooks", scope=WRITE, arguments=OneWebhookArguments, read_only=False)
def test_webhook(actor: Actor, args: OneWebhookArguments) -> dict[str, Any]:
    """Send a test to a webhook, also while it is paused or off."""
    delivery = services.send_test(actor, _webhook_id(args.id), dry_run=args.dry_run)
    return sent(delivery, dry_run=args.dry_run)


# --- Reading ids and times ------------------------------------------------------------------------------


def _webhook_id(text: str, path: str = "id") -> UUID:
    return _read_id(text, path, "unknown_webhook")


def _delivery_id(text: str, path: str = "id") -> UUID:
    return _read_id(text, path, "unknown_delivery")


def _read_id(text: str, path: str, code: str) -> UUID:
    """The id that `text` spells; what is none is answered like one that does not exist."""
    if found := find_uuid(text):
        return found
    raise NotFound(Issue(path, code, {"id": text[:80]}))


def _record_id(text: str | None) -> UUID | None:
    if text is None:
        return None
    if found := find_uuid(text):
        return found
    raise BadArguments(Issue("recordId", "wrong_type", {"expected": "an id", "example": EXAMPLE_ID}))


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None or timezone.is_naive(moment):
        params = {"expected": "a time with its zone", "example": EXAMPLE_TIME}
        raise BadArguments(Issue("since", "wrong_type", params))
    return moment
