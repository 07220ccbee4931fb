"""Which record is linked to which, and who is assigned to what: one table for each pair."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from crm.models.contact import Contact
from crm.models.deal import Deal
from crm.models.organization import Organization
from crm.models.record import money
from crm.models.service import Service
from crm.models.task import Task


def _end(model: type[models.Model]) -> models.ForeignKey[Any, Any]:
    # The index of the second end's constraint serves both; Django's own per-key index would be a third.
    return models.ForeignKey(model, on_delete=models.CASCADE, related_name="+", db_index=False)


class Link(models.Model):
    """A pair of records; both know of it, neither owns it."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        "accounts.Company", on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class Assignment(models.Model):
    """A user who looks after a record; "own" records are those."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(
        "accounts.Company", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["record", "user"], name="%(class)s_unique"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "record"], name="%(class)s_user")
        ]


def _both_ways(name: str, first: str, second: str) -> Any:
    """The Meta of a link: each pair once, found from either end."""
    constraints = [models.UniqueConstraint(fields=[first, second], name=f"{name}_unique")]
    indexes = [models.Index(fields=[second, first], name=f"{name}_back")]
    return type("Meta", (), {"constraints": constraints, "indexes": indexes})


class ContactOrganization(Link):
    """Where a contact works, or for whom."""

    contact = _end(Contact)
    organization = _end(Organization)
    Meta = _both_ways("contactorganization", "contact", "organization")


class ContactDeal(Link):
    """Who has a say in a deal."""

    contact = _end(Contact)
    deal = _end(Deal)
    Meta = _both_ways("contactdeal", "contact", "deal")


class ContactTask(Link):
    """Whom a task is about."""

    contact = _end(Contact)
    task = _end(Task)
    Meta = _both_ways("contacttask", "contact", "task")


class OrganizationDeal(Link):
    """Who buys."""

    organization = _end(Organization)
    deal = _end(Deal)
    Meta = _both_ways("organizationdeal", "organization", "deal")


class OrganizationTask(Link):
    """Which organization a task is about."""

    organization = _end(Organization)
    task = _end(Task)
    Meta = _both_ways("organizationtask", "organization", "task")


class DealTask(Link):
    """Which deal a task moves on."""

    deal = _end(Deal)
    task = _end(Task)
    Meta = _both_ways("dealtask", "deal", "task")


class ServiceTask(Link):
    """Which service a task is about."""

    service = _end(Service)
    task = _end(Task)
    Meta = _both_ways("servicetask", "service", "task")


class DealLine(Link):
    """What a deal sells: a service at a price of its own, which outlives the service."""

    deal = _end(Deal)
    service = models.ForeignKey(
        Service, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    service_name = models.CharField(max_length=255)
    quantity = money()
    unit_price = money()  # in the deal's currency
    position = models.PositiveIntegerField(default=0)

    Meta = _both_ways("dealline", "deal", "service")


def _assigned(model: type[models.Model]) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(model, on_delete=models.CASCADE, related_name="assignees", db_index=False)


class ContactUser(Assignment):
    """Who looks after a contact."""

    record = _assigned(Contact)


class OrganizationUser(Assignment):
    """Who looks after an organization."""

    record = _assigned(Organization)


class DealUser(Assignment):
    """Who runs a deal."""

    record = _assigned(Deal)


class ServiceUser(Assignment):
    """Who is responsible for a service."""

    record = _assigned(Service)


class TaskUser(Assignment):
    """Who has to do a task."""

    record = _assigned(Task)
