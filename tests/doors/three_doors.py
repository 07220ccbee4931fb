"""One thing done through the web form, over REST and by a tool of MCP, and what came of it each time.

Each door finds the same small company and leaves nothing behind: its transaction is rolled back. Ids
that came to be are numbered in their order, and the clock stands still, so that what differs is a
difference of the doors.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from accounts import pages
from accounts.models import Company, Event, User
from accounts.permissions import TOOLSETS
from crm import services
from crm.entities import ENTITIES, Entity
from crm.field_services import create_column
from crm.models import Stage
from crm.presenters import Presenter
from crm.setup import CompanySetup
from crm.views.notes import mark_of
from customermates.kernel.errors import ProductError
from customermates.kernel.sentences import sentence
from tests import people
from tests.crm.forms import fields_of
from tests.mcp_gateway.client import Mcp
from tests.rest.client import Rest

Json = Any
PAGE, REST, MCP = "page", "rest", "mcp"
SERVICES = (
    *("create_records", "update_records", "delete_records", "restore_records"),
    *("link_records", "unlink_records"),
)
STATUS_OF = {"validation": 422, "not_found": 404, "not_allowed": 403, "conflict": 409}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ROW = re.compile(rf"(?:{'|'.join(entity.plural for entity in ENTITIES.values())})\[(\d+)\]\.?(.*)")

IssueKey = tuple[str, str, int]  # (field, code, row)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Something that people and programs do. Texts that begin with @ are ids of the world."""

    name: str
    entity: str
    act: str
    values: Mapping[str, Json] = field(default_factory=dict)
    typed: Mapping[str, Json] | None = None  # what a person types, where it is not what programs send
    on: str = ""  # the record; the first of its entity unless another is meant
    who: str = "olivia"
    fails: str = ""  # the code of an issue that must be told; "" when it must be done
    doors: Sequence[str] = (PAGE, REST, MCP)  # forms have neither dry runs nor retries nor scopes
    options: Mapping[str, Json] = field(default_factory=dict)  # dryRun, idempotencyKey
    times: int = 1


@dataclass(slots=True)
class Outcome:
    """What a door answered, and what is there afterwards."""

    status: int
    issues: list[IssueKey]
    told: str  # records and events, as text

    @property
    def is_success(self) -> bool:
        """Whether it was done."""
        return self.status < 400


@dataclass
class World:
    """Northwind with one of everything, somebody of each role, and the ids of a stranger's records."""

    company: Company
    users: Mapping[str, User]
    ids: Mapping[str, str]

    def meant(self, value: Json) -> Json:
        """`value` with ids where it says @name."""
        if isinstance(value, str):
            return self.ids[value[1:]] if value.startswith("@") else value
        if isinstance(value, Mapping):
            return {name: self.meant(inner) for name, inner in value.items()}
        return [self.meant(inner) for inner in value] if isinstance(value, list) else value

    def key(self, who: str) -> str:
        """A key of this person; `olivia reading` has the scopes of a reader."""
        name, _, narrow = who.partition(" ")
        scopes = [f"{e.resource}:read" for e in ENTITIES.values()] if narrow else ["*"]
        return people.key_of(self.users[name], *scopes, toolsets=TOOLSETS.names())[1]


def world() -> World:
    """The company that every case starts from."""
    company, olivia = people.northwind()
    users = {"olivia": olivia} | {
        who: people.colleague(company, who.title(), role)
        for who, role in (("max", "member"), ("rita", "read-only"))
    }
    actor = people.signed_in(olivia)
    tier = {"options": [{"label": "Gold"}, {"label": "Silver"}]}
    select = {"entityType": "contact", "type": "singleSelect", "label": "Tier", "options": tier}
    column = create_column(actor, select).column
    score = create_column(actor, {"entityType": "contact", "type": "number", "label": "Score"}).column
    ids = {"score": str(score.pk), "tier": str(column.pk)}
    ids |= {option["label"].lower(): option["value"] for option in column.options["options"]}
    ids |= {stage.name.lower(): str(stage.pk) for stage in Stage.objects.filter(company=company)}
    ids |= {who: str(user.pk) for who, user in users.items()} | {"nowhere": str(uuid4())}
    ids |= _records(actor)
    stranger = people.signed_in(people.southwind()[1])
    alien = create_column(stranger, {"entityType": "contact", "type": "plain", "label": "Theirs"}).column
    ids |= {f"alien_{name}": pk for name, pk in _records(stranger).items()}
    ids |= {"alien_column": str(alien.pk), "alien_user": str(stranger.user_id)}
    alien_stage = Stage.objects.filter(company_id=stranger.company_id).first()
    return World(company, users, ids | {"alien_stage": str(alien_stage.pk if alien_stage else "")})


