"""What attempts came to: the log, what becomes of each delivery, and how its endpoint is doing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accounts.actor import system_actor
from accounts.events import EventDraft, record
from accounts.models import Company
from customermates.kernel.jsontext import utc_text
from customermates.kernel.rows import insert_rows, update_rows
from webhooks.claims import CIRCUIT_FAILURES
from webhooks.models import Attempt, Delivery, Endpoint
from webhooks.parcels import FRESH, Parcel
from webhooks.retrying import Verdict, judge, read_retry_after
from webhooks.transport import Answer

PAUSE_AFTER = timedelta(days=5)  # of nothing but failures
PAUSE_FAILURES = 20  # and at least so many of them
CIRCUIT_OPEN = timedelta(seconds=10)  # doubled each time
CIRCUIT_OPEN_LIMIT = timedelta(minutes=10)

Status = Delivery.Status
Pause = Endpoint.Pause
_WRITTEN = {"status", "attempts", "retries", "due_at", "lease_token", "finished_at", "status_code", "error"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One attempt, made."""

    parcel: Parcel
    started_at: datetime
    answer: Answer
    request_headers: Mapping[str, str]

    def verdict(self, now: datetime) -> Verdict:
        """What follows from it; a test is tried once."""
        answer = self.answer
        asked = answer.headers.get("retry-after")
        retry_after = read_retry_after(asked, now=now) if asked else None
        verdict = judge(answer.status_code, retries=self.parcel.retries, retry_after=retry_after)
        return Verdict(verdict.is_success) if self.parcel.is_test else verdict

    def without_words(self) -> Outcome:
        """The same, without the text and headers that came back."""
        return replace(self, answer=replace(self.answer, headers={}, excerpt=""))


def write_outcomes(outcomes: Sequence[Outcome]) -> int:
    """How many outcomes are now on record; those whose lease went to somebody else are dropped.

    Endpoints are locked before deliveries, as everywhere, so that no two writers wait for each other. Part
    of the caller's transaction, if there is one.
    """
    now = timezone.now()
    judged = [(outcome, outcome.verdict(now)) for outcome in outcomes]
    with transaction.atomic(savepoint=False):
        endpoints = _endpoints(judged)
        mine = _still_ours(outcomes)
        judged = [(outcome, verdict) for outcome, verdict in judged if outcome.parcel.delivery_id in mine]
        if not judged:
            return 0
        insert_rows(Attempt, [_attempt(outcome) for outcome, _ in judged])
        fields = [field for field in Delivery._meta.concrete_fields if field.name in _WRITTEN]
        update_rows(Delivery, fields, [_settled(outcome, verdict, now) for outcome, verdict in judged])
        _note_health(endpoints, judged, now)
    return len(judged)


def _endpoints(judged: Iterable[tuple[Outcome, Verdict]]) -> Mapping[UUID, Endpoint]:
    """The endpoints about which something new is known, locked in the order of their ids."""
    ids = {
        outcome.parcel.endpoint_id
        for outcome, verdict in judged
        if not (outcome.parcel.is_test or (verdict.is_success and outcome.parcel.is_settled))
    }
    if not ids:
        return {}
    rows = Endpoint.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows}


def _still_ours(outcomes: Sequence[Outcome]) -> set[UUID]:
    """The deliveries, locked, whose lease has not gone to somebody else."""
    tokens = {outcome.parcel.delivery_id: outcome.parcel.token for outcome in outcomes}
    rows = Delivery.objects.select_for_update(no_key=True).filter(pk__in=tokens).order_by("pk")
    return {pk for pk, token in rows.values_list("pk", "lease_token") if token == tokens[pk]}


def _attempt(outcome: Outcome) -> Attempt:
    answer, parcel = outcome.answer, outcome.parcel
    return Attempt(
        company_id=parcel.company_id,
        delivery_id=parcel.delivery_id,
        number=parcel.number,
        started_at=outcome.started_at,
        duration_ms=answer.duration_ms,
        status_code=answer.status_code,
        error=answer.error,
        request_headers=outcome.request_headers,
        response_headers=answer.headers,
        response_excerpt=answer.excerpt,
    )


