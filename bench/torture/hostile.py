"""Receivers that are slow, endless, broken or somewhere they should not be."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING
from uuid import UUID

from bench.torture.rows import Row
from bench.torture.sizes import Size
from bench.torture.stage import Receivers, Workers, change, endpoint, northwind, wait_until
from bench.torture.vectors import check

if TYPE_CHECKING:  # else it comes once Django is set up
    from accounts.actor import Actor

# What each is, and the status it may end with; None is no answer.
KINDS = {
    "error": 500,
    "busy": 429,
    "gone": 410,
    "redirect": 302,
    "endless": 200,
    "bomb": 200,
    "junk": None,
    "large-header": None,
    "drip-header": None,
    "drip-body": None,
    "silence": None,
}
MEMORY_BAR = 20 * 2**20
WARM_UP = 50  # deliveries before the worker's memory is looked at


def receivers_of_all_kinds(_size: Size, receivers: Receivers) -> Iterator[Row]:
    """Every attempt ends in time, as its kind deserves, and the worker stays as small as it was."""
    from webhooks.models import Attempt
    from webhooks.transport import DEADLINE_SECONDS

    warm, actor = northwind("Warm up"), northwind("Hostile")
    endpoint(warm, receivers.url("ok"))
    with Workers(1) as workers, closing(_full()) as blackhole:
        change(warm, WARM_UP)
        _wait_for_attempts(warm.company_id, WARM_UP)
        before = workers.memory()
        wanted = _endpoints_of_all_kinds(actor, receivers, blackhole)
        receivers.forget()
        change(actor, 1)
        _wait_for_attempts(actor.company_id, len(wanted))
        after = workers.memory()
    attempts = Attempt.objects.filter(company_id=actor.company_id, number=1)
    found = dict(attempts.values_list("delivery__endpoint_id", "status_code"))
    wrong = [pk for pk, status in wanted.items() if pk not in found or found[pk] != status]
    slowest = max(attempts.values_list("duration_ms", flat=True)) / 1000
    elsewhere = [a.path for a in receivers.arrivals() if "meta-data" in a.path]
    yield Row(
        f"{len(wanted)} hostile receivers, each answered as it deserves",
        f"{len(wrong)} wrong, {len(elsewhere)} redirects followed",
        "0",
        not wrong and not elsewhere,
    )
    yield Row(
        "the slowest attempt",
        f"{slowest:.1f} s",
        f"≤ {DEADLINE_SECONDS + 1:.0f} s",
        slowest <= DEADLINE_SECONDS + 1,
    )
    growth = after - before
    yield Row(
        "memory that hostile receivers cost the worker",
        f"{growth / 2**20:+.1f} MB",
        f"≤ +{MEMORY_BAR // 2**20} MB",
        growth <= MEMORY_BAR,
    )


def _endpoints_of_all_kinds(
    actor: Actor, receivers: Receivers, blackhole: socket.socket
) -> dict[UUID, int | None]:
    """An endpoint at each receiver, and the status its attempt shall have: None for no answer at all."""
    wanted: dict[UUID, int | None] = {
        endpoint(actor, receivers.url(kind)).pk: status for kind, status in KINDS.items()
    }
    tls = receivers.url("ok").replace("http:", "https:")
    full = f"http://127.0.0.1:{blackhole.getsockname()[1]}/"
    for url in (tls, full, "http://127.0.0.1:1024/refused"):
        wanted[endpoint(actor, url).pk] = None
    return wanted


def addresses(_size: Size, _receivers: Receivers) -> Iterator[Row]:
    """The vectors at save and at send."""
    from django.conf import settings

    from webhooks.guard import url_issues
    from webhooks.transport import Sender

    runner, sender = asyncio.Runner(), Sender()

    def save_and_send(url: str) -> None:
        url_issues(url)
        runner.run(sender.post(url, headers={}, body=b"{}"))

    allowed = settings.WEBHOOK_ALLOWED_NETWORKS
    settings.WEBHOOK_ALLOWED_NETWORKS = []  # as an installation is without any setting
    try:
        tried, wrong = check(save_and_send)
    finally:
        settings.WEBHOOK_ALLOWED_NETWORKS = allowed
        runner.close()
    yield Row(f"{tried} forbidden addresses at save and send", f"{len(wrong)} connections", "0", not wrong)


def _wait_for_attempts(company_id: UUID, count: int) -> None:
    from webhooks.models import Attempt

    rows = Attempt.objects.filter(company_id=company_id)
    wait_until(lambda: rows.count() >= count, f"{count} attempts", 120)


def _full() -> socket.socket:
    """A listener whose queue is full, so that whoever connects waits for ever."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=0)
    for _ in range(2):
        waiting = socket.socket()
        waiting.setblocking(False)
        waiting.connect_ex(listener.getsockname())
        _KEPT.append(waiting)
    return listener


_KEPT: list[socket.socket] = []
