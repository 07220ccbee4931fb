"""Custom columns in their order, how much they are used, and what becomes of them meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.actor import Actor
from accounts.models import User
from accounts.permissions import Access
from crm import services
from crm.column_list import changes_since, count_columns, get_column, list_columns, list_deleted
from crm.entities import CONTACT, DEAL
from crm.field_services import delete_column, move_column, restore_column, update_column
from crm.models import CustomColumn
from crm.setup import CompanySetup
from customermates.kernel.errors import NotAllowed, NotFound
from tests import people
from tests.crm.columns import TIERS, column, contact, events

pytestmark = pytest.mark.django_db


@pytest.fixture
def abc(owner: Actor) -> list[CustomColumn]:
    """Columns A, B and C of contacts."""
    return [column(owner, label) for label in "ABC"]


def order(actor: Actor) -> str:
    return "".join(row.column.label for row in list_columns(CompanySetup(actor), CONTACT))


@pytest.mark.parametrize(
    ("which", "place", "then"),
    [(0, 1, "BAC"), (0, 2, "BCA"), (2, 0, "CAB"), (1, 1, "ABC"), (0, 99, "BCA"), (2, -5, "CAB")],
)
def test_a_column_moves_and_the_others_close_ranks(owner, abc, which, place, then):
    move_column(owner, abc[which].pk, place)
    assert order(owner) == then
    assert sorted(CustomColumn.objects.values_list("position", flat=True)) == [0, 1, 2]


def test_a_move_is_told_of_every_column_that_it_moves_and_of_no_other(owner, abc):
    before = len(events(owner, "customColumn"))
    move_column(owner, abc[1].pk, 0)
    told = events(owner, "customColumn")[before:]
    assert [(name, changes["position"]) for name, changes in told] == [
        ("customColumn.updated", {"previous": 1, "current": 0}),
        ("customColumn.updated", {"previous": 0, "current": 1}),
    ]
    move_column(owner, abc[1].pk, 0)
    assert len(events(owner, "customColumn")) == before + 2


def test_positions_that_were_equal_or_had_gaps_end_in_a_row(owner):
    for label, position in (("A", 5), ("B", 5), ("C", 90)):
        column(owner, label, position=position)
    move_column(owner, CustomColumn.objects.get(label="C").pk, 1)
    assert order(owner) == "ACB"
    assert list(CustomColumn.objects.order_by("label").values_list("position", flat=True)) == [0, 2, 1]


def test_a_move_leaves_versions_and_other_entities_alone(owner, abc):
    other = column(owner, "D", entityType="deal")
    move_column(owner, abc[2].pk, 0)
    assert set(CustomColumn.objects.values_list("version", flat=True)) == {1}
    assert CustomColumn.objects.get(pk=other.pk).position == other.position


def test_a_dry_move_moves_nothing(owner, abc):
    receipt = move_column(owner, abc[2].pk, 0, dry_run=True)
    assert receipt.changes["position"] == {"previous": 2, "current": 0}
    assert order(owner) == "ABC"


def test_only_columns_in_use_of_ones_own_company_move(owner, member, abc, sven):
    with pytest.raises(NotAllowed):
        move_column(member, abc[0].pk, 1)
    with pytest.raises(NotFound):
        move_column(people.signed_in(sven), abc[0].pk, 1)
    delete_column(owner, abc[0].pk)
    for gone in (abc[0].pk, uuid4()):
        with pytest.raises(NotFound):
            move_column(owner, gone, 1)


# --- Listing --------------------------------------------------------------------------------------------


def test_use_is_counted_in_slots_and_beyond_them(owner, django_assert_max_num_queries):
    made = {
        "Plain": column(owner, "Plain"),
        "Several": column(owner, "Several", "email", options={"allowMultiple": True}),
        "Tags": column(owner, "Tags", "multiSelect", options=TIERS),
        "Range": column(owner, "Range", "dateRange"),
        "Never": column(owner, "Never", "number"),
    }
    assert not made["Several"].slots
    values = {"plain": "x", "several": ["a@x.example", "b@x.example"], "tags": ["Gold", "Silver"]}
    contact(owner, **values)
    contact(owner, **values, range="2026-01-01,2026-01-02")
    gone = contact(owner, **values)
    services.delete_records(owner, CONTACT, [gone.pk])
    contact(owner, tags=None)
    setup = CompanySetup(owner)
    with django_assert_max_num_queries(3):  # columns; slots; IndexedValue
        rows = list_columns(setup, CONTACT)
    assert {row.column.label: row.used for row in rows} == {
        "Plain": 2,
        "Several": 2,
        "Tags": 2,
        "Range": 1,
        "Never": 0,
    }
    assert {row.column.label: row.is_sortable for row in rows} == {
        "Plain": True,
        "Several": False,
        "Tags": False,
        "Range": True,
        "Never": True,
    }


def test_whoever_sees_only_their_own_records_counts_only_these(owner, max_: User):
    column(owner, "Plain")
    contact(owner, plain="x")
    own = replace(people.signed_in(max_), access={"contacts": Access("own"), "columns": Access("all")})
    assert [row.used for row in list_columns(CompanySetup(own), CONTACT)] == [0]
    mine = contact(owner, plain="x")
    services.update_records(owner, CONTACT, {mine.pk: {"userIds": [str(max_.pk)]}})
    assert [row.used for row in list_columns(CompanySetup(own), CONTACT)] == [1]


def test_columns_are_counted_by_entity(owner, abc, sven):
    column(people.signed_in(sven), "Elsewhere")
    delete_column(owner, abc[0].pk)
    column(owner, "D", entityType="deal")
    assert count_columns(owner) == {"contact": 2, "organization": 0, "deal": 1, "service": 0, "task": 0}


def test_deleted_columns_are_listed_while_they_can_come_back(owner, abc):
    with time_machine.travel(timezone.now() - timedelta(days=31)):
        delete_column(owner, abc[0].pk)
    with time_machine.travel(timezone.now() - timedelta(days=29)):
        delete_column(owner, abc[1].pk)
    delete_column(owner, abc[2].pk)
    assert [row.column.label for row in list_deleted(owner, CONTACT)] == ["C", "B"]
    assert not list_deleted(owner, DEAL)
    restore_column(owner, abc[2].pk)
    assert [row.column.label for row in list_deleted(owner, CONTACT)] == ["B"]


def test_a_deleted_or_foreign_column_is_not_found(owner, abc, sven):
    assert get_column(owner, abc[0].pk).label == "A"
    with pytest.raises(NotFound):
        get_column(people.signed_in(sven), abc[0].pk)
    delete_column(owner, abc[0].pk)
    with pytest.raises(NotFound):
        get_column(owner, abc[0].pk)


def test_changes_since_a_version_leave_out_moves_and_what_came_before(owner, abc):
    update_column(owner, abc[0].pk, {"label": "A1"})
    update_column(owner, abc[0].pk, {"label": "A2"})
    move_column(owner, abc[0].pk, 2)
    now = update_column(owner, abc[0].pk, {"description": "Why"}).column
    found = changes_since(owner, now, 2)
    assert [sorted(event.changes) for event in found] == [["label"], ["description"]]
    assert not changes_since(owner, now, now.version)
