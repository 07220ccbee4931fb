"""Short ways to make, fill and look at custom columns."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import Event
from crm import services
from crm.entities import CONTACT, Entity
from crm.field_services import create_column
from crm.models import Contact, CustomColumn
from crm.presenters import Presenter
from crm.queries import ListQuery, count_records
from crm.setup import CompanySetup
from customermates.kernel.errors import ProductError, ValidationFailed
from customermates.kernel.sentences import sentence

TIERS = {"options": [{"label": "Gold", "isDefault": True}, {"label": "Silver"}, {"label": "Bronze"}]}


def column(actor: Actor, label: str = "Tier", type: str = "plain", **values: Any) -> CustomColumn:
    entity = values.pop("entityType", "contact")
    return create_column(actor, {"entityType": entity, "type": type, "label": label, **values}).column


def contact(actor: Actor, **custom: Any) -> Contact:
    [record] = services.create_records(actor, CONTACT, [{"firstName": "Ada", "customFields": custom}]).records
    assert isinstance(record, Contact)
    return record


def found(actor: Actor, field: str, operator: str, value: Any = None, entity: Entity = CONTACT) -> int:
    rule = {"field": field, "operator": operator} | ({} if value is None else {"value": value})
    return count_records(actor, entity, ListQuery(filters=[rule])).total


def shown(actor: Actor, record: Contact) -> dict[str, Any]:
    record.refresh_from_db()
    return Presenter(CompanySetup(actor), CONTACT).custom_by_label(vars(record))


def events(actor: Actor, entity: str) -> list[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(company_id=actor.company_id, entity=entity).order_by("sequence")
    return [(event.name, event.changes) for event in rows]


def refused(action: Any, error: type[ProductError] = ValidationFailed) -> dict[str, str]:
    """The issues of a refused action, as codes by path; each has a sentence."""
    with pytest.raises(error) as caught:
        action()
    assert all(sentence(issue) != issue.code for issue in caught.value.issues)
    return {issue.field: issue.code for issue in caught.value.issues}


def options_of(made: CustomColumn, *labels: str) -> dict[str, Any]:
    return {"options": [row for row in made.options["options"] if row["label"] in labels]}
