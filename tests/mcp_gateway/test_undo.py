"""Undo hints: an agent that follows one to the letter, with nothing but the receipt, restores what was."""

from __future__ import annotations

import re
from typing import Any

import pytest

from accounts.actor import Actor
from accounts.models import User
from crm.entities import ENTITIES
from tests.crm.columns import TIERS, column
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db

Answer = dict[str, Any]
_CHANGING = ("version", "updatedAt")


def _call(mcp: Mcp, tool: str, **arguments: Any) -> Answer:
    result = mcp.call(tool, arguments)
    assert result["isError"] is False, result["content"]
    answer: Answer = result["structuredContent"]
    return answer


def _made(mcp: Mcp, plural: str, *rows: Answer) -> list[str]:
    return [record["id"] for record in _call(mcp, f"create_{plural}", **{plural: list(rows)})["records"]]


def _state(mcp: Mcp) -> dict[str, Answer]:
    """All records as they are read, but for what every write changes; links in no order."""
    found = {}
    for entity in ENTITIES.names():
        page = _call(mcp, "filter_entity", entity=entity, fields=["id"], pageSize=100)
        ids = [identity for [identity] in page["rows"]]
        for record in _call(mcp, "get_entity_details", entity=entity, ids=ids)["records"]:
            found[record["id"]] = {name: _plain(v) for name, v in record.items() if name not in _CHANGING}
    return found


def _plain(value: Any) -> Any:
    if isinstance(value, list) and value and isinstance(value[0], dict) and "id" in value[0]:
        return sorted(value, key=lambda item: str(item["id"]))
    return value


@pytest.fixture
def world(mcp: Mcp, owner: Actor, max_: User) -> dict[str, str]:
    """A furnished company: a deal with two lines at agreed prices, people, a task, and custom columns."""
    column(owner, "Tier", "singleSelect", options=TIERS)
    column(owner, "Tags", "multiSelect", options=TIERS)
    column(owner, "Champion", "user")
    column(owner, "Period", "dateRange")
    [engines] = _made(mcp, "organizations", {"name": "Engines", "website": "https://engines.example"})
    custom = {"Tier": "Gold", "Champion": max_.email, "Period": "2026-01-01,2026-02-01"}
    ada_row = {"firstName": "Ada", "emails": ["a@x.example", "b@x.example"], "phones": ["+4930123456"]}
    ada_row |= {"notes": "Long. " * 100, "organizationIds": [engines], "userIds": [max_.email]}
    [ada, bob] = _made(mcp, "contacts", {**ada_row, "customFields": custom}, {"firstName": "Bob"})
    [day, app, kit] = _made(
        mcp,
        "services",
        *({"name": name, "amount": amount} for name, amount in (("Day", 900), ("App", 50), ("Kit", 7))),
    )
    lines = [
        {"serviceId": day, "quantity": 3, "unitPrice": 850},
        {"serviceId": app, "quantity": 20, "unitPrice": 45.5},
    ]
    [pilot, gone, empty] = _made(
        mcp,
        "deals",
        {"name": "Pilot", "services": lines, "contactIds": [ada]},
        {"name": "Gone", "services": lines[:1], "stage": "Lost", "lostReason": "Budget"},
        {"name": "Empty", "amount": 1000},
    )
    [call] = _made(mcp, "tasks", {"name": "Call", "status": "done", "contactIds": [ada]})
    names = {"engines": engines, "ada": ada, "bob": bob, "day": day, "app": app, "kit": kit}
    return {**names, "pilot": pilot, "gone": gone, "empty": empty, "call": call}


def _follow(mcp: Mcp, entity: str, receipt: Answer) -> None:
    """Do what the hint says, sentence by sentence."""
    ids = [record["id"] for record in receipt["records"]]
    for way in re.split(r"; (?!get_entity_details)|, then ", receipt["undo"]):
        if way.startswith(("delete_entity", "restore_entity")):
            _call(mcp, way.split()[0], entity=entity, ids=ids)
        elif way.startswith("update_deals (each of the deals) with services: all lines"):
            rows = [
                {"id": deal["id"], "services": _lines(mcp, deal["id"], deal["services"])}
                for deal in receipt["deals"]
            ]
            _call(mcp, "update_deals", deals=rows)
        elif way.startswith("update_"):
            _write_back(mcp, entity, way, receipt)
        else:
            assert "link_entities" in way, way
            _relink(mcp, entity, way, receipt)


