"""Who sees only their own records counts only those, and links to others are neither shown nor counted."""

from __future__ import annotations

from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import create_role
from crm import queries, services
from crm.entities import CONTACT, DEAL, ORGANIZATION, SERVICE, TASK
from crm.presenters import Presenter
from crm.queries import ListQuery
from crm.setup import CompanySetup
from customermates.kernel.errors import NotFound, ValidationFailed
from tests import people

pytestmark = pytest.mark.django_db


def colleague(owner, company, **reads):
    """Cara, whose role reads these resources so far and no others."""
    permissions = {name: {"read": read, "manage": read != "none"} for name, read in reads.items()}
    role = create_role(owner, name="Cautious", permissions=permissions)
    return people.signed_in(people.colleague(company, "Cara", str(role.pk)))


def create(actor, entity, **row):
    return services.create_records(actor, entity, [row]).records[0]


def names(actor, entity, *rules):
    query = ListQuery(filters=list(rules), sort={"field": "name"})
    found = [row["name"] for row in queries.list_records(actor, entity, query, ["name"]).rows]
    assert queries.count_records(actor, entity, query).total == len(found)
    return found


def rule(field, operator, *value):
    return {"field": field, "operator": operator} | ({"value": value[0]} if value else {})


@pytest.fixture
def cara(owner, company):
    """Sees contacts and organizations that she is assigned to, all deals, no tasks and no services."""
    return colleague(owner, company, contacts="own", organizations="own", deals="all")


@pytest.fixture
def shared(owner, cara):
    """Three contacts: hers at an organization she sees, hers at one she does not, and somebody else's."""
    me = [str(cara.user_id)]
    seen = create(owner, ORGANIZATION, name="Seen", userIds=[*me, "me"])
    hidden = create(owner, ORGANIZATION, name="Hidden", userIds=["me"])
    create(owner, CONTACT, firstName="Ada", userIds=me, organizationIds=[str(seen.pk), str(hidden.pk)])
    create(owner, CONTACT, firstName="Bea", userIds=[*me, "me"], organizationIds=[str(hidden.pk)])
    create(owner, CONTACT, firstName="Eve", userIds=["me"], organizationIds=[str(seen.pk)])
    return {"seen": str(seen.pk), "hidden": str(hidden.pk)}


def test_only_own_records_are_listed_counted_and_searched(owner, cara, shared):
    assert names(owner, CONTACT) == ["Ada", "Bea", "Eve"]
    assert names(cara, CONTACT) == ["Ada", "Bea"]
    assert names(cara, CONTACT, rule("userIds", "in", ["me"])) == ["Ada", "Bea"]
    assert names(cara, CONTACT, rule("userIds", "notIn", ["me"])) == []
    assert names(cara, CONTACT, rule("firstName", "notIn", ["Ada"])) == ["Bea"]
    assert queries.count_records(cara, CONTACT, ListQuery(search="eve")).total == 0


