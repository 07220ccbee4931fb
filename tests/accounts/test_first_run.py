from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from accounts import first_run
from accounts.models import Company, Event, User
from crm.models import Contact
from customermates.kernel.errors import Conflict

PATH = "/welcome/"
FORM = {
    "company": "Northwind Trading",
    "currency": "CHF",
    "time_zone": "Europe/Zurich",
    "first_name": "Olivia",
    "last_name": "Owner",
    "email": "olivia@northwind.example",
    "password": "a long pass phrase of Olivia's",
}


@pytest.mark.django_db
def test_an_empty_installation_leads_there_from_everywhere(client: Client) -> None:
    assert client.get("/", follow=True).redirect_chain[-1][0] == PATH


@pytest.mark.django_db
def test_the_first_person_makes_the_company_and_is_signed_in(client: Client) -> None:
    assert client.post(PATH, FORM).headers["Location"] == "/"
    company, user = Company.objects.get(), User.objects.get()
    assert (company.name, company.currency, company.time_zone) == (
        "Northwind Trading",
        "CHF",
        "Europe/Zurich",
    )
    assert (user.email, user.role.shipped, user.name) == ("olivia@northwind.example", "admin", "Olivia Owner")
    assert client.get("/settings/profile/").status_code == 200
    assert Event.objects.get(name="company.created").via == "web"
    assert not Contact.objects.exists()


@pytest.mark.django_db
def test_sample_data_comes_when_ticked(client: Client) -> None:
    client.post(PATH, FORM | {"sample_data": "on"})
    assert Contact.objects.count() > 100


@pytest.mark.django_db
def test_a_german_browser_makes_a_german_administrator(client: Client) -> None:
    client.post(PATH, FORM, headers={"Accept-Language": "de-CH,de;q=0.9"})
    assert User.objects.get().language == "de"


@pytest.mark.django_db
def test_afterwards_the_page_is_gone(client: Client, olivia: User) -> None:
    assert client.get(PATH).headers["Location"] == "/account/sign-in/"
    assert client.post(PATH, FORM | {"company": "Evil", "email": "evil@evil.example"}).status_code == 302
    assert Company.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("company", " ", "required"),
        ("email", "nonsense", "valid email"),
        ("password", "password", "too common"),
        ("time_zone", "Mars", "no such time zone"),
        ("currency", "XXX", "not one of"),
    ],
)
def test_what_is_wrong_is_told_and_nothing_is_made(client: Client, field: str, value: str, told: str) -> None:
    page = client.post(PATH, FORM | {field: value})
    assert page.status_code == 422
    assert told in page.text
    assert f'id="id_{field}_error"' in page.text
    assert FORM["password"] not in page.text
    assert not Company.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "seen",
    [
        {"REMOTE_ADDR": "203.0.113.9"},
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_FOR": ""},
        {"HTTP_FORWARDED": "for=127.0.0.1"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
    ],
)
def test_whoever_may_sit_elsewhere_needs_the_code(seen: dict[str, str]) -> None:
    client = Client()
    client.defaults |= seen
    assert 'name="code"' in client.get(PATH).text
    assert client.post(PATH, FORM).status_code == 422
    assert client.post(PATH, FORM | {"code": "AAAA-AAAA-AAAA-AAAA"}).status_code == 422
    assert not Company.objects.exists()
    typed = first_run.setup_code().lower().replace("-", " ")
    assert client.post(PATH, FORM | {"code": typed}).status_code == 302
    assert Company.objects.exists()


@pytest.mark.django_db
def test_a_public_address_always_needs_the_code(client: Client, settings: Settings) -> None:
    assert 'name="code"' not in client.get(PATH).text
    settings.BASE_URL_IS_LOOPBACK = False
    assert 'name="code"' in client.get(PATH).text


@pytest.mark.django_db
def test_the_code_cannot_be_guessed_in_a_row(client: Client, settings: Settings) -> None:
    settings.BASE_URL_IS_LOOPBACK = False
    answers = [client.post(PATH, FORM | {"code": f"WRONG{n}"}).status_code for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_the_code_follows_from_the_secret_and_has_eighty_bits(settings: Settings) -> None:
    before = first_run.setup_code()
    assert len(before.replace("-", "")) * 5 == 80
    settings.SECRET_KEY = "another"
    assert first_run.setup_code() != before
    assert not first_run.is_setup_code(before)
    assert not first_run.is_setup_code("")


@pytest.mark.django_db
def test_a_form_without_its_token_makes_nothing() -> None:
    assert Client(enforce_csrf_checks=True).post(PATH, FORM).status_code == 403
    assert not Company.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_are_first_one_is() -> None:
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def make(name: str) -> None:
        start.wait()
        try:
            first_run.set_up(
                company=name,
                email=f"{name}@northwind.example",
                password=FORM["password"],
                first_name=name,
                last_name="",
                currency="EUR",
                time_zone="UTC",
                language="en",
                sample_data=False,
            )
            outcomes.append("made")
        except Conflict:
            outcomes.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=make, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["late", "made"]
    assert Company.objects.count() == 1
