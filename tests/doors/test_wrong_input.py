"""Wrong input to every tool: a mending error every time, at the right place, and never a fault of ours."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from accounts.models import ApiKey
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, SERVICE
from crm.models import Pipeline, Stage
from customermates.kernel.errors import ValidationFailed
from mcp_gateway import catalogue
from mcp_gateway.registry import TOOLS
from tests import people
from tests.doors.corrector import mended
from tests.doors.generating import Maker
from tests.doors.worlds import House, agent
from tests.mcp_gateway.client import Mcp
from tests.profiles import IS_DEEP

catalogue.load()
WRONG: list[dict[str, Any]] = json.loads((Path(__file__).parent / "wrong_calls.json").read_text())
MENDED_AT_LEAST = 0.95
ROUNDS = 6  # an error tells all it can, but some faults only show once others are gone
LATER = ("where", "onDuplicate", "partial", "confirm", "maxTokens", "changeSetId")  # arguments to come


@pytest.fixture
def things(ours: House, theirs: House) -> dict[str, Any]:
    """What `$name` stands for in the recorded calls."""
    second = Pipeline.objects.create(company=ours.company, name="Renewals", position=1)
    first = Pipeline.objects.get(company=ours.company, name="Sales")
    for pipeline, name in ((first, "Twin"), (second, "Twin"), (second, "Renewed")):
        Stage.objects.create(company=ours.company, pipeline=pipeline, name=name, position=9)
    dollars = {"name": "Day", "amount": 5, "currency": "USD"}
    services.create_records(ours.actor, DEAL, [{"name": f"Deal {n}"} for n in range(5)])
    page = agent(ours.admin, "*").call("filter_entity", {"entity": "deal", "pageSize": 5})
    return {
        **ours.ids(),
        **{f"deleted.{entity}": pk for entity, pk in ours.trash.items()},
        **{f"theirs.{name}": value for name, value in theirs.ids().items()},
        "nowhere": str(uuid4()),
        "cursor": page["structuredContent"]["nextCursor"],
        "dollar_service": str(services.create_records(ours.actor, SERVICE, [dollars]).records[0].pk),
    }


def filled(value: Any, things: dict[str, Any]) -> Any:
    """Recorded arguments with the ids of this run; `$text:n` and `$repeat` stand for what is long."""
    if isinstance(value, str) and value.startswith("$"):
        return "x" * int(value[6:]) if value.startswith("$text:") else things[value[1:]]
    if isinstance(value, list):
        return [filled(item, things) for item in value]
    if isinstance(value, dict):
        if "$repeat" in value:
            count, item = value["$repeat"]
            return [filled(item, things)] * count
        return {name: filled(item, things) for name, item in value.items()}
    return value


def call(mcp: Mcp, tool: str, arguments: Any) -> dict[str, Any]:
    """The result of a call, which is HTTP 200 and no fault of ours."""
    response = mcp.send("tools/call", {"name": tool, "arguments": arguments})
    assert response.status_code == 200, (tool, arguments, response.content[:500])
    body = json.loads(response.content)
    assert "result" in body, (tool, arguments, body)
    result: dict[str, Any] = body["result"]
    assert "internal error" not in result["content"][0]["text"], (tool, arguments)
    return result


def issues_of(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The issues of a failed call, whose text and data say the same."""
    assert result["isError"], result
    text = result["content"][0]["text"]
    assert text.startswith("Validation error:\n- "), text
    issues: list[dict[str, Any]] = result["structuredContent"]["error"]["issues"]
    assert issues
    for issue in issues:
        # A name of nothing but invisible characters leaves no path to be seen.
        assert f"{issue['path']}: {issue['message']}" in text or (
            not issue["path"] and issue["message"] in text
        )
        assert issue["message"] != issue["code"], "a code without a sentence"
        assert "%(" not in issue["message"], issue
        assert len(issue["path"]) < 400
    return issues


def test_each_recorded_call_is_told_its_mistake_at_its_place(ours: House, things: dict[str, Any]):
    mcp, wrong = agent(ours.admin, "*"), []
    for recorded in WRONG:
        result = call(mcp, recorded["tool"], filled(recorded["arguments"], things))
        if not result["isError"]:
            wrong.append((recorded, result["content"][0]["text"][:200]))
        elif (recorded["path"], recorded["code"]) not in {(i["path"], i["code"]) for i in issues_of(result)}:
            wrong.append((recorded, issues_of(result)))
    assert not wrong, "\n".join(map(str, wrong))


