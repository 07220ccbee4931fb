from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts.api_keys import revoke_key, rotate_key
from accounts.models import ApiKey, Event, IdempotentRequest, Role, User
from accounts.permissions import PRESETS
from tests.crm.pages import token, triggers
from tests.people import key_of, signed_in

pytestmark = pytest.mark.django_db
LIST = "/settings/keys/"
NEW = "/settings/keys/new/"
FORM = {"name": "Claude", "preset": "agent", "expiry": "90"}


def browser(user: User, *, checks: bool = False) -> Client:
    client = Client(enforce_csrf_checks=checks)
    client.force_login(user)
    return client


def plaintext_in(text: str) -> str:
    found = re.search(r'<pre id="made-key"[^>]*>(cm\w{62})</pre>', text)
    assert found
    return found[1]


def calls(plaintext: str) -> int:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"Authorization": f"Bearer {plaintext}", "Accept": "application/json, text/event-stream"}
    return Client().post("/api/v1/mcp", body, content_type="application/json", headers=headers).status_code


def test_a_new_key_is_shown_once_with_ready_lines_and_opens_the_door(signed_in_client: Client) -> None:
    page = signed_in_client.post(NEW, FORM)
    plaintext = plaintext_in(page.text)
    assert "no-store" in page.headers["Cache-Control"]
    for line in ("claude mcp add", "mcporter", "curl -s http://localhost:8000/api/v1/mcp", "frstName"):
        assert line in page.text
    assert calls(plaintext) == 200
    assert plaintext not in signed_in_client.get(LIST).text
    key = ApiKey.objects.get()
    assert key.scopes == PRESETS["agent"]()
    assert timedelta(days=89) < key.expires_at - timezone.now() <= timedelta(days=90)


def test_the_plaintext_stays_nowhere(signed_in_client: Client) -> None:
    plaintext = plaintext_in(signed_in_client.post(NEW, FORM).text)
    kept = [str(row) for model in (ApiKey, Event) for row in model.objects.values()]
    kept += [str(session.get_decoded()) for session in Session.objects.all()]
    assert not [row for row in kept if plaintext in row]


@pytest.mark.parametrize("address", [NEW, "/settings/connect/new-key/"])
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}])
def test_a_form_sent_twice_makes_one_key_and_says_where_it_is(
    signed_in_client: Client, address: str, headers: dict[str, str]
) -> None:
    form = {**FORM, "_once": token(signed_in_client.get(address).text)}
    plaintext = re.search(r"cm\w{62}", signed_in_client.post(address, form, headers=headers).text)
    assert plaintext
    again = signed_in_client.post(address, form, headers=headers, follow=True)
    assert ApiKey.objects.get().name == "Claude"
    said = again.text + str(triggers(again))
    assert "made the key" in said
    assert "rotate it" in said
    assert plaintext[0] not in again.text
    kept = IdempotentRequest.objects.get()
    assert plaintext[0] not in kept.answer
    changed = signed_in_client.post(address, {**form, "name": "Other"}, headers=headers)
    assert "sent before with other values" in changed.text
    assert ApiKey.objects.count() == 1


def test_htmx_gets_the_same_without_the_frame(signed_in_client: Client) -> None:
    part = signed_in_client.post(NEW, FORM, headers={"HX-Request": "true"})
    assert plaintext_in(part.text)
    assert "<html" not in part.text
    form = signed_in_client.get(NEW, headers={"HX-Request": "true"})
    assert "<html" not in form.text
    assert "<html" in signed_in_client.get(NEW).text


