from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.clients import client_name
from accounts.models import ApiKey, User
from mcp_gateway.clients import KNOWN, PATH, endpoint_url
from tests.people import key_of

pytestmark = pytest.mark.django_db
PAGE = "/settings/connect/"
STATE = "/settings/connect/state/"


def call(plaintext: str, agent: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"Authorization": f"Bearer {plaintext}", "User-Agent": agent}
    assert Client().post(PATH, body, content_type="application/json", headers=headers).status_code == 200


def test_every_client_is_set_up_with_address_and_key(signed_in_client: Client, olivia: User) -> None:
    key, _ = key_of(olivia, "*")
    page = signed_in_client.get(PAGE).text
    for client in KNOWN:
        assert f'data-client="{client.name}"' in page
    assert "Bearer YOUR_API_KEY" in page
    assert f"{key.prefix}…{key.suffix}" in page


@pytest.mark.parametrize("client", KNOWN, ids=lambda client: client.name)
def test_what_is_to_be_copied_holds_key_and_address(client) -> None:
    texts = [snippet.text for snippet in client.snippets("cmKEY")]
    assert "cmKEY" in texts[0]
    assert endpoint_url() in texts[0]
    if texts[0].startswith("{"):
        json.loads(texts[0])


def test_a_key_made_here_is_in_every_line_this_once(signed_in_client: Client) -> None:
    page = signed_in_client.post(f"{PAGE}new-key/", {"name": "Agent", "preset": "agent", "expiry": "90"}).text
    found = re.search(r'<pre id="made-key"[^>]*>(cm\w{62})</pre>', page)
    assert found
    assert page.count(found[1]) >= len(KNOWN)
    assert "YOUR_API_KEY" not in page
    assert found[1] not in signed_in_client.get(PAGE).text


def test_the_state_tells_the_last_call(signed_in_client: Client, olivia: User) -> None:
    key, plaintext = key_of(olivia, "*", name="Laptop")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert "Waiting for the first call" in signed_in_client.get(STATE, {"key": str(key.pk)}).text
        call(plaintext, "claude-code/2.0.1 (external, cli)")
        clock.shift(timedelta(seconds=12))
        told = signed_in_client.get(STATE, {"key": str(key.pk)}).text
    assert "Claude Code called with “Laptop”" in told
    assert "12 seconds ago · 127.0.0.1" in told


def test_without_a_key_the_first_step_is_to_make_one(signed_in_client: Client) -> None:
    assert "No key yet" in signed_in_client.get(PAGE).text


def test_only_ones_own_working_keys_are_offered(signed_in_client: Client, olivia: User, max_: User) -> None:
    theirs, _ = key_of(max_, "deals:read", name="Maxens")
    expired, _ = key_of(olivia, "*", name="Old")
    ApiKey.objects.filter(pk=expired.pk).update(expires_at=timezone.now())
    page = signed_in_client.get(PAGE, {"key": str(theirs.pk)}).text
    assert "Maxens" not in page
    assert "Old" not in page
    assert "Maxens" not in signed_in_client.get(STATE, {"key": str(theirs.pk)}).text


def test_polling_costs_one_query_more(
    signed_in_client: Client, olivia: User, django_assert_num_queries
) -> None:
    key_of(olivia, "*")
    with django_assert_num_queries(3):  # session; person; keys
        signed_in_client.get(STATE)


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("claude-code/2.0.1 (external, cli)", "Claude Code"),
        ("Cursor/1.2", "Cursor"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28", "python-httpx"),
        ("", "A program"),
    ],
)
def test_clients_are_called_what_people_call_them(agent: str, name: str) -> None:
    assert client_name(agent) == name
