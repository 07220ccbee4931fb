"""Custom columns that several people change at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep
from typing import Any

import pytest
from django.db import IntegrityError, connection

from crm import field_services, services
from crm.entities import CONTACT, DEAL
from crm.field_services import update_column
from crm.models import CustomColumn
from crm.writing.batch import Batch
from customermates.kernel.errors import Conflict, ProductError, ValidationFailed
from tests.crm.columns import TIERS, column, contact, options_of

pytestmark = pytest.mark.django_db

# --- Two at once ----------------------------------------------------------------------------------------

WRITERS = 8


def at_once(action: Any, writers: int = WRITERS) -> list[Any]:
    """What `action(0)`, `action(1)`, … make of each other in threads of their own."""

    def run(number: int) -> Any:
        try:
            return action(number)
        except ProductError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(writers) as pool:
        return list(pool.map(run, range(writers)))


@pytest.mark.django_db(transaction=True)
def test_columns_made_at_the_same_moment_share_nothing(owner):
    at_once(lambda number: column(owner, f"Size {'!' * number}", "number"))
    made = CustomColumn.objects.order_by("number")
    assert [row.number for row in made] == list(range(1, WRITERS + 1))
    assert sorted(row.slots for row in made) == [f"n{number}" for number in range(1, WRITERS + 1)]
    assert len({row.key for row in made}) == WRITERS


def test_only_a_race_makes_a_column_write_start_again(owner, monkeypatch):
    tries = []

    def broken(*_: Any) -> Any:
        tries.append(1)
        raise IntegrityError("a rule of another table")

    monkeypatch.setattr(field_services, "free_slots", broken)
    with pytest.raises(IntegrityError):
        column(owner, "Size", "number")
    assert len(tries) == 1


if connection.vendor != "sqlite":  # it has one writer at a time, so nobody is faster there

    def test_a_column_write_that_keeps_colliding_ends(owner, monkeypatch):
        column(owner, "Size", "number")
        tries = []

        def first(_: Any) -> int:
            tries.append(1)
            return 1

        monkeypatch.setattr(field_services, "free_number", first)
        with pytest.raises(IntegrityError):
            column(owner, "Weight", "number")
        assert len(tries) == 10


@pytest.mark.django_db(transaction=True)
def test_of_equal_labels_at_the_same_moment_one_wins(owner):
    results = at_once(lambda _: column(owner, "Size", entityType=DEAL.name))
    lost = [result for result in results if isinstance(result, ValidationFailed)]
    assert len(lost) == WRITERS - 1
    assert {issue.code for error in lost for issue in error.issues} == {"duplicate_label"}
    assert CustomColumn.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_equal_versions_at_the_same_moment_one_wins(owner):
    made = column(owner)
    results = at_once(
        lambda number: update_column(owner, made.pk, {"label": f"Tier {number}", "expectedVersion": 1})
    )
    assert sum(isinstance(result, Conflict) for result in results) == WRITERS - 1
    assert CustomColumn.objects.get().version == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new", [True, False])
def test_an_option_does_not_go_while_a_write_is_about_to_store_it(owner, monkeypatch, is_new):
    tier = column(owner, "Tier", "singleSelect", options=TIERS)
    ada, checked, save = contact(owner), Event(), Batch.save

    def slow(batch: Batch) -> None:
        checked.set()
        sleep(0.5)  # long enough to remove an option, if nothing holds it
        save(batch)

    def act(number: int) -> Any:
        row = {"customFields": {"tier": "Silver"}}
        if number and is_new:
            return services.create_records(owner, CONTACT, [{"firstName": "Ida", **row}])
        if number:
            return services.update_records(owner, CONTACT, {ada.pk: row})
        checked.wait()
        return update_column(owner, tier.pk, {"options": options_of(tier, "Gold", "Bronze")})

    monkeypatch.setattr(Batch, "save", slow)
    lost, written = at_once(act, 2)
    assert isinstance(lost, ValidationFailed)
    assert [issue.code for issue in lost.issues] == ["option_in_use"]
    assert written.rows[0].outcome != "unchanged"
