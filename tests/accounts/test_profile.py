from __future__ import annotations

import re

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Event, User
from accounts.profile import change_profile, time_zones
from customermates.kernel.errors import NotAllowed, ValidationFailed
from tests.people import with_key

pytestmark = pytest.mark.django_db
PATH = "/settings/profile/"
FORM = {
    "first_name": "Olivia",
    "last_name": "Owner",
    "language": "en",
    "locale": "",
    "time_zone": "",
    "theme": "system",
    "density": "compact",
    "single_keys": "on",
}


def test_what_is_saved_counts_and_is_on_record(signed_in_client: Client, olivia: User) -> None:
    sent = FORM | {
        "last_name": "Otis",
        "locale": "de-AT",
        "time_zone": "Europe/Vienna",
        "density": "comfortable",
    }
    answer = signed_in_client.post(PATH, sent, follow=True)
    assert "Your profile is saved." in answer.text
    olivia.refresh_from_db()
    assert (olivia.last_name, olivia.locale, olivia.time_zone) == ("Otis", "de-AT", "Europe/Vienna")
    event = Event.objects.filter(name="user.updated").get()
    assert event.changes["lastName"] == {"previous": "Owner", "current": "Otis"}
    assert set(event.changes) == {"lastName", "locale", "timeZone", "density"}
    assert (event.user_id, event.via) == (olivia.pk, "web")


def test_saving_nothing_new_is_no_event(signed_in_client: Client, olivia: User) -> None:
    assert signed_in_client.post(PATH, FORM).status_code == 302
    assert not Event.objects.filter(name="user.updated").exists()


def test_another_language_speaks_at_once(signed_in_client: Client) -> None:
    page = signed_in_client.post(PATH, FORM | {"language": "de"}, follow=True).text
    assert '<html lang="de"' in page
    assert "Ihr Profil ist gespeichert." in page


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("time_zone", "Mars/Olympus", "no such time zone"),
        ("locale", "tlh", "valid choice"),
        ("language", "fr", "valid choice"),
        ("theme", "pink", "valid choice"),
        ("first_name", "x" * 256, "at most 255"),
    ],
)
def test_what_is_wrong_is_told_at_its_field(
    signed_in_client: Client, field: str, value: str, told: str
) -> None:
    page = signed_in_client.post(PATH, FORM | {field: value})
    assert page.status_code == 422
    assert told in page.text
    assert f'id="id_{field}_error"' in page.text
    assert re.search(rf'aria-describedby="[^"]*id_{field}_error', page.text)


def test_without_a_tick_single_keys_are_off(signed_in_client: Client, olivia: User) -> None:
    signed_in_client.post(PATH, {name: value for name, value in FORM.items() if name != "single_keys"})
    assert 'data-keys="off"' in signed_in_client.get(PATH).text


def test_the_theme_button_is_on_record_too(signed_in_client: Client, olivia: User) -> None:
    assert signed_in_client.post("/settings/theme/", {"theme": "dark"}).status_code == 302
    assert Event.objects.get(name="user.updated").changes == {
        "theme": {"previous": "system", "current": "dark"}
    }
    assert signed_in_client.post("/settings/theme/", {"theme": "pink"}).status_code == 422


def test_a_form_without_its_token_changes_nothing(olivia: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(olivia)
    assert client.post(PATH, FORM | {"last_name": "Evil"}).status_code == 403
    assert User.objects.get(pk=olivia.pk).last_name == "Owner"


def test_a_key_changes_nobodys_profile(olivia: User) -> None:
    with pytest.raises(NotAllowed):
        change_profile(with_key(olivia, "*"), {"lastName": "Evil"})


def test_the_service_refuses_what_no_form_offers(owner: Actor) -> None:
    with pytest.raises(ValidationFailed) as refused:
        change_profile(
            owner, {"language": "fr", "locale": "xx", "theme": "pink", "density": "", "timeZone": "?"}
        )
    fields = {issue.field for issue in refused.value.issues}
    assert fields == {"language", "locale", "theme", "density", "timeZone"}


def test_every_offered_zone_is_one(owner: Actor) -> None:
    assert len(time_zones()) > 300
    assert "Europe/Berlin" in time_zones()
    assert change_profile(owner, {"timeZone": time_zones()[0]}).time_zone == "UTC"
