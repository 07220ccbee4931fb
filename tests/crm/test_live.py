"""The notice that others changed what is shown: who hears of what, and what it costs to ask."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.actor import Actor, user_actor
from accounts.models import Company, User
from crm import services
from crm.entities import CONTACT, DEAL
from crm.models import Contact
from customermates.kernel.ids import uuid7
from tests import people
from tests.crm.test_home import again, own_only

pytestmark = pytest.mark.django_db
AUTHENTICATION = 2  # the session, and its person


def ask(client: Client, since: int = 0, **more: object):
    asked = {name: str(value) for name, value in {"since": since, **more}.items()}
    return client.get("/live/", asked, headers={"HX-Request": "true"})


def agent_of(user: User, name: str = "Sales agent", client: str = "Claude") -> Actor:
    key, _ = people.key_of(user, "*", name=name)
    return user_actor(user, via="mcp", api_key=key, client=client)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_an_agents_changes_are_told_with_what_they_were(
    signed_in_client: Client, olivia: User, company: Company, owner: Actor
) -> None:
    deals = services.create_records(owner, DEAL, [{"name": n} for n in ("A", "B", "C")]).records
    company.refresh_from_db()
    since = company.last_sequence
    services.update_records(agent_of(olivia), DEAL, {deal.pk: {"amount": 5} for deal in deals})
    answer = ask(signed_in_client, since, entity="deal")
    assert "Claude (key Sales agent) changed 3 deals." in answer.text
    assert all(str(deal.pk) in answer.text for deal in deals)
    company.refresh_from_db()
    assert answer.headers["X-Sequence"] == str(company.last_sequence)


def test_several_are_told_one_by_one_and_each_record_once(
    signed_in_client: Client, olivia: User, member: Actor
) -> None:
    agent = agent_of(olivia)
    [ada] = services.create_records(agent, CONTACT, [{"firstName": "Ada"}]).records
    services.update_records(again(agent), CONTACT, {ada.pk: {"jobTitle": "Analyst"}})
    services.create_records(again(agent), DEAL, [{"name": "Pilot"}])
    services.update_records(member, CONTACT, {ada.pk: {"jobTitle": "Author"}})
    text = ask(signed_in_client).text
    assert "Claude (key Sales agent) changed 1 contact, 1 deal." in text
    assert "Max Member changed 1 contact." in text


def test_a_window_is_not_told_of_its_own_changes_but_of_those_in_another_one(
    signed_in_client: Client, company: Company
) -> None:
    here, there = (signed_in_client.post("/contacts/new/", {"firstName": n}) for n in ("Ada", "Bob"))
    company.refresh_from_db()
    own = [here.headers["X-Change-Set"]]
    answer = signed_in_client.get("/live/", {"since": 0, "own": own})
    assert "You changed 1 contact in another window." in answer.text
    assert str(Contact.objects.get(first_name="Bob").pk) in answer.text
    answer = signed_in_client.get("/live/", {"since": 0, "own": [*own, there.headers["X-Change-Set"]]})
    assert answer.status_code == 204
    assert answer.headers["X-Sequence"] == str(company.last_sequence)


def test_nobody_hides_the_changes_of_others_by_calling_them_their_own(
    signed_in_client: Client, member: Actor
) -> None:
    services.create_records(member, CONTACT, [{"firstName": "Ada"}])
    answer = signed_in_client.get("/live/", {"since": 0, "own": [str(member.change_set), "nonsense"]})
    assert "Max Member changed 1 contact." in answer.text


def test_a_page_hears_only_of_what_it_shows(signed_in_client: Client, member: Actor) -> None:
    [ada, bob] = services.create_records(member, CONTACT, [{"firstName": n} for n in ("Ada", "Bob")]).records
    services.create_records(again(member), DEAL, [{"name": "Pilot"}])
    assert "2 contacts" in ask(signed_in_client, entity="contact").text
    assert "deal" not in ask(signed_in_client, entity="contact").text
    assert ask(signed_in_client, entity="task").status_code == 204
    assert ask(signed_in_client, entity="contact", record=ada.pk).status_code == 200
    assert ask(signed_in_client, entity="contact", record=uuid7()).status_code == 204
    assert bob.pk != ada.pk


def test_what_may_not_be_seen_is_not_told(max_: User, owner: Actor, sven: User) -> None:
    own_only(max_)
    mine = {"firstName": "His", "userIds": [str(max_.pk)]}
    services.create_records(owner, CONTACT, [mine, {"firstName": "Hidden"}, {"firstName": "Hidden too"}])
    assert "1 contact." in ask(browser(max_)).text
    assert ask(browser(sven)).status_code == 204


def test_asking_costs_nothing_while_nothing_happened(
    signed_in_client: Client, member: Actor, company: Company, django_assert_num_queries
) -> None:
    services.create_records(member, CONTACT, [{"firstName": "Ada"}])
    company.refresh_from_db()
    newest = company.last_sequence
    with django_assert_num_queries(AUTHENTICATION):
        assert ask(signed_in_client, newest).status_code == 204
    with django_assert_num_queries(AUTHENTICATION):
        assert ask(signed_in_client, 0, seen=newest).status_code == 204
    with django_assert_num_queries(AUTHENTICATION + 2):
        assert ask(signed_in_client, 0).status_code == 200


@pytest.mark.parametrize("since", ["", "-1", "x", "9" * 40, "²"])
def test_nonsense_is_no_number(signed_in_client: Client, since: str) -> None:
    assert ask(signed_in_client, since).status_code == 204  # type: ignore[arg-type]


def test_pages_carry_the_number_they_show(signed_in_client: Client, owner: Actor, company: Company) -> None:
    services.create_records(owner, CONTACT, [{"firstName": "Ada"}])
    company.refresh_from_db()
    for address in ("/", "/contacts/", "/deals/board/"):
        page = signed_in_client.get(address).text
        assert f'data-sequence="{company.last_sequence}"' in page
        assert "data-live=" in page
