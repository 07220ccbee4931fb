"""Endpoints: listed, made, changed, deleted, tried out and started again.

A secret that the product makes is in one answer and nowhere else; one that the caller sent is in none.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.api.calls import IDEMPOTENCY_KEY, Answer, Call, moment_of
from customermates.kernel.errors import Issue, NotFound, ValidationFailed
from customermates.kernel.ids import find_uuid
from webhooks import queries, services
from webhooks.api.deliveries import delivery_json
from webhooks.definitions import definition
from webhooks.endpoint_list import state_of
from webhooks.models import Endpoint
from webhooks.queries import Tally
from webhooks.services import RESOURCE, EndpointReceipt

Json = Any
WEEK = timedelta(days=7)
EXAMPLE_TIME = "2026-11-22T10:00:00Z"


def listed(call: Call) -> Answer:
    """`{items}`: all endpoints of the company, oldest first."""
    return Answer(
        body={"items": [endpoint_json(endpoint) for endpoint in queries.list_endpoints(call.actor)]}
    )


def get(call: Call) -> Answer:
    """One endpoint, how its last seven days went, and which secrets sign now."""
    endpoint = queries.get_endpoint(call.actor, endpoint_id(call))
    secrets = queries.list_secrets(call.actor, endpoint)
    week = queries.tallies(call.actor, [timezone.now() - WEEK], endpoint_id=endpoint.pk)
    [tally] = week.get(endpoint.pk, [Tally()])
    more = {
        "lastSevenDays": {"delivered": tally.delivered, "failed": tally.failed, "waiting": tally.waiting},
        "secrets": [{"createdAt": each.created_at, "expiresAt": each.expires_at} for each in secrets],
    }
    return Answer(body=endpoint_json(endpoint) | more, version=endpoint.version)


def create(call: Call) -> Answer:
    """The new endpoint, with the secret that was made for it: this once."""
    call.actor.require("read", RESOURCE)
    _refuse_retries_of_secrets(call)
    done = services.create_endpoint(call.actor, call.body, dry_run=call.dry_run)
    if done.dry_run:
        return _would_be("created", done)
    location = f"/api/v1/webhooks/{done.endpoint.pk}"
    return Answer(body=_with_secret(done), status=201, version=done.endpoint.version, location=location)


def update(call: Call) -> Answer:
    """The endpoint with the members of the body changed."""
    call.actor.require("read", RESOURCE)
    pk = endpoint_id(call)
    done = services.update_endpoint(call.actor, pk, call.changes_of(pk), dry_run=call.dry_run)
    return _would_be("updated", done) if done.dry_run else _shown(done)


def delete(call: Call) -> Answer:
    """The id of the endpoint, which is gone with its secrets."""
    done = services.delete_endpoint(
        call.actor, endpoint_id(call), expected_version=call.version, dry_run=call.dry_run
    )
    return _would_be("deleted", done) if done.dry_run else Answer(body=str(done.endpoint.pk))


def rotate_secret(call: Call) -> Answer:
    """The endpoint with its new secret when one was made for it: this once."""
    call.actor.require("read", RESOURCE)
    secret = call.only("secret").get("secret")
    _refuse_retries_of_secrets(call)
    pk = endpoint_id(call)
    done = services.rotate_secret(call.actor, pk, secret=secret, dry_run=call.dry_run)
    if done.dry_run:
        return _would_be("updated", done)
    return Answer(body=_with_secret(done), version=done.endpoint.version)


def end_overlap(call: Call) -> Answer:
    """The endpoint, whose old secret no longer signs."""
    call.actor.require("read", RESOURCE)
    return _shown(services.end_overlap(call.actor, endpoint_id(call)))


def resume(call: Call) -> Answer:
    """`{webhook, deliveries}`: the endpoint, sending again, and how many that had failed are tried again."""
    call.actor.require("read", RESOURCE)
    replay = call.only("replay").get("replay", False)
    if not isinstance(replay, bool):
        raise ValidationFailed(Issue("replay", "wrong_type", {"expected": "true or false"}))
    done, count = services.resume_endpoint(call.actor, endpoint_id(call), replay=replay)
    return Answer(body={"webhook": endpoint_json(done.endpoint), "deliveries": count})


def replay(call: Call) -> Answer:
    """`{deliveries}`: how many that failed since then are on their way again."""
    raw = call.only("since").get("since")
    since = moment_of(raw)
    if since is None:
        code = "required" if raw is None else "wrong_type"
        params = {"expected": "a time with its zone", "example": EXAMPLE_TIME}
        raise ValidationFailed(Issue("since", code, params))
    count = services.replay_failed(call.actor, endpoint_id(call), since=since)
    return Answer(body={"deliveries": count}, status=202)


def send_test(call: Call) -> Answer:
    """The delivery of a test, on its way."""
    call.actor.require("read", RESOURCE)
    return Answer(body=delivery_json(services.send_test(call.actor, endpoint_id(call))), status=202)


def endpoint_json(endpoint: Endpoint) -> dict[str, Json]:
    """An endpoint without what is secret about it: of its headers only the names."""
    return {
        "id": endpoint.pk,
        **definition(endpoint),
        "description": endpoint.description or None,
        "state": state_of(endpoint, timezone.now()),
        "failures": endpoint.failures,
        "failingSince": endpoint.failing_since,
        "nextTryAt": endpoint.blocked_until,
        "pausedAt": endpoint.paused_at,
        "lastSuccessAt": endpoint.last_success_at,
        "version": endpoint.version,
        "createdAt": endpoint.created_at,
        "updatedAt": endpoint.updated_at,
    }


def endpoint_id(call: Call) -> UUID:
    """The id in the path; NotFound when it is none, like an id that nobody has."""
    if (pk := find_uuid(call.path["id"])) is None:
        raise NotFound(Issue("id", "unknown_webhook", {"id": call.path["id"][:80]}))
    return pk


def _refuse_retries_of_secrets(call: Call) -> None:
    """Answers are kept for retries, and a secret that was made must be kept nowhere."""
    if call.idempotency_key is not None and call.body.get("secret") is None and not call.dry_run:
        raise ValidationFailed(Issue(IDEMPOTENCY_KEY, "secret_not_kept"))


def _with_secret(done: EndpointReceipt) -> dict[str, Json]:
    return endpoint_json(done.endpoint) | {"secret": done.secret}


def _shown(done: EndpointReceipt) -> Answer:
    return Answer(body=endpoint_json(done.endpoint), version=done.endpoint.version)


def _would_be(outcome: str, done: EndpointReceipt) -> Answer:
    """What a dry run tells."""
    is_same = outcome == "updated" and not done.changes
    row: Mapping[str, Json] = {
        "id": None if outcome == "created" else str(done.endpoint.pk),
        "outcome": "unchanged" if is_same else outcome,
        "changes": done.changes,
    }
    return Answer(body={"dryRun": True, "records": [row]})
