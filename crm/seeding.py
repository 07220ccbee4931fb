"""Large generated data for one company, written set by set.

Every row is what the write path would have stored for it (a test compares them), at version 1 and
without events: nobody did this work. Values are made ready as text, which both databases read: a
hundred thousand contacts take seconds, where the write path's checks would take many minutes.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from django.db import connection, models, transaction

from accounts.actor import Actor
from accounts.models import User
from crm import field_services
from crm import models as tables
from crm.catalog import column_type
from crm.entities import CONTACT
from crm.models import CustomColumn, Deal, DealLine, IndexedValue, Stage, StageKind
from crm.seed_words import CITIES, COMPANY_KINDS, FIRST_NAMES, JOBS, LAST_NAMES, NOTE, OFFERS, TODOS, TOPICS
from crm.setup import CompanySetup
from customermates.kernel.folding import folded_key
from customermates.kernel.ids import uuid7

T = TypeVar("T")
Say = Callable[[str], None]
Text = str | int | None  # a column's value as both databases read it

BLOCK = 10_000  # records written and committed at once
DAYS = 730  # over which records were made
FILLED = 0.8  # share of records that have a value in a custom column
_SEED = 20_260_101  # the same data on every machine

_Options = dict[str, list[dict[str, str]]]


def _options(*labels: str) -> _Options:
    return {"options": [{"label": label} for label in labels]}


SEGMENTS = ("Small business", "Mid-market", "Enterprise", "Public sector", "Education", "Non-profit")
SOURCES = ("Website", "Referral", "Fair", "Cold call", "Partner")
_FIRST_DAY = date(2016, 1, 1)
# Custom columns of contacts, each with the values that records get of it.
COLUMNS: tuple[tuple[Mapping[str, Any], Sequence[Any]], ...] = (
    ({"label": "Region", "type": "plain"}, CITIES),
    ({"label": "Segment", "type": "singleSelect", "options": _options(*SEGMENTS)}, SEGMENTS),
    ({"label": "Source", "type": "singleSelect", "options": _options(*SOURCES)}, SOURCES),
    ({"label": "Score", "type": "number", "options": {"decimals": 0}}, range(1, 101)),
    (
        {"label": "Annual volume", "type": "currency", "options": {"currency": "EUR"}},
        [Decimal(step) * 125 / 2 for step in range(1, 4_001)],
    ),
    ({"label": "Newsletter", "type": "boolean"}, (True, False)),
    (
        {"label": "Customer since", "type": "date"},
        [str(_FIRST_DAY + timedelta(days=day)) for day in range(3_650)],
    ),
    (
        {"label": "Last contact at", "type": "dateTime"},
        [f"{_FIRST_DAY + timedelta(hours=7 * step)}T{step % 24:02}:30:00Z" for step in range(10_000)],
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How many records of each entity are wanted."""

    contacts: int
    organizations: int
    deals: int
    services: int
    tasks: int


