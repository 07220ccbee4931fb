"""What the gateway's tests share: clients of both eras, and the conformance fixtures while they run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client

from accounts.models import User
from tests import people
from tests.mcp_gateway import fixtures
from tests.mcp_gateway.client import LEGACY, MODERN, Mcp


@pytest.fixture
def fixture_tools() -> Iterator[None]:
    """The fixture tools are callable during one test."""
    fixtures.install()
    yield
    fixtures.remove()


@pytest.fixture
def mcp(fixture_tools: None, owner_key: str) -> Mcp:
    """Olivia's agent, modern era."""
    return Mcp(Client(), owner_key)


@pytest.fixture
def old_mcp(mcp: Mcp) -> Mcp:
    """Olivia's agent, legacy era."""
    return Mcp(mcp.client, mcp.key, LEGACY)


@pytest.fixture(params=[MODERN, LEGACY, "2025-06-18", "2025-03-26", "2024-11-05"])
def any_mcp(request: pytest.FixtureRequest, mcp: Mcp) -> Mcp:
    """Olivia's agent in each version of the protocol in turn."""
    return Mcp(mcp.client, mcp.key, request.param)


@pytest.fixture
def agent_of(mcp: Mcp):
    """Makes an agent of a user whose key has just the given scopes."""

    def make(user: User, *scopes: str) -> Mcp:
        return Mcp(mcp.client, people.key_of(user, *scopes)[1])

    return make
