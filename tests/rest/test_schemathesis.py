"""Schemathesis finds no deviation of the door from its document: right calls, wrong calls, all checks.

What is right by its schema may still name what does not exist, or a version that has passed: no schema
can know that, so such calls may be answered 422 and 412 as well. All else is as Schemathesis expects it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import given, settings
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
EXAMPLES = 200 if IS_DEEP else 2  # of right calls and of wrong ones each, for every operation
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "422", "429"]
CONFIG = {
    "checks": {
        "positive_data_acceptance": {"expected-statuses": ACCEPTED},
        "unsupported_method": {"enabled": True},
    },
    "generation": {"database": "none"},
}
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
def test_the_door_does_what_its_document_says(house: House, tag: str):
    schema = schemathesis.openapi.from_dict(
        json.loads(document()), config=schemathesis.Config.from_dict(CONFIG)
    )
    schema.app = get_wsgi_application()
    key, asked = people.key_of(house.admin, "*")[1], 0
    for result in schema.get_all_operations():
        assert isinstance(result, Ok), result
        operation = result.ok()
        if tag in (operation.tags or ()):
            ask_right(operation, key, paths_of(house, tag))
            ask_wrong(operation, key)
            asked += 1
    assert asked


def headers_of(key: str) -> dict[str, str]:
    """What every call brings; nothing compressed, since nothing in between would undo it."""
    return {"x-api-key": key, "Accept-Encoding": "identity"}


def ask_right(operation: schemathesis.APIOperation, key: str, found: Mapping[str, str]) -> None:
    """Calls that the schema allows, about half of them of something that is there."""

    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE), is_found=st.booleans())
    @settings(max_examples=EXAMPLES)
    def ask(case: schemathesis.Case, *, is_found: bool) -> None:
        if is_found:
            case.path_parameters |= {n: v for n, v in found.items() if n in case.path_parameters}
        case.call_and_validate(headers=headers_of(key))

    ask()


def ask_wrong(operation: schemathesis.APIOperation, key: str) -> None:
    """Calls that the schema does not allow."""

    @given(case=operation.as_strategy(generation_mode=GenerationMode.NEGATIVE))
    @settings(max_examples=EXAMPLES)
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers_of(key))

    with suppress(Unsatisfiable):  # where there is nothing to be said, nothing can be said wrong
        ask()
