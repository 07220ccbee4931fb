from __future__ import annotations

import re

import pytest
import time_machine
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import Event, Role, User
from accounts.services import make_first_link
from customermates.kernel.errors import Conflict, NotAllowed, NotFound
from tests.accounts.test_key_pages import browser, calls
from tests.people import PASSWORD, key_of

pytestmark = pytest.mark.django_db
LIST = "/settings/members/"
NEW = "/settings/members/new/"
FORM = {"email": "Nora@Northwind.example", "first_name": "Nora", "last_name": "New", "role": "member"}
NEW_PASSWORD = "glass otter hums at noon"


def link_in(text: str) -> str:
    found = re.search(r'<pre id="made-link"[^>]*>http://localhost:8000(/\S+)</pre>', text)
    assert found
    return found[1]


def choose_password(link: str) -> Client:
    client = Client()
    form = client.get(link, follow=True)
    client.post(form.request["PATH_INFO"], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    return client


def test_a_new_member_chooses_their_own_password(signed_in_client: Client) -> None:
    page = signed_in_client.post(NEW, FORM)
    assert "no-store" in page.headers["Cache-Control"]
    assert "Invited" in page.text
    link = link_in(page.text)
    assert link not in signed_in_client.get(LIST).text
    client = choose_password(link)
    answer = client.post("/account/sign-in/", {"login": "nora@northwind.example", "password": NEW_PASSWORD})
    assert answer.headers["Location"] == "/"
    assert "no longer works" in Client().get(link, follow=True).text
    nora = User.objects.get(email="nora@northwind.example")
    assert (nora.role.shipped, nora.name) == ("member", "Nora New")


def test_the_page_behind_the_link_welcomes_who_was_invited(signed_in_client: Client, olivia: User) -> None:
    sent = {"email": "eva@northwind.example", "first_name": "Eva", "last_name": "", "role": "member"}
    page = Client().get(link_in(signed_in_client.post(NEW, sent).text), follow=True).text
    assert "Welcome to Northwind Trading" in page
    assert "Hello Eva" in page
    assert "eva@northwind.example" in page
    reset = reverse(
        "account_reset_password_from_key",
        kwargs={"uidb36": user_pk_to_url_str(olivia), "key": default_token_generator.make_token(olivia)},
    )
    assert "Welcome to" not in Client().get(reset, follow=True).text


def test_the_link_works_for_a_day(signed_in_client: Client) -> None:
    with time_machine.travel("2026-11-22T10:00:00Z", tick=False):
        signed_in_client.force_login(User.objects.get())
        link = link_in(signed_in_client.post(NEW, FORM).text)
    with time_machine.travel("2026-11-23T10:00:02Z", tick=False):
        assert "no longer works" in Client().get(link, follow=True).text


def test_another_link_is_made_only_before_the_first_sign_in(signed_in_client: Client, max_: User) -> None:
    signed_in_client.post(NEW, FORM)
    nora = User.objects.get(email="nora@northwind.example")
    link = link_in(signed_in_client.post(f"{LIST}{nora.pk}/link/").text)
    assert Event.objects.filter(name="user.linkMade", entity_id=nora.pk).count() == 2
    choose_password(link)
    refused = signed_in_client.post(f"{LIST}{nora.pk}/link/")
    assert refused.status_code == 409
    assert "nobody else can set their password" in refused.text
    assert signed_in_client.post(f"{LIST}{max_.pk}/link/").status_code == 409


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"email": "olivia@northwind.example"}, "exists already"),
        ({"email": "sven@southwind.example"}, "exists already"),
        ({"email": "nonsense"}, "valid email"),
        ({"role": "king"}, "not one of"),
        ({"first_name": "x" * 256}, "at most 255"),
    ],
)
def test_what_is_wrong_is_told_in_the_form(
    signed_in_client: Client, sven: User, change: dict[str, str], told: str
) -> None:
    page = signed_in_client.post(NEW, FORM | change)
    assert page.status_code == 422
    assert told in page.text
    assert User.objects.filter(company__name="Northwind Trading").count() == 1


