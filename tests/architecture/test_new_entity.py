"""A new kind of record is declared, not programmed.

To add an entity, touch these places, and no other:

1. `crm/models/<entity>.py`: its table, a `Record` with own columns, their folded keys and indexes.
2. `crm/models/links.py`: a link table for each entity it is linked to, and its assignees.
3. `crm/models/__init__.py`: the names of these tables.
4. `crm/entities.py`: its `Entity` with fields, default columns and search, and its links in `LINKS`.
5. `crm/migrations/`: what `manage.py makemigrations` writes.
6. `locale/`: the words for its label (`make messages`).

Permissions, key scopes, events, filters, sorting, paging, search, custom columns, the trash, dry runs,
the tools for agents, the REST routes and their document follow from these.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import connection

from accounts.actor import Actor
from accounts.api.document import document
from accounts.api.routing import patterns
from accounts.models import Event, User
from accounts.permissions import Access, all_scopes
from crm import services
from crm.api.entity_routes import entity_routes
from crm.api.urls import components as crm_components
from crm.api.webhook_payloads import webhooks
from crm.configuration import entity_configuration
from crm.entities import CONTACT, ENTITIES, Entity
from crm.field_services import create_column, update_column
from crm.models import Record
from crm.presenters import Presenter
from crm.queries import ListQuery, count_records, list_records
from crm.setup import CompanySetup
from customermates.kernel.errors import NotAllowed, NotFound, ValidationFailed
from tests import people
from tests.rest.client import Rest

ROOT = Path(__file__).resolve().parents[2]
PLACES_LIMIT = 6


@pytest.fixture
def machine(transactional_db: None) -> Iterator[Entity]:
    """The entity `machine`, declared for one test; SQLite changes tables only outside transactions."""
    from tests.architecture.machines import declared

    with declared() as entity:
        yield entity


@pytest.fixture
def owner(machine: Entity) -> Actor:
    """Olivia, signed in when there are machines already."""
    return people.signed_in(people.northwind()[1])


def create(actor: Actor, entity: Entity, *rows: dict[str, Any]) -> list[Record]:
    return services.create_records(actor, entity, rows).records


def found(actor: Actor, entity: Entity, **asked: Any) -> list[str]:
    rows = list_records(actor, entity, ListQuery(**asked), ["name"]).rows
    return [row["name"] for row in rows]


def shown(actor: Actor, entity: Entity, record: Record) -> dict[str, Any]:
    presenter = Presenter(CompanySetup(actor), entity)
    [row] = entity.model.objects.filter(pk=record.pk).values(*presenter.attrs())
    return presenter.full([row])[0]


def test_it_is_created_filtered_sorted_searched_and_counted(machine, owner):
    create(
        owner,
        machine,
        {"name": "Press", "power": 12.5, "builtOn": "2020-05-01", "alerts": ["hall4@x.example"]},
        {"name": "Älter", "power": 7, "state": "broken"},
        {"name": "Lathe"},
    )
    assert found(owner, machine) == ["Älter", "Lathe", "Press"]
    assert found(owner, machine, sort={"field": "power", "direction": "desc"}) == ["Press", "Älter", "Lathe"]
    assert found(owner, machine, sort={"field": "state"})[-1] == "Älter"
    assert found(owner, machine, search="hall4") == ["Press"]
    rules = [{"field": "name", "operator": "startsWith", "value": "alt"}]
    assert found(owner, machine, filters=rules) == ["Älter"]
    rules = [{"field": "builtOn", "operator": "lt", "value": "today"}]
    assert count_records(owner, machine, ListQuery(filters=rules)).total == 1
    rules = [{"field": "alerts", "operator": "contains", "value": "HALL"}]
    assert count_records(owner, machine, ListQuery(filters=rules)).total == 1


def test_it_is_updated_linked_deleted_and_restored_with_its_events(machine, owner):
    [press] = create(owner, machine, {"name": "Press"})
    services.update_records(owner, machine, {press.pk: {"power": 20, "userIds": ["me"], "notes": "Loud"}})
    [ada] = create(owner, CONTACT, {"firstName": "Ada", "machineIds": [str(press.pk)]})
    assert [c["id"] for c in shown(owner, machine, press)["contacts"]] == [str(ada.pk)]
    services.unlink_records(owner, machine, press.pk, "contactIds", [str(ada.pk)])
    services.link_records(owner, machine, press.pk, "contactIds", [str(ada.pk)])
    rules = [{"field": "machineIds", "operator": "in", "value": [str(press.pk)]}]
    assert found(owner, CONTACT, filters=rules) == ["Ada"]
    services.delete_records(owner, machine, [press.pk])
    assert found(owner, machine) == []
    assert shown(owner, CONTACT, ada)["machines"] == []
    services.restore_records(owner, machine, [press.pk])
    assert [m["name"] for m in shown(owner, CONTACT, ada)["machines"]] == ["Press"]
    assert shown(owner, machine, press)["users"][0]["firstName"] == "Olivia"
    told = Event.objects.filter(entity="machine").order_by("sequence").values_list("name", flat=True)
    assert list(told) == [
        "machine.created",
        *["machine.updated"] * 4,
        "machine.deleted",
        "machine.created",
    ]


def test_mistakes_are_told_and_dry_runs_change_nothing(machine, owner):
    with pytest.raises(ValidationFailed) as caught:
        create(owner, machine, {"nam": "Press"}, {"name": "Saw", "state": "lost", "contactIds": ["x"]})
    codes = {(issue.row, issue.field): issue.code for issue in caught.value.issues}
    assert codes == {
        (0, "nam"): "unknown_field",
        (0, "name"): "required",
        (1, "state"): "unknown_choice",
        (1, "contactIds[0]"): "unknown_record",
    }
    services.create_records(owner, machine, [{"name": "Press"}], dry_run=True)
    assert found(owner, machine) == []


def test_custom_columns_work_on_it(machine, owner):
    def in_hall(label: str) -> list[str]:
        return found(owner, machine, filters=[{"field": "hall", "operator": "equals", "value": label}])

    [press] = create(owner, machine, {"name": "Press"})
    options = {"options": ["North", "South"]}
    values = {"entityType": "machine", "type": "singleSelect", "label": "Hall", "options": options}
    hall = create_column(owner, values).column
    assert (hall.key, hall.slots) == ("hall", "t1")
    services.update_records(owner, machine, {press.pk: {"customFields": {"Hall": "north"}}})
    assert in_hall("North") == ["Press"]
    south = {"options": [row for row in hall.options["options"] if row["label"] == "South"]}
    update_column(owner, hall.pk, {"options": south, "replaceWith": {"North": "South"}})
    assert in_hall("South") == ["Press"]
    power = create_column(owner, {**values, "type": "plain", "label": "Power", "options": {}}).column
    assert power.key == "power_2"


def test_its_configuration_says_all_of_it(machine, owner):
    told = entity_configuration(CompanySetup(owner), machine)
    assert {"name", "power", "contactIds", "userIds"} <= {f["field"] for f in told["filterableFields"]}
    assert [relation["name"] for relation in told["relations"]] == ["contacts", "users"]
    linked = entity_configuration(CompanySetup(owner), CONTACT)
    assert "machines" in [relation["name"] for relation in linked["relations"]]


def test_it_has_routes_in_the_api_and_a_place_in_its_document(machine, owner, settings):
    urls = ModuleType("urls_with_machines")
    urls.urlpatterns = patterns(entity_routes(machine))  # type: ignore[attr-defined]
    settings.ROOT_URLCONF = urls
    rest = Rest(people.key_of(User.objects.get(pk=owner.user_id), "*")[1])
    made = rest.ok("POST", "machines", {"name": "Press", "power": 12.5, "builtOn": "2020-05-01"}, 201)
    assert (made["power"], made["builtOn"], made["contacts"]) == (12.5, "2020-05-01", [])
    assert rest.ok("GET", f"machines/{made['id']}")["machine"] == made
    assert rest.ok("POST", "machines/search", {"searchTerm": "press"})["items"] == [made]
    assert rest.ok("DELETE", f"machines/{made['id']}") == made["id"]
    told = document(entity_routes(machine), crm_components(), webhooks())
    ids = {o["operationId"] for item in told["paths"].values() for o in item.values()}
    assert {"createMachine", "getMachines", "updateManyMachines", "restoreMachine"} <= ids
    assert "power" in told["components"]["schemas"]["MachineCreate"]["properties"]
    assert "machine.updated" in told["webhooks"]


def test_roles_scopes_and_companies_keep_it(machine, owner):
    [press] = create(owner, machine, {"name": "Press"})
    assert {"machines:read", "machines:write", "machines:delete"} <= set(all_scopes())
    stranger = people.signed_in(people.southwind()[1])
    with pytest.raises(NotFound):
        services.update_records(stranger, machine, {press.pk: {"name": "Mine"}})
    assert found(stranger, machine) == []
    own = replace(owner, access={**owner.access, "machines": Access("own", manage=True)})
    assert found(own, machine) == []
    create(own, machine, {"name": "Saw"})
    assert found(own, machine) == ["Saw"]
    nobody = replace(owner, access={})
    with pytest.raises(NotAllowed):
        count_records(nobody, machine, ListQuery())


def test_nothing_of_it_stays_behind(transactional_db):
    assert "machine" not in ENTITIES
    assert "machineIds" not in CONTACT.relations
    assert "crm_machine" not in connection.introspection.table_names()


def test_the_places_to_touch_are_few():
    listed = [line for line in (__doc__ or "").splitlines() if line[:1].isdigit()]
    assert 0 < len(listed) <= PLACES_LIMIT


# --- Nothing else knows which entities there are --------------------------------------------------------

NAMES = {name for entity in ENTITIES.values() for name in (entity.name, entity.plural)}
# Data and demonstrations speak of what they hold.
DECLARING = (
    *("crm/entities.py", "crm/models/", "crm/migrations/"),
    *("crm/sample/", "crm/seed", "crm/management/"),
)


def hard_coded(source: str) -> list[int]:
    """The lines of `source` that compare with the name of an entity, or list several of them."""
    nodes = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.expr)]
    return [node.lineno for node in nodes if names(node) > 0]


def names(node: ast.expr) -> int:
    match node:
        case ast.Compare(left=left, comparators=others):
            return sum(is_name(part) for part in (left, *others))
        case ast.List(elts=parts) | ast.Tuple(elts=parts) | ast.Set(elts=parts):
            return max(0, sum(is_name(part) for part in parts) - 1)
    return 0


def is_name(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in NAMES


def test_no_code_asks_which_entity_it_has_before_it():
    guilty = [
        f"{name}:{line}"
        for package in ("accounts", "crm", "mcp_gateway", "webhooks")
        for path in sorted((ROOT / package).rglob("*.py"))
        if not (name := path.relative_to(ROOT).as_posix()).startswith(DECLARING)
        for line in hard_coded(path.read_text())
    ]
    assert not guilty, f"Let the entity's declaration say it: {guilty}"


@pytest.mark.parametrize(
    "planted",
    ['if entity.name == "deal": pass', 'shown = ("contact", "deal")', 'if name in {"tasks", "deals"}: pass'],
)
def test_a_planted_question_is_noticed(planted):
    assert hard_coded(planted) == [1]
