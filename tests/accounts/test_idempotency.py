from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts import idempotency
from accounts.actor import Actor
from accounts.events import EventDraft, record
from accounts.idempotency import once
from accounts.models import Event, IdempotentRequest
from customermates.kernel.errors import Conflict, ValidationFailed
from customermates.kernel.ids import uuid7

pytestmark = pytest.mark.django_db(transaction=True)


def writing(actor: Actor) -> Callable[[], dict[str, Any]]:
    """A write: one event, its number is the answer."""

    def produce() -> dict[str, Any]:
        [event] = record(actor, [EventDraft(name="deal.created", entity="deal", entity_id=uuid7())])
        return {"sequence": event.sequence, "amount": Decimal("12.3400")}

    return produce


def written(actor: Actor) -> int:
    return Event.objects.filter(company_id=actor.company_id, name="deal.created").count()


def test_a_retry_gets_the_first_answer_and_writes_nothing(owner: Actor) -> None:
    first, replayed_first = once(owner, "k1", {"a": 1}, writing(owner))
    second, replayed_second = once(owner, "k1", {"a": 1}, writing(owner))
    assert (first, replayed_first) == (second, False)
    assert replayed_second
    assert written(owner) == 1


def test_without_a_key_every_call_writes(owner: Actor) -> None:
    for _ in range(2):
        assert once(owner, None, {}, writing(owner))[1] is False
    assert written(owner) == 2


def test_the_same_key_with_another_body_is_refused(owner: Actor) -> None:
    once(owner, "k1", {"a": 1}, writing(owner))
    with pytest.raises(ValidationFailed) as refused:
        once(owner, "k1", {"a": 2}, writing(owner))
    assert refused.value.issues[0].code == "idempotency_key_reused"


def test_a_failed_request_is_not_remembered(owner: Actor) -> None:
    def fail() -> dict[str, Any]:
        writing(owner)()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        once(owner, "k1", {}, fail)
    assert once(owner, "k1", {}, writing(owner))[1] is False
    assert written(owner) == 1


def test_two_programs_may_choose_the_same_key(owner: Actor) -> None:
    other = replace(owner, user_id=None)
    once(owner, "k1", {}, writing(owner))
    assert once(other, "k1", {}, writing(other))[1] is False


def test_after_a_day_a_key_is_new_again(owner: Actor) -> None:
    once(owner, "k1", {"a": 1}, writing(owner))
    IdempotentRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert once(owner, "k1", {"a": 2}, writing(owner))[1] is False
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "a\0b"])
def test_a_key_that_cannot_be_stored_is_an_issue(owner: Actor, key: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        once(owner, key, {}, writing(owner))
    assert refused.value.issues[0].code == "idempotency_key_invalid"


def test_fifty_at_once_with_one_key_write_one_record(owner: Actor) -> None:
    together = threading.Barrier(50)

    def call(_: int) -> tuple[dict[str, Any], bool]:
        try:
            together.wait()
            return once(owner, "the same", {"a": 1}, writing(owner))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(call, range(50)))
    assert written(owner) == 1
    assert [replayed for _, replayed in answers].count(False) == 1
    assert all(answer == answers[0][0] for answer, _ in answers)


def test_a_twin_that_waits_too_long_gets_a_conflict(owner: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)
    inside, finish = threading.Event(), threading.Event()

    def slow() -> dict[str, Any]:
        inside.set()
        finish.wait(10)
        return {"slow": True}

    def first() -> tuple[dict[str, Any], bool]:
        try:
            return once(owner, "k1", {}, slow)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(first)
        inside.wait(10)
        started = time.monotonic()
        with pytest.raises(Conflict) as conflict:
            once(owner, "k1", {}, writing(owner))
        assert time.monotonic() - started < 4
        finish.set()
        assert running.result() == ({"slow": True}, False)
    assert conflict.value.issues[0].code == "idempotency_in_progress"
    assert once(owner, "k1", {}, slow) == ({"slow": True}, True)


def test_the_patience_of_other_transactions_is_left_alone(owner: Actor) -> None:
    once(owner, "k1", {}, writing(owner))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if connection.vendor == "sqlite" else "SHOW lock_timeout")
        assert cursor.fetchone()[0] in {20_000, "0"}