def test_paging_walks_own_records_only(owner, cara):
    rows = [{"firstName": f"P{n:02}", "userIds": ["me", str(cara.user_id)][: 1 + n % 2]} for n in range(30)]
    services.create_records(owner, CONTACT, rows)
    seen, cursor = [], None
    while True:
        query = ListQuery(sort={"field": "name", "direction": "desc"}, page_size=5, cursor=cursor)
        page = queries.list_records(cara, CONTACT, query, ["name"])
        seen += [row["name"] for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == [f"P{n:02}" for n in range(29, 0, -2)]


def test_links_to_invisible_records_do_not_count(owner, cara, shared):
    some, none = rule("organizationIds", "hasSome"), rule("organizationIds", "hasNone")
    assert (names(owner, CONTACT, some), names(owner, CONTACT, none)) == (["Ada", "Bea", "Eve"], [])
    assert (names(cara, CONTACT, some), names(cara, CONTACT, none)) == (["Ada"], ["Bea"])


def shown(actor):
    """The names of the organizations that each contact is shown to be linked to."""
    setup = CompanySetup(actor)
    presenter = Presenter(setup, CONTACT)
    rows = queries.list_records(actor, CONTACT, ListQuery(), presenter.attrs(), setup=setup).rows
    return {
        row["firstName"]: sorted(organization["name"] for organization in row["organizations"])
        for row in presenter.full(rows)
    }


def test_links_to_invisible_records_are_not_shown(owner, cara, stranger, shared):
    theirs = create(stranger, ORGANIZATION, name="Theirs")
    create(stranger, CONTACT, firstName="Zoe", organizationIds=[str(theirs.pk)])
    for _ in range(2):  # in turns: what one asked says nothing of what the next may see
        assert shown(owner) == {"Ada": ["Hidden", "Seen"], "Bea": ["Hidden"], "Eve": ["Seen"]}
        assert shown(cara) == {"Ada": ["Seen"], "Bea": []}
        assert shown(stranger) == {"Zoe": ["Theirs"]}
    services.delete_records(owner, ORGANIZATION, [UUID(shared["hidden"])])
    assert shown(owner) == {"Ada": ["Seen"], "Bea": [], "Eve": ["Seen"]}


def test_links_to_deleted_records_do_not_count(owner, shared):
    services.delete_records(owner, ORGANIZATION, [UUID(pk) for pk in shared.values()])
    assert names(owner, CONTACT, rule("organizationIds", "hasSome")) == []
    assert names(owner, CONTACT, rule("organizationIds", "hasNone")) == ["Ada", "Bea", "Eve"]


def test_invisible_ids_cannot_be_asked_for(cara, shared):
    assert names(cara, CONTACT, rule("organizationIds", "in", [shared["seen"]])) == ["Ada"]
    for operator in ("in", "notIn", "hasSome", "hasNone"):
        with pytest.raises(ValidationFailed) as caught:
            names(cara, CONTACT, rule("organizationIds", operator, [shared["hidden"]]))
        [issue] = caught.value.issues
        assert (issue.field, issue.code) == ("filters[0].value[0]", "unknown_record")


def test_invisible_links_are_not_shown(cara, shared):
    presenter = Presenter(CompanySetup(cara), CONTACT)
    page = queries.list_records(cara, CONTACT, ListQuery(sort={"field": "name"}), presenter.attrs())
    shown = [[o["name"] for o in record["organizations"]] for record in presenter.full(page.rows)]
    assert shown == [["Seen"], []]


def test_relations_to_what_a_role_may_not_read_are_no_fields(cara, shared):
    catalog = CompanySetup(cara).catalog(CONTACT)
    assert set(catalog.relations) == {"organizationIds", "dealIds", "userIds"}
    with pytest.raises(ValidationFailed) as caught:
        names(cara, CONTACT, rule("taskIds", "hasSome"))
    assert caught.value.issues[0].code == "unknown_field"


def test_a_key_without_a_scope_hides_the_relation_like_a_role_does(olivia, owner):
    deal = create(owner, DEAL, name="Pilot")
    create(owner, CONTACT, firstName="Ada", dealIds=[str(deal.pk)])
    narrow = people.with_key(olivia, "contacts:read")
    assert names(narrow, CONTACT) == ["Ada"]
    with pytest.raises(ValidationFailed):
        names(narrow, CONTACT, rule("dealIds", "hasSome"))


def test_details_of_invisible_records_look_absent(owner, cara, shared):
    eve = names(owner, CONTACT, rule("firstName", "equals", "Eve"))
    [row] = queries.list_records(owner, CONTACT, ListQuery(search=eve[0]), ["id"]).rows
    with pytest.raises(NotFound):
        queries.get_records(cara, CONTACT, [(str(row["id"]), "id")], ["name"])


def test_a_deal_keeps_the_line_of_a_deleted_service_but_a_service_forgets_a_deleted_deal(owner):
    day = create(owner, SERVICE, name="Day", amount=100)
    deal = create(owner, DEAL, name="Pilot", services=[{"serviceId": str(day.pk), "quantity": 2}])
    services.delete_records(owner, SERVICE, [day.pk])
    assert names(owner, DEAL, rule("serviceIds", "hasSome")) == ["Pilot"]
    services.restore_records(owner, SERVICE, [day.pk])
    assert names(owner, SERVICE, rule("dealIds", "hasSome")) == ["Day"]
    services.delete_records(owner, DEAL, [deal.pk])
    assert names(owner, SERVICE, rule("dealIds", "hasSome")) == []
    assert names(owner, SERVICE, rule("dealIds", "hasNone")) == ["Day"]


def test_what_another_company_has_is_nowhere(owner, stranger, shared):
    create(stranger, CONTACT, firstName="Theirs")
    for entity in (CONTACT, ORGANIZATION, DEAL, SERVICE, TASK):
        assert not set(names(owner, entity)) & set(names(stranger, entity))
    assert names(stranger, CONTACT) == ["Theirs"]


def test_whether_anything_is_linked_is_asked_of_each_link_and_not_of_all_that_somebody_sees(owner):
    with CaptureQueriesContext(connection) as captured:
        assert names(owner, ORGANIZATION, rule("contactIds", "hasSome")) == []
    asked = [query["sql"] for query in captured if "crm_contactorganization" in query["sql"]]
    assert asked
    assert not any("IN (SELECT" in sql for sql in asked)
