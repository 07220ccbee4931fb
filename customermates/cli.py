"""The `customermates` command: `customermates user add …` is the management command `user_add`."""

from __future__ import annotations

import os
import sys

TWO_WORDS = {"user add": "user_add", "key create": "key_create", "webhook create": "webhook_create"}
SETTINGS = "customermates.settings"
# A worker leaves out what it never uses; other settings that somebody chose stay theirs.
WORKER_SETTINGS = "customermates.worker_settings"


def main(arguments: list[str] | None = None) -> None:
    """Run one command; an expected failure is one sentence on stderr and exit code 1, never a traceback."""
    words = list(sys.argv if arguments is None else arguments)
    if os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS) == SETTINGS and words[1:2] == ["worker"]:
        os.environ["DJANGO_SETTINGS_MODULE"] = WORKER_SETTINGS
    if command := TWO_WORDS.get(" ".join(words[1:3])):
        words[1:3] = [command]

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    try:
        execute_from_command_line(words)
    except (ImproperlyConfigured, OperationalError) as error:
        sys.exit(f"customermates: {' '.join(str(error).split())}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
