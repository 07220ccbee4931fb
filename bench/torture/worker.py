"""`customermates worker`, with another lease when one is given: `python -m bench.torture.worker SECONDS`."""

from __future__ import annotations

import sys
from datetime import timedelta

from customermates.cli import main


def run(arguments: list[str]) -> None:
    """Work until stopped."""
    if arguments:
        _shorten_leases(timedelta(seconds=float(arguments[0])))
    main(["customermates", "worker"])


def _shorten_leases(lease: timedelta) -> None:
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "customermates.worker_settings"
    django.setup()
    from webhooks import worker

    worker.LEASE = lease


if __name__ == "__main__":
    run(sys.argv[1:])
