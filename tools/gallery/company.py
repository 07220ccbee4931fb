"""A sample company of its own for a gallery: in a data directory that goes with it, served on a free port."""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

if TYPE_CHECKING:
    from accounts.actor import Actor

CUSTOMERMATES = str(Path(sys.executable).with_name("customermates"))
EMAIL = "olivia@northwind.example"
STARTS_WITHIN = 60.0  # seconds


@dataclass(frozen=True, slots=True)
class Served:
    """A running product that nobody has set up yet."""

    url: str
    password: str = secrets.token_hex(12)  # never begins with a dash, like an option

    def set_up(self) -> dict[str, str]:
        """The sample company is there; gives ids of records by the entity's name, one in the trash too."""
        command = ["setup", "--company", "Northwind Trading", "--email", EMAIL, "--password", self.password]
        names = ["--first-name", "Olivia", "--last-name", "North", "--sample-data"]
        subprocess.run([CUSTOMERMATES, *command, *names], check=True, stdout=subprocess.DEVNULL)
        return shown_records()


@contextmanager
def served() -> Iterator[Served]:
    """The product on a free port of this machine, with a fresh database; both end with the block.

    This process uses the same database from here on, so it must not have set Django up before.
    """
    with tempfile.TemporaryDirectory(prefix="customermates-gallery-") as directory:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        os.environ.pop("DATABASE_URL", None)
        os.environ["CUSTOMERMATES_DATA_DIR"] = directory
        os.environ["BASE_URL"] = url = f"http://127.0.0.1:{port}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "customermates.settings"
        os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
            "true"  # Playwright's loop runs in the thread of this ordinary code
        )
        import django

        django.setup()
        subprocess.run([CUSTOMERMATES, "migrate", "--verbosity", "0"], check=True)
        command = [CUSTOMERMATES, "serve", "--host", "127.0.0.1", "--port", str(port)]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"{url}/health")
            yield Served(url)
        finally:
            server.terminate()
            server.wait(30)


def _wait_for(url: str) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        try:
            with urlopen(url, timeout=5):  # noqa: S310  # our own server on this machine
                return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit("The server did not start.")


def shown_records() -> dict[str, str]:
    """Ids of the records to show, those with most to see; `trashed` is a contact in the trash."""
    from accounts.actor import system_actor
    from accounts.models import Company
    from crm import services
    from crm.entities import CONTACT, ENTITIES
    from tools.gallery.deliveries import sample_webhooks

    actor = system_actor(Company.objects.get())
    ids = {}
    for entity in ENTITIES.values():
        rows = entity.model.objects.visible_to(actor)
        ids[entity.name] = str(rows.order_by("-version", "pk").values_list("pk", flat=True)[0])
    row = {"firstName": "Robin", "lastName": "Hale", "jobTitle": "Buyer"}
    [gone] = services.create_records(actor, CONTACT, [row]).records
    services.delete_records(actor, CONTACT, [gone.pk])
    return {
        **ids,
        "trashed": str(gone.pk),
        "changes": _bulk_change(actor, ids["contact"]),
        **sample_webhooks(actor),
    }


def _bulk_change(actor: Actor, first: str) -> str:
    """The change set of something done to many contacts: the one shown, so that it stays so, and more."""
    from crm import services
    from crm.entities import CONTACT
    from crm.models import Contact
    from customermates.kernel.ids import uuid7

    at_once = replace(actor, change_set=uuid7(), reason="Titles from the trade fair")
    rows = Contact.objects.visible_to(actor).filter(pk__gte=first).order_by("pk")[:12]
    titles = {row.pk: row.job_title for row in rows if isinstance(row, Contact)}
    new = "Buyer" if "Head of purchasing" in titles.values() else "Head of purchasing"
    services.update_records(at_once, CONTACT, {pk: {"jobTitle": new} for pk in titles})
    return str(at_once.change_set)
