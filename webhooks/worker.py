"""The worker: takes what is due, sends it, and writes down at once what came of it.

One event loop sends; one thread talks to the database, a statement at a time. A delivery counts as in
flight until its outcome is committed, so a worker that dies leaves at most that many to be sent twice,
and none unsent.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from django.db import Error as DatabaseError
from django.db import connections
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
        self._done: list[Outcome] = []
        self._proven: dict[UUID, int] = {}  # how many an endpoint may have at once, as far as it is known
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()  # something is done, or was asked for
        self._written = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._database = ThreadPoolExecutor(1, thread_name_prefix="database")

    def stop(self) -> None:
        """Take nothing more; `run` returns when what is in flight has come to its end."""
        self._stopping.set()
        self._wake.set()

    async def run(self) -> None:
        """Work. Nothing that a receiver or the database does ends this."""
        async with Sender() as sender:
            writing = asyncio.create_task(self._write_continually())
            keeping = asyncio.create_task(self._keep_house())
            try:
                await self._claim_continually(sender)
                while self._sending:
                    self._wake.clear()
                    await self._pause()
                if self._drain:
                    await self._do_chores()
            finally:
                for task in (writing, keeping):
                    task.cancel()
                await asyncio.gather(writing, keeping, return_exceptions=True)
                await self._in_database(connections.close_all)
                self._database.shutdown()

    async def _claim_continually(self, sender: Sender) -> None:
        while not self._stopping.is_set():
            self._wake.clear()  # before it is looked: what is written meanwhile is a reason to look again
            taken = await self._claim()
            for parcel in taken:
                self._sending[parcel.delivery_id] = parcel
                task = asyncio.create_task(self._send(sender, parcel))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            if self._drain and not taken and not self._sending:
                return
            await self._pause()

    async def _pause(self) -> None:
        """Until something was written down, or it is time to look whether something is due."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(POLL_SECONDS):
                await self._wake.wait()

    async def _claim(self) -> list[Parcel]:
        free = self._limit - len(self._sending)
        mine = Counter(parcel.endpoint_id for parcel in self._sending.values())
        unproven = UNPROVEN_SHARE - sum(n for pk, n in mine.items() if pk not in self._proven)

        def allowance(endpoint: Candidate) -> int:
            nonlocal unproven
            if known := self._proven.get(endpoint.id):
                return known - mine[endpoint.id]
            if mine[endpoint.id] or unproven < 1:
                return 0
            unproven -= 1
            return 1

        def take() -> list[Parcel]:
            claimed: Claim = claim(free, allowance, lease=LEASE, is_likely=bool(self._sending))
            return load(claimed) if claimed.ids else []

        if self._drain:  # whoever waits for its end is told when there is no database
            return await self._in_database(take)
        return await self._try("claim", take) or []

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
        self._written.set()

    def _remember(self, parcel: Parcel, answer: Answer) -> None:
        """An endpoint that answers well gets more at once, as in TCP's slow start; one that does not, one."""
        known = self._proven.pop(parcel.endpoint_id, 1)
        if answer.status_code is not None and answer.status_code < 500:
            self._proven[parcel.endpoint_id] = min(2 * known, IN_FLIGHT_PER_ENDPOINT)
        if len(self._proven) > PROVEN_LIMIT:
            del self._proven[next(iter(self._proven))]

    async def _write_continually(self) -> None:
        """Whatever is done is written: alone when it comes alone, together when it comes together."""
        while True:
            await self._written.wait()
            if len(self._sending) > FEW:
                await asyncio.sleep(PACE_SECONDS)
            self._written.clear()
            if not (outcomes := self._done):
                continue
            self._done = []
            if await self._try("write", partial(write_outcomes, outcomes)) is None:
                self._keep_for_later(outcomes)
                continue
            for outcome in outcomes:
                self._sending.pop(outcome.parcel.delivery_id, None)
            self._wake.set()

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
        self._written.set()

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