def test_there_are_recorded_calls_of_every_tool():
    assert len(WRONG) >= 200
    assert {recorded["tool"] for recorded in WRONG} == {tool.name for tool in TOOLS.tools()}


def _is_mended(mcp: Mcp, tool: str, arguments: dict[str, Any]) -> bool:
    for _ in range(ROUNDS):
        result = call(mcp, tool, arguments)
        if not result["isError"]:
            return True
        arguments = mended(arguments, issues_of(result), lambda tool, asked: _first_id(mcp, tool, asked))
    return False


def _first_id(mcp: Mcp, tool: str, arguments: dict[str, Any]) -> str:
    found = call(mcp, tool, arguments)["structuredContent"]
    return str(found["rows"][0][found["columns"].index("id")])


def test_a_caller_who_sees_only_the_error_mends_the_call(
    ours: House, things: dict[str, Any], capsys: pytest.CaptureFixture[str]
):
    mcp, lost = agent(ours.admin, "*"), []
    for recorded in WRONG:
        arguments = filled(recorded["arguments"], things)
        if TOOLS.read_only(recorded["tool"]):
            good = _is_mended(mcp, recorded["tool"], arguments)
        else:  # a dry run finds the same mistakes and leaves the records for the next call
            good = _is_mended(mcp, recorded["tool"], {**arguments, "dryRun": arguments.get("dryRun", True)})
        if not good:
            lost.append((recorded["tool"], recorded["code"], recorded["path"]))
    rate = 1 - len(lost) / len(WRONG)
    with capsys.disabled():
        print(f"\ncorrector: {len(WRONG) - len(lost)} of {len(WRONG)} wrong calls mended ({rate:.1%})")  # noqa: T201
    assert rate >= MENDED_AT_LEAST, lost


@pytest.mark.parametrize("name", LATER)
def test_arguments_that_do_not_exist_yet_are_unknown(ours: House, name: str):
    mcp = agent(ours.admin, "*")
    for tool in TOOLS.tools():
        found = {(i["path"], i["code"]) for i in issues_of(call(mcp, tool.name, {name: True}))}
        assert (name, "unknown_argument") in found, tool.name


def test_a_text_of_a_megabyte_is_told_shortly_and_soon(ours: House):
    mcp, huge = agent(ours.admin, "*"), "x" * 1_000_000
    for tool, arguments in (
        ("filter_entity", {"entity": "contact", huge: 1}),
        ("filter_entity", {"entity": huge}),
        ("filter_entity", {"entity": "contact", "fields": [huge]}),
        ("filter_entity", {"entity": "contact", "filters": [{"field": huge, "operator": "isNull"}]}),
        ("filter_entity", {"entity": "contact", "filters": [{"field": "name", "operator": huge}]}),
        ("filter_entity", {"entity": "contact", "cursor": huge}),
        ("filter_entity", {"entity": "contact", "sortDescriptor": {"field": huge}}),
        ("create_contacts", {"contacts": [{huge: "x"}]}),
        ("create_contacts", {"contacts": [{"firstName": huge}]}),
        ("create_contacts", {"contacts": [{"firstName": "A", "userIds": [huge]}]}),
        ("create_contacts", {"contacts": [{"firstName": "A", "organizationIds": [huge]}]}),
        ("create_contacts", {"contacts": [{"firstName": "A", "customFields": {huge: 1}}]}),
        ("create_deals", {"deals": [{"name": "D", "stage": huge}]}),
        ("create_deals", {"deals": [{"name": "D", "services": [{"serviceId": huge, huge[:9]: 1}]}]}),
        ("link_entities", {"entity": "contact", "sourceId": huge, "relation": "deals", "ids": ["x"]}),
        ("delete_entity", {"entity": "contact", "ids": [huge]}),
    ):
        result = call(mcp, tool, arguments)
        issues_of(result)
        assert len(json.dumps(result)) < 20_000, tool
    assert mcp.send("tools/call", {"name": "filter_entity", "arguments": {"x": huge * 2}}).status_code == 413


def test_values_nested_deeply_are_told_like_any_other(ours: House):
    deep: Any = "x"
    for _ in range(24):
        deep = [deep]
    mcp = agent(ours.admin, "*")
    issues_of(call(mcp, "create_contacts", {"contacts": [{"firstName": deep}]}))
    issues_of(call(mcp, "filter_entity", {"entity": "contact", "filters": deep}))
    for _ in range(20):
        deep = [deep]
    assert mcp.send("tools/call", {"name": "filter_entity", "arguments": {"x": deep}}).status_code == 400


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_numbers_that_are_none_are_not_json(ours: House, number: str):
    mcp = agent(ours.admin, "*")
    body = mcp.message(
        "tools/call", {"name": "create_deals", "arguments": {"deals": [{"name": "D", "amount": 0.5}]}}
    )
    response = mcp.post(
        json.dumps(body).replace("0.5", number).encode(),
        headers=mcp.routing("tools/call", {"name": "create_deals"}),
    )
    assert response.status_code == 400
    assert json.loads(response.content)["error"]["code"] == -32700


