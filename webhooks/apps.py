"""Webhooks: what the product tells other programs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Registers the permission resource; events and deliveries join in their own issue."""

    name = "webhooks"

    def ready(self) -> None:
        from accounts.permissions import NO_ACCESS, Resource, register_resource

        # Endpoints receive every record of the company, so only administrators see them.
        register_resource(Resource("webhooks", _("Webhooks"), member=NO_ACCESS, reader=NO_ACCESS))
