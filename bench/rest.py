"""The REST API, measured: whole requests through WSGI, on contacts with eight custom columns."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from accounts.actor import Actor
from accounts.models import Event
from bench.calls import Caller
from bench.measuring import Work
from bench.works import BATCH, BY_DAY, BY_MOMENT, ONE_RULE, THREE_RULES, Creating, Updating, forget_events
from crm.models import Contact, IndexedValue

ROOT = "/api/v1/contacts"
_BY_MONTH = {"field": "last_contact_at", "bucket": "month"}
WORD = "engines"  # in a part of the generated addresses


def reads(actor: Actor, caller: Caller) -> list[Work]:
    """Lists, one record, searches, groups, and the tool that asks the same as a search."""
    first = Contact.objects.visible_to(actor).order_by("pk").values_list("pk", flat=True)[0]
    three = {"filters": THREE_RULES, "sortDescriptor": BY_DAY, "pagination": {"page": 1, "pageSize": 25}}
    one = {**three, "filters": ONE_RULE, "sortDescriptor": BY_MOMENT}
    word = {"searchTerm": WORD, "pagination": {"page": 1, "pageSize": 25}}
    asked = {"entity": "contact", "filters": THREE_RULES, "sortDescriptor": BY_DAY}
    return [
        Work(name="GET, page of 25", run=lambda: caller.send("GET", f"{ROOT}?pageSize=25"), bar=3),
        Work(name="GET, page of 100", run=lambda: caller.send("GET", f"{ROOT}?pageSize=100"), bar=3),
        Work(name="GET, one", run=lambda: caller.send("GET", f"{ROOT}/{first}")),
        Work(name="search, 1 rule", run=_search(caller, one), bar=3),
        Work(name="search, 3 rules", run=_search(caller, three), bar=3),
        Work(name="search by a word", run=_search(caller, word), bar=3),
        Work(name="aggregate by option", run=_aggregate(caller, {"field": "region"}), bar=1.5),
        Work(name="aggregate by month", run=_aggregate(caller, _BY_MONTH), bar=1.5),
        Work(name="aggregate by link", run=_aggregate(caller, {"field": "organizationIds"}), bar=1.5),
        Work(
            name="filter_entity, 3 rules",
            run=lambda: caller.call("filter_entity", **asked),
            bar=1.3,
            against="search, 3 rules",
        ),
    ]


def writes(actor: Actor, caller: Caller) -> list[Work]:
    """Creating and changing contacts, events included."""
    created, many = _Posting(actor, caller=caller), _Putting(actor, 0, BATCH, caller)
    one = _Patching(actor, BATCH, 1, caller)
    return [
        Work(name=f"POST, {BATCH}", run=created.run, undo=created.undo, bar=4),
        Work(name=f"PUT, {BATCH}", run=many.run, undo=many.undo, bar=4),
        Work(name="PATCH, one", run=one.run, undo=one.undo),
    ]


def _aggregate(caller: Caller, key: dict[str, str]) -> Callable[[], bytes]:
    measures = [{"function": "count"}, {"function": "avg", "field": "score"}]
    data = json.dumps({"groupBy": [key], "measures": measures}).encode()
    return lambda: caller.post(f"{ROOT}/aggregate", data)


def _search(caller: Caller, body: dict[str, Any]) -> Callable[[], bytes]:
    data = json.dumps(body).encode()
    return lambda: caller.post(f"{ROOT}/search", data)


@dataclass(slots=True)
class _Posting(Creating):
    """A batch of contacts, posted."""

    caller: Caller | None = None

    def run(self) -> None:
        assert self.caller is not None
        self.turn += 1
        rows = [self.row(number) for number in range(BATCH)]
        answer = self.caller.post(f"{ROOT}/many", json.dumps({"contacts": rows}).encode())
        self.made = [UUID(record["id"]) for record in json.loads(answer)]

    def undo(self) -> None:
        IndexedValue.objects.filter(record_id__in=self.made).delete()
        Contact.objects.filter(pk__in=self.made).delete()
        forget_events(_latest(self.actor))


@dataclass(slots=True)
class _Putting(Updating):
    """Contacts changed by one call."""

    def run(self) -> None:
        self.send("PUT", "/many", lambda rows: {"contacts": rows})

    def undo(self) -> None:
        forget_events(_latest(self.actor))
        Updating.undo(self)

    def send(self, method: str, end: str, body: Callable[[list[dict[str, Any]]], Any]) -> None:
        """Write the next values of the contacts."""
        assert self.caller is not None
        self.turn += 1
        self.before = self.before or self.now()
        rows = [{"id": str(pk), **self.row(number)} for number, pk in enumerate(self.before)]
        self.caller.send(method, f"{ROOT}{end}", json.dumps(body(rows)).encode())


@dataclass(slots=True)
class _Patching(_Putting):
    """One contact changed."""

    def run(self) -> None:
        self.before = self.before or self.now()
        [pk] = self.before
        self.send("PATCH", f"/{pk}", lambda rows: rows[0])


def _latest(actor: Actor) -> Actor:
    """The actor with the change set of what was just done."""
    event = Event.objects.filter(company_id=actor.company_id).latest("sequence")
    return replace(actor, change_set=event.change_set)
