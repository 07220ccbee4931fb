"""Planted keys and passwords never come out again: not in answers, not in events, not in logs."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import ApiKey, Event
from accounts.permissions import TOOLSETS
from customermates.kernel.logs import LineFormatter
from mcp_gateway import calls, catalogue
from mcp_gateway.registry import TOOLS
from tests import people
from tests.doors.test_two_companies import PROBES
from tests.doors.worlds import House, agent
from tests.mcp_gateway.client import PATH, Mcp
from webhooks.models import Endpoint, Secret

catalogue.load()
SIGNING, HEADER = "a signing secret that Olivia typed", "Bearer of Northwind's own"


def _secrets(house: House, key: str) -> set[str]:
    """What must never be seen: keys, what the database knows of them, passwords, what signs and hashes."""
    digests = set(ApiKey.objects.values_list("digest", flat=True))
    passwords = {people.PASSWORD, house.admin.password, house.user.password}
    sealed = {*Secret.objects.values_list("sealed", flat=True)}
    sealed |= {*Endpoint.objects.exclude(headers_sealed="").values_list("headers_sealed", flat=True)}
    ours = {key, settings.SECRET_KEY, *settings.API_KEY_PEPPERS.values(), SIGNING, HEADER}
    return {*ours, *digests, *passwords, *sealed}


def _answers(mcp: Mcp, house: House, key: str) -> Iterator[str]:
    """Everything that the endpoint can be made to say, right and wrong calls alike."""
    for tool, probes in PROBES.items():
        for probe in probes[:4]:
            arguments = probe(house.ids(), {**house.ids(), "cursor": "x"})
            yield mcp.send("tools/call", {"name": tool, "arguments": arguments}).content.decode()
        yield mcp.send("tools/call", {"name": tool, "arguments": {"apiKey": 1}}).content.decode()
    webhook = {"url": "https://hooks.example/in", "events": ["*"], "secret": SIGNING}
    made = mcp.call("create_webhook", {**webhook, "headers": {"Authorization": HEADER}})
    for tool in ("get_webhook", "test_webhook", "delete_webhook"):
        arguments = {"id": made["structuredContent"]["webhook"]["id"]}
        yield mcp.send("tools/call", {"name": tool, "arguments": arguments}).content.decode()
    yield str(made)
    for method in ("tools/list", "prompts/list", "resources/list", "server/discover", "nonsense"):
        yield mcp.send(method).content.decode()
    yield mcp.post(b"{").content.decode()
    for dead in (key[:-1] + ("0" if key[-1] != "0" else "1"), "cm" + "x" * 62, ""):
        yield Mcp(Client(), dead).send("tools/list").content.decode()


def test_what_is_planted_never_comes_out(
    ours: House, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    caplog.set_level(logging.INFO)
    key = people.key_of(ours.admin, "*", toolsets=TOOLSETS.names())[1]
    mcp = Mcp(Client(), key)
    said = list(_answers(mcp, ours, key))
    browser = Client(raise_request_exception=False)
    sign_in = {"login": ours.admin.email, "password": people.PASSWORD}
    said += [
        browser.post("/account/sign-in/", {**sign_in, "password": f"{people.PASSWORD}!"}).content.decode()
    ]
    said += [browser.post("/account/sign-in/", sign_in, follow=True).content.decode()]

    def explode(*_: object) -> None:
        raise RuntimeError(f"{key} {people.PASSWORD}")

    monkeypatch.setattr(calls, "parsed", explode)
    said.append(mcp.send("tools/call", {"name": "get_current_user"}).content.decode())
    assert "internal error" in said[-1]

    told = json.dumps(list(Event.objects.values_list("name", "changes", "reason", "client")), default=str)
    logged = "\n".join(map(LineFormatter().format, caplog.records))
    assert "tool get_current_user failed" in logged
    for secret in _secrets(ours, key):
        assert not [answer for answer in said if secret in answer]
        assert secret not in told
        if (
            secret != people.PASSWORD
        ):  # a traceback shows what was raised; only keys have a form to be known by
            assert secret not in logged


def test_the_prefix_that_people_know_keys_by_tells_nothing(ours: House):
    key, text = people.key_of(ours.admin, "*")
    shown = json.dumps(agent(ours.admin, "*").call("get_current_user"))
    assert text not in shown
    assert key.digest not in shown
    assert text[8:-4] not in shown


@pytest.mark.parametrize("where", ["url", "argument"])
def test_a_key_in_the_wrong_place_opens_nothing_and_is_not_repeated(
    ours: House, where: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    key = people.key_of(ours.admin, "*")[1]
    if where == "url":
        response = Client().post(f"{PATH}?api_key={key}", b"{}", content_type="application/json")
        assert response.status_code == 401
    else:
        arguments = {"entity": "contact", "filters": [{"field": key, "operator": "isNull"}]}
        agent(ours.admin, "*").call("filter_entity", arguments)
    assert key not in "\n".join(map(LineFormatter().format, caplog.records))


def test_every_tool_was_asked():
    assert set(PROBES) == {tool.name for tool in TOOLS.tools()}
