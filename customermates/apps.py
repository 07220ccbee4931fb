"""The assembled product: its system checks and the commands that concern all of it."""

from __future__ import annotations

from django.apps import AppConfig


class CustomermatesConfig(AppConfig):
    """Registers the system checks."""

    name = "customermates"

    def ready(self) -> None:
        from customermates import checks  # noqa: F401 - importing registers them