def _lines(mcp: Mcp, deal: str, change: Answer) -> list[Answer]:
    now = _call(mcp, "get_entity_details", entity="deal", id=deal)["services"]
    came, went = ({line["id"] for line in change[side]} for side in ("after", "before"))
    kept = [line for line in now if line["id"] not in came | went]
    return [
        {
            "serviceId": line["id"],
            "quantity": line["quantity"],
            "unitPrice": line["amount"],
            "position": line["position"],
        }
        for line in [*kept, *change["before"]]
    ]


def _write_back(mcp: Mcp, entity: str, way: str, receipt: Answer) -> None:
    relations = {relation.written_as for relation in ENTITIES.get(entity).relations.values()}
    computed = re.search(r"\(([^)]*) cannot be written", way)
    skipped = relations | set(computed[1].split(", ") if computed else ()) | {"custom"}
    if "stageId and pipelineId instead of the names" in way:
        skipped |= {"stage", "pipeline"}
    rows = []
    for record in receipt["records"]:
        row = {name: sides["before"] for name, sides in record["changed"].items() if name not in skipped}
        row = row if "the before values of the writable fields" in way else {}
        if row.get("notes"):
            row["notes"] = row["notes"]["text"]
        if "customFields {label: before}" in way:
            custom = record["changed"].get("custom", {})
            row["customFields"] = {label: sides["before"] for label, sides in custom.items()}
        if "services: all lines" in way and "services" in record["changed"]:
            row["services"] = _lines(mcp, record["id"], record["changed"]["services"])
        rows.append({"id": record["id"], **row})
    _call(mcp, way.split()[0], **{ENTITIES.get(entity).plural: rows})


def _relink(mcp: Mcp, entity: str, way: str, receipt: Answer) -> None:
    named = re.search(r"\(relation (\w+)\)", way)
    for tool, side in re.findall(r"(\w*link_entities) with the ids under (\w+)", way):
        name = named[1] if named else "deals"
        relation = next(r for r in ENTITIES.get(entity).relations.values() if r.name == name)
        for record in receipt["records"]:
            change = record["changed"].get(relation.written_as, {})
            items = change.get(side if side in ("before", "after") else "after", [])
            if ids := [item["id"] if isinstance(item, dict) else item for item in items]:
                _call(mcp, tool, entity=entity, sourceId=record["id"], relation=name, ids=ids)


def _update(entity: str, who: str, **values: Any) -> tuple[str, str, Answer]:
    return f"update_{ENTITIES.get(entity).plural}", entity, {"id": f"${who}", **values}


def _linking(tool: str, entity: str, who: str, relation: str, *ids: str) -> tuple[str, str, Answer]:
    sent = {"entity": entity, "sourceId": f"${who}", "relation": relation, "ids": list(ids)}
    return f"{tool}_entities", entity, sent


def _filled(value: Any, world: dict[str, str]) -> Any:
    if isinstance(value, str):
        return world[value[1:]] if value.startswith("$") else value
    if isinstance(value, list):
        return [_filled(item, world) for item in value]
    return {name: _filled(item, world) for name, item in value.items()} if isinstance(value, dict) else value


