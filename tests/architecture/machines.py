"""A sixth entity as a developer would declare it: machines that customers own.

Imported by the test that proves it works; the first three parts would be files of crm/models.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from django.apps import apps
from django.db import connection, models

from accounts.permissions import RESOURCES
from crm.apps import register_entity
from crm.entities import ENTITIES, LINKS, Entity
from crm.field_types import ChoiceType, DateType, EmailType, NotesType, NumberType, PlainType
from crm.models import Assignment, Contact, Link, Record
from crm.models.record import key, money
from crm.own_fields import own
from customermates.kernel.ui.navigation import ACTIONS, NAVIGATION
from webhooks.catalog import EVENTS, SOURCES


class Machine(Record):
    """Something that stands at a customer's and wants service."""

    resource = "machines"

    name = models.CharField(max_length=255)
    power = money(null=True)
    built_on = models.DateField(null=True)
    state = models.CharField(max_length=10, default="running")
    alerts = models.JSONField(default=list)

    name_key = key()

    class Meta(Record.Meta):
        app_label = "crm"
        indexes: ClassVar[list[models.Index]] = [
            *Record.Meta.indexes,
            models.Index(fields=["company", "name_key", "id"], name="machine_name"),
        ]


class ContactMachine(Link):
    """Who looks after a machine at the customer's."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+", db_index=False)
    machine = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="+", db_index=False)

    class Meta:
        app_label = "crm"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["contact", "machine"], name="contactmachine_unique")
        ]


class MachineUser(Assignment):
    """Who of ours looks after a machine."""

    record = models.ForeignKey(Machine, on_delete=models.CASCADE, related_name="assignees", db_index=False)

    class Meta(Assignment.Meta):
        app_label = "crm"


MACHINE = Entity(
    name="machine",
    plural="machines",
    one="Machine",
    new="New machine",
    label="Machines",
    model=Machine,
    fields=(
        own("name", PlainType(255, "Press 4"), required=True),
        own("power", NumberType()),
        own("builtOn", DateType()),
        own("state", ChoiceType.of(["running", "broken"])),
        own("alerts", EmailType(several=True)),
        own("notes", NotesType()),
    ),
    columns=("id", "name", "state", "contacts"),
    search=("name_key", "*alerts"),
)

TABLES = (Machine, ContactMachine, MachineUser)


@contextmanager
def declared() -> Iterator[Entity]:
    """The entity, there for the length of the block: its tables, its place in LINKS and ENTITIES."""
    for table in TABLES:
        apps.all_models["crm"].setdefault(table._meta.model_name or "", table)
    ENTITIES.register(MACHINE.name, MACHINE)
    LINKS.append(ContactMachine)
    register_entity(MACHINE)
    _forget_relations()
    with connection.schema_editor() as editor:
        for table in TABLES:
            editor.create_model(table)
    try:
        yield MACHINE
    finally:
        with connection.schema_editor() as editor:
            for table in reversed(TABLES):
                editor.delete_model(table)
        _withdraw()


def _withdraw() -> None:
    ENTITIES.unregister(MACHINE.name)
    LINKS.remove(ContactMachine)
    RESOURCES.unregister(MACHINE.plural)
    for name in [name for name in EVENTS if name.startswith("machine.")]:
        EVENTS.unregister(name)
    SOURCES.unregister(MACHINE.name)
    for table in TABLES:
        del apps.all_models["crm"][table._meta.model_name or ""]
    NAVIGATION.unregister(MACHINE.plural)
    ACTIONS.unregister(f"create {MACHINE.name}")
    _forget_relations()


def _forget_relations() -> None:
    """In a real process all entities are there before anybody asks one for its relations."""
    apps.clear_cache()
    for entity in ENTITIES.values():
        for name in ("relations", "writes", "by_name"):
            entity.__dict__.pop(name, None)
