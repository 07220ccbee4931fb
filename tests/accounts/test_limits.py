from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import time_machine
from django.db import connection
from pytest_django import Settings

from accounts import limits
from accounts.actor import Actor
from accounts.limits import TryLimit, check_api_limits, count_try
from accounts.models import RateWindow, User
from customermates.kernel.errors import RateLimited
from tests.people import with_key

pytestmark = pytest.mark.django_db
THREE = TryLimit("test", 3, 60)


@pytest.fixture
def _half_past() -> Iterator[None]:
    with time_machine.travel("2026-11-22T10:00:30Z", tick=False):
        yield


@pytest.mark.usefixtures("_half_past")
def test_a_key_is_told_what_is_left(olivia: User, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = 2
    program = with_key(olivia, "*")
    assert check_api_limits(program, writes=False).headers() == {
        "RateLimit-Limit": "2",
        "RateLimit-Remaining": "1",
        "RateLimit-Reset": "30",
    }
    check_api_limits(program, writes=False)
    with pytest.raises(RateLimited) as refused:
        check_api_limits(program, writes=False)
    assert (refused.value.retry_after_seconds, refused.value.limit) == (30, 2)
    with time_machine.travel("2026-11-22T10:01:00Z", tick=False):
        assert check_api_limits(program, writes=False).remaining == 1


@pytest.mark.usefixtures("_half_past")
def test_writes_are_counted_besides(olivia: User, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE, settings.API_WRITES_PER_MINUTE = 10, 1
    program = with_key(olivia, "*")
    assert check_api_limits(program, writes=True).remaining == 0
    with pytest.raises(RateLimited):
        check_api_limits(program, writes=True)
    assert check_api_limits(program, writes=False).remaining == 7


@pytest.mark.usefixtures("_half_past")
def test_each_key_has_its_own_minute(olivia: User, settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = 1
    for program in (with_key(olivia, "*"), with_key(olivia, "*")):
        check_api_limits(program, writes=False)


def test_zero_is_no_limit_and_people_have_none(olivia: User, owner: Actor, settings: Settings) -> None:
    assert check_api_limits(owner, writes=True).headers() == {}
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    assert check_api_limits(with_key(olivia, "*"), writes=True).headers() == {}


@pytest.mark.usefixtures("_half_past")
def test_tries_end_and_come_back_with_the_next_window() -> None:
    for _ in range(3):
        count_try(THREE, "10.0.0.1")
    with pytest.raises(RateLimited) as refused:
        count_try(THREE, "10.0.0.1")
    assert refused.value.retry_after_seconds == 30
    count_try(THREE, "10.0.0.2")
    with time_machine.travel("2026-11-22T10:01:00Z", tick=False):
        count_try(THREE, "10.0.0.1")


@pytest.mark.usefixtures("_half_past")
def test_a_try_given_back_does_not_count() -> None:
    for _ in range(5):
        count_try(THREE, "olivia@northwind.example")
        limits.give_back_try(THREE, "Olivia@northwind.example")


def test_windows_that_are_over_are_deleted() -> None:
    with time_machine.travel("2026-11-22T10:00:30Z", tick=False):
        count_try(THREE, "10.0.0.1")
    count_try(THREE, "10.0.0.2")
    assert not limits.delete_expired_windows()  # nothing is left to be done
    assert RateWindow.objects.count() == 1


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::1", "2001:db8:1:2::/64"),
        ("", "unknown"),
    ],
)
def test_one_household_is_one_client(address: str, subject: str) -> None:
    assert limits.address_subject(address) == subject


COUNT_FIFTY = """
import django; django.setup()
from accounts.limits import TryLimit, count_try
from customermates.kernel.errors import RateLimited
allowed = 0
for _ in range(50):
    try:
        count_try(TryLimit("processes", 100, 10**9), "10.0.0.1")
        allowed += 1
    except RateLimited:
        pass
print(allowed)
"""


@pytest.mark.django_db(transaction=True)
def test_four_processes_count_together() -> None:
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**connection.settings_dict)
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "customermates.settings"}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", COUNT_FIFTY], env=environment, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    assert sum(int(worker.communicate(timeout=60)[0]) for worker in workers) == 100
