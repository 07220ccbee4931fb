"""What every test starts from: fast passwords, clean counters, and the people of `tests/people.py`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.utils import translation
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import Company, User
from customermates.kernel import ids
from customermates.static_files import StaticFiles
from tests import people, profiles

profiles.load()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """On SQLite, tests use a real file: a database in memory knows neither WAL nor waiting for locks."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_found_once() -> Iterator[None]:
    """Each test client builds all middleware anew, of which looking for the files took nine tenths."""
    found: dict[str, Any] = {}
    look = StaticFiles.add_files_from_finders

    def look_once(self: StaticFiles) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StaticFiles, "add_files_from_finders", look_once)
        yield


@pytest.fixture(autouse=True)
def _fast_passwords(settings: Settings) -> None:
    # Argon2 is slow on purpose; no test measures how slow.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _clean_process(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing of the test before: no counters, no language of its last request, no ids of a future it saw."""
    translation.activate(settings.LANGUAGE_CODE)
    monkeypatch.setattr(ids, "_last", 0)
    yield
    cache.clear()


@pytest.fixture
def olivia(db: None) -> User:
    """Administrator of Northwind Trading."""
    return people.northwind()[1]


@pytest.fixture
def company(olivia: User) -> Company:
    """Northwind Trading."""
    return olivia.company


@pytest.fixture
def max_(company: Company) -> User:
    """Member of Northwind Trading (`max` is Python's)."""
    return people.colleague(company, "Max", "member")


@pytest.fixture
def rita(company: Company) -> User:
    """Reader of Northwind Trading."""
    return people.colleague(company, "Rita", "read-only")


@pytest.fixture
def sven(db: None) -> User:
    """Administrator of Southwind, a stranger to Northwind."""
    return people.southwind()[1]


@pytest.fixture
def owner(olivia: User) -> Actor:
    """Olivia at the browser."""
    return people.signed_in(olivia)


@pytest.fixture
def member(max_: User) -> Actor:
    """Max at the browser."""
    return people.signed_in(max_)


@pytest.fixture
def reader(rita: User) -> Actor:
    """Rita at the browser."""
    return people.signed_in(rita)


@pytest.fixture
def stranger(sven: User) -> Actor:
    """Sven at his browser."""
    return people.signed_in(sven)


@pytest.fixture
def owner_key(olivia: User) -> str:
    """A key of Olivia that may do all she may."""
    return people.key_of(olivia, "*")[1]


@pytest.fixture
def stranger_key(sven: User) -> str:
    """A key of Sven that may do all he may, in his company."""
    return people.key_of(sven, "*")[1]


@pytest.fixture
def signed_in_client(olivia: User) -> Client:
    """Olivia's browser."""
    client = Client()
    client.force_login(olivia)
    return client
