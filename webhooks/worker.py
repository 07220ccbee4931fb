"""The worker: takes what is due, sends it, and writes down at once what came of it.

One event loop sends; one thread talks to the database, in rounds: a round is one transaction that writes
what is over and claims what may leave next. A delivery counts as in flight until its outcome is committed,
so a worker that dies leaves at most that many to be sent twice, and none unsent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connections, transaction
from django.utils import timezone

from customermates.kernel.chores import CHORES
from webhooks.claims import IN_FLIGHT_PER_ENDPOINT, Candidate, Claim, claim
from webhooks.parcels import Parcel, load
from webhooks.results import Outcome, write_outcomes
from webhooks.transport import DEADLINE_SECONDS, Answer, Sender

T = TypeVar("T")
logger = logging.getLogger(__name__)

IN_FLIGHT = 50
# Of these, endpoints that have not answered well lately share so many: the rest is for those that do,
# however many others let every request run into the deadline.
UNPROVEN_SHARE = 30
LEASE = timedelta(seconds=DEADLINE_SECONDS + 20)
POLL_SECONDS = 0.5  # between two looks at an empty queue
PACE_SECONDS = 0.01  # that outcomes wait for each other while more than a few are in flight
FEW = 8
TROUBLE_SECONDS = 2.0  # before the database is tried again after it failed
CHORES_SECONDS = 30.0  # between two rounds of chores
PROVEN_LIMIT = 10_000  # endpoints remembered


class Worker:
    """Runs until it is told to stop, or, with `drain`, until nothing is due."""

    def __init__(self, *, drain: bool = False, in_flight: int = IN_FLIGHT) -> None:
        self._drain = drain
        self._limit = in_flight
        self._sending: dict[UUID, Parcel] = {}  # by delivery, until the outcome is committed
        self._done: deque[Outcome] = deque()  # of these, what is over; both threads use it
        self._proven: dict[UUID, int] = {}  # how many an endpoint may have at once, as far as it is known
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()  # an attempt is over, or somebody asked to stop
        self._tasks: set[asyncio.Task[None]] = set()
        self._database = ThreadPoolExecutor(1, thread_name_prefix="database")

    def stop(self) -> None:
        """Take nothing more; `run` returns when what is in flight has come to its end."""
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Work. Nothing that a receiver or the database does ends this."""
        async with Sender() as sender:
            keeping = asyncio.create_task(self._keep_house())
            try:
                await self._work(sender)
                if self._drain:
                    await self._do_chores()
            finally:
                keeping.cancel()
                await asyncio.gather(keeping, return_exceptions=True)
                await self._in_database(connections.close_all)
                self._database.shutdown()

    async def _work(self, sender: Sender) -> None:
        while True:
            taken = await self._round()
            for parcel in taken:
                self._sending[parcel.delivery_id] = parcel
                task = asyncio.create_task(self._send(sender, parcel))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if not self._sending and (self._drain or self._stopping.is_set()):
                return
            await self._pause()

    async def _pause(self) -> None:
        """Until an attempt is over, or it is time to look whether something is due."""
        self._wake.clear()
        if not self._done:  # else it ended while the last round was on its way
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
        if len(self._sending) > FEW:
            await asyncio.sleep(PACE_SECONDS)

    async def _round(self) -> list[Parcel]:
        """What is to be sent now; what is over is written down by then."""
        outcomes: list[Outcome] = []
        work = partial(self._write_and_claim, outcomes)
        if self._drain and not self._sending:  # whoever waits for its end is told when there is no database
            return await self._in_database(work)
        taken = await self._try("write and claim", work)
        if taken is None:
            self._keep_for_later(outcomes)
            return []
        for outcome in outcomes:
            self._sending.pop(outcome.parcel.delivery_id, None)
        return taken

    def _write_and_claim(self, outcomes: list[Outcome]) -> list[Parcel]:
        """In the database's thread; fills `outcomes` with what it writes.

        What is over is taken once the transaction has begun: on SQLite that is a wait for everybody else's
        writes, in which most of what was being sent comes to its end, and one turn then does for all.
        """
        if self._done:
            with transaction.atomic():
                while self._done:
                    outcomes.append(self._done.popleft())
                write_outcomes(outcomes)
                claimed = self._claim(outcomes)
        else:
            claimed = self._claim(outcomes)
        return load(claimed) if claimed.ids else []

    def _claim(self, written: list[Outcome]) -> Claim:
        """What may leave beside what is in flight once `written` is not any more."""
        over = {outcome.parcel.delivery_id for outcome in written}
        mine = Counter(parcel.endpoint_id for pk, parcel in self._sending.items() if pk not in over)
        unproven = UNPROVEN_SHARE - sum(n for pk, n in mine.items() if pk not in self._proven)

        def allowance(endpoint: Candidate) -> int:
            nonlocal unproven
            if known := self._proven.get(endpoint.id):
                return known - mine[endpoint.id]
            if mine[endpoint.id] or unproven < 1:
                return 0
            unproven -= 1
            return 1

        free = 0 if self._stopping.is_set() else self._limit - mine.total()
        return claim(free, allowance, lease=LEASE, is_likely=bool(self._sending))

    async def _send(self, sender: Sender, parcel: Parcel) -> None:
        started_at, started = timezone.now(), time.monotonic()
        headers: dict[str, str] = {}
        try:
            if parcel.secrets:
                headers = parcel.headers()
                answer = await sender.post(parcel.url, headers=headers, body=parcel.body)
            else:
                answer = Answer(None, "secret", 0)
        except Exception:  # a mistake of ours must not keep a slot for ever
            logger.exception("delivery %s could not be sent", parcel.delivery_id)
            answer = Answer(None, "internal", round((time.monotonic() - started) * 1000))
        self._remember(parcel, answer)
        self._done.append(Outcome(parcel, started_at, answer, parcel.shown(headers)))
        self._wake.set()

    def _remember(self, parcel: Parcel, answer: Answer) -> None:
        """An endpoint that answers well gets more at once, as in TCP's slow start; one that does not, one."""
        known = self._proven.pop(parcel.endpoint_id, 1)
        if answer.status_code is not None and answer.status_code < 500:
            self._proven[parcel.endpoint_id] = min(2 * known, IN_FLIGHT_PER_ENDPOINT)
        if len(self._proven) > PROVEN_LIMIT:
            del self._proven[next(iter(self._proven))]

    def _keep_for_later(self, outcomes: list[Outcome]) -> None:
        """What could not be written is tried again while it is ours; after that somebody sends it again.

        Later without what the receiver said: should that be why, it is not sent again and again.
        """
        now = timezone.now()
        for outcome in outcomes:
            age = now - outcome.started_at
            if age < LEASE:
                self._done.append(outcome if age < LEASE / 2 else outcome.without_words())
            else:
                self._sending.pop(outcome.parcel.delivery_id, None)

    async def _keep_house(self) -> None:
        while not self._drain:
            await self._do_chores()
            await asyncio.sleep(CHORES_SECONDS)

    async def _do_chores(self) -> None:
        for name in CHORES:
            while await self._try(name, CHORES.get(name)):  # more of the same is left
                await asyncio.sleep(PACE_SECONDS)

    async def _try(self, what: str, work: Callable[[], T]) -> T | None:
        """What `work` returns in the database's thread; None after a failure, which is only logged."""
        try:
            return await self._in_database(work)
        except DatabaseError as error:
            logger.warning("the database refused to %s: %s", what, " ".join(str(error).split()))
        except Exception:
            logger.exception("could not %s", what)
        await self._in_database(connections.close_all)
        await asyncio.sleep(TROUBLE_SECONDS)
        return None

    async def _in_database(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, work)
