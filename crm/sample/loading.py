"""Loads the sample company through the write path, in one change set, the same on every machine.

Only the day differs: dates are chosen around today. The company remembers the change set, whose events
say what came with it (`crm.sample.removing`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction

from accounts.actor import Actor
from accounts.models import Company, User
from accounts.services import ADMIN, add_user, remember_sample_data
from crm import field_services, services
from crm.columns import slug_of
from crm.entities import CONTACT, DEAL, ORGANIZATION, SERVICE, TASK, Entity
from crm.reasons import SAMPLE_LOADED
from crm.sample import deals, people, tasks
from crm.sample.catalogue import ITEMS
from crm.sample.chance import Chance
from crm.sample.custom_columns import definitions
from crm.sample.names import COLLEAGUES

BATCH = 100  # rows of one write


@dataclass(slots=True)
class Sample:
    """What was loaded so far: rows as they were sent, with the ids they got."""

    actor: Actor
    company: Company
    chance: Chance
    users: list[str] = field(default_factory=list)  # ids; the owner is the first
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, entity: Entity, rows: Sequence[dict[str, Any]]) -> None:
        """Create `rows`, and remember each with the id it got."""
        kept = self.rows.setdefault(entity.name, [])
        for start in range(0, len(rows), BATCH):
            batch = rows[start : start + BATCH]
            receipt = services.create_records(self.actor, entity, batch)
            kept += [
                {**row, "id": str(record.pk)} for row, record in zip(batch, receipt.records, strict=True)
            ]


@transaction.atomic
def load_sample_data(actor: Actor) -> None:
    """The actor's company has colleagues, custom columns and some 530 records to look at."""
    company = Company.objects.get(pk=actor.company_id)
    sample = Sample(replace(actor, reason=SAMPLE_LOADED), company, Chance.around_now(company.time_zone))
    sample.users = _users(sample)
    for values in definitions(company.currency):
        field_services.create_column(sample.actor, values)
    sample.add(SERVICE, _services())
    sample.add(ORGANIZATION, people.organizations(sample.chance, sample.users))
    sample.add(CONTACT, people.contacts(sample.chance, sample.users, sample.rows[ORGANIZATION.name]))
    sample.add(DEAL, deals.deals(sample.chance, sample.users, sample.rows, company.currency))
    sample.add(TASK, tasks.tasks(sample.chance, sample.users, sample.rows))
    remember_sample_data(sample.actor)


def _users(sample: Sample) -> list[str]:
    """The ids of the owner and of colleagues who cannot sign in until somebody resets their password."""
    company = sample.company
    owners = User.objects.filter(company=company, role__shipped=ADMIN, status=User.Status.ACTIVE)
    ids = [str(pk) for pk in owners.order_by("pk").values_list("pk", flat=True)[:1]]
    for first, last, role in COLLEAGUES:
        email = _free_address(f"{slug_of(first)}.{slug_of(last)}", slug_of(company.name).replace("_", "-"))
        user = add_user(sample.actor, email=email, role=role, first_name=first, last_name=last)
        ids.append(str(user.pk))
    return ids


def _free_address(person: str, domain: str) -> str:
    """An address that nobody has: people sign in by it, so it is unique across all companies."""
    taken = set(User.objects.filter(email__startswith=person).values_list("email", flat=True))
    numbers = ["", *(str(number) for number in range(2, len(taken) + 3))]
    return next(email for n in numbers if (email := f"{person}{n}@{domain}.example") not in taken)


def _services() -> list[dict[str, Any]]:
    return [
        {
            "name": item.name,
            "sku": item.sku,
            "amount": item.price,
            "customFields": {"Supplier": item.supplier, "Weight": item.weight},
        }
        for item in ITEMS
    ]
