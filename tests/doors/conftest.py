"""What the tests of the doors share: no limits on calls, and two companies side by side."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from tests.doors.worlds import House, northwind, southwind


@pytest.fixture(autouse=True)
def _no_limits(settings: Settings) -> None:
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0


@pytest.fixture
def ours(db: None) -> House:
    """Northwind, where Olivia rules."""
    return northwind()


@pytest.fixture
def theirs(db: None) -> House:
    """Southwind, which must never be seen or changed from Northwind."""
    return southwind()
