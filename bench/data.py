"""A database with generated companies, and Django set up on it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.sizes import Size
from tools import postgres

COMPANY, EMAIL = "Bench", "olivia@bench.example"


@contextmanager
def prepared(size: Size, database: str, directory: Path | None) -> Iterator[None]:
    """Django works on a database of this size while the block runs.

    With `directory`, or a server named by DATABASE_URL_POSTGRES, the data stays and is used again.
    """
    with tempfile.TemporaryDirectory(prefix="customermates-bench-") as temporary:
        place = directory or Path(temporary)
        if database == "sqlite":
            _set_up(size, place, f"sqlite:///{place / 'bench.sqlite3'}")
            yield
        elif given := os.environ.get("DATABASE_URL_POSTGRES"):
            _set_up(size, place, given)
            yield
        else:
            with postgres.running() as url:
                _set_up(size, place, url)
                yield
                _disconnect()


def _set_up(size: Size, place: Path, url: str) -> None:
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "customermates.settings",
        "CUSTOMERMATES_DATA_DIR": str(place),
        "DATABASE_URL": url,
        "API_CALLS_PER_MINUTE": "1000000000",  # counted, but never reached
        "API_WRITES_PER_MINUTE": "1000000000",
        "LOG_LEVEL": "WARNING",  # a line for each request would measure the terminal
    }
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = "bench.urls"
    _fill(size)


def _fill(size: Size) -> None:
    from django.core.management import call_command

    from accounts.models import Company

    call_command("migrate", verbosity=0)
    if Company.objects.filter(name=COMPANY).exists():
        print("Using the data that is there.", file=sys.stderr)
        return
    _fill_company(COMPANY, EMAIL, size.contacts)
    if size.neighbours:
        _fill_company("Neighbours", "sven@neighbours.example", size.neighbours)


def _fill_company(name: str, email: str, contacts: int) -> None:
    from django.core.management import call_command

    from accounts.services import create_company

    create_company(name=name, email=email)
    call_command("seed", "--contacts", str(contacts), "--company", name, stdout=sys.stderr)


def _disconnect() -> None:
    from django.db import connections

    connections.close_all()
