"""`customermates worker`: sends what waits in the queue, until somebody stops it."""

from __future__ import annotations

import asyncio
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from webhooks.worker import Worker


class Command(BaseCommand):
    """Works until SIGTERM or Ctrl-C, then finishes what is in flight; any number may run side by side."""

    help = "Send webhook deliveries until stopped."
    requires_system_checks = []  # they would load all pages

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--drain", action="store_true", help="stop when nothing is due")

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(_work(drain=options["drain"]))


async def _work(*, drain: bool) -> None:
    worker = Worker(drain=drain)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, worker.stop)
    await worker.run()
