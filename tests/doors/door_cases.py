"""The table of what is done at every door: right, wrong, forbidden, late, twice, to strangers, only tried."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.doors.three_doors import MCP, REST, Case

Json = Any
PROGRAMS = (REST, MCP)
LONG = "x" * 300
LINES = [{"serviceId": "@service", "quantity": 2, "unitPrice": 90}]
TYPED_LINES = {"service": ["@service"], "quantity": ["2"], "price": ["90"]}


def create(name: str, entity: str, values: Mapping[str, Json], **more: Any) -> Case:
    """A new record."""
    return Case(name=name, entity=entity, act="create", values=values, **more)


def change(name: str, entity: str, values: Mapping[str, Json], **more: Any) -> Case:
    """One field of a record."""
    return Case(name=name, entity=entity, act="change", values=values, **more)


def link(name: str, entity: str, relation: str, pk: str, act: str = "link", **more: Any) -> Case:
    """A link that comes or goes."""
    return Case(name=name, entity=entity, act=act, values={"relation": relation, "id": pk}, **more)


def do(name: str, entity: str, act: str, **more: Any) -> Case:
    """Something that is done to a record, without values."""
    return Case(name=name, entity=entity, act=act, **more)


VALID = [
    create("a contact by first name", "contact", {"firstName": "Grace"}),
    create(
        "a contact with all its texts",
        "contact",
        {
            "firstName": "Grace",
            "lastName": "Hopper",
            "emails": ["grace@navy.example", "g@navy.example"],
            "phones": ["+49 30 901820"],
            "jobTitle": "Admiral",
            "notes": "**Met** at the fair",
        },
    ),
    create(
        "a contact with links and an owner",
        "contact",
        {
            "firstName": "Grace",
            "organizationIds": ["@organization"],
            "dealIds": ["@deal"],
            "userIds": ["@max"],
        },
    ),
    create(
        "a contact with custom values",
        "contact",
        {"firstName": "Grace", "customFields": {"tier": "@gold", "score": 7}},
        typed={"firstName": "Grace", "tier": "@gold", "score": "7"},
    ),
    create("an organization", "organization", {"name": "Engines", "website": "engines.example"}),
    create(
        "a deal in a stage",
        "deal",
        {"name": "Rollout", "stage": "@proposal", "amount": "1500", "currency": "USD"},
    ),
    create("a deal by a day", "deal", {"name": "Rollout", "expectedCloseDate": "2027-03-01"}),
    create("a service", "service", {"name": "Workshop", "amount": "250", "sku": "WS-1"}),
    create(
        "a task with a priority", "task", {"name": "Call", "priority": "high", "contactIds": ["@contact"]}
    ),
    change("a job title", "contact", {"jobTitle": "Countess"}),
    change("other addresses", "contact", {"emails": ["ada@home.example"]}),
    change("no addresses", "contact", {"emails": []}),
    change("a last name cleared", "contact", {"lastName": ""}),
    change("other organizations", "contact", {"organizationIds": ["@organization2"]}),
    change("another owner", "contact", {"userIds": ["@max"]}),
    change("a choice", "contact", {"customFields": {"tier": "@silver"}}, typed={"tier": "@silver"}),
    change("a number", "contact", {"customFields": {"score": 12}}, typed={"score": "12"}),
    change("a website", "organization", {"website": "https://engines.example"}),
    change("a phone", "organization", {"phone": "+49 30 901820"}),
    change("a deal won", "deal", {"stage": "@won"}),
    change("an amount", "deal", {"amount": "750"}),
    change("a close date", "deal", {"expectedCloseDate": "2027-04-01"}),
    change("a close date cleared", "deal", {"expectedCloseDate": ""}),
    change("a price", "service", {"amount": "120"}),
    change("a task done", "task", {"status": "done"}),
    change("what is so already", "contact", {"firstName": "Ada"}, doors=PROGRAMS),
    change("a website that is none already", "organization", {"website": ""}),
    do("other notes", "deal", "notes", values={"notes": "Call **back**"}),
    do("no notes", "task", "notes", values={"notes": ""}),
    do("lines", "deal", "lines", values={"services": LINES}, typed=TYPED_LINES),
    do("a contact into the trash", "contact", "delete"),
    do("a service into the trash", "service", "delete"),
    do("a contact out of the trash", "contact", "restore", on="contact_gone"),
    link("a contact to an organization", "contact", "organizationIds", "@organization"),
    link("a task to a deal", "task", "dealIds", "@deal"),
    link("a contact off a deal", "deal", "contactIds", "@contact", "unlink"),
    do(
        "two contacts at once",
        "contact",
        "change_many",
        values={"ids": ["@contact", "@contact2"], "jobTitle": "X"},
    ),
    do("two deals into the trash", "deal", "delete_many", values={"ids": ["@deal", "@deal2"]}),
]

INVALID = [
    create("no first name", "contact", {"lastName": "Hopper"}, fails="required"),
    create("no name", "deal", {"amount": "5"}, fails="required"),
    create("an address that is none", "contact", {"firstName": "G", "emails": ["g@"]}, fails="wrong_email"),
    create("a name too long", "organization", {"name": LONG}, fails="too_long"),
    create("a price of nothing", "service", {"name": "W", "amount": "0"}, fails="not_above"),
    create(
        "three mistakes at once",
        "service",
        {"name": LONG, "amount": "0", "currency": "XXX"},
        fails="unknown_choice",
    ),
    create(
        "a number that is none",
        "contact",
        {"firstName": "G", "customFields": {"score": "seven"}},
        doors=PROGRAMS,  # what people type as a number, the page reads in their language before
        fails="wrong_type",
    ),
    create("a stage that is none", "deal", {"name": "D", "stage": "@nowhere"}, fails="unknown_choice"),
    create(
        "a day that is none", "deal", {"name": "D", "expectedCloseDate": "2027-02-30"}, fails="no_such_day"
    ),
    change(
        "an address without a host", "contact", {"emails": ["ada@home.example", "ada@"]}, fails="wrong_email"
    ),
    change("a title too long", "contact", {"jobTitle": LONG}, fails="too_long"),
    change("a name taken away", "organization", {"name": ""}, fails="required"),
    change(
        "an option that is none", "contact", {"customFields": {"tier": "@nowhere"}}, fails="unknown_choice"
    ),
    change("a website that is none", "organization", {"website": "not a site"}, fails="wrong_link"),
    change("a negative amount", "deal", {"amount": "-1"}, fails="too_small"),
    change("a status that is none", "task", {"status": "later"}, fails="unknown_choice"),
    do(
        "a line of nothing",
        "deal",
        "lines",
        values={"services": [{"serviceId": "@service", "quantity": -2, "unitPrice": 90}]},
        fails="too_small",
        typed={**TYPED_LINES, "quantity": ["-2"]},
    ),
]

FORBIDDEN = [
    create("a reader creates", "contact", {"firstName": "G"}, who="rita", fails="missing_permission"),
    change("a reader changes", "contact", {"jobTitle": "X"}, who="rita", fails="missing_permission"),
    do("a reader deletes", "deal", "delete", who="rita", fails="missing_permission"),
    do("a reader restores", "task", "restore", who="rita", on="task_gone", fails="missing_permission"),
    link(
        "a reader links",
        "contact",
        "organizationIds",
        "@organization",
        who="rita",
        fails="missing_permission",
    ),
    create(
        "a key without the scope",
        "contact",
        {"firstName": "G"},
        who="olivia reading",
        doors=PROGRAMS,
        fails="missing_scope",
    ),
]

STALE = [
    do("a field that somebody changed", "contact", "stale", values={"jobTitle": "X"}, fails="stale_version"),
    do(
        "links that somebody changed",
        "contact",
        "stale",
        values={"organizationIds": ["@organization"]},
        fails="stale_version",
    ),
]

DOUBLE = [
    create("an address twice", "contact", {"firstName": "G", "emails": ["g@x.example", "G@x.example"]}),
    create(
        "a link twice", "contact", {"firstName": "G", "organizationIds": ["@organization", "@organization"]}
    ),
    link("a link there is", "deal", "contactIds", "@contact"),
    link("a link there is not", "deal", "contactIds", "@contact2", "unlink"),
    do("a record restored that is live", "contact", "restore", fails="not_in_trash"),
    do("a record deleted that is gone", "contact", "delete", on="contact_gone", fails="unknown_record"),
    do(
        "a record named twice",
        "contact",
        "change_many",
        values={"ids": ["@contact", "@contact"], "jobTitle": "X"},
        doors=PROGRAMS,
        fails="same_record_twice",
    ),
]

FOREIGN = [
    change("a record of others", "contact", {"jobTitle": "X"}, on="alien_contact", fails="unknown_record"),
    do("a record of others deleted", "deal", "delete", on="alien_deal", fails="unknown_record"),
    do("a record of others restored", "task", "restore", on="alien_task_gone", fails="not_in_trash"),
    change(
        "a record of nobody", "organization", {"website": "x.example"}, on="nowhere", fails="unknown_record"
    ),
    create(
        "a link to others",
        "contact",
        {"firstName": "G", "organizationIds": ["@alien_organization"]},
        fails="unknown_record",
    ),
    change("a link to others later", "deal", {"contactIds": ["@alien_contact"]}, fails="unknown_record"),
    link("others linked", "contact", "organizationIds", "@alien_organization", fails="unknown_record"),
    change("an owner of others", "task", {"userIds": ["@alien_user"]}, fails="unknown_user"),
    create("a stage of others", "deal", {"name": "D", "stage": "@alien_stage"}, fails="unknown_choice"),
    create(
        "a column of others",
        "contact",
        {"firstName": "G", "customFieldValues": [{"columnId": "@alien_column", "value": "x"}]},
        doors=PROGRAMS,
        fails="unknown_column",
    ),
]

_DRY: dict[str, Any] = {"doors": PROGRAMS, "options": {"dryRun": True}}
TRIED = [
    create("a contact", "contact", {"firstName": "G"}, **_DRY),
    create("a wrong contact", "contact", {"lastName": "G"}, fails="required", **_DRY),
    change("a deal won", "deal", {"stage": "@won"}, **_DRY),
    do("a contact deleted", "contact", "delete", **_DRY),
    link("a link", "contact", "organizationIds", "@organization", **_DRY),
]

_AGAIN: dict[str, Any] = {"doors": PROGRAMS, "options": {"idempotencyKey": "import 7"}, "times": 2}
REPEATED = [
    create("a contact", "contact", {"firstName": "G"}, **_AGAIN),
    change("a price", "service", {"amount": 120}, **_AGAIN),
    do("a deal deleted", "deal", "delete", **_AGAIN),
    create("a wrong contact", "contact", {"lastName": "G"}, fails="required", **_AGAIN),
]

TABLE: dict[str, list[Case]] = {
    "valid": VALID,
    "invalid": INVALID,
    "forbidden": FORBIDDEN,
    "stale": STALE,
    "double": DOUBLE,
    "foreign": FOREIGN,
    "tried": TRIED,
    "repeated": REPEATED,
}
