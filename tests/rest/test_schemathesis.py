"""Schemathesis finds no deviation of the door from its document: right calls, wrong calls, all checks.

What is right by its schema may still name what does not exist, or a version that has passed: no schema
can know that, so such calls may be answered 422 and 412 as well. What is wrong may be too large besides.
All else is as Schemathesis expects it.
With HYPOTHESIS_PROFILE=deep, what was asked and found right is kept in `schemathesis.json` beside this file.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.core.result import Ok

from crm.entities import ENTITIES
from customermates.api import all_routes, document
from tests import people
from tests.doors.worlds import House
from tests.doors.worlds import northwind as furnished
from tests.profiles import IS_DEEP

pytestmark = pytest.mark.django_db
RIGHT, WRONG = (200, 50) if IS_DEEP else (2, 2)  # calls of each operation that its schema allows, or not
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
REFUSED = ["400", "401", "403", "404", "405", "406", "409", "412", "413", "415", "422", "429"]
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
        "negative_data_rejection": {"expected-statuses": REFUSED},
        "unsupported_method": {"enabled": True},
    },
    # All calls bring our key; credentials made up beside it would only be refused before anything is read.
    "generation": {"database": "none", "with-security-parameters": False},
}
RESULTS = Path(__file__).with_name("schemathesis.json")
TAGS = sorted({operation.tag for route in all_routes() for operation in route.operations.values()})


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0


@pytest.fixture(autouse=True)
def _open_connections() -> Iterator[None]:
    """Requests leave the connection alone, as with Django's own client: the test's transaction is in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def house(db: None) -> House:
    """A company with a bit of everything."""
    return furnished()


def paths_of(house: House, tag: str) -> Mapping[str, str]:
    """What stands in the paths of the operations of this tag, so that something is found there."""
    ids = house.ids()
    entity = next((entity for entity in ENTITIES.values() if entity.plural == tag), None)
    if entity:
        return {"id": ids[entity.name], "relation": next(iter(entity.relations.values())).name}
    kinds = {
        "custom-columns": "column",
        "pipelines": "pipeline",
        "webhooks": "webhook",
        "webhook-deliveries": "delivery",
    }
    return {"id": ids[kinds.get(tag, "user")]}


@pytest.mark.parametrize("tag", TAGS)
def test_the_door_does_what_its_document_says(house: House, tag: str, subtests: pytest.Subtests):
    schema = schemathesis.openapi.from_dict(
        json.loads(document()), config=schemathesis.Config.from_dict(CONFIG)
    )
    schema.app = get_wsgi_application()
    key, asked = people.key_of(house.admin, "*")[1], 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if tag in (operation.tags or ()):
            asked += 1
            with subtests.test(operation.label):
                right = ask_right(operation, key, paths_of(house, tag))
                keep(operation, right, ask_wrong(operation, key))
    assert asked


def headers_of(key: str) -> dict[str, str]:
    """What every call brings; nothing compressed, since nothing in between would undo it."""
    return {"x-api-key": key, "Accept-Encoding": "identity"}


def ask_right(operation: schemathesis.APIOperation, key: str, found: Mapping[str, str]) -> Counter[int]:
    """Answers to calls that the schema allows, about half of them of something that is there."""
    answers = Counter[int]()

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), is_found=st.booleans())
    @settings(max_examples=RIGHT)
    def ask(case: schemathesis.Case, *, is_found: bool) -> None:
        if is_found:
            case.path_parameters |= {n: v for n, v in found.items() if n in case.path_parameters}
        answers[case.call_and_validate(headers=headers_of(key)).status_code] += 1

    ask()
    return answers


def ask_wrong(operation: schemathesis.APIOperation, key: str) -> Counter[int]:
    """Answers to calls that the schema does not allow."""
    answers = Counter[int]()

    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @settings(max_examples=WRONG, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        answers[case.call_and_validate(headers=headers_of(key)).status_code] += 1

    with suppress(Unsatisfiable):  # where there is nothing to be said, nothing can be said wrong
        ask()
    return answers


def keep(operation: schemathesis.APIOperation, right: Counter[int], wrong: Counter[int]) -> None:
    """How many calls of each kind got which answer is on file, after a deep run without a failure."""
    if IS_DEEP:  # few examples prove little
        kept = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
        of_database = kept.setdefault(connection.vendor, {})
        of_database[operation.label] = {
            name: {str(status): count for status, count in sorted(answers.items())}
            for name, answers in (("right", right), ("wrong", wrong))
        }
        RESULTS.write_text(json.dumps(kept, indent=1, sort_keys=True) + "\n")
