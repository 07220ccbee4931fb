"""From a change to a request at the receiver, and on until the delivery is done with."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import time
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import Mock

import pytest
import standardwebhooks
from django.db import OperationalError, transaction
from django.utils import timezone

from accounts.models import Event
from crm import services
from crm.entities import CONTACT
from customermates.kernel.sealing import seal
from tests.webhooks.conftest import SECRET, drain
from webhooks import results
from webhooks import worker as worker_module
from webhooks.claims import IN_FLIGHT_PER_ENDPOINT, claim
from webhooks.models import Attempt, Delivery, Endpoint, Secret
from webhooks.results import Outcome
from webhooks.services import replay_failed, resend_delivery, resume_endpoint, rotate_secret, send_test
from webhooks.signing import new_secret
from webhooks.worker import Worker

pytestmark = pytest.mark.django_db(transaction=True)

ADA = {"firstName": "Ada"}


def legacy(secret, body):
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def make_ada(owner, count=1):
    return services.create_records(owner, CONTACT, [ADA] * count).records


def let_time_pass():
    """What waits for its next attempt is due."""
    Delivery.objects.exclude(due_at=None).update(due_at=timezone.now())
    Endpoint.objects.update(blocked_until=None)


def test_a_change_arrives_signed_and_is_done_with(owner, endpoint, receiver):
    made = endpoint(receiver.url, "contact.created", headers={"Authorization": "Bearer of Olivia"})
    make_ada(owner)
    drain()
    [request] = receiver.requests
    delivery = Delivery.objects.get()
    assert json.loads(request.body)["event"] == "contact.created"
    assert (
        request.headers["x-webhook-signature"]
        == hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
    )
    assert request.headers["webhook-id"] == str(Event.objects.get(name="contact.created").pk)
    assert request.headers["x-customermates-delivery-id"] == str(delivery.pk)
    assert request.headers["x-customermates-attempt"] == "1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["user-agent"].startswith("Customermates-Webhooks/")
    assert request.headers["authorization"] == "Bearer of Olivia"
    assert (delivery.status, delivery.attempts, delivery.due_at, delivery.lease_token) == (
        "success",
        1,
        None,
        None,
    )
    attempt = Attempt.objects.get()
    assert (attempt.number, attempt.status_code, attempt.response_excerpt) == (1, 200, "thanks")
    assert attempt.request_headers["Authorization"] == "••••"
    made.refresh_from_db()
    assert made.last_success_at is not None


def test_retries_are_byte_for_byte_the_same_under_the_same_id(owner, endpoint, receiver):
    endpoint(receiver.url)
    receiver.replies = [(503, {}, b"later"), (500, {}, b"")]
    make_ada(owner)
    for _ in range(3):
        drain()
        let_time_pass()
    assert len({request.body for request in receiver.requests}) == 1
    assert len({request.headers["webhook-id"] for request in receiver.requests}) == 1
    assert [request.headers["x-customermates-attempt"] for request in receiver.requests] == ["1", "2", "3"]
    assert Delivery.objects.get().status == "success"
    assert [row.status_code for row in Attempt.objects.order_by("number")] == [503, 500, 200]


def test_a_redirect_is_a_failure_and_nobody_goes_there(owner, endpoint, receiver):
    endpoint(receiver.url)
    receiver.replies = [(302, {"Location": receiver.url.replace("/hook", "/elsewhere")}, b"")]
    make_ada(owner)
    drain()
    assert [request.path for request in receiver.requests] == ["/hook"]
    assert Delivery.objects.get().status == "failed"
    assert Attempt.objects.get().response_headers["location"].endswith("/elsewhere")


def test_who_is_gone_for_good_is_told_nothing_more(owner, endpoint, receiver, mailoutbox):
    made = endpoint(receiver.url)
    receiver.replies = [(410, {}, b"")]
    make_ada(owner)
    drain()
    make_ada(owner)
    drain()
    assert len(receiver.requests) == 1
    made.refresh_from_db()
    assert (made.pause, made.is_sending) == ("gone", False)
    [event] = Event.objects.filter(name="webhook.paused")
    assert event.changes["pause"]["current"] == "gone"
    assert event.user_id is None
    [mail] = mailoutbox
    assert mail.to == ["olivia@northwind.example"]
    assert receiver.url in mail.subject


def test_resume_sends_what_waited_and_replays_what_failed(owner, endpoint, receiver):
    made = endpoint(receiver.url)
    receiver.replies = [(400, {}, b"no")]
    make_ada(owner)
    drain()
    Endpoint.objects.update(pause="failing", paused_at=timezone.now())
    make_ada(owner)
    drain()
    assert len(receiver.requests) == 1
    _, again = resume_endpoint(owner, made.pk, replay=True)
    assert again == 1
    drain()
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["success", "success"]


def test_days_of_failures_pause_an_endpoint_and_a_success_forgets_them(owner, endpoint, receiver):
    made = endpoint(receiver.url)
    receiver.answer = lambda _: (500, {}, b"")
    make_ada(owner, 25)
    Endpoint.objects.update(failing_since=timezone.now() - timedelta(days=6), failures=1)
    for _ in range(3):
        drain()
    made.refresh_from_db()
    assert made.pause == "failing"
    assert 20 <= made.failures <= 25
    resume_endpoint(owner, made.pk)
    receiver.answer = None
    let_time_pass()
    drain()
    made.refresh_from_db()
    assert (made.pause, made.failures, made.failing_since) == ("", 0, None)


def test_a_test_is_sent_even_while_paused_and_only_once(owner, endpoint, receiver):
    made = endpoint(receiver.url)
    make_ada(owner)
    Endpoint.objects.update(pause="failing")
    receiver.replies = [(500, {}, b"broken")]
    delivery = send_test(owner, made.pk)
    drain()
    [request] = receiver.requests
    body = json.loads(request.body)
    assert body["event"] == "webhook.test"
    assert body["data"]["payload"] == {"webhook": {"id": str(made.pk), "url": made.url, "description": ""}}
    delivery.refresh_from_db()
    assert (delivery.status, delivery.status_code) == ("failed", 500)
    assert Endpoint.objects.get().failures == 0
    assert Delivery.objects.filter(status="pending").count() == 1


def test_resend_and_replay_send_again(owner, endpoint, receiver):
    made = endpoint(receiver.url)
    make_ada(owner)
    drain()
    done = Delivery.objects.get()
    resend_delivery(owner, done.pk)
    drain()
    assert [request.headers["x-customermates-attempt"] for request in receiver.requests] == ["1", "2"]
    assert receiver.requests[0].body == receiver.requests[1].body
    receiver.replies = [(400, {}, b"")]
    make_ada(owner)
    drain()
    assert replay_failed(owner, made.pk, since=timezone.now() - timedelta(hours=1)) == 1
    drain()
    assert Delivery.objects.filter(status="success").count() == 2


def test_while_secrets_overlap_both_verify(owner, endpoint, receiver):
    old = new_secret()
    made = endpoint(receiver.url, secret=old)
    new = rotate_secret(owner, made.pk).secret or ""
    make_ada(owner)
    drain()
    [request] = receiver.requests
    for secret in (old, new):
        standardwebhooks.Webhook(secret).verify(request.body, request.headers)
    assert (
        request.headers["x-webhook-signature"]
        == hmac.new(old.encode(), request.body, hashlib.sha256).hexdigest()
    )
    Secret.objects.exclude(expires_at=None).update(expires_at=timezone.now())
    make_ada(owner)
    drain()
    later = receiver.requests[1]
    with pytest.raises(standardwebhooks.WebhookVerificationError):
        standardwebhooks.Webhook(old).verify(later.body, later.headers)
    standardwebhooks.Webhook(new).verify(later.body, later.headers)
    assert (
        later.headers["x-webhook-signature"] == hmac.new(new.encode(), later.body, hashlib.sha256).hexdigest()
    )


def test_who_is_not_there_is_left_alone_after_five_tries(owner, endpoint):
    made = endpoint("http://127.0.0.1:1024/nobody")
    make_ada(owner, 10)
    for _ in range(3):
        drain()
    made.refresh_from_db()
    assert made.unreached == 5
    assert timedelta(seconds=5) < made.blocked_until - timezone.now() <= timedelta(seconds=10)
    assert Attempt.objects.count() == 5
    assert set(Attempt.objects.values_list("error", flat=True)) == {"unreachable"}
    Endpoint.objects.update(blocked_until=timezone.now())
    drain()
    assert Attempt.objects.count() == 6  # one probe
    made.refresh_from_db()
    assert made.blocked_until - timezone.now() > timedelta(seconds=10)


def test_one_delivery_after_the_other_for_each_record_when_ordered(owner, endpoint, receiver):
    endpoint(receiver.url, ordered=True)
    receiver.replies = [(500, {}, b"")]
    [ada] = make_ada(owner)
    for number in range(3):
        services.update_records(owner, CONTACT, {ada.pk: {"jobTitle": f"Engineer {number}"}})
    drain()
    assert len(receiver.requests) == 1  # the others wait until the first is through
    let_time_pass()
    drain()
    told = [
        json.loads(request.body)["data"]["payload"]["contact"]["jobTitle"] for request in receiver.requests
    ]
    assert told == [None, None, "Engineer 0", "Engineer 1", "Engineer 2"]


def test_a_secret_that_cannot_be_read_any_more_is_told_and_nothing_is_sent(
    owner, endpoint, receiver, settings
):
    endpoint(receiver.url)
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 7: "another long and random text of its own"}
    Secret.objects.update(sealed=seal(SECRET))
    del settings.FIELD_KEYS[7]
    make_ada(owner)
    drain()
    assert not receiver.requests
    assert Attempt.objects.get().error == "secret"
    assert Delivery.objects.get().status == "pending"


def test_a_worker_asked_to_stop_finishes_what_it_has(owner, endpoint, receiver):
    endpoint(receiver.url)
    make_ada(owner, 3)

    def slow(_):
        time.sleep(0.5)
        return 200, {}, b""

    receiver.answer = slow

    async def work():
        worker = Worker()
        running = asyncio.create_task(worker.run())
        while not receiver.requests:
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(work())
    started = len(receiver.requests)
    assert 1 <= started < 3
    assert Delivery.objects.filter(status="success").count() == started
    assert not Delivery.objects.exclude(lease_token=None).exists()


def test_what_a_dead_worker_held_is_sent_by_another_when_its_lease_ends(owner, endpoint, receiver):
    endpoint(receiver.url)
    make_ada(owner)
    Delivery.objects.update(lease_token=owner.change_set, due_at=timezone.now() + timedelta(hours=1))
    drain()
    assert not receiver.requests
    Delivery.objects.update(due_at=timezone.now())
    drain()
    assert len(receiver.requests) == 1
    assert Delivery.objects.get().status == "success"


def test_an_outcome_that_cannot_be_written_now_is_written_later(owner, endpoint, receiver, monkeypatch):
    endpoint(receiver.url)
    make_ada(owner)
    monkeypatch.setattr(worker_module, "TROUBLE_SECONDS", 0.05)
    failures = [1, 1]

    def broken(outcomes):
        if failures:
            failures.pop()
            raise OperationalError("the server is gone")
        return results.write_outcomes(outcomes)

    monkeypatch.setattr(worker_module, "write_outcomes", broken)
    drain()
    assert len(receiver.requests) == 1
    assert Delivery.objects.get().status == "success"


def test_a_database_that_is_away_for_a_moment_ends_no_worker(owner, endpoint, receiver, monkeypatch):
    endpoint(receiver.url)
    make_ada(owner)
    monkeypatch.setattr(worker_module, "TROUBLE_SECONDS", 0.05)
    failures = [1, 1]

    def broken(*arguments, **options):
        if failures:
            failures.pop()
            raise OperationalError("the server is gone")
        return claim(*arguments, **options)

    monkeypatch.setattr(worker_module, "claim", broken)

    async def work():
        worker = Worker()
        running = asyncio.create_task(worker.run())
        while not receiver.requests:
            await asyncio.sleep(0.01)
        worker.stop()
        await running

    asyncio.run(work())
    assert Delivery.objects.get().status == "success"


def test_what_ends_while_a_round_is_on_its_way_is_not_forgotten(monkeypatch):
    """It waited for half a second for nothing, with a full queue."""
    monkeypatch.setattr(worker_module, "POLL_SECONDS", 60.0)
    rounds = []

    async def work():
        worker = Worker()

        async def go_round():
            rounds.append(time.monotonic())
            if len(rounds) == 1:
                worker._done.append(Mock(Outcome))
            else:
                worker.stop()
            return []

        monkeypatch.setattr(worker, "_round", go_round)
        await asyncio.wait_for(worker.run(), 10)

    asyncio.run(work())
    assert len(rounds) == 2


def test_what_ends_while_the_database_is_waited_for_goes_along(owner, endpoint, receiver, monkeypatch):
    """Each wait for SQLite's one lock was for a single outcome, while three more were there in the end."""
    made = endpoint(receiver.url)
    make_ada(owner, IN_FLIGHT_PER_ENDPOINT)
    worker = Worker(drain=True)
    worker._proven[made.pk] = IN_FLIGHT_PER_ENDPOINT
    written = []

    def begin_late():
        deadline = time.monotonic() + 10
        while len(worker._done) < IN_FLIGHT_PER_ENDPOINT and time.monotonic() < deadline:
            time.sleep(0.01)
        return transaction.atomic()

    def write(outcomes):
        written.append(len(outcomes))
        return results.write_outcomes(outcomes)

    monkeypatch.setattr(worker_module, "transaction", SimpleNamespace(atomic=begin_late))
    monkeypatch.setattr(worker_module, "write_outcomes", write)
    asyncio.run(worker.run())
    assert written == [IN_FLIGHT_PER_ENDPOINT]
    assert Delivery.objects.filter(status="success").count() == IN_FLIGHT_PER_ENDPOINT
