"""Deliveries as pages show them: where each stands, and what its attempts sent and got."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.actor import Actor
from customermates.kernel.ui.formats import Formats
from webhooks import queries
from webhooks.catalog import SOURCES
from webhooks.endpoint_list import host_of
from webhooks.models import Attempt, Delivery, Message

LOOKED_FOR = timedelta(seconds=60)  # as long as a page that shows a waiting delivery looks again by itself
SOON = timedelta(seconds=15)  # a retry that is due within it is waited for

# {state: its word, its colour, its icon}
STATES: dict[str, tuple[str | Promise, str, str]] = {
    "waiting": (_("Waiting"), "slate", "clock"),
    "sending": (_("Being sent"), "blue", "send"),
    "retrying": (_("Will be retried"), "amber", "refresh-cw"),
    "held": (_("On hold"), "amber", "pause"),
    "delivered": (_("Delivered"), "green", "circle-check"),
    "failed": (_("Failed"), "rose", "circle-alert"),
    "cancelled": (_("Cancelled"), "slate", "ban"),
}

ERRORS: dict[str, str | Promise] = {
    "timeout": _("No complete answer within ten seconds"),
    "unreachable": _("The address could not be reached"),
    "tls": _("The certificate is not valid"),
    "closed": _("The connection was closed without an answer"),
    "protocol": _("The answer was not HTTP"),
    "secret": _("The secret cannot be read any more: rotate it"),
    "internal": _("A fault of ours; the log of the worker tells more"),
}


@dataclass(frozen=True)
class DeliveryRow:
    """One delivery and where it stands."""

    delivery: Delivery
    now: datetime

    @cached_property
    def state(self) -> str:
        """One of STATES."""
        delivery, status = self.delivery, Delivery.Status
        if delivery.status != status.PENDING:
            words = {status.SUCCESS: "delivered", status.FAILED: "failed", status.CANCELLED: "cancelled"}
            return words[Delivery.Status(delivery.status)]
        if delivery.lease_token and delivery.due_at and delivery.due_at > self.now:
            return "sending"
        if not delivery.is_test and not delivery.endpoint.is_sending:
            return "held"
        is_due = delivery.due_at is None or delivery.due_at <= self.now
        return "waiting" if is_due or not delivery.attempts else "retrying"

    @property
    def look(self) -> tuple[str | Promise, str, str]:
        """Word, colour and icon of the state."""
        return STATES[self.state]

    @property
    def host(self) -> str:
        """Where it goes."""
        return host_of(self.delivery.endpoint.url)

    @property
    def outcome(self) -> str:
        """What the last attempt came to: a status code, or why there is none."""
        if self.delivery.status_code:
            return str(self.delivery.status_code)
        return str(ERRORS.get(self.delivery.error, ""))

    @property
    def is_soon(self) -> bool:
        """Whether it is worth looking again in a second."""
        due_at = self.delivery.due_at  # of what is being sent, the end of its lease
        if self.state in ("held", "sending") or due_at is None:
            return self.state == "sending"
        return due_at < self.now + SOON and not self.is_overdue

    @property
    def is_overdue(self) -> bool:
        """Whether it should have been sent a while ago: nobody seems to send anything."""
        due_at = self.delivery.due_at
        return self.state == "waiting" and due_at is not None and due_at < self.now - LOOKED_FOR

    @property
    def can_be_resent(self) -> bool:
        """Whether it can be sent again: not while it is on its way, nor when nothing is sent there."""
        return self.delivery.endpoint.is_sending and self.state not in ("sending", "waiting")


def rows_of(deliveries: Sequence[Delivery]) -> list[DeliveryRow]:
    """The deliveries, as of now."""
    now = timezone.now()
    return [DeliveryRow(delivery, now) for delivery in deliveries]


@dataclass(frozen=True)
class AttemptRow:
    """One attempt, with what came back as text that does nothing."""

    attempt: Attempt
    formats: Formats

    @property
    def took(self) -> str:
        """How long it took."""
        ms = self.attempt.duration_ms
        return f"{ms} ms" if ms < 1_000 else f"{self.formats.number(ms / 1_000, 1)} s"

    @property
    def is_success(self) -> bool:
        """Whether the receiver took it."""
        code = self.attempt.status_code
        return code is not None and 200 <= code < 300

    @property
    def error(self) -> str:
        """Why there was no answer; "" when there was one."""
        return str(ERRORS.get(self.attempt.error, self.attempt.error))

    @property
    def headers(self) -> Mapping[str, str]:
        """The first headers of the answer."""
        return {visible(name): visible(value) for name, value in self.attempt.response_headers.items()}

    @property
    def excerpt(self) -> str:
        """The beginning of the answer."""
        return visible(self.attempt.response_excerpt)


@dataclass(frozen=True)
class DeliveryDetails:
    """Everything about one delivery; `body` None is one that this person may not read."""

    row: DeliveryRow
    attempts: Sequence[AttemptRow]
    body: str | None

    @property
    def delivery(self) -> Delivery:
        """The delivery itself."""
        return self.row.delivery

    @property
    def last(self) -> AttemptRow | None:
        """The newest attempt."""
        return self.attempts[0] if self.attempts else None

    @property
    def pretty_body(self) -> str:
        """The body, indented for people; what is sent has neither spaces nor line breaks."""
        return visible(json.dumps(json.loads(self.body or "null"), indent=2, ensure_ascii=False))

    @property
    def is_truncated(self) -> bool:
        """Whether the body was too large and says only which record it is about."""
        return self.delivery.message.variant == Message.Variant.TRUNCATED

    @property
    def record_url(self) -> str:
        """The page of the record that it tells of; "" for a test."""
        source = SOURCES.find(self.delivery.event.partition(".")[0])
        return source.page_of(self.delivery.entity_id) if source else ""


def details_of(actor: Actor, delivery: Delivery, formats: Formats) -> DeliveryDetails:
    """The delivery with all its attempts, the newest first."""
    attempts = [AttemptRow(attempt, formats) for attempt in reversed(queries.list_attempts(actor, delivery))]
    [row] = rows_of([delivery])
    return DeliveryDetails(row, attempts, queries.body_of(actor, delivery))


_SHOWN_CONTROLS = {"\n": "\n", "\t": "\t", "\r": "␍"}


def visible(text: str) -> str:
    """`text` with nothing hidden: controls, and marks that turn or hide other text, are spelled out."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if character in _SHOWN_CONTROLS:
        return _SHOWN_CONTROLS[character]
    if unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"):
        return character
    code = ord(character)
    return chr(0x2400 + code) if code < 0x20 else "␡" if code == 0x7F else f"⟨U+{code:04X}⟩"
