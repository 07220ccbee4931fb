"""The five entities, each declared once as data. Every door derives from this table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crm import models as tables
from crm.field_types import (
    ChoiceType,
    CodeType,
    CurrencyType,
    DateTimeType,
    DateType,
    EmailType,
    LinkType,
    NotesType,
    NumberType,
    PhoneType,
    PlainType,
)
from crm.field_types.currencies import CURRENCIES
from crm.field_types.identifiers import IdentifiersType
from crm.field_types.stages import PipelineIdType, PipelineType, StageIdType, StageType
from crm.models import Record, StageKind, TaskPriority, TaskStatus, TaskType
from crm.own_fields import OwnField, own
from customermates.kernel.registry import Registry


@dataclass(frozen=True, slots=True)
class Relation:
    """What links records of one entity to those of another, seen from one end."""

    name: str  # "organizations"
    ids_name: str  # "organizationIds": the name in writes and filters
    target: str  # the other entity's name, or "user"
    through: type[models.Model]
    source_key: str  # "contact_id"
    target_key: str  # "organization_id"
    inverse: str  # "contactIds": how the other end calls this; "" for users
    has_lines: bool = False  # deal lines carry quantity and price and outlive the service
    owns_lines: bool = False  # seen from the deal, which writes its lines under `name`

    @property
    def written_as(self) -> str:
        """The name that a write of this relation uses."""
        return self.name if self.owns_lines else self.ids_name


@dataclass(frozen=True)
class Entity:
    """One kind of record."""

    name: str
    plural: str
    label: str | Promise  # of many, as people call them
    one: str | Promise  # of one
    new: str | Promise  # what creating one is called: "New contact"
    model: type[Record]
    fields: tuple[OwnField, ...]
    columns: tuple[str, ...]  # what a list shows when nobody says what to show
    search: tuple[str, ...]  # index attributes, or fields of IndexedValue, that a search looks into
    sort: tuple[str, str] = ("name", "asc")
    refs: tuple[str, ...] = ("name",)  # own fields that a reference to such a record shows beside its id
    icon: str = "circle"
    lanes: str = ""  # the stage field that a board has lanes of; "" = no board
    worth: str = ""  # the amount, in the record's currency, that a lane adds up
    has_agenda: bool = False  # whether records are things to do by a deadline, ticked off by their status
    face: Literal["", "round", "square"] = ""  # the shape of the avatar beside the name, "" for none
    key: str = ""  # the letter that goes to its list
    essentials: tuple[str, ...] = ()  # what a form for a new record asks first
    later: tuple[str, ...] = ()  # own fields that mean nothing yet while a record is new
    told_apart_by: tuple[str, ...] = ()  # fields in which equal values mean probably the same thing
    switches: tuple[str, ...] = ()  # what an update can be told to do besides setting fields
    badges: tuple[str, ...] = ()  # choices that say at a glance how a record stands
    subtitle: tuple[str, ...] = ()  # what stands under the name on a record's page
    brief: tuple[str, ...] = ()  # own fields beside the name where it is listed among another's relations
    ticks: tuple[str, str, str] | None = (
        None  # (field, value while there is something to do, value when done)
    )

    @cached_property
    def by_name(self) -> dict[str, OwnField]:
        """Own fields by JSON name."""
        return {field.name: field for field in self.fields}

    @property
    def lines(self) -> Relation | None:
        """The relation whose lines these records own, if any."""
        return next((relation for relation in self.relations.values() if relation.owns_lines), None)

    @cached_property
    def relations(self) -> dict[str, Relation]:
        """Links to other entities and to users, by the name that writes and filters use."""
        found = [relation for link in LINKS for relation in _relations(self, link)]
        order = ENTITIES.names()
        found.sort(key=lambda relation: order.index(relation.target))
        return {relation.ids_name: relation for relation in [*found, _assignment(self)]}

    @cached_property
    def writes(self) -> dict[str, Relation]:
        """Relations by the name that writes use."""
        return {relation.written_as: relation for relation in self.relations.values()}

    @property
    def resource(self) -> str:
        """The permission resource."""
        return self.model.resource


ENTITIES: Registry[Entity] = Registry("entity")
REFRESH_PRICES = "refreshPrices"  # open deals follow the service's price; closed ones never do

LINKS: list[type[models.Model]] = [
    tables.ContactOrganization,
    tables.ContactDeal,
    tables.ContactTask,
    tables.OrganizationDeal,
    tables.OrganizationTask,
    tables.DealLine,
    tables.DealTask,
    tables.ServiceTask,
]


def entity_of(model: type[models.Model]) -> Entity:
    """The entity whose records are rows of `model`."""
    return next(entity for entity in ENTITIES.values() if entity.model is model)


def _relations(entity: Entity, link: type[models.Model]) -> Sequence[Relation]:
    ends = [
        field
        for field in link._meta.fields
        if isinstance(field, models.ForeignKey) and field.name != "company"
    ]
    mine = [end for end in ends if end.related_model is entity.model]
    if not mine:
        return ()
    source, target = mine[0], next(end for end in ends if end is not mine[0])
    other = entity_of(target.related_model)
    return (
        Relation(
            name=other.plural,
            ids_name=f"{other.name}Ids",
            target=other.name,
            through=link,
            source_key=source.attname,
            target_key=target.attname,
            inverse=f"{entity.name}Ids",
            has_lines=link is tables.DealLine,
            owns_lines=link is tables.DealLine and source is ends[0],
        ),
    )


def _assignment(entity: Entity) -> Relation:
    through: Any = entity.model._meta.get_field("assignees").related_model  # type: ignore[misc]  # on each entity
    return Relation("users", "userIds", "user", through, "record_id", "user_id", "")


def _common() -> tuple[OwnField, ...]:
    return (
        own("notes", NotesType(), label=_("Notes")),
        own("createdAt", DateTimeType(), writable=False, tracked=False, label=_("Created")),
        own("updatedAt", DateTimeType(), writable=False, tracked=False, label=_("Updated")),
    )


NAME = PlainType(255)
CURRENCY = CodeType.of(CURRENCIES)

CONTACT = ENTITIES.register(
    "contact",
    Entity(
        name="contact",
        plural="contacts",
        label=_("Contacts"),
        one=_("Contact"),
        new=_("New contact"),
        icon="users",
        face="round",
        key="c",
        model=tables.Contact,
        fields=(
            own(
                "name",
                PlainType(511),
                writable=False,
                tracked=False,
                advice=_("Send firstName and lastName."),
                label=_("Name"),
            ),
            own("firstName", PlainType(255, "Ada"), required=True, label=_("First name")),
            own("lastName", PlainType(255, "Byron"), shown_empty="", label=_("Last name")),
            own("emails", EmailType(several=True), label=_("E-mail")),
            own("phones", PhoneType(several=True), label=_("Phone")),
            own("jobTitle", PlainType(255, "Head of purchasing"), label=_("Job title")),
            own("identifiers", IdentifiersType(), label=_("Identifiers")),
            *_common(),
        ),
        columns=("id", "name", "emails", "jobTitle", "organizations", "users", "updatedAt"),
        search=("name_key", "*emails"),
        essentials=("firstName", "lastName", "emails", "phones", "jobTitle", "organizationIds", "userIds"),
        told_apart_by=("name", "emails"),
        subtitle=("jobTitle", "organizationIds"),
        brief=("jobTitle",),
        refs=("firstName", "lastName"),
    ),
)
ORGANIZATION = ENTITIES.register(
    "organization",
    Entity(
        name="organization",
        plural="organizations",
        label=_("Organizations"),
        one=_("Organization"),
        new=_("New organization"),
        icon="building-2",
        face="square",
        key="o",
        model=tables.Organization,
        fields=(
            own("name", PlainType(255, "Engines Ltd"), required=True, label=_("Name")),
            own("website", LinkType(), label=_("Website")),
            own("phone", PhoneType(), label=_("Phone")),
            *_common(),
        ),
        columns=("id", "name", "website", "users", "updatedAt"),
        search=("name_key",),
        essentials=("name", "website", "phone", "userIds"),
        told_apart_by=("name",),
        subtitle=("website", "phone"),
        brief=("phone",),
    ),
)
DEAL = ENTITIES.register(
    "deal",
    Entity(
        name="deal",
        plural="deals",
        label=_("Deals"),
        one=_("Deal"),
        new=_("New deal"),
        icon="circle-dollar-sign",
        lanes="stage",
        worth="totalValue",
        key="d",
        model=tables.Deal,
        fields=(
            own("name", PlainType(255, "Pilot for 20 machines"), required=True, label=_("Name")),
            own("pipeline", PipelineType(), attr="pipeline_id", label=_("Pipeline")),
            own("pipelineId", PipelineIdType(), attr="pipeline_id", label=_("Pipeline id")),
            own("stage", StageType(), attr="stage_id", label=_("Stage")),
            own("stageId", StageIdType(), attr="stage_id", label=_("Stage id")),
            own(
                "status",
                ChoiceType.of(StageKind.values),
                writable=False,
                advice=_("It follows the stage: send stage."),
                label=_("Status"),
            ),
            own("currency", CURRENCY, label=_("Currency")),
            own("amount", CurrencyType(minimum=Decimal(0)), yields_to_lines=True, label=_("Amount")),
            own(
                "totalValue",
                CurrencyType(),
                writable=False,
                advice=_("Send amount, or services with prices."),
                label=_("Value"),
            ),
            own("totalQuantity", NumberType(), writable=False, label=_("Quantity")),
            own("weightedValue", CurrencyType(), writable=False, label=_("Weighted value")),
            own("expectedCloseDate", DateType(), is_deadline=True, label=_("Expected close")),
            own("closedAt", DateTimeType(), label=_("Closed")),
            own("lostReason", PlainType(255, "Budget was cut"), label=_("Lost reason")),
            *_common(),
        ),
        columns=(
            *("id", "name", "stage", "status", "totalValue", "currency", "expectedCloseDate"),
            *("organizations", "users", "updatedAt"),
        ),
        search=("name_key",),
        essentials=(
            *("name", "amount", "currency", "stage", "expectedCloseDate"),
            *("organizationIds", "contactIds", "userIds"),
        ),
        later=("pipeline", "closedAt", "lostReason"),  # the stage brings its pipeline
        told_apart_by=("name",),
        badges=("stage",),
        subtitle=("totalValue", "organizationIds", "expectedCloseDate"),
        brief=("totalValue",),
    ),
)
SERVICE = ENTITIES.register(
    "service",
    Entity(
        name="service",
        plural="services",
        label=_("Services"),
        one=_("Service"),
        new=_("New service"),
        icon="package",
        key="s",
        model=tables.Service,
        fields=(
            own("name", PlainType(255, "Workshop day"), required=True, label=_("Name")),
            own("amount", CurrencyType(above=Decimal(0)), required=True, label=_("Amount")),
            own("currency", CURRENCY, label=_("Currency")),
            own("sku", PlainType(255, "WS-1"), label=_("SKU")),
            *_common(),
        ),
        columns=("id", "name", "amount", "currency", "sku", "updatedAt"),
        search=("name_key",),
        essentials=("name", "amount", "currency", "sku"),
        told_apart_by=("name", "sku"),
        subtitle=("amount", "sku"),
        brief=("sku", "amount"),
        switches=(REFRESH_PRICES,),
    ),
)
TASK = ENTITIES.register(
    "task",
    Entity(
        name="task",
        plural="tasks",
        label=_("Tasks"),
        one=_("Task"),
        new=_("New task"),
        icon="square-check",
        has_agenda=True,
        key="t",
        model=tables.Task,
        fields=(
            own("name", PlainType(255, "Call back"), required=True, label=_("Name")),
            own("dueAt", DateTimeType(), is_deadline=True, label=_("Due")),
            own("status", ChoiceType.of(TaskStatus.values), label=_("Status")),
            own("completedAt", DateTimeType(), label=_("Completed")),
            own("priority", ChoiceType.of(TaskPriority.values), label=_("Priority")),
            own("type", ChoiceType.of(TaskType.values), writable=False, label=_("Type")),
            *_common(),
        ),
        columns=("id", "name", "dueAt", "status", "priority", "users", "updatedAt"),
        search=("name_key",),
        essentials=("name", "dueAt", "priority", "userIds", "contactIds", "dealIds"),
        later=("completedAt",),
        badges=("status",),
        subtitle=("dueAt",),
        brief=("dueAt",),
        ticks=("status", "open", "done"),
        sort=("updatedAt", "desc"),
    ),
)
