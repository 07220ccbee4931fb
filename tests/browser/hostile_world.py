"""Northwind as somebody furnished it who wishes its people ill: every text anywhere is a hostile one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.actor import Actor, user_actor
from accounts.models import ApiKey, Company, Role, User
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, SERVICE, TASK, Entity
from crm.field_services import create_column
from crm.field_types.addresses import EmailType, LinkType
from crm.models import Pipeline, Record, Stage, StageKind
from crm.setup import CompanySetup
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.ids import uuid7
from tests import people
from tests.browser.hostile_strings import HOSTILE

HALF = len(HOSTILE) // 2
NAME_LENGTH = 255


@dataclass
class World:
    """The company, and what of it is looked at one by one."""

    owner: Actor
    keys: list[ApiKey]
    records: dict[str, list[Record]]
    pipeline: Pipeline
    refused: int  # texts that a field would not take: they cannot be stored, so they cannot run


def furnish(olivia: User) -> World:
    """Everything that has a text, with each of the hostile ones once."""
    owner = people.signed_in(olivia)
    pipeline = _pipelines(olivia.company)
    _people(olivia)
    columns = _columns(owner)
    world = World(owner, _keys(olivia), {}, pipeline, 0)
    for entity in (ORGANIZATION, CONTACT, SERVICE, DEAL, TASK):
        rows = [row for n, text in enumerate(HOSTILE) for row in [_row(world, entity, n, text)]]
        world.records[entity.name] = services.create_records(_again(owner), entity, rows).records
    _widen(world, columns)
    world.refused = sum(not taken for taken in _addresses(world))
    return world


def agents(world: World) -> Iterator[Actor]:
    """One agent for each text, which is its name, the name of its key, and the reason it gives."""
    for key, text in zip(world.keys, HOSTILE, strict=True):
        actor = user_actor(key.user, via="mcp", api_key=key, client=text)
        yield replace(actor, reason=text[:200])


def write_notes(world: World, which: slice, record: Record) -> None:
    """Each agent adds a note to the contact, and changes a property of it."""
    for actor, text in list(zip(agents(world), HOSTILE, strict=True))[which]:
        record.refresh_from_db()
        values = {"notes": f"{record.notes}\n\n{text}", "jobTitle": f"{text} "}
        services.update_records(actor, CONTACT, {record.pk: values})


def rename(world: World, turn: int) -> None:
    """The company and its owner bear the next few texts: their names are on every page."""
    joined = packed(NAME_LENGTH)
    names = [joined[(turn + shift) % len(joined)] for shift in (0, 17, 29)]
    Company.objects.filter(pk=world.owner.company_id).update(name=names[0])
    User.objects.filter(pk=world.keys[0].user_id).update(first_name=names[1], last_name=names[2])


def packed(length: int) -> list[str]:
    """All texts, as many in one as fit into `length` characters."""
    found = [""]
    for text in HOSTILE:
        if len(found[-1]) + 1 + len(text) > length:
            found.append("")
        found[-1] = f"{found[-1]} {text}".strip()
    return found


def _again(actor: Actor) -> Actor:
    return replace(actor, change_set=uuid7())


def _row(world: World, entity: Entity, n: int, text: str) -> dict[str, Any]:
    """A record whose every text is `text`; linked to the one before it in another entity."""
    ids = {name: str(records[n].pk) for name, records in world.records.items()}
    match entity.name:
        case "organization":
            return {"name": text, "phone": text, "notes": text}
        case "contact":
            own = {"firstName": text, "lastName": text, "jobTitle": text, "phones": [text], "notes": text}
            return {**own, "organizationIds": [ids["organization"]]}
        case "service":
            return {"name": text, "sku": text, "amount": 5, "notes": text}
        case "deal":
            stages = ("New", "Qualified", "Proposal", "Lost")
            lost = {"lostReason": text} if n % 4 == 3 else {}
            links = {"organizationIds": [ids["organization"]], "contactIds": [ids["contact"]]}
            return {"name": text, "stage": stages[n % 4], "notes": text, **lost, **links}
    days = (-2, 0, 3, 40)[n % 4]
    due = (timezone.now() + timedelta(days=days, minutes=30)).isoformat()
    mine = {"userIds": [str(world.owner.user_id)]} if n % 7 == 0 else {}
    return {"name": text, "dueAt": due, "notes": text, "dealIds": [ids["deal"]], **mine}


def _pipelines(company: Company) -> Pipeline:
    """A second pipeline with a stage of each name."""
    pipeline = Pipeline.objects.create(company=company, name=HOSTILE[0], position=1)
    rows = [
        Stage(company=company, pipeline=pipeline, name=text, position=n, kind=StageKind.OPEN)
        for n, text in enumerate(HOSTILE)
    ]
    Stage.objects.bulk_create(rows)
    return pipeline


def _people(olivia: User) -> None:
    """A colleague and a role of each name."""
    Role.objects.bulk_create(Role(company=olivia.company, name=text) for text in HOSTILE)
    User.objects.bulk_create(
        User(
            company=olivia.company,
            role=olivia.role,
            email=f"colleague{n}@northwind.example",
            first_name=text,
            last_name=text,
            password="!",
        )
        for n, text in enumerate(HOSTILE)
    )


def _keys(olivia: User) -> list[ApiKey]:
    made, _ = people.key_of(olivia, "*")
    rows = [
        ApiKey(
            company=made.company,
            user=olivia,
            name=text,
            digest=f"{n:064}",
            pepper_number=made.pepper_number,
            prefix="cm_live_"[:8],
            suffix=f"{n:04}",
            scopes=["*"],
            expires_at=made.expires_at,
            last_used_at=timezone.now(),
            last_used_client=text,
        )
        for n, text in enumerate(HOSTILE)
    ]
    return ApiKey.objects.bulk_create(rows)


def _columns(owner: Actor) -> dict[str, list[str]]:
    """The ids of text columns of contacts and organizations: each text is the label of one of them."""
    found: dict[str, list[str]] = {}
    for entity, texts in ((CONTACT, HOSTILE[:HALF]), (ORGANIZATION, HOSTILE[HALF:])):
        choices = {"options": [{"label": text} for text in texts]}
        for kind in ("multiSelect", "singleSelect"):
            values = {"entityType": entity.name, "type": kind, "label": kind, "options": choices}
            create_column(_again(owner), values)
        found[entity.name] = [_column(owner, entity, text) for text in texts]
    for kind in ("link", "email", "phone"):
        create_column(_again(owner), {"entityType": "service", "type": kind, "label": kind})
    return found


def _column(owner: Actor, entity: Entity, text: str) -> str:
    values = {"entityType": entity.name, "type": "plain", "label": text, "description": text}
    return str(create_column(_again(owner), values).column.pk)


def _widen(world: World, columns: dict[str, list[str]]) -> None:
    """One record with a value in every column, one with all options, one deal with every service."""
    for name, texts in (("contact", HOSTILE[:HALF]), ("organization", HOSTILE[HALF:])):
        entity, pairs = ENTITIES.get(name), zip(columns[name], texts, strict=True)
        values = [{"columnId": column, "value": text} for column, text in pairs]
        custom = {"multiSelect": list(texts)}
        row = {"customFieldValues": values, "customFields": custom}
        services.update_records(_again(world.owner), entity, {world.records[name][0].pk: row})
    lines = [
        {"serviceId": str(record.pk), "quantity": 1, "unitPrice": 5} for record in world.records["service"]
    ]
    deal = {"services": lines, "contactIds": [str(record.pk) for record in world.records["contact"]]}
    services.update_records(_again(world.owner), DEAL, {world.records["deal"][0].pk: deal})


def _addresses(world: World) -> Iterator[bool]:
    """Whether each text was taken for a link, and for an e-mail address; those that were are stored."""
    context = CompanySetup(world.owner).context
    rows: dict[Any, dict[str, Any]] = {}
    for n, text in enumerate(HOSTILE):
        taken = {"phone": text}
        for name, kind in (("link", LinkType()), ("email", EmailType())):
            try:
                kind.parse(text, context)
            except ValidationFailed:
                yield False
            else:
                taken[name] = text
                yield True
        rows[world.records["service"][n].pk] = {"customFields": taken}
        if "link" in taken:
            _update(world.owner, ORGANIZATION, world.records["organization"][n], {"website": text})
        if "email" in taken:
            _update(world.owner, CONTACT, world.records["contact"][n], {"emails": [text]})
    services.update_records(_again(world.owner), SERVICE, rows)


def _update(actor: Actor, entity: Entity, record: Record, values: dict[str, Any]) -> None:
    services.update_records(_again(actor), entity, {record.pk: values})
