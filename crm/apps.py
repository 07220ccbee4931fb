"""The CRM: what is sold, to whom, by whom, until when."""

from __future__ import annotations

from functools import partial
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
        from crm.purging import purge_columns, purge_records
        from crm.sample.loading import load_sample_data
        from crm.sample.removing import has_business
        from crm.sentences import SENTENCES
        from crm.trash import has_trash
        from customermates.kernel import sentences
        from customermates.kernel.chores import CHORES
        from customermates.kernel.ui.navigation import NAVIGATION, SETTINGS, Page, SettingsPage
        from webhooks.catalog import EVENTS, EventKind

        NAVIGATION.register("home", Page(url_name="home", label=_("Home"), icon="house", key="h"))
        for entity in ENTITIES.values():
            register_entity(entity)
        for what, told in COLUMN_SENTENCES.items():
            name = f"customColumn.{what}"
            EVENTS.register(name, EventKind(name, "customColumn", told, subscribable=False))
        register_resource(Resource("columns", _("Custom columns")))
        register_column_pages()
        sentences.register(SENTENCES)
        COMPANY_STARTERS.register("pipeline", start_pipeline)
        SAMPLE_DATA.register("crm", load_sample_data)
        bin_ = SettingsPage(
            url_name="trash", label=_("Trash"), icon="trash-2", group="company", is_wanted=has_trash
        )
        SETTINGS.register("trash", bin_)
        sample = SettingsPage(
            url_name="sample_data",
            label=_("Sample data"),
            icon="sparkles",
            group="company",
            is_wanted=has_business,
        )
        SETTINGS.register("sample_data", sample)
        CHORES.register("purge records", purge_records)
        CHORES.register("purge custom columns", purge_columns)


def register_column_pages() -> None:
    """Custom columns are among the settings, and a new one is offered in the palette."""
    from customermates.kernel.ui.navigation import ACTIONS, SETTINGS, Action, SettingsPage

    listed = SettingsPage(
        url_name="columns",
        label=_("Custom columns"),
        icon="columns-3",
        group="company",
        permission=("read", "columns"),
    )
    SETTINGS.register("columns", listed)
    create = Action(
        url_name="column_create",
        label=_("New custom column"),
        icon="columns-3",
        permission=("write", "columns"),
    )
    ACTIONS.register("create column", create)


def register_entity(entity: Entity) -> None:
    """Roles, key scopes, the event catalogue and the pages know that there are such records."""
    from accounts.permissions import RECORD_VERBS, Resource, register_resource
    from crm.agenda import count_due
    from crm.outgoing import RecordSource
    from customermates.kernel.ui.navigation import ACTIONS, NAVIGATION, Action, Page
    from webhooks.catalog import EVENTS, SOURCES, EventKind

    register_resource(Resource(entity.plural, entity.label, verbs=RECORD_VERBS, has_own=True))
    for what, told in EVENT_SENTENCES.items():
        name = f"{entity.name}.{what}"
        EVENTS.register(name, EventKind(name, entity.name, told))
    SOURCES.register(entity.name, RecordSource(entity))
    listed = Page(
        url_name=entity_start(entity),
        label=entity.label,
        icon=entity.icon,
        key=entity.key,
        permission=("read", entity.resource),
        badge=partial(count_due, entity=entity) if entity.has_agenda else None,
    )
    NAVIGATION.register(entity.plural, listed)
    create = Action(
        url_name=f"{entity.name}_create",
        label=entity.new,
        icon=entity.icon,
        key=entity.key,
        is_form=True,
        permission=("write", entity.resource),
    )
    ACTIONS.register(f"create {entity.name}", create)


def entity_start(entity: Entity) -> str:
    """The URL name of the page that an entity opens with: its board or agenda where it has one."""
    if entity.lanes:
        return f"{entity.name}_board"
    return f"{entity.name}_agenda" if entity.has_agenda else entity.plural


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