def test_more_than_a_thousand_rows_are_refused_by_the_write_path(ours: House):
    with pytest.raises(ValidationFailed) as caught:
        services.create_records(ours.actor, CONTACT, [{"firstName": "A"}] * 1_001)
    [issue] = caught.value.issues
    assert (issue.code, issue.params["limit"], issue.params["count"]) == ("too_many_rows", 1_000, 1_001)
    for act in (services.delete_records, services.restore_records):
        with pytest.raises(ValidationFailed):
            act(ours.actor, CONTACT, [uuid4() for _ in range(1_001)])


def test_a_missing_scope_is_named(ours: House):
    narrow = agent(ours.admin, "users:read", "tasks:read")
    for tool in TOOLS.tools():
        if not tool.scope.possible:
            continue
        entity = next((name for name in ENTITIES if ENTITIES.get(name).plural in tool.name), "contact")
        arguments = {"entity": entity, "id": "x", "notes": "x"}
        [issue] = issues_of(
            call(narrow, tool.name, arguments if "entity" in tool.schema["properties"] else {})
        )[:1]
        assert issue["code"] in ("missing_scope", "required", "unknown_argument"), tool.name
        assert issue["code"] != "missing_scope" or ":" in issue["message"]


def test_linking_needs_to_read_the_other_end(ours: House):
    mcp = agent(ours.admin, "contacts:read", "contacts:write")
    row = {"firstName": "A", "organizationIds": ours.records["organization"]}
    [issue] = issues_of(call(mcp, "create_contacts", {"contacts": [row]}))
    assert (issue["code"], "organizations:read" in issue["message"]) == ("missing_scope", True)


@pytest.mark.parametrize("why", ["expired", "revoked", "owner gone", "mistyped"])
def test_a_dead_key_opens_nothing(ours: House, why: str):
    key, text = people.key_of(ours.user, "*")
    past = timezone.now() - timedelta(seconds=1)
    if why == "owner gone":
        type(ours.user).objects.filter(pk=ours.user.pk).update(status="inactive")
    elif why == "mistyped":
        text = text[:-1] + ("0" if text[-1] != "0" else "1")
    else:
        ApiKey.objects.filter(pk=key.pk).update(
            **{{"expired": "expires_at", "revoked": "revoked_at"}[why]: past}
        )
    mcp = Mcp(Client(), text)
    for tool in TOOLS.tools():
        response = mcp.send("tools/call", {"name": tool.name, "arguments": {}})
        assert response.status_code == 401
        assert "WWW-Authenticate" in response


def test_over_the_limit_the_answer_says_when_to_come_back(ours: House, settings: Settings):
    settings.API_CALLS_PER_MINUTE, settings.API_WRITES_PER_MINUTE = 1_000, 2
    mcp = agent(ours.admin, "*")
    statuses = [
        mcp.send("tools/call", {"name": "create_contacts", "arguments": {"contacts": [{"firstName": "A"}]}})
        for _ in range(4)
    ]
    assert statuses[-1].status_code == 429
    assert 0 < int(statuses[-1]["Retry-After"]) <= 60
    assert (
        mcp.send("tools/call", {"name": "count_entity", "arguments": {"entity": "deal"}}).status_code == 200
    )


CALLS = 40 if IS_DEEP else 8  # of each tool in one example


@given(seed=st.integers(0, 2**32))
@settings(max_examples=50 if IS_DEEP else 4)
def test_no_arguments_at_all_break_a_tool(ours: House, seed: int):
    random = Random(seed)
    mcp = agent(ours.admin, "*")
    columns = [column.key for column in ours.columns.values()]
    for tool in TOOLS.tools():
        names = [*tool.schema["properties"], *columns]
        for entity in ENTITIES.values():
            names += [*entity.by_name, *entity.writes]
        maker = Maker(
            random, [*ours.ids().values(), "Won", "me"], names, fault=random.choice((0.02, 0.12, 0.5))
        )
        for _ in range(CALLS):
            result = call(mcp, tool.name, maker.arguments(tool.full_schema))
            if result["isError"]:
                issues_of(result)
