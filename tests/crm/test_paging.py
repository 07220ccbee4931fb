"""Sorted lists: in the order of the oracle, each record once on pages, whatever happens meanwhile."""

from __future__ import annotations

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from crm import queries, services
from crm.entities import CONTACT, DEAL, ENTITIES, SERVICE, TASK
from crm.queries import ListQuery
from crm.setup import CompanySetup
from customermates.kernel.pages import PAGE_SIZES
from tests.crm import generated, worlds
from tests.crm.columns import column, contact

pytestmark = pytest.mark.django_db


def as_json(keys):
    return [{"field": name, "direction": direction} for name, direction in keys]


def page_of(world, **question):
    query = ListQuery(**question)
    return queries.list_records(world.actor, world.entity, query, [], setup=world.setup)


def walked(world, *, between=lambda: None, **question):
    """Ids of all pages, one after the other by cursor; `between` happens after each."""
    ids, cursor = [], None
    while True:
        page = page_of(world, cursor=cursor, **question)
        ids += [row["id"] for row in page.rows]
        if page.next_cursor is None:
            return ids
        cursor = page.next_cursor
        between()


def numbered(world, **question):
    """Ids of all pages, one after the other by number."""
    ids, number = [], 1
    while rows := page_of(world, page=number, **question).rows:
        ids += [row["id"] for row in rows]
        number += 1
    return ids


@pytest.mark.parametrize("entity", [CONTACT, DEAL, SERVICE, TASK], ids=lambda entity: entity.name)
def test_pages_of_any_size_show_each_record_once_in_the_order_of_the_oracle(berlin, entity):
    @given(seed=st.integers(0, 2**32), data=st.data())
    def agree(seed, data):
        with transaction.atomic():
            world = worlds.build(berlin, entity, seed=seed, size=23)
            for keys in data.draw(st.lists(generated.sorts(world), min_size=6, max_size=6)):
                expected = [record["id"] for record in world.oracle.sorted(world.records, keys)]
                question = {"sort": as_json(keys), "page_size": data.draw(st.sampled_from(PAGE_SIZES))}
                assert walked(world, **question) == expected, keys
                assert numbered(world, **question) == expected, keys
            transaction.set_rollback(True)

    agree()


@pytest.mark.parametrize("entity", [CONTACT, DEAL, TASK], ids=lambda entity: entity.name)
def test_next_and_previous_walk_any_sorted_list_to_both_ends(berlin, entity):
    @given(seed=st.integers(0, 2**32), data=st.data())
    @settings(max_examples=5)
    def agree(seed, data):
        with transaction.atomic():
            world = worlds.build(berlin, entity, seed=seed, size=13)
            for keys in data.draw(st.lists(generated.sorts(world), min_size=3, max_size=3)):
                ids = [record["id"] for record in world.oracle.sorted(world.records, keys)]
                query = ListQuery(sort=as_json(keys))
                steps = [
                    [queries.neighbour(world.setup, entity, query, pk, forward=on) for pk in ids]
                    for on in (True, False)
                ]
                assert steps == [[*ids[1:], None], [None, *ids[:-1]]], keys
            transaction.set_rollback(True)

    agree()


def test_a_record_that_left_the_list_still_knows_its_neighbours(owner):
    rows = [{"firstName": name} for name in ("Ada", "Bob", "Cyd")]
    ada, bob, cyd = (record.pk for record in services.create_records(owner, CONTACT, rows).records)
    query = ListQuery(filters=[{"field": "firstName", "operator": "notIn", "value": ["Bob"]}])
    setup = CompanySetup(owner)
    assert queries.neighbour(setup, CONTACT, query, bob, forward=True) == cyd
    assert queries.neighbour(setup, CONTACT, query, bob, forward=False) == ada


@pytest.mark.parametrize("direction", ["asc", "desc"])
@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_every_sortable_field_sorts(berlin, entity, direction):
    world = worlds.build(berlin, entity, seed=7, size=16)
    sortable = [f.name for f in world.setup.catalog(entity).fields.values() if f.is_sortable]
    assert {"name", "createdAt", "updatedAt", "number_slot", "singleselect_slot", "user_slot"} <= set(
        sortable
    )
    for name in sortable:
        expected = [record["id"] for record in world.oracle.sorted(world.records, [(name, direction)])]
        assert walked(world, sort={"field": name, "direction": direction}, page_size=5) == expected, name


