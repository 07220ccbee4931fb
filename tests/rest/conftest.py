"""Fixtures of the REST tests: programs of Olivia and of Sven."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.rest.client import Rest


@pytest.fixture(autouse=True)
def _no_limits(settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0


@pytest.fixture
def rest(owner_key: str) -> Rest:
    """A program of Olivia that may do all she may."""
    return Rest(owner_key)


@pytest.fixture
def nobody(db: None) -> Rest:
    """A program without a key."""
    return Rest(None)
