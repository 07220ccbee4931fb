"""`customermates housekeep`: takes out of the database what is past its time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from customermates.kernel.chores import CHORES


class Command(BaseCommand):
    """Does all chores to their end, piece by piece. `serve` runs it once a day; a timer may as well."""

    help = "Purge what was deleted 30 days ago, expired sessions and old deliveries."
    requires_system_checks = []  # they would load all pages

    def handle(self, *args: Any, **options: Any) -> None:
        for name in CHORES:
            pieces = 1
            while CHORES.get(name)():
                pieces += 1
            if options["verbosity"]:
                self.stdout.write(f"{name}: done in {pieces} transaction{'s' if pieces > 1 else ''}")
