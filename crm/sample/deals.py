"""The deals of the sample company, spread over the stages of its pipeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from typing import Any

from crm.sample.catalogue import COMPETITORS, ITEMS, LOST_REASONS, NEXT_STEPS, PROJECTS, STAGES, Project
from crm.sample.chance import Chance
from crm.sample.companies import CUSTOMERS, Customer
from crm.sample.people import notes

POUNDS = 0.86  # what a price in euros becomes on a British price list

Row = dict[str, Any]


def deals(
    chance: Chance, users: Sequence[str], rows: Mapping[str, Sequence[Row]], currency: str
) -> list[Row]:
    """Two deals for each organization, in random stages; prices are in `currency`, in pounds for some."""
    stages = [stage for stage, count in STAGES for _ in range(count)]
    chance.random.shuffle(stages)
    made = []
    for position, stage in enumerate(stages):
        place = position % len(CUSTOMERS)
        customer, organization = CUSTOMERS[place], rows["organization"][place]
        row = _deal(chance, customer, stage)
        row |= _worth(chance, customer, row.pop("project"), rows["service"], currency)
        staff = [c["id"] for c in rows["contact"] if organization["id"] in c.get("organizationIds", ())]
        row["organizationIds"] = [organization["id"]]
        row["contactIds"] = chance.some_of(staff, 2)
        row["userIds"] = organization["userIds"] if chance.happens(0.7) else [chance.one_of(users)]
        made.append(row)
    return made


def _deal(chance: Chance, customer: Customer, stage: str) -> Row:
    project = chance.one_of(PROJECTS)
    title = (project.german if customer.german else project.english).format(city=customer.city)
    custom: Row = {"Competitors": sorted(chance.some_of(COMPETITORS, 2))} if chance.happens(0.5) else {}
    row: Row = {"name": f"{title} – {customer.name}", "stage": stage, "customFields": custom}
    if stage in ("Won", "Lost"):
        row["closedAt"] = chance.working_hour(-180, -2)
        row["expectedCloseDate"] = row["closedAt"][:10]
        if stage == "Lost":
            row["lostReason"] = chance.one_of(LOST_REASONS)
        return row | {"project": project}
    # Some are overdue, as they are everywhere.
    row["expectedCloseDate"] = chance.day(-15, 120)
    if stage != "New":
        custom["Next step"] = chance.one_of(NEXT_STEPS)
    if chance.happens(0.4):
        custom["Decision meeting"] = chance.working_hour(-5, 45)
    if stage in ("Proposal", "Negotiation"):
        custom["Trial"] = _trial(chance)
        row["notes"] = notes(chance, customer.name, german=customer.german)
    return row | {"project": project}


def _trial(chance: Chance) -> dict[str, str]:
    """Some weeks around today, from a morning to an evening."""
    start = chance.today + timedelta(days=chance.number(-20, 20))
    end = start + timedelta(days=chance.number(7, 28))
    return {"start": chance.at(start, time(9)), "end": chance.at(end, time(17))}


def _worth(
    chance: Chance, customer: Customer, project: Project, services: Sequence[Row], currency: str
) -> Row:
    """Lines with prices, or an amount alone where the project has none."""
    pounds = customer.pounds and chance.happens(0.3)
    worth: Row = {"currency": "GBP" if pounds else currency}
    if not project.lines:
        return worth | {"amount": 500 * chance.number(10, 180)}
    ids = {row["sku"]: row["id"] for row in services}
    prices = {item.sku: item.price for item in ITEMS}
    lines: list[Row] = []
    for sku, least, most in project.lines:
        line: Row = {"serviceId": ids[sku], "quantity": chance.number(least, most)}
        if worth["currency"] != currency:
            line["unitPrice"] = round(prices[sku] * POUNDS, 2)
        elif chance.happens(0.2):
            line["unitPrice"] = round(prices[sku] * 0.95, 2)  # a discount for the whole project
        lines.append(line)
    return worth | {"services": lines}
