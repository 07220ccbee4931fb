"""`customermates serve`: the web server and a worker of deliveries, until somebody stops them."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections

from accounts import first_run
from customermates.checks import unshared_cache
from customermates.environment import base_address
from customermates.health import find_problem
from customermates.kernel.addresses import is_loopback
from customermates.serving import address, base_url, housekeeping, supervise, web_server, worker

LARGE = 10_000  # rows; smaller tables are fast by any plan


class Command(BaseCommand):
    """Serves, and ends cleanly at SIGTERM or Ctrl-C."""

    help = "Serve the web pages and the API, and send webhooks, until stopped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
        parser.add_argument("--workers", type=int, default=settings.WEB_WORKERS, help="web processes")
        parser.add_argument("--threads", type=int, default=settings.WEB_THREADS, help="threads in each")
        parser.add_argument("--no-worker", action="store_true", help="send no webhooks from this machine")

    def handle(self, *args: Any, **options: Any) -> None:
        workers, threads = options["workers"], options["threads"]
        if workers < 1 or threads < 1:
            raise CommandError("There must be at least one worker and one thread.")
        if not 1 <= options["port"] <= 65_535:
            raise CommandError("A port is a number from 1 to 65535.")
        if problem := find_problem():
            raise CommandError(
                f"Cannot serve: {problem}. Run `customermates setup` or `customermates migrate` first."
            )
        for warning in [] if settings.CACHE_IS_SHARED else unshared_cache(workers):
            self.stderr.write(f"{warning.msg} {warning.hint}")
        gather_statistics()
        host, port = options["host"], options["port"]
        # Links, sign-in and refusals name this address; the web processes read it from the environment.
        url = os.environ.setdefault("BASE_URL", base_url(host, port))
        if not is_loopback(host) and base_address(url)[2]:
            self.stderr.write("Only this machine is answered: set BASE_URL to the address that others use.")
        self.stdout.write(f"Serving {url} on {address(host, port)}; Ctrl-C stops.")
        if first_run.is_needed():
            self.stdout.write(invitation(url, host))
        self.stdout.flush()
        web = web_server(host=host, port=port, workers=workers, threads=threads)
        connections.close_all()  # the children open their own
        workers = [] if options["no_worker"] else [worker()]
        sys.exit(supervise([web, *workers, housekeeping()]))


def invitation(url: str, host: str) -> str:
    """What to do first; a browser on this machine is not asked for the code, and no other gets here."""
    if is_loopback(host) and base_address(url)[2]:
        return f"Nobody is here yet: open {url}"
    return f"Nobody is here yet: open {url} and enter the code {first_run.setup_code()}"


def gather_statistics(large: int = LARGE) -> None:
    """SQLite's planner knows the tables of `large` or more rows; PostgreSQL keeps such knowledge itself.

    Without it, an update of a hundred contacts by id reads all contacts of the company. Not `PRAGMA
    optimize`, which before SQLite 3.46 looks only at what its own connection has read. What is known
    of a small table is forgotten: grown, it would be read whole where an index helps.
    """
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA analysis_limit = {large}")  # rows of each index: a fraction of a second
        cursor.execute("ANALYZE")
        cursor.execute("DELETE FROM sqlite_stat1 WHERE CAST(stat AS INTEGER) < %s", [large])
