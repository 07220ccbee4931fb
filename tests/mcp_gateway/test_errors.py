"""Wrong calls teach: everything at once, with paths, allowed values and nearest names."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from accounts.actor import system_actor
from accounts.models import IdempotentRequest
from accounts.roles import create_role
from mcp_gateway.answers import DEFAULT_BUDGET
from tests import people
from tests.mcp_gateway import tokens
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db

ADA = {"firstName": "Ada"}


def _lines(result: dict[str, Any]) -> list[str]:
    assert result["isError"] is True
    text = result["content"][0]["text"]
    assert text.startswith("Validation error:")
    return [line for line in text.splitlines() if line.startswith("- ")]


def _issues(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {issue["path"]: issue for issue in result["structuredContent"]["error"]["issues"]}


def test_all_faults_of_all_rows_are_told_at_once_with_the_way_out(any_mcp: Mcp):
    result = any_mcp.call(
        "test_rows",
        {
            "entity": "users",
            "rows": [ADA, {"firstName": 1, "lastnam": "x"}, {"firstName": "x" * 11}, {}],
            "dryrun": True,
            "filters": [{"field": "a", "operator": "equal"}, {"any": []}, 7],
        },
    )
    assert set(_lines(result)) == {
        "- entity: This is not one of the allowed values. Allowed: user, company. Did you mean user?",
        '- rows[1].firstName: This must be text. Example: "Ada"',
        "- rows[1].lastnam: There is no argument of this name. "
        "Allowed: firstName, lastName, tags. Did you mean lastName?",
        '- rows[2].firstName: This text is too long, the limit is 10 characters. Example: "Ada"',
        '- rows[3].firstName: This is required. Example: "Ada"',
        "- filters[0].operator: This is not one of the allowed values. "
        "Allowed: equals, contains. Did you mean equals?",
        "- filters[1].any: This has 0 items, at least 1 are needed.",
        "- filters[2]: This must be an object.",
        "- dryrun: There is no argument of this name. Allowed: entity, rows, filters, dryRun, fail, "
        "idempotencyKey, reason. Did you mean dryRun?",
    }
    issues = _issues(result)
    assert issues["rows[1].lastnam"]["row"] == 1
    assert issues["rows[1].lastnam"]["nearest"] == "lastName"
    assert issues["entity"]["allowed"] == ["user", "company"]
    assert issues["rows[3].firstName"]["code"] == "required"


def test_the_issues_say_alone_what_the_text_says(mcp: Mcp):
    result = mcp.call("test_rows", {})
    told = [f"- {i['path']}: {i['message']}" for i in result["structuredContent"]["error"]["issues"]]
    assert told == _lines(result)
    assert "Validation error:" in result["structuredContent"]["error"]["message"]


def test_too_many_rows_says_how_many_are_allowed(mcp: Mcp):
    lines = _lines(mcp.call("test_rows", {"entity": "company", "rows": [ADA] * 101}))
    assert lines == ["- rows: This has 101 items, at most 100 are allowed."]


def test_null_for_an_optional_argument_says_to_leave_it_out(mcp: Mcp):
    lines = _lines(mcp.call("test_rows", {"entity": "company", "rows": [ADA], "reason": None}))
    assert lines == ["- reason: This must be text. Leave the argument out instead of sending null."]


@pytest.mark.parametrize(
    ("fail", "code", "path"),
    [
        ("not_found", "not_found", "rows[3].organizationIds[2]"),
        ("conflict", "conflict", "rows[1].expectedVersion"),
    ],
)
def test_errors_of_services_are_told_from_the_top_of_the_call(mcp: Mcp, fail: str, code: str, path: str):
    result = mcp.call("test_rows", {"entity": "company", "rows": [ADA] * 4, "fail": fail})
    assert list(_issues(result)) == [path]
    assert result["structuredContent"]["error"]["code"] == code


@pytest.mark.parametrize(
    "arguments",
    [
        {"entity": "company", "rows": json.dumps([ADA])},
        {"entity": "company", "rows": [json.dumps(ADA)]},
        {"entity": "company", "rows": [{**ADA, "tags": '["a","b"]'}]},
        {"entity": "company", "rows": [ADA], "filters": '[{"field":"a","operator":"equals"}]'},
        json.dumps({"entity": "company", "rows": [ADA]}),
    ],
)
def test_json_sent_as_text_is_understood(any_mcp: Mcp, arguments: Any):
    assert any_mcp.call("test_rows", arguments)["structuredContent"]["written"] == 1


def test_text_that_is_no_json_is_told_so(mcp: Mcp):
    lines = _lines(mcp.call("test_rows", {"entity": "company", "rows": "[{firstName: Ada}]"}))
    assert lines == [
        "- rows: This must be a list. "
        "The text that was sent is not valid JSON of this kind; send the JSON value itself."
    ]


DEEP = "[" * 1_020 + "]" * 1_020
TWICE = '{"entity":"company","entity":"user","rows":[{"firstName":"Ada"}]}'


@pytest.mark.parametrize("text", [DEEP, TWICE, '{"a":"\ud800"}', "[" * 40 + "]" * 40])
def test_json_in_a_text_is_read_as_strictly_as_the_body(mcp: Mcp, text: str):
    error = mcp.error("tools/call", {"name": "test_rows", "arguments": text})
    assert error["code"] == -32602
    for name in ("rows", "filters"):
        sent: dict[str, Any] = {"entity": "company", "rows": [ADA], name: text}
        assert set(_issues(mcp.call("test_rows", sent))) == {name}


def test_plain_text_that_looks_like_json_stays_text(mcp: Mcp):
    assert not mcp.call("test_rows", {"entity": "company", "rows": [{"firstName": "[1]"}]})["isError"]


def test_an_unexpected_exception_leaks_nothing_and_is_logged(any_mcp: Mcp, caplog: pytest.LogCaptureFixture):
    any_mcp.headers = {"X-Request-Id": "ref-77"}
    with caplog.at_level(logging.ERROR, "mcp_gateway"):
        result = any_mcp.call("test_crash")
    assert result["isError"] is True
    assert result["content"][0]["text"] == "Error: internal error, reference ref-77"
    assert "4711" not in json.dumps(result)
    assert "the secret is 4711" in caplog.text


def test_hundreds_of_faults_end_with_their_number(mcp: Mcp):
    result = mcp.call("test_rows", {"entity": "company", "rows": [{"a": 1, "b": 2}] * 100})
    lines = _lines(result)
    assert len(lines) == 101
    assert lines[-1] == "- and 200 more issues"
    assert result["structuredContent"]["error"]["issuesLeftOut"] == 200


def test_allowed_values_are_told_once_and_only_so_many(mcp: Mcp):
    rows = [{"name": f"Offer {n}", "amount": 1, "currency": "EUX"} for n in range(100)]
    result = mcp.call("create_services", {"services": rows})
    told = result["structuredContent"]["error"]["issues"]
    assert [issue["path"] for issue in told] == [f"services[{n}].currency" for n in range(100)]
    assert ["allowed" in issue for issue in told] == [True] + [False] * 99
    assert len(told[0]["allowed"]) == 40
    assert told[0]["allowedLeftOut"] > 0
    assert [line.count("Allowed:") for line in _lines(result)] == [1] + [0] * 99
    assert {issue["nearest"] for issue in told} == {told[0]["nearest"]}
    assert _cost(result) <= DEFAULT_BUDGET


def test_a_failure_keeps_to_the_budget_and_counts_the_rest(mcp: Mcp):
    name = "0123456789-" * 7
    result = mcp.call("test_rows", {"entity": "company", "rows": [{f"{name}{n}": 1} for n in range(100)]})
    error = result["structuredContent"]["error"]
    assert 0 < len(error["issues"]) < 100
    assert error["issuesLeftOut"] == 200 - len(error["issues"])
    assert _lines(result)[-1] == f"- and {error['issuesLeftOut']} more issues"
    assert _cost(result) <= DEFAULT_BUDGET


def _cost(result: dict[str, Any]) -> int:
    return tokens.count(json.dumps(result["structuredContent"], ensure_ascii=False, separators=(",", ":")))


def test_the_reason_reaches_the_actor(mcp: Mcp):
    sent = {"entity": "company", "rows": [ADA], "reason": "spring cleaning"}
    assert mcp.call("test_rows", sent)["structuredContent"]["reason"] == "spring cleaning"


def test_the_same_key_happens_once_and_another_body_is_refused(mcp: Mcp):
    sent = {"entity": "company", "rows": [ADA], "idempotencyKey": "k1"}
    first, again = mcp.call("test_rows", sent), mcp.call("test_rows", sent)
    assert again["structuredContent"] == {**first["structuredContent"], "replayed": True}
    other = mcp.call("test_rows", {**sent, "rows": [ADA, ADA]})
    assert list(_issues(other)) == ["idempotencyKey"]
    assert IdempotentRequest.objects.count() == 1


@pytest.mark.parametrize("dry_run", [False, True])
def test_an_empty_idempotency_key_is_refused(mcp: Mcp, dry_run: bool):
    sent = {"entity": "company", "rows": [ADA], "idempotencyKey": "", "dryRun": dry_run}
    result = mcp.call("test_rows", sent)
    assert _issues(result)["idempotencyKey"]["code"] == "idempotency_key_invalid"


def test_what_a_key_lacks_names_the_command_that_makes_another(mcp: Mcp, agent_of, olivia):
    result = agent_of(olivia, "contacts:read").call("delete_entity", {"entity": "contact", "ids": ["x"]})
    assert "`customermates key create --email" in result["content"][0]["text"]
    response = Mcp(mcp.client, None).send("tools/list")
    assert "`customermates key create --email" in json.loads(response.content)["message"]


def test_a_dry_run_does_not_use_up_its_key(mcp: Mcp):
    mcp.call("test_rows", {"entity": "company", "rows": [ADA], "idempotencyKey": "k1", "dryRun": True})
    assert IdempotentRequest.objects.count() == 0


@pytest.mark.parametrize("entity", ["contact", "deal", "task"])
def test_the_scope_that_is_named_is_that_of_the_entity(agent_of, olivia, entity: str):
    for scopes in (("deals:read",), ("organizations:delete",)):
        result = agent_of(olivia, *scopes).call("delete_entity", {"entity": entity, "ids": ["x"]})
        [issue] = result["structuredContent"]["error"]["issues"]
        assert issue["message"] == f"This API key lacks the scope {entity}s:delete."
    lost = agent_of(olivia, "users:read").call("delete_entity", {"entity": "deals"})
    assert "contacts:delete or organizations:delete or deals:delete" in lost["content"][0]["text"]


IN_TRASH = "It is in the trash: restore_entity brings it back."


def _uses(pk: str) -> list[tuple[str, dict[str, Any]]]:
    rule = {"field": "organizationIds", "operator": "in", "value": [pk]}
    organization = {"entity": "organization"}
    return [
        ("get_entity_details", {**organization, "id": pk}),
        ("get_entity_details", {**organization, "ids": [pk]}),
        ("update_organizations", {"organizations": [{"id": pk, "name": "Again"}]}),
        ("set_entity_notes", {**organization, "id": pk, "notes": "Again"}),
        ("delete_entity", {**organization, "ids": [pk]}),
        ("create_contacts", {"contacts": [{"firstName": "Ada", "organizationIds": [pk]}]}),
        ("link_entities", {**organization, "sourceId": pk, "relation": "users", "ids": ["me"]}),
        ("count_entity", {"entity": "contact", "filters": [rule]}),
    ]


def test_an_id_in_the_trash_says_how_it_comes_back(mcp: Mcp, agent_of, olivia, max_, stranger_key: str):
    gone = people.key_of(max_, "*")[1]
    row = {"organizations": [{"name": "Engines"}]}
    pk = mcp.call("create_organizations", row)["structuredContent"]["records"][0]["id"]
    mcp.call("delete_entity", {"entity": "organization", "ids": [pk]})
    strangers = Mcp(mcp.client, stranger_key)
    for tool, arguments in _uses(pk):
        for agent, expected in ((mcp, True), (Mcp(mcp.client, gone), True), (strangers, False)):
            text = agent.call(tool, arguments)["content"][0]["text"]
            assert f"There is no organization with the id {pk}." in text, tool
            assert (IN_TRASH in text) is expected, tool


def test_what_one_could_not_see_is_not_told_to_be_in_the_trash(mcp: Mcp, company, max_):
    role = create_role(
        system_actor(company), name="Own", permissions={"organizations": {"read": "own", "manage": True}}
    )
    agent = Mcp(mcp.client, people.key_of(max_, "*")[1])
    type(max_).objects.filter(pk=max_.pk).update(role=role)
    rows = [{"name": "Theirs"}, {"name": "His", "userIds": [str(max_.pk)]}]
    made = mcp.call("create_organizations", {"organizations": rows})["structuredContent"]["records"]
    theirs, his = [record["id"] for record in made]
    mcp.call("delete_entity", {"entity": "organization", "ids": [theirs, his]})
    for pk, expected in ((theirs, False), (his, True)):
        result = agent.call("get_entity_details", {"entity": "organization", "id": pk})
        assert (IN_TRASH in result["content"][0]["text"]) is expected
