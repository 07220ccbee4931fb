from __future__ import annotations

import logging

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest
from django.test import Client, RequestFactory
from pytest_django import Settings

from accounts.models import User
from accounts.views import refusals
from accounts.views.refusals import server_error
from customermates import health
from customermates.kernel.logs import LineFormatter
from customermates.kernel.middleware import client_address, proxy_headers
from tests.people import key_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "path", ["/settings/keys/", "/settings/connect/", "/settings/members/", "/settings/"]
)
def test_names_are_text_on_every_page(signed_in_client: Client, olivia: User, path: str) -> None:
    key_of(olivia, "*", name="<script>alert(1)</script>")
    User.objects.update(first_name='"><img src=x onerror=alert(1)>')
    page = signed_in_client.get(path, follow=True).text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_an_unknown_path_is_a_page_of_ours(client: Client, db: None) -> None:
    page = client.get("/no/such/page")
    assert page.status_code == 404
    assert "There is nothing here" in page.text


def test_a_wrong_host_is_refused(client: Client, db: None) -> None:
    assert client.get("/account/sign-in/", headers={"host": "evil.example"}).status_code == 400


def test_a_failure_names_its_reference_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, olivia: User
) -> None:
    def fail(*_: object) -> None:
        raise DatabaseError("the password is hunter2")

    client = Client(raise_request_exception=False)
    client.force_login(olivia)
    monkeypatch.setattr("accounts.backends.EmailBackend.get_user", fail)
    page = client.get("/", headers={"X-Request-Id": "abc-123"})
    assert page.status_code == 500
    assert "abc-123" in page.text
    assert "hunter2" not in page.text


def test_the_failure_page_needs_neither_session_nor_database() -> None:
    assert server_error(HttpRequest()).status_code == 500


@pytest.mark.parametrize("status", [403, 404, 429, 500])
def test_a_refusal_keeps_theme_and_navigation_of_who_is_signed_in(
    status: int, olivia: User, rf: RequestFactory
) -> None:
    User.objects.filter(pk=olivia.pk).update(theme="dark")
    answers = {
        403: lambda request: refusals.permission_denied(request, PermissionDenied()),
        404: lambda request: refusals.page_not_found(request, Http404()),
        429: lambda request: refusals.too_many_requests(request, 7),
        500: refusals.server_error,
    }
    pages = []
    for user in (User.objects.get(pk=olivia.pk), AnonymousUser()):
        request = rf.get("/no/such/page/")
        request.user = user
        request._messages = []  # type: ignore[attr-defined]  # the middleware's
        answer = answers[status](request)
        assert answer.status_code == status
        pages.append(answer.text)
    framed, bare = pages
    assert 'data-theme="dark"' in framed
    assert 'href="/contacts/"' in framed
    assert 'href="/contacts/"' not in bare
    assert framed.count("<h1>") == bare.count("<h1>") == 1


def test_a_failure_of_the_frame_itself_shows_the_bare_page(
    olivia: User, rf: RequestFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = rf.get("/contacts/")
    request.user = User.objects.get(pk=olivia.pk)

    def away(*_: object) -> None:
        raise DatabaseError

    monkeypatch.setattr("accounts.shell.Shell._shown", away)
    for answer in (refusals.server_error(request), refusals.page_not_found(request, Http404())):
        assert 'class="bare"' in answer.text


def test_every_answer_carries_its_id(client: Client, db: None) -> None:
    assert (
        client.get("/account/sign-in/", headers={"X-Request-Id": "me-42"}).headers["X-Request-Id"] == "me-42"
    )
    forged = client.get("/account/sign-in/", headers={"X-Request-Id": "a\tb" + "x" * 99})
    assert len(forged.headers["X-Request-Id"]) == 32


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("Content-Security-Policy", "frame-ancestors 'none'"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Permissions-Policy", "camera=()"),
        ("X-Frame-Options", "DENY"),
    ],
)
def test_pages_carry_security_headers(client: Client, db: None, name: str, part: str) -> None:
    assert part in client.get("/account/sign-in/").headers[name]


def test_static_files_are_served_without_being_collected(client: Client, db: None) -> None:
    answer = client.get("/static/ui/css/bare.css")
    assert "text/css" in answer.headers["Content-Type"]
    answer.close()


def test_health_is_ok_by_any_host_name(client: Client, db: None) -> None:
    answer = client.get("/health", headers={"host": "10.0.0.7:8000"})
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_health_says_when_the_database_is_behind_or_away(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_: object) -> None:
        raise DatabaseError("password=hunter2")

    monkeypatch.setattr(health, "_migrations_in_code", lambda: frozenset({("crm", "9999_future")}))
    assert client.get("/health").status_code == 503
    monkeypatch.setattr("customermates.health.MigrationRecorder.applied_migrations", away)
    answer = client.get("/health")
    assert (answer.status_code, answer.json()) == (503, {"status": "database unreachable"})


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("198.51.100.9", "", "198.51.100.9"),
        ("198.51.100.9", "203.0.113.1", "198.51.100.9"),  # nobody's proxy: not believed
        ("10.0.0.1", "203.0.113.1", "203.0.113.1"),
        ("10.0.0.1", "6.6.6.6, 203.0.113.1, 10.0.0.2", "203.0.113.1"),  # the client wrote 6.6.6.6
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("::ffff:10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("", "203.0.113.1", ""),
    ],
)
def test_the_clients_address_comes_from_trusted_proxies_only(
    settings: Settings, peer: str, forwarded: str, seen: str
) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": forwarded, "HTTP_X_FORWARDED_PROTO": "https"}
    proxy_headers(lambda request: request)(request)  # type: ignore[arg-type,return-value]
    assert client_address(request) == seen
    assert request.is_secure() is peer.endswith("10.0.0.1")


def test_log_lines_hide_keys_and_reset_links(olivia: User) -> None:
    plaintext = key_of(olivia, "*")[1]
    message = f"boom {plaintext} at /account/password/reset/key/abc-def-123/?x"
    line = LineFormatter().format(logging.LogRecord("x", logging.ERROR, "", 0, message, None, None))
    assert plaintext not in line
    assert "def-123" not in line
    assert "[secret]" in line


def test_planted_secrets_reach_no_log_line(
    client: Client, olivia: User, caplog: pytest.LogCaptureFixture
) -> None:
    plaintext = key_of(olivia, "*")[1]
    with caplog.at_level(logging.DEBUG):
        client.post("/account/sign-in/", {"login": olivia.email, "password": "planted-password"})
        client.get(f"/account/password/reset/key/{olivia.pk.hex}-planted-token/")
        client.get("/no/such", headers={"x-api-key": plaintext})
    text = "\n".join(LineFormatter().format(record) for record in caplog.records)
    for secret in ("planted-password", "planted-token", plaintext):
        assert secret not in text


def test_the_user_model_is_the_accounts_one() -> None:
    assert get_user_model() is User


def test_a_person_is_active_exactly_while_their_status_says_so() -> None:
    assert [User(status=status).is_active for status in User.Status] == [True, False, False]


def test_no_counter_is_forgotten_before_its_minute_ends() -> None:
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        for n in range(2_000):  # Django's default cache forgets beyond 300 entries
            cache.add(f"n{n}", n, timeout=60)
        assert all(cache.get(f"n{n}") == n for n in range(2_000))