@pytest.mark.parametrize("name", ["name", "number_slot", "singleselect_slot", "user_slot", "boolean_slot"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_filtered_lists_page_like_whole_ones(berlin, name, direction):
    world = worlds.build(berlin, CONTACT, seed=11, size=40)
    rule = {"field": "jobTitle", "operator": "isNotNull"}
    expected = [
        record["id"]
        for record in world.oracle.sorted(world.records, [(name, direction)])
        if world.oracle.matches(record, rule)
    ]
    question = {"filters": [rule], "sort": {"field": name, "direction": direction}, "page_size": 5}
    assert walked(world, **question) == numbered(world, **question) == expected


@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_two_hundred_options_cost_the_queries_of_those_in_use(
    owner, direction, django_assert_max_num_queries
):
    labels = [f"Area {number}" for number in range(200)]
    column(owner, "Area", "singleSelect", options={"options": labels})
    chosen = [contact(owner, area=labels[number]).pk for number in (7, 7, 120, 199)]
    unset = contact(owner).pk
    expected = [*(chosen if direction == "asc" else [*chosen[2:][::-1], *chosen[:2][::-1]]), unset]
    with django_assert_max_num_queries(13):
        page = queries.list_records(
            owner, CONTACT, ListQuery(sort={"field": "area", "direction": direction}), ["id"]
        )
    assert [row["id"] for row in page.rows] == expected
    with django_assert_max_num_queries(13):
        rule = {"field": "firstName", "operator": "equals", "value": "nobody"}
        query = ListQuery(sort={"field": "area", "direction": direction}, filters=[rule], page=1)
        assert not queries.list_records(owner, CONTACT, query, ["id"]).rows


# --- While other people work ----------------------------------------------------------------------------


def test_nobody_is_missed_or_seen_twice_while_others_come_and_change(berlin):
    @given(seed=st.integers(0, 2**32), data=st.data())
    def hold(seed, data):
        with transaction.atomic():
            world = worlds.build(berlin, CONTACT, seed=seed, size=20)
            keys = data.draw(generated.sorts(world))
            rest = {record["id"]: record for record in world.records}
            moved = [rest.pop(record["id"]) for record in world.records[::4]]

            def between():
                row, _ = worlds.new_row(world, seed)
                services.create_records(berlin, CONTACT, [row])
                if moved:
                    services.update_records(berlin, CONTACT, {moved.pop()["id"]: row})

            seen = walked(world, between=between, sort=as_json(keys), page_size=5)
            expected = [record["id"] for record in world.oracle.sorted(list(rest.values()), keys)]
            # Records that nobody moved, each once and in order; those that came or moved may show or not.
            assert [pk for pk in seen if pk in rest] == expected
            transaction.set_rollback(True)

    hold()


def test_a_record_deleted_between_pages_takes_nobody_with_it(berlin):
    world = worlds.build(berlin, CONTACT, seed=3, size=20)
    first = page_of(world, page_size=5, sort={"field": "name"})
    services.delete_records(berlin, CONTACT, [row["id"] for row in first.rows])
    second = page_of(world, page_size=5, sort={"field": "name"}, cursor=first.next_cursor)
    expected = [record["id"] for record in world.oracle.sorted(world.records, [("name", "asc")])]
    assert [row["id"] for row in second.rows] == expected[5:10]


def test_a_cursor_goes_on_after_any_row_and_with_another_page_size(berlin):
    world = worlds.build(berlin, CONTACT, seed=5, size=20)
    expected = [record["id"] for record in world.oracle.sorted(world.records, [("name", "asc")])]
    page = page_of(world, page_size=10)
    for index in range(10):
        rows = page_of(world, page_size=5, cursor=page.cursor_after(index)).rows
        assert [row["id"] for row in rows] == expected[index + 1 : index + 6]


# --- How many -------------------------------------------------------------------------------------------


def fill(actor, count):
    """So many nameless contacts, in one statement."""
    from crm.models import Contact

    some = services.create_records(actor, CONTACT, [{"firstName": "Ada"}]).records[0]
    shared = {"company_id": some.company_id, "created_at": some.created_at, "updated_at": some.updated_at}
    Contact.objects.bulk_create(
        [Contact(first_name="Ida", **shared) for _ in range(count - 1)], batch_size=900
    )


@pytest.mark.parametrize(("count", "total", "exact"), [(10_000, 10_000, True), (10_001, 10_000, False)])
def test_totals_are_exact_to_ten_thousand_and_say_when_not(owner, count, total, exact):
    fill(owner, count)
    page = queries.list_records(owner, CONTACT, ListQuery(page_size=5), [])
    assert (page.count.total, page.count.is_exact) == (total, exact)
    counted = queries.count_records(owner, CONTACT, ListQuery())
    assert (counted.total, counted.is_exact) == (total, exact)
    asked = queries.count_records(owner, CONTACT, ListQuery(), exact=True)
    assert (asked.total, asked.is_exact) == (count, True)
    rare = queries.count_records(
        owner, CONTACT, ListQuery(filters=[{"field": "firstName", "operator": "equals", "value": "ADA"}])
    )
    assert (rare.total, rare.is_exact) == (1, True)


def test_a_list_of_one_page_is_not_counted_again(owner):
    services.create_records(owner, CONTACT, [{"firstName": f"Ada {n}"} for n in range(10)])

    def asked(**query):
        with CaptureQueriesContext(connection) as queries_made:
            page = queries.list_records(owner, CONTACT, ListQuery(**query), ["id"])
        return (page.count.total, page.count.is_exact), sum("COUNT(" in q["sql"] for q in queries_made)

    first = queries.list_records(owner, CONTACT, ListQuery(page_size=5), ["id"])
    assert asked(page_size=25) == ((10, True), 0)
    assert asked(page_size=10, page=1) == ((10, True), 0)
    assert asked(page_size=25, search="nobody") == ((0, True), 0)
    assert asked(page_size=5) == ((10, True), 1)  # more are left
    assert asked(page_size=5, page=2) == ((10, True), 1)  # the last, but there was one before
    assert asked(page_size=5, cursor=first.next_cursor) == ((10, True), 1)
