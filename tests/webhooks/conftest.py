from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from ipaddress import ip_network
from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from tests.webhooks.receiver import Receiver, receiving
from webhooks.models import Endpoint
from webhooks.services import create_endpoint
from webhooks.worker import Worker

SECRET = "a secret that Olivia typed"
Make = Callable[..., Endpoint]


@pytest.fixture(autouse=True)
def _loopback_is_allowed(settings: Settings) -> None:
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


@pytest.fixture
def endpoint(owner: Actor) -> Make:
    """Makes endpoints of Northwind."""

    def make(url: str = "https://receiver.example/hook", *events: str, **values: Any) -> Endpoint:
        sent = {"url": url, "events": list(events) or ["*"], "secret": SECRET, **values}
        return create_endpoint(owner, sent).endpoint

    return make


def drain() -> None:
    """Everything that is due has been sent, by a worker like the real one."""
    asyncio.run(Worker(drain=True).run())
