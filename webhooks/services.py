"""The writer of endpoints, their secrets, and of what people ask of deliveries.

Like the write path of records: each function is one transaction, tells every issue at once, and puts
what it did on record as its last step. A secret is in no event, and comes back at most once: when the
product itself made it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.actor import Actor
from accounts.events import EventDraft, difference, record
from accounts.models import Company
from customermates.kernel.errors import Conflict, Issue, NotAllowed, NotFound, ValidationFailed
from customermates.kernel.sealing import seal
from webhooks.catalog import Json, permission_needed
from webhooks.definitions import EndpointReader, definition, secret_issues, stale_endpoint
from webhooks.models import Delivery, Endpoint, Secret
from webhooks.queries import failed_since
from webhooks.queueing import queue_again, queue_test
from webhooks.signing import new_secret

RESOURCE = "webhooks"
ENDPOINTS_LIMIT = 100  # of one company: every event is compared with all of them
OVERLAP = timedelta(hours=24)  # both secrets sign, so that no receiver misses a delivery

Changes = Mapping[str, Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class EndpointReceipt:
    """What a write did to an endpoint; `secret` is one that the product made, to be shown this once."""

    endpoint: Endpoint
    changes: Changes
    change_set: UUID
    secret: str | None = None
    dry_run: bool = False


@transaction.atomic
def create_endpoint(actor: Actor, values: Mapping[str, Json], *, dry_run: bool = False) -> EndpointReceipt:
    """A new endpoint as `values` say (webhooks.definitions.NAMES); without `secret` one is made for it."""
    actor.require("write", RESOURCE)
    company = Company.objects.get(pk=actor.company_id)
    endpoint = Endpoint(company_id=actor.company_id, created_by_id=actor.user_id)
    reader = EndpointReader(endpoint, company, values)
    reader.read()
    if _live(actor).count() >= ENDPOINTS_LIMIT:
        reader.issues.append(Issue("", "too_many_endpoints", {"limit": ENDPOINTS_LIMIT}))
    reader.done()
    _require_reach(actor, endpoint)
    endpoint.save(force_insert=True)
    made = None if reader.secret else new_secret()
    _add_secret(endpoint, reader.secret or made or "")
    changes = difference({}, definition(endpoint))
    return _told(actor, "created", endpoint, changes, secret=made, dry_run=dry_run)


@transaction.atomic
def update_endpoint(
    actor: Actor, endpoint_id: UUID, values: Mapping[str, Json], *, dry_run: bool = False
) -> EndpointReceipt:
    """The named parts changed; `headers` are all there shall be, null for a value keeps it as it is.

    Switching one on that is paused resumes it.
    """
    actor.require("write", RESOURCE)
    endpoint = _get(actor, endpoint_id)
    before, headers, pause = definition(endpoint), endpoint.headers_sealed, endpoint.pause
    reader = EndpointReader(endpoint, Company.objects.get(pk=actor.company_id), values)
    reader.read()
    if [issue.code for issue in reader.issues] == ["stale_webhook"]:
        raise Conflict(*reader.issues)
    reader.done()
    _require_reach(actor, endpoint)
    changes = difference(before, definition(endpoint))
    if endpoint.headers_sealed != headers and "headerNames" not in changes:
        changes["headerNames"] = {"previous": before["headerNames"], "current": endpoint.header_names}
    if pause and values.get("enabled") is True:
        changes["pause"] = {"previous": pause, "current": None}
    if not changes:
        return EndpointReceipt(endpoint, changes, actor.change_set, dry_run=dry_run)
    if {"url", "pause"} & changes.keys() or (endpoint.enabled and not before["enabled"]):
        _forget_health(endpoint)  # what was says nothing about the new address, or about a new beginning
    _save(endpoint)
    return _told(actor, "updated", endpoint, changes, dry_run=dry_run)


@transaction.atomic
def delete_endpoint(
    actor: Actor, endpoint_id: UUID, *, expected_version: int | None = None, dry_run: bool = False
) -> EndpointReceipt:
    """The endpoint gone with its secrets, and what still waited for it cancelled; its log stays readable.

    Conflict when it no longer has the version that is expected.
    """
    actor.require("write", RESOURCE)
    endpoint = _get(actor, endpoint_id)
    if expected_version not in (None, endpoint.version):
        raise Conflict(stale_endpoint(endpoint))
    endpoint.deleted_at, endpoint.headers_sealed = timezone.now(), ""
    _save(endpoint)
    _secrets(endpoint).delete()
    waiting = Delivery.objects.filter(company_id=actor.company_id, endpoint=endpoint, due_at__isnull=False)
    waiting.update(
        status=Delivery.Status.CANCELLED, due_at=None, lease_token=None, finished_at=timezone.now()
    )
    return _told(actor, "deleted", endpoint, difference(definition(endpoint), {}), dry_run=dry_run)


@transaction.atomic
def rotate_secret(
    actor: Actor,
    endpoint_id: UUID,
    *,
    secret: str | None = None,
    overlap: timedelta = OVERLAP,
    dry_run: bool = False,
) -> EndpointReceipt:
    """The endpoint has a new secret, typed or made here; the old one signs along until `overlap` ends.

    At most two secrets are active: rotating again within an overlap ends the older one.
    """
    actor.require("write", RESOURCE)
    if secret is not None:
        ValidationFailed.raise_if(secret_issues(secret))
    endpoint = _get(actor, endpoint_id)
    now = timezone.now()
    _secrets(endpoint).exclude(expires_at=None).delete()
    _secrets(endpoint).update(expires_at=now + overlap)
    made = new_secret() if secret is None else None
    _add_secret(endpoint, secret or made or "")
    changes = {"secretExpiresAt": {"previous": None, "current": (now + overlap).isoformat()}}
    return _told(actor, "secretRotated", endpoint, changes, secret=made, dry_run=dry_run)


@transaction.atomic
def end_overlap(actor: Actor, endpoint_id: UUID) -> EndpointReceipt:
    """Only the new secret signs from now on; Conflict when there is no other."""
    actor.require("write", RESOURCE)
    endpoint = _get(actor, endpoint_id)
    now = timezone.now()
    if not _secrets(endpoint).filter(expires_at__gt=now).delete()[0]:
        raise Conflict(Issue("", "no_overlap"))
    changes = {"secretExpiresAt": {"previous": None, "current": now.isoformat()}}
    return _told(actor, "overlapEnded", endpoint, changes)


@transaction.atomic
def resume_endpoint(actor: Actor, endpoint_id: UUID, *, replay: bool = False) -> tuple[EndpointReceipt, int]:
    """The endpoint sends again, first what waited for it; with `replay` also what failed since it began to.

    The number is that of the deliveries which failed and are now tried again.
    """
    actor.require("write", RESOURCE)
    endpoint = _get(actor, endpoint_id)
    _require_reach(actor, endpoint)
    since, was = endpoint.failing_since, endpoint.pause
    if not was and endpoint.enabled:
        raise Conflict(Issue("", "not_paused"))
    before = definition(endpoint)
    endpoint.enabled = True
    _forget_health(endpoint)
    _save(endpoint)
    again = _replay(endpoint, since) if replay and since else 0
    changes = difference(before, definition(endpoint)) | difference({"pause": was or None}, {"pause": None})
    return _told(actor, "resumed", endpoint, changes), again


@transaction.atomic
def send_test(actor: Actor, endpoint_id: UUID, *, dry_run: bool = False) -> Delivery:
    """A test on its way: one attempt by the next worker, even while the endpoint is paused or off."""
    actor.require("write", RESOURCE)
    endpoint = _get(actor, endpoint_id)
    _require_reach(actor, endpoint)
    delivery = queue_test(endpoint, user_id=actor.user_id)
    if dry_run:
        transaction.set_rollback(True)
    return delivery


@transaction.atomic
def resend_delivery(actor: Actor, delivery_id: UUID, *, dry_run: bool = False) -> Delivery:
    """The delivery on its way again, byte for byte, with all its retries before it.

    Conflict while it is being sent, or when its endpoint does not send.
    """
    actor.require("write", RESOURCE)
    rows = Delivery.objects.filter(company_id=actor.company_id, pk=delivery_id)
    found = rows.first()
    if found is None:
        raise NotFound(Issue("id", "unknown_delivery", {"id": str(delivery_id)}))
    endpoint = _get_sending(actor, found.endpoint_id)
    _require_reach(actor, endpoint)
    if not queue_again(rows):
        raise Conflict(Issue("", "being_sent"))
    _record(actor, "replayed", endpoint, {"deliveries": {"previous": None, "current": 1}})
    found.refresh_from_db()
    if dry_run:
        transaction.set_rollback(True)
    return found


@transaction.atomic
def replay_failed(actor: Actor, endpoint_id: UUID, *, since: datetime) -> int:
    """How many deliveries that failed since then are on their way again."""
    actor.require("write", RESOURCE)
    endpoint = _get_sending(actor, endpoint_id)
    _require_reach(actor, endpoint)
    count = _replay(endpoint, since)
    if count:
        _record(actor, "replayed", endpoint, {"deliveries": {"previous": None, "current": count}})
    return count


# --- Parts --------------------------------------------------------------------------------------------


def _live(actor: Actor) -> QuerySet[Endpoint]:
    return Endpoint.objects.filter(company_id=actor.company_id, deleted_at=None)


def _get(actor: Actor, endpoint_id: UUID) -> Endpoint:
    """The endpoint, locked; endpoints come before companies and deliveries wherever several are locked."""
    endpoint = _live(actor).select_for_update(no_key=True).filter(pk=endpoint_id).first()
    if endpoint is None:
        raise NotFound(Issue("id", "unknown_webhook", {"id": str(endpoint_id)}))
    return endpoint


def _get_sending(actor: Actor, endpoint_id: UUID) -> Endpoint:
    endpoint = _get(actor, endpoint_id)
    if not endpoint.is_sending:
        raise Conflict(Issue("", "webhook_not_sending"))
    return endpoint


def _require_reach(actor: Actor, endpoint: Endpoint) -> None:
    """Nobody gets to see by a detour what their role or key does not let them read."""
    if needed := permission_needed(actor, endpoint.events):
        raise NotAllowed(Issue("events", "event_beyond_yours", {"permission": needed, "scope": needed}))


def _secrets(endpoint: Endpoint) -> QuerySet[Secret]:
    return Secret.objects.filter(company_id=endpoint.company_id, endpoint=endpoint)


def _add_secret(endpoint: Endpoint, secret: str) -> None:
    Secret(company_id=endpoint.company_id, endpoint=endpoint, sealed=seal(secret)).save(force_insert=True)


def _forget_health(endpoint: Endpoint) -> None:
    endpoint.failing_since = endpoint.blocked_until = endpoint.paused_at = endpoint.told_at = None
    endpoint.failures = endpoint.unreached = 0
    endpoint.pause = Endpoint.Pause.NONE


def _save(endpoint: Endpoint) -> None:
    endpoint.version += 1
    endpoint.updated_at = timezone.now()
    endpoint.save()


def _replay(endpoint: Endpoint, since: datetime) -> int:
    return queue_again(failed_since(endpoint.company_id, endpoint.pk, since))


def _told(
    actor: Actor,
    what: str,
    endpoint: Endpoint,
    changes: Changes,
    *,
    secret: str | None = None,
    dry_run: bool = False,
) -> EndpointReceipt:
    """The receipt of a change on record; of a dry run nothing is left, and its secret is shown to nobody."""
    if dry_run:
        transaction.set_rollback(True)
        return EndpointReceipt(endpoint, changes, actor.change_set, dry_run=True)
    _keep_listeners(endpoint.company_id)
    _record(actor, what, endpoint, changes)
    return EndpointReceipt(endpoint, changes, actor.change_set, secret)


def _keep_listeners(company_id: UUID) -> None:
    """The company knows whether anybody is told of its events.

    Locked before it is looked at: two people at once must not leave it at "nobody" while there is one.
    """
    company = Company.objects.select_for_update(no_key=True).get(pk=company_id)
    has_listeners = Endpoint.objects.filter(company_id=company_id, deleted_at=None, enabled=True).exists()
    if company.has_listeners != has_listeners:
        company.has_listeners = has_listeners
        company.save(update_fields=["has_listeners"])


def _record(actor: Actor, what: str, endpoint: Endpoint, changes: Changes) -> None:
    draft = EventDraft(name=f"webhook.{what}", entity="webhook", entity_id=endpoint.pk, changes=changes)
    record(actor, [draft])
