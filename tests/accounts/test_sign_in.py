from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import time_machine
from django.contrib.auth.hashers import check_password
from django.core import mail
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from accounts.models import Event, User
from accounts.services import change_status
from tests.people import PASSWORD, signed_in

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "glass otter hums at noon"


@pytest.fixture
def visitor() -> Client:
    """A browser that must send CSRF tokens, like a real one."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture(autouse=True)
def _one_moment() -> Iterator[None]:
    # Tries are counted per minute of the clock; a test must not run over its edge.
    with time_machine.travel("2026-11-22T10:00:05Z", tick=False):
        yield


def send(visitor: Client, name: str, **fields: str):
    """The answer to the form at `name`, sent with the token its page carries."""
    page = visitor.get(reverse(name))
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)
    return visitor.post(reverse(name), {**fields, "csrfmiddlewaretoken": token[1] if token else ""})


def sign_in(visitor: Client, email: str, password: str = PASSWORD):
    return send(visitor, "account_login", login=email, password=password)


def test_olivia_signs_in_and_sees_her_company(visitor: Client, olivia: User) -> None:
    assert sign_in(visitor, "Olivia@Northwind.Example").headers["Location"] == "/"
    page = visitor.get("/")
    assert "Northwind Trading" in page.text
    assert olivia.email in page.text
    assert "no-store" in page.headers["Cache-Control"]


def test_signing_in_takes_her_where_she_wanted_to_go(visitor: Client, olivia: User) -> None:
    assert visitor.get("/").headers["Location"] == "/account/sign-in/?next=%2F"
    page = visitor.get("/account/sign-in/?next=/settings/password/")
    assert 'value="/settings/password/"' in page.text


def test_nobody_is_taken_to_another_site(visitor: Client, olivia: User) -> None:
    answer = send(
        visitor, "account_login", login=olivia.email, password=PASSWORD, next="https://evil.example/"
    )
    assert answer.headers["Location"] == "/"


def test_a_form_without_its_token_is_refused(visitor: Client, olivia: User) -> None:
    answer = visitor.post(reverse("account_login"), {"login": olivia.email, "password": PASSWORD})
    assert answer.status_code == 403
    assert "open for too long" in answer.text


def test_a_wrong_password_and_an_unknown_address_look_alike(visitor: Client, olivia: User) -> None:
    def told(email: str) -> str:
        page = sign_in(visitor, email, "wrong")
        assert page.status_code == 200
        return re.sub(r'value="[^"]*"', "", page.text)

    assert told(olivia.email) == told("nobody@northwind.example")


def test_signing_out_ends_the_session(visitor: Client, olivia: User) -> None:
    sign_in(visitor, olivia.email)
    assert send(visitor, "account_logout").headers["Location"] == "/account/sign-in/"
    assert visitor.get("/").status_code == 302


def test_a_link_cannot_sign_anybody_out(visitor: Client, olivia: User) -> None:
    sign_in(visitor, olivia.email)
    visitor.get(reverse("account_logout"))
    assert visitor.get("/").status_code == 200


def test_a_deactivated_person_is_out_at_the_next_request(visitor: Client, olivia: User, max_: User) -> None:
    sign_in(visitor, max_.email)
    change_status(signed_in(olivia), max_.pk, status="inactive")
    assert visitor.get("/").headers["Location"].startswith("/account/sign-in/")
    assert sign_in(visitor, max_.email).headers["Location"] == "/account/inactive/"
    assert "not active" in visitor.get("/account/inactive/").text


def test_the_sixth_wrong_password_is_told_to_wait(visitor: Client, olivia: User) -> None:
    assert [sign_in(visitor, olivia.email, "wrong").status_code for _ in range(5)] == [200] * 5
    answer = sign_in(visitor, olivia.email)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "295"
    assert "Wait 295 seconds" in answer.text
    with time_machine.travel("2026-11-22T10:05:01Z", tick=False):
        assert sign_in(visitor, olivia.email).status_code == 302


def test_an_unknown_address_is_told_to_wait_just_the_same(visitor: Client, olivia: User) -> None:
    answers = [sign_in(visitor, "nobody@northwind.example", "wrong").status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_success_does_not_use_up_tries(visitor: Client, olivia: User) -> None:
    for _ in range(8):
        assert sign_in(visitor, olivia.email).status_code == 302
        send(visitor, "account_logout")


def test_one_address_tries_thirty_times_a_minute(visitor: Client, olivia: User) -> None:
    answers = [sign_in(visitor, f"guess{n}@northwind.example", "wrong").status_code for n in range(31)]
    assert answers == [200] * 30 + [429]


def test_sign_up_is_closed(visitor: Client, db: None) -> None:
    page = visitor.get("/account/sign-up/")
    assert "Sign-up is closed" in page.text
    assert "<form" not in page.text


def mailed_link() -> str:
    link = re.search(r"http://localhost:8000(/\S+)", str(mail.outbox[-1].body))
    assert link
    return link[1]


def test_a_forgotten_password_is_replaced_through_the_mailed_link(visitor: Client, olivia: User) -> None:
    assert send(visitor, "account_reset_password", email=olivia.email).status_code == 302
    assert mail.outbox[0].to == [olivia.email]
    form = visitor.get(mailed_link(), follow=True)
    assert "set-password" in form.request["PATH_INFO"]  # the token is out of the address bar
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
    assert token
    fields = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD, "csrfmiddlewaretoken": token[1]}
    done = visitor.post(form.request["PATH_INFO"], fields, follow=True)
    assert "is saved" in done.text
    olivia.refresh_from_db()
    assert check_password(NEW_PASSWORD, olivia.password)
    assert Event.objects.get(name="user.passwordChanged").changes == {}
    assert "was changed" in mail.outbox[-1].subject
    assert sign_in(visitor, olivia.email, NEW_PASSWORD).status_code == 302


def test_a_link_works_once(visitor: Client, olivia: User) -> None:
    send(visitor, "account_reset_password", email=olivia.email)
    link = mailed_link()
    olivia.set_password(NEW_PASSWORD)
    olivia.save()
    assert "no longer works" in visitor.get(link, follow=True).text


def test_a_link_works_for_a_day(visitor: Client, olivia: User) -> None:
    send(visitor, "account_reset_password", email=olivia.email)
    with time_machine.travel("2026-11-23T10:00:07Z", tick=False):
        assert "no longer works" in visitor.get(mailed_link(), follow=True).text


@pytest.mark.parametrize("uid", ["nonsense", "0" * 32, "01a20482282d7104" * 2])
def test_a_made_up_link_is_told_so(visitor: Client, olivia: User, uid: str) -> None:
    page = visitor.get(f"/account/password/reset/key/{uid}-abc-def/", follow=True)
    assert page.status_code == 200
    assert "no longer works" in page.text


def test_asking_for_a_reset_tells_nobody_who_has_an_account(visitor: Client, olivia: User) -> None:
    known = send(visitor, "account_reset_password", email=olivia.email)
    unknown = send(visitor, "account_reset_password", email="nobody@northwind.example")
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )
    assert "Nobody can sign in here" in str(mail.outbox[-1].body)
    assert "http" not in str(mail.outbox[-1].body).replace("http://localhost:8000", "")


def test_the_link_leads_to_base_url_whatever_host_asked(
    visitor: Client, olivia: User, settings: Settings
) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    visitor.defaults["HTTP_HOST"] = "evil.example"
    send(visitor, "account_reset_password", email=olivia.email)
    assert "evil" not in str(mail.outbox[0].body)
    assert urlsplit(mailed_link()).path.startswith("/account/password/reset/key/")


def test_resets_are_limited_per_address_asked_for(visitor: Client, olivia: User) -> None:
    answers = [send(visitor, "account_reset_password", email=olivia.email).status_code for _ in range(6)]
    assert answers == [302] * 5 + [429]
    assert len(mail.outbox) == 5


def test_a_new_password_ends_the_other_sessions(visitor: Client, olivia: User) -> None:
    other = Client()
    other.force_login(olivia)
    sign_in(visitor, olivia.email)
    fields = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert send(visitor, "account_change_password", **fields).status_code == 302
    assert visitor.get("/").status_code == 200
    assert other.get("/").status_code == 302


def test_a_stolen_session_cannot_guess_the_old_password(visitor: Client, olivia: User) -> None:
    sign_in(visitor, olivia.email)
    fields = {"oldpassword": "guess", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    answers = [send(visitor, "account_change_password", **fields).status_code for _ in range(6)]
    assert answers == [200] * 5 + [429]


def test_a_weak_password_is_refused_with_the_reason(visitor: Client, olivia: User) -> None:
    sign_in(visitor, olivia.email)
    fields = {"oldpassword": PASSWORD, "password1": "password", "password2": "password"}
    assert "too common" in send(visitor, "account_change_password", **fields).text


def test_pages_speak_german_to_a_german_browser(visitor: Client, olivia: User) -> None:
    page = visitor.get("/account/sign-in/", headers={"Accept-Language": "de"})
    assert '<html lang="de">' in page.text
    assert "Anmelden" in page.text


def test_pages_and_mail_speak_the_persons_own_language(visitor: Client, olivia: User) -> None:
    User.objects.update(language="de")
    sign_in(visitor, olivia.email)
    assert "Abmelden" in visitor.get("/").text
    send(Client(enforce_csrf_checks=True), "account_reset_password", email=olivia.email)
    assert mail.outbox[0].subject == "Neues Passwort wählen"


def test_no_page_needs_inline_code(visitor: Client, olivia: User) -> None:
    for name in ("account_login", "account_reset_password", "account_signup", "account_inactive"):
        page = visitor.get(reverse(name))
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert "unsafe" not in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=", page.text)


def test_every_field_has_a_label(visitor: Client, olivia: User) -> None:
    sign_in(visitor, olivia.email)
    text = visitor.get(reverse("account_change_password")).text
    for identifier in re.findall(r'<input type="password"[^>]* id="(\w+)"', text):
        assert f'<label for="{identifier}">' in text


def test_signing_in_costs_few_queries(
    visitor: Client, olivia: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(14):
        sign_in(visitor, olivia.email)


def test_a_page_of_the_settings_costs_two_queries(
    signed_in_client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(2):  # session; person with role and company
        signed_in_client.get("/settings/profile/", headers={"HX-Request": "true"})