def seed(actor: Actor, amounts: Amounts, say: Say) -> None:
    """The company of `actor` has that many more records, linked to each other; `say` hears of the progress.

    Each block is committed by itself, so an interrupted run leaves whole records behind.
    """
    _widen_cache()
    seeder = _Seeder(actor, say)
    organizations = seeder.organizations(amounts.organizations)
    contacts = seeder.contacts(amounts.contacts, organizations)
    services = seeder.services(amounts.services)
    deals = seeder.deals(amounts.deals, services, contacts, organizations)
    seeder.tasks(amounts.tasks, contacts, deals)
    # A load of this size leaves statistics behind that know nothing of it.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _widen_cache() -> None:
    """SQLite keeps a part of the indexes in memory that random insertions fit into: 256 MiB, not 2."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA cache_size = -262144")


class _Rows:
    """Rows of one table, gathered and then written by one statement."""

    def __init__(self, model: type[models.Model], *attrs: str, **constant: Text) -> None:
        columns = {field.attname: str(field.column) for field in model._meta.concrete_fields}
        quote = connection.ops.quote_name
        names = ", ".join(quote(columns[attr]) for attr in (*attrs, *constant))
        table, self._constant = quote(model._meta.db_table), tuple(constant.values())
        marks = ", ".join(["?"] * (len(attrs) + len(constant)))
        self._copy = f"COPY {table} ({names}) FROM STDIN"
        self._insert = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 - our own names
        self._rows: list[tuple[Text, ...]] = []

    def add(self, *values: Text) -> None:
        """Gather one row; `values` are those of `attrs`."""
        self._rows.append(values + self._constant)

    def write(self) -> None:
        """Write what was gathered. Needs a transaction."""
        connection.ensure_connection()
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor, cursor.copy(self._copy) as copy:
                for row in self._rows:
                    copy.write_row(row)
        else:
            connection.connection.executemany(self._insert, self._rows)
        self._rows.clear()


class _Ready(NamedTuple):
    """One custom value as it is stored: a member of the JSON object, and what its slots hold."""

    member: str
    slots: tuple[Text, ...]


class _Line(NamedTuple):
    """What a deal adds up of a line."""

    unit_price: Decimal
    quantity: Decimal


class _Service(NamedTuple):
    id: str
    name: str
    price: Decimal


class _Seeder:
    def __init__(self, actor: Actor, say: Say) -> None:
        self.actor, self.say = actor, say
        self.setup = CompanySetup(actor)
        self.company, self.currency = actor.company_id.hex, self.setup.company.currency
        self.users = [
            pk.hex for pk in User.objects.filter(company_id=actor.company_id).values_list("pk", flat=True)
        ]
        self.random = random.Random(_SEED).random  # noqa: S311 - data, not secrets
        self.now = self.setup.context.now.replace(microsecond=0)

    def organizations(self, count: int) -> list[str]:
        """Ids of new organizations."""
        records = self._records(tables.Organization, "name", "name_key", "website", "website_key", phone="")
        owners = self._links(tables.OrganizationUser, "record_id", "user_id")
        ids = []
        for number in self._numbers("organizations", count, records, owners):
            name = f"{self._any(LAST_NAMES)} {self._any(COMPANY_KINDS)} {number}"
            website = f"https://company-{number}.example"
            ids.append(self._add(records, name, folded_key(name), website, folded_key(website)))
            self._own(owners, ids[-1])
        return ids

    def contacts(self, count: int, organizations: Sequence[str]) -> list[str]:
        """Ids of new contacts with custom values, e-mail addresses and links to organizations."""
        columns = self._columns()
        slots = [slot for column in columns for slot in column.slot_names]
        attrs = ("name", "name_key", "first_name", "first_name_key", "last_name", "last_name_key")
        more = ("job_title", "job_title_key", "emails", "phones", "custom", *slots)
        records = self._records(tables.Contact, *attrs, *more, custom=False, identifiers="[]")
        values = self._links(IndexedValue, "field", "value", "record_id", entity=CONTACT.name)
        places = self._links(tables.ContactOrganization, "contact_id", "organization_id")
        owners = self._links(tables.ContactUser, "record_id", "user_id")
        ids = []
        for number in self._numbers("contacts", count, records, values, places, owners):
            first, last, job = self._any(FIRST_NAMES), self._any(LAST_NAMES), self._any(JOBS)
            name = f"{first} {last}"
            email, phone = f"{folded_key(first)}.{number}@mail-{number % 997}.example", f"+4930{number:08}"
            custom, indexed = self._custom(columns)
            own = (name, folded_key(name), first, folded_key(first), last, folded_key(last), job)
            identity = self._add(
                records, *own, folded_key(job), f'["{email}"]', f'["{phone}"]', custom, *indexed
            )
            values.add("emails", email, identity)
            values.add("phones", phone, identity)
            for place in self._some(organizations, most=2):
                places.add(identity, place)
            self._own(owners, identity)
            ids.append(identity)
        return ids

    def services(self, count: int) -> list[_Service]:
        """New services with their prices."""
        records = self._records(
            tables.Service, "name", "name_key", "amount", "sku", "sku_key", currency=self.currency
        )
        made = []
        for number in self._numbers("services", count, records):
            name, sku = f"{self._any(OFFERS)} {number}", f"S-{number}"
            price = Decimal(int(self.random() * 400) + 1) * 25
            identity = self._add(records, name, folded_key(name), _text(price), sku, folded_key(sku))
            made.append(_Service(identity, name, price))
        return made

    def deals(
        self,
        count: int,
        services: Sequence[_Service],
        contacts: Sequence[str],
        organizations: Sequence[str],
    ) -> list[str]:
        """Ids of new deals over all stages, with up to three lines each, else an amount."""
        stated = ("stage_id", "pipeline_id", "status", "closed_at", "lost_reason", "lost_reason_key")
        worth = ("amount", "total_value", "total_quantity", "weighted_value", "expected_close_date")
        records = self._records(tables.Deal, "name", "name_key", *stated, *worth, currency=self.currency)
        lines = self._links(
            DealLine, "deal_id", "service_id", "service_name", "unit_price", "quantity", "position"
        )
        people = self._links(tables.ContactDeal, "contact_id", "deal_id")
        buyers = self._links(tables.OrganizationDeal, "organization_id", "deal_id")
        owners = self._links(tables.DealUser, "record_id", "user_id")
        ids = []
        for number in self._numbers("deals", count, records, lines, people, buyers, owners):
            name = f"{self._any(TOPICS)} {number}"
            sold = [
                (service, int(self.random() * 9) + 1) for service in self._some(services, least=0, most=3)
            ]
            stage = self._any(self.setup.stages)
            identity = self._add(
                records, name, folded_key(name), *self._stated(stage), *self._worth(stage, sold)
            )
            for position, (service, quantity) in enumerate(sold):
                lines.add(identity, service.id, service.name, _text(service.price), quantity, position)
            for contact in self._some(contacts, most=2):
                people.add(contact, identity)
            for organization in self._some(organizations, most=1):
                buyers.add(organization, identity)
            self._own(owners, identity)
            ids.append(identity)
        return ids

    def tasks(self, count: int, contacts: Sequence[str], deals: Sequence[str]) -> None:
        """New tasks around today, done and open, about contacts and deals."""
        attrs = ("name", "name_key", "due_at", "status", "completed_at", "priority")
        records = self._records(tables.Task, *attrs, type="custom")
        people = self._links(tables.ContactTask, "contact_id", "task_id")
        sales = self._links(tables.DealTask, "deal_id", "task_id")
        owners = self._links(tables.TaskUser, "record_id", "user_id")
        for number in self._numbers("tasks", count, records, people, sales, owners):
            name, due = (
                f"{self._any(TODOS)} {number}",
                self.now + timedelta(hours=int(self.random() * 1_440) - 720),
            )
            is_done = due < self.now
            status, completed = ("done", _text(due)) if is_done else ("open", None)
            priority = self._any(("low", "normal", "high"))
            identity = self._add(records, name, folded_key(name), _text(due), status, completed, priority)
            for contact in self._some(contacts, most=1):
                people.add(contact, identity)
            for deal in self._some(deals, least=0, most=1):
                sales.add(deal, identity)
            self._own(owners, identity)

    def _records(
        self, model: type[models.Model], *attrs: str, custom: bool = True, **constant: Text
    ) -> _Rows:
        """Rows of records: id, times and notes come first; `custom` = without custom values."""
        common: dict[str, Text] = {"company_id": self.company, "version": 1}
        if custom:
            common["custom"] = "{}"
        return _Rows(model, "id", "created_at", "updated_at", "notes", *attrs, **common, **constant)

    def _links(self, model: type[models.Model], *attrs: str, **constant: Text) -> _Rows:
        return _Rows(model, *attrs, company_id=self.company, **constant)

    def _add(self, records: _Rows, *values: Text) -> str:
        """The id of a record, added with a time of making and perhaps notes."""
        identity = uuid7().hex
        made = _text(self.now - timedelta(seconds=int(self.random() * DAYS * 86_400)))
        records.add(identity, made, made, NOTE if self.random() < 0.2 else "", *values)
        return identity

    def _own(self, owners: _Rows, identity: str) -> None:
        """Two records in three are looked after by somebody."""
        if self.users and self.random() < 0.67:
            owners.add(identity, self._any(self.users))

    def _stated(self, stage: Stage) -> tuple[Text, ...]:
        closed = (
            None
            if stage.kind == StageKind.OPEN
            else _text(self.now - timedelta(days=int(self.random() * 300)))
        )
        reason = "Budget was cut" if stage.kind == StageKind.LOST else ""
        return stage.pk.hex, stage.pipeline_id.hex, stage.kind, closed, reason, folded_key(reason) or None

    def _worth(self, stage: Stage, sold: Sequence[tuple[_Service, int]]) -> tuple[Text, ...]:
        """Amount, totals and the expected day of closing; the deal itself adds up."""
        deal = self._calculator
        deal.stage, deal.amount = stage, None if sold else Decimal(int(self.random() * 2_000)) * 50
        lines: list[Any] = [_Line(service.price, Decimal(quantity)) for service, quantity in sold]
        deal.add_up(lines)
        totals = (deal.amount, deal.total_value, deal.total_quantity, deal.weighted_value)
        day = self.now.date() + timedelta(days=int(self.random() * 365) - 90)
        return *(_text(number) for number in totals), str(day)

    @cached_property
    def _calculator(self) -> Deal:
        return Deal()

    def _columns(self) -> dict[CustomColumn, list[_Ready]]:
        """The custom columns of contacts that have index slots, with the values to choose from."""
        found = {(column.label, column.type): column for column in self.setup.columns(CONTACT)}
        ready = {}
        for definition, raws in COLUMNS:
            column = found.get((definition["label"], definition["type"]))
            if column is None:
                column = field_services.create_column(
                    self.actor, {"entityType": CONTACT.name, **definition}
                ).column
            if column.slots:
                ready[column] = [self._ready(column, raw) for raw in raws]
        return ready

    def _ready(self, column: CustomColumn, raw: Any) -> _Ready:
        kind = column_type(column)
        value = kind.parse(raw, self.setup.context)
        member = f'"{column.number}": {json.dumps(kind.dump(value))}'
        return _Ready(member, tuple(_text(indexed) for indexed in kind.index_values(value)))

    def _custom(self, columns: Mapping[CustomColumn, Sequence[_Ready]]) -> tuple[str, list[Text]]:
        """The custom values of one record as JSON text, and what all slots hold."""
        members, slots = list[str](), list[Text]()
        for column, values in columns.items():
            if self.random() < FILLED:
                value = self._any(values)
                members.append(value.member)
                slots += value.slots
            else:
                slots += [None] * len(column.slot_names)
        return f"{{{', '.join(members)}}}", slots

    def _numbers(self, what: str, count: int, *written: _Rows) -> Iterator[int]:
        """1 to `count`; whenever a block of them was used, what was gathered meanwhile is written."""
        for start in range(0, count, BLOCK):
            end = min(start + BLOCK, count)
            yield from range(start + 1, end + 1)
            with transaction.atomic():
                for rows in written:
                    rows.write()
            self.say(f"{what}: {end:,} of {count:,}")

    def _any(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]

    def _some(self, choices: Sequence[T], *, least: int = 1, most: int) -> list[T]:
        """From `least` to `most` different ones, as far as there are any."""
        wanted = least + int(self.random() * (most - least + 1)) if choices else 0
        return list(dict.fromkeys(self._any(choices) for _ in range(wanted)))


def _text(value: Any) -> Text:
    """`value` as a literal that SQLite stores as the ORM would and PostgreSQL reads."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(" ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.hex if isinstance(value, UUID) else value
