"""What kill -9 costs: workers in the middle of sending, web processes between writing and answering."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator

from bench.torture.rows import Row
from bench.torture.sizes import Size
from bench.torture.stage import (
    ROOT,
    Failed,
    Receivers,
    Workers,
    change,
    endpoint,
    free_port,
    northwind,
    pending,
    wait_until,
)

WORKERS = 2
ENDPOINTS = 10
LEASE_SECONDS = 3.0  # instead of 30: a lease is all that anybody waits for after a crash
KILL_SECONDS = (0.3, 2.0)  # between two kills
WRITERS = 4


def workers_killed(size: Size, receivers: Receivers) -> Iterator[Row]:
    """Every delivery arrives, and only what was in flight at a kill may come twice."""
    from webhooks.models import Delivery
    from webhooks.worker import IN_FLIGHT

    actor = northwind("Crash")
    for number in range(ENDPOINTS):
        endpoint(actor, receivers.url("ok", number))
    receivers.forget()
    change(actor, size.crash_deliveries // ENDPOINTS)
    kills = 0
    with Workers(WORKERS, lease_seconds=LEASE_SECONDS) as workers:
        while kills < size.worker_kills:
            time.sleep(random.uniform(*KILL_SECONDS))  # noqa: S311 - chance, no secret
            if pending(actor) == 0:  # the killing goes on while there is work
                change(actor, size.crash_deliveries // ENDPOINTS // 10)
            workers.kill(kills % WORKERS)
            kills += 1
        took = wait_until(lambda: pending(actor) == 0, "all deliveries are done with")
    came = Counter((arrival.path, arrival.message) for arrival in receivers.arrivals())
    rows = Delivery.objects.filter(company_id=actor.company_id)
    wanted = rows.count()
    lost = wanted - len(came) + rows.exclude(status=Delivery.Status.SUCCESS).count()
    twice = sum(came.values()) - len(came)
    bar = kills * IN_FLIGHT
    yield Row(
        f"kill -9 of {kills} workers during {wanted:,} deliveries, 2 at a time",
        f"{lost} lost, {twice} came twice ({took:.0f} s after the last kill)",
        f"0 lost, ≤ {bar:,} twice",
        lost == 0 and twice <= bar,
    )


def web_killed(size: Size, _receivers: Receivers) -> Iterator[Row]:
    """An event and a delivery exist if and only if the change was committed."""
    from accounts.api_keys import create_key
    from accounts.models import Event
    from crm.models import Contact
    from webhooks.models import Delivery

    actor = northwind("Web")
    endpoint(actor, "https://receiver.example/hook", "contact.created")
    key = create_key(actor, name="torture", scopes=["*"])[1]
    writers = _Writers(key)
    with _Web() as web:
        for _ in range(size.web_kills):
            writers.write(web.start())
            time.sleep(random.uniform(0.01, 0.4))  # noqa: S311
            web.kill()
            writers.join()
    made = set(Contact.objects.filter(company_id=actor.company_id).values_list("pk", flat=True))
    told = Event.objects.filter(company_id=actor.company_id, name="contact.created")
    queued = Delivery.objects.filter(company_id=actor.company_id)
    tellings = Counter(told.values_list("entity_id", flat=True))
    queue = Counter(queued.values_list("entity_id", flat=True))
    wrong = sum(1 for pk in made | tellings.keys() | queue.keys() if (tellings[pk], queue[pk]) != (1, 1))
    wrong += len(tellings.keys() - made) + len(writers.answered - {str(pk) for pk in made})
    yield Row(
        f"kill -9 of {size.web_kills} web processes while they write",
        f"{wrong} mismatches in {len(made):,} changes, {len(writers.answered):,} answered",
        "0: an event and a delivery if and only if the change",
        wrong == 0 and len(made) > len(writers.answered) // 2 > 0,
    )


class _Writers:
    """Programs that create contacts over MCP until nobody answers any more."""

    def __init__(self, key: str) -> None:
        self.answered: set[str] = set()
        self._key = key
        self._threads: list[threading.Thread] = []

    def write(self, port: int) -> None:
        """Start; the first answer is waited for, so that the kill hits somebody at work."""
        first = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(port, first)) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()
        if not first.wait(60):
            raise Failed("the web process answers nothing")

    def join(self) -> None:
        """Wait until all have noticed."""
        for thread in self._threads:
            thread.join()

    def _run(self, port: int, first: threading.Event) -> None:
        while True:
            try:
                self.answered.add(self._create(port))
                first.set()
            except (OSError, ValueError):
                return

    def _create(self, port: int) -> str:
        call = {"name": "create_contacts", "arguments": {"contacts": [{"firstName": "Ada"}]}}
        body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call}
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        }
        url = f"http://127.0.0.1:{port}/api/v1/mcp"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            result = json.loads(answer.read())["result"]
        return str(result["structuredContent"]["records"][0]["id"])


class _Web:
    """Web processes, one at a time, so that a kill hits who writes and nobody mends it."""

    def __init__(self) -> None:
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "bench.torture.web"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._child = 0

    def __enter__(self) -> _Web:
        return self

    def __exit__(self, *_: object) -> None:
        if self._child:
            self.kill()
        self._parent.communicate(timeout=60)  # it ends when nobody asks any more

    def start(self) -> int:
        """The port at which one answers."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        port = free_port()
        print(port, file=self._parent.stdin, flush=True)
        self._child = int(self._parent.stdout.readline())
        wait_until(lambda: _answers(port), "the web process answers", 60)
        return port

    def kill(self) -> None:
        """kill -9; who was talking to it notices, and the next one starts only when it is gone."""
        os.kill(self._child, signal.SIGKILL)
        self._child = 0


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=5):
            return True
    except OSError:
        return False
