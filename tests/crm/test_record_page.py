"""The page of a record, the same for every entity: what it shows, what it saves, and to whom."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.actor import Actor
from accounts.models import User
from crm import services
from crm.entities import CONTACT, DEAL, ENTITIES, ORGANIZATION, TASK, Entity
from crm.models import Record
from tests.crm.pages import HTMX, toast, triggers, url_of
from tests.crm.test_undo import create, fresh, now, update

pytestmark = pytest.mark.django_db

BY_NAME = {entity.name: entity for entity in ENTITIES.values()}
MOST_QUERIES = 18


def row_of(entity: Entity, name: str, **more: Any) -> dict[str, Any]:
    needed: dict[str, dict[str, Any]] = {
        "contact": {"firstName": name},
        "service": {"name": name, "amount": 100},
    }
    return {**needed.get(entity.name, {"name": name}), **more}


@pytest.fixture
def rich(owner: Actor) -> dict[str, Record]:
    """One record of each entity, linked to all others, with notes."""
    made: dict[str, Record] = {}
    for entity in ENTITIES.values():
        links: dict[str, Any] = {"notes": f"Notes of the {entity.name}"}
        for relation in entity.relations.values():
            if relation.target in made and not relation.owns_lines:
                links[relation.ids_name] = [str(made[relation.target].pk)]
        if entity is DEAL:
            links.pop("serviceIds", None)
        made[entity.name] = create(owner, entity, **row_of(entity, f"One {entity.name}", **links))
    update(owner, DEAL, made["deal"].pk, services=[{"serviceId": str(made["service"].pk), "quantity": 2}])
    return made


@pytest.mark.parametrize("name", BY_NAME)
def test_every_record_has_a_page_with_its_links_and_its_history(
    signed_in_client: Client, rich: dict[str, Record], name: str
):
    entity = BY_NAME[name]
    page = signed_in_client.get(url_of(entity, rich[name]))
    assert page.status_code == 200
    for relation in entity.relations.values():
        if relation.target != "user":
            assert f"One {relation.target}" in page.text
    assert "created this record" in page.text
    assert "Olivia Owner" in page.text
    notes = signed_in_client.get(url_of(entity, rich[name]) + "?tab=notes")
    assert f"<p>Notes of the {name}</p>" in notes.text


@pytest.mark.parametrize("name", BY_NAME)
def test_the_page_takes_as_many_queries_with_many_links_as_with_one(
    signed_in_client: Client, owner: Actor, rich: dict[str, Record], name: str
):
    entity, record = BY_NAME[name], rich[name]

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert signed_in_client.get(url_of(entity, record)).status_code == 200
        return len(seen)

    def link(count: int) -> None:
        for relation in entity.relations.values():
            if relation.target != "user":
                target = BY_NAME[relation.target]
                rows = [row_of(target, f"More {n}") for n in range(count)]
                ids = [str(r.pk) for r in services.create_records(fresh(owner), target, rows).records]
                services.link_records(fresh(owner), entity, record.pk, relation.ids_name, ids)

    link(1)
    before = queries()
    link(5)
    assert queries() == before <= MOST_QUERIES


def test_readers_see_no_way_to_change_anything(rita: User, rich: dict[str, Record]):
    client = Client()
    client.force_login(rita)
    for name, entity in BY_NAME.items():
        page = client.get(url_of(entity, rich[name])).text
        main = page[page.index("<main") : page.index("</main>")]
        assert "data-edit" not in main
        assert "<form" not in main
        assert 'popovertarget="add-' not in main
        assert client.post(url_of(entity, rich[name]) + "delete/").status_code == 403
        assert client.post(url_of(entity, rich[name]) + "notes/add/", {"text": "x"}).status_code == 403
        assert client.post(url_of(entity, rich[name]) + "fields/name/", {"value": "x"}).status_code == 403


def test_another_company_s_record_is_not_found(sven: User, rich: dict[str, Record]):
    client = Client()
    client.force_login(sven)
    for name, entity in BY_NAME.items():
        own = url_of(entity, rich[name])
        assert client.get(own).status_code == 404
        for part in ("delete/", "restore/", "notes/add/", "notes/tick/", "notes/", "fields/notes/"):
            assert client.post(own + part, {"text": "x"}).status_code == 404, part


# --- Properties --------------------------------------------------------------------------------------


def test_a_property_is_saved_and_only_the_properties_are_drawn_anew(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    url = url_of(CONTACT, ada) + "fields/jobTitle/?part=properties"
    form = signed_in_client.get(url, headers=HTMX)
    assert "part=properties" in form.text
    answer = signed_in_client.post(url, {"value": "Clerk"}, headers=HTMX)
    assert answer.text.strip().startswith('<dl class="props" id="properties"')
    assert "Clerk" in answer.text
    assert "records:changed" in triggers(answer)


def test_without_javascript_a_property_is_edited_on_a_page_of_its_own(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    url = url_of(CONTACT, ada) + "fields/jobTitle/"
    assert "<html" in signed_in_client.get(url).text
    answer = signed_in_client.post(url, {"value": "Clerk"})
    assert (answer.status_code, answer.headers["Location"]) == (302, url_of(CONTACT, ada))
    wrong = signed_in_client.post(url, {"value": "x" * 300})
    assert wrong.status_code == 422
    assert "<html" in wrong.text


def test_names_and_values_are_text(signed_in_client: Client, owner: Actor):
    bad = '"><script>alert(1)</script>'
    ada = create(owner, CONTACT, firstName=bad, jobTitle=bad, notes=bad)
    update(owner, CONTACT, ada.pk, jobTitle=f"{bad}2", notes=f"{bad}\n\n{bad}")
    for tab in ("", "?tab=notes"):
        assert "<script>alert" not in signed_in_client.get(url_of(CONTACT, ada) + tab).text


# --- Links -------------------------------------------------------------------------------------------


def test_a_typed_name_creates_a_record_and_links_it_in_one_change(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    url = url_of(CONTACT, ada) + "links/organizationIds/"
    assert "Create “Engines”" in signed_in_client.get(url, {"q": "Engines"}, headers=HTMX).text
    answer = signed_in_client.post(url, {"create": "Engines"}, headers=HTMX)
    assert "Engines was created and linked." in toast(answer)
    assert "Engines" in signed_in_client.get(url_of(CONTACT, ada)).text
    signed_in_client.post(triggers(answer)["toasts"]["items"][0]["undo"])
    assert "mini-organizations-" not in signed_in_client.get(url_of(CONTACT, ada)).text


def test_a_link_is_made_and_taken_away_with_a_way_back(signed_in_client: Client, owner: Actor):
    ada, task = create(owner, CONTACT, firstName="Ada"), create(owner, TASK, name="Call")
    own = url_of(CONTACT, ada)
    signed_in_client.post(own + "links/taskIds/", {"id": str(task.pk)}, headers=HTMX)
    assert f"mini-tasks-{task.pk}" in signed_in_client.get(own).text
    again = signed_in_client.post(own + "links/taskIds/", {"id": str(task.pk)}, headers=HTMX)
    assert triggers(again)["toasts"]["items"] == [{"text": "This is linked already.", "kind": "ok"}]
    answer = signed_in_client.post(own + "unlink/taskIds/", {"id": str(task.pk)}, headers=HTMX)
    assert f"mini-tasks-{task.pk}" not in signed_in_client.get(own).text
    signed_in_client.post(triggers(answer)["toasts"]["items"][0]["undo"], headers=HTMX)
    assert f"mini-tasks-{task.pk}" in signed_in_client.get(own).text


def test_a_long_list_of_links_is_cut_and_leads_to_the_list_of_all(signed_in_client: Client, owner: Actor):
    org = create(owner, ORGANIZATION, name="Engines")
    rows = [{"firstName": f"Ada {n}", "organizationIds": [str(org.pk)]} for n in range(15)]
    services.create_records(fresh(owner), CONTACT, rows)
    page = signed_in_client.get(url_of(ORGANIZATION, org)).text
    assert page.count('id="mini-contacts-') == 12
    url = f"/contacts/?f1=organizationIds&amp;o1=hasSome&amp;v1={org.pk}"
    assert url in page
    assert "15" in signed_in_client.get(url.replace("&amp;", "&")).text


def test_what_needs_more_than_a_name_is_created_in_its_form(signed_in_client: Client, owner: Actor):
    task = create(owner, TASK, name="Call")
    text = signed_in_client.get(url_of(TASK, task) + "links/serviceIds/", {"q": "Day"}, headers=HTMX).text
    assert "Create “Day”" not in text
    assert f"/services/new/?taskIds={task.pk}" in text


def test_a_task_is_ticked_off_where_it_is_listed(signed_in_client: Client, owner: Actor):
    task = create(owner, TASK, name="Call")
    answer = signed_in_client.post(
        f"/tasks/{task.pk}/fields/status/?part=none", {"value": "done"}, headers=HTMX
    )
    assert answer.status_code == 204
    assert "records:changed" in triggers(answer)
    assert now(TASK, task.pk).status == "done"


# --- Trash, next and previous ------------------------------------------------------------------------


def test_a_record_goes_to_the_trash_and_its_page_brings_it_back(signed_in_client: Client, owner: Actor):
    ada = create(owner, CONTACT, firstName="Ada")
    own = url_of(CONTACT, ada)
    assert signed_in_client.post(own + "delete/?q=a").headers["Location"] == "/contacts/?q=a"
    assert "Ada was moved to the trash." in signed_in_client.get("/contacts/").text
    page = signed_in_client.get(own).text
    assert "This record is in the trash" in page
    assert "data-edit" not in page
    assert signed_in_client.post(own + "restore/").headers["Location"] == own
    assert "This record is in the trash" not in signed_in_client.get(own).text


def test_the_trash_is_closed_to_who_could_not_see_the_record(owner: Actor, sven: User):
    ada = create(owner, CONTACT, firstName="Ada")
    services.delete_records(fresh(owner), CONTACT, [ada.pk])
    client = Client()
    client.force_login(sven)
    assert client.get(url_of(CONTACT, ada)).status_code == 404


def test_next_and_previous_follow_the_list_that_the_record_was_opened_from(
    signed_in_client: Client, owner: Actor
):
    ada, bob, cyd = (create(owner, CONTACT, firstName=name) for name in ("Ada", "Bob", "Cyd"))
    listed = signed_in_client.get("/contacts/?sort=-name").text
    assert f'href="/contacts/{ada.pk}/?sort=-name"' in listed
    page = signed_in_client.get(url_of(CONTACT, bob) + "?sort=-name").text
    assert f'href="/contacts/{bob.pk}/next/?sort=-name"' in page
    assert 'href="/contacts/?sort=-name"' in page

    def step(record: Record, way: str) -> str:
        return str(signed_in_client.get(url_of(CONTACT, record) + f"{way}/?sort=-name").headers["Location"])

    assert urlsplit(step(bob, "next")).path == url_of(CONTACT, ada)
    assert urlsplit(step(bob, "previous")).path == url_of(CONTACT, cyd)
    assert step(ada, "next") == url_of(CONTACT, ada) + "?sort=-name"
    assert "This is the last one in the list." in signed_in_client.get(url_of(CONTACT, ada)).text
