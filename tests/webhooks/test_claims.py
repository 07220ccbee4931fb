"""Who gets to send what: no more than an endpoint may have, nobody starved, nothing taken twice."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from crm import services
from crm.entities import CONTACT
from tests.webhooks.conftest import Make
from webhooks.claims import Claim, claim
from webhooks.models import Delivery, Endpoint
from webhooks.parcels import load
from webhooks.services import create_endpoint

pytestmark = pytest.mark.django_db

ADA = {"firstName": "Ada"}
LEASE = timedelta(seconds=30)


def take(free: int = 50, each: int = 4) -> Claim:
    return claim(free, lambda _: each, lease=LEASE)


def endpoints_of(taken: Claim) -> Counter:
    rows = Delivery.objects.filter(pk__in=taken.ids)
    return Counter(rows.values_list("endpoint_id", flat=True))


def queued(owner, endpoint: Make, endpoints: int, each: int) -> list[Endpoint]:
    made = [endpoint(f"https://receiver.example/{number}") for number in range(endpoints)]
    services.create_records(owner, CONTACT, [ADA] * each)
    return made


def test_an_endpoint_has_four_in_flight_at_most(owner, endpoint):
    queued(owner, endpoint, 1, 20)
    taken = take()
    assert len(taken.ids) == 4
    assert len(take().ids) == 0
    Delivery.objects.filter(pk=taken.ids[0]).update(lease_token=None, due_at=None)
    assert len(take().ids) == 1


def test_slots_go_around(owner, endpoint):
    made = queued(owner, endpoint, 3, 20)
    assert sorted(endpoints_of(take(free=7)).values()) == [2, 2, 3]
    assert set(endpoints_of(take(free=2))) <= {one.pk for one in made}


def test_the_longest_waiting_goes_first(owner, endpoint):
    queued(owner, endpoint, 1, 3)
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    Delivery.objects.filter(pk=ids[2]).update(due_at=timezone.now() - timedelta(hours=1))
    assert list(take(free=1).ids) == [ids[2]]
    assert list(take(free=2).ids) == ids[:2]


def test_what_is_not_due_is_not_taken(owner, endpoint):
    queued(owner, endpoint, 1, 2)
    Delivery.objects.update(due_at=timezone.now() + timedelta(minutes=1))
    assert not take().ids


@pytest.mark.parametrize(
    "state",
    [
        {"enabled": False},
        {"pause": "failing"},
        {"pause": "gone"},
        {"blocked_until": timezone.now() + timedelta(days=1)},
    ],
)
def test_who_does_not_send_is_passed_over(owner, endpoint, state):
    idle, busy = queued(owner, endpoint, 2, 3)
    Endpoint.objects.filter(pk=idle.pk).update(**state)
    assert set(endpoints_of(take())) == {busy.pk}


def test_after_a_blocked_circuit_one_goes_to_see(owner, endpoint):
    queued(owner, endpoint, 1, 5)
    Endpoint.objects.update(unreached=7, failures=7, blocked_until=timezone.now())
    assert len(take().ids) == 1
    assert not take().ids


def test_who_fails_waits_behind_who_does_not(owner, endpoint):
    failing, well = queued(owner, endpoint, 2, 1)
    Endpoint.objects.filter(pk=failing.pk).update(failures=3)
    Delivery.objects.filter(endpoint=failing).update(due_at=timezone.now() - timedelta(seconds=30))
    assert set(endpoints_of(take(free=1))) == {well.pk}
    Delivery.objects.filter(endpoint=well).update(lease_token=None, due_at=timezone.now())
    Delivery.objects.filter(endpoint=failing).update(due_at=timezone.now() - timedelta(minutes=2))
    assert set(endpoints_of(take(free=1))) == {failing.pk}  # but not for ever


def test_many_endpoints_of_many_companies_are_all_found(owner, stranger, endpoint):
    queued(owner, endpoint, 5, 1)
    for number in range(5):
        create_endpoint(stranger, {"url": f"https://other.example/{number}", "events": ["*"]})
    services.create_records(stranger, CONTACT, [ADA])
    assert len(endpoints_of(take())) == 10


def test_a_lease_that_ended_is_taken_anew_and_the_old_token_loads_nothing(owner, endpoint):
    queued(owner, endpoint, 1, 1)
    old = claim(1, lambda _: 1, lease=timedelta(seconds=-1))
    new = take()
    assert old.ids == new.ids
    assert load(old) == []
    assert len(load(new)) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_never_take_the_same_nor_more_than_the_limit(owner, endpoint):
    made = queued(owner, endpoint, 6, 10)

    def work(_number: int) -> list[Claim]:
        try:
            return [take(free=5) for _ in range(8)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        claims = [taken for several in threads.map(work, range(4)) for taken in several]
    ids = [pk for taken in claims for pk in taken.ids]
    assert len(ids) == len(set(ids)) == 6 * 4
    in_flight = Counter(Delivery.objects.exclude(lease_token=None).values_list("endpoint_id", flat=True))
    assert in_flight == {one.pk: 4 for one in made}


@pytest.mark.django_db(transaction=True)
def test_a_writer_does_not_wait_for_a_claim_nor_a_claim_for_a_writer(owner, endpoint):
    """On PostgreSQL, a delivery's key to its endpoint must not collide with the claim's lock of it."""
    if connection.vendor != "postgresql":
        return
    queued(owner, endpoint, 1, 1)
    with transaction.atomic():
        services.create_records(owner, CONTACT, [ADA])  # not committed yet

        def work() -> int:
            try:
                return len(take().ids)
            finally:
                connection.close()

        with ThreadPoolExecutor(1) as thread:
            assert thread.submit(work).result(timeout=10) == 1
