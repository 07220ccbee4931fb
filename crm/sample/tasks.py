"""The tasks of the sample company: done, overdue, due today and in the next weeks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from crm.sample.chance import Chance
from crm.sample.companies import CUSTOMERS, Customer
from crm.sample.texts import ERRANDS

# (status, how many, from, to): due that many days from today; the last have no date yet.
DUE: tuple[tuple[str, int, int | None, int], ...] = (
    ("done", 24, -40, -1),
    ("open", 12, -10, -1),
    ("open", 9, 0, 0),
    ("open", 21, 1, 7),
    ("open", 18, 8, 28),
    ("open", 6, None, 0),
)
PRIORITIES = ("low", "normal", "normal", "normal", "high")

Row = dict[str, Any]


def tasks(chance: Chance, users: Sequence[str], rows: Mapping[str, Sequence[Row]]) -> list[Row]:
    """Errands for deals, contacts and organizations, due around today."""
    made = []
    for status, count, least, most in DUE:
        for _ in range(count):
            place = chance.number(0, len(CUSTOMERS) - 1)
            row = _errand(chance, CUSTOMERS[place], status)
            if least is not None:
                row["dueAt"] = chance.working_hour(least, most)
            if status == "done":
                row["completedAt"] = row["dueAt"]
            row["userIds"] = [chance.one_of(users)]
            made.append(row | _about(chance, rows, rows["organization"][place]["id"]))
    return made


def _errand(chance: Chance, customer: Customer, status: str) -> Row:
    english, german, hours, channel = chance.one_of(ERRANDS)
    return {
        "name": (german if customer.german else english).format(name=customer.name),
        "status": status,
        "priority": chance.one_of(PRIORITIES),
        "customFields": {"Effort": hours, "Channel": channel},
    }


def _about(chance: Chance, rows: Mapping[str, Sequence[Row]], organization_id: str) -> Row:
    """Links to the organization, and mostly to somebody there and to a deal with it."""
    about: Row = {"organizationIds": [organization_id]}
    for name, share in (("contact", 0.8), ("deal", 0.6)):
        linked = [r["id"] for r in rows[name] if organization_id in r.get("organizationIds", ())]
        if linked and chance.happens(share):
            about[f"{name}Ids"] = [chance.one_of(linked)]
    if chance.happens(0.2):
        about["serviceIds"] = [chance.one_of(rows["service"])["id"]]
    return about
