"""Programmers get a typed client by pressing a button: it is made from the document, compiles, and works."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from pytest_django import Settings

from crm.entities import ENTITIES
from customermates.api import all_routes, document

NAME = "customermates_client"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of a client that was made without a word of complaint."""
    folder = tmp_path_factory.mktemp("generated")
    source = folder / "openapi.json"
    source.write_bytes(document())
    config = Config.from_sources(
        ConfigFile(post_hooks=[]),
        MetaType.NONE,
        document_source=source,
        file_encoding="utf-8",
        overwrite=False,
        output_path=folder / NAME,
    )
    assert [str(error) for error in generate(config=config)] == []
    sys.path.insert(0, str(folder))
    yield folder / NAME
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == NAME]:
        del sys.modules[name]


@pytest.fixture
def client(made: Path, owner_key: str, settings: Settings) -> Iterator[Any]:
    """The client with Olivia's key, straight at the application; the test's transaction stays open."""
    settings.API_CALLS_PER_MINUTE = settings.API_WRITES_PER_MINUTE = 0
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    module = importlib.import_module(NAME)
    yield module.AuthenticatedClient(
        base_url="http://localhost",
        token=owner_key,
        raise_on_unexpected_status=True,
        httpx_args={"transport": httpx.WSGITransport(app=get_wsgi_application())},
    )
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def part(name: str) -> ModuleType:
    """A module of the client."""
    return importlib.import_module(f"{NAME}.{name}")


def test_every_operation_is_a_function_of_it_and_every_file_compiles(made: Path):
    for path in made.rglob("*.py"):
        compile(path.read_text(), str(path), "exec")
    functions = {path.stem.replace("_", "") for path in (made / "api").rglob("*.py")}
    asked = {operation.id.lower() for route in all_routes() for operation in route.operations.values()}
    assert asked <= functions


def test_its_types_hold(made: Path):
    from mypy import api

    said, complaints, code = api.run(
        ["--config-file=", "--cache-dir=/dev/null", "--ignore-missing-imports", str(made)]
    )
    assert (code, complaints) == (0, ""), said


@pytest.mark.django_db
def test_a_contact_is_created_found_changed_and_deleted_with_types(client: Any):
    models, api = part("models"), "api.contacts"
    new = models.ContactCreate(first_name="Ada", last_name="Byron", emails=["ada@engines.example"])
    made = part(f"{api}.create_contact").sync(client=client, body=new, idempotency_key="once")
    assert isinstance(made, models.Contact)
    assert part(f"{api}.create_contact").sync(client=client, body=new, idempotency_key="once") == made
    rule = models.FilterRule(field="emails", operator=models.FilterRuleOperator.CONTAINS, value="engines")
    search = models.GetContactsBody.from_dict({"filters": [rule.to_dict()], "searchTerm": "byron"})
    found = part(f"{api}.get_contacts").sync(client=client, body=search)
    assert [contact.id for contact in found.items] == [made.id]
    patch = part(f"{api}.patch_contact")
    change = models.ContactUpdate(job_title="Head of purchasing")
    changed = patch.sync(str(made.id), client=client, body=change, if_match='"1"')
    assert (changed.job_title, changed.version, changed.emails) == (change.job_title, 2, made.emails)
    late = patch.sync_detailed(str(made.id), client=client, body=change, if_match='"1"')
    assert (late.status_code, late.parsed.error.issues[0].code) == (412, "stale_version")
    told = part(f"{api}.delete_contact").sync(str(made.id), client=client, dry_run=True)
    assert (told.dry_run, told.records[0].outcome) == (True, "deleted")
    assert part(f"{api}.delete_contact").sync(str(made.id), client=client) == made.id
    gone = part(f"{api}.get_contact_by_id").sync_detailed(str(made.id), client=client)
    assert (gone.status_code, gone.parsed.error.code) == (404, "not_found")


@pytest.mark.django_db
@pytest.mark.parametrize("entity", ENTITIES.values(), ids=lambda entity: entity.name)
def test_answers_of_every_entity_are_read_by_its_models(client: Any, entity: Any):
    models, one = part("models"), entity.name.capitalize()
    row = {"contact": {"firstName": "N"}, "service": {"name": "N", "amount": 1}}.get(
        entity.name, {"name": "N"}
    )
    create = part(f"api.{entity.plural}.create_{entity.name}")
    made = create.sync(client=client, body=getattr(models, f"{one}Create").from_dict(row))
    assert made.to_dict()["version"] == 1
    read = part(f"api.{entity.plural}.get_{entity.name}_by_id").sync(str(made.id), client=client)
    assert getattr(read, entity.name) == made
    listed = part(f"api.{entity.plural}.list_{entity.plural}").sync(client=client, search_term="n")
    assert (listed.items, listed.pagination.total) == ([made], 1)
    setup = part(f"api.{entity.plural}.get_{entity.name}_configuration").sync(client=client)
    assert setup.entity == entity.name
