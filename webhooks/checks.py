"""System checks of what deliveries need."""

from __future__ import annotations

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004 - Django's name

from webhooks.guard import policy


@register(Tags.security)
def check_allowed_networks(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """The guard can be built with the networks that the operator allows."""
    try:
        policy("https")
    except ValueError as error:
        return [
            Error(
                f"WEBHOOK_ALLOWED_NETWORKS: {error}.",
                hint="Allow the IPv4 network itself instead of one that carries IPv4 addresses inside IPv6.",
                id="webhooks.E001",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def check_loopback(app_configs: Sequence[AppConfig] | None, **options: object) -> list[CheckMessage]:
    """On a public installation nobody can aim deliveries at the machine itself."""
    if not any(network.is_loopback for network in settings.WEBHOOK_ALLOWED_NETWORKS):
        return []
    return [
        Warning(
            "WEBHOOK_ALLOWED_NETWORKS contains this machine: users can have requests sent to its services.",
            hint="Leave loopback out of WEBHOOK_ALLOWED_NETWORKS.",
            id="webhooks.W001",
        )
    ]
