"""The organizations of the sample company and the people in them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from crm.columns import slug_of
from crm.sample import names
from crm.sample.chance import Chance
from crm.sample.companies import CUSTOMERS, PHONES, Customer
from crm.sample.custom_columns import LEAD_SOURCES, REGIONS
from crm.sample.texts import ENGLISH_NOTES, GERMAN_NOTES

CONTACTS = 250

Row = dict[str, Any]


def organizations(chance: Chance, users: Sequence[str]) -> list[Row]:
    """A row for each customer."""
    return [_organization(chance, users, customer) for customer in CUSTOMERS]


def contacts(chance: Chance, users: Sequence[str], organizations: Sequence[Row]) -> list[Row]:
    """People of the organizations, four or five in each, and some who belong to none."""
    people = _people(chance)
    rows = []
    for position in range(CONTACTS):
        customer = CUSTOMERS[position % len(CUSTOMERS)] if position < CONTACTS - 10 else None
        german = customer.german if customer else chance.happens(0.5)
        first, last = next(people[german])
        row = _contact(chance, users, first, last, german=german)
        if customer:
            row |= _at_work(chance, row, customer, organizations[position % len(CUSTOMERS)]["id"])
        rows.append(row)
    return rows


def domain(customer: Customer) -> str:
    """Where the customer's web site and mail are."""
    return f"{slug_of(customer.name).replace('_', '-')}.example"


def phone(chance: Chance, city: str) -> str:
    """A number in that city that belongs to nobody."""
    return f"{PHONES[city]}{chance.number(0, 999):03}"


def notes(chance: Chance, name: str, *, german: bool) -> str:
    """Something that somebody wrote down after meeting `name`."""
    return chance.one_of(GERMAN_NOTES if german else ENGLISH_NOTES).format(name=name)


def _organization(chance: Chance, users: Sequence[str], customer: Customer) -> Row:
    site, manager = domain(customer), chance.one_of(users)
    home = "Northern Germany" if customer.city in ("Hamburg", "Berlin") else "Southern Germany"
    regions = {home if customer.german else "Great Britain", *chance.some_of(REGIONS, 2)}
    custom: Row = {
        "Industry": customer.industry,
        "Employees": customer.employees,
        "Annual revenue": customer.revenue * 1_000,
        "Regions": sorted(regions),
        "Account manager": manager,
        "Invoice e-mail": [f"{'rechnung' if customer.german else 'accounts'}@{site}"],
    }
    if chance.happens(0.3):
        custom["Invoice e-mail"].append(f"{'buchhaltung' if customer.german else 'finance'}@{site}")
    if chance.happens(0.4):
        custom["Service hotline"] = phone(chance, customer.city)
    if chance.happens(0.55):
        custom["Support contract"] = f"{chance.day(-330, -30)},{chance.day(20, 400)}"
    return {
        "name": customer.name,
        "website": f"https://www.{site}",
        "phone": phone(chance, customer.city),
        "notes": notes(chance, customer.name, german=customer.german) if chance.happens(0.4) else "",
        "userIds": [manager],
        "customFields": custom,
    }


def _contact(chance: Chance, users: Sequence[str], first: str, last: str, *, german: bool) -> Row:
    custom: Row = {"Lead source": chance.one_of(LEAD_SOURCES), "Newsletter": chance.happens(0.6)}
    address = f"{slug_of(first)}.{slug_of(last)}".replace("_", "-")
    if chance.happens(0.35):
        custom["Birthday"] = (
            f"{chance.number(1958, 2003)}-{chance.number(1, 12):02}-{chance.number(1, 28):02}"
        )
    if chance.happens(0.3):
        custom["Profile"] = f"https://people.example/{address}"
    row = {
        "firstName": first,
        "lastName": last,
        "emails": [f"{address}@{'post' if german else 'mail'}.example"],
        "userIds": [chance.one_of(users)],
        "customFields": custom,
    }
    if chance.happens(0.3):
        row["notes"] = notes(chance, f"{first} {last}", german=german)
    return row


def _at_work(chance: Chance, row: Row, customer: Customer, organization_id: str) -> Row:
    """What differs for somebody who works for an organization."""
    mailbox = row["emails"][0].split("@")[0]
    titles = names.GERMAN_TITLES if customer.german else names.ENGLISH_TITLES
    private = row["emails"] if chance.happens(0.15) else []
    return {
        "emails": [f"{mailbox}@{domain(customer)}", *private],
        "phones": [phone(chance, customer.city)] if chance.happens(0.8) else [],
        "jobTitle": chance.one_of(titles),
        "organizationIds": [organization_id],
    }


def _people(chance: Chance) -> dict[bool, Iterator[tuple[str, str]]]:
    """By whether they are German: names, each only once."""
    pools = {
        True: [(first, last) for first in names.GERMAN_FIRST for last in names.GERMAN_LAST],
        False: [(first, last) for first in names.ENGLISH_FIRST for last in names.ENGLISH_LAST],
    }
    return {german: iter(chance.random.sample(pool, CONTACTS)) for german, pool in pools.items()}
