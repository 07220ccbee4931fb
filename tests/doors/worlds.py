"""Two furnished companies for the tests of the doors: Northwind acts, Southwind must never notice."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model
from django.test import Client

from accounts.actor import Actor, system_actor
from accounts.models import Company, User
from accounts.permissions import TOOLSETS
from crm import services
from crm.entities import ENTITIES, Entity
from crm.field_services import create_column
from crm.field_types import CUSTOM_TYPES
from crm.models import CustomColumn, Pipeline, Stage
from tests import people
from tests.mcp_gateway.client import Mcp
from webhooks.models import Attempt, Delivery
from webhooks.services import create_endpoint, send_test

CANARY = "canary 7c9e6679 f7c2 4b5d a1de 000000000b0b"  # in every text that Southwind has
CANARY_SLUG = CANARY.replace(" ", "_")
PRODUCT_APPS = ("accounts", "crm", "webhooks", "mcp_gateway")


@dataclass
class House:
    """One company with people, columns of every type and two or more records of each entity."""

    company: Company
    admin: User
    user: User  # somebody else who works there
    columns: dict[str, CustomColumn] = field(default_factory=dict)  # of contacts, by type
    records: dict[str, list[str]] = field(default_factory=dict)  # entity → ids
    trash: dict[str, str] = field(default_factory=dict)  # entity → id
    webhook: str = ""
    delivery: str = ""

    @property
    def actor(self) -> Actor:
        """The company's own hand."""
        return system_actor(self.company)

    def ids(self) -> dict[str, str]:
        """One id for each kind of thing that a caller can name."""
        stage = Stage.objects.filter(company=self.company).order_by("position").first()
        pipeline = Pipeline.objects.filter(company=self.company).first()
        assert stage is not None
        assert pipeline is not None
        option = self.columns["singleSelect"].options["options"][0]["value"]
        return {
            **{entity: ids[0] for entity, ids in self.records.items()},
            **{f"deleted_{entity}": pk for entity, pk in self.trash.items()},
            "user": str(self.user.pk),
            "stage": str(stage.pk),
            "pipeline": str(pipeline.pk),
            "column": str(self.columns["plain"].pk),
            "select_column": str(self.columns["singleSelect"].pk),
            "option": str(option),
            "webhook": self.webhook,
            "delivery": self.delivery,
        }


def northwind() -> House:
    """Olivia's company, furnished with harmless words."""
    company, olivia = people.northwind()
    return furnish(House(company, olivia, people.colleague(company, "Max", "member")), "Northwind")


def southwind() -> House:
    """Sven's company; whatever it has bears the canary."""
    company, sven = people.southwind()
    User.objects.filter(pk=sven.pk).update(last_name=CANARY)
    helper = people.colleague(company, "Stig", "member")
    User.objects.filter(pk=helper.pk).update(last_name=CANARY)
    return furnish(House(company, sven, helper), CANARY)


def furnish(house: House, mark: str) -> House:
    """`house` with columns and linked records whose every text holds `mark`."""
    house.columns = {kind: _column(house, kind, mark) for kind in CUSTOM_TYPES}
    custom = {
        c.key: value for kind, c in house.columns.items() if (value := _value(kind, house, mark)) is not None
    }
    people_of = {"userIds": [str(house.user.pk)], "notes": f"Notes of {mark}"}

    def create(entity: str, *rows: Mapping[str, Any]) -> list[str]:
        found = ENTITIES.get(entity)
        done = services.create_records(house.actor, found, [{**people_of, **row} for row in rows])
        house.records[entity] = [str(record.pk) for record in done.records]
        return house.records[entity]

    organizations = create("organization", *({"name": f"Org {n} {mark}"} for n in range(3)))
    plain = {"organizationIds": organizations[:2], "customFields": custom}
    contacts = create(
        "contact",
        *(
            {
                "firstName": f"Ada {n}",
                "lastName": mark,
                "emails": [f"ada{n}@{mark.split()[0]}.example".lower()],
                **plain,
            }
            for n in range(3)
        ),
    )
    offered = create(
        "service", *({"name": f"Service {n} {mark}", "amount": 100 + n, "sku": mark} for n in range(3))
    )
    lines = [{"serviceId": pk, "quantity": 2} for pk in offered[:2]]
    links = {"contactIds": contacts[:2], "organizationIds": organizations[:2]}
    deals = create("deal", *({"name": f"Deal {n} {mark}", "services": lines, **links} for n in range(3)))
    links |= {"dealIds": deals[:1], "serviceIds": offered[:1]}
    create("task", *({"name": f"Task {n} {mark}", **links} for n in range(3)))
    for entity in ENTITIES.values():
        house.trash[entity.name] = _gone(house, entity, mark)
    house.webhook, house.delivery = _webhook(house, mark)
    return house


