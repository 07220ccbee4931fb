"""The OpenAPI document: complete, valid by two judges, and true of every example it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from openapi_pydantic.v3.v3_1 import OpenAPI
from openapi_spec_validator import OpenAPIV31SpecValidator
from pydantic import BaseModel

from crm.entities import ENTITIES
from customermates.api import all_routes, document
from tests.rest.client import ROOT, Rest
from webhooks.catalog import subscribable

DOCUMENT: dict[str, Any] = json.loads(document())


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method, operation) of the whole document."""
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def resolved(part: Any) -> Any:
    """What a reference refers to."""
    while isinstance(part, dict) and "$ref" in part:
        found: Any = DOCUMENT
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        part = found
    return part


def test_anybody_may_read_it_and_need_not_twice():
    response = Client().get(f"{ROOT}openapi")
    assert response.status_code == 200
    assert json.loads(response.content) == DOCUMENT
    assert response["Access-Control-Allow-Origin"] == "*"
    again = Client().get(f"{ROOT}openapi", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_it_is_written_without_a_word_of_complaint(capfd: pytest.CaptureFixture[str]):
    document.cache_clear()
    assert json.loads(document()) == DOCUMENT
    assert capfd.readouterr().err == ""


def test_it_is_openapi_3_1_to_a_validator_of_the_specification():
    assert DOCUMENT["openapi"] == "3.1.0"
    assert list(OpenAPIV31SpecValidator(DOCUMENT).iter_errors()) == []


def test_it_is_openapi_3_1_to_a_second_judge_that_shares_nothing_with_the_first():
    read = OpenAPI.model_validate(DOCUMENT)
    assert read.openapi == "3.1.0"
    assert (len(read.paths or {}), len(read.webhooks or {})) == (
        len(DOCUMENT["paths"]),
        len(DOCUMENT["webhooks"]),
    )
    assert list(_extras(read)) == []


def _extras(model: Any, where: str = "") -> Iterator[str]:
    """Members that the models of the specification do not know."""
    if isinstance(model, BaseModel):
        yield from (f"{where}.{name}" for name in model.model_extra or ())
        for name in type(model).model_fields:
            yield from _extras(getattr(model, name), f"{where}.{name}")
    elif isinstance(model, dict):
        for name, inner in model.items():
            yield from _extras(inner, f"{where}.{name}")
    elif isinstance(model, list):
        for place, inner in enumerate(model):
            yield from _extras(inner, f"{where}[{place}]")


def test_every_schema_is_one_to_two_implementations_of_json_schema():
    schemas = [*DOCUMENT["components"]["schemas"].values()]
    for _, _, operation in operations():
        schemas += [parameter["schema"] for parameter in operation.get("parameters", ())]
    assert len(schemas) > 100
    for schema in schemas:
        Draft202012Validator.check_schema(schema)
        jsonschema_rs.meta.validate({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema})


def test_every_route_is_in_it_with_its_operation_id():
    told = {(path, method): operation["operationId"] for path, method, operation in operations()}
    del told[f"{ROOT}openapi", "GET"]
    asked = {
        (f"{ROOT}{route.path.replace('<str:', '{').replace('>', '}')}", method): operation.id
        for route in all_routes()
        for method, operation in route.operations.items()
    }
    assert told == asked
    assert len(set(told.values())) == len(told)


@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_operations_have_the_names_that_clients_know(entity):
    one = entity.name.capitalize()
    many = entity.plural.capitalize()
    ids = {operation["operationId"] for _, _, operation in operations()}
    assert ids >= {
        *(f"create{one}", f"createMany{many}", f"get{many}", f"get{one}ById", f"get{one}Configuration"),
        *(f"updateMany{many}", f"update{one}", f"delete{one}", f"deleteMany{many}"),
    }


def test_every_operation_is_described_in_full():
    for path, method, operation in operations():
        if path == f"{ROOT}openapi":
            continue
        where = f"{method} {path}"
        assert operation["summary"], where
        assert operation["tags"], where
        assert operation["security"], where
        success = [code for code in operation["responses"] if code.startswith("2")]
        assert success, where
        for code in success:
            [content] = operation["responses"][code]["content"].values()
            assert content["schema"], where
        assert {"401", "403", "429"} <= operation["responses"].keys(), where
        if "{" in path:
            assert "404" in operation["responses"] or "api-keys" in path, where
        for name in ("{id}", "{relation}"):
            if name in path:
                assert name[1:-1] in {p["name"] for p in operation["parameters"] if p["in"] == "path"}


def test_deletes_with_bodies_say_so():
    with_bodies = {path for path, method, o in operations() if method == "DELETE" and "requestBody" in o}
    expected = {f"{ROOT}{e.plural}/many" for e in ENTITIES.values()}
    expected |= {f"{ROOT}{e.plural}/{{id}}/links/{{relation}}" for e in ENTITIES.values()}
    assert with_bodies == expected


def test_writes_take_an_idempotency_key_and_guarded_ones_an_etag():
    for route in all_routes():
        path = f"{ROOT}{route.path.replace('<str:', '{').replace('>', '}')}"
        for method, operation in route.operations.items():
            told = DOCUMENT["paths"][path][method.lower()]
            headers = {p["name"] for p in told.get("parameters", ()) if p["in"] == "header"}
            assert ("Idempotency-Key" in headers) == (operation.writes and not operation.tells_secret)
            assert ("If-Match" in headers) == operation.guarded


def contents() -> Iterator[tuple[str, dict[str, Any]]]:
    """(where, media type object) of every body and answer that has an example."""
    for path, method, operation in operations():
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        bodies += [resolved(response) for response in operation["responses"].values()]
        for body in bodies:
            yield from ((f"{method} {path}", content) for content in body.get("content", {}).values())
    for name, item in DOCUMENT["webhooks"].items():
        yield name, item["post"]["requestBody"]["content"]["application/json"]


def test_whatever_changes_or_deletes_one_thing_that_has_versions_is_guarded():
    """Who may be told that somebody was faster when changing it may be when deleting it as well."""
    paths = [route for route in all_routes() if {"GET", "PATCH"} <= route.operations.keys()]
    assert len(paths) == len(ENTITIES) + 2
    for route in paths:
        methods = {method for method, operation in route.operations.items() if operation.guarded}
        assert methods >= {"PATCH", "PUT", "DELETE"}, route.path


def test_every_example_is_one_of_its_schema():
    shown = 0
    for where, content in contents():
        if "example" in content:
            validator = Draft202012Validator(
                {**content["schema"], "components": DOCUMENT["components"]},
                format_checker=Draft202012Validator.FORMAT_CHECKER,
            )
            errors = [error.message for error in validator.iter_errors(content["example"])]
            assert not errors, (where, errors[:3])
            shown += 1
    assert shown > 100


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["expectedCloseDate", "closedAt"])
@pytest.mark.parametrize("value", ["", None, "2026-11-22", "2026-11-22T10:00:00Z"])
def test_days_moments_and_empty_texts_are_written_as_it_says(rest: Rest, field: str, value: str | None):
    """An empty text cleared a date, while the document allowed none."""
    schema = {**DOCUMENT["components"]["schemas"]["DealCreate"], "components": DOCUMENT["components"]}
    validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    body = {"name": "Engines", "stage": "Won", field: value}
    assert validator.is_valid(body)
    assert not validator.is_valid({"name": "Engines", field: "soon"})
    deal = rest.ok("POST", "deals", body, 201)
    assert value is None or (deal[field] or "").startswith(value[:10])


def test_every_event_that_webhooks_can_ask_for_has_its_payload():
    assert list(DOCUMENT["webhooks"]) == [kind.name for kind in subscribable()]
    for name, item in DOCUMENT["webhooks"].items():
        schema = item["post"]["requestBody"]["content"]["application/json"]["schema"]
        assert schema["properties"]["event"] == {"const": name}


def test_components_are_all_used_and_all_there():
    text = json.dumps(DOCUMENT)
    for kind, found in DOCUMENT["components"].items():
        if kind in ("schemas", "responses", "headers"):
            assert not [name for name in found if f'"#/components/{kind}/{name}"' not in text]


def test_its_sentences_are_english_and_its_own():
    assert "drf" not in json.dumps(DOCUMENT).lower()
    assert DOCUMENT["info"]["title"] == "Customermates API"
