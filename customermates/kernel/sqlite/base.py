"""The backend that settings name; Django looks for it under this module's name.

SQLite lets nobody queue for its one write lock: who finds it taken sleeps and tries again, in the end for
a tenth of a second each time, while one who just had it takes it again within milliseconds. With eight
writers at once some waited for more than twenty seconds and were turned away (`make torture`, "busy").
Here all try at the same short and irregular intervals, so whoever waits soon meets a moment when it is free.
"""

from __future__ import annotations

import random
import time

from django.db import OperationalError
from django.db.backends.sqlite3 import base

_STEP_SECONDS = (0.001, 0.006)  # between two tries; one costs some thirty microseconds


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's own, but for how a transaction waits for the write lock."""

    def _start_transaction_under_autocommit(self) -> None:
        """BEGIN; tried for as long as the connection's busy timeout says, like SQLite itself would."""
        [patience] = self.connection.execute("PRAGMA busy_timeout").fetchone()
        deadline = time.monotonic() + patience / 1000
        self.connection.execute("PRAGMA busy_timeout = 0")
        try:
            while not self._begin(is_last=time.monotonic() >= deadline):
                time.sleep(random.uniform(*_STEP_SECONDS))  # noqa: S311 - chance, no secret
        finally:
            self.connection.execute(f"PRAGMA busy_timeout = {patience}")

    def _begin(self, *, is_last: bool) -> bool:
        """Whether the transaction has begun; the last try ends in the error that it meets."""
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]  # the stubs do not know it
        except OperationalError as error:
            if is_last or "locked" not in str(error):
                raise
            return False
        return True
