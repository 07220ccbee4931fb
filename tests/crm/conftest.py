"""The company that filters, sorts and groups are compared with the oracle in."""

from __future__ import annotations

import pytest

from crm.entities import CONTACT
from tests.crm import worlds


@pytest.fixture
def entity():
    """What the test is about, unless it says so itself."""
    return CONTACT


@pytest.fixture
def berlin(company, owner, max_, rita, entity):
    """Northwind in Germany, with a column of every type in every place."""
    return worlds.settle_in_germany(company, owner, entity)
