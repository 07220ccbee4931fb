"""What every scenario needs: a company on its own database, receivers, and workers that can be killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg

from tools import postgres

if TYPE_CHECKING:
    from accounts.actor import Actor
    from webhooks.models import Endpoint

ROOT = Path(__file__).resolve().parents[2]
LONGEST_SECONDS = 600.0  # a scenario that takes longer has failed


class Failed(Exception):
    """A scenario could not be brought to its end."""


@contextmanager
def installation(database: str) -> Iterator[Path]:
    """Django works on an empty, migrated database while the block runs; processes inherit it."""
    with tempfile.TemporaryDirectory(prefix="customermates-torture-") as temporary:
        place = Path(temporary)
        if database == "sqlite":
            _set_up(place, f"sqlite:///{place / 'torture.sqlite3'}")
            yield place
            return
        with _postgres() as url:
            _set_up(place, url)
            yield place
            _disconnect()


@contextmanager
def _postgres() -> Iterator[str]:
    """A server of our own, or a database of our own on the server that DATABASE_URL_POSTGRES names."""
    given = os.environ.get("DATABASE_URL_POSTGRES")
    if not given:
        with postgres.running() as url:
            yield url
        return
    name = f"torture_{os.getpid()}"
    with psycopg.connect(given, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield urlsplit(given)._replace(path=f"/{name}").geturl()
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _set_up(place: Path, url: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "customermates.settings",
        "CUSTOMERMATES_DATA_DIR": str(place),
        "DATABASE_URL": url,
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
        "API_CALLS_PER_MINUTE": "0",
        "API_WRITES_PER_MINUTE": "0",
        "LOG_LEVEL": "WARNING",
    }
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()


# --- Receivers ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request that reached a receiver."""

    at: float
    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Receivers:
    """Where the receivers are, and what they got."""

    port: int

    def url(self, kind: str, number: int = 0) -> str:
        """The address of a receiver that behaves in this way."""
        return f"http://127.0.0.1:{self.port}/{kind}/{number}"

    def arrivals(self) -> list[Arrival]:
        """What has arrived so far, in its order."""
        return [Arrival(*row) for row in json.loads(self._get("log"))]

    def forget(self) -> None:
        """What has arrived does not count."""
        self._get("forget")

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{path}", timeout=60) as answer:
            return bytes(answer.read())


@contextmanager
def receivers() -> Iterator[Receivers]:
    """A process of receivers while the block runs."""
    command = [sys.executable, "-m", "bench.torture.receivers"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Receivers(int(process.stdout.readline()))
        finally:
            process.stdin.close()  # it ends when nobody is there any more


# --- Workers ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Workers:
    """Workers as `customermates worker` starts them; `lease_seconds` may be shorter, to save waiting."""

    count: int
    lease_seconds: float | None = None
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __enter__(self) -> Workers:
        self.running = [self._start() for _ in range(self.count)]
        return self

    def __exit__(self, *_: object) -> None:
        for process in self.running:
            process.send_signal(signal.SIGTERM)
        for process in self.running:
            process.wait(timeout=60)

    def kill(self, number: int) -> None:
        """kill -9, and another in its place."""
        self.running[number].kill()
        self.running[number].wait()
        self.running[number] = self._start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """They stand still while the block runs, as if the machine had other things to do."""
        for process in self.running:
            process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            for process in self.running:
                process.send_signal(signal.SIGCONT)

    def memory(self) -> int:
        """The resident memory of the largest, in bytes."""
        return max(_resident(process.pid) for process in self.running)

    def _start(self) -> subprocess.Popen[bytes]:
        lease = [] if self.lease_seconds is None else [str(self.lease_seconds)]
        return subprocess.Popen([sys.executable, "-m", "bench.torture.worker", *lease], cwd=ROOT)


def _resident(pid: int) -> int:
    pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


# --- Northwind ----------------------------------------------------------------------------------------


def northwind(name: str) -> Actor:
    """The owner of a new company; every scenario has its own."""
    from accounts.actor import user_actor
    from accounts.models import User
    from accounts.services import create_company

    _, owner = create_company(name=name, email=f"{name.lower().replace(' ', '-')}@northwind.example")
    return user_actor(User.objects.select_related("role", "company").get(pk=owner.pk), via="web")


def endpoint(actor: Actor, url: str, *events: str, **values: Any) -> Endpoint:
    """An endpoint of the company."""
    from webhooks.services import create_endpoint

    return create_endpoint(actor, {"url": url, "events": list(events) or ["*"], **values}).endpoint


def change(actor: Actor, count: int) -> None:
    """So many contacts are made, each an event."""
    from crm import services
    from crm.entities import CONTACT

    while count > 0:
        rows = [{"firstName": "Ada", "lastName": f"Byron {number}"} for number in range(min(count, 500))]
        services.create_records(actor, CONTACT, rows)
        count -= len(rows)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(is_so: Callable[[], object], what: str, seconds: float = LONGEST_SECONDS) -> float:
    """The seconds that it took; Failed when it takes too long."""
    started = time.monotonic()
    while not is_so():
        if time.monotonic() - started > seconds:
            raise Failed(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)
    return time.monotonic() - started


def pending(actor: Actor) -> int:
    """How many deliveries of the company are not done with."""
    from webhooks.models import Delivery

    return Delivery.objects.filter(company_id=actor.company_id, due_at__isnull=False).count()


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