def _records(actor: Any) -> dict[str, str]:
    """Two of each entity and one in the trash: `contact`, `contact2`, `contact_gone`, …"""
    found: dict[str, str] = {}
    for entity in ENTITIES.values():
        row: dict[str, Json] = {"name": f"Some {entity.name}"}
        if entity.name == "contact":
            row = {"firstName": "Ada", "lastName": "Byron", "emails": ["ada@engines.example"]}
        if entity.name == "service":
            row["amount"] = 100
        if entity.name == "deal":
            row |= {"amount": 500, "contactIds": [found["contact"]]}
        rows = [{**row, "notes": f"Note {n}"} for n in range(3)]
        made = [str(record.pk) for record in services.create_records(actor, entity, rows).records]
        found |= {entity.name: made[0], f"{entity.name}2": made[1], f"{entity.name}_gone": made[2]}
        services.delete_records(actor, entity, [UUID(made[2])])
    return found


class Doors:
    """The three doors of one world."""

    def __init__(self, found: World, monkeypatch: pytest.MonkeyPatch) -> None:
        self.world = found
        self._heard: list[ProductError] = []
        self._keys = {who: found.key(who) for who in ("olivia", "max", "rita", "olivia reading")}
        _listen(self._heard, monkeypatch)

    def through(self, door: str, case: Case) -> Outcome:
        """What comes of `case` at this door; it leaves nothing behind."""
        call: Callable[[Case, Entity, str], tuple[int, list[IssueKey]]] = getattr(self, f"_by_{door}")
        entity = ENTITIES.get(case.entity)
        pk = self.world.ids[case.on or case.entity]
        with _rolled_back():
            since = Event.objects.filter(company=self.world.company).count()
            status, issues = [call(case, entity, pk) for _ in range(case.times)][-1]
            return Outcome(status, sorted(_at_home(issue, case) for issue in issues), self._told(since))

    def _by_page(self, case: Case, entity: Entity, pk: str) -> tuple[int, list[IssueKey]]:
        self._heard.clear()
        client = Client()
        client.force_login(self.world.users[case.who])
        path, typed = _page_call(self.world, case, entity, pk)
        if case.act == "lines":
            typed["mark"] = fields_of(client.get(f"/deals/{pk}/").text, "lines")["mark"][0]
        response: Any = client.post(path, typed)
        issues = [issue for error in self._heard[-1:] for issue in error.issues]
        if response.status_code in (403, 422):  # of what is not there, a page only says that it is not
            shown = " ".join(html.unescape(response.content.decode()).split())
            for issue in issues:
                assert sentence(issue) in shown, (case.name, issue)
        return response.status_code, [(i.field, i.code, i.row) for i in issues]

    def _by_rest(self, case: Case, entity: Entity, pk: str) -> tuple[int, list[IssueKey]]:
        method, path, body = _rest_call(self.world, case, entity, pk)
        path += "?dryRun=true" if case.options.get("dryRun") else ""
        key = case.options.get("idempotencyKey")
        headers = {"Idempotency-Key": key} if key else {}
        response = Rest(self._keys[case.who]).send(method, path, body, **headers)
        if response.status_code < 400:
            return response.status_code, []
        issues = response.json()["error"]["issues"]
        return response.status_code, [(i["field"], i["code"], i["row"]) for i in issues]

    def _by_mcp(self, case: Case, entity: Entity, pk: str) -> tuple[int, list[IssueKey]]:
        tool, arguments = _tool_call(self.world, case, entity, pk)
        result = Mcp(Client(), self._keys[case.who]).call(tool, {**arguments, **case.options})
        if not result["isError"]:
            return 200, []
        error = result["structuredContent"]["error"]
        return STATUS_OF[error["code"]], [_of_tool(issue) for issue in error["issues"]]

    def _told(self, since: int) -> str:
        """All records and the new events, with new ids numbered."""
        setup, found = CompanySetup(people.signed_in(self.world.users["olivia"])), dict[str, Json]()
        for entity in ENTITIES.values():
            records: Any = entity.model.objects.filter(company=self.world.company).order_by("pk")
            presenter = Presenter(setup, entity)
            live = list(records.filter(deleted_at=None).values(*presenter.attrs()))
            found[entity.plural] = [*presenter.full(live), *(row["version"] for row in live)]
            gone = records.exclude(deleted_at=None).values_list("pk", "version")
            found[f"{entity.plural} in trash"] = [(str(pk), version) for pk, version in gone]
        events = Event.objects.filter(company=self.world.company).order_by("sequence")[since:]
        found["events"] = [[e.name, e.entity, str(e.entity_id), e.changes] for e in events]
        text = json.dumps(found, default=str, indent=1, sort_keys=True)
        known, new = set(self.world.ids.values()), dict[str, str]()
        return _UUID.sub(lambda m: m[0] if m[0] in known else new.setdefault(m[0], f"<{len(new)}>"), text)


def _at_home(issue: IssueKey, case: Case) -> IssueKey:
    """An issue of the record itself at "": each door names it in its own place, an address or an argument."""
    place, code, row = issue
    is_own = (place, code) == ("id", "unknown_record") or (
        place == "ids[0]" and case.act in ("delete", "restore")
    )
    return ("" if is_own else place, code, row)