def test_members_look_but_do_not_change(max_: User, rita: User) -> None:
    client = browser(max_)
    page = client.get(LIST).text
    assert "rita@northwind.example" in page
    assert NEW not in page
    assert 'popovertarget="menu-' not in page
    assert client.get(NEW).status_code == 403
    for act, sent in (("role", {"role": "admin"}), ("deactivate", {}), ("activate", {}), ("link", {})):
        assert client.post(f"{LIST}{rita.pk}/{act}/", sent).status_code == 403, act
    assert client.post(NEW, FORM).status_code == 403


def test_who_may_not_read_users_sees_nobody(max_: User) -> None:
    role = Role.objects.create(company=max_.company, name="Blind", permissions={"deals": {"read": "all"}})
    User.objects.filter(pk=max_.pk).update(role=role)
    assert browser(max_).get(LIST).status_code == 403


def test_a_role_is_changed(signed_in_client: Client, max_: User) -> None:
    page = signed_in_client.post(f"{LIST}{max_.pk}/role/", {"role": "read-only"}, follow=True)
    assert "Max Member has another role." in page.text
    assert User.objects.get(pk=max_.pk).role.shipped == "read-only"


def test_deactivating_stops_a_person_and_their_keys(signed_in_client: Client, max_: User) -> None:
    _, plaintext = key_of(max_, "deals:read")
    theirs = browser(max_)
    path = f"{LIST}{max_.pk}/deactivate/"
    assert "1 API key of theirs stops" in signed_in_client.get(path).text
    assert "can no longer sign in" in signed_in_client.post(path, follow=True).text
    assert theirs.get("/settings/profile/").status_code == 302
    assert calls(plaintext) == 401
    signed_in_client.post(f"{LIST}{max_.pk}/activate/")
    assert calls(plaintext) == 200
    assert Client().post("/account/sign-in/", {"login": max_.email, "password": PASSWORD}).status_code == 302


def test_the_last_administrator_stays(signed_in_client: Client, olivia: User) -> None:
    page = signed_in_client.post(f"{LIST}{olivia.pk}/role/", {"role": "member"})
    assert page.status_code == 422
    assert "last active administrator" in page.text
    assert signed_in_client.post(f"{LIST}{olivia.pk}/deactivate/").status_code == 409
    assert f"{LIST}{olivia.pk}/deactivate/" not in signed_in_client.get(LIST).text


def test_a_stranger_is_not_found(signed_in_client: Client, sven: User) -> None:
    for act, sent in (("role", {"role": "member"}), ("deactivate", {}), ("activate", {}), ("link", {})):
        assert signed_in_client.post(f"{LIST}{sven.pk}/{act}/", sent).status_code == 404, act


def test_nobody_offers_or_links_into_more_than_they_may(max_: User, olivia: User) -> None:
    permissions = {"users": {"read": "all", "manage": True}}
    role = Role.objects.create(company=max_.company, name="Hiring", permissions=permissions)
    User.objects.filter(pk=max_.pk).update(role=role)
    client = browser(max_)
    assert '<option value="admin"' not in client.get(NEW).text
    assert client.post(NEW, FORM | {"role": "admin"}).status_code == 422
    User.objects.filter(pk=olivia.pk).update(password="!unusable", last_login=None)
    assert client.post(f"{LIST}{olivia.pk}/link/").status_code == 403


def test_the_service_makes_no_link_into_a_used_account(
    owner: Actor, member: Actor, max_: User, sven: User
) -> None:
    with pytest.raises(Conflict):
        make_first_link(owner, max_.pk)
    with pytest.raises(NotFound):
        make_first_link(owner, sven.pk)
    with pytest.raises(NotAllowed):
        make_first_link(member, max_.pk)
    User.objects.filter(pk=max_.pk).update(password="!x", last_login=timezone.now())
    with pytest.raises(Conflict):
        make_first_link(owner, max_.pk)


def test_a_form_without_its_token_adds_nobody(olivia: User) -> None:
    assert browser(olivia, checks=True).post(NEW, FORM).status_code == 403
    assert User.objects.count() == 1


def test_the_list_costs_one_query_more(
    signed_in_client: Client, max_: User, rita: User, django_assert_num_queries
) -> None:
    with django_assert_num_queries(3):  # session; person; members with roles
        signed_in_client.get(LIST, headers={"HX-Request": "true"})
