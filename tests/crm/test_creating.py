"""The form of a new record: what stands in it, what it saves, what it says when it cannot."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import Company, Event, User
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, TASK
from crm.field_services import create_column
from crm.models import Contact, Deal, Organization, Stage, Task

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def triggers(response) -> dict:
    return json.loads(response.headers.get("HX-Trigger", "{}"))


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_every_entity_has_a_form_as_a_page_and_in_a_sheet(signed_in_client: Client, entity) -> None:
    page = signed_in_client.get(f"/{entity.plural}/new/").text
    sheet = signed_in_client.get(f"/{entity.plural}/new/", headers=HTMX).text
    assert "<!doctype html>" in page
    assert "<!doctype html>" not in sheet
    for text in (page, sheet):
        assert str(entity.new) in text
        assert 'name="csrfmiddlewaretoken"' in text


def test_a_form_shows_what_the_product_would_choose(signed_in_client: Client, olivia: User) -> None:
    page = signed_in_client.get("/deals/new/").text
    first = Stage.objects.filter(company=olivia.company).order_by("position")[0]
    assert f'<option value="{first.pk}" selected>New</option>' in page
    assert '<option value="EUR" selected>' in page
    assert f'name="userIds" value="{olivia.pk}"' in page


def test_without_script_a_new_record_leads_to_its_page(signed_in_client: Client) -> None:
    posted = {"firstName": "Ada", "lastName": "Byron", "emails": ["ada@engines.example", ""], "phones": [""]}
    response = signed_in_client.post("/contacts/new/", posted)
    ada = Contact.objects.get()
    assert response.status_code == 302
    assert response.headers["Location"] == f"/contacts/{ada.pk}/"
    assert ada.emails == ["ada@engines.example"]


def test_the_sheet_closes_and_the_page_hears_of_the_record(signed_in_client: Client) -> None:
    response = signed_in_client.post("/organizations/new/", {"name": "Engines Ltd"}, headers=HTMX)
    engines = Organization.objects.get()
    assert response.status_code == 204
    assert triggers(response)["records:changed"] == {"entity": "organization", "ids": [str(engines.pk)]}
    assert "sheet:done" in triggers(response)
    [toast] = triggers(response)["toasts"]["items"]
    assert toast == {
        "text": "Organization created: Engines Ltd",
        "kind": "ok",
        "link": f"/organizations/{engines.pk}/",
    }


def test_another_one_starts_with_what_the_address_gives(signed_in_client: Client, owner: Actor) -> None:
    [engines] = services.create_records(owner, ORGANIZATION, [{"name": "Engines Ltd"}]).records
    address = f"/contacts/new/?organizationIds={engines.pk}"
    posted = {"firstName": "Ada", "organizationIds": str(engines.pk), "_another": "1"}
    response = signed_in_client.post(address, posted, headers=HTMX)
    assert response.status_code == 200
    assert f'name="organizationIds" value="{engines.pk}"' in response.text
    assert 'value="Ada"' not in response.text
    assert 'name="_another" value="1" checked' in response.text
    assert "sheet:done" not in triggers(response)
    assert Contact.objects.count() == 1


def test_what_is_wrong_stands_beside_the_field_and_typed_words_stay(signed_in_client: Client) -> None:
    posted = {"firstName": "", "lastName": "Byron", "emails": "not an address"}
    response = signed_in_client.post("/contacts/new/", posted, headers=HTMX)
    assert response.status_code == 422
    assert 'id="new-firstName-error"' in response.text
    assert 'aria-describedby="new-emails-error"' in response.text
    assert 'value="Byron"' in response.text
    assert 'value="not an address"' in response.text
    assert not Contact.objects.exists()


def test_custom_columns_are_asked_for_and_required_ones_first(signed_in_client: Client, owner: Actor) -> None:
    options = {"options": [{"label": "Gold", "isDefault": True}, {"label": "Silver"}]}
    values = {"entityType": "contact", "type": "singleSelect", "label": "Tier", "options": options}
    create_column(owner, values)
    create_column(owner, {"entityType": "contact", "type": "plain", "label": "Badge", "required": True})
    page = signed_in_client.get("/contacts/new/").text
    assert page.index('id="new-badge"') < page.index("<details") < page.index('id="new-tier"')
    response = signed_in_client.post("/contacts/new/", {"firstName": "Ada", "tier": ""}, headers=HTMX)
    assert 'id="new-badge-error"' in response.text
    signed_in_client.post("/contacts/new/", {"firstName": "Ada", "badge": "A-1", "tier": ""})
    assert list(Contact.objects.get().custom.values()) == ["A-1"]  # the default was taken away


def test_an_amount_is_read_as_the_person_writes_it(signed_in_client: Client, olivia: User) -> None:
    User.objects.filter(pk=olivia.pk).update(locale="de-DE")
    signed_in_client.post("/deals/new/", {"name": "Pilot", "amount": "1.234,50", "currency": "EUR"})
    assert str(Deal.objects.get().amount) == "1234.5000"


def test_who_may_not_write_gets_no_form(rita: User) -> None:
    client = browser(rita)
    assert client.get("/contacts/new/").status_code == 403
    assert client.post("/contacts/new/", {"firstName": "Ada"}).status_code == 403
    assert client.post("/contacts/quick/", {"name": "Ada"}, headers=HTMX).status_code == 403
    assert client.get("/contacts/similar/?firstName=Ada").status_code == 403
    assert not Contact.objects.exists()


def test_a_link_to_another_company_is_refused_like_one_to_nothing(
    signed_in_client: Client, stranger: Actor
) -> None:
    [theirs] = services.create_records(stranger, ORGANIZATION, [{"name": "Their secret"}]).records
    posted = {"firstName": "Ada", "organizationIds": str(theirs.pk)}
    response = signed_in_client.post("/contacts/new/", posted, headers=HTMX)
    assert response.status_code in (404, 422)
    assert "Their secret" not in response.text
    assert not Contact.objects.filter(first_name="Ada").exists()


def test_a_typed_name_becomes_a_record(signed_in_client: Client, olivia: User) -> None:
    answer = signed_in_client.post("/contacts/quick/", {"name": "Mary  Jane Watson"}, headers=HTMX).json()
    mary = Contact.objects.get()
    assert answer == {"id": str(mary.pk), "name": mary.title}
    assert mary.last_name == "Watson"
    assert mary.first_name.split() == ["Mary", "Jane"]
    signed_in_client.post("/contacts/quick/", {"name": "Cher"}, headers=HTMX)
    assert Contact.objects.filter(first_name="Cher", last_name="").exists()
    assert mary.assignees.get().user_id == olivia.pk
    assert Event.objects.filter(entity_id=mary.pk, name="contact.created", via="web").exists()


def test_pickers_offer_to_create_only_what_a_name_is_enough_for(signed_in_client: Client, rita: User) -> None:
    offered = signed_in_client.get("/contacts/options/organizationIds/?q=Zebra", headers=HTMX).text
    assert 'data-create-name="Zebra"' in offered
    assert "data-create-name" not in signed_in_client.get("/contacts/options/userIds/?q=Zebra").text
    assert "data-create-name" not in signed_in_client.get("/tasks/options/serviceIds/?q=Zebra").text
    assert "data-create-name" not in browser(rita).get("/contacts/options/organizationIds/?q=Zebra").text


@pytest.mark.parametrize("query", ["firstName=ada&lastName=BYRON", "firstName=X&emails=ADA@engines.example"])
def test_a_namesake_is_told_while_typing(signed_in_client: Client, owner: Actor, query: str) -> None:
    row = {"firstName": "Ada", "lastName": "Byron", "emails": ["ada@engines.example"]}
    [ada] = services.create_records(owner, CONTACT, [row]).records
    text = signed_in_client.get(f"/contacts/similar/?{query}", headers=HTMX).text
    assert "Ada Byron exists already." in text
    assert f"/contacts/{ada.pk}/" in text


@pytest.mark.parametrize("query", ["firstName=A", "firstName=", "emails=half@typed@", f"emails={'x' * 400}"])
def test_half_typed_words_are_no_warning(signed_in_client: Client, owner: Actor, query: str) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    response = signed_in_client.get(f"/contacts/similar/?{query}", headers=HTMX)
    assert response.status_code == 200
    assert response.text.strip() == ""


def test_a_namesake_that_may_not_be_seen_is_not_told(
    signed_in_client: Client, stranger: Actor, owner: Actor
) -> None:
    services.create_records(stranger, CONTACT, [{"firstName": "Ada"}])
    [gone] = services.create_records(owner, CONTACT, [{"firstName": "Ada"}]).records
    services.delete_records(owner, CONTACT, [gone.pk])
    assert signed_in_client.get("/contacts/similar/?firstName=Ada", headers=HTMX).text.strip() == ""


def test_tasks_may_be_called_alike(signed_in_client: Client, owner: Actor) -> None:
    services.create_records(owner, TASK, [{"name": "Call back"}])
    assert signed_in_client.get("/tasks/similar/?name=Call+back", headers=HTMX).text.strip() == ""
    signed_in_client.post("/tasks/new/", {"name": "Call back", "status": "open", "priority": "high"})
    assert Task.objects.filter(priority="high").count() == 1


def test_the_form_costs_the_same_however_much_there_is(
    company: Company, owner: Actor, signed_in_client: Client, django_assert_max_num_queries
) -> None:
    services.create_records(owner, DEAL, [{"name": f"Deal {n}"} for n in range(30)])
    with django_assert_max_num_queries(7):
        signed_in_client.get("/deals/new/", headers=HTMX)


@pytest.mark.parametrize(
    ("locale", "typed"), [("", "€1,234.50"), ("", "1234.5"), ("de-DE", "1.234,50 €"), ("de-DE", "1234,5")]
)
def test_money_is_typed_as_people_write_it(
    signed_in_client: Client, olivia: User, locale: str, typed: str
) -> None:
    User.objects.filter(pk=olivia.pk).update(locale=locale)
    assert signed_in_client.post("/deals/new/", {"name": "Pilot", "amount": typed}).status_code == 302
    assert Deal.objects.get().amount == 1234.5


def test_a_number_with_two_meanings_is_asked_about_together_with_what_else_is_wrong(
    signed_in_client: Client, olivia: User
) -> None:
    User.objects.filter(pk=olivia.pk).update(language="de")
    refused = signed_in_client.post("/deals/new/", {"name": "", "amount": "1,500"})
    assert refused.status_code == 422
    assert "„1,500“ lässt sich auf zwei Arten lesen: Schreiben Sie 1,5 oder 1500." in refused.text
    assert "Das ist erforderlich." in refused.text
    assert 'value="1,500"' in refused.text
    assert not Deal.objects.exists()


def test_what_is_no_number_is_told_in_the_language_of_the_page(
    signed_in_client: Client, olivia: User
) -> None:
    User.objects.filter(pk=olivia.pk).update(language="de")
    refused = signed_in_client.post("/services/new/", {"name": "Audit", "amount": "viel"})
    assert "Das muss eine Zahl sein, zum Beispiel 1.234,50." in refused.text
