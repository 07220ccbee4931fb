"""Writers of one SQLite file take turns; nobody is turned away because others are busy."""

from __future__ import annotations

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


def test_writers_of_one_file_get_about_as_many_turns_each():
    """With SQLite's own waiting the luckiest got ten to thirty times as many as who was left waiting."""
    if connection.vendor != "sqlite":
        return
    ends_at = time.monotonic() + 3
    turns: list[int] = []

    def work() -> None:
        mine = 0
        try:
            while time.monotonic() < ends_at:
                write(hold_seconds=0.02)
                mine += 1
                time.sleep(0.005)  # what the next write is made of
        finally:
            connection.close()
            turns.append(mine)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(turns) == 8
    assert max(turns) <= 5 * min(turns), turns


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
