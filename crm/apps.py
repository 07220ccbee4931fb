"""The CRM: what is sold, to whom, by whom, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from crm.entities import Entity


class CrmConfig(AppConfig):
    """Registers resources, sentences, events, and what a new company starts with."""

    name = "crm"

    def ready(self) -> None:
        from accounts.permissions import Resource, register_resource
        from accounts.services import COMPANY_STARTERS, SAMPLE_DATA
        from crm.entities import ENTITIES
        from crm.pipelines import start_pipeline
        from crm.sample.loading import load_sample_data
        from crm.sentences import SENTENCES
        from customermates.kernel import sentences
        from webhooks.catalog import EVENTS, EventKind

        for entity in ENTITIES.values():
            register_entity(entity)
        for what, told in COLUMN_SENTENCES.items():
            name = f"customColumn.{what}"
            EVENTS.register(name, EventKind(name, "customColumn", told, subscribable=False))
        register_resource(Resource("columns", _("Custom columns")))
        sentences.register(SENTENCES)
        COMPANY_STARTERS.register("pipeline", start_pipeline)
        SAMPLE_DATA.register("crm", load_sample_data)


def register_entity(entity: Entity) -> None:
    """Roles, key scopes and the event catalogue know that there are such records."""
    from accounts.permissions import RECORD_VERBS, Resource, register_resource
    from webhooks.catalog import EVENTS, EventKind

    register_resource(Resource(entity.plural, entity.label, verbs=RECORD_VERBS, has_own=True))
    for what, told in EVENT_SENTENCES.items():
        name = f"{entity.name}.{what}"
        EVENTS.register(name, EventKind(name, entity.name, told))


EVENT_SENTENCES = {
    "created": _("A record was created or came back from the trash."),
    "updated": _("A record was changed, or linked to another."),
    "deleted": _("A record was moved to the trash."),
}
COLUMN_SENTENCES = {
    "created": _("A custom column was added."),
    "updated": _("A custom column was changed."),
    "deleted": _("A custom column was hidden, with its values."),
    "restored": _("A deleted custom column came back, with its values."),
}