def test_single_scopes_and_a_day(signed_in_client: Client, olivia: User) -> None:
    sent = {"name": "Deals", "preset": "custom", "scopes": ["deals:read", "deals:write"]}
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        signed_in_client.force_login(olivia)
        signed_in_client.post(NEW, sent | {"expiry": "date", "expires_on": "2026-12-24"})
    key = ApiKey.objects.get()
    assert key.scopes == ["deals:read", "deals:write"]
    assert key.expires_at.isoformat() == "2026-12-24T23:59:59+00:00"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"name": " "}, "required"),
        ({"name": "x" * 256}, "at most 255"),
        ({"preset": "custom"}, "Choose at least one."),
        ({"preset": "custom", "scopes": ["moon:read"]}, "moon:read is not one of"),
        ({"preset": "root"}, "not one of"),
        ({"expiry": "date"}, "Choose a day."),
        ({"expiry": "date", "expires_on": "2020-01-01"}, "in the future"),
        ({"expiry": "9999"}, "not one of"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(
    signed_in_client: Client, change: dict[str, object], told: str
) -> None:
    page = signed_in_client.post(NEW, {**FORM, **change})
    assert page.status_code == 422
    assert told in page.text
    assert not ApiKey.objects.exists()


def test_nobody_offers_or_gets_more_than_their_role(rita: User) -> None:
    client = browser(rita)
    assert "contacts:write" not in client.get(NEW).text
    answer = client.post(NEW, {**FORM, "preset": "custom", "scopes": ["contacts:write"]})
    assert answer.status_code == 422
    client.post(NEW, FORM)
    assert {scope.partition(":")[2] for scope in ApiKey.objects.get().scopes} == {"read"}


def test_people_see_their_own_keys_and_administrators_all(olivia: User, max_: User) -> None:
    key_of(olivia, "*", name="Olivias laptop")
    key_of(max_, "deals:read", name="Maxens script")
    assert "Olivias laptop" not in browser(max_).get(LIST).text
    page = browser(olivia).get(LIST).text
    assert "Maxens script" in page
    assert "Max Member" in page


def test_without_the_api_in_their_role_there_is_nothing(max_: User) -> None:
    key, _ = key_of(max_, "deals:read")
    role = Role.objects.create(company=max_.company, name="No keys", permissions={"deals": {"read": "all"}})
    User.objects.filter(pk=max_.pk).update(role=role)
    client = browser(max_)
    for path in (LIST, NEW, "/settings/connect/", "/settings/connect/state/", "/settings/connect/new-key/"):
        assert client.get(path).status_code == 403, path
    for act in ("rename", "rotate", "revoke"):
        assert (
            client.post(
                f"{LIST}{key.pk}/{act}/", {"name": "x", "overlap": "0", "typed": key.name}
            ).status_code
            == 403
        )
    assert client.post(NEW, FORM).status_code == 403
    assert LIST not in client.get("/settings/profile/").text


def test_a_key_is_renamed_in_its_row(signed_in_client: Client, olivia: User) -> None:
    key, _ = key_of(olivia, "*")
    assert f'action="{LIST}{key.pk}/rename/"' in signed_in_client.get(f"{LIST}?rename={key.pk}").text
    page = signed_in_client.post(f"{LIST}{key.pk}/rename/", {"name": "Desk"}, follow=True)
    assert "Desk" in page.text
    empty = signed_in_client.post(f"{LIST}{key.pk}/rename/", {"name": ""})
    assert (empty.status_code, "rename-error" in empty.text) == (422, True)
    assert Event.objects.get(name="apiKey.renamed").changes["name"]["current"] == "Desk"


def test_rotating_shows_a_successor_and_how_long_the_old_key_lives(
    signed_in_client: Client, olivia: User
) -> None:
    key, old = key_of(olivia, "*")
    page = signed_in_client.post(f"{LIST}{key.pk}/rotate/", {"overlap": "24h"})
    new = plaintext_in(page.text)
    assert "Replaced" in page.text
    assert "works until" in page.text
    assert (calls(old), calls(new)) == (200, 200)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert (calls(old), calls(new)) == (401, 200)
    assert signed_in_client.post(f"{LIST}{key.pk}/rotate/", {"overlap": "0"}).status_code == 409


def test_rotating_at_once_ends_the_old_key(signed_in_client: Client, olivia: User) -> None:
    key, old = key_of(olivia, "*")
    assert signed_in_client.post(f"{LIST}{key.pk}/rotate/", {"overlap": "5y"}).status_code == 422
    signed_in_client.post(f"{LIST}{key.pk}/rotate/", {"overlap": "0"})
    assert calls(old) == 401


def test_revoking_wants_the_name_typed(signed_in_client: Client, olivia: User) -> None:
    key, plaintext = key_of(olivia, "*", name="Old laptop")
    path = f"{LIST}{key.pk}/revoke/"
    assert signed_in_client.post(path, {"typed": "laptop"}).status_code == 422
    assert calls(plaintext) == 200
    page = signed_in_client.post(path, {"typed": " old Laptop "}, follow=True)
    assert "“Old laptop” is revoked." in page.text
    assert calls(plaintext) == 401


def test_administrators_revoke_everybodys_but_rotate_only_their_own(olivia: User, max_: User) -> None:
    key, _ = key_of(max_, "deals:read", name="Script")
    client = browser(olivia)
    assert client.post(f"{LIST}{key.pk}/rotate/", {"overlap": "0"}).status_code == 404
    assert client.post(f"{LIST}{key.pk}/rename/", {"name": "Mine"}).status_code == 404
    assert client.post(f"{LIST}{key.pk}/revoke/", {"typed": "Script"}).status_code == 302
    assert Event.objects.get(name="apiKey.revoked").user_id == olivia.pk


def test_members_find_nobody_elses_key(olivia: User, max_: User) -> None:
    key, _ = key_of(olivia, "*", name="Laptop")
    for act in ("rotate", "revoke"):
        assert browser(max_).get(f"{LIST}{key.pk}/{act}/").status_code == 404
        assert (
            browser(max_).post(f"{LIST}{key.pk}/{act}/", {"typed": "Laptop", "overlap": "0"}).status_code
            == 404
        )


def test_each_state_has_its_word(olivia: User, max_: User) -> None:
    now = timezone.now()
    names = ("Active", "Expiring", "Expired", "Revoked", "Replaced", "Owner inactive")
    keys = {
        name: key_of(max_ if name == "Owner inactive" else olivia, "deals:read", name=f"K {name}")[0]
        for name in names
    }
    ApiKey.objects.filter(pk=keys["Expiring"].pk).update(expires_at=now + timedelta(days=3))
    ApiKey.objects.filter(pk=keys["Expired"].pk).update(expires_at=now - timedelta(days=3))
    revoke_key(signed_in(olivia), keys["Revoked"].pk)
    rotate_key(signed_in(olivia), keys["Replaced"].pk)
    User.objects.filter(pk=max_.pk).update(status="inactive")
    page = browser(olivia).get(LIST).text
    for name, key in keys.items():
        row = page[page.index(f'id="key-{key.pk}"') :].partition("</tr>")[0]
        assert f">{name}</span>" in row, name
        assert ("/revoke/" in row) == (name not in {"Expired", "Revoked"}), name


def test_the_last_use_is_shown_with_client_and_address(signed_in_client: Client, olivia: User) -> None:
    _, plaintext = key_of(olivia, "*")
    Client().get("/api/v1/mcp")
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    headers = {"Authorization": f"Bearer {plaintext}", "User-Agent": "claude-code/2.0 (cli)"}
    Client().post("/api/v1/mcp", body, content_type="application/json", headers=headers)
    assert "Claude Code · 127.0.0.1" in signed_in_client.get(LIST).text


def test_a_stolen_session_makes_no_heap_of_keys(signed_in_client: Client) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        answers = [signed_in_client.post(NEW, FORM).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_a_form_without_its_token_makes_no_key(olivia: User) -> None:
    assert browser(olivia, checks=True).post(NEW, FORM).status_code == 403
    assert not ApiKey.objects.exists()


def test_the_list_costs_one_query_more_whatever_its_length(
    signed_in_client: Client, olivia: User, django_assert_num_queries
) -> None:
    for n in range(5):
        key_of(olivia, "*", name=f"Key {n}")
    with django_assert_num_queries(3):  # session; person; keys with owners and successors
        signed_in_client.get(LIST, headers={"HX-Request": "true"})