def _webhook(house: House, mark: str) -> tuple[str, str]:
    """A webhook, and a delivery of it that failed."""
    host = mark.replace(" ", "-").lower()
    values = {
        "url": f"https://{host}.example/in",
        "description": mark,
        "events": ["contact.*"],
        "headers": {f"X-{host}": mark},
    }
    endpoint = create_endpoint(house.actor, values).endpoint
    delivery = send_test(house.actor, endpoint.pk)
    Delivery.objects.filter(pk=delivery.pk).update(status="failed", due_at=None, attempts=1)
    Attempt.objects.create(
        company=house.company,
        delivery=delivery,
        number=1,
        started_at=delivery.created_at,
        duration_ms=5,
        status_code=500,
        response_excerpt=mark,
    )
    return str(endpoint.pk), str(delivery.pk)


def _gone(house: House, entity: Entity, mark: str) -> str:
    first = "firstName" if entity.name == "contact" else "name"
    row = {first: f"Gone {mark}", **({"amount": 1} if entity.name == "service" else {})}
    [gone] = services.create_records(house.actor, entity, [row]).records
    services.delete_records(house.actor, entity, [gone.pk])
    return str(gone.pk)


def _column(house: House, kind: str, mark: str) -> CustomColumn:
    values: dict[str, Any] = {"entityType": "contact", "type": kind, "label": f"{kind} of {mark}"}
    if kind in ("singleSelect", "multiSelect"):
        values["options"] = {"options": [{"label": f"Gold {mark}"}, {"label": f"Silver {mark}"}]}
    elif kind == "currency":
        values["options"] = {"currency": "EUR"}
    return create_column(house.actor, values).column


def _value(kind: str, house: House, mark: str) -> Any:
    if kind in ("singleSelect", "multiSelect"):
        return f"Gold {mark}"
    if kind == "user":
        return str(house.user.pk)
    return mark if kind == "plain" else CUSTOM_TYPES[kind].from_options(house.columns[kind].options).example()


def product_models() -> Iterable[type[Model]]:
    """Every table of ours."""
    return (
        model
        for name in PRODUCT_APPS
        if apps.is_installed(name)
        for model in apps.get_app_config(name).get_models()
    )


def rows_of(company: Company | None = None, *, without: Iterable[str] = ()) -> dict[str, str]:
    """A hash of the rows of each table, of one company or of all; `without` names attributes to leave out."""
    found = {}
    for model in product_models():
        columns = [f.attname for f in model._meta.concrete_fields if f.attname not in without]
        rows = model._default_manager.order_by("pk")
        if company is not None:
            if model is not Company and not any(f.name == "company" for f in model._meta.fields):
                continue  # counters of tries, which are nobody's
            rows = rows.filter(pk=company.pk) if model is Company else rows.filter(company=company)
        text = "\n".join(map(repr, rows.values_list(*columns)))
        found[model._meta.label] = hashlib.sha256(text.encode()).hexdigest()
    return found


def agent(user: User, *scopes: str) -> Mcp:
    """An agent of `user` whose key has these scopes and reaches all tools."""
    return Mcp(Client(), people.key_of(user, *scopes, toolsets=TOOLSETS.names())[1])
