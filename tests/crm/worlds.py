"""A company with a column of every type, records full of edge cases, and the oracle that knows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from accounts.actor import Actor
from accounts.models import Company, User
from crm import services
from crm.entities import ENTITIES, Entity
from crm.field_services import create_column, delete_column
from crm.field_types import CUSTOM_TYPES, Context
from crm.models import CustomColumn
from crm.setup import CompanySetup
from tests.crm.oracle import Oracle, Subject, fold

TEXT_POOL = (
    *(
        "Ada",
        "ada",
        "ÅDA",
        "Adele",
        "straße",
        "STRASSE",
        "ﬁn",
        "İzmir",
        "izmir",
        "日本",
        "nai\u0308ve",
        "naïve",
    ),
    *(
        "100%",
        "100",
        "a_b",
        "aXb",
        "back\\slash",
        "'; DROP TABLE crm_contact; --",
        '"quoted"',
        "x OR 1=1",
        "*",
        "?",
    ),
    *("a b", "a  b", "tab\there", "x" * 199 + "é", "x" * 200 + "tail", "x" * 205, "ß" * 150, "\u0301"),
)
NUMBER_POOL = (
    *("0", "0.0001", "-0.0001", "0.1", "0.2", "0.3", "1", "2", "10", "-1", "1234.5", "99999999999.9999"),
    *("-99999999999.9999", "99999999999.9998", "33333333333.3333", "1000000", "12345678901.2345"),
)
EMAIL_POOL = ("ada@engines.example", "ADA@engines.example", "b_b@x.example", "b%b@x.example", "bxb@x.example")
LINK_POOL = (
    "https://engines.example",
    "https://ENGINES.example/a_b",
    "https://engines.example/axb",
    "tel:+4930",
)
# What people type → what is kept. Germany is the company's country; the last two are no numbers.
PHONE_POOL = {
    "+4930901820": "+4930901820",
    "030 901820": "+4930901820",
    "+1 212 555 0100": "+12125550100",
    "ask Ada": "ask Ada",
    "(none)": "(none)",
}
LABELS = ("Gold", "Silber", "Größe L", "Bronze")
NOWS = (
    datetime(2026, 3, 29, 0, 30, tzinfo=UTC),  # the clock goes forward in Berlin half an hour later
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),  # and back
    datetime(2026, 10, 24, 22, 30, tzinfo=UTC),
    datetime(2027, 12, 31, 23, 30, tzinfo=UTC),
    datetime(2028, 2, 29, 12, 0, 0, 1, tzinfo=UTC),
    datetime(2026, 6, 15, 8, 0, tzinfo=UTC),
)
ZONES = ("Europe/Berlin", "UTC", "America/New_York", "Pacific/Auckland", "Asia/Kolkata", "Africa/Cairo")


@dataclass
class World:
    """The company with one set of generated records, as the product and as the oracle see it."""

    actor: Actor
    entity: Entity
    setup: CompanySetup
    oracle: Oracle
    records: list[dict[str, Any]] = field(default_factory=list)
    others: Mapping[str, Sequence[str]] = field(default_factory=dict)  # relation → ids a rule may name

    @property
    def now(self) -> datetime:
        return self.oracle.now


def settle_in_germany(company: Company, actor: Actor, entity: Entity) -> Actor:
    """The actor, whose company now lies in Germany; `entity` has a column of every type in every place.

    `<type>_slot` lies in the pool, `<type>_beyond` came when it was used up, `<type>_many` holds several.
    """
    company.country = "DE"
    company.save(update_fields=["country"])
    for kind in CUSTOM_TYPES:
        _column(actor, entity, kind, "slot")
    for kind in ("plain", "number", "date"):
        while (filler := _column(actor, entity, kind, "filler")).slots:
            delete_column(actor, filler.pk)  # gone, but until it is purged its slot is taken
        delete_column(actor, filler.pk)
    for kind in CUSTOM_TYPES:
        assert not _column(actor, entity, kind, "beyond").slots
    for kind in ("email", "phone", "link"):
        _column(actor, entity, kind, "many", allowMultiple=True)
    return actor


def _column(actor: Actor, entity: Entity, kind: str, place: str, **options: Any) -> CustomColumn:
    if kind in ("singleSelect", "multiSelect"):
        options = {"options": [{"label": label} for label in LABELS]}
    elif kind == "currency":
        options = {"currency": "EUR"}
    values = {"entityType": entity.name, "type": kind, "label": f"{kind} {place}", "options": options}
    return create_column(actor, values).column


def subjects(setup: CompanySetup, entity: Entity) -> dict[str, Subject]:
    """What the oracle must know of each field that filters and sorts may name."""
    found = {}
    people = {user.email: str(user.pk) for user in User.objects.filter(company_id=setup.actor.company_id)}
    people |= {pk: pk for pk in people.values()} | {"me": str(setup.actor.user_id)}
    by_name = [str(pk) for pk in setup.people.in_name_order()]
    for name, shown in setup.catalog(entity).fields.items():
        if shown.relation:
            found[name] = Subject("links", people if shown.relation.target == "user" else {})
            continue
        kind = shown.type
        assert kind is not None
        if kind.name == "user":
            found[name] = Subject("user", people, by_name)
        elif kind.name == "phone":
            found[name] = Subject("phone", PHONE_POOL)
        elif hasattr(kind, "options"):
            names = {fold(option.label): option.value for option in kind.options}
            ordered = [option.value for option in kind.options]
            found[name] = Subject("choice", names, sorted(ordered) if name == "currency" else ordered)
        else:
            found[name] = Subject(kind.name)
    return found


def build(actor: Actor, entity: Entity, *, seed: int, size: int) -> World:
    """A world of `size` records that `seed` decides; the time of day and the zone are part of it."""
    random = Random(seed)
    zone, now = ZoneInfo(random.choice(ZONES)), random.choice(NOWS)
    actor = replace(actor, time_zone=zone.key)
    setup = CompanySetup(actor)
    setup.context = Context(now=now, time_zone=zone, home=setup, people=setup.people, me=actor.user_id)
    world = World(actor, entity, setup, Oracle(subjects(setup, entity), now, zone))
    world.others = _others(world)
    rows = [_row(world, random) for _ in range(size)]
    stored = services.create_records(actor, entity, [sent for sent, _ in rows]).records
    for record, (sent, known) in zip(stored, rows, strict=True):
        stamps = {"created_at": _moment(random, world), "updated_at": _moment(random, world)}
        entity.model.objects.filter(pk=record.pk).update(**stamps)
        own = {own.name: getattr(record, own.attr) for own in entity.fields}
        own |= {"createdAt": stamps["created_at"], "updatedAt": stamps["updated_at"]}
        links = {name: sent.get(relation.written_as, []) for name, relation in entity.relations.items()}
        world.records.append({"id": record.pk, **own, **_links(links), **known})
    return world


def _links(sent: Mapping[str, list[Any]]) -> dict[str, list[str]]:
    return {name: [i["serviceId"] if isinstance(i, dict) else i for i in ids] for name, ids in sent.items()}


def _others(world: World) -> dict[str, list[str]]:
    """Records of the other entities that those of this world are linked to."""
    found: dict[str, list[str]] = {}
    for name, relation in world.entity.relations.items():
        if relation.target == "user":
            users = User.objects.filter(company_id=world.actor.company_id).order_by("pk")
            found[name] = [str(user.pk) for user in users]
            continue
        target = ENTITIES.get(relation.target)
        first = "firstName" if "firstName" in target.by_name else "name"
        row = {first: "Other", **({"amount": 10} if target.name == "service" else {})}
        found[name] = [str(r.pk) for r in services.create_records(world.actor, target, [row, row]).records]
    return found


def new_row(world: World, seed: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """One more row that fits into the world, as callers send it and as the oracle knows it."""
    return _row(world, Random(seed))


def _row(world: World, random: Random) -> tuple[dict[str, Any], dict[str, Any]]:
    """A row as callers send it, and what its custom values mean to the oracle."""
    sent = {
        own.name: value_of(_KINDS.get(own.name, own.type.name), world, random)[0]
        for own in world.entity.fields
        if own.name in _KINDS and own.writable and (own.required or random.random() < 0.7)
    }
    sent |= _state(world, random)
    for name, relation in world.entity.relations.items():
        ids = world.others.get(name, [])
        if relation.has_lines and not relation.owns_lines and sent.get("currency", "EUR") != "EUR":
            ids = []  # the deals are in euros
        some = random.sample(ids, random.randint(0, len(ids)))
        lines = [{"serviceId": pk, "quantity": 1, "unitPrice": 5} for pk in some]
        sent[relation.written_as] = lines if relation.owns_lines else some
    custom, known = {}, {}
    for column in world.setup.columns(world.entity):
        if random.random() < 0.6:
            kind = f"{column.type}s" if column.options.get("allowMultiple") else column.type
            custom[column.key], known[column.key] = value_of(kind, world, random, column.options)
    return {**sent, "customFields": custom}, known


# Own fields that rows set freely, and the kind of their values.
_KINDS = {
    **dict.fromkeys(("name", "firstName"), "name"),
    **dict.fromkeys(("lastName", "jobTitle", "sku"), "plain"),
    "emails": "emails",
    "phones": "phones",
    "phone": "phone",
    "website": "link",
    "amount": "amount",
    "currency": "code",
    "expectedCloseDate": "date",
    "dueAt": "dateTime",
    "priority": "priority",
}


def _state(world: World, random: Random) -> dict[str, Any]:
    """Stage or status, with the fields that only some of them have."""
    if "stageId" in world.entity.by_name:
        stage = random.choice(world.setup.stages)
        sent: dict[str, Any] = {"stageId": str(stage.pk)}
        if stage.kind != "open" and random.random() < 0.5:
            sent["closedAt"] = _moment(random, world).isoformat()
        if stage.kind == "lost":
            sent["lostReason"] = random.choice(TEXT_POOL)
        return sent
    if "completedAt" in world.entity.by_name:
        status = random.choice(("open", "done"))
        return {"status": status} | (
            {"completedAt": _moment(random, world).isoformat()} if status == "done" else {}
        )
    return {}


def value_of(
    kind: str, world: World, random: Random, options: Mapping[str, Any] | None = None
) -> tuple[Any, Any]:
    """A value of this kind as callers send it and as the oracle knows it."""
    match kind:
        case "name":
            text = random.choice([text for text in TEXT_POOL if fold(text)])
            return text, text
        case "plain":
            return (random.choice(TEXT_POOL),) * 2
        case "email" | "link":
            return (random.choice(EMAIL_POOL if kind == "email" else LINK_POOL),) * 2
        case "phone":
            typed = random.choice(list(PHONE_POOL))
            return typed, PHONE_POOL[typed]
        case "emails" | "phones" | "links":
            pairs = [value_of(kind[:-1], world, random) for _ in range(random.randint(1, 3))]
            return [sent for sent, _ in pairs], [known for _, known in pairs]
        case "number" | "currency":
            text = random.choice(NUMBER_POOL)
            return (text if random.random() < 0.5 else float(text)), Decimal(text)
        case "amount":
            return (random.choice([text for text in NUMBER_POOL if 0 < Decimal(text) < 10**7]),) * 2
        case "boolean":
            return (random.random() < 0.5,) * 2
        case "code" | "priority":
            return (
                random.choice(("EUR", "USD", "CHF") if kind == "code" else ("low", "normal", "high")),
            ) * 2
        case "singleSelect" | "multiSelect":
            return _chosen(kind, random, (options or {})["options"])
        case "user":
            pk = random.choice(world.others["userIds"])
            return pk, pk
    return _time(kind, world, random)


def _chosen(kind: str, random: Random, options: Sequence[Mapping[str, Any]]) -> tuple[Any, Any]:
    some = random.sample(options, random.randint(1, 2))
    labels, values = [option["label"] for option in some], [option["value"] for option in some]
    return (labels, values) if kind == "multiSelect" else (labels[0].upper(), values[0])


def _time(kind: str, world: World, random: Random) -> tuple[Any, Any]:
    """A date or time near now, or a range of two."""
    if kind in ("date", "dateTime"):
        known = _day(random, world) if kind == "date" else _moment(random, world)
        return known.isoformat(), known
    ends = sorted(_time("date" if kind == "dateRange" else "dateTime", world, random)[1] for _ in range(2))
    return f"{ends[0].isoformat()},{ends[1].isoformat()}", (ends[0], ends[1])


def _day(random: Random, world: World) -> date:
    today = world.now.astimezone(world.oracle.zone).date()
    return today + timedelta(
        days=random.choice((-400, -95, -31, -8, -7, -6, -1, 0, 0, 1, 2, 6, 7, 8, 30, 93, 370))
    )


def _moment(random: Random, world: World) -> datetime:
    """A moment near now; often the first or last of somebody's day."""
    if random.random() < 0.3:
        return world.now + timedelta(
            microseconds=random.choice((-1, 0, 1)), minutes=random.choice((0, 30, -90))
        )
    start = datetime.combine(_day(random, world), datetime.min.time(), world.oracle.zone).astimezone(UTC)
    step = timedelta(microseconds=random.choice((-1, 0, 1)), hours=random.choice((0, 0, 1, 2, 23, 24)))
    return start + step
