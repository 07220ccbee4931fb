"""Sorts, pages and cursors that cannot be are told so, with what can be."""

from __future__ import annotations

import pytest
from django.core import signing

from crm import queries, services
from crm.entities import CONTACT, DEAL, ENTITIES
from crm.field_services import update_column
from crm.queries import ListQuery
from customermates.kernel.errors import ValidationFailed
from customermates.kernel.sentences import sentence
from tests.crm.columns import column

pytestmark = pytest.mark.django_db

TEN = [{"firstName": f"Ada {n}"} for n in range(10)]


def issues(actor, entity=CONTACT, **question):
    """Everything the question is refused for, as far as it has a sentence; nothing when it is answered."""
    try:
        queries.list_records(actor, entity, ListQuery(**question), [])
    except ValidationFailed as error:
        return [issue for issue in error.issues if sentence(issue) != issue.code]
    return []


def told(actor, **question):
    return [(issue.field, issue.code) for issue in issues(actor, **question)]


def key(field, direction="asc"):
    return {"field": field, "direction": direction}


# (what is asked, path, code)
SORTS = [
    ("name", "sortDescriptor", "wrong_type"),
    (7, "sortDescriptor", "wrong_type"),
    ({}, "sortDescriptor", "wrong_type"),
    ({"direction": "asc"}, "sortDescriptor", "wrong_type"),
    (key("name") | {"nulls": "first"}, "sortDescriptor", "wrong_type"),
    (["name"], "sortDescriptor[0]", "wrong_type"),
    ([[key("name")]], "sortDescriptor[0]", "wrong_type"),
    ([], "sortDescriptor", "too_many_sort_keys"),
    ([key(n) for n in ("name", "firstName", "lastName", "jobTitle")], "sortDescriptor", "too_many_sort_keys"),
    ([key("name"), key("name", "desc")], "sortDescriptor", "same_field_twice"),
    (key("nmae"), "sortDescriptor.field", "unknown_field"),
    (key(["name"]), "sortDescriptor.field", "unknown_field"),
    (key("id; DROP TABLE"), "sortDescriptor.field", "unknown_field"),
    (key("company__name"), "sortDescriptor.field", "unknown_field"),
    (key("emails"), "sortDescriptor.field", "not_sortable"),
    (key("notes"), "sortDescriptor.field", "not_sortable"),
    (key("organizationIds"), "sortDescriptor.field", "not_sortable"),
    (key("tags"), "sortDescriptor.field", "not_sortable"),
    (key("name", "ASC"), "sortDescriptor.direction", "unknown_choice"),
    (key("name", None), "sortDescriptor.direction", "unknown_choice"),
    (key("name", ["asc"]), "sortDescriptor.direction", "unknown_choice"),
    ([key("name"), key("phones")], "sortDescriptor[1].field", "not_sortable"),
]


def test_every_mistake_in_a_sort_is_told_where_it_is(owner, subtests):
    column(owner, "Tags", "multiSelect", options={"options": ["A", "B"]})
    for sort, path, code in SORTS:
        with subtests.test(sort=str(sort)[:80]):
            [issue] = issues(owner, sort=sort)
            assert (issue.field, issue.code) == (path, code)
            if code in ("unknown_field", "not_sortable"):
                assert all(not issues(owner, sort=key(name)) for name in issue.params["allowed"])
            if code == "wrong_type":
                assert not issues(owner, sort=issue.params["example"])


def test_an_own_field_twice_under_two_names_is_the_same_field(owner):
    [issue] = issues(owner, DEAL, sort=[key("stage"), key("stageId", "desc")])
    assert issue.code == "same_field_twice"


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_without_a_sort_every_entity_has_its_own(owner, entity):
    assert not issues(owner, entity)
    assert not issues(owner, entity, sort=None, filters=[], search="")


@pytest.mark.parametrize("size", [0, -5, 1, 7, 101, 10**30, True, "25", 25.0, [25]])
def test_a_page_has_one_of_five_sizes(owner, size):
    [issue] = issues(owner, page_size=size)
    assert (issue.field, issue.code) == ("pageSize", "unknown_choice")
    assert issue.params["allowed"] == ["5", "10", "25", "50", "100"]