def _of_tool(issue: Mapping[str, Json]) -> IssueKey:
    """An issue of a tool from the top of its row, as the other doors tell it."""
    row = _ROW.fullmatch(issue["path"])
    return (row[2], issue["code"], int(row[1])) if row else (issue["path"], issue["code"], 0)


@contextmanager
def _rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _listen(heard: list[ProductError], monkeypatch: pytest.MonkeyPatch) -> None:
    """Note each refusal that a page gets to show, from the write path or on its own."""

    def noted(run: Callable[..., Any]) -> Callable[..., Any]:
        def listening(*args: Any, **kwargs: Any) -> Any:
            try:
                return run(*args, **kwargs)
            except ProductError as error:
                heard.append(error)
                raise

        return listening

    for name in SERVICES:
        monkeypatch.setattr(services, name, noted(getattr(services, name)))
    refusal = pages.refusal

    def refused(request: Any, error: ProductError) -> Any:
        heard.append(error)
        return refusal(request, error)

    monkeypatch.setattr(pages, "refusal", refused)


# --- How each door is asked -----------------------------------------------------------------------------


def _page_call(world: World, case: Case, entity: Entity, pk: str) -> tuple[str, dict[str, Json]]:
    values = world.meant(dict(case.values))
    typed = world.meant(dict(case.typed)) if case.typed is not None else _typed(values)
    own = f"/{entity.plural}/{pk}/"
    match case.act:
        case "create":
            return f"/{entity.plural}/new/", typed
        case "change":
            custom = typed.pop("customFields", None)
            [(name, value)] = (custom or typed).items()
            return f"{own}fields/{name}/", {"value": value}
        case "stale":
            [(name, value)] = typed.items()
            return f"{own}fields/{name}/", {"value": value, "was": '["of yesterday"]'}
        case "notes":
            record: Any = entity.model.objects.filter(pk=pk).first()
            return f"{own}notes/", {"text": values["notes"], "mark": mark_of(record.notes if record else "")}
        case "lines":
            return f"{own}lines/", typed
        case "link" | "unlink":
            return f"{own}{case.act}{'s' * (case.act == 'link')}/{values['relation']}/", {"id": values["id"]}
        case "change_many":
            ids, [(name, value)] = values.pop("ids"), values.items()
            return reverse(f"{entity.name}_bulk_change"), {"ids": ids, "field": name, "value": value}
        case "delete_many":
            return reverse(f"{entity.name}_bulk_change"), {"ids": values["ids"], "action": "delete"}
    return f"{own}{case.act}/", {}


def _typed(values: Mapping[str, Json]) -> dict[str, Json]:
    """The values as a form posts them."""
    flat = {**values, **values.get("customFields", {})}
    flat.pop("customFields", None)
    return {name: "" if value is None else value for name, value in flat.items()}


def _rest_call(world: World, case: Case, entity: Entity, pk: str) -> tuple[str, str, Json]:
    values, root = world.meant(dict(case.values)), entity.plural
    match case.act:
        case "create":
            return "POST", root, values
        case "change" | "notes" | "lines":
            return "PATCH", f"{root}/{pk}", values
        case "stale":
            return "PATCH", f"{root}/{pk}", {**values, "expectedVersion": 99}
        case "link" | "unlink":
            method = "POST" if case.act == "link" else "DELETE"
            return method, f"{root}/{pk}/links/{values['relation']}", {"ids": [values["id"]]}
        case "change_many":
            return "PUT", f"{root}/many", {root: _rows(values)}
        case "delete_many":
            return "DELETE", f"{root}/many", values
        case "restore":
            return "POST", f"{root}/{pk}/restore", None
    return "DELETE", f"{root}/{pk}", None


def _tool_call(world: World, case: Case, entity: Entity, pk: str) -> tuple[str, dict[str, Json]]:
    values, root = world.meant(dict(case.values)), entity.plural
    match case.act:
        case "create":
            return f"create_{root}", {root: [values]}
        case "change" | "notes" | "lines":
            return f"update_{root}", {root: [{"id": pk, **values}]}
        case "stale":
            return f"update_{root}", {root: [{"id": pk, **values, "expectedVersion": 99}]}
        case "link" | "unlink":
            linked = {"sourceId": pk, "relation": values["relation"], "ids": [values["id"]]}
            return f"{case.act}_entities", {"entity": entity.name, **linked}
        case "change_many":
            return f"update_{root}", {root: _rows(values)}
        case "delete_many":
            return "delete_entity", {"entity": entity.name, **values}
    return f"{case.act}_entity", {"entity": entity.name, "ids": [pk]}


def _rows(values: dict[str, Json]) -> list[dict[str, Json]]:
    return [{"id": pk, **values} for pk in values.pop("ids")]
