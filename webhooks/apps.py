"""Webhooks: what the product tells other programs."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    """Registers the permission, the page, the sentences, and the events about webhooks themselves."""

    name = "webhooks"

    def ready(self) -> None:
        from accounts.permissions import NO_ACCESS, Resource, register_resource
        from customermates.kernel import sentences
        from customermates.kernel.chores import CHORES
        from customermates.kernel.ui.navigation import ACTIONS, SETTINGS, Action, SettingsPage
        from webhooks import checks  # noqa: F401 - importing registers them
        from webhooks.catalog import EVENTS, EventKind
        from webhooks.housekeeping import delete_old, tell_owners
        from webhooks.sentences import SENTENCES

        # Endpoints receive every record of the company, so only administrators see them.
        register_resource(Resource("webhooks", _("Webhooks"), member=NO_ACCESS, reader=NO_ACCESS))
        sentences.register(SENTENCES)
        SETTINGS.register(
            "webhooks",
            SettingsPage(
                url_name="webhooks",
                label=_("Webhooks"),
                icon="webhook",
                group="company",
                permission=("read", "webhooks"),
            ),
        )
        make = Action(
            url_name="webhook_create",
            label=_("New webhook"),
            icon="webhook",
            permission=("write", "webhooks"),
        )
        ACTIONS.register("create webhook", make)
        CHORES.register("tell owners of paused webhooks", tell_owners)
        CHORES.register("delete old deliveries", delete_old)
        for what, told in EVENT_SENTENCES.items():
            name = f"webhook.{what}"
            EVENTS.register(name, EventKind(name, "webhook", told, subscribable=False))


EVENT_SENTENCES = {
    "created": _("A webhook was added."),
    "updated": _("A webhook was changed."),
    "deleted": _("A webhook was deleted."),
    "secretRotated": _("A webhook got a new secret."),
    "overlapEnded": _("The old secret of a webhook stopped being used."),
    "paused": _("A webhook was paused, because nothing got through."),
    "resumed": _("A webhook was resumed."),
    "replayed": _("Deliveries of a webhook were sent again."),
}