WRITES = {
    "own fields": _update(
        "contact", "ada", firstName="Eve", emails=["c@x.example"], phones=[], notes="New", jobTitle="Boss"
    ),
    "stage": _update("deal", "gone", stage="Won"),
    "stage and name": _update("deal", "gone", stage="New", name="Test", notes="New"),
    "typed amount": _update("deal", "empty", amount=7, expectedCloseDate="2026-12-01"),
    "task": _update("task", "call", status="open", priority="high", dueAt="2026-12-01T10:00:00Z"),
    "custom": _update(
        "contact", "ada", customFields={"Tier": None, "Tags": ["Gold"], "Champion": "me", "Period": None}
    ),
    "links": _update("contact", "ada", organizationIds=[], userIds=["me"], dealIds=["$empty"], notes=""),
    "a line's price": _update("deal", "pilot", services=[{"serviceId": "$day", "unitPrice": 1}]),
    "new lines for old": _update("deal", "pilot", name="Test", services=[{"serviceId": "$kit"}]),
    "first lines": _update("deal", "empty", services=[{"serviceId": "$kit", "quantity": 2}]),
    "no lines": _update("deal", "pilot", services=[]),
    "other currency": _update(
        "deal",
        "pilot",
        currency="USD",
        services=[{"serviceId": "$day", "unitPrice": 850}, {"serviceId": "$app", "unitPrice": 60}],
    ),
    "first lines in other currency": _update(
        "deal", "empty", currency="USD", services=[{"serviceId": "$kit", "unitPrice": 9}]
    ),
    "a service's deals": _update("service", "app", dealIds=["$empty"], name="Apps"),
    "a service's price": _update("service", "day", amount=1000, refreshPrices=True),
    "prices alone": _update("service", "day", refreshPrices=True),
    "link": _linking("link", "contact", "bob", "organizations", "$engines"),
    "link users": _linking("link", "contact", "bob", "users", "me"),
    "link a line": _linking("link", "deal", "pilot", "services", "$kit"),
    "link from the service": _linking("link", "service", "kit", "deals", "$pilot", "$empty"),
    "unlink": _linking("unlink", "organization", "engines", "contacts", "$ada"),
    "unlink a line": _linking("unlink", "deal", "pilot", "services", "$day"),
    "unlink from the service": _linking("unlink", "service", "day", "deals", "$pilot"),
    "delete": ("delete_entity", "deal", {"entity": "deal", "ids": ["$pilot"]}),
    "delete a service": ("delete_entity", "service", {"entity": "service", "ids": ["$day"]}),
    "create": ("create_contacts", "contact", {"firstName": "Eve", "dealIds": ["$pilot"]}),
    "create a deal": ("create_deals", "deal", {"name": "Next", "services": [{"serviceId": "$day"}]}),
    "create a service": ("create_services", "service", {"name": "Pro", "amount": 5, "dealIds": ["$pilot"]}),
}


def test_a_hint_followed_to_the_letter_restores_what_was(mcp: Mcp, world: dict[str, str], subtests):
    before = _state(mcp)
    for write, (tool, entity, sent) in WRITES.items():
        with subtests.test(write=write):
            arguments = _filled(sent, world)
            if tool.startswith(("create_", "update_")):
                arguments = {ENTITIES.get(entity).plural: [arguments]}
            receipt = _call(mcp, tool, **arguments)
            assert _state(mcp) != before
            _follow(mcp, entity, receipt)
            assert _state(mcp) == before
        before = _state(mcp)


def test_a_restored_record_goes_back_to_the_trash(mcp: Mcp, world: dict[str, str]):
    sent = {"entity": "deal", "ids": [world["pilot"]]}
    _call(mcp, "delete_entity", **sent)
    before = _state(mcp)
    _follow(mcp, "deal", _call(mcp, "restore_entity", **sent))
    assert _state(mcp) == before


def test_custom_values_alone_are_written_back_too(mcp: Mcp, world: dict[str, str]):
    before = _state(mcp)
    item = {"id": world["ada"], "customFields": {"Tier": "Silver", "Tags": ["Gold"]}}
    receipt = _call(mcp, "batch_update_entity_custom_field", entity="contact", items=[item])
    _follow(mcp, "contact", receipt)
    assert _state(mcp) == before


def test_repriced_lines_are_told_though_the_service_itself_stays(mcp: Mcp, world: dict[str, str]):
    row = {"id": world["day"], "refreshPrices": True}
    receipt = _call(mcp, "update_services", services=[row])
    [deal] = receipt["deals"]
    assert deal["id"] == world["pilot"]
    assert [line["amount"] for line in deal["services"]["before"]] == [850]
    assert "note" not in receipt


def test_a_text_too_long_for_the_receipt_is_not_to_be_written_back(mcp: Mcp):
    [ada] = _made(mcp, "contacts", {"firstName": "Ada", "notes": "x " * 30_000})
    receipt = _call(mcp, "set_entity_notes", entity="contact", id=ada, notes="New")
    assert "do not write those back" in receipt["note"]
