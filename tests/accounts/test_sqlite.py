"""Writers of one SQLite file take turns; nobody is turned away because others are busy."""

from __future__ import annotations

import errno
import fcntl
import threading
import time

import pytest
from django.db import OperationalError, connection, transaction

from accounts.models import Company

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("company"),
]


def busy_timeout() -> int:
    with connection.cursor() as cursor:
        return int(cursor.execute("PRAGMA busy_timeout").fetchone()[0])


def write(hold_seconds: float) -> None:
    with transaction.atomic():
        Company.objects.update(city="Berlin")
        time.sleep(hold_seconds)


def turns_of(*pauses: float, seconds: float) -> list[int]:
    """How many turns each of some writers got, who have so much to do between two writes."""
    ends_at = time.monotonic() + seconds
    turns = [0] * len(pauses)

    def work(number: int) -> None:
        try:
            while time.monotonic() < ends_at:
                write(hold_seconds=0.02)
                turns[number] += 1
                time.sleep(pauses[number])
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(pauses))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return turns


def test_writers_of_one_file_get_about_as_many_turns_each():
    """With SQLite's own waiting the luckiest got ten to thirty times as many as who was left waiting."""
    if connection.vendor != "sqlite":
        return
    turns = turns_of(*[0.005] * 8, seconds=3)
    assert max(turns) <= 4 * min(turns), turns


def test_one_who_writes_all_the_time_does_not_overtake_who_waits():
    """It took the lock again as soon as it had given it back, and others found it free by chance only."""
    if connection.vendor != "sqlite":
        return
    busy, other = turns_of(0.0, 0.005, seconds=2)
    assert busy <= 3 * other, (busy, other)


def test_a_file_system_that_knows_no_such_locks_is_good_enough(monkeypatch):
    if connection.vendor != "sqlite":
        return

    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    write(0)
    assert Company.objects.get().city == "Berlin"


def test_patience_ends_when_the_connection_says_so_and_comes_back_as_it_was():
    if connection.vendor != "sqlite":
        return
    held, free = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Company.objects.update(city="Berlin")
            held.set()
            free.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    usual = busy_timeout()
    connection.connection.execute("PRAGMA busy_timeout = 200")
    started = time.monotonic()
    with pytest.raises(OperationalError, match="locked"):
        write(0)
    assert 0.2 <= time.monotonic() - started < 2
    assert busy_timeout() == 200
    connection.connection.execute(f"PRAGMA busy_timeout = {usual}")
    free.set()
    holder.join()
    write(0)
