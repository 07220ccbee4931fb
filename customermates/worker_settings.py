"""The settings of a worker: the same, without the packages of doors and pages that it does not have."""

from __future__ import annotations

from customermates.settings import *  # noqa: F403 - all of them

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "customermates",
    "accounts",
    "webhooks",
]
