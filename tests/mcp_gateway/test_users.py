"""Users as agents name them: me, an id, an e-mail address, a full name; and who is told who there is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from accounts.actor import Actor, system_actor
from accounts.models import Company, User
from accounts.services import add_user
from tests import people
from tests.crm.columns import column
from tests.mcp_gateway.client import Mcp

pytestmark = pytest.mark.django_db

NARROW = ("contacts:read", "contacts:write")


@pytest.fixture
def maxine(company: Company, max_: User) -> User:
    """A namesake of Max, written as people do."""
    return _colleague(company, "max.m@northwind.example", "MAX", "Mémber")


def _colleague(company: Company, email: str, first: str, last: str) -> User:
    return add_user(
        system_actor(company),
        email=email,
        role="member",
        password=people.PASSWORD,
        first_name=first,
        last_name=last,
    )


def _assign(mcp: Mcp, who: str) -> dict[str, Any]:
    return mcp.call("create_contacts", {"contacts": [{"firstName": "Ada", "userIds": [who]}]})


def _issue(result: dict[str, Any]) -> dict[str, Any]:
    assert result["isError"] is True, result
    [issue] = result["structuredContent"]["error"]["issues"]
    return issue


@pytest.mark.parametrize("name", ["Max Member", "  max   MEMBER "])
def test_a_full_name_that_one_alone_has_is_that_user(mcp: Mcp, owner: Actor, max_: User, name: str):
    column(owner, "Champion", "user")
    row = {"firstName": "Ada", "userIds": [name], "customFields": {"Champion": name}}
    [record] = mcp.call("create_contacts", {"contacts": [row]})["structuredContent"]["records"]
    assert record["changed"]["userIds"]["after"] == [str(max_.pk)]
    assert record["changed"]["custom"]["Champion"]["after"] == max_.email
    for rule in (
        {"field": "userIds", "operator": "in", "value": [name]},
        {"field": "Champion", "operator": "equals", "value": name},
    ):
        counted = mcp.call("count_entity", {"entity": "contact", "filters": [rule]})
        assert counted["structuredContent"]["total"] == 1
    linked = {"entity": "contact", "sourceId": record["id"], "relation": "users", "ids": [name]}
    assert mcp.call("unlink_entities", linked)["isError"] is False


def test_a_name_of_several_lists_their_addresses_to_who_may_list_users(
    mcp: Mcp, agent_of, olivia: User, max_: User, maxine: User
):
    issue = _issue(_assign(mcp, "Max Member"))
    assert issue["code"] == "ambiguous_user"
    assert issue["allowed"] == sorted([max_.email, maxine.email])
    narrow = _issue(_assign(agent_of(olivia, *NARROW), "Max Member"))
    assert "@" not in json.dumps(narrow)


def test_an_unknown_user_is_answered_with_what_is_wanted_and_the_nearest_address(
    mcp: Mcp, agent_of, olivia: User, max_: User
):
    issue = _issue(_assign(mcp, "max@northwint.example"))
    assert (issue["code"], issue["nearest"]) == ("unknown_user", max_.email)
    assert "Send me, or a user's id, e-mail address or full name." in issue["message"]
    assert _issue(_assign(mcp, "Max"))["nearest"] == max_.email
    assert "nearest" not in _issue(_assign(mcp, "zoe@northwind.example"))
    for wrong in ("max@northwint.example", "Max", "Olivia"):
        narrow = _issue(_assign(agent_of(olivia, *NARROW), wrong))
        assert "northwind.example" not in json.dumps(narrow)
        assert "get_current_user lists the users, with the scope users:read" in narrow["message"]


def test_several_near_users_are_all_told(mcp: Mcp, max_: User, maxine: User):
    issue = _issue(_assign(mcp, "Max Membre"))
    assert "nearest" not in issue
    assert max_.email in issue["message"]
    assert maxine.email in issue["message"]


def test_nobody_of_another_company_is_found_or_suggested(mcp: Mcp, sven: User):
    for name in ("Sven Stranger", "Sven", sven.email, str(sven.pk)):
        assert sven.email not in json.dumps(_issue(_assign(mcp, name))["message"]).replace(name, "")


def test_the_current_user_shows_colleagues_with_the_scope_for_them(
    mcp: Mcp, agent_of, olivia: User, max_: User, sven: User
):
    answer = mcp.call("get_current_user")["structuredContent"]
    assert {"name": "Max Member", "email": max_.email} in answer["users"]
    assert answer["usersTotal"] == 2
    assert "users" not in agent_of(olivia, *NARROW).call("get_current_user")["structuredContent"]


def test_of_many_users_the_first_are_shown_with_their_number(mcp: Mcp, company: Company):
    for n in range(55):
        _colleague(company, f"n{n}@northwind.example", f"N{n}", "Newcomer")
    answer = mcp.call("get_current_user")["structuredContent"]
    assert (len(answer["users"]), answer["usersTotal"]) == (50, 56)