@pytest.mark.parametrize("page", [0, -1, True, "1", 1.0, [1]])
def test_pages_are_counted_from_one(owner, page):
    assert told(owner, page=page) == [("page", "wrong_type")]


@pytest.mark.parametrize(("size", "last"), [(5, 2000), (25, 400), (100, 100)])
def test_page_numbers_end_at_the_ten_thousandth_record(owner, size, last):
    assert told(owner, page=last, page_size=size) == []
    [issue] = issues(owner, page=last + 1, page_size=size)
    assert (issue.code, issue.params["limit"]) == ("page_too_deep", last)
    assert told(owner, page=10**30) == [("page", "page_too_deep")]


def test_a_page_behind_the_last_is_empty(owner):
    services.create_records(owner, CONTACT, TEN)
    page = queries.list_records(owner, CONTACT, ListQuery(page=3, page_size=5), [])
    assert (page.rows, page.next_cursor, page.count.total) == ([], None, 10)


def cursor_of(actor, entity=CONTACT, **question):
    return queries.list_records(actor, entity, ListQuery(page_size=5, **question), []).next_cursor


@pytest.mark.parametrize(
    "cursor",
    ["x", "a:b:c", "{}", "\0", "\ud800", "é:é:é", "W10:1:x", 5, True, ["x"], {"cursor": "x"}, "x" * 10_000],
)
def test_what_is_no_cursor_is_refused(owner, cursor):
    assert told(owner, cursor=cursor) == [("cursor", "wrong_cursor")]


def test_a_cursor_that_somebody_changed_is_refused(owner):
    services.create_records(owner, CONTACT, TEN)
    cursor = cursor_of(owner)
    for position in range(0, len(cursor), 7):
        letter = "A" if cursor[position] != "A" else "B"
        changed = f"{cursor[:position]}{letter}{cursor[position + 1 :]}"
        assert told(owner, cursor=changed) == [("cursor", "wrong_cursor")]
    # Signed by us, but for another purpose.
    assert told(owner, cursor=signing.dumps(["", "", []], salt="other")) == [("cursor", "wrong_cursor")]


def test_a_cursor_belongs_to_its_filters_search_and_sort(owner):
    services.create_records(owner, CONTACT, TEN)
    services.create_records(owner, DEAL, [{"name": f"Ada {n}"} for n in range(10)])
    question = {"filters": [{"field": "name", "operator": "contains", "value": "ada"}], "search": "ada"}
    cursor = cursor_of(owner, **question)
    assert told(owner, cursor=cursor, **question) == []
    assert told(owner, cursor=cursor, **question, page_size=100) == []
    for other in (
        {"filters": None},
        {"search": None},
        {"sort": key("name", "desc")},
        {"sort": key("jobTitle")},
    ):
        assert told(owner, cursor=cursor, **(question | other)) == [("cursor", "foreign_cursor")]
    assert told(owner, cursor=cursor, entity=DEAL, **question) == [("cursor", "foreign_cursor")]
    assert told(owner, cursor=cursor, page=1, **question) == [("page", "page_or_cursor")]


def test_somebody_elses_cursor_is_a_foreign_one(owner, stranger):
    services.create_records(owner, CONTACT, TEN)
    assert told(stranger, cursor=cursor_of(owner)) == [("cursor", "foreign_cursor")]


def test_a_cursor_at_an_option_that_went_is_refused(owner):
    made = column(owner, "Tier", "singleSelect", options={"options": ["Gold", "Silver"]})
    rows = [row | {"customFields": {"tier": "Gold"}} for row in TEN]
    services.create_records(owner, CONTACT, rows)
    cursor = cursor_of(owner, sort=key("tier"))
    rest = [option for option in made.options["options"] if option["label"] == "Silver"]
    gold = next(option["value"] for option in made.options["options"] if option["label"] == "Gold")
    update_column(owner, made.pk, {"options": {"options": rest}, "replaceWith": {gold: None}})
    assert told(owner, sort=key("tier"), cursor=cursor) == [("cursor", "wrong_cursor")]
