"""What is measured: lists, counts, tools and writes, on contacts with eight custom columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from accounts.actor import Actor, user_actor
from accounts.api_keys import create_key
from accounts.models import Event, User
from bench.calls import Caller
from bench.measuring import Work
from crm import queries, services
from crm.entities import CONTACT
from crm.models import Contact, IndexedValue
from crm.presenters import Presenter
from crm.queries import ListQuery
from crm.setup import CompanySetup
from customermates.kernel.ids import uuid7
from customermates.kernel.jsontext import dumps

BATCH = 100
ONE_RULE: list[dict[str, Any]] = [{"field": "region", "operator": "equals", "value": "Berlin"}]
THREE_RULES: list[dict[str, Any]] = [
    {"field": "segment", "operator": "in", "value": ["Enterprise", "Mid-market"]},
    {"field": "newsletter", "operator": "equals", "value": True},
    {"field": "score", "operator": "gte", "value": 80},
]
BY_MOMENT = {"field": "last_contact_at", "direction": "desc"}
BY_DAY = {"field": "customer_since", "direction": "asc"}
DEEP_PAGE = 40  # the page after which a keyset cursor goes on, as far as there are so many


def person(email: str) -> Actor:
    """The person of this address, signed in."""
    return user_actor(User.objects.select_related("role", "company").get(email=email), via="web")


def reads(actor: Actor, caller: Caller) -> list[Work]:
    """Lists and counts at the query layer, then as tool calls, then what the door itself costs."""
    works = list[Work]()
    for rules, filters, sort in (("1 rule", ONE_RULE, BY_MOMENT), ("3 rules", THREE_RULES, BY_DAY)):
        query = ListQuery(filters=filters, sort=sort)
        cursor = _deep_cursor(actor, query)
        for page, start in (("first", None), ("keyset", cursor)):
            asked = {"entity": "contact", "filters": filters, "sortDescriptor": sort}
            asked |= {"cursor": start} if start else {}
            works += [
                Work(
                    name=f"page of 25, {rules}, {page}", run=_page(actor, replace(query, cursor=start)), bar=3
                ),
                Work(
                    name=f"filter_entity, {rules}, {page}", run=_tool(caller, "filter_entity", asked), bar=3
                ),
            ]
    counted = {"entity": "contact", "filters": THREE_RULES}
    return [
        *sorted(works, key=lambda work: work.name.startswith("filter_entity")),
        Work(name="capped count, 3 rules", run=_count(actor, ListQuery(filters=THREE_RULES)), bar=1.2),
        Work(name="count_entity, 3 rules", run=_tool(caller, "count_entity", counted), bar=3),
        Work(name="empty view", run=lambda: caller.post("/bench/nothing", b"{}")),
        Work(name="tools/list", run=lambda: caller.ask("tools/list", {}), bar=2, against="empty view"),
    ]


def writes(actor: Actor, caller: Caller) -> list[Work]:
    """Creating and changing contacts through the write path, events included."""
    created, many, one = Creating(actor), Updating(actor, 0, BATCH), Updating(actor, BATCH, 1)
    called = Updating(actor, BATCH + 1, 1, caller)
    return [
        Work(name=f"create {BATCH}", run=created.run, undo=created.undo, bar=4),
        Work(name=f"update {BATCH}", run=many.run, undo=many.undo, bar=4),
        Work(name="update 1", run=one.run, undo=one.undo),
        Work(name="update_contacts, 1 row", run=called.run, undo=called.undo),
    ]


def caller_of(actor: Actor) -> Caller:
    """A program that may do all that `actor` may."""
    return Caller(create_key(actor, name="bench", scopes=["*"])[1])


def _deep_cursor(actor: Actor, query: ListQuery) -> str | None:
    pages = queries.count_records(actor, CONTACT, query).total // 25
    page = replace(query, page=max(1, min(DEEP_PAGE, pages // 2)))
    return queries.list_records(actor, CONTACT, page, ["id"]).next_cursor


def _page(actor: Actor, query: ListQuery) -> Callable[[], object]:
    """A list as bytes of JSON, with everything about each row."""

    def run() -> bytes:
        setup = CompanySetup(actor)
        presenter = Presenter(setup, CONTACT)
        page = queries.list_records(actor, CONTACT, query, presenter.attrs(), setup=setup)
        return dumps(
            {"items": presenter.full(page.rows), "total": page.count.total, "next": page.next_cursor}
        )

    return run


def _count(actor: Actor, query: ListQuery) -> Callable[[], object]:
    return lambda: queries.count_records(actor, CONTACT, query)


def _tool(caller: Caller, name: str, arguments: dict[str, Any]) -> Callable[[], object]:
    return lambda: caller.call(name, **arguments)


@dataclass(slots=True)
class Creating:
    """A batch of contacts with addresses and custom values, other ones each time."""

    actor: Actor
    turn: int = 0
    made: list[UUID] = field(default_factory=list)

    def run(self) -> None:
        self.turn += 1
        self.actor = replace(self.actor, change_set=uuid7())
        done = services.create_records(self.actor, CONTACT, [self.row(number) for number in range(BATCH)])
        self.made = [record.pk for record in done.records]

    def undo(self) -> None:
        IndexedValue.objects.filter(record_id__in=self.made).delete()
        Contact.objects.filter(pk__in=self.made).delete()
        forget_events(self.actor)

    def row(self, number: int) -> dict[str, Any]:
        """What is written to the contact of this number."""
        return {
            "firstName": f"Ada {self.turn}",
            "lastName": f"Byron {number}",
            "emails": [f"ada.{self.turn}.{number}@engines.example"],
            "phones": [f"+49 30 9018{number:04}"],
            "customFields": {**_custom(number), "newsletter": True, "annual_volume": number * 12.5},
        }


@dataclass(slots=True)
class Updating:
    """Contacts from `start` on get another job title and other custom values, and then their own again."""

    actor: Actor
    start: int
    count: int
    caller: Caller | None = None
    turn: int = 0
    before: dict[UUID, dict[str, Any]] = field(default_factory=dict)

    def run(self) -> None:
        self.turn += 1
        if not self.before:
            self.before = self.now()
        rows = {pk: self.row(number) for number, pk in enumerate(self.before)}
        if self.caller:
            contacts = [{"id": str(pk), **row} for pk, row in rows.items()]
            done = self.caller.call("update_contacts", contacts=contacts)
            self.actor = replace(self.actor, change_set=UUID(done["changeSetId"]))
        else:
            self.actor = replace(self.actor, change_set=uuid7())
            services.update_records(self.actor, CONTACT, rows)

    def undo(self) -> None:
        services.update_records(replace(self.actor, change_set=uuid7()), CONTACT, self.before)
        forget_events(self.actor)

    def row(self, number: int) -> dict[str, Any]:
        """What is written to the contact of this number."""
        return {"jobTitle": f"Engineer {self.turn}.{number}", "customFields": _custom(number + self.turn)}

    def now(self) -> dict[UUID, dict[str, Any]]:
        """The values of the contacts as they are."""
        rows: Any = Contact.objects.visible_to(self.actor).order_by("id").values()
        presenter = Presenter(CompanySetup(self.actor), CONTACT)
        nothing = dict.fromkeys(_custom(0))
        columns = {str(column.pk): column.key for column in presenter.setup.columns(CONTACT)}
        return {
            row["id"]: {
                "jobTitle": row["job_title"],
                "customFields": nothing
                | {
                    columns[value["columnId"]]: value["value"]
                    for value in presenter.custom_values(row)
                    if columns[value["columnId"]] in nothing
                },
            }
            for row in rows[self.start : self.start + self.count]
        }


def _custom(number: int) -> dict[str, Any]:
    segments = ("Enterprise", "Mid-market", "Education")
    return {
        "region": f"Region {number}",
        "segment": segments[number % 3],
        "score": number % 100 + 1,
        "customer_since": f"2025-01-{number % 28 + 1:02}",
    }


def forget_events(actor: Actor) -> None:
    """Delete the events of the actor's change set: events refuse it, but nobody reads these."""
    Event.objects.filter(company_id=actor.company_id, change_set=actor.change_set)._raw_delete("default")