def _settled(outcome: Outcome, verdict: Verdict, now: datetime) -> Delivery:
    """What is written of the delivery: to be tried again, or done with."""
    parcel, is_done = outcome.parcel, verdict.delay is None
    delivery = Delivery(
        id=parcel.delivery_id,
        attempts=parcel.number,
        retries=parcel.retries if is_done else parcel.retries + 1,
        due_at=None if verdict.delay is None else now + verdict.delay,
        finished_at=now if is_done else None,
        status_code=outcome.answer.status_code,
        error=outcome.answer.error,
    )
    if is_done:
        delivery.status = Status.SUCCESS if verdict.is_success else Status.FAILED
    return delivery


# --- How endpoints are doing --------------------------------------------------------------------------


def _note_health(
    endpoints: Mapping[UUID, Endpoint], judged: Iterable[tuple[Outcome, Verdict]], now: datetime
) -> None:
    """Successes and failures counted, circuits opened and closed, endpoints paused where it is time."""
    if not endpoints:
        return
    paused: list[Endpoint] = []
    for outcome, verdict in judged:
        endpoint = endpoints.get(outcome.parcel.endpoint_id)
        if endpoint is None or outcome.parcel.is_test:
            continue
        _count(endpoint, outcome, verdict, now)
        if endpoint.is_sending and (why := _reason_to_pause(endpoint, verdict, now)):
            endpoint.pause, endpoint.paused_at, endpoint.told_at = why, now, None
            paused.append(endpoint)
    for endpoint in endpoints.values():
        endpoint.save(update_fields=_HEALTH)
    if paused:
        _tell(paused)


_HEALTH = (
    "last_success_at",
    "failing_since",
    "failures",
    "unreached",
    "blocked_until",
    "pause",
    "paused_at",
    "told_at",
)


def _count(endpoint: Endpoint, outcome: Outcome, verdict: Verdict, now: datetime) -> None:
    if outcome.answer.status_code is not None:  # whatever it said, somebody is there
        endpoint.unreached, endpoint.blocked_until = 0, None
    else:
        endpoint.unreached += 1
        if (more := endpoint.unreached - CIRCUIT_FAILURES) >= 0:
            endpoint.blocked_until = now + min(CIRCUIT_OPEN * 2 ** min(more, 10), CIRCUIT_OPEN_LIMIT)
    if verdict.is_success:
        if endpoint.last_success_at is None or now - endpoint.last_success_at >= FRESH:
            endpoint.last_success_at = now
        endpoint.failing_since, endpoint.failures = None, 0
    else:
        endpoint.failing_since = endpoint.failing_since or now
        endpoint.failures += 1


def _reason_to_pause(endpoint: Endpoint, verdict: Verdict, now: datetime) -> Endpoint.Pause | None:
    if verdict.gone:
        return Pause.GONE
    since = endpoint.failing_since
    is_hopeless = since is not None and now - since >= PAUSE_AFTER and endpoint.failures >= PAUSE_FAILURES
    return Pause.FAILING if is_hopeless else None


def _tell(paused: Sequence[Endpoint]) -> None:
    """The pauses are events of the product itself, as the last step."""
    by_company: dict[UUID, list[Endpoint]] = defaultdict(list)
    for endpoint in paused:
        by_company[endpoint.company_id].append(endpoint)
    for company in Company.objects.filter(pk__in=by_company).order_by("pk"):
        drafts = [_paused_event(endpoint) for endpoint in by_company[company.pk]]
        record(system_actor(company, via="job"), drafts)


def _paused_event(endpoint: Endpoint) -> EventDraft:
    paused_at = utc_text(endpoint.paused_at) if endpoint.paused_at else None
    changes = {
        "pause": {"previous": None, "current": str(endpoint.pause)},
        "pausedAt": {"previous": None, "current": paused_at},
    }
    return EventDraft(name="webhook.paused", entity="webhook", entity_id=endpoint.pk, changes=changes)
