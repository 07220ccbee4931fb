"""The backend that settings name; Django looks for it under this module's name.

SQLite lets nobody queue for its one write lock: who finds it taken sleeps and tries again, in the end for
a tenth of a second each time, while one who just had it takes it again within milliseconds. With eight
writers at once some waited for more than twenty seconds and were turned away, and beside one that wrote
all the time the worker's two small transactions for each round of deliveries came too rarely (`make
torture`, "busy" and "delay"). So there is a turnstile before the lock: one at a time stands in it and tries
until it has the lock, everybody else waits outside, also who has just had it. Nobody then overtakes the one
inside, and the others have the same chance to be next.

The turnstile is an advisory lock on the folder of the file, where nothing is left behind: it goes with the
process that holds it, whatever ends that, and `flock` does not touch the locks that SQLite has on its files.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import OperationalError
from django.db.backends.sqlite3 import base

_OUTSIDE_SECONDS = (0.001, 0.006)  # between two tries to get into the turnstile
_INSIDE_SECONDS = 0.001  # between two tries to get the lock; one costs some thirty microseconds


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how a transaction waits for the write lock."""

    def _start_transaction_under_autocommit(self) -> None:
        """BEGIN; tried for as long as the connection's busy timeout says, like SQLite itself would."""
        [patience] = self.connection.execute("PRAGMA busy_timeout").fetchone()
        deadline = time.monotonic() + patience / 1000
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            with self._turnstile(deadline):
                while not self._begin(is_last=time.monotonic() >= deadline):
                    time.sleep(_INSIDE_SECONDS)
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {patience}")

    @contextmanager
    def _turnstile(self, deadline: float) -> Iterator[None]:
        """Alone among those who wait; past the deadline nobody is held back from their last try."""
        if self.is_in_memory_db():  # which no other process sees
            yield
            return
        folder = os.open(Path(self.settings_dict["NAME"]).parent, os.O_RDONLY)
        try:
            while not _is_entered(folder) and time.monotonic() < deadline:
                time.sleep(random.uniform(*_OUTSIDE_SECONDS))  # noqa: S311 - chance, no secret
            yield
        finally:
            os.close(folder)

    def _begin(self, *, is_last: bool) -> bool:
        """Whether the transaction has begun; the last try ends in the error that it meets."""
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs do not know it
        except OperationalError as error:
            if is_last or "locked" not in str(error):
                raise
            return False
        return True


def _is_entered(folder: int) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without such locks: whoever comes tries, as with SQLite alone
        pass
    return True
