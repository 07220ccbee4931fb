"""A page of a large company costs a walk along one index, wherever it lies in the list."""

from __future__ import annotations

import re
from time import perf_counter

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm import queries, services
from crm.entities import CONTACT
from crm.models import Contact, Deal
from crm.queries import ListQuery
from tests.crm.columns import column

pytestmark = pytest.mark.django_db

ROWS = 20_000
IS_POSTGRESQL = connection.vendor == "postgresql"
# Values of a copied row number n in each slot; every fifth row has none.
SLOTS = {
    "t1": "'word ' || n %% 997",
    "n1": "n %% 1000",
    "d1": "timestamp '2026-01-01' + n %% 3000 * interval '1 hour'"
    if IS_POSTGRESQL
    else "datetime('2026-01-01', (n %% 3000) || ' hours')",
}


@pytest.fixture
def crowd(owner, stranger):
    """Twenty thousand contacts in two companies each, with a text, a number, a time and a select."""
    for actor in (stranger, owner):
        column(actor, "Word")
        tier = column(actor, "Tier", "singleSelect", options={"options": ["Gold", "Silver", "Bronze"]})
        column(actor, "Points", "number")
        column(actor, "Since", "dateTime")
        services.create_records(actor, CONTACT, [{"firstName": "Ada"}])
        values = [option["value"] for option in tier.options["options"]]
        tiers = "CASE n %% 3 WHEN 0 THEN '{}' WHEN 1 THEN '{}' ELSE '{}' END".format(*values)
        multiply(actor, SLOTS | {"t2": tiers, "name_key": "'ada ' || n"})
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return owner


def multiply(actor, slots):
    """The actor's one contact, so many times over: one statement that the database works off."""
    names = [
        str(field.column) for field in Contact._meta.concrete_fields if field.column not in ("id", *slots)
    ]
    filled = [f"CASE WHEN n %% 5 > 0 THEN {value} END" for value in slots.values()]
    identity = "gen_random_uuid()" if IS_POSTGRESQL else "lower(hex(randomblob(16)))"
    company = Contact._meta.get_field("company_id").get_db_prep_value(actor.company_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series WHERE n < {ROWS}) "  # noqa: S608
            f"INSERT INTO crm_contact (id, {', '.join([*slots, *names])}) "
            f"SELECT {identity}, {', '.join([*filled, *names])} "
            "FROM crm_contact, series WHERE company_id = %s",
            [company],
        )


def planned(actor, **question):
    """The page, its first statement, how that is carried out, and the milliseconds it took."""
    with CaptureQueriesContext(connection) as captured:
        page = queries.list_records(actor, CONTACT, ListQuery(**question), ["name"])
    statement = next(q["sql"] for q in captured if "ORDER BY" in q["sql"] and "crm_contact" in q["sql"])
    with connection.cursor() as cursor:
        cursor.execute(("EXPLAIN " if IS_POSTGRESQL else "EXPLAIN QUERY PLAN ") + statement)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
        start = perf_counter()
        cursor.execute(statement)
        cursor.fetchall()
        return page, statement, plan, (perf_counter() - start) * 1000


def is_walk(plan, index):
    """Whether the plan goes along this index, without reading or sorting the table."""
    reads_all = re.search(r"Seq Scan on crm_contact|SCAN crm_contact(?! USING INDEX)", plan)
    sorts = re.search(r"\bSort\b|TEMP B-TREE", plan)
    return f" {index} " in f"{plan} ".replace("\n", " ") and not reads_all and not sorts


def test_sorted_pages_walk_the_index_of_their_slot(crowd, subtests):
    indexes = {
        "word": "t1",
        "points": "n1",
        "since": "d1",
        "tier": "t2",
        "name": "name",
        "createdAt": "created",
        "updatedAt": "updated",
    }
    for field, index in indexes.items():
        for direction, sign in (("asc", ">"), ("desc", "<")):
            with subtests.test(field=field, direction=direction):
                sort = {"field": field, "direction": direction}
                page, _, plan, first = planned(crowd, sort=sort)
                assert is_walk(plan, f"contact_{index}"), plan
                following, statement, plan, then = planned(crowd, sort=sort, cursor=page.next_cursor)
                assert is_walk(plan, f"contact_{index}"), plan
                assert not {row["id"] for row in page.rows} & {row["id"] for row in following.rows}
                if field != "tier":  # its options are walked one by one, each in the order of ids
                    assert re.search(rf'"id"\) {sign} \(', statement), statement
                report(f"{field} {direction}: first page {first:.1f} ms, next {then:.1f} ms")


def test_what_deals_are_worth_and_when_they_close_is_indexed_for_sorting(subtests):
    for attr in ("total_value", "weighted_value", "expected_close_date", "closed_at", "updated_at"):
        with subtests.test(attr=attr):
            assert ["company", attr, "id"] in [index.fields for index in Deal._meta.indexes]


def test_more_keys_enter_the_index_of_the_first(crowd, subtests):
    for direction, sign in (("asc", ">="), ("desc", "<=")):
        with subtests.test(direction=direction):
            sort = [{"field": "points", "direction": direction}, {"field": "tier"}, {"field": "word"}]
            page, _, _, first = planned(crowd, sort=sort)
            _, statement, plan, then = planned(crowd, sort=sort, cursor=page.next_cursor)
            assert "contact_n1" in plan, plan
            assert "Seq Scan" not in plan
            assert f'"n1" {sign} ' in statement
            report(f"three keys {direction}: first page {first:.1f} ms, next {then:.1f} ms")


def test_a_rule_on_a_slot_reads_no_table(crowd):
    rule = {"field": "word", "operator": "equals", "value": "word 7"}
    _, _, plan, took = planned(crowd, filters=[rule], sort={"field": "points"})
    report(f"a rule on one slot, sorted by another: {took:.1f} ms")
    # SQLite prefers the index of the sort and passes over what the rule does not want.
    assert ("contact_t1" if IS_POSTGRESQL else "contact_n1") in plan, plan


def report(line):
    """One line of timings, which `pytest -rP` shows."""
    print(f"{connection.vendor}, {ROWS:,} contacts in each of two companies: {line}")  # noqa: T201
