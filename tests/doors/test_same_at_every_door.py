"""It is the same whichever door somebody comes through: the same records, events and issues."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from django.conf import LazySettings

from tests.doors.door_cases import TABLE
from tests.doors.three_doors import PAGE, REST, Case, Doors, Outcome, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def doors(monkeypatch: pytest.MonkeyPatch, settings: LazySettings):
    """The doors of a company in which time stands still."""
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    with time_machine.travel(datetime.now(UTC), tick=False):
        yield Doors(world(), monkeypatch)


def issues_of(outcome: Outcome) -> list[tuple[str, str, int]]:
    return [issue for issue in outcome.issues if not outcome.is_success]


def differences(doors: Doors, kind: str, case: Case) -> list[str]:
    """In words, what is not the same at all doors of this case."""
    came_of = {door: doors.through(door, case) for door in case.doors}
    first, *others = came_of
    model, wrong = came_of[first], []
    for door in others:
        outcome = came_of[door]
        if outcome.told != model.told:
            wrong.append(f"{case.name}: {door} left\n{outcome.told}\nand {first}\n{model.told}")
        if outcome.is_success != model.is_success:
            wrong.append(f"{case.name}: {first} {model.status}, {door} {outcome.status} {outcome.issues}")
        if kind != "stale" and issues_of(outcome) != issues_of(model):
            wrong.append(f"{case.name}: {first} {model.issues}, {door} {outcome.issues}")
        if not model.is_success and outcome.status != model.status:
            wrong.append(f"{case.name}: {first} {model.status}, {door} {outcome.status}")
    if case.fails not in [code for _, code, _ in came_of[REST].issues] + [""] * came_of[REST].is_success:
        wrong.append(f"{case.name}: not {case.fails or 'done'} but {came_of[REST].issues}")
    return wrong


def test_the_table_is_long_and_no_case_is_in_it_twice():
    cases = [(kind, case.name) for kind, cases in TABLE.items() for case in cases]
    assert len(cases) == len(set(cases)) >= 60
    assert sum(PAGE in case.doors for cases in TABLE.values() for case in cases) >= 60


@pytest.mark.parametrize("kind", TABLE)
def test_what_is_done_comes_to_the_same_at_every_door(doors: Doors, kind: str):
    wrong = [difference for case in TABLE[kind] for difference in differences(doors, kind, case)]
    assert not wrong, "\n".join(wrong)
